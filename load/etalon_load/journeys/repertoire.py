"""Every journey, ready for a dispatcher."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from etalon_load.calling import Caller
from etalon_load.journeys import holders, professionals
from etalon_load.journeys.desk import Desk
from etalon_load.journeys.errands import Errand
from etalon_load.journeys.table import steps, wanted_of

if TYPE_CHECKING:
    from etalon_load.dispatching import Journey, Walk
    from etalon_load.people.pool import Pool

_OF_PEOPLE: Final[Mapping[str, Callable[[Errand], None]]] = {
    "activate": holders.activate,
    "oppose": holders.oppose,
    "glance": holders.glance,
    "visit": holders.visit,
    "upload": holders.upload,
    "close": holders.close,
    "represent": holders.visit,
    "hotline": holders.call_for_help,
    "laboratory": professionals.deposit_results,
}
_AT_A_DESK: Final[Mapping[str, Callable[[Errand, Desk], None]]] = {
    "break-glass": professionals.break_glass,
    "consult": professionals.consult,
    "deposit": professionals.deposit,
    "mask": professionals.conceal,
}


def journeys_of(
    caller: Caller, people: "Pool", planned: Iterable[str] | None = None
) -> "dict[str, Journey]":
    """Return the journeys of a worker, by name.

    Args:
        caller: Who sends.
        people: The test people of the worker.
        planned: Names of the journeys of the plan; all of them when None. Where a professional
            comes, the software of the professionals is registered with the target now.

    Raises:
        FailedError: No software can be registered.
    """
    names = frozenset(steps() if planned is None else planned)
    desk = Desk(caller)
    if not names.isdisjoint(_AT_A_DESK):
        desk.register()
    every: dict[str, Callable[[Errand], None]] = dict(_OF_PEOPLE)
    every |= {name: partial(_at, desk, journey) for name, journey in _AT_A_DESK.items()}
    return {name: _journey(name, caller, people, every[name]) for name in names}


def _at(desk: Desk, journey: Callable[[Errand, Desk], None], errand: Errand) -> None:
    journey(errand, desk)


def _journey(name: str, caller: Caller, people: "Pool", go: Callable[[Errand], None]) -> "Journey":
    wanted = wanted_of()[name]

    def journey(walk: "Walk") -> None:
        errand = Errand(caller, walk, people.take(walk.arrival.person, wanted))
        try:
            go(errand)
        finally:
            errand.end()

    return journey
