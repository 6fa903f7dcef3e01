"""Numbers are written as each language writes them, with the digits that they deserve."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_text.comparison_labels import comparison_label
from etalon_text.number_formats import (
    euros,
    fewest_decimals,
    long_day,
    number,
    percent,
    percent_interval,
    rounded,
    short_day,
    supported_decimals,
)

if TYPE_CHECKING:
    from etalon_text.language import Language

NARROW, WIDE = "\u202f", "\u00a0"
FIGURES = st.decimals(-(10**12), 10**12, allow_nan=False, places=6)


@pytest.mark.parametrize(
    ("value", "decimals", "fr", "en"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1000, 0, f"1{NARROW}000", "1,000"),
        (3391505, 0, f"3{NARROW}391{NARROW}505", "3,391,505"),
        (-1234.5, 1, f"\u22121{NARROW}234,5", "\u22121,234.5"),
        (16123, -3, f"16{NARROW}000", "16,000"),
        (0.5, 0, "0", "0"),
        (1.5, 0, "2", "2"),
        (-0.2, 0, "0", "0"),
        (Decimal("0.125"), 2, "0,12", "0.12"),
    ],
)
def test_a_number_is_parted_in_thousands(
    value: Decimal | float, decimals: int, fr: str, en: str
) -> None:
    """Thousands, decimals, halves to even, true minus sign, no minus zero."""
    assert number(value, "fr", decimals) == fr
    assert number(value, "en", decimals) == en


@pytest.mark.parametrize(
    ("share", "decimals", "fr", "en"),
    [
        (0.00683, 2, f"0,68{WIDE}%", "0.68%"),
        (1, 0, f"100{WIDE}%", "100%"),
        (Decimal("0.0005"), 1, f"0,0{WIDE}%", "0.0%"),
    ],
)
def test_a_share_is_written_as_a_percentage(
    share: Decimal | float, decimals: int, fr: str, en: str
) -> None:
    """The French sign follows a no-break space, the English one follows nothing."""
    assert percent(share, "fr", decimals) == fr
    assert percent(share, "en", decimals) == en


def test_an_interval_writes_its_sign_once() -> None:
    """Both bounds have the same decimals."""
    assert percent_interval(0.0043, 0.0097, "fr", 1) == f"0,4\u20131,0{WIDE}%"
    assert percent_interval(0.0043, 0.0097, "en", 1) == "0.4\u20131.0%"


def test_an_amount_carries_the_sign_where_the_language_puts_it() -> None:
    """French after, English before."""
    assert euros(2700000, "fr") == f"2{NARROW}700{NARROW}000{WIDE}€"
    assert euros(2700000, "en") == "€2,700,000"


@pytest.mark.parametrize(
    ("low", "high", "decimals"),
    [
        (0.43, 0.97, 1),
        (0.6, 0.8, 2),
        (0.674, 0.692, 3),
        (0.25, 2.25, 1),
        (0.25, 4.25, 0),
        (12000, 20000, -3),
        (0.7, 0.7, 6),
    ],
)
def test_an_interval_supports_the_first_digit_of_its_half_width(
    low: float, high: float, decimals: int
) -> None:
    """One digit more when that digit is a 1; six when the interval has no width."""
    assert supported_decimals(low, high) == decimals


@pytest.mark.parametrize(
    ("values", "decimals"), [((1.0, 2.0), 0), ((0.5, 2), 1), ((100.0,), 0), ((0.25, 0.5), 2)]
)
def test_the_fewest_decimals_print_every_value(values: tuple[float, ...], decimals: int) -> None:
    """Trailing zeros are left out, but for all values alike."""
    assert fewest_decimals(*values) == decimals


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [
        ("fr", f"1er{WIDE}septembre 2021", f"1er{WIDE}sept."),
        ("en", f"1{WIDE}September 2021", f"1{WIDE}Sep"),
    ],
)
def test_a_day_is_written_in_words(language: Language, long: str, short: str) -> None:
    """The first of the month is an ordinal in French."""
    assert long_day(date(2021, 9, 1), language) == long
    assert short_day(date(2021, 9, 1), language) == short


def test_a_compared_figure_says_when_it_was_taken() -> None:
    """By day since own notice, by date, at the end, or under its own name."""
    assert comparison_label("activation_rate", "en", day=22) == "activation rate at day 22"
    assert comparison_label("spaces_open", "en", on="2022-05-31") == (
        f"spaces open on 31{WIDE}May 2022"
    )
    assert comparison_label("opt_out_rate", "fr") == "taux d\u2019opposition"
    assert comparison_label("my_own", "fr") == "my_own"


@given(value=FIGURES, decimals=st.integers(0, 4))
def test_a_printed_number_reads_back_within_half_a_unit(value: Decimal, decimals: int) -> None:
    """Formatting loses at most half of the last digit, and both languages print the same digits."""
    french, english = number(value, "fr", decimals), number(value, "en", decimals)

    read = Decimal(english.replace(",", "").replace("\u2212", "-"))

    assert abs(read - value) <= Decimal(1).scaleb(-decimals) / 2
    assert french.replace(NARROW, "").replace(",", ".") == english.replace(",", "")


@given(value=FIGURES, decimals=st.integers(-3, 4))
def test_rounding_twice_is_rounding_once(value: Decimal, decimals: int) -> None:
    """A rounded value stays where it is."""
    once = rounded(value, decimals)

    assert rounded(once, decimals) == once
