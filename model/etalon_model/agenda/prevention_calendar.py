"""The calendar of prevention: which items somebody has, and in which windows.

Sixty rules stand in `data/prevention_rules.csv`, each with the ages it runs between, what repeats
it and the days it holds: screenings, vaccines, compulsory examinations of children, prevention
check-ups, dental check-ups (M'T dents). An item has a prevention window and, before or as long
as it, a campaign window in which the service invites.

Sources: public pages on organised screenings, service-public.fr F967, vaccination schedules as
republished, demonstration data of the official application.
Reading: a repeated item begins again when its window ends, or one interval after it was done.
A rule whose successor nobody of this project has read goes on, and its items bear the gap G10.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from etalon_model.agenda.agenda import Declaration, PreventionState
from etalon_model.agenda.civil_days import earlier, later, months_later
from etalon_model.periods import Period
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

_NOTHING: Final[Mapping[str, Declaration]] = {}


@dataclass(frozen=True, slots=True)
class PreventionRule:
    """A row of the calendar.

    Attributes:
        ident: Its identifier (`SCR_BREAST`).
        kind: `screening`, `dental`, `ophthalmology`, `child_exam`, `prevention_check`, `vaccine`.
        type_code: Code of the item in the official application.
        title: What it is, in our own words.
        sex: `F`, `M`, or an empty string for both.
        age_from: Age at which the first window begins.
        age_until: Age at which no window lasts any longer.
        step_months: Months from one occurrence to the next, in order; 0 when no text gives them.
        repeats: The last step repeats.
        after: Rule that this one follows, and how long after it was last done, or None.
        campaign_lead: How long before the window the service invites, or None.
        level: `RECOMMANDE` or `OBLIGATOIRE`.
        starting_from: First day a window of the rule exists, or None.
        starting_until: Last day a window of the rule may begin, or None.
        born_from: Earliest birth date concerned, or None.
        known_until: Last day for which the source gives the rule, or None.
        source: Keys of `data/sources.csv`.
        certainty: How sure it is.
    """

    ident: str
    kind: str
    type_code: str
    title: str
    sex: str
    age_from: Period
    age_until: Period
    step_months: tuple[int, ...]
    repeats: bool
    after: tuple[str, Period] | None
    campaign_lead: Period | None
    level: str
    starting_from: date | None
    starting_until: date | None
    born_from: date | None
    known_until: date | None
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Window:
    """An occurrence of a rule for somebody; days ending a window are not of it.

    Attributes:
        rule: The rule.
        occurrence: Its number, from 1.
        campaign_from_on: First day of the campaign window.
        campaign_until_on: End of the campaign window.
        from_on: First day of the prevention window.
        until_on: End of the prevention window.
    """

    rule: PreventionRule
    occurrence: int
    campaign_from_on: date
    campaign_until_on: date
    from_on: date
    until_on: date

    @property
    def key(self) -> str:
        """The key under which declarations about it are kept (`SCR_BREAST.1`)."""
        return f"{self.rule.ident}.{self.occurrence}"

    @property
    def gap(self) -> str:
        """`G10` when the window begins after the days for which the source gives the rule."""
        known_until = self.rule.known_until
        return "" if known_until is None or self.from_on <= known_until else "G10"


def _rule(row: dict[str, str]) -> PreventionRule:
    after = row["after"].split()
    return PreventionRule(
        ident=row["id"],
        kind=row["kind"],
        type_code=row["type_code"],
        title=row["title"],
        sex=row["sex"],
        age_from=Period(row["age_from"]),
        age_until=Period(row["age_until"]),
        step_months=tuple(Period(step).months for step in row["steps"].removesuffix("*").split()),
        repeats=row["steps"].endswith("*"),
        after=(after[0], Period(after[1])) if after else None,
        campaign_lead=Period(row["campaign_lead"]) if row["campaign_lead"] else None,
        level=row["level"],
        starting_from=_day(row["starting_from"]),
        starting_until=_day(row["starting_until"]),
        born_from=_day(row["born_from"]),
        known_until=_day(row["known_until"]),
        source=row["source"],
        certainty=row["certainty"],
    )


def _day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


RULES: Final = {row["id"]: _rule(row) for row in rows_of("prevention_rules.csv")}
"""The sixty rules, by identifier."""

_BY_AGE: Final = tuple(
    (rule, rule.age_from.months // 12, rule.age_until.months // 12 + 1) for rule in RULES.values()
)


@enforces("AGD-05", "AGD-09", "AGD-10", "AGD-11", "AGD-12")
def windows(
    birth_on: date,
    sex: str,
    on: date,
    declared: Mapping[str, Declaration] = _NOTHING,
    since: date = date.min,
) -> Iterator[Window]:
    """Yield, rule after rule, the windows begun by `on` that had not ended by `since`.

    A window has begun when its campaign has.
    """
    # Whole years first: most rules are those of another age, and dates cost more than numbers.
    oldest, youngest = on.year - birth_on.year + 1, since.year - birth_on.year - 1
    for rule, first_years, last_years in _BY_AGE:
        if (
            first_years <= oldest
            and last_years >= youngest
            and rule.sex in {"", sex}
            and (rule.born_from is None or birth_on >= rule.born_from)
        ):
            yield from _windows(rule, birth_on, (since, on), declared)


def _windows(
    rule: PreventionRule,
    birth_on: date,
    between: tuple[date, date],
    declared: Mapping[str, Declaration],
) -> Iterator[Window]:
    since, on = between
    start, last = later(birth_on, rule.age_from), later(birth_on, rule.age_until)
    # What repeats is counted in months from the birth, then from the last day it was done.
    anchor, months = birth_on, rule.age_from.months
    if rule.after is not None and declared:
        after = _following(*rule.after, declared)
        if after is not None and after > start:
            anchor, months, start = after, 0, after
    occurrence = 0 if declared else _skipped(rule, start, since)
    if occurrence:
        months += occurrence * rule.step_months[0]
        start = months_later(anchor, months)
    while start < last:
        step = _step_months(rule, occurrence)
        months += step or 0
        following = months_later(anchor, months)
        occurrence += 1
        end = min(following, last) if step else last
        if end > since:
            window = _window(rule, occurrence, start, end)
            if window is not None:
                if window.campaign_from_on > on:
                    return
                yield window
        if step is None:
            return
        done = declared.get(f"{rule.ident}.{occurrence}") if declared else None
        if done is not None and done.executed_on is not None:
            anchor, months = max(done.executed_on, start), step
            following = months_later(anchor, months)
        start = following


def _skipped(rule: PreventionRule, start: date, since: date) -> int:
    """Return how many occurrences of a rule that repeats had surely ended before `since`."""
    if not rule.repeats or since <= start:
        return 0
    elapsed = 12 * (since.year - start.year) + since.month - start.month
    return max(0, elapsed // rule.step_months[0] - 1)


def _step_months(rule: PreventionRule, occurrence: int) -> int | None:
    """Return the months from an occurrence, numbered from 0, to the next; None at the end."""
    if occurrence < len(rule.step_months):
        return rule.step_months[occurrence]
    return rule.step_months[-1] if rule.repeats else None


def _window(rule: PreventionRule, occurrence: int, start: date, end: date) -> Window | None:
    """Return the occurrence within the days of the rule, or None when none of it is."""
    if rule.starting_from is not None:
        start = max(start, rule.starting_from)
    if start >= end or (rule.starting_until is not None and start > rule.starting_until):
        return None
    opens, closes = _invites(rule, start)
    return Window(rule, occurrence, opens, closes or end, start, end)


@enforces("AGD-12")
def _invites(rule: PreventionRule, start: date) -> tuple[date, date | None]:
    """Return the campaign window; None ends it with the prevention window."""
    if rule.campaign_lead is None:
        return start, None
    return earlier(start, rule.campaign_lead), start


def _following(rule: str, period: Period, declared: Mapping[str, Declaration]) -> date | None:
    """Return one period after the rule was last done, or None when it never was."""
    done = [
        known.executed_on
        for key, known in declared.items()
        if key.partition(".")[0] == rule and known.executed_on is not None
    ]
    return later(max(done), period) if done else None


def state_on(window: Window, on: date, declared: Declaration | None) -> PreventionState:
    """Return what was declared, else whether there is still time to plan it."""
    if declared is not None:
        return declared.state
    return PreventionState.TO_PLAN if on < window.until_on else PreventionState.NOT_SPECIFIED
