"""Clients that act side by side, and what each was answered, when, on one clock."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Final

from etalon_conformance.asking import Asking
from etalon_conformance.exchanges import Exchange
from etalon_conformance.histories.history import Answer, Operation
from etalon_conformance.histories.history_lines import CommandOperation
from etalon_conformance.races.acts import ACTS, Seat, Told
from etalon_conformance.races.stage import Stage

_GATHERING_SECONDS: Final = 10.0
"""How long clients wait for one another before they begin."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What clients did side by side.

    Attributes:
        history: What was asked of the model's service, with what was answered.
        exchanges: What went over the wire, in the order in which it came back.
    """

    history: tuple[CommandOperation, ...]
    exchanges: tuple[Exchange, ...]


class _Client:
    """One client, on a thread of its own."""

    def __init__(
        self, stage: Stage, name: str, acts: Sequence[str], before_each: Callable[[], None]
    ) -> None:
        self._seats = [
            (act, Seat(stage, name, rank, act.partition(" ")[2])) for rank, act in enumerate(acts)
        ]
        self._asking = Asking(stage.bench.target)
        self._asking.before_each = before_each
        self.name = name
        self.operations: list[CommandOperation] = []
        self.failure: Exception | None = None
        # What takes time is done before anybody begins.
        self._commands = [ACTS[act.partition(" ")[0]].commands(seat) for act, seat in self._seats]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What went over the wire."""
        return self._asking.exchanges

    def act(self, gathered: threading.Barrier) -> None:
        """Do one act after the other, and keep what ends it."""
        try:
            gathered.wait(_GATHERING_SECONDS)
            for (act, seat), commands in zip(self._seats, self._commands, strict=True):
                invoked = perf_counter_ns()
                told = ACTS[act.partition(" ")[0]].ask(seat, self._asking)
                returned = perf_counter_ns()
                if told.never:
                    continue
                for command in commands:
                    known = _known(told, alone=len(commands) == 1)
                    self.operations.append(
                        Operation(
                            client=self.name,
                            asked=command,
                            invoked=invoked,
                            returned=returned if told.answer is not None else None,
                            observed=known,
                        )
                    )
        except Exception as error:  # noqa: BLE001 (told to whoever ordered the race)
            self.failure = error


def _known(told: Told, *, alone: bool) -> Answer | None:
    """Return what is known of one command; of several refused nobody knows which was."""
    if told.answer is None or alone or told.answer.accepted:
        return told.answer
    return None


def recorded(stage: Stage, acts: Mapping[str, Sequence[str]]) -> Recorded:
    """Have clients act side by side, each one act after the other.

    Args:
        stage: Where they do.
        acts: What each client does, in order.

    Raises:
        Exception: What kept a client from going on: the end of a budget, a target that is gone.
    """
    before_each = stage.bench.before_each
    clients = [_Client(stage, name, those, before_each) for name, those in acts.items()]
    gathered = threading.Barrier(len(clients))
    threads = [
        threading.Thread(target=one.act, args=(gathered,), name=f"race-{one.name}", daemon=True)
        for one in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in clients:
        if one.failure is not None:
            raise one.failure
    history = sorted((each for one in clients for each in one.operations), key=_invoked)
    exchanges = sorted((each for one in clients for each in one.exchanges), key=lambda one: one.at)
    return Recorded(tuple(history), tuple(exchanges))


def _invoked(operation: CommandOperation) -> int:
    return operation.invoked
