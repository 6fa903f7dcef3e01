"""From what was typed to values: numbers, dates, sizes, each with its own message."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_cli.whole_numbers import whole_number
from etalon_scenarios.knowledge import DEFAULT_DRAWS, STRATA
from etalon_scenarios.life.following import years_beyond
from etalon_scenarios.memory import memory_needed

if TYPE_CHECKING:
    from etalon_scenarios.scenario import Scenario

DEFAULT_POPULATION: Final = 100_000
MOST_WORKERS: Final = 64
DEFAULT_MOST_WORKERS: Final = 8
MOST_DRAWS: Final = 10_000
AGENTS_UP_TO: Final = 200_000
"""People up to whom the agents engine is the default."""

DRAWN: Final = {"agents": 20_000, "cohort": 200_000}
"""Engine -> people simulated in a knowledge draw (decision 0034)."""

LONGEST_RUN: Final = 400
"""Days for which memory is provided for: more than any shipped scenario lasts."""


def workers_asked(typed: str | None) -> int:
    """Read `--workers`; by default one per core, at most 8."""
    default = min(cores(), DEFAULT_MOST_WORKERS)
    return whole_number("--workers", typed, default, 1, MOST_WORKERS)


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def people_asked(typed: str | None, full: int, default: int = DEFAULT_POPULATION) -> int:
    """Read `--population`: a number, a share of the full population, or `full`.

    Raises:
        Stopped: It is none of them, or more than there are.
    """
    if typed is None:
        return min(default, full)
    if typed == "full":
        return full
    try:
        number = Decimal(typed)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number <= 0:
        raise because(reason="population_size", found=typed)
    if number > full:
        raise because(reason="population_too_large", found=typed, full=full)
    if number >= 1 and number % 1:
        raise because(reason="population_size", found=typed)
    people = int((number * full).to_integral_value()) if number < 1 else int(number)
    return max(people, 1)


def engine_asked(typed: str | None, people: int) -> str:
    """Give the engine asked for, or the one that suits so many people."""
    return typed or ("agents" if people <= AGENTS_UP_TO else "cohort")


def compiled_asked(typed: str | None, engine: str, people: int) -> tuple[bool | None, bool]:
    """Read `--compiled`.

    Returns:
        What was asked, None for as it suits; and whether the run itself uses compiled kernels.

    Raises:
        Stopped: They are asked for, and Numba is missing or the engine has none.
    """
    asked = None if typed is None else typed == "yes"
    if engine != "cohort":
        if asked:
            raise because(reason="checkpoint_engine", option="--compiled yes")
        return asked, False
    from etalon_scenarios.cohort import compiled as kernels  # noqa: PLC0415 (the engine)

    try:
        return asked, kernels.are_used(asked, people)
    except kernels.KernelsMissingError as error:
        raise because(reason="kernels_missing") from error


def knowledge_asked(typed: str | None, engine: str, people: int, full: int) -> tuple[int, int]:
    """Read `--knowledge`: draws, and people simulated in each.

    Raises:
        Stopped: It is neither a number of draws nor `full`.
    """
    if typed == "full":
        return STRATA, full
    draws = whole_number("--knowledge", typed, DEFAULT_DRAWS, 0, MOST_DRAWS)
    return draws, min(DRAWN[engine], people)


def check_memory(
    people: int, available: int | None, engine: str = "agents", *, lives_for: int = 0
) -> None:
    """Refuse at once what would fill the memory after minutes.

    Args:
        people: To be simulated at the same time.
        available: Memory of the machine, bytes; None where the system does not say.
        engine: Name of the engine.
        lives_for: Days of a run that counts the life of open spaces; 0 for none.

    Raises:
        Stopped: They would need more than there is.
    """
    days = max(LONGEST_RUN, lives_for)
    needed = memory_needed(people, days, engine, lives=lives_for > 0)
    if available is not None and needed > available:
        sizes = {"needed": f"{needed / 1e9:.0f}", "available": f"{available / 1e9:.0f}"}
        raise because(reason="population_memory", found=people, **sizes)


def last_day_asked(typed: str | None, scenario: Scenario) -> date | None:
    """Read `--until`.

    Raises:
        Stopped: It is no date, or no day of the scenario.
    """
    if typed is None:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        example = scenario.ends_on.isoformat()
        raise because(
            reason="date_option", option="--until", found=typed, example=example
        ) from None
    if not scenario.starts_on <= day <= scenario.ends_on:
        raise because(
            reason="day_outside", found=day, first=scenario.starts_on, last=scenario.ends_on
        )
    return day


def years_change(typed: str | None, scenario: Scenario) -> tuple[str, ...]:
    """Turn `--until` beyond the scenario into the changes that let spaces live until then.

    A scenario that says nothing of the life of spaces ends when it ends.
    """
    try:
        day = scenario.ends_on if typed is None else date.fromisoformat(typed)
    except ValueError:
        return ()
    return years_beyond(day, scenario)


def departments_change(typed: str | None) -> tuple[str, ...]:
    """Turn `--departments 31,44` into the change of the scenario that it stands for."""
    if typed is None:
        return ()
    codes = ", ".join(f'"{code.strip()}"' for code in typed.split(","))
    return (f"population.departments=[{codes}]",)
