"""Serving the page on the loopback of this machine, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware

from etalon_explore.application import application
from etalon_explore.desk import Lane
from etalon_explore.seat import House
from etalon_scenarios.loading import load_scenario, shipped_scenarios

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator, Mapping

    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

HOST: Final = "127.0.0.1"
_NAMES: Final = ("127.0.0.1", "localhost")
"""Names under which a browser of this machine asks for the page; a page elsewhere has others."""

_CLOSING_SECONDS: Final = 2


@contextmanager
def opened_house(scenario: str, people: int, workers: int, language: Language) -> Generator[House]:
    """Give what all sessions share, and let it go at the end.

    Args:
        scenario: The scenario that the page opens with.
        people: People of a coarse answer.
        workers: Processes for draws.
        language: Of a page whose address names none.

    Raises:
        ScenarioError: The scenario cannot be used.
        OSError: There is no room for temporary files.
    """
    scenarios = scenarios_offered(scenario)
    with tempfile.TemporaryDirectory(prefix="etalon-explore-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        quick, whole = Lane(folder), Lane(folder, workers)
        house = House(
            folder=folder,
            scenarios=scenarios,
            first=scenario,
            people=people,
            language=language,
            quick=quick,
            whole=whole,
        )
        try:
            yield house
        finally:
            quick.close()
            whole.close()


def scenarios_offered(scenario: str) -> Mapping[str, Scenario]:
    """Load the scenario asked for, and the shipped ones that can be compared with it.

    Raises:
        ScenarioError: The scenario cannot be used.
    """
    first = load_scenario(scenario)
    others = {name: load_scenario(name) for name in shipped_scenarios() if name != scenario}
    days = first.starts_on, first.ends_on, first.population.departments
    return {scenario: first} | {
        name: other
        for name, other in others.items()
        if (other.starts_on, other.ends_on, other.population.departments) == days
    }


class _Server(uvicorn.Server):
    """A server that hears a signal of before it took signals over."""

    def __init__(self, config: uvicorn.Config, is_asked: Callable[[], bool]) -> None:
        super().__init__(config)
        self._is_asked = is_asked

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, or leave at once when that was asked for meanwhile."""
        await super().startup(sockets)
        self.should_exit = self.should_exit or self._is_asked()


def _is_no_departure(record: logging.LogRecord) -> bool:
    """Tell whether a line of the log says more than that a second signal ended a task."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def serve(house: House, listening: socket.socket, is_asked: Callable[[], bool]) -> None:
    """Serve a house on a socket that listens, until SIGINT or SIGTERM.

    Args:
        house: What all sessions share.
        listening: The socket.
        is_asked: Whether a signal came before this could hear one.
    """
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    trusted = TrustedHostMiddleware(application(house), allowed_hosts=list(_NAMES))
    config = uvicorn.Config(
        trusted,
        log_level="warning",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_no_departure)
    _Server(config, is_asked).run([listening])
