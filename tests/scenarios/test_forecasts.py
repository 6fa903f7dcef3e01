"""Forecasts: which series are refused, what a forecast knows, and that its intervals hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import jsonschema
import numpy as np
import pytest

from etalon_scenarios.forecasts import scheme as schemes
from etalon_scenarios.forecasts.forecast import Forecast, forecast_record, forecast_scheme
from etalon_scenarios.forecasts.observed import observed_of
from etalon_scenarios.forecasts.scheme import COURSE, own_series, read_scheme
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_text.schema_files import schema

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_scenarios.forecasts.observed import Observed

HEAD = "week_ends_on,group,total,population\n"
DAYS = ("2021-05-05", "2021-05-12", "2021-05-19", "2021-05-26", "2021-06-02")


@pytest.fixture(autouse=True)
def few_courses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw a quarter of the courses that users have drawn: enough for what is shown here."""
    monkeypatch.setattr(schemes, "DRAWS", 50_000)


def series(*totals: int, people: int = 1_000_000) -> str:
    """A series of everybody."""
    pairs = zip(DAYS, totals, strict=False)
    return HEAD + "".join(f"{day},All,{total},{people}\n" for day, total in pairs)


GOOD = series(1000, 1100, 1300, 1700, 2500)


def read(text: str) -> Observed:
    """Read a series."""
    return observed_of(text.encode(), "weekly.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("2021-05-19,All,1300,1000000\n", ""), "2021-05-19"),
        (GOOD.replace(",1700,", ",1250,"), "do not fall"),
        (GOOD.replace("1700,1000000", "1700,1200000"), "one population"),
        (series(1000, 1100, 1300), "4 weeks or more"),
        (GOOD + "2021-05-12,Women,500,500000\n", "a line for every week"),
        (GOOD + "2021-05-12,All,1,1000000\n", "one line a week"),
        (GOOD.replace("2021-05-05", "5 May"), "YYYY-MM-DD"),
        (GOOD.replace(",1000000", ",0"), "counted among"),
        (GOOD.replace(",1000000", ",2000"), "counted among"),
    ],
)
def test_a_series_with_gaps_falling_totals_or_other_people_is_refused(text: str, said: str) -> None:
    """The message names the file, what was found, and what would do."""
    with pytest.raises(ScenarioError, match=said):
        read(text)


def test_a_forecast_knows_the_first_weeks_only() -> None:
    """What comes later in the series changes nothing."""
    scheme, observed = read_scheme("england-ndop"), own_series(read_scheme("england-ndop"))
    assert observed is not None
    first = observed.first(4)

    assert first.weeks[-1].isoformat() == "2021-06-09"
    assert len(first.totals["All"]) == len(first.weeks) == 5
    found = forecast_scheme(scheme, first, 10, 1)
    cut = forecast_scheme(scheme, read_first_rows(observed), 10, 1)
    assert found.interval("All", 9) == cut.interval("All", 9)


def read_first_rows(observed: Observed) -> Observed:
    """Write the first weeks to a table of their own, and read them back."""
    rows = [
        f"{day},{group},{totals[rank]},{observed.populations[group][rank]}\n"
        for group, totals in observed.totals.items()
        for rank, day in enumerate(observed.weeks[:5])
    ]
    return read(HEAD + "".join(rows))


def test_intervals_widen_and_groups_are_parts_of_the_whole() -> None:
    """A week later is less sure; totals never fall."""
    scheme = read_scheme("england-ndop")
    observed = own_series(scheme)
    assert observed is not None
    found = forecast_scheme(scheme, observed.first(4), 6, 3)
    spans = [found.interval("All", week) for week in range(6)]

    assert all(low <= middle <= high for low, middle, high in spans)
    assert spans == sorted(spans)
    assert spans[5][2] - spans[5][0] > spans[0][2] - spans[0][0]
    middles = [found.interval(group, 5)[1] for group in ("Female", "Male")]
    assert sum(middles) == pytest.approx(spans[5][1], rel=0.15)


def test_no_more_people_move_than_the_news_can_reach() -> None:
    """The largest reach of the scheme is a tenth of the population, however fast the flow grows."""
    scheme = read_scheme("england-ndop")
    known = read(series(0, 1_000, 4_000, 13_000, 40_000))
    found = forecast_scheme(scheme, known, 30, 4)

    assert float(np.quantile(found.totals["All"][-1], 0.95)) < 130_000


def test_a_group_that_lost_people_takes_its_part_of_those_registered() -> None:
    """As the children of England who came of age in the first weeks: no interval of four people."""
    younger = "".join(
        f"{day},0-9,{total},100000\n"
        for day, total in zip(DAYS, (300, 290, 280, 270, 260), strict=True)
    )
    found = forecast_scheme(read_scheme("england-ndop"), read(GOOD + younger), 4, 1)
    low, middle, high = found.interval("0-9", 3)
    everybody = found.interval("All", 3)[1] - 2500

    assert middle - 260 == pytest.approx(everybody * 260 / 2500, rel=0.2)
    assert high - low > 10


def test_intervals_of_courses_drawn_from_the_scheme_hold_eight_times_in_ten() -> None:
    """The truth drawn as the forecast draws: between 65 and 95 % of 40 intervals hold."""
    scheme = read_scheme("england-ndop")
    random, held = np.random.default_rng(5), 0
    for _ in range(40):
        totals = true_course(random)
        known = read(series(*totals[:5], people=60_000_000))
        found = forecast_scheme(scheme, known, 4, 2)
        low, _, high = found.interval("All", 3)
        held += low <= totals[8] <= high

    assert 26 <= held <= 38


def true_course(random: np.random.Generator) -> list[int]:
    """Draw a course as the scheme says it goes: eight weekly flows after a first total."""

    def even(low: float, middle: float, high: float) -> float:
        ends = (low, middle) if random.random() < 0.5 else (middle, high)
        return math.exp(random.uniform(math.log(ends[0]), math.log(ends[1])))

    growth, reach = even(1, 3, 8), even(0.005, 0.02, 0.1) * 60_000_000
    turn, half = even(1, 5, 8), even(0.7, 2, 5)
    flow, moved, seen = 5000.0, 0.0, list[float]()
    for week in range(8):
        moved += flow
        seen.append(flow * float(np.exp(0.35 * random.standard_normal())))
        left = max(reach - moved, 0)
        factor = growth ** (left / reach) if week + 1 < turn else 2 ** (-1 / half)
        flow = max(min(flow * factor, left), 0.5 * min(seen[:4]))
    return [1_000_000, *(1_000_000 + round(total) for total in np.cumsum(seen))]


def test_a_scheme_without_a_number_is_refused(tmp_path: Path) -> None:
    """The message names the number that is missing."""
    file = tmp_path / "scheme.toml"
    named = ("default", "notice", "window", "creation", "way_back", "name", "title_fr", "title_en")
    lines = ["[scheme]", *(f'{key} = "x"' for key in named), "[course.growth]", "value = 2"]
    file.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(ScenarioError, match=r"course\.growth"):
        read_scheme(str(file))


def test_every_number_of_the_shipped_scheme_is_an_assumption_with_a_range() -> None:
    """None was moved to fit what came later: no number cites the series that it forecasts."""
    scheme = read_scheme("england-ndop")

    assert set(scheme.course) == set(COURSE)
    assert {number.certainty for number in scheme.course.values()} == {"assumption"}
    assert scheme.texts["window"] == scheme.texts["notice"] == "none"


def test_a_forecast_that_nothing_resembles_says_so() -> None:
    """All weight on few draws: the record is not conditioned, and holds to its schema."""
    observed = read(GOOD)
    weights = np.array([0.97, 0.01, 0.01, 0.01])
    totals = {"All": np.array([[2600.0, 2700.0, 2800.0, 2900.0]])}
    found = Forecast((observed.weeks[-1],), totals, weights)
    record = forecast_record(found, observed, ("x", "x", "x"), "d", 1, [])

    assert record["conditioned"] is False
    jsonschema.validate(record, schema("forecast"))
