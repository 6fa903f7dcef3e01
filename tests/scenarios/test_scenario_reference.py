"""What is generated from scenarios and models is up to date."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from holidays import country_holidays

from etalon_scenarios.department_lists import is_sequence
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.public_holidays import FIRST_DAY, LAST_DAY, is_working_day, public_holidays
from etalon_scenarios.scenario_schema import scenario_schema
from etalon_scenarios.scenario_text import is_list, is_table
from etalon_scenarios.waves import wave_days

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", ["scenario_reference.py", "opt_in_rates.py"])
def test_generated_files_are_up_to_date(script: str) -> None:
    """The reference page follows the models, the opt-in rates follow the figures."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": f"{ROOT / 'scenarios'}", "SYSTEMROOT": "C:\\Windows"},
    )

    assert done.returncode == 0, done.stderr


def test_the_calendar_is_that_of_the_holidays_package() -> None:
    """The table of the repository holds the dates of the package, whatever their names."""
    years = range(FIRST_DAY.year, LAST_DAY.year + 1)

    assert public_holidays() == frozenset(country_holidays("FR", years=years))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2021-11-11", False),
        ("2021-11-12", True),
        ("2021-11-13", False),
        ("2022-04-18", False),
        ("2022-05-26", False),
        ("2022-01-31", True),
    ],
)
def test_working_days_leave_out_weekends_and_holidays(day: str, *, works: bool) -> None:
    """Armistice, Easter Monday and Ascension are days off; the Friday after is not."""
    assert is_working_day(dt.date.fromisoformat(day)) is works


def test_the_launch_was_sent_over_41_working_days() -> None:
    """From 31 January to 28 March 2022."""
    launch = load_scenario("launch-2022")

    assert len(wave_days(launch.waves[0], population_table(launch))) == 41


@pytest.mark.parametrize("day", [dt.date(2009, 12, 31), dt.date(2041, 1, 1)])
def test_a_day_outside_the_calendar_is_refused(day: dt.date) -> None:
    """Silence would make every holiday a working day."""
    with pytest.raises(ValueError, match="outside the calendar"):
        is_working_day(day)


def test_the_schema_states_units_and_bounds() -> None:
    """An editor can complete a scenario, and refuse a share above one."""
    email = _at("$defs", "Reading", "properties", "email", "allOf", 1, "properties")

    assert _at("$defs", "Heading", "additionalProperties") is False
    assert is_table(email)
    assert email["unit"] == {"const": "share"}
    assert email["value"] == {"type": "number", "minimum": 0, "maximum": 1}


@pytest.mark.parametrize("name", ["pilot-2021", "launch-2022", "dmp-opt-in"])
def test_a_complete_shipped_scenario_follows_the_schema(name: str) -> None:
    """What the loader accepts, an editor that reads the schema accepts as well."""
    document = _as_json(load_scenario(name).model_dump(by_alias=True, exclude_none=True))

    jsonschema.validate(document, scenario_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"scenario": {}}, scenario_schema())


def _as_json(value: object) -> Any:  # noqa: ANN401 (what jsonschema takes)
    """A scenario as an editor sees it: numbers, texts, lists and tables."""
    if is_table(value):
        return {key: _as_json(held) for key, held in value.items()}
    if is_sequence(value):
        return [_as_json(held) for held in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _at(*keys: str | int) -> object:
    """What stands in the schema below some keys and ranks."""
    held: object = scenario_schema()
    for key in keys:
        if is_table(held):
            held = held[str(key)]
        elif is_list(held):
            held = held[int(key)]
    return held
