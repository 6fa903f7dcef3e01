"""From a scenario to its law: every share rounded once, every capacity scaled once.

Below full population every capacity is multiplied by the share of the population that is run,
rounded up, and at least 1. Relative gradients (age, sex, drawn effects of départements) are
divided by their mean over the adults concerned, so that `intent.opposition` is the share of
informed adults of the whole scenario whatever the gradients.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from etalon_model import Period
from etalon_scenarios import curves
from etalon_scenarios.curves import ONE, SIXTEEN_BITS, fixed
from etalon_scenarios.draws import Slot, draw, stream
from etalon_scenarios.law import (
    NEVER,
    ActingLaw,
    Law,
    MediaLaw,
    NoticeLaw,
    OpeningLaw,
    PhoneLaw,
    ResponseLaw,
    WaveLaw,
    WebLaw,
)
from etalon_scenarios.layout import ADULT_BANDS, BANDS, Layout
from etalon_scenarios.layout import Shares as StructuralShares
from etalon_scenarios.public_holidays import is_mail_day, is_working_day
from etalon_scenarios.timetable import MINUTE, PRINTER, WEB_OPENS_MINUTE, Timetable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from etalon_scenarios.population_table import PopulationTable, Shares
    from etalon_scenarios.scenario import Scenario

BEYOND: Final = 60
"""Days known after the horizon: an act may be planned there, and is then never reached."""

INFORMATION_DAYS: Final = 21
"""Information calls spread over three weeks after delivery (assumption, source none)."""

GIRLS_AT_BIRTH: Final = Decimal("0.488")
"""Share of girls among newborns (assumption: general knowledge, source none)."""

OPT_IN_ONLINE: Final = Decimal("0.39")
"""Share of voluntary records opened on line, December 2018 (innovation-mutuelle.fr)."""

MONDAY: Final = 0
YEAR_DAYS: Final = Decimal("365.25")
UNIFORMS: Final = 12
"""Twelve uniform draws less six stand for a normal one: exact in integers, tails cut at six."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a scenario's population that a run holds.

    Attributes:
        population: People of the run.
        full: People of the scenario.
    """

    population: int
    full: int

    def capacity(self, full_scale: Decimal) -> int:
        """Scale a capacity to the run: rounded up, at least 1."""
        return max(1, -(-int(full_scale) * self.population // self.full))


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
    waves = tuple(_wave(scenario, rank, layout, timetable) for rank in range(len(scenario.waves)))
    return Law(
        days=days,
        working=working,
        mail=tuple(is_mail_day(on) for on in calendar),
        opt_in=scenario.enrolment.mode == "opt-in",
        waves=waves,
        notice=_notice(scenario, scope, table),
        response=_response(scenario, table, days),
        media=_media(scenario, scope, timetable),
        acting=_acting(scenario, table),
        phone=_phone(scenario, scope, working),
        web=_web(scenario, scope),
        opening=_opening(scenario, scope, timetable, waves),
    )


def _wave(scenario: Scenario, rank: int, layout: Layout, timetable: Timetable) -> WaveLaw:
    wave = scenario.waves[rank]
    length = (wave.last_on - wave.first_on).days + 1
    dates = (wave.first_on + timedelta(days=step) for step in range(length))
    days = tuple(timetable.day(on) for on in dates if is_working_day(on))
    sizes = [
        len(layout.department_range(index))
        if wave.departments == "all" or code in wave.departments
        else 0
        for index, code in enumerate(layout.departments)
    ]
    total = sum(sizes)
    if wave.order == "spread":
        return WaveLaw(
            days=days,
            before=(0,) * len(sizes),
            size=tuple(total if size else 0 for size in sizes),
            total=total,
        )
    before = tuple(sum(sizes[:index]) for index in range(len(sizes)))
    return WaveLaw(days=days, before=before, size=tuple(sizes), total=total)


def _by_cell(
    table: PopulationTable, own: Mapping[str, Shares] | None, by_age: Sequence[Decimal], one: int
) -> tuple[int, ...]:
    """Spell a share out by cell: the user's own where the table says it, else by age."""
    return tuple(
        fixed(own[code][band][sex] if own else by_age[band], one)
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
    return NoticeLaw(
        email=_by_cell(table, table.emails, notices.email_share.values, SIXTEEN_BITS),
        bounce=fixed(notices.email_bounce.value, SIXTEEN_BITS),
        bounce_days=int(notices.bounce_delay_days.value),
        letters_per_day=scope.capacity(post.letters_per_day.value),
        post_delay=tuple(cumulative),
        undelivered=fixed(post.undelivered.value, SIXTEEN_BITS),
        read=(fixed(reading.email.value), fixed(reading.letter.value)),
    )


def _response(scenario: Scenario, table: PopulationTable, days: int) -> ResponseLaw:
    intent, response = scenario.intent, scenario.response
    surge = response.deadline_surge.value
    surge_days = int(response.deadline_surge_days.value)
    prompt = [
        (1 - surge) * value for value in curves.exponential(response.tau_days.value, days + BEYOND)
    ]
    share = response.activation_fast_share.value
    fast = curves.exponential(response.activation_fast_tau_days.value, days + BEYOND)
    slow = curves.exponential(response.activation_slow_tau_days.value, days + BEYOND)
    activation = [share * f + (1 - share) * s for f, s in zip(fast, slow, strict=True)]
    sexes = (intent.opposition_female.value, 2 - intent.opposition_female.value)
    return ResponseLaw(
        oppose=_levels(
            intent.opposition.value,
            intent.opposition_by_age.values,
            sexes,
            _department_effects(scenario, table),
            table,
        ),
        activate=_levels(
            intent.activation.value,
            intent.activation_by_age.values,
            (Decimal(1), Decimal(1)),
            [Decimal(1)] * len(table.departments),
            table,
        ),
        uninformed=fixed(scenario.reading.uninformed_factor.value),
        child_oppose=fixed(intent.child_opposition.value),
        child_activate=fixed(intent.child_activation.value),
        oppose_steps=curves.increments(prompt),
        activate_steps=curves.increments(activation),
        surge_step=fixed(surge / surge_days),
        surge_days=surge_days,
    )


def _levels(
    level: Decimal,
    by_age: tuple[Decimal, ...],
    by_sex: tuple[Decimal, Decimal],
    by_department: list[Decimal],
    table: PopulationTable,
) -> tuple[int, ...]:
    """Level by cell (département, band, sex), its mean over the adults being `level`."""
    weight = total = Decimal(0)
    relative: list[Decimal] = []
    for code, effect in zip(table.departments, by_department, strict=True):
        for band in range(BANDS):
            for sex in (0, 1):
                ratio = by_age[band] * by_sex[sex] * effect
                relative.append(ratio)
                if band in ADULT_BANDS:
                    people = table.counts[code][band][sex]
                    weight += people
                    total += people * ratio
    mean = total / weight if total else Decimal(1)
    return tuple(min(ONE, fixed(level * ratio / mean)) for ratio in relative)


def _department_effects(scenario: Scenario, table: PopulationTable) -> list[Decimal]:
    """Draw the odds ratio of each département: the same in every scenario with the same seed."""
    spread = scenario.intent.department_sd.value
    key = stream(scenario.intent.department_seed, Slot.DEPARTMENT_EFFECT)
    effects: list[Decimal] = []
    for code in table.departments:
        first = int.from_bytes(code.encode(), "big") * UNIFORMS
        uniforms = sum(draw(key, first + rank) >> 32 for rank in range(UNIFORMS))
        normal = Decimal(uniforms) / ONE - UNIFORMS // 2
        effects.append(curves.exp(spread * normal))
    return effects


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


def _phone(scenario: Scenario, scope: Scope, working: tuple[bool, ...]) -> PhoneLaw:
    hotline = scenario.hotline
    opens = _microseconds(hotline.opens)
    return PhoneLaw(
        agents=scope.capacity(hotline.agents.value),
        lines=scope.capacity(hotline.lines.value),
        opens=opens,
        span=_microseconds(hotline.closes) - opens,
        open_days=working,
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
    )


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


def _opening(
    scenario: Scenario, scope: Scope, timetable: Timetable, waves: tuple[WaveLaw, ...]
) -> OpeningLaw:
    creation, vital = scenario.creation, scenario.population.vital_events
    people = scenario.population
    window = Period(scenario.enrolment.opposition_window)
    validity = Period(scenario.enrolment.code_validity)
    days = timetable.days
    window_ends = _ends(window, timetable)
    last = max((wave.days[-1] for wave in waves), default=0)
    after_all = _end(window, timetable, last) if creation.clock == "last-wave" else 0
    retry = timetable.date(0)
    return OpeningLaw(
        starts=timetable.day(creation.starts_on),
        per_day=scope.capacity(creation.per_day.value),
        impossible=fixed(creation.impossible_share.value),
        retry_days=timetable.day(_date_after(Period(creation.retry_after), retry, timetable)),
        eligible=tuple(max(end, after_all) for end in window_ends),
        code_ends=_ends(validity, timetable),
        window_ends=window_ends,
        closing=fixed(scenario.closing.per_year.value / YEAR_DAYS),
        deaths=_daily(people.deaths_per_year.values, on=vital),
        births=_daily(people.births_per_year.values, on=vital),
        newborn_girls=fixed(GIRLS_AT_BIRTH),
        newcomer_weekday=MONDAY,
        opt_in_online=fixed(OPT_IN_ONLINE),
        opt_in_steps=_opt_in_steps(scenario, timetable, days),
    )


def _daily(per_year: tuple[Decimal, ...], *, on: bool) -> tuple[int, ...]:
    return tuple(fixed(value / YEAR_DAYS) if on else 0 for value in per_year)


def _date_after(period: Period, sent_on: date, timetable: Timetable) -> date:
    sent_at = timetable.instant(timetable.day(sent_on) * 24 * 60 * MINUTE + PRINTER)
    return timetable.civil_date(period.after(sent_at))


def _end(period: Period, timetable: Timetable, day: int) -> int:
    return timetable.day(_date_after(period, timetable.date(day), timetable))


def _ends(period: Period, timetable: Timetable) -> tuple[int, ...]:
    return tuple(_end(period, timetable, day) for day in range(timetable.days))


def _opt_in_steps(scenario: Scenario, timetable: Timetable, days: int) -> tuple[int, ...]:
    if scenario.optin is None:
        return ()
    steps = [0] * days
    for segment in scenario.optin.segments:
        first = max(0, timetable.day(segment.from_on))
        last = min(days - 1, timetable.day(segment.to_on))
        for day in range(first, last + 1):
            steps[day] += fixed(segment.per_day.value)
    return tuple(steps)
