"""What a decision says, in sentences: go or not, why, and on what it depends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from etalon_reports.rounding import percent_decimals
from etalon_text.language import NO_BREAK
from etalon_text.number_formats import fewest_decimals, long_day, number, percent
from etalon_text.path_names import path_name
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_text.language import Language

_MINUTE: Final = 60
_MOST_SURE: Final = 0.995
_DRAWS: Final = (64, 256, 1024, 4096)
_BEYOND: Final = 1.92
"""Draws times risk from which the lower end of all of them lies above (Jeffreys, 90 %)."""


def decision_sentences(decision: Record, language: Language) -> Sequence[str]:
    """Return what a decision says, launch by launch, and the plan that was found."""
    said = [line for case in decision.rows("cases") for line in _case(decision, case, language)]
    return [*said, *_waves(decision, language)]


def leads(decision: Record, language: Language) -> Sequence[str]:
    """Return the first sentence of each launch, and the plan that was found."""
    said = [_lead(decision, case, language) for case in decision.rows("cases")]
    return [*said, *_waves(decision, language)]


def _case(decision: Record, case: Record, language: Language) -> Sequence[str]:
    asked = decision.figure("probability")
    values = {"asked": probability(asked, language), "enough": _enough(asked)}
    reason = text(f"decision.reason.{case.text('reason')}", language, **values)
    return [
        _lead(decision, case, language),
        reason,
        _busiest(decision, case, language),
        *_by_chance(case, language),
        _over(case, language),
        _deciding(case, language),
    ]


def _enough(asked: float) -> str:
    """Return how many draws tell, if each of them holds."""
    return str(next((count for count in _DRAWS if count * (1 - asked) > _BEYOND), _DRAWS[-1]))


def _lead(decision: Record, case: Record, language: Language) -> str:
    ends = (case.record("at_held").figure("low"), case.record("at_missed").figure("high"))
    return text(
        f"decision.lead.{case.text('answer')}",
        language,
        title=case.sentence("title", language),
        value=probability(case.record("holds").figure("value"), language),
        low=probability(ends[0], language),
        high=probability(ends[1], language),
        asked=probability(decision.figure("probability"), language),
    )


def _busiest(decision: Record, case: Record, language: Language) -> str:
    low, middle, high = (count(one, language) for one in case.figures("busiest"))
    capacity = decision.record("capacity")
    held, missed = capacity.figure("held"), capacity.optional_figure("missed")
    key = "decision.busiest_open" if missed is None else "decision.busiest"
    return text(
        key,
        language,
        low=low,
        middle=middle,
        high=high,
        at=instant(case.text("busiest_at"), language),
        held=count(held * _MINUTE, language),
        missed="" if missed is None else count(missed * _MINUTE, language),
    )


def _by_chance(case: Record, language: Language) -> Sequence[str]:
    if not case.count("draws"):
        return []
    low, _, high = (count(one, language) for one in case.figures("busiest_by_chance"))
    return [text("decision.by_chance", language, low=low, high=high)]


def _over(case: Record, language: Language) -> str:
    minutes, people = case.figures("minutes_over"), case.figures("turned_away")
    if not round(people[-1]):
        return text("decision.none_over", language)
    return text(
        "decision.over" if round(people[1]) else "decision.over_rarely",
        language,
        minutes=count(minutes[1], language),
        people=count(people[1], language),
        minutes_high=count(minutes[-1], language),
        people_high=count(people[-1], language),
    )


def _deciding(case: Record, language: Language) -> str:
    found = case.optional_record("deciding")
    if found is None:
        return text("decision.nothing_decides", language)
    path = found.text("path")
    middle = found.figure("middle")
    below, above = (
        probability(found.figure(half), language) for half in ("holds_below", "holds_above")
    )
    values = {
        "name": path_name(path, language) or path,
        "share": percent(found.figure("share"), language, 0),
    }
    if below == above:
        return text("decision.weighs_most", language, **values)
    return text(
        "decision.deciding",
        language,
        **values,
        middle=number(middle, language, fewest_decimals(float(f"{middle:.3g}"))),
        below=below,
        above=above,
    )


def _waves(decision: Record, language: Language) -> Sequence[str]:
    waves = decision.optional_record("waves")
    if waves is None:
        return []
    best = waves.optional_record("best")
    if best is None:
        return [text("decision.waves_none", language)]
    weeks = best.count("weeks")
    tried = {one.count("weeks"): one for one in waves.rows("tried")}
    return [
        text(
            "decision.waves_found_one" if weeks == 1 else "decision.waves_found",
            language,
            weeks=number(weeks, language),
            first=long_day(best.day("first_on"), language),
            last=long_day(best.day("last_on"), language),
            value=probability(tried[weeks].record("holds").figure("value"), language),
        )
    ]


def probability(value: float, language: Language, *, short: bool = False) -> str:
    """Return a probability to the per cent, and never certain; `short` for a table."""
    if value >= _MOST_SURE:
        most = percent(0.99, language, 0)
        return f">{NO_BREAK}{most}" if short else text("decision.more_than", language, value=most)
    if value <= 1 - _MOST_SURE:
        least = percent(0.01, language, 0)
        return f"<{NO_BREAK}{least}" if short else text("decision.less_than", language, value=least)
    return percent(value, language, min(percent_decimals(value), 1) if value < 0.1 else 0)  # noqa: PLR2004


def count(value: float, language: Language) -> str:
    """Return a number of arrivals, minutes or people, to three digits."""
    return number(float(f"{value:.3g}"), language)


def instant(written: str, language: Language) -> str:
    """Return a civil instant of Paris: 28 March 2022 at 10:15."""
    found = datetime.fromisoformat(written)
    hour, minute = f"{found:%H}", f"{found:%M}"
    day = long_day(found.date(), language)
    return text("decision.instant", language, day=day, hour=hour.lstrip("0") or "0", minute=minute)
