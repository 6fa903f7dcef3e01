"""Exact curves: exponentials and logarithms rounded to integers by `decimal`.

`decimal` rounds `exp` and `ln` correctly, so the integers are the same on every machine and in
every Python; floating point and the C library's functions are not. A probability is an integer
over `ONE` (2 ** 32).
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ONE: Final = 1 << 32
"""Fixed-point one: shares, levels and cumulative attention are integers over it."""

SIXTEEN_BITS: Final = 1 << 16
QUANTILES: Final = 4096
_CONTEXT: Final = Context(prec=24, rounding=ROUND_HALF_EVEN)
_HALF: Final = Decimal("0.5")


def fixed(share: Decimal, one: int = ONE) -> int:
    """Round a share to an integer over `one`."""
    return int((share * one).to_integral_value(rounding=ROUND_HALF_EVEN))


def exp(value: Decimal) -> Decimal:
    """Exponential, correctly rounded to 24 digits."""
    return _CONTEXT.exp(value)


def ln(value: Decimal) -> Decimal:
    """Natural logarithm, correctly rounded to 24 digits."""
    return _CONTEXT.ln(value)


def increments(cumulative: Sequence[Decimal]) -> tuple[int, ...]:
    """Turn a cumulative curve starting at 0 into daily integer steps over `ONE`.

    Args:
        cumulative: Value at the end of each day, non decreasing.
    """
    rounded = [fixed(value) for value in cumulative]
    return tuple(b - a for a, b in zip([0, *rounded], rounded, strict=False))


def exponential(tau_days: Decimal, days: int) -> list[Decimal]:
    """Share reached at the end of day 0, 1, … `days` - 1 of a response of mean `tau_days`."""
    return [1 - exp(Decimal(-(day + 1)) / tau_days) for day in range(days)]


def half_life(half_life_days: Decimal, days: int) -> list[Decimal]:
    """Share of a decaying shock spent at the end of each of its `days` days."""
    rate = ln(Decimal(2)) / half_life_days
    return [1 - exp(-rate * (day + 1)) for day in range(days)]


@lru_cache(maxsize=1)
def _unit_exponential() -> tuple[Decimal, ...]:
    return tuple(-ln(1 - (Decimal(rank) + _HALF) / QUANTILES) for rank in range(QUANTILES))


@lru_cache(maxsize=8)
def exponential_quantiles(mean_microseconds: Decimal) -> tuple[int, ...]:
    """`QUANTILES` equally likely durations in microseconds, at least 1, of an exponential law."""
    return tuple(
        int((value * mean_microseconds).to_integral_value(rounding=ROUND_HALF_EVEN)) + 1
        for value in _unit_exponential()
    )
