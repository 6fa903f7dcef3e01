"""Cases of the prevention calendar: for every rule, the days around the ends of its windows.

For each rule somebody is born so that its first window stands after the agenda opened; then what
they have is asked for the days beside each end of the campaign and of the window, and again once
the item was done, which moves what repeats or follows. Births at the edges of the days that a
rule holds come next; then some of these people under each vintage.
"""

from calendar import isleap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from etalon_model.agenda.agenda import Declaration, PreventionState
from etalon_model.agenda.civil_days import earlier, later
from etalon_model.agenda.prevention_calendar import RULES, PreventionRule, Window, windows
from etalon_model.parameters import VINTAGES, Parameters, vintage
from etalon_model.periods import Period
from etalon_model.tables import rows_of
from etalon_model.value_codec import Json
from etalon_model.vectors.cases import Case, case

_A_DAY: Final = timedelta(days=1)
_FAR: Final = date(2060, 1, 1)
_RULE_OF_KIND: Final = {
    "screening": "AGD-09",
    "dental": "AGD-12",
    "ophthalmology": "AGD-05",
    "child_exam": "AGD-10",
    "prevention_check": "AGD-11",
    "vaccine": "AGD-05",
}
_A_YEAR: Final = Period("P1Y")
_EVERY: Final = 12
_NOTHING: Final[Mapping[str, date]] = {}


def prevention_rows() -> list[Json]:
    """Return the rows of the calendar, for those who work the cases out from them."""
    kept = ("id", "kind", "sex", "age_from", "age_until", "steps", "after", "campaign_lead")
    days = ("starting_from", "starting_until", "born_from")
    return [{name: row[name] for name in (*kept, *days)} for row in rows_of("prevention_rules.csv")]


def prevention_cases(parameters: Parameters) -> Iterator[Case]:
    """Yield the cases: window by window, at the edges of the rules, by vintage."""
    opened_on = parameters.agenda_from
    for rule in RULES.values():
        who = _Person(_birth(rule, opened_on), rule.sex or "F", opened_on)
        first = next(one for one in windows(*who.until(_FAR), since=opened_on) if one.rule is rule)
        for on in _days(first):
            yield _case(rule, who, on)
        for done in _done(rule, first, who):
            for on in _next_days(rule, who, done):
                yield _case(rule, who, on, done)
        for born, on in _edges(rule):
            yield _case(rule, _Person(born, who.sex, earlier(on, _A_YEAR)), on)
    for name in VINTAGES:
        opened_on = vintage(name).agenda_from
        for rule in list(RULES.values())[::_EVERY]:
            who = _Person(_birth(rule, opened_on), "M", opened_on)
            yield _case(rule, who, opened_on, name=name)


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody, and the day on which the agenda opened for them."""

    born: date
    sex: str
    since: date

    def until(self, on: date) -> tuple[date, str, date]:
        return self.born, self.sex, on


def _birth(rule: PreventionRule, opened_on: date) -> date:
    """Return a birth date, a leap day when it can be, for which the rule has a window."""
    latest = max(opened_on, rule.starting_from or opened_on, rule.born_from or opened_on)
    year = latest.year + 1 - rule.age_from.months // 12
    return date(year, 2, 29) if isleap(year) else date(year, 8, 31)


def _days(window: Window) -> list[date]:
    """Return the first and last days of both windows, and the days beside them, in order."""
    ends = {window.campaign_from_on, window.from_on, window.campaign_until_on, window.until_on}
    return _beside(ends)


def _beside(firsts: set[date]) -> list[date]:
    return sorted({day for first in firsts for day in (first - _A_DAY, first)})


def _done(rule: PreventionRule, first: Window, who: _Person) -> Iterator[dict[str, date]]:
    """Yield what may have been done before: the item itself, the rule that this one follows."""
    yield {first.key: first.from_on + _A_DAY}
    if rule.after is not None:
        yield {f"{rule.after[0]}.2": earlier(later(who.born, rule.age_from), _A_YEAR)}


def _next_days(rule: PreventionRule, who: _Person, done: dict[str, date]) -> list[date]:
    """Return the days beside the start of what comes next of the rule, once something was done."""
    declared = {key: Declaration(PreventionState.DONE, day) for key, day in done.items()}
    coming = windows(*who.until(_FAR), declared, who.since)
    starts = [one.from_on for one in coming if one.rule is rule and one.key not in done]
    return _beside({min(starts)}) if starts else [max(done.values())]


def _edges(rule: PreventionRule) -> Iterator[tuple[date, date]]:
    """Yield births, and days to ask for, around the days that a rule holds."""
    age = rule.age_from
    for start in filter(None, (rule.starting_from, rule.starting_until)):
        for on in (start - _A_DAY, start, start + _A_DAY):
            yield earlier(on, age), on
            yield earlier(start - _A_DAY, age), on
    if rule.born_from is not None:
        for born in (rule.born_from - _A_DAY, rule.born_from):
            yield born, later(born, age)


def _case(
    rule: PreventionRule,
    who: _Person,
    on: date,
    done: Mapping[str, date] = _NOTHING,
    name: str = "",
) -> Case:
    given: Case = {
        "function": "prevention",
        "born": who.born.isoformat(),
        "sex": who.sex,
        "on": on.isoformat(),
        "since": who.since.isoformat(),
        "done": {key: day.isoformat() for key, day in done.items()},
    }
    under_vintage: Case = {"vintage": name} if name else {}
    # No switch bears on the calendar, whatever the vintage: G10 is a note.
    found = case(vintage(name or VINTAGES[-1]), _RULE_OF_KIND[rule.kind], given | under_vintage)
    return {**found, "row": rule.ident}
