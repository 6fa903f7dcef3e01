"""`scenario.json`: the scenario as it ran, every change applied.

Schema: `etalon_text/schemas/scenario.schema.json`. `etalon scenarios show` prints the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_scenarios.parameters import Number
from etalon_scenarios.population_table import scenario_departments
from etalon_scenarios.waves import last_day

if TYPE_CHECKING:
    from etalon_scenarios.parameters import Series
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.sending_sections import Wave

SCHEMA_VERSION: Final = 1
_SHAPES: Final = (
    ("age", "intent.opposition_by_age"),
    ("sex", "intent.opposition_female"),
    ("department", "intent.department_sd"),
)
"""Shape -> the parameter that draws it."""


def scenario_record(scenario: Scenario) -> dict[str, Json]:
    """Give the content of `scenario.json`."""
    heading = scenario.scenario
    opt_out = scenario.enrolment.mode == "opt-out"
    return {
        "schema_version": SCHEMA_VERSION,
        "name": scenario.name,
        "title_fr": heading.title_fr,
        "title_en": heading.title_en,
        "question_fr": heading.question_fr,
        "question_en": heading.question_en,
        "vintage": scenario.vintage,
        "basis": scenario.population.basis,
        "mode": scenario.enrolment.mode,
        "starts_on": scenario.starts_on.isoformat(),
        "ends_on": scenario.ends_on.isoformat(),
        "departments": list(scenario_departments(scenario)),
        "opposition_window": str(scenario.enrolment.opposition_window),
        "code_validity": str(scenario.enrolment.code_validity),
        "waves": [_wave(scenario, wave) for wave in scenario.waves],
        "creation": {
            "starts_on": scenario.creation.starts_on.isoformat() if opt_out else None,
            "clock": scenario.creation.clock if opt_out else None,
        },
        "hotline": {"opens": scenario.hotline.opens, "closes": scenario.hotline.closes},
        "calibrated_on": [{"fr": stated.fr, "en": stated.en} for stated in heading.calibrated_on],
        "assumed_shapes": assumed_shapes(scenario),
        "parameters": [
            parameter_record(path, parameter)
            for path, parameter in sorted(scenario.parameters(), key=lambda item: item[0])
        ],
    }


def parameter_record(path: str, parameter: Number | Series) -> dict[str, Json]:
    """Give one parameter as `scenario.json` holds it."""
    record: dict[str, Json] = {"path": path}
    if isinstance(parameter, Number):
        record |= {"kind": "number", "by": None, "value": float(parameter.value)}
        low, high = parameter.low, parameter.high
    else:
        values = [float(value) for value in parameter.values]
        record |= {"kind": "series", "by": parameter.by, "value": values}
        low, high = parameter.low_factor, parameter.high_factor
    return record | {
        "unit": parameter.unit,
        "low": float(low),
        "high": float(high),
        "certainty": parameter.certainty,
        "source": parameter.source,
        "note": parameter.note or "",
    }


def assumed_shapes(scenario: Scenario) -> list[str]:
    """Name the gradients that no French measure supports: drawn ones, and England's."""
    certainties = {path: parameter.certainty for path, parameter in scenario.parameters()}
    return [
        shape
        for shape, path in _SHAPES
        if certainties.get(path, "measured") not in {"measured", "user"}
    ]


def _wave(scenario: Scenario, wave: Wave) -> dict[str, Json]:
    named = wave.departments
    codes = [code for code in scenario_departments(scenario) if named == "all" or code in named]
    return {
        "first_on": wave.first_on.isoformat(),
        "last_on": last_day(wave, scenario).isoformat(),
        "departments": codes,
    }
