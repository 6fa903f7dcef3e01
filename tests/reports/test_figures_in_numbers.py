"""What the figures compute before they draw."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_reports.age_bands import opt_out_by_age_and_sex
from etalon_reports.binning import bins
from etalon_reports.curves import cumulative_curve
from etalon_reports.proportions import Proportion
from etalon_reports.record import Record
from etalon_reports.rounding import about, percent_decimals, short_euros
from etalon_reports.sources import Sources

if TYPE_CHECKING:
    from etalon_text.language import Language

FIRST = date(2021, 8, 30)
FOLLOWED = st.lists(st.integers(0, 40), min_size=1, max_size=60)


def curves(observed: list[int], acts: list[int]) -> Record:
    """Return a record of curves."""
    return Record({"observed": observed, "opposed": acts}, "summary.json")


def test_a_curve_is_the_count_over_the_notified_while_all_are_followed() -> None:
    """Nothing is corrected when nothing is missing."""
    found = cumulative_curve(curves([200, 200, 200], [2, 1, 3]), "opposed")

    assert found == pytest.approx([0.010, 0.015, 0.030])


def test_people_notified_late_do_not_pull_the_curve_down() -> None:
    """Half of the people followed one day only: the second day counts over the other half."""
    found = cumulative_curve(curves([200, 100], [2, 1]), "opposed")

    assert found == pytest.approx([0.01, 0.02])


def test_a_curve_stops_when_fewer_than_half_are_followed() -> None:
    """Exactly half is still drawn."""
    assert len(cumulative_curve(curves([200, 100, 99], [0, 0, 0]), "opposed")) == 2


def test_nobody_notified_gives_no_curve() -> None:
    """No division by zero."""
    assert cumulative_curve(curves([0, 0], [0, 0]), "opposed") == []


@given(drops=FOLLOWED, data=st.data())
def test_a_curve_never_falls_and_never_passes_all_of_the_people(
    drops: list[int], data: st.DataObject
) -> None:
    """Whatever the follow-up, the cumulative share grows from 0."""
    observed = [sum(drops[day:]) for day in range(len(drops))]
    acts = [data.draw(st.integers(0, followed // len(drops))) for followed in observed]

    found = cumulative_curve(curves(observed, acts), "opposed")

    assert found == sorted(found)
    assert all(0 <= share <= 1 + 1e-9 for share in found)


@pytest.mark.parametrize(
    ("days", "width"), [(1, 1), (200, 1), (201, 7), (1400, 7), (1401, 30), (4000, 30)]
)
def test_bars_are_days_weeks_or_months(days: int, width: int) -> None:
    """Two hundred bars at most, or about."""
    spans = bins(FIRST, FIRST + timedelta(days=days - 1))

    assert spans.width == width
    assert len(spans.starts) <= 200


@given(
    days=st.integers(1, 3000),
    counted=st.lists(st.tuples(st.integers(0, 2999), st.integers(0, 99)), max_size=30),
)
def test_bars_add_up_to_the_days_of_the_run(days: int, counted: list[tuple[int, int]]) -> None:
    """No count is lost or doubled; days outside the run are left out."""
    spans = bins(FIRST, FIRST + timedelta(days=days - 1))

    found = spans.sums((FIRST + timedelta(days=d) for d, _ in counted), (n for _, n in counted))

    assert sum(found) == sum(count for day, count in counted if day < days)


@given(part=st.integers(0, 10_000), more=st.integers(0, 10_000))
def test_an_interval_holds_its_proportion(part: int, more: int) -> None:
    """Wilson's interval stays within 0 and 1 and around the value."""
    share = Proportion(part, part + more)
    low, high = share.interval

    assert 0 <= low <= high <= 1
    assert not share.whole or low - 1e-12 <= share.value <= high + 1e-12


def test_wilson_s_interval_is_the_published_one() -> None:
    """Eight of twenty: 0.219 to 0.613, as in Newcombe (1998)-style tables."""
    assert Proportion(8, 20).interval == pytest.approx((0.2188, 0.6134), abs=5e-5)


@pytest.mark.parametrize(
    ("objections", "classes", "second"),
    [(4000, 20, "5-9"), (3999, 10, "10-19"), (500, 10, "10-19"), (499, 5, "20-39")],
)
def test_age_classes_widen_when_objections_are_few(
    objections: int, classes: int, second: str
) -> None:
    """Five years, then ten, then twenty; nobody is lost."""
    bands = [*(f"{low}-{low + 4}" for low in range(0, 95, 5)), "95+"]
    rows = [
        {"band": band, "sex": sex, "opposed": 0, "notified": 10} for band in bands for sex in "FM"
    ]
    rows[0]["opposed"] = objections

    found = opt_out_by_age_and_sex(Record({"by_age_and_sex": rows}, "summary.json"))

    assert len(found["F"]) == classes
    assert list(found["M"])[1] == second
    assert list(found["F"])[-1].endswith("+")
    assert sum(share.whole for group in found.values() for share in group.values()) == 400


@pytest.mark.parametrize(
    ("value", "language", "written"),
    [
        (949_999.0, "fr", "950\u202f000\u00a0€"),
        (994_999.0, "en", "€990,000"),
        (996_000.0, "fr", "1\u00a0M€"),
        (1_234_567.0, "fr", "1,2\u00a0M€"),
        (55_000_000.0, "en", "€55M"),
        (0.0, "en", "€0"),
    ],
)
def test_an_amount_put_forward_has_two_digits(
    value: float, language: Language, written: str
) -> None:
    """Millions from a million on."""
    assert short_euros(value, language).replace(" ", "\u00a0") == written


@pytest.mark.parametrize(
    ("share", "decimals"),
    [(0, 0), (0.5, 1), (0.05, 2), (0.005, 3), (0.00001, 5), (0.0000001, 6), (1, 0)],
)
def test_a_percentage_has_three_digits(share: float, decimals: int) -> None:
    """And six decimals at most."""
    assert percent_decimals(share) == decimals


@given(value=st.floats(1e-6, 1e12))
def test_an_amount_scaled_up_keeps_three_digits(value: float) -> None:
    """It moves by less than half a hundredth of itself."""
    assert abs(about(value) - value) <= value * 0.005 + 1e-12


def test_a_source_cited_twice_has_one_number_and_addresses_become_links() -> None:
    """Numbers follow the order of citation; a dash stands for no source."""
    sources = Sources()

    cited = [sources.cite(source) for source in ("https://a.fr/x; B & C", "D", "D", "none", "")]

    assert cited == ["[1]", "[2]", "[2]", "\u2013", "\u2013"]
    assert sources.listed() == [
        '<a href="https://a.fr/x" rel="noreferrer">a.fr/x</a>; B &amp; C',
        "D",
    ]
