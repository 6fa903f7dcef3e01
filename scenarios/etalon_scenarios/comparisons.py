"""Simulated against measured: each target of a scenario beside what the run gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_scenarios.life.summary import entered_until
from etalon_scenarios.targets import measured_on_others

if TYPE_CHECKING:
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


def compare(scenario: Scenario, targets: list[Target], tally: Tally) -> list[Json]:
    """Return one row a target."""
    fitted = {item.figure for item in scenario.scenario.calibrated_on}
    return [_row(scenario, target, tally, calibrated=target.id in fitted) for target in targets]


def _row(scenario: Scenario, target: Target, tally: Tally, *, calibrated: bool) -> Json:
    judges = not measured_on_others(scenario)
    simulated = simulate_target(scenario, target, tally)
    low, high = float(target.low), float(target.high)
    row: dict[str, Json] = {
        "key": target.quantity,
        "target": target.id,
        "day": target.day,
        "on": None if target.on is None else target.on.isoformat(),
        "unit": target.unit,
        "simulated": simulated,
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
    at_end = target.on is None and target.day is None
    if at_end and target.quantity != "entered" and tally.run.lives is not None:
        # Measured at the end of the campaign, which such a run goes beyond by years.
        return None
    last = tally.run.days_done - 1
    day = last if target.on is None else (target.on - scenario.starts_on).days
    if not 0 <= day <= last:
        return None
    if target.day is not None:
        return _share_at(target, tally)
    if target.unit == "share":
        return _share(target.quantity, day, tally)
    if target.quantity == "entered":
        lives = tally.run.lives
        people = None if lives is None else entered_until(lives.account, day)
    else:
        people = _count(target.quantity, day, tally)
    return None if people is None else people * tally.run.full / tally.run.population


def _count(quantity: str, day: int, tally: Tally) -> int:
    if quantity in ("created", "spaces_open"):
        created = tally.until("opened_automatically", day)
        created += tally.until("activated_before_opening", day)
        return created - (tally.until("closed", day) if quantity == "spaces_open" else 0)
    if quantity == "emailed":
        return tally.emailed(day)
    counter = "legacy_created" if quantity == "records_opened" else quantity
    return tally.until(counter, day)


def _share(quantity: str, day: int, tally: Tally) -> float | None:
    above, below = {
        "email_share": ("emailed", "notified"),
        "opt_out_rate": ("opposed", "notified"),
        "activation_rate": ("activated", "notified"),
        "closure_rate": ("closed", "created"),
        "opt_out_share_of_final": ("opposed", "opposed"),
    }[quantity]
    people = _count(below, day, tally)
    return _count(above, day, tally) / people if people else None


def _share_at(target: Target, tally: Tally) -> float | None:
    """Return a share so many days after each person's notice, if the run followed them so long."""
    counter = "activated" if target.quantity == "activation_rate" else "opposed"
    below = "opposed" if target.quantity == "opt_out_share_of_final" else "notified"
    people, observed = tally.totals[below], tally.observed()
    day = target.day or 0
    followed = observed[day] if day < len(observed) else 0
    if not people or followed < FOLLOWED_SHARE * tally.totals["notified"]:
        return None
    return tally.by_days_since_notice(counter, day) / people


FOLLOWED_SHARE: Final = 0.98
"""A rate by days since the notice is given when at least so many people were followed so long."""
