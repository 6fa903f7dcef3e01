"""The page without a server: one file that holds a sweep, and interpolates between its points."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from etalon_explore.page_shell import STATIC
from etalon_explore.swept import CURVES, MEASURES
from etalon_explore.templating import templates
from etalon_explore.words import known_in_words, label, unit, value_in_words
from etalon_reports.comparison_files import group_label
from etalon_reports.page import style_sheet
from etalon_reports.whole_files import named_when_whole
from etalon_scenarios.period_words import is_period
from etalon_scenarios.policies.measures import measure_named
from etalon_scenarios.targets import targets_for
from etalon_scenarios.versions import installed_version
from etalon_text import palette
from etalon_text.number_formats import number, short_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from etalon_explore.swept import Axis, Point
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

UNFINISHED: Final = ".part"
_WORDS: Final = ("computed", "interpolated", "policy", "reference", "measured")
_FIGURES: Final = {"calls": "explore.curve_calls"}


def write_export(  # noqa: PLR0913, PLR0917 (what a page is made of)
    target: Path,
    scenario: Scenario,
    axes: Sequence[Axis],
    points: Sequence[Point],
    people: int,
    language: Language,
) -> Path:
    """Write the page, whole or not at all, and return its path.

    Args:
        target: The page.
        scenario: The scenario that was swept.
        axes: The levers.
        points: The scenario as it stands, then the points, the last lever moving fastest.
        people: People simulated at each point.
        language: Of the words.

    Raises:
        OSError: The page cannot be written.
    """

    def say(key: str, **values: object) -> str:
        return text(key, language, **values)

    heading = scenario.scenario
    data = _data(scenario, axes, points, language)
    page = (
        templates()
        .get_template("export.html")
        .render(
            say=say,
            lang=language,
            title=heading.title_fr if language == "fr" else heading.title_en,
            axes=[_shown(axis, language) for axis in axes],
            style=Markup("\n").join([style_sheet("report.css"), _own("explore.css")]),
            script=_own("export.js"),
            # Inside a script element, nothing of the data may look like its end.
            data=Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")),  # noqa: S704
            points=number(len(points) - 1, language),
            people=number(people, language),
            version=installed_version(),
            seed=scenario.seed,
        )
    )
    with named_when_whole(target) as unfinished:
        unfinished.write_text(page, encoding="utf-8", newline="\n")
    return target


def _own(name: str) -> Markup:
    return Markup((STATIC / name).read_text(encoding="utf-8"))  # noqa: S704 (our own file)


def _shown(axis: Axis, language: Language) -> dict[str, Any]:
    control = axis.control
    lever = control.lever
    return {
        "id": control.key.replace(".", "-"),
        "label": label(control, language),
        "question": lever.question_fr if language == "fr" else lever.question_en,
        "known": known_in_words(control, language),
        "values": [(value, value_in_words(control, value, language)) for value in axis.values],
        "slides": axis.positions is not None,
    }


def _data(
    scenario: Scenario, axes: Sequence[Axis], points: Sequence[Point], language: Language
) -> dict[str, Any]:
    """Give what the script of the page reads."""
    weeks = len(points[0].curves[CURVES[0]])
    last = (scenario.ends_on - scenario.starts_on).days
    ends = [scenario.starts_on + timedelta(days=min(week * 7 + 6, last)) for week in range(weeks)]
    groups = list(points[0].absent)
    return {
        "language": language,
        "axes": [
            {
                "id": axis.control.key.replace(".", "-"),
                "positions": axis.positions or list(range(len(axis.values))),
                "slides": axis.positions is not None,
                "kind": axis.control.kind,
                "unit": _unit(axis, language),
                "words": [value_in_words(axis.control, one, language) for one in axis.values],
            }
            for axis in axes
        ],
        "measures": [
            {
                "key": key,
                "label": text(f"measure.{key}", language),
                "unit": measure_named(key).unit,
            }
            for key in MEASURES
            if key in points[0].figures
        ],
        "groups": [{"key": key, "label": _group_label(key, language)} for key in groups],
        "curves": [{"key": key, "label": _curve_label(key, language)} for key in CURVES],
        "days": [short_day(day, language) for day in ends],
        "measured": _measured(scenario, language),
        "reference": _plain(points[0]),
        "points": [_plain(point) for point in points[1:]],
        "colours": {"policy": palette.ACTIVATED, "reference": palette.OPPOSED},
        "words": {key: text(f"explore.export_{key}", language) for key in _WORDS},
    }


def _unit(axis: Axis, language: Language) -> str:
    """Name the unit of what lies between two values: a period is counted in days."""
    if is_period(axis.values[0]):
        return text("unit.day", language)
    return unit(axis.control, language)


def _group_label(key: str, language: Language) -> str:
    by, _, group = key.partition(".")
    return group_label(by, group, language)


def _curve_label(key: str, language: Language) -> str:
    return text(_FIGURES.get(key, f"figure.policy_curves.{key}"), language)


def _plain(point: Point) -> dict[str, Any]:
    return {
        "figures": dict(point.figures),
        "absent": dict(point.absent),
        "curves": {key: list(values) for key, values in point.curves.items()},
    }


def _measured(scenario: Scenario, language: Language) -> list[Mapping[str, Any]]:
    """Give the measured figures that have a date and a curve, each at its place among the weeks."""
    return [
        {
            "curve": target.quantity,
            "week": ((target.on - scenario.starts_on).days - 6) / 7,
            "value": float(target.value),
            "day": short_day(target.on, language),
            "source": target.source,
        }
        for target in targets_for(scenario)
        if target.on is not None and target.quantity in CURVES
    ]
