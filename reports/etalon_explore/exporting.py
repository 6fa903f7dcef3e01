"""Exporting the page: sweep, then one file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_explore.export_page import UNFINISHED, write_export
from etalon_explore.seat import from_anywhere
from etalon_explore.swept import axes_asked, swept
from etalon_scenarios.loading import load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from etalon_explore.swept import Point
    from etalon_text.language import Language

DEFAULT_SWEEP: Final = (
    "enrolment.opposition_window=P4W,P6W,P8W,P10W",
    "notices.letter_from_age=60,70,80,95",
    "intent.trust_shift=-10,0,10",
)


def export(  # noqa: PLR0913 (what a page depends on, each by its name)
    scenario: str,
    sweep: Sequence[str],
    target: Path,
    *,
    people: int,
    workers: int,
    language: Language,
    stop: Callable[[], bool],
    told: Callable[[int, int], None],
) -> bool:
    """Sweep a scenario and write the page; tell whether it was, or was stopped.

    Args:
        scenario: Name or path of the scenario.
        sweep: `KEY=VALUE,VALUE,…`, one for each lever.
        target: The page.
        people: People simulated at each point.
        workers: Processes.
        language: Of the words.
        stop: Asked after each point.
        told: Told how many points are done, and of how many.

    Raises:
        ScenarioError: The scenario, or a point of the sweep, cannot be used.
        SweepError: The sweep cannot be made.
        OSError: The page cannot be written.
    """
    first = load_scenario(scenario)
    axes = axes_asked(sweep, first)
    total = 1
    for axis in axes:
        total *= len(axis.values)
    points: list[Point] = []
    unfinished = target.with_name(target.name + UNFINISHED)
    unfinished.touch()
    try:
        with tempfile.TemporaryDirectory(prefix="etalon-explore-") as folder:
            base = from_anywhere(scenario)
            for point in swept(base, first, axes, people, Path(folder), workers):
                points.append(point)
                told(len(points) - 1, total)
                if stop():
                    return False
        write_export(target, first, axes, points, people, language)
    finally:
        unfinished.unlink(missing_ok=True)
    return True
