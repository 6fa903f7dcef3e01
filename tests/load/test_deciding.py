"""A launch is held against a capacity: what is known decides, and what is not is said."""

import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.load.invented_launch import write_launch

from etalon_load.capacity_file import MeasuredCapacity
from etalon_load.deciding import Answer, decide, worst
from etalon_load.demand import Demand, DemandError, Draw, read_demand


def _demand(
    expected: float = 100.0,
    draws: int = 64,
    *,
    spread: float = 0.0,
    dispersion: float = 1.0,
    known: bool = True,
) -> Demand:
    """A day with one busy hour; its draws lie evenly around it."""
    places = [(rank + 0.5) / draws - 0.5 for rank in range(draws)]
    return Demand(
        scenario="launch-2022",
        title={"fr": "Un lancement", "en": "A launch"},
        starts_on=date(2022, 1, 31),
        days=1,
        population=1_000_000,
        full=1_000_000,
        replications=1,
        block_minutes=60,
        expected={"activation": np.array([expected] + [expected / 5] * 23)},
        dispersion=dispersion,
        known=known,
        draws=tuple(
            Draw(
                {"intent.activation": place, "reading.email": (rank * 29 % draws) / draws},
                {"activation": np.full(1, 1 + spread * place)},
            )
            for rank, place in enumerate(places)
        ),
    )


def _poisson_below(most: int, expected: float) -> float:
    return sum(
        math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))
        for count in range(most + 1)
    )


def test_the_busiest_minute_is_that_of_as_many_independent_minutes() -> None:
    """The median of the greatest of sixty Poisson counts, reckoned and drawn."""
    reckoned = next(most for most in range(100, 300) if _poisson_below(most, 100) ** 60 >= 0.5)

    decision = decide(_demand(), MeasuredCapacity(10, 11), 0.95)

    assert decision.busiest_by_chance[1] == pytest.approx(reckoned, abs=2)
    assert decision.busiest[1] == pytest.approx(reckoned, abs=2)


def test_a_wider_chance_makes_a_busier_minute() -> None:
    """A variance of four times the mean puts the greatest count further out."""
    wide = decide(_demand(dispersion=4.0), MeasuredCapacity(10, 11), 0.95)
    even = decide(_demand(), MeasuredCapacity(10, 11), 0.95)

    assert wide.busiest[1] > even.busiest[1] + 15


@pytest.mark.parametrize(
    ("demand", "held", "missed", "answer", "reason"),
    [
        (_demand(), 10.0, 10.5, Answer.GO, "holds"),
        (_demand(), 10.0, None, Answer.GO, "holds"),
        (_demand(), 1.0, 1.05, Answer.NO_GO, "exceeds"),
        (_demand(), 1.0, 10.0, Answer.NOT_KNOWN, "capacity-wide"),
        (_demand(), 1.0, None, Answer.NOT_KNOWN, "capacity-wide"),
        (_demand(draws=16), 10.0, 10.5, Answer.NOT_KNOWN, "few-draws-held"),
        (_demand(spread=1.2), 3.1, 3.12, Answer.NOT_KNOWN, "few-draws"),
        (_demand(draws=0), 10.0, 10.5, Answer.NOT_KNOWN, "no-draws"),
        (_demand(draws=0), 1.0, 1.05, Answer.NO_GO, "exceeds-at-values"),
        (_demand(known=False), 10.0, 10.5, Answer.NOT_KNOWN, "sample-small"),
        (_demand(known=False), 1.0, 1.05, Answer.NOT_KNOWN, "sample-small"),
    ],
)
def test_what_is_known_decides(
    demand: Demand, held: float, missed: float | None, answer: Answer, reason: str
) -> None:
    """Go at the lower end of the capacity, no-go at the upper end, not known in between."""
    decision = decide(demand, MeasuredCapacity(held, missed), 0.95)

    assert (decision.answer, decision.reason) == (answer, reason)


@given(st.floats(1.5, 4), st.floats(0.1, 2), st.floats(0, 1.5))
@settings(max_examples=settings().max_examples // 10)
def test_more_capacity_never_holds_less(held: float, more: float, spread: float) -> None:
    """Every probability of a greater capacity is at least that of a smaller one."""
    demand = _demand(draws=8, spread=spread)
    small = decide(demand, MeasuredCapacity(held, held * 1.05), 0.95)
    great = decide(demand, MeasuredCapacity(held + more, (held + more) * 1.05), 0.95)

    assert great.holds.value >= small.holds.value
    assert great.turned_away[-1] <= small.turned_away[-1] + 50
    assert small.at_held.value <= small.holds.value <= small.at_missed.value
    for belief in (small.holds, small.at_held, small.at_missed):
        assert 0 <= belief.low <= belief.value <= belief.high <= 1


def test_people_above_capacity_are_counted() -> None:
    """A hundred a minute where sixty are carried: forty a minute, for an hour."""
    decision = decide(_demand(), MeasuredCapacity(0.99, 1.01), 0.95)

    assert decision.minutes_over[1] == 60
    assert decision.turned_away[1] == pytest.approx(40 * 60, rel=0.1)


def test_the_parameter_that_moves_the_busiest_minute_is_named() -> None:
    """It explains nearly all of it, and its halves part what holds from what does not."""
    deciding = decide(_demand(spread=1.0), MeasuredCapacity(2.05, 2.1), 0.95).deciding

    assert deciding is not None
    assert deciding.path == "intent.activation"
    assert deciding.share > 0.9
    assert deciding.holds_below > 0.9
    assert deciding.holds_above < 0.2


def test_no_parameter_is_named_where_none_stands_out() -> None:
    """Chance alone moves the busiest minute; two parameters drawn for nothing explain none."""
    assert decide(_demand(), MeasuredCapacity(2.3, 2.35), 0.95).deciding is None


def test_several_launches_are_worth_the_worst() -> None:
    """A no-go goes before what is not known, and that before a go."""
    assert worst([Answer.GO, Answer.NOT_KNOWN, Answer.NO_GO]) is Answer.NO_GO
    assert worst([Answer.GO, Answer.NOT_KNOWN]) is Answer.NOT_KNOWN
    assert worst([Answer.GO]) is Answer.GO


def test_a_run_directory_tells_its_demand(tmp_path: Path) -> None:
    """The busy hour, its spread, and draws that move it."""
    demand = read_demand(write_launch(tmp_path / "C", ratios=[0.5, 1.0, 2.0]))
    course = demand.of_draw(None)
    block = int(course.argmax())

    assert demand.begins(block).replace(minute=0) == datetime(2022, 2, 9, 10)  # noqa: DTZ001 (civil)
    assert course.max() == pytest.approx(200, rel=0.05)
    assert demand.block_minutes == 15
    assert demand.known
    assert demand.dispersion == pytest.approx(1, abs=0.05)
    assert [demand.of_draw(draw).max() / course.max() for draw in demand.draws] == [
        pytest.approx(ratio) for ratio in (0.5, 1.0, 2.0)
    ]


def test_a_sample_is_brought_to_the_scale_of_the_country(tmp_path: Path) -> None:
    """One person in ten simulated: ten times the arrivals, and still their own chance."""
    demand = read_demand(write_launch(tmp_path / "C", population=100_000))

    assert demand.of_draw(None).max() == pytest.approx(2000, rel=0.05)
    assert demand.dispersion == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("population", "busy", "told"),
    [
        (1_000_000, 0.5, "known"),
        (800_000, 0.5, "unknown"),
        (100_000, 0.5, "unknown"),
        (100_000, 100.0, "known"),
    ],
)
def test_few_arrivals_of_a_sample_tell_no_busiest_minute(
    tmp_path: Path, population: int, busy: float, told: str
) -> None:
    """Thirty an hour are no ground for a decision, unless nobody else was there to come."""
    launch = write_launch(tmp_path / "C", quiet=0.1, busy=busy, population=population)

    assert read_demand(launch).known is (told == "known")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("summary.json", None, "summary.json cannot be read"),
        ("run.json", b"[]", "a JSON object is expected"),
        ("run.json", b"{}", "no run directory"),
        ("run.json", b'{"status": "partial"}', "let it end first"),
        ("knowledge.json", b"{}", "no run directory"),
        ("knowledge.json", b"{", "cannot be read"),
        ("scenario.json", None, "scenario.json cannot be read"),
        ("arrivals_minute.parquet", None, "perhaps it was cut short"),
        ("arrivals_minute.parquet", b"PAR1 and no more", "perhaps it was cut short"),
    ],
)
def test_a_damaged_run_directory_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    """A file is missing, cut short or another: the message names it and says what is wrong."""
    run = write_launch(tmp_path / "C", ratios=[1.0])
    if content is None:
        (run / name).unlink()
    else:
        (run / name).write_bytes(content)

    with pytest.raises(DemandError, match=words):
        read_demand(run)
