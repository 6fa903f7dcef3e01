"""The JSON Schema of a scenario file, for editors and for whoever writes one by program."""

from __future__ import annotations

from etalon_scenarios.scenario import Scenario

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def scenario_schema() -> dict[str, object]:
    """The schema of a complete scenario file, as JSON.

    It says what each key takes on its own; what several keys must respect together (dates in
    order, départements in one wave) is checked by `load_scenario` alone. A file that extends
    another one holds only part of this.
    """
    return {"$schema": DIALECT, **Scenario.model_json_schema(by_alias=True)}
