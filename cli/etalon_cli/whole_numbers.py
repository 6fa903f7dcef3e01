"""Whole numbers as they are typed, read without importing what few commands need."""

from __future__ import annotations

from typing import Final

from etalon_cli.stopping import because

LARGEST_SEED: Final = 2**64 - 1


def whole_number(option: str, typed: str | None, default: int, low: int, high: int) -> int:
    """Read a whole number between two bounds.

    Raises:
        Stopped: It is no whole number, or out of bounds.
    """
    if typed is None:
        return default
    number = int(typed) if typed.isascii() and typed.isdecimal() else None
    if number is None or not low <= number <= high:
        raise because(
            reason="number_option", option=option, found=typed, low=low, high=high, example=default
        )
    return number
