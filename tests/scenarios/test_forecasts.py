"""Forecasts: which series are refused, what a forecast knows, and that its intervals hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import jsonschema
import numpy as np
import pytest

from etalon_scenarios.forecasts import courses
from etalon_scenarios.forecasts.courses import weekly_flows
from etalon_scenarios.forecasts.forecast import Forecast, forecast_record, forecast_scheme
from etalon_scenarios.forecasts.observed import observed_of
from etalon_scenarios.forecasts.scheme import COURSE, own_series, read_scheme
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_text.schema_files import schema
from weekly_shock import shocks

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_scenarios.forecasts.observed import Observed
    from etalon_scenarios.parameters import Number

HEAD = "week_ends_on,group,total,population\n"
DAYS = ("2021-05-05", "2021-05-12", "2021-05-19", "2021-05-26", "2021-06-02")


@pytest.fixture(autouse=True)
def few_courses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw a quarter of the courses that users have drawn: enough for what is shown here."""
    monkeypatch.setattr(courses, "DRAWS", 50_000)


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
        (GOOD.replace(",All,", ",all,"), "among the groups all"),
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
    course = {name: drawn(number, random) for name, number in scheme_numbers().items()}
    people = course["reach"] * 60_000_000
    noise, shock = course["weekly_noise"], course["weekly_shock"]
    # What a forecast takes for the first week's course is that week's flow: the level is left open.
    flow, level, moved, seen = 5000.0, noise * random.standard_normal(), 0.0, list[float]()
    for week in range(8):
        level += shock * random.standard_normal() if week else 0.0
        left = max(people - moved, 0)
        quiet = course["background"] * min(seen[:4], default=5000.0)
        expected = flow * math.exp(level + noise * random.standard_normal())
        seen.append(random.poisson(min(expected, max(left, quiet))))
        moved += seen[-1]
        left = max(people - moved, 0)
        falls = week + 1 >= course["turn_weeks"]
        factor = (
            2 ** (-1 / course["half_life_weeks"]) if falls else course["growth"] ** (left / people)
        )
        flow = max(min(flow * factor, left), quiet)
    return [1_000_000, *(1_000_000 + round(total) for total in np.cumsum(seen))]


def scheme_numbers() -> dict[str, Number]:
    """The numbers of the scheme shipped, by name."""
    return dict(read_scheme("england-ndop").course)


def drawn(number: Number, random: np.random.Generator) -> float:
    """Draw a number as its range says: half of the values on either side of the central one."""
    low, middle, high = (math.log(end) for end in (number.low, number.value, number.high))
    ends = (low, middle) if random.random() < 0.5 else (middle, high)
    return math.exp(random.uniform(ends[0], ends[1]))


def test_a_total_repeated_after_a_busy_week_is_a_count_that_comes_with_the_next() -> None:
    """The flow of the next count is shared among the weeks that waited; small flows may be none."""
    assert weekly_flows((0, 100, 100, 100, 400))[0].tolist() == [100, 100, 100, 100]
    assert weekly_flows((0, 3, 3, 5))[0].tolist() == [3, 0, 2]
    flows, waiting = weekly_flows((0, 100, 250, 250))
    assert (flows.tolist(), waiting) == ([100, 150], 1)


def test_a_count_left_out_comes_with_the_first_week_forecast() -> None:
    """A repeated last total says nothing of the flow: the next count holds two weeks of it."""
    scheme = read_scheme("england-ndop")
    steady = forecast_scheme(scheme, read(series(1000, 2000, 3000, 4000)), 1, 1)
    repeated = forecast_scheme(scheme, read(series(1000, 2000, 3000, 4000, 4000)), 1, 1)

    one, two = (found.interval("All", 0)[1] - 4000 for found in (steady, repeated))
    assert one * 1.4 < two < one * 3.5


def test_the_weekly_shock_is_that_of_another_scheme() -> None:
    """It follows from the openings of the voluntary record, and says how sure so few make it."""
    shock = scheme_numbers()["weekly_shock"]

    assert {key: getattr(shock, key) for key in ("value", "low", "high")} == shocks()
    assert shock.certainty == "derived"


def test_a_scheme_without_a_number_is_refused(tmp_path: Path) -> None:
    """The message names the number that is missing."""
    file = tmp_path / "scheme.toml"
    named = ("default", "notice", "window", "creation", "way_back", "name", "title_fr", "title_en")
    lines = ["[scheme]", *(f'{key} = "x"' for key in named), "[course.growth]", "value = 2"]
    file.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(ScenarioError, match=r"course\.growth"):
        read_scheme(str(file))


def test_no_number_of_the_shipped_scheme_comes_from_its_own_series() -> None:
    """None was moved to fit what came later: no number cites the series that it forecasts."""
    scheme = read_scheme("england-ndop")

    assert set(scheme.course) == set(COURSE)
    others = {number.certainty for name, number in scheme.course.items() if name != "weekly_shock"}
    assert others == {"assumption"}
    assert not any(number.source == scheme.source for number in scheme.course.values())
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
