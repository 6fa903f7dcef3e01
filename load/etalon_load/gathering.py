"""What the workers of a run tell, put together: what is seen while it goes, and what is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, TypeAlias, cast

from etalon_load.arrivals import Plan, worker_of
from etalon_load.conduct import WorkerConduct, conduct_of
from etalon_load.histogram import Histogram
from etalon_load.live import Live
from etalon_load.measures import Measures, Step
from etalon_load.silences import heard_by_nobody
from etalon_load.stopping_rules import StoppingRule
from etalon_load.workload import Workload

SLOWEST: Final = 100
"""How many of the slowest steps are listed."""

Listed: TypeAlias = "dict[str, list[dict[str, object]]]"


@dataclass(slots=True)
class Gathered:
    """All that was told so far.

    Attributes:
        workload: What was asked.
        measures: Of all workers.
        live: What was seen of late.
        in_flight: Journeys under way, by worker.
        conducts: Of the workers that ended, by rank.
        listed: Slow, wrong and failed steps of those.
        faults: Faults of our own.
    """

    workload: Workload
    measures: Measures
    live: Live = field(default_factory=Live)
    in_flight: dict[int, int] = field(default_factory=dict[int, int])
    conducts: dict[int, WorkerConduct] = field(default_factory=dict[int, WorkerConduct])
    listed: list[Listed] = field(default_factory=list[Listed])
    faults: list[str] = field(default_factory=list[str])

    def add(self, rank: int, measures: Measures, live: Live) -> None:
        """Add what a worker measured and saw since it told last."""
        self.measures.merge(measures)
        self.live.merge(live)
        self.in_flight[rank] = live.in_flight

    def ended(self, conduct: WorkerConduct, listed: Listed, faults: Iterable[str]) -> None:
        """Keep how a worker ended."""
        self.conducts[conduct.rank] = conduct
        self.listed.append(listed)
        self.faults += faults
        self.in_flight[conduct.rank] = 0

    def lost(self, rank: int, plan: Plan) -> None:
        """Keep that a worker went missing, of which all was planned."""
        workers = self.workload.workers
        planned = sum(worker_of(one.person, workers) == rank for one in plan.arrivals)
        self.conducts[rank] = WorkerConduct(rank, planned=planned, lost=True)
        self.in_flight[rank] = 0

    def broke(self, rank: int, what: str) -> None:
        """Keep that a worker ended in a fault of ours."""
        self.faults.append(what)
        self.conducts[rank] = WorkerConduct(rank, lost=True)
        self.in_flight[rank] = 0

    @property
    def is_whole(self) -> bool:
        """Whether every worker ended or went missing."""
        return len(self.conducts) == self.workload.workers

    def rule_that_holds(self, rules: Iterable[StoppingRule], second: int) -> StoppingRule | None:
        """Return the first rule that ends the run, or None."""
        return next((one for one in rules if one.holds(self.live.ticks, second)), None)

    def line(self, second: float) -> dict[str, object]:
        """Return what is told of the run while it goes; latencies are those since the last time."""
        workload, whole, recent = self.workload, self.live.total(), self.live.recent
        self.live.recent = Histogram()
        lag = self.measures.lag
        return {
            "second": round(second, 3),
            "seconds": workload.seconds,
            "planned": sum(workload.planned[: max(0, int(second))]),
            "offered": self.live.offered,
            "finished": self.live.finished,
            "in_flight": sum(self.in_flight.values()),
            "answered": whole.answered,
            "failed": whole.failed,
            "wrong": whole.wrong,
            "p50_us": recent.percentile(50) if recent.total else None,
            "p99_us": recent.percentile(99) if recent.total else None,
            "lag_p99_us": lag.percentile(99) if lag.total else None,
            "busiest": round(self.live.busiest, 3),
        }

    def measured(self, ended: str, stop_rule: str | None) -> dict[str, object]:
        """Return what `measured.json` holds.

        Args:
            ended: `complete`, `stopped` or `interrupted`.
            stop_rule: The rule that stopped it, or why else it stopped, or None.
        """
        workers = [self.conducts[rank] for rank in sorted(self.conducts)]
        seconds = self.workload.seconds if ended == "complete" else 0.0
        return {
            "run_id": self.workload.run_id,
            "measures": self.measures.plain(),
            "conduct": asdict(conduct_of(workers, seconds)),
            "slowest": _slowest(self.listed),
            "wrong": sorted(_all(self.listed, "wrong"), key=_at),
            "failed": _counted(self.listed, "failed"),
            "retried": _counted(self.listed, "retried"),
            "workers": [_plain_worker(one) for one in workers],
            "server": None,
            "silences": heard_by_nobody(one.silences for one in workers if not one.lost),
            "ended": ended,
            "stop_rule": stop_rule,
            "broken": [what for one in workers for what in one.broken],
            "faults": self.faults,
        }


def gathered_for(workload: Workload) -> Gathered:
    """Return a gathering of nothing yet."""
    bounds = {step_of(written): bound for written, bound in workload.bounds.items()}
    return Gathered(workload, Measures(bounds))


def step_of(written: str) -> Step:
    """Return the step that `JOURNEY/STEP` names."""
    journey, _, name = written.partition("/")
    return Step(journey, name)


def _plain_worker(worker: WorkerConduct) -> dict[str, object]:
    kept = ("rank", "host", "planned", "offered", "busiest", "cpu_seconds", "late_ms", "lost")
    plain = worker.plain()
    return {name: plain[name] for name in kept}


def _all(listed: Sequence[Listed], name: str) -> list[dict[str, object]]:
    return [row for one in listed for row in one[name]]


def _at(row: Mapping[str, object]) -> int:
    return cast("int", row["at"])


def _slowest(listed: Sequence[Listed]) -> list[dict[str, object]]:
    rows = _all(listed, "slowest")
    return sorted(rows, key=lambda row: (-cast("int", row["response_us"]), _at(row)))[:SLOWEST]


def _counted(listed: Sequence[Listed], name: str) -> list[dict[str, object]]:
    """Return how often each step met each reason, of all workers, the most first."""
    counts: dict[tuple[object, object, object], int] = {}
    for row in _all(listed, name):
        reason = (row["journey"], row["step"], row["reason"])
        counts[reason] = counts.get(reason, 0) + cast("int", row["count"])
    return [
        {"journey": journey, "step": step, "reason": reason, "count": count}
        for (journey, step, reason), count in sorted(counts.items(), key=lambda one: -one[1])
    ]
