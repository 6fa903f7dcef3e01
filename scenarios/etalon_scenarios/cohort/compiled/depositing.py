# pyright: standard
"""The life of spaces, compiled: `life.living.Household.live`, person by person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.arrivals import NEVER_DAY
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import FIRST_MULTIPLIER, GOLDEN, SECOND_MULTIPLIER, Slot
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KIND, KINDS, MOMENT, PROGRAMMES
from etalon_scenarios.life.law import GAP_SHIFT, SLOT_BITS, SLOT_SHIFT, TICK_BITS
from etalon_scenarios.life.numbering import REMINDERS, SECOND_LIFE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers
    from etalon_scenarios.life.account import Account
    from etalon_scenarios.life.batches import Batch
    from etalon_scenarios.life.law import LifeLaw, StreamLaw
    from etalon_scenarios.life.spaces import Spaces

    Whole = int | np.int64

_GOLDEN: Final = np.uint64(GOLDEN)
_MIXERS: Final = (np.uint64(FIRST_MULTIPLIER), np.uint64(SECOND_MULTIPLIER))
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31))
_GAP_SHIFT, _SLOT_SHIFT = np.uint64(GAP_SHIFT), np.uint64(SLOT_SHIFT)
_GAP_MASK, _SLOT_MASK = np.uint64(QUANTILES - 1), np.uint64((1 << SLOT_BITS) - 1)
_BYTE, _WORD16 = np.uint64((1 << 8) - 1), np.uint64((1 << 16) - 1)
_EIGHT, _SIXTEEN, _HALF = np.uint64(8), np.uint64(16), np.uint64(32)
_TICK_BITS: Final = np.uint64(TICK_BITS)
_KINDS: Final = len(KINDS)
_KINDS_EACH: Final = np.uint64(_KINDS)
_LEGACY_KIND: Final = KIND["legacy_document"]
_FIRST, _FIFTH = FIRST_DOCUMENTS
_NEVER: Final = NEVER_DAY
_SECOND_LIFE: Final = SECOND_LIFE
_REMINDERS: Final = REMINDERS
_SLOTS: Final = (
    Slot.LIFE,
    Slot.LATER,
    Slot.LEGACY,
    Slot.DEPOSIT,
    Slot.HOLDER,
    Slot.PREVENTION,
)
_LIFE, _LATER, _LEGACY, _DEPOSIT, _HOLDER, _PREVENTION = range(len(_SLOTS))
_OPENED, _ENDED, _REOPENED = (MOMENT[f"space_{what}"] for what in ("opened", "ended", "reopened"))
_ONE, _FIVE = MOMENT["first_document"], MOMENT["fifth_document"]
_ENTERED, _BY_PHONE = MOMENT["entered"], MOMENT["entered_by_phone"]
_ENTERED_LATER, _PAIRED = MOMENT["entered_later"], MOMENT["app_paired"]


class Days(NamedTuple):
    """Columns of everybody, as those of `Spaces`."""

    opened: NDArray[np.uint16]
    entered: NDArray[np.uint16]
    left: NDArray[np.uint16]
    died: NDArray[np.uint16]


class Events(NamedTuple):
    """A row of a `StreamLaw`, and what of the law every event reads.

    Attributes:
        pace: Ticks in a gap of 1 for each pace.
        cells: First tick of each day, and of the day after the run.
        days: Day of each cell of the clock.
        kinds: Places of each month.
        gaps: Equally likely gaps; in half the bytes, they stay in a level-1 cache.
        places: Where the kinds of each day begin.
    """

    pace: Bits
    cells: Bits
    days: NDArray[np.uint16]
    kinds: NDArray[np.uint8]
    gaps: NDArray[np.uint32]
    places: NDArray[np.uint32]


class Tables(NamedTuple):
    """The law of one band.

    Attributes:
        days: Days of the run.
        shares: Shares by telephone, of apps, of spaces opened again, of records of before.
        later: As those of `LifeLaw`, like what follows: share entered by each day after an
            automatic opening.
        pairing_days: Days until an app is paired.
        return_days: Days until a space is opened again.
        legacy: Documents of a record of before.
        follow_days: Days until a reminder is followed.
        programmes: Rank, first day, span, interval, two shares, two moments and whether for women
            alone, of each programme of the band.
    """

    days: int
    shares: tuple[int, int, int, int]
    later: Numbers
    pairing_days: Numbers
    return_days: Numbers
    legacy: Numbers
    follow_days: Numbers
    programmes: Numbers


def live(
    law: LifeLaw, spaces: Spaces, keys: Mapping[Slot, int], batch: Batch, account: Account
) -> None:
    """Let people of one band live with their spaces, and count what happens to them."""
    moments = np.zeros((len(MOMENT), law.days), np.int64)
    _live(
        np.stack(batch[1:], axis=1),
        Days(spaces.opened, spaces.entered, spaces.left, spaces.died),
        np.array([keys[slot] for slot in _SLOTS], np.uint64),
        _tables(law, batch.band),
        _events(law, law.care, batch.band),
        _events(law, law.holder, batch.band),
        account.deposits.reshape(-1),
        moments,
    )
    account.moments[:, :, batch.band] += moments


def _events(law: LifeLaw, stream: StreamLaw, band: int) -> Events:
    row = stream.rows[band]
    return Events(
        stream.pace[row].astype(np.uint64),
        stream.cell_of_day[row].astype(np.uint64) << np.uint64(TICK_BITS),
        stream.day_of_cell[row],
        stream.kinds[row],
        law.gaps.astype(np.uint32),
        law.places_of_day.astype(np.uint32),
    )


def _tables(law: LifeLaw, band: int) -> Tables:
    programmes = [
        (
            rank,
            found.first,
            found.span,
            found.every,
            found.entered,
            found.others,
            MOMENT[f"{programme.name}_due"],
            MOMENT[f"{programme.name}_followed"],
            int(programme.women_only),
        )
        for rank, (programme, found) in enumerate(zip(PROGRAMMES, law.programmes, strict=True))
        if programme.first_band <= band <= programme.last_band
    ]
    return Tables(
        law.days,
        (law.by_phone, law.pairing, law.returning, law.legacy),
        law.later[band],
        law.pairing_days,
        law.return_days,
        law.legacy_documents,
        law.follow_days,
        np.array(programmes, np.int64).reshape(-1, 9),
    )


@kernel(inline=True)
def _draw(key: np.uint64, number: Whole) -> np.uint64:
    bits = np.uint64(number) * _GOLDEN + key
    bits = (bits ^ (bits >> _SHIFTS[0])) * _MIXERS[0]
    bits = (bits ^ (bits >> _SHIFTS[1])) * _MIXERS[1]
    return bits ^ (bits >> _SHIFTS[2])


# What is taken out of a tuple of arrays is counted as in use: at the head, not once a person.
@kernel()
def _live(  # noqa: PLR0913, PLR0917 (people, tables of the law, counts)
    stretches: Numbers,
    days: Days,
    keys: Bits,
    law: Tables,
    care: Events,
    holder: Events,
    counts: Numbers,
    moments: Numbers,
) -> None:
    opening, entering, leaving, dying = days
    span, shares, later, pairing_days, return_days, legacy, follow_days, programmes = law
    pace, cells, day_of, kinds, gaps, places = care
    own_pace, own_cells, own_day_of, own_kinds, own_gaps, own_places = holder
    for stretch in range(len(stretches)):
        start, size, women, department = stretches[stretch]
        base = np.uint64(department * (span * _KINDS))
        for number in range(start, start + size):
            opened, left = np.int64(opening[number]), np.int64(leaving[number])
            if opened >= left:
                continue
            moments[_OPENED, opened] += 1
            held = _take_over(keys, number, shares[3], base, opened, legacy, counts, moments)
            nature, late = _draw(keys[_LIFE], number), _draw(keys[_LATER], number)
            seed, rank = _draw(keys[_DEPOSIT], number), nature & _BYTE
            held = _receive(
                pace[rank], cells[opened], cells[left], seed, base, held,
                day_of, kinds, gaps, places, counts, moments,
            )  # fmt: skip
            entered: Whole = np.int64(entering[number])
            if entered == _NEVER:
                entered = _enter(opened, left, late, later, moments)
            if entered < left:
                _settle(nature, entered, left, shares, pairing_days, moments)
                _receive(
                    own_pace[rank], own_cells[entered], own_cells[left],
                    _draw(keys[_HOLDER], number), base, _FIFTH,
                    own_day_of, own_kinds, own_gaps, own_places, counts, moments,
                )  # fmt: skip
            if left < span:
                end = min(np.int64(span), np.int64(dying[number]))
                again = _come_back(left, end, span, late, shares[2], return_days, moments)
                if again < end:
                    _receive(
                        pace[rank], cells[again], cells[end], _draw(seed, _SECOND_LIFE), base, held,
                        day_of, kinds, gaps, places, counts, moments,
                    )  # fmt: skip
            stay, key = (opened, entered, left, span), _draw(keys[_PREVENTION], number)
            for row in range(len(programmes)):
                _remind(programmes, row, number < start + women, key, stay, follow_days, moments)


@kernel()
def _take_over(  # noqa: PLR0913, PLR0917 (as `_live`)
    keys: Bits,
    number: int,
    share: int,
    base: np.uint64,
    opened: Whole,
    legacy: Numbers,
    counts: Numbers,
    moments: Numbers,
) -> Whole:
    bits = _draw(keys[_LEGACY], number)
    if np.int64((bits >> _HALF) & _WORD16) >= share:
        return np.int64(0)
    held: Whole = legacy[bits & _GAP_MASK]
    counts[base + np.uint64(opened * _KINDS + _LEGACY_KIND)] += held
    if held >= _FIRST:
        moments[_ONE, opened] += 1
    if held >= _FIFTH:
        moments[_FIVE, opened] += 1
    return held


@kernel()
def _come_back(  # noqa: PLR0913, PLR0917 (as `_live`)
    left: Whole,
    end: Whole,
    span: int,
    late: np.uint64,
    share: int,
    return_days: Numbers,
    moments: Numbers,
) -> Whole:
    moments[_ENDED, left] += 1
    again = np.int64(left + return_days[(late >> _SIXTEEN) & _GAP_MASK])
    if np.int64(late & _WORD16) >= share or again >= end:
        return end
    moments[_REOPENED, again] += 1
    if end < span:
        moments[_ENDED, end] += 1
    return again


@kernel()
def _enter(opened: Whole, left: Whole, late: np.uint64, later: Numbers, moments: Numbers) -> Whole:
    drawn = np.int64((late >> _HALF) & _WORD16)
    # Most never do: one look at the last day tells, before any search.
    if drawn >= later[left - opened - 1]:
        return _NEVER
    entered = np.int64(opened + np.searchsorted(later, drawn, side="right"))
    moments[_ENTERED_LATER, entered] += 1
    return entered


@kernel()
def _settle(  # noqa: PLR0913, PLR0917 (as `_live`)
    nature: np.uint64,
    entered: Whole,
    left: Whole,
    shares: tuple[int, int, int, int],
    pairing_days: Numbers,
    moments: Numbers,
) -> None:
    moments[_ENTERED, entered] += 1
    if np.int64((nature >> _EIGHT) & _WORD16) < shares[0]:
        moments[_BY_PHONE, entered] += 1
    drawn = np.int64(nature >> _HALF)
    paired = entered + pairing_days[drawn & (QUANTILES - 1)]
    if drawn < shares[1] and paired < left:
        moments[_PAIRED, paired] += 1


@kernel()
def _receive(  # noqa: PLR0913, PLR0917 (as `_live`)
    pace: np.uint64,
    at: np.uint64,
    last: np.uint64,
    key: np.uint64,
    base: np.uint64,
    held: Whole,
    day_of: NDArray[np.uint16],
    kinds: NDArray[np.uint8],
    gaps: NDArray[np.uint32],
    places: NDArray[np.uint32],
    counts: Numbers,
    moments: Numbers,
) -> Whole:
    word, upper = np.uint64(0), False
    while True:
        if upper:
            word >>= _HALF
        else:
            word = (key ^ (key >> _SHIFTS[0])) * _MIXERS[0]
            word = (word ^ (word >> _SHIFTS[1])) * _MIXERS[1]
            word ^= word >> _SHIFTS[2]
            key += _GOLDEN
        upper = not upper
        at += (np.uint64(gaps[(word >> _GAP_SHIFT) & _GAP_MASK]) * pace) >> _TICK_BITS
        if at >= last:
            break
        day = np.uint64(day_of[at >> _TICK_BITS])
        place = np.uint64(places[day]) + ((word >> _SLOT_SHIFT) & _SLOT_MASK)
        counts[base + day * _KINDS_EACH + np.uint64(kinds[place])] += 1
        held += 1
        if held == _FIRST:
            moments[_ONE, day] += 1
        elif held == _FIFTH:
            moments[_FIVE, day] += 1
    return held


@kernel()
def _remind(  # noqa: PLR0913, PLR0917 (as `_live`)
    programmes: Numbers,
    row: int,
    woman: bool,  # noqa: FBT001 (kernels take no keywords)
    key: np.uint64,
    stay: tuple[Whole, Whole, Whole, int],
    follow_days: Numbers,
    moments: Numbers,
) -> None:
    opened, entered, left, span = stay
    if programmes[row, 8] and not woman:
        return
    number = programmes[row, 0] * _REMINDERS
    word = _draw(key, number)
    due = programmes[row, 1] + (np.int64(word >> _HALF) * programmes[row, 2] >> 32)
    while due < left:
        if due >= opened:
            moments[programmes[row, 6], due] += 1
            share = programmes[row, 4] if entered <= due else programmes[row, 5]
            word = _draw(key, number)
            day = due + follow_days[word & _GAP_MASK]
            if np.int64((word >> _SIXTEEN) & _WORD16) < share and day < span:
                moments[programmes[row, 7], day] += 1
        due += programmes[row, 3]
        number += 1
