"""A search for capacity: loads at one rate after the other, and what they say together.

A probe is a load like any other, at a constant rate with the mix of a profile, judged by its
objectives. What one core carries, and what the nation would take, is reckoned from the CPU seconds
that the server tells; each assumption stands beside the figure.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, cast

from etalon_load.arrivals import Plan, planned, poisson
from etalon_load.capacity import (
    PRECISION,
    Capacity,
    CapacityError,
    Reckoned,
    Scalability,
    cores_for,
    fitted,
    reckoned,
    search,
    zones_for,
)
from etalon_load.capacity_file import CAPACITY_FILE
from etalon_load.files.whole_files import named_when_whole
from etalon_load.intervals import LEVEL
from etalon_load.measures import Measured, Measures, together
from etalon_load.objectives import Objective
from etalon_load.rates import constant
from etalon_load.verdicts import Verdict

WARM_SECONDS: Final = 2.0
TRIES: Final = 3
"""A probe that is invalid is sent again, so often in all: a busy moment of the generator passes."""

PROBES_FOLDER: Final = "probes"
SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for.

    Attributes:
        mix: Share of each journey.
        seed: What chance starts from; each probe goes on from it.
        first: The rate to begin with (journeys a second).
        most: The greatest rate to try.
        seconds: How long each rate is held.
        precision: How close the ends of the interval come, as a share of the upper one.
    """

    mix: Mapping[str, float]
    seed: int
    first: float = 20.0
    most: float = 2_000.0
    seconds: float = 10.0
    precision: float = PRECISION

    def plan(self, rate: float, rank: int, seconds: float | None = None) -> Plan:
        """Return the plan of a probe: arrivals of their own, however often a rate is tried."""
        lasts = self.seconds if seconds is None else seconds
        seed = self.seed * 1_000 + rank
        instants = poisson(constant(rate, lasts), seed) or [0]
        return planned(instants, self.mix, len(instants), lasts, seed)


@dataclass(frozen=True, slots=True)
class Probed:
    """What one probe gave. Figures that cannot be told are None.

    Attributes:
        rate: Journeys a second that were planned.
        verdict: Of the probe.
        seconds: How long the rate was held.
        journeys: How many journeys ended.
        answers: How many requests were answered.
        answered_per_second: The same, a second.
        p50_us: Latency from the intended start, of all steps together.
        p95_us: The same.
        p99_us: The same.
        failed_share: Share of requests that failed.
        concurrency: Requests under way, the mean.
        cpu_seconds: Of the server during the probe.
        cpu_share: The same, a second.
        own_cpu_seconds: Of the generator.
    """

    rate: float
    verdict: Verdict
    seconds: float
    journeys: int
    answers: int
    answered_per_second: float
    p50_us: int | None
    p95_us: int | None
    p99_us: int | None
    failed_share: float
    concurrency: float
    cpu_seconds: float | None
    cpu_share: float | None
    own_cpu_seconds: float


def probed(rate: float, verdict: Verdict, measured: Mapping[str, object]) -> Probed:
    """Return what a probe gave.

    Args:
        rate: Journeys a second that were planned.
        verdict: Of the probe.
        measured: The content of its `measured.json`.
    """
    measures = Measures.from_plain(measured["measures"])
    conduct = cast("Mapping[str, float]", measured["conduct"])
    whole: Measured = together(measures.steps.values())
    answers, seconds = whole.response.total, conduct["seconds"]
    failed = sum(one.failed for one in whole.seconds.values())
    server = cast("Mapping[str, float] | None", measured["server"])
    cpu = None if server is None else server["cpu_seconds"]
    workers = cast("Sequence[Mapping[str, float]]", measured["workers"])

    def percentile(percent: float) -> int | None:
        return whole.response.percentile(percent) if answers else None

    return Probed(
        rate=rate,
        verdict=verdict,
        seconds=seconds,
        journeys=measures.finished,
        answers=answers,
        answered_per_second=answers / seconds,
        p50_us=percentile(50),
        p95_us=percentile(95),
        p99_us=percentile(99),
        failed_share=failed / answers if answers else 0.0,
        concurrency=answers * whole.service.mean() / 1e6 / seconds if answers else 0.0,
        cpu_seconds=cpu,
        cpu_share=None if server is None or cpu is None else cpu / server["seconds"],
        own_cpu_seconds=sum(one["cpu_seconds"] for one in workers),
    )


Probing = Callable[[Plan, str], tuple[Verdict, Mapping[str, object]]]
"""Sends a plan, under a name of its own; returns its verdict and what was measured."""


@dataclass(slots=True)
class Found:
    """What a search found.

    Attributes:
        capacity: Where the objectives cease to hold; None when the search did not end.
        probes: Each of them, in their order.
        problem: Why the search did not end, or an empty string.
    """

    capacity: Capacity | None
    probes: list[Probed] = field(default_factory=list[Probed])
    problem: str = ""


def searched(asked: Search, probe: Probing, told: Callable[[Probed], None]) -> Found:
    """Look for the greatest rate at which the objectives hold.

    A short load goes before, which warms the server up and counts for nothing.

    Args:
        asked: What is looked for.
        probe: Sends a load.
        told: Told of each probe.
    """
    found = Found(None)
    probe(asked.plan(asked.first, 0, WARM_SECONDS), "warm-up")

    def judged(rate: float) -> Verdict:
        for _ in range(TRIES):
            rank = len(found.probes) + 1
            verdict, measured = probe(asked.plan(rate, rank), f"{rank:02}-{rate:.1f}")
            found.probes.append(probed(rate, verdict, measured))
            told(found.probes[-1])
            if verdict is not Verdict.INVALID:
                return verdict
        return Verdict.INVALID

    def carried() -> float:
        last = found.probes[-1]
        return last.journeys / last.seconds if last.seconds else 0.0

    try:
        found.capacity = search(judged, asked.first, asked.most, asked.precision, carried)
    except CapacityError as error:
        found.problem = str(error)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Nation:
    """What is assumed to reckon from one machine to the national peak.

    Attributes:
        peak: Journeys a second of the nation at its busiest.
        utilisation: How busy a core may be.
        zones: Zones of which one may be lost.
    """

    peak: float
    utilisation: float
    zones: int


def national(found: Found, nation: Nation) -> dict[str, object] | None:
    """Return the cores that the national peak takes, with what is assumed; None without CPU.

    The CPU seconds of a request are those of the busiest probe that held: idle work counts least
    there.
    """
    held = [one for one in found.probes if one.verdict is Verdict.PASS and one.cpu_seconds]
    if not held:
        return None
    busiest = max(held, key=lambda one: one.rate)
    each = cast("float", busiest.cpu_seconds) / max(busiest.answers, 1)
    answers_each = busiest.answers / max(busiest.journeys, 1)
    cores = cores_for(nation.peak * answers_each, each, nation.utilisation)
    return {
        **asdict(nation),
        "answers_per_journey": answers_each,
        "cpu_seconds_per_answer": each,
        "measured_at_rate": busiest.rate,
        "cores": cores,
        "cores_per_zone": zones_for(cores, nation.zones),
    }


def scalability(found: Found, seed: int) -> dict[str, object] | None:
    """Return the law fitted to throughput by concurrency, reckoned to twice what was measured.

    None with fewer than five different concurrencies from 1: a law through less says nothing.
    """
    seen: dict[float, float] = {}
    for one in found.probes:
        if one.concurrency >= 1 and one.verdict is not Verdict.INVALID:
            seen[round(one.concurrency, 2)] = one.answered_per_second
    points = sorted(seen.items())
    try:
        law: Scalability = fitted(points) if points else _refused()
        farthest = 2 * law.measured
        at: Reckoned = reckoned(points, farthest, seed)
    except CapacityError:
        return None
    return {
        **asdict(law),
        "held_out": at.held_out,
        "farthest": farthest,
        "answers_per_second": at.rate,
        "low": at.low,
        "high": at.high,
    }


def _refused() -> Scalability:
    message = "no probe had a request under way in the mean"
    raise CapacityError(message)


def plain_capacity(
    found: Found,
    asked: Search,
    objectives: Sequence[Objective],
    nation: Nation | None,
    about: Mapping[str, object],
) -> dict[str, object]:
    """Return what `capacity.json` holds.

    Args:
        found: What the search found.
        asked: What was looked for.
        objectives: What was asked of the target.
        nation: What the nation asks for, or None where nothing says.
        about: Target, profile, version and when it began.
    """
    capacity = found.capacity
    bounded = capacity is not None and capacity.missed != float("inf")
    held = capacity.held if capacity else 0.0
    missed = capacity.missed if capacity and bounded else None
    reckoning = national(found, nation) if nation else None
    answers = sum(one.answers for one in found.probes)
    own = sum(one.own_cpu_seconds for one in found.probes)
    journeys = sum(one.journeys for one in found.probes)
    return {
        "schema_version": SCHEMA_VERSION,
        **about,
        "mix": dict(asked.mix),
        "objectives": [asdict(one) for one in objectives],
        "precision": asked.precision,
        "level": LEVEL,
        "seconds": asked.seconds,
        "held": held,
        "missed": missed,
        "rate": held if missed is None else (held + missed) / 2,
        "low": held,
        "high": missed,
        "problem": found.problem or None,
        "probes": [asdict(one) for one in found.probes],
        "requests_per_journey": answers / journeys if journeys else None,
        "scalability": scalability(found, asked.seed),
        "server": _server(reckoning),
        "cpu_seconds_per_answer": reckoning["cpu_seconds_per_answer"] if reckoning else None,
        "generator": {"cpu_seconds_per_request": own / answers if answers else None},
        "national": reckoning,
        "scenario": None,
    }


def _server(reckoning: Mapping[str, object] | None) -> dict[str, object] | None:
    if reckoning is None:
        return None
    return {"cpu_seconds_per_request": reckoning["cpu_seconds_per_answer"], "cores": None}


def write_capacity(plain: Mapping[str, object], folder: Path) -> Path:
    """Write `capacity.json`, whole or not at all, and return its path.

    Raises:
        OSError: The disk refused it.
    """
    file = folder / CAPACITY_FILE
    written = json.dumps(plain, ensure_ascii=False, indent=1)
    with named_when_whole(file) as unfinished:
        unfinished.write_text(written + "\n", encoding="utf-8")
    return file
