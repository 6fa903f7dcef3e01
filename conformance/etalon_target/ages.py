"""How old test people are, and whether that is as old as wanted."""

from datetime import date
from typing import Final

GROWN_UP: Final = 20
"""Age from which nothing depends on the age of a person."""


def age_on(day: date, born: date) -> int:
    """Return the age of somebody on a day, in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_as_old(wanted: int | None, age: int) -> bool:
    """Whether somebody of an age is as old as wanted.

    Past the years around majority nothing depends on an age: one adult stands for another.
    """
    if wanted is None:
        return True
    return age >= GROWN_UP if wanted >= GROWN_UP else age == wanted
