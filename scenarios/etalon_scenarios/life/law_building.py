"""From a scenario to the law of its open spaces: every share and every curve rounded once."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.curves import (
    ONE,
    QUANTILES,
    SIXTEEN_BITS,
    exp,
    exponential_quantiles,
    fixed,
    ln,
)
from etalon_scenarios.law_calendar import YEAR_DAYS
from etalon_scenarios.layout import BANDS, apportion
from etalon_scenarios.life.adoption import adopted, months_between, weekday_weight
from etalon_scenarios.life.kinds import CARE_KINDS, KIND, PROGRAMMES, SENDERS
from etalon_scenarios.life.law import (
    CELL_BITS,
    PACES,
    SLOT_BITS,
    TICK_BITS,
    LifeLaw,
    ProgrammeLaw,
    StreamLaw,
)
from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from numpy.typing import NDArray

    from etalon_scenarios.life.kinds import Programme
    from etalon_scenarios.life_sections import Life
    from etalon_scenarios.scenario import Scenario

_SCALE: Final = 1 << 36
"""Events expected of a person in a day are integers over it."""

_SLOWEST: Final = 1 << 40
_HALF: Final = Decimal("0.5")
_WEEK: Final = 7
_CONTEXT: Final = Context(prec=24)


class _Calendar:
    """Days of a run, and the month of each.

    Attributes:
        months: First day of each month.
        month_of_day: Rank of the month of each day.
        weights: Documents of each day, relative to the mean day.
    """

    def __init__(self, life: Life, starts_on: date, days: int) -> None:
        dates = [starts_on + timedelta(days=day) for day in range(days)]
        self.months = months_between(starts_on, days)
        ranks = {(on.year, on.month): rank for rank, on in enumerate(self.months)}
        self.month_of_day = [ranks[on.year, on.month] for on in dates]
        adoption = life.adoption
        mean = (_WEEK - 2 + adoption.saturday.value + adoption.sunday.value) / _WEEK
        self.weights = [weekday_weight(life, on) / mean for on in dates]


def life_law(scenario: Scenario, days: int) -> LifeLaw | None:
    """Compute the law of open spaces in a run of so many days; None where none is counted."""
    life = scenario.life
    if life is None or not life.counted:
        return None
    calendar, holders = _Calendar(life, scenario.starts_on, days), life.holders
    return LifeLaw(
        days=days,
        places_of_day=np.array(calendar.month_of_day, np.int64) << SLOT_BITS,
        gaps=_integers(_durations(Decimal(1) / DAY * (1 << TICK_BITS))),
        care=_care(life, calendar),
        holder=_holder(life, calendar),
        later=_later(scenario, days),
        by_phone=fixed(holders.by_phone.value, SIXTEEN_BITS),
        pairing=fixed(holders.pairing.value),
        pairing_days=_whole_days(holders.pairing_days.value),
        returning=fixed(holders.return_share.value, SIXTEEN_BITS),
        return_days=_whole_days(holders.return_days.value) + 1,
        legacy=fixed(holders.legacy_share.value, SIXTEEN_BITS),
        legacy_documents=_whole_days(max(Decimal(0), holders.legacy_documents.value - 1)) + 1,
        programmes=tuple(
            _programme(life, programme, scenario.starts_on) for programme in PROGRAMMES
        ),
        follow_days=_whole_days(life.prevention.follow_days.value),
    )


def _durations(mean_days: Decimal) -> tuple[int, ...]:
    return exponential_quantiles(mean_days * DAY)


def _integers(values: Sequence[int]) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def _whole_days(mean: Decimal) -> NDArray[np.int64]:
    """Return equally likely whole days of a mean; rounding down takes half a day on average."""
    if not mean:
        return np.zeros(QUANTILES, np.int64)
    return _integers(_durations(mean + _HALF)) // DAY


def _programme(life: Life, programme: Programme, starts_on: date) -> ProgrammeLaw:
    share = life.prevention.share(programme.name).value
    reminded = min(Decimal(1), share * life.prevention.effect.value)
    first, span = 0, programme.every_days
    if programme.from_month:
        begins = starts_on.replace(month=programme.from_month, day=1)
        first, span = (begins - starts_on).days, programme.span_days
        # Somebody whose turn of the year has passed waits for the next.
        first += programme.every_days if first < 0 else 0
    return ProgrammeLaw(
        first,
        span,
        programme.every_days,
        fixed(reminded, SIXTEEN_BITS),
        fixed(share, SIXTEEN_BITS),
    )


def _later(scenario: Scenario, days: int) -> NDArray[np.int64]:
    """Return, by age band, the share entered by each day after an automatic opening."""
    life = scenario.life
    yearly = Decimal(0) if life is None else life.holders.activation.value
    if yearly >= 1:
        return np.full((BANDS, days), SIXTEEN_BITS, np.int64)
    rate = -ln(1 - yearly) / YEAR_DAYS
    found = np.empty((BANDS, days), np.int64)
    for band, relative in enumerate(scenario.intent.activation_by_age.values):
        staying, kept = Decimal(1), exp(-rate * relative)
        for day in range(days):
            found[band, day] = fixed(1 - staying, SIXTEEN_BITS)
            staying = _CONTEXT.multiply(staying, kept)
    return found


def _care(life: Life, calendar: _Calendar) -> StreamLaw:
    """Compute the documents of care: acts, times documents an act, times what is sent of them."""
    sent = {
        sender: [adopted(life, sender, month).sending for month in calendar.months]
        for sender in SENDERS
    }
    volume = life.adoption.volume
    flows: list[list[list[Decimal]]] = []
    for band in range(BANDS):
        of_band: list[list[Decimal]] = []
        for kind in CARE_KINDS:
            own = life.sender(kind.sender)
            level = own.acts.values[band] * own.documents.value * volume * _part(life, kind.name)
            of_band.append([level / YEAR_DAYS * share for share in sent[kind.sender]])
        flows.append(of_band)
    ranks = [KIND[kind.name] for kind in CARE_KINDS]
    return _stream(flows, ranks, calendar, _paces(life.adoption.unevenness.value))


def _part(life: Life, kind: str) -> Decimal:
    """Return the part of a kind among the documents of its sender."""
    prescriptions = life.adoption.prescriptions.value
    return {"prescription": prescriptions, "consultation_letter": 1 - prescriptions}.get(
        kind, Decimal(1)
    )


def _holder(life: Life, calendar: _Calendar) -> StreamLaw:
    """Compute what holders add and exchange, alike at every age and in every month."""
    holders = life.holders
    flows = [
        [
            [number.value / YEAR_DAYS] * len(calendar.months)
            for number in (holders.own_documents, holders.messages)
        ]
    ]
    paces = _paces(life.adoption.unevenness.value)
    return _stream(flows, [KIND["own_document"], KIND["message"]], calendar, paces)


@lru_cache(maxsize=8)
def _paces(unevenness: Decimal) -> tuple[Decimal, ...]:
    """Return equally likely paces of mean 1: powers of an exponential law."""
    places = [(Decimal(rank) + _HALF) / PACES for rank in range(PACES)]
    raw = [exp(unevenness * ln(-ln(1 - place))) for place in places]
    mean = sum(raw, Decimal(0)) / PACES
    return tuple(pace / mean for pace in raw)


def _stream(
    flows: list[list[list[Decimal]]],
    ranks: Sequence[int],
    calendar: _Calendar,
    paces: Sequence[Decimal],
) -> StreamLaw:
    """Lay flows (by row, kind and month, events a mean day) over the clock of each row."""
    clocks = [_clock(by_kind, calendar) for by_kind in flows]
    kinds = [
        np.concatenate(
            [
                _places([flow[month] for flow in by_kind], ranks)
                for month in range(len(calendar.months))
            ]
        )
        for by_kind in flows
    ]
    return StreamLaw(
        day_of_cell=np.stack([clock[0] for clock in clocks]),
        cell_of_day=np.stack([clock[1] for clock in clocks]),
        pace=np.array([[_pace(clock[2], pace) for pace in paces] for clock in clocks], np.int64),
        kinds=np.stack(kinds),
        rows=tuple(range(BANDS)) if len(flows) == BANDS else (0,) * BANDS,
    )


def _clock(
    by_kind: list[list[Decimal]], calendar: _Calendar
) -> tuple[NDArray[np.uint16], NDArray[np.int64], int]:
    """Return the day of each cell, the first cell of each day, and the events of the run."""
    of_month = [
        sum((flow[month] for flow in by_kind), Decimal(0)) for month in range(len(calendar.months))
    ]
    expected = [
        fixed(of_month[month] * weight, _SCALE)
        for month, weight in zip(calendar.month_of_day, calendar.weights, strict=True)
    ]
    reached, total = [0], 0
    for events in expected:
        total += events
        reached.append(total)
    cells = 1 << CELL_BITS
    if not total:
        # Every day begins at the end of a clock that never runs: nothing happens.
        return np.zeros(cells, np.uint16), np.zeros(len(reached), np.int64), 0
    # A cell belongs to the day in which its middle falls.
    firsts = [max(0, -((total - 2 * cells * events) // (2 * total))) for events in reached]
    days = np.repeat(np.arange(len(expected), dtype=np.uint16), np.diff(firsts))
    return days, np.array(firsts, np.int64), total


def _pace(total: int, pace: Decimal) -> int:
    if not total or not pace:
        return _SLOWEST
    ticks = Decimal(ONE) * _SCALE / (total * pace)
    return max(1, min(int(ticks.to_integral_value(ROUND_HALF_EVEN)), _SLOWEST))


def _places(flows: Sequence[Decimal], ranks: Sequence[int]) -> NDArray[np.uint8]:
    """Share the places of a month out among kinds, in proportion to their flows."""
    counts = [fixed(flow, _SCALE) for flow in flows]
    if not any(counts):
        counts[0] = 1
    return np.repeat(np.array(ranks, np.uint8), apportion(counts, 1 << SLOT_BITS))
