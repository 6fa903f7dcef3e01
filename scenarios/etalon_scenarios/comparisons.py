"""Simulated against measured: each target of a scenario beside what the run gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from etalon_scenarios.intervals import design_effect, share_intervals
from etalon_scenarios.life.summary import entered_until
from etalon_scenarios.targets import measured_on_others

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.tally import Tally
    from etalon_scenarios.targets import Target

DENOMINATORS: Final = {
    "email_share": "denominator.notified",
    "opt_out_rate": "denominator.notified",
    "opt_out_share_of_final": "denominator.opposed",
    "activation_rate": "denominator.notified",
    "closure_rate": "denominator.created",
}
"""Which people a rate is a share of."""


class Counted(NamedTuple):
    """What a run counted of a target.

    Attributes:
        events: How many of the people simulated.
        among: The people they were counted among: those of the rate, or everybody simulated.
    """

    events: int
    among: int


def compare(scenario: Scenario, targets: list[Target], tally: Tally) -> list[Json]:
    """Return one row a target."""
    fitted = {item.figure for item in scenario.scenario.calibrated_on}
    return [_row(scenario, target, tally, calibrated=target.id in fitted) for target in targets]


def _row(scenario: Scenario, target: Target, tally: Tally, *, calibrated: bool) -> Json:
    judges = not measured_on_others(scenario)
    counted = _counted(scenario, target, tally)
    simulated = None if counted is None else _value(counted, target, tally)
    low, high = float(target.low), float(target.high)
    row: dict[str, Json] = {
        "key": target.quantity,
        "target": target.id,
        "day": target.day,
        "on": None if target.on is None else target.on.isoformat(),
        "unit": target.unit,
        "simulated": simulated,
        "sample_noise": None if counted is None else _sample_noise(counted, target, tally),
        "measured": float(target.value),
        "low": low,
        "high": high,
        "source": target.source,
        "within": low <= simulated <= high if judges and simulated is not None else None,
        "calibrated": calibrated,
    }
    if target.quantity in DENOMINATORS:
        row["denominator_name"] = DENOMINATORS[target.quantity]
    return row


def simulate_target(scenario: Scenario, target: Target, tally: Tally) -> float | None:
    """Return what the run gave for a target, at full scale for counts; None when it cannot tell."""
    counted = _counted(scenario, target, tally)
    return None if counted is None else _value(counted, target, tally)


def _value(counted: Counted, target: Target, tally: Tally) -> float:
    if target.unit == "share":
        return counted.events / counted.among
    return counted.events * tally.run.full / tally.run.population


def _sample_noise(counted: Counted, target: Target, tally: Tally) -> Json:
    """Return what the luck of the sample leaves open of a value; None when it cannot be said.

    It cannot when all are simulated, nor of more events than people: children born since.
    """
    run, (events, among) = tally.run, counted
    if events > among:
        return None
    effect = design_effect(run.layout)
    intervals = share_intervals(events, among, run.population / run.full, effect)
    bounds = cast("Mapping[str, list[float] | None]", intervals)["sample_noise"]
    scale = 1.0 if target.unit == "share" else among * run.full / run.population
    return None if bounds is None else [bound * scale for bound in bounds]


def _counted(scenario: Scenario, target: Target, tally: Tally) -> Counted | None:
    """Count a target in a run; None when it cannot tell."""
    last, lives = tally.run.days_done - 1, tally.run.lives
    day = last if target.on is None else (target.on - scenario.starts_on).days
    if not 0 <= day <= last:
        return None
    if target.quantity == "entered":
        entered = None if lives is None else entered_until(lives.account, day)
        return None if entered is None else Counted(entered, tally.run.population)
    if target.on is None and target.day is None and lives is not None:
        # Measured at the end of the campaign, which such a run goes beyond by years.
        return None
    if target.day is not None:
        return _share_at(target, tally)
    if target.unit == "share":
        return _share(target.quantity, day, tally)
    return Counted(_count(target.quantity, day, tally), tally.run.population)


def _count(quantity: str, day: int, tally: Tally) -> int:
    if quantity in ("created", "spaces_open"):
        created = tally.until("opened_automatically", day)
        created += tally.until("activated_before_opening", day)
        return created - (tally.until("closed", day) if quantity == "spaces_open" else 0)
    if quantity == "emailed":
        return tally.emailed(day)
    counter = "legacy_created" if quantity == "records_opened" else quantity
    return tally.until(counter, day)


def _share(quantity: str, day: int, tally: Tally) -> Counted | None:
    above, below = {
        "email_share": ("emailed", "notified"),
        "opt_out_rate": ("opposed", "notified"),
        "activation_rate": ("activated", "notified"),
        "closure_rate": ("closed", "created"),
        "opt_out_share_of_final": ("opposed", "opposed"),
    }[quantity]
    people = _count(below, day, tally)
    return Counted(_count(above, day, tally), people) if people else None


def _share_at(target: Target, tally: Tally) -> Counted | None:
    """Count a share so many days after each person's notice, if the run followed them so long."""
    counter = "activated" if target.quantity == "activation_rate" else "opposed"
    below = "opposed" if target.quantity == "opt_out_share_of_final" else "notified"
    people, observed = tally.totals[below], tally.observed()
    day = target.day or 0
    followed = observed[day] if day < len(observed) else 0
    if not people or followed < FOLLOWED_SHARE * tally.totals["notified"]:
        return None
    return Counted(tally.by_days_since_notice(counter, day), people)


FOLLOWED_SHARE: Final = 0.98
"""A rate by days since the notice is given when at least so many people were followed so long."""
