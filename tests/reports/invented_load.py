"""Write the directory of an invented load run, in the published layout.

Nothing was sent: journeys walk through a queue of a few servers that may stall, so that latencies
hang together as those of a platform do. Its only use is to draw reports independently of any run.
"""

import hashlib
import heapq
import json
import random
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from etalon_load.arrivals import Plan, planned, poisson
from etalon_load.measures import Measures, Outcome, Step
from etalon_load.objectives import Objective, bounds_of
from etalon_load.rates import surge
from etalon_load.verdicts import Conduct

SECOND: Final = 1_000_000
STEPS: Final = {
    "visit": ("log-in", "list", "read", "content"),
    "activate": ("identify", "open"),
    "oppose": ("oppose",),
}
MIX: Final = {"visit": 0.7, "activate": 0.2, "oppose": 0.1}
THINK_SECONDS: Final = 0.8
OBJECTIVES: Final = (
    Objective("visit", "", 500_000, 0.99, 0.0, 0.005),
    Objective("visit", "log-in", 800_000, 0.95, 0.0, 0.01),
    Objective("activate", "", 1_000_000, 0.95, 0.0, 0.01),
    Objective("oppose", "oppose", 1_000_000, 0.999, 0.0, 0.001),
)


@dataclass(frozen=True)
class Platform:
    """What is behind the invented run.

    Attributes:
        servers: How many answer at once.
        service_seconds: Mean of a service.
        stall: From and to which second nothing is answered, or None.
        failed: Share of answers that fail.
        wrong: Share of answers that are wrong.
    """

    servers: int = 4
    service_seconds: float = 0.012
    stall: tuple[float, float] | None = None
    failed: float = 0.0
    wrong: float = 0.0


@dataclass
class _Queue:
    platform: Platform
    chance: random.Random
    free: list[int] = field(default_factory=list[int])

    def answered(self, sent: int) -> int:
        """Return when a request that came at an instant is answered (µs)."""
        begun = max(sent, heapq.heappop(self.free))
        took = int(self.chance.expovariate(1 / self.platform.service_seconds) * SECOND) + 900
        if self.platform.stall:
            first, last = (int(end * SECOND) for end in self.platform.stall)
            if first <= begun < last:
                begun = last
            elif begun < first < begun + took:
                took += last - first
        heapq.heappush(self.free, begun + took)
        return begun + took


@dataclass
class _Walked:
    """What the invented run measured."""

    measures: Measures
    told: list[tuple[int, Step, int, Outcome, str]] = field(
        default_factory=list[tuple[int, Step, int, Outcome, str]]
    )
    area: int = 0


def _walk(plan: Plan, platform: Platform, seed: int) -> _Walked:
    chance = random.Random(f"platform/{seed}")  # noqa: S311 (nothing is secret)
    queue = _Queue(platform, chance, [0] * platform.servers)
    walked = _Walked(Measures(bounds_of(OBJECTIVES, STEPS)))
    due = [(one.at_microsecond, rank, 0) for rank, one in enumerate(plan.arrivals)]
    heapq.heapify(due)
    while due:
        intended, rank, at = heapq.heappop(due)
        arrival = plan.arrivals[rank]
        step = Step(arrival.kind, STEPS[arrival.kind][at])
        sent = intended + int(chance.expovariate(1 / 150))
        done = queue.answered(sent)
        drawn = chance.random()
        outcome = Outcome.FAILED if drawn < platform.failed else Outcome.RIGHT
        if platform.failed <= drawn < platform.failed + platform.wrong:
            outcome = Outcome.WRONG
        if not at:
            walked.measures.dispatched(intended, sent)
        walked.measures.answered(step, intended, sent, done, outcome)
        trace = hashlib.sha256(f"{seed}/{rank}/{at}".encode()).hexdigest()[:32]
        walked.told.append((done - intended, step, intended, outcome, trace))
        if outcome is Outcome.RIGHT and at + 1 < len(STEPS[arrival.kind]):
            thought = int(chance.expovariate(1 / THINK_SECONDS) * SECOND)
            heapq.heappush(due, (done + thought, rank, at + 1))
            continue
        walked.measures.finished += 1
        walked.area += done - arrival.at_microsecond
    return walked


def write_invented_load(  # noqa: PLR0913 (what a run may be)
    directory: Path,
    platform: Platform = Platform(),
    *,
    seconds: int = 60,
    peak: float = 60.0,
    seed: int = 7,
    busiest: float = 0.41,
    changes: dict[str, dict[str, Any]] | None = None,
) -> Path:
    """Write workload.json and measured.json of an invented run, and return its directory.

    Args:
        directory: Made when it is not there.
        platform: What answers.
        seconds: How long journeys arrive.
        peak: Journeys in the busiest second.
        seed: Of arrivals; the platform has chance of its own.
        busiest: Share of a core that the generator used at most.
        changes: Keys of a file that are otherwise, by its name.
    """
    plan = planned(poisson(surge(peak / 6, peak, seconds), seed), MIX, 900, float(seconds), seed)
    walked = _walk(plan, platform, seed + int(platform.service_seconds * 1e6))
    directory.mkdir(parents=True, exist_ok=True)
    contents = {
        "workload.json": _workload(plan, seconds, peak, seed),
        "measured.json": _measured(plan, walked, busiest),
    }
    for name, content in contents.items():
        _write(directory / name, content | (changes or {}).get(name, {}))
    return directory


def _workload(plan: Plan, seconds: int, peak: float, seed: int) -> dict[str, Any]:
    return {
        "run_id": "5f1c9a70",
        "started_at": "2026-11-22T09:30:00+00:00",
        "etalon_version": "0.1.0",
        "target": {"kind": "embedded", "name": "embedded", "address": None},
        "profile": {"name": "launch-day", "peak": peak, "window": None, "source": None},
        "seed": seed,
        "seconds": float(seconds),
        "workers": 2,
        "plan_digest": plan.digest,
        "planned": list(plan.by_second()),
        "objectives": [asdict(one) for one in OBJECTIVES],
        "objectives_name": "default",
        "sample": 0.05,
        "time_scale": 1.0,
        "fault": None,
        "max_rate": None,
        "stop_if": None,
        "command": ["load", "run", "--target", "embedded", "--profile", "launch-day"],
    }


def _measured(plan: Plan, walked: _Walked, busiest: float) -> dict[str, Any]:
    count = len(plan.arrivals)
    lasted = max(at + took for took, _, at, _, _ in walked.told) / SECOND
    spent = walked.area / SECOND
    conduct = Conduct(count, 0, busiest, spent / lasted, spent / count, lasted)
    ordered = sorted(walked.told, key=lambda one: (-one[0], one[2]))
    statuses = {Outcome.RIGHT: 200, Outcome.WRONG: 200, Outcome.FAILED: 503}
    return {
        "run_id": "5f1c9a70",
        "measures": walked.measures.plain(),
        "conduct": asdict(conduct),
        "slowest": [
            _answer(step, at, trace) | {"response_us": took, "status": statuses[outcome]}
            for took, step, at, outcome, trace in ordered[:100]
        ],
        "wrong": [
            _answer(step, at, trace) | {"reason": "person", "values": {}}
            for _, step, at, outcome, trace in walked.told
            if outcome is Outcome.WRONG
        ],
        "failed": _failures(walked),
        "workers": [_worker(rank, count, busiest) for rank in range(2)],
        "server": {"cpu_seconds": 24.6, "seconds": lasted, "requests": len(walked.told)},
        "server_memory": [
            [second + 0.5, 8e7 + 1e5 * second] for second in range(0, int(lasted), 2)
        ],
        "server_problem": None,
        "ended": "complete",
        "stop_rule": None,
        "broken": [],
    }


def _answer(step: Step, at: int, trace: str) -> dict[str, Any]:
    return {"trace": trace, "journey": step.journey, "step": step.name, "at": at}


def _failures(walked: _Walked) -> list[dict[str, Any]]:
    failed = Counter(step for _, step, _, outcome, _ in walked.told if outcome is Outcome.FAILED)
    return [
        {"journey": step.journey, "step": step.name, "reason": "status 503", "count": count}
        for step, count in failed.most_common()
    ]


def _worker(rank: int, count: int, busiest: float) -> dict[str, Any]:
    return {
        "rank": rank,
        "host": "localhost",
        "offered": (count + 1 - rank) // 2,
        "busiest": busiest - rank / 50,
        "cpu_seconds": 11.3 - rank,
        "late_ms": 3.1 + rank,
        "lost": False,
    }


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content), encoding="utf-8")
