"""From a scenario to its law: every share rounded once, every capacity scaled once.

Below full population every capacity is multiplied by the share of the population that is run,
rounded up, and at least 1. Relative gradients (age, sex, drawn effects of départements) are
divided by their mean over the adults concerned, so that `intent.opposition` is the share of
informed adults of the whole scenario whatever the gradients.
"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from etalon_scenarios import curves
from etalon_scenarios.curves import ONE, SIXTEEN_BITS, fixed
from etalon_scenarios.law import (
    NEVER,
    ActingLaw,
    Law,
    MediaLaw,
    MinorsLaw,
    NoticeLaw,
    PhoneLaw,
    WebLaw,
)
from etalon_scenarios.law_calendar import YEARS_OF_A_BAND, opening_law, reminder_laws, wave_law
from etalon_scenarios.law_response import response_law
from etalon_scenarios.layout import BANDS, CELLS, Layout
from etalon_scenarios.layout import Shares as StructuralShares
from etalon_scenarios.public_holidays import is_mail_day, is_working_day
from etalon_scenarios.scale import BEYOND, Scope
from etalon_scenarios.timetable import MINUTE, WEB_OPENS_MINUTE, Timetable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from etalon_scenarios.population_table import PopulationTable, Shares
    from etalon_scenarios.scenario import Scenario

INFORMATION_DAYS: Final = 21
"""Information calls spread over three weeks after delivery (assumption, source none)."""

OWN_FROM_MONTHS: Final = 16 * 12

OPEN_ON: Final[Mapping[str, Callable[[dt.date], bool]]] = {
    "working-days": is_working_day,
    "monday-to-saturday": is_mail_day,
    "every-day": lambda _: True,
}
"""Days on which the hotline answers, by the word of the scenario file."""


def lay_out(scenario: Scenario, table: PopulationTable, population: int) -> Layout:
    """Number the people of a run."""
    people = scenario.population
    shares = StructuralShares(
        children_per_household=int(people.children_per_household.value * 100),
        twins=fixed(people.twin_share.value),
        protected=fixed(people.protected_share.value),
    )
    counts = [table.counts[code] for code in table.departments]
    return Layout(table.departments, counts, population, scenario.starts_on, shares)


def build_law(scenario: Scenario, table: PopulationTable, layout: Layout, days: int) -> Law:
    """Compute the law of a run of `days` days."""
    scope = Scope(layout.size, table.full)
    timetable = Timetable(scenario.starts_on, days)
    calendar = [timetable.date(day) for day in range(days + BEYOND)]
    working = tuple(is_working_day(on) for on in calendar)
    waves = tuple(wave_law(wave, table, layout, timetable) for wave in scenario.waves)
    return Law(
        days=days,
        working=working,
        mail=tuple(is_mail_day(on) for on in calendar),
        opt_in=scenario.enrolment.mode == "opt-in",
        waves=waves,
        notice=_notice(scenario, scope, table),
        response=response_law(scenario, table, days),
        media=_media(scenario, scope, timetable),
        acting=_acting(scenario, table),
        phone=_phone(scenario, scope, calendar),
        web=_web(scenario, scope),
        opening=opening_law(scenario, scope, timetable, waves),
        random=scenario.scenario.random,
        reminders=tuple(reminder_laws(scenario, working, days)),
        minors=MinorsLaw(
            opened=scenario.minors.rule != "not-opened",
            own_from=OWN_FROM_MONTHS if scenario.minors.rule == "own-from-16" else NEVER,
        ),
    )


def _by_cell(
    table: PopulationTable, own: Mapping[str, Shares] | None, by_age: Sequence[Decimal], one: int
) -> tuple[int, ...]:
    """Spell a share out by cell: the user's own where the table says it, else by age."""
    if not own:
        everywhere = [fixed(by_age[band], one) for band in range(BANDS)]
        return tuple(share for share in everywhere for _ in (0, 1)) * len(table.departments)
    return tuple(
        fixed(own[code][band][sex], one)
        for code in table.departments
        for band in range(BANDS)
        for sex in (0, 1)
    )


def _notice(scenario: Scenario, scope: Scope, table: PopulationTable) -> NoticeLaw:
    notices, post, reading = scenario.notices, scenario.post, scenario.reading
    reached, cumulative = Decimal(0), list[int]()
    for share in post.delay_days.values:
        reached += share
        cumulative.append(fixed(min(reached, Decimal(1)), SIXTEEN_BITS))
    cumulative[-1] = SIXTEEN_BITS
    email = _by_cell(table, table.emails, notices.email_share.values, SIXTEEN_BITS)
    by_letter = (
        BANDS if notices.letter_from_age is None else notices.letter_from_age // YEARS_OF_A_BAND
    )
    return NoticeLaw(
        email=tuple(
            share if cell % CELLS // 2 < by_letter else 0 for cell, share in enumerate(email)
        ),
        bounce=fixed(notices.email_bounce.value, SIXTEEN_BITS),
        bounce_days=int(notices.bounce_delay_days.value),
        letters_per_day=scope.capacity(post.letters_per_day.value),
        post_delay=tuple(cumulative),
        undelivered=fixed(post.undelivered.value, SIXTEEN_BITS),
        read=(fixed(reading.email.value), fixed(reading.letter.value)),
        read_excluded=ONE
        if reading.excluded_factor is None or reading.excluded_factor.value == 1
        else fixed(reading.email.value * reading.excluded_factor.value),
        # A share of nobody is none: engines look for nobody then.
        excluded=()
        if notices.excluded_share is None or not any(notices.excluded_share.values)
        else tuple(fixed(share) for share in notices.excluded_share.values),
        letter_to_excluded=notices.letter_to_excluded,
        letter_after_bounce=notices.second_channel == "letter",
    )


def _media(scenario: Scenario, scope: Scope, timetable: Timetable) -> MediaLaw:
    media = scenario.media
    if media.shock_on is None and media.trigger_share is None:
        return MediaLaw(day=NEVER, trigger=NEVER, steps=())
    spent = curves.half_life(media.half_life_days.value, timetable.days + BEYOND)
    trigger = media.trigger_share
    return MediaLaw(
        day=NEVER if media.shock_on is None else timetable.day(media.shock_on),
        trigger=NEVER if trigger is None else max(1, int(trigger.value * scope.population)),
        steps=curves.increments([media.shock_size.value * value for value in spent]),
    )


def _acting(scenario: Scenario, table: PopulationTable) -> ActingLaw:
    accounts = _by_cell(table, table.accounts, (), ONE) if table.accounts else ()
    routes, friction = scenario.routes, scenario.friction
    return ActingLaw(
        phone=tuple(fixed(share) for share in routes.phone.values),
        post=fixed(routes.post.value),
        counter=fixed(routes.counter.value),
        post_days=int(routes.post_days.value),
        identity_failure=fixed(friction.identity_failure.value),
        call_after_failure=fixed(friction.calls_after_failure.value),
        code_lost=fixed(friction.lost_code.value),
        contact_known=(
            fixed(friction.contact_known_email.value),
            fixed(friction.contact_known_letter.value),
        ),
        accounts=accounts,
        regeneration_days=int(friction.regeneration_days.value),
    )


def _microseconds(time_of_day: str) -> int:
    hours, minutes = time_of_day.split(":")
    return (int(hours) * 60 + int(minutes)) * MINUTE


def _phone(scenario: Scenario, scope: Scope, calendar: Sequence[dt.date]) -> PhoneLaw:
    hotline = scenario.hotline
    is_open = OPEN_ON[hotline.open_on]
    opens = _microseconds(hotline.opens)
    return PhoneLaw(
        agents=scope.capacity(hotline.agents.value),
        lines=scope.capacity(hotline.lines.value),
        opens=opens,
        span=_microseconds(hotline.closes) - opens,
        open_days=tuple(is_open(on) for on in calendar),
        service=curves.exponential_quantiles(hotline.service_minutes.value * MINUTE),
        patience=curves.exponential_quantiles(hotline.patience_minutes.value * MINUTE),
        retry=fixed(hotline.retry.value),
        attempts=int(hotline.attempts.value),
        information=fixed(hotline.information_calls.value),
        information_days=INFORMATION_DAYS,
    )


def _web(scenario: Scenario, scope: Scope) -> WebLaw:
    website = scenario.website
    return WebLaw(
        admissions=scope.capacity(website.admissions_per_minute.value),
        returns=int(website.returns.value),
        return_minutes=int(website.return_within_minutes.value),
        minutes=visit_minutes(),
        call_after_refusal=0
        if website.calls_after_refusal is None
        else fixed(website.calls_after_refusal.value),
        ranges=_ranges(scenario, scope),
    )


def _ranges(scenario: Scenario, scope: Scope) -> tuple[tuple[int, int, int], ...]:
    """Scale the stretches of a capacity file; a platform that is down stays down."""
    midnight = dt.datetime.combine(scenario.starts_on, dt.time())
    minute = dt.timedelta(minutes=1)
    return tuple(
        (
            (stretch.starts - midnight) // minute,
            (stretch.ends - midnight) // minute,
            scope.capacity(Decimal(stretch.admissions)) if stretch.admissions else 0,
        )
        for stretch in scenario.capacity
    )


@lru_cache(maxsize=1)
def visit_minutes() -> tuple[int, ...]:
    """Return `QUANTILES` equally likely minutes of the day, from the table of web hours."""
    text = files("etalon_scenarios").joinpath("data/web_hours.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    weights = [int(row["weight"]) for row in rows]
    minutes: list[int] = []
    for rank in range(curves.QUANTILES):
        reached = rank * sum(weights)
        hour = 0
        while reached >= weights[hour] * curves.QUANTILES:
            reached -= weights[hour] * curves.QUANTILES
            hour += 1
        within = reached * 60 // (weights[hour] * curves.QUANTILES)
        minutes.append(WEB_OPENS_MINUTE + hour * 60 + within)
    return tuple(minutes)
