"""A search for capacity: probes of their own, tried again where it is busy, reckoned on."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from etalon_load.arrivals import Plan
from etalon_load.capacity_file import read_capacity
from etalon_load.measures import Measures, Outcome, Step
from etalon_load.searching import (
    TRIES,
    Found,
    Nation,
    Probed,
    Probing,
    Search,
    national,
    plain_capacity,
    probed,
    scalability,
    searched,
    write_capacity,
)
from etalon_load.verdicts import Conduct, Verdict

SEARCH = Search(mix={"visit": 3.0, "oppose": 1.0}, seed=5, first=20.0, most=400.0, seconds=5.0)
GET = Step("visit", "get")
LIMIT = 90.0


def measured(rate: float, answers: int = 200) -> Mapping[str, object]:
    """What a probe measured: each answer takes 20 ms, the server a tenth of a second in all."""
    measures = Measures({GET: 500_000})
    for rank in range(answers):
        measures.answered(GET, rank, rank, rank + 20_000, Outcome.RIGHT)
    measures.finished = answers // 4
    conduct = Conduct(answers // 4, 0, 0.2, 1.0, 0.1, answers / 4 / rate)
    return {
        "measures": measures.plain(),
        "conduct": asdict(conduct),
        "server": {"cpu_seconds": 0.1, "seconds": 5.0, "requests": 200.0},
        "workers": [{"cpu_seconds": 0.05}],
    }


class Platform:
    """Holds up to a limit; what it was sent is kept."""

    def __init__(self, invalid: int = 0) -> None:
        self.plans: list[tuple[str, Plan]] = []
        self._invalid = invalid

    def probe(self, plan: Plan, name: str) -> tuple[Verdict, Mapping[str, object]]:
        """Send nothing, and judge by the rate."""
        self.plans.append((name, plan))
        rate = float(name.partition("-")[2]) if name != "warm-up" else 20.0
        if name != "warm-up" and self._invalid:
            self._invalid -= 1
            return Verdict.INVALID, measured(rate)
        return Verdict.PASS if rate <= LIMIT else Verdict.FAIL, measured(rate)


def found_by(probe: Probing) -> tuple[Found, list[Probed]]:
    """What a search finds, and what it told meanwhile."""
    told: list[Probed] = []
    return searched(SEARCH, probe, told.append), told


def test_the_limit_lies_within_the_interval() -> None:
    """Each probe has arrivals of its own; the first one only warms up."""
    platform = Platform()
    found, told = found_by(platform.probe)
    capacity = found.capacity
    assert capacity is not None

    assert capacity.held <= LIMIT < capacity.missed <= capacity.held / (1 - SEARCH.precision)
    assert [one.rate for one in told] == [one.rate for one in capacity.probes]
    assert [name for name, _ in platform.plans][:3] == ["warm-up", "01-20.0", "02-40.0"]
    assert len({plan.digest for _, plan in platform.plans}) == len(platform.plans)
    assert {one.kind for one in platform.plans[2][1].arrivals} == {"visit", "oppose"}


@pytest.mark.parametrize(("invalid", "ends"), [(TRIES - 1, True), (TRIES, False)])
def test_a_busy_moment_of_the_generator_passes(invalid: int, *, ends: bool) -> None:
    """A probe that stays invalid ends the search, and says why."""
    found, told = found_by(Platform(invalid).probe)

    assert (found.capacity is not None) is ends
    assert bool(found.problem) is not ends
    assert [one.verdict for one in told][:invalid] == [Verdict.INVALID] * invalid


def test_cores_are_reckoned_from_the_busiest_probe_that_held() -> None:
    """Answers of a journey times CPU seconds of an answer, each zone may be lost."""
    found, _ = found_by(Platform().probe)
    nation = national(found, Nation(peak=1_000.0, utilisation=0.5, zones=3))
    assert nation is not None

    assert nation["answers_per_journey"] == 4.0
    assert nation["cpu_seconds_per_answer"] == 0.0005
    assert nation["cores"] == 4 + 1
    assert nation["cores_per_zone"] == 3
    assert national(Found(None), Nation(peak=1.0, utilisation=0.5, zones=3)) is None


def test_a_law_is_fitted_to_enough_and_never_reckoned_beyond_twice() -> None:
    """Fewer than five concurrencies from 1 say nothing."""
    one = probed(50.0, Verdict.PASS, measured(50.0))
    rates = [(1.0, 50.0), (2.0, 98.0), (4.0, 188.0), (8.0, 345.0), (16.0, 580.0), (32.0, 840.0)]
    probes = [replace(one, concurrency=count, answered_per_second=rate) for count, rate in rates]
    law = scalability(Found(None, probes), 1)
    assert law is not None

    assert law["farthest"] == 64.0
    assert scalability(Found(None, probes[:3]), 1) is None
    assert scalability(Found(None, []), 1) is None


def test_what_is_written_is_what_decisions_read(tmp_path: Path) -> None:
    """Held, missed, mix and what a request costs."""
    found, _ = found_by(Platform().probe)
    about: dict[str, object] = {"target": {"name": "embedded"}, "profile": "launch-day"}
    nation = Nation(peak=1_000.0, utilisation=0.5, zones=3)
    plain = plain_capacity(found, SEARCH, (), nation, about)
    read = read_capacity(write_capacity(plain, tmp_path))
    assert found.capacity is not None

    assert (read.held, read.missed) == (found.capacity.held, found.capacity.missed)
    assert read.mix == SEARCH.mix
    assert read.cpu_seconds_per_answer == 0.0005
    assert read.answers_per_journey == 4.0
