"""Which texts a scenario supposes changed.

A run, a comparison and a report list them; a scenario without any runs under the law as it stands.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from etalon_scenarios.levers import levers
from etalon_scenarios.period_words import in_days_or_months, in_words, is_period

if TYPE_CHECKING:
    from etalon_scenarios.levers import Lever
    from etalon_scenarios.scenario import Scenario

MODE: Final = "enrolment.mode"
OPT_IN: Final = "opt-in"


@dataclass(frozen=True, slots=True)
class Departure:
    """A text that a scenario supposes changed.

    Attributes:
        path: Dotted path of the key that departs.
        text: The text in force, such as `CSP R. 1111-28`.
        value: Value in the scenario.
        in_force: Value under the text; empty where the text knows no such thing.
        fr: In words, in French.
        en: In words, in English.
    """

    path: str
    text: str
    value: str
    in_force: str
    fr: str
    en: str

    def as_json(self) -> dict[str, str]:
        """Return the departure as the files of a run hold it."""
        return asdict(self)


def legal_departures(scenario: Scenario) -> list[Departure]:
    """Return the texts that a scenario supposes changed; empty under the law as it stands.

    A text counts from the day it holds: a scheme on request that ended before automatic opening
    existed departs from nothing. Under such a scheme nothing else of the enrolment is in use.
    """
    return [
        _departure(lever, value)
        for lever in levers()
        if lever.text and lever.since is not None and scenario.ends_on > lever.since
        if lever.key == MODE or scenario.enrolment.mode != OPT_IN
        if _departs(lever, value := _value(scenario, lever.key))
    ]


def _value(scenario: Scenario, key: str) -> str:
    """Return the value at a key as text; empty for none."""
    section, _, name = key.partition(".")
    found: object = getattr(getattr(scenario, section), name)
    if found is None:
        return ""
    return str(found).lower() if isinstance(found, bool) else str(found)


def _departs(lever: Lever, value: str) -> bool:
    if lever.value:
        return value == lever.value
    if is_period(value) and is_period(lever.in_force):
        return in_days_or_months(value) != in_days_or_months(lever.in_force)
    return value != lever.in_force


def _departure(lever: Lever, value: str) -> Departure:
    words = {
        language: {
            "value": in_words(value, language) if is_period(value) else value,
            "in_force": in_words(lever.in_force, language)
            if is_period(lever.in_force)
            else lever.in_force,
        }
        for language in ("fr", "en")
    }
    return Departure(
        path=lever.key,
        text=lever.text,
        value=value,
        in_force=lever.in_force,
        fr=lever.fr.format(**words["fr"]),
        en=lever.en.format(**words["en"]),
    )
