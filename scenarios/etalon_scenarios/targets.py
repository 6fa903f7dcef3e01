"""Measured figures that a simulation is set beside.

The shipped table holds what was published of the pilot, of the launch and of the voluntary
scheme that came before; a user's own takes its place through `targets`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from etalon_scenarios.user_tables import rows_of

if TYPE_CHECKING:
    from decimal import Decimal

    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.user_tables import Row

SHIPPED_FILE = "data/targets.csv"
REQUIRED_COLUMNS = ("id", "scenario", "quantity", "value", "low", "high", "unit", "source")
OPTIONAL_COLUMNS = ("day", "on", "note")
QUANTITIES = {
    "notified": "people",
    "email_share": "share",
    "opposed": "people",
    "opt_out_rate": "share",
    "opt_out_share_of_final": "share",
    "activated": "people",
    "activation_rate": "share",
    "created": "people",
    "spaces_open": "people",
    "closed": "people",
    "closure_rate": "share",
    "records_opened": "people",
    "entered": "people",
}
"""What can be compared, with its unit.

Rates: `opt_out_rate` and `activation_rate` are shares of the notified, `closure_rate` of the
spaces created, `email_share` of the notices, `opt_out_share_of_final` of the oppositions at the
end of the run. `spaces_open` counts automatic and activated spaces together, `entered` those that
somebody entered, during the campaign or later: a run tells it when it counts the life of spaces.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A measured figure.

    Attributes:
        id: Short identifier, cited by calibrated parameters.
        scenario: Name of the scenario it was measured on.
        quantity: What it measures, one of `QUANTITIES`.
        day: Days since each person's own notice, or None for the end of the run or for `on`.
        on: Date, or None.
        value: The figure.
        low: Smallest simulated value that agrees with it.
        high: Largest one.
        unit: `people` or `share`.
        source: Where it was read.
        note: What a reader should know, or empty.
    """

    id: str
    scenario: str
    quantity: str
    day: int | None
    on: dt.date | None
    value: Decimal
    low: Decimal
    high: Decimal
    unit: str
    source: str
    note: str


def targets_for(scenario: Scenario) -> list[Target]:
    """The figures measured on a scenario, by its name; what was measured on another is left out.

    Shipped counts of people are left out too when the run is about other people: a table of the
    user's own, or other départements. So are shipped figures of years that it does not follow.
    """
    own = scenario.own_targets
    listed = own if own is not None else shipped_targets()
    measured = [target for target in listed if target.scenario == scenario.name]
    if own is None and (scenario.life is None or not scenario.life.counted):
        measured = [target for target in measured if target.quantity != "entered"]
    if measured_on_others(scenario):
        return [target for target in measured if target.unit != "people"]
    return measured


def measured_on_others(scenario: Scenario) -> bool:
    """Tell whether its figures are the shipped ones and the run is about other people.

    Their rates then give an idea of its own, and judge nothing.
    """
    changed = any(change.lstrip().startswith("population.") for change in scenario.changes)
    return scenario.own_targets is None and (changed or scenario.own_people is not None)


@cache
def shipped_targets() -> tuple[Target, ...]:
    """The figures shipped with the package."""
    file = resources.files("etalon_scenarios").joinpath(SHIPPED_FILE)
    return targets_of(file.read_text(encoding="utf-8"), SHIPPED_FILE)


def targets_of(text: str, file: str) -> tuple[Target, ...]:
    """The figures of a table, checked.

    Raises:
        ScenarioError: Wrong columns, an unknown quantity, a value out of its range, an id twice.
    """
    listed: dict[str, Target] = {}
    for row in rows_of(text, file, required=REQUIRED_COLUMNS, optional=OPTIONAL_COLUMNS):
        target = _target(row)
        if target.id in listed:
            raise row.refused(column="id", accepted="each identifier once")
        listed[target.id] = target
    return tuple(listed.values())


def _target(row: Row) -> Target:
    quantity = row.one_of("quantity", QUANTITIES)
    read = row.share if QUANTITIES[quantity] == "share" else row.number
    value, low, high = read("value"), read("low"), read("high")
    if value is None or low is None or high is None:
        raise row.refused(column="value", accepted="a value, a low and a high on every line")
    if not 0 <= low <= value <= high:
        raise row.refused(
            column="value", accepted=f"a value between low = {low} and high = {high}, 0 or more"
        )
    for column in ("id", "scenario", "source"):
        if not row.cells[column]:
            raise row.refused(column, "a text on every line")
    return Target(
        id=row.cells["id"],
        scenario=row.cells["scenario"],
        quantity=quantity,
        day=row.count("day") if row.cells.get("day") else None,
        on=_date(row),
        value=value,
        low=low,
        high=high,
        unit=row.one_of("unit", (QUANTITIES[quantity],)),
        source=row.cells["source"],
        note=row.cells.get("note", ""),
    )


def _date(row: Row) -> dt.date | None:
    cell = row.cells.get("on", "")
    if not cell:
        return None
    try:
        return dt.date.fromisoformat(cell)
    except ValueError as error:
        raise row.refused(column="on", accepted="a date, YYYY-MM-DD") from error
