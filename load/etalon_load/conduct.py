"""How the workers of a run behaved, each and together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from pydantic import TypeAdapter

from etalon_load.silences import Silence
from etalon_load.verdicts import Conduct

_SECOND: Final = 1_000_000


@dataclass(slots=True)
class WorkerConduct:
    """How one worker behaved.

    Attributes:
        rank: Which one.
        host: Name of its machine.
        planned: Journeys that it was to begin before the run ended.
        offered: Journeys it began.
        ended: Journeys that ended, whatever became of them.
        busiest: The share of a core that it used in its busiest second.
        cpu_seconds: CPU time it used during the run.
        area: Journeys under way times microseconds.
        spent: Microseconds from intended start to end, over journeys that ended.
        lasted: When it was done (µs from the start of the run).
        late_ms: How late it was when the run began, or None when it was not.
        lost: Whether it went missing before it told how it ended.
        silences: Stretches in which it was not answered.
        dry: Journeys for which no test person was left.
        broken: Journeys that ended in a fault of their own, with what it was.
    """

    rank: int
    host: str = ""
    planned: int = 0
    offered: int = 0
    ended: int = 0
    busiest: float = 0.0
    cpu_seconds: float = 0.0
    area: int = 0
    spent: int = 0
    lasted: int = 0
    late_ms: float | None = None
    lost: bool = False
    silences: list[Silence] = field(default_factory=list[Silence])
    dry: int = 0
    broken: list[str] = field(default_factory=list[str])

    def plain(self) -> dict[str, object]:
        """Return it as JSON and messages between workers hold it."""
        return cast("dict[str, object]", _WORKER.dump_python(self, mode="json"))

    @classmethod
    def from_plain(cls, plain: object) -> "WorkerConduct":
        """Return what `plain` wrote.

        Raises:
            ValueError: It is no such object.
        """
        return _WORKER.validate_python(plain)


_WORKER: Final = TypeAdapter(WorkerConduct)


def conduct_of(workers: Sequence[WorkerConduct], seconds: float) -> Conduct:
    """Return how the workers behaved together.

    Args:
        workers: Each of them, lost ones too.
        seconds: How long journeys were to begin, 0 when the run was stopped.
    """
    lasted = max([seconds, *(one.lasted / _SECOND for one in workers)])
    ended = sum(one.ended for one in workers)
    return Conduct(
        planned=sum(one.planned for one in workers),
        workers_lost=sum(one.lost or one.late_ms is not None for one in workers),
        busiest=max((one.busiest for one in workers), default=0.0),
        in_flight=sum(one.area for one in workers) / _SECOND / lasted if lasted else 0.0,
        journey_seconds=sum(one.spent for one in workers) / _SECOND / ended if ended else 0.0,
        seconds=lasted,
        pool_ran_dry=any(one.dry for one in workers),
    )
