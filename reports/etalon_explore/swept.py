"""A sweep for a page without a server: every point of two or three levers, simulated once."""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from etalon_explore.answering import ENGINE
from etalon_explore.controls import controls_of, number_of, written_alike
from etalon_explore.scenario_file import policy_file
from etalon_explore.views import Choice
from etalon_explore.words import moved_in_words
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.period_words import in_days_or_months, is_period
from etalon_scenarios.trials import Trial, run_trial
from etalon_scenarios.worker_signals import deaf_to_interruption, leave_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from etalon_explore.controls import Control
    from etalon_scenarios.scenario import Scenario

FEWEST_LEVERS, MOST_LEVERS = 2, 3
MOST_POINTS: Final = 400
MEASURES: Final = (
    "opt_out_rate",
    "informed_rate",
    "opened_uninformed_rate",
    "coverage",
    "activation_rate",
    "letters",
    "calls",
    "cost_eur",
)
"""Measures that the page tells, of those that a part of the people can tell."""

CURVES: Final = ("spaces_open", "opposed", "informed", "calls", "cost_eur")
ABSENT: Final = "opened_uninformed_rate"
"""Measure that the page tells by age and by digital exclusion."""

_WEEK: Final = 7
_DIGITS: Final = 5


class SweepError(ValueError):
    """What was asked to be swept cannot be.

    Attributes:
        found: As typed.
        reason: `form`, `lever`, `value`, `levers` or `points`.
    """

    def __init__(self, found: str, reason: str) -> None:
        """Say what was found, and what is wrong with it."""
        super().__init__(f"{found}: {reason}")
        self.found = found
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Axis:
    """One lever of a sweep.

    Attributes:
        control: The control that moves it.
        values: Its values, in order.
        positions: Where each stands between the others; None for values that nothing lies between.
    """

    control: Control
    values: tuple[str, ...]
    positions: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Point:
    """What was found at one point.

    Attributes:
        figures: Measure -> value.
        absent: Group of people -> share of their spaces opened without their being informed.
        curves: Curve -> value at the end of each week.
    """

    figures: Mapping[str, float]
    absent: Mapping[str, float]
    curves: Mapping[str, Sequence[float]]


def axes_asked(typed: Sequence[str], scenario: Scenario) -> tuple[Axis, ...]:
    """Read `KEY=VALUE,VALUE,…`, one for each lever.

    Raises:
        SweepError: One of them names no control, or a value that it refuses; or there are too few
            or too many levers or points.
    """
    controls = {control.key: control for control in controls_of(scenario)}
    axes = tuple(_axis(one, controls) for one in typed)
    names = {axis.control.key for axis in axes}
    if not FEWEST_LEVERS <= len(axes) <= MOST_LEVERS or len(names) < len(axes):
        raise SweepError(" ".join(typed), "levers")
    points = 1
    for axis in axes:
        points *= len(axis.values)
    if points > MOST_POINTS:
        raise SweepError(str(points), "points")
    return axes


def _axis(typed: str, controls: Mapping[str, Control]) -> Axis:
    key, equals, rest = typed.partition("=")
    values = [value.strip() for value in rest.split(",")]
    if not equals or len(set(values)) < FEWEST_LEVERS or len(set(values)) < len(values):
        raise SweepError(typed, "form")
    control = controls.get(key.strip())
    if control is None:
        raise SweepError(key, "lever")
    refused = [value for value in values if not control.accepts(value)]
    if refused:
        found = f"{key}={refused[0]}"
        raise SweepError(found, "value")
    alike = [written_alike(value, control) for value in values]
    places = [position(value) for value in alike]
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return Axis(control, tuple(alike), None)
    ordered = sorted(zip(known, alike, strict=True))
    return Axis(control, tuple(value for _, value in ordered), tuple(p for p, _ in ordered))


def position(value: str) -> float | None:
    """Say where a value stands on its axis: a number, days of a period, a day; None for a word."""
    if is_period(value):
        days, months = in_days_or_months(value)
        return None if months else float(days)
    number = number_of(value)
    if number is not None:
        return float(number)
    try:
        return float(dt.date.fromisoformat(value).toordinal())
    except ValueError:
        return None


def swept(  # noqa: PLR0913, PLR0917 (what a sweep depends on)
    base: str, scenario: Scenario, axes: Sequence[Axis], people: int, folder: Path, workers: int
) -> Iterator[Point]:
    """Simulate the scenario as it stands, then every point, the last lever moving fastest.

    Args:
        base: The scenario as a scenario file names it.
        scenario: The same, loaded.
        axes: The levers.
        people: People simulated at each point.
        folder: Where scenario files are written.
        workers: Processes.

    Raises:
        ScenarioError: A point is no scenario that can be simulated.
    """
    every = [Choice(base)]
    for values in itertools.product(*(axis.values for axis in axes)):
        moved = [
            (axis.control.key, value)
            for axis, value in zip(axes, values, strict=True)
            if value != axis.control.value
        ]
        every.append(Choice(base, tuple(moved)))
    scenarios = [_written(choice, scenario, folder) for choice in every]
    work = partial(measured_point, people=people)
    if workers == 1:
        yield from map(work, scenarios)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(scenarios)), context, initializer=_begin)
    try:
        with deaf_to_interruption():
            found = [pool.submit(work, one) for one in scenarios]
        for one in found:
            yield one.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=leave_with_parent, daemon=True).start()


def _written(choice: Choice, scenario: Scenario, folder: Path) -> Scenario:
    if not choice.moved:
        return scenario
    file = policy_file(choice, scenario, choice.base, moved_in_words)
    path = folder / file.file
    path.write_text(file.text, encoding="utf-8", newline="\n")
    return load_scenario(str(path))


def measured_point(
    scenario: Scenario, people: int, stop: Callable[[], bool] = lambda: False
) -> Point:
    """Simulate one point, and keep what the page tells of it.

    Raises:
        RuntimeError: It was stopped.
    """
    from etalon_scenarios.engine import engine_named  # noqa: PLC0415 (in the worker alone)

    trial = Trial(population=people, seed=scenario.seed)
    result = run_trial(scenario, engine_named(ENGINE), trial, stop)
    if result is None:
        message = "stopped"
        raise RuntimeError(message)
    figures, curves = result.measured.figures, result.measured.curves
    return Point(
        figures={
            name: _short(found.value)
            for name in MEASURES
            if (found := figures.get((name, "all", "all"))) is not None
        },
        absent={
            f"{by}.{group}": _short(found.value)
            for (name, by, group), found in figures.items()
            if name == ABSENT and by in {"age", "digital_exclusion"}
        },
        curves={name: [_short(value) for value in _weekly(curves[name], name)] for name in CURVES},
    )


def _weekly(values: Sequence[float], name: str) -> Sequence[float]:
    """Give the value at the end of each week; calls, which are counted by day, summed over it."""
    if name == "calls":
        return [sum(values[day : day + _WEEK]) for day in range(0, len(values), _WEEK)]
    last = len(values) - 1
    return [values[min(day + _WEEK - 1, last)] for day in range(0, len(values), _WEEK)]


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
