"""The scenario that a calibration writes: what was fitted, on what, with what it leaves open."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_scenarios.parameters import Number
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_keys import expected_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_scenarios.calibrations.calibration import Result
    from etalon_scenarios.calibrations.plan import Fitted
    from etalon_scenarios.parameters import Series

_DECIMALS = Decimal("0.000001")


def scenario_text(result: Result) -> str:
    """Return the scenario file (TOML): the one fitted, with the values found and their sources."""
    plan = result.plan
    base = str(Path(plan.asked).resolve()) if plan.asked.endswith(".toml") else plan.asked
    heading = plan.scenario.scenario
    lines = [
        "# Written by `etalon calibrate`: values, 95 % intervals and figures of calibration.json.",
        "",
        "[scenario]",
        f"extends = {_quoted(base)}",
        f"name = {_quoted(f'{plan.scenario.name}-fitted')}",
        f"title_fr = {_quoted(f'{heading.title_fr} (calé)')}",
        f"title_en = {_quoted(f'{heading.title_en} (fitted)')}",
        "",
    ]
    values = result.values()
    for stated in heading.calibrated_on:
        if stated.parameter not in values:
            said = (stated.parameter, stated.figure, stated.fr, stated.en)
            lines += _stated(*said)
    known = dict(plan.scenario.parameters())
    for fitted in plan.parameters:
        lines += _parameter(result, fitted, known[fitted.path])
    return "\n".join(lines)


def _parameter(result: Result, fitted: Fitted, parameter: Number | Series) -> list[str]:
    """Return the statement of one parameter fitted, then its table."""
    plan, (value, low, high) = result.plan, result.values()[fitted.path]
    figures = fitted.figure or ", ".join(target.id for target in plan.fit)
    fr, en = f"{fitted.path} : calé sur {figures}", f"{fitted.path}: fitted to {figures}"
    sources = {target.source for target in plan.fit if target.id == fitted.figure}
    lines = [*_stated(fitted.path, figures, fr, en), f"[{fitted.path}]"]
    if isinstance(parameter, Number):
        lines += [
            f"value = {value:f}",
            f"low = {min(low, value):f}",
            f"high = {max(high, value):f}",
        ]
    else:
        lines += _series(parameter, fitted.path, value, low, high)
    return [
        *lines,
        f"unit = {_quoted(parameter.unit)}",
        'certainty = "calibrated"',
        f"figure = {_quoted(figures)}",
        f"source = {_quoted(' and '.join(sorted(sources)) or plan.file)}",
        'note = "low and high: 95 % interval of the fit"',
        "",
    ]


def _stated(parameter: str, figure: str, fr: str, en: str) -> Iterator[str]:
    yield "[[scenario.calibrated_on]]"
    yield f"parameter = {_quoted(parameter)}"
    yield f"figure = {_quoted(figure)}"
    yield f"fr = {_quoted(fr)}"
    yield f"en = {_quoted(en)}"
    yield ""


def _series(
    series: Series, path: str, factor: Decimal, low: Decimal, high: Decimal
) -> Iterator[str]:
    """Give the values of a series under its factor; its ends relative to it."""
    changed = series.changed(factor, expected_at(Scenario, path))
    rounded = ", ".join(str(value.quantize(_DECIMALS)) for value in changed.values)
    yield f"values = [{rounded}]"
    yield f'by = "{series.by}"'
    yield f"low_factor = {min(low / factor, Decimal(1)):.6f}"
    yield f"high_factor = {max(high / factor, Decimal(1)):.6f}"


def _quoted(value: str) -> str:
    """Write a text as TOML does; JSON's way is one of them."""
    return json.dumps(value, ensure_ascii=False)
