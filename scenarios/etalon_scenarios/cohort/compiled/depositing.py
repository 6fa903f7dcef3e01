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
    from etalon_scenarios.life.law import LifeLaw, StreamLaw
    from etalon_scenarios.life.spaces import Batch, Spaces

    Whole = int | np.int64

_GOLDEN: Final = np.uint64(GOLDEN)
_MIXERS: Final = (np.uint64(FIRST_MULTIPLIER), np.uint64(SECOND_MULTIPLIER))
_SHIFTS: Final = (np.uint64(30), np.uint64(27), np.uint64(31))
_GAP_SHIFT, _SLOT_SHIFT = np.uint64(GAP_SHIFT), np.uint64(SLOT_SHIFT)
_GAP_MASK, _SLOT_MASK = np.uint64(QUANTILES - 1), np.uint64((1 << SLOT_BITS) - 1)
_BYTE, _WORD16 = np.uint64((1 << 8) - 1), np.uint64((1 << 16) - 1)
_EIGHT, _SIXTEEN, _HALF = np.uint64(8), np.uint64(16), np.uint64(32)
_TICK_BITS: Final = TICK_BITS
_KINDS: Final = len(KINDS)
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


class Person(NamedTuple):
    """Columns of a batch: number, département and days of each person, whether a woman."""

    number: Numbers
    department: Numbers
    woman: NDArray[np.bool_]
    opened: NDArray[np.uint16]
    entered: NDArray[np.uint16]
    left: NDArray[np.uint16]
    died: NDArray[np.uint16]


class Events(NamedTuple):
    """A row of a `StreamLaw`."""

    pace: Numbers
    cells: Numbers
    days: NDArray[np.uint16]
    kinds: NDArray[np.uint8]


class Tables(NamedTuple):
    """The law of one band.

    Attributes:
        days: Days of the run.
        shares: Shares by telephone, of apps, of spaces opened again, of records of before.
        gaps: As those of `LifeLaw`, like what follows.
        places: Where the kinds of each day begin.
        later: Share entered by each day after an automatic opening.
        pairing_days: Days until an app is paired.
        return_days: Days until a space is opened again.
        legacy: Documents of a record of before.
        follow_days: Days until a reminder is followed.
        programmes: Rank, first day, span, interval, two shares, two moments and whether for women
            alone, of each programme of the band.
    """

    days: int
    shares: tuple[int, int, int, int]
    gaps: Numbers
    places: Numbers
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
    columns = (spaces.opened, spaces.entered, spaces.left, spaces.died)
    people = Person(
        batch.people,
        batch.department,
        batch.women,
        *(column[batch.people] for column in columns),
    )
    moments = np.zeros((len(MOMENT), law.days), np.int64)
    _live(
        people,
        np.array([keys[slot] for slot in _SLOTS], np.uint64),
        _tables(law, batch.band),
        _events(law.care, batch.band),
        _events(law.holder, batch.band),
        account.deposits.reshape(-1),
        moments,
    )
    account.moments[:, :, batch.band] += moments


def _events(stream: StreamLaw, band: int) -> Events:
    row = stream.rows[band]
    return Events(
        stream.pace[row], stream.cell_of_day[row], stream.day_of_cell[row], stream.kinds[row]
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
        law.gaps,
        law.places_of_day,
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


@kernel()
def _live(  # noqa: PLR0913, PLR0917 (people, tables of the law, counts)
    people: Person,
    keys: Bits,
    law: Tables,
    care: Events,
    holder: Events,
    counts: Numbers,
    moments: Numbers,
) -> None:
    for rank in range(len(people.number)):
        opened, left = np.int64(people.opened[rank]), np.int64(people.left[rank])
        if opened >= left:
            continue
        number, base = people.number[rank], people.department[rank] * (law.days * _KINDS)
        moments[_OPENED, opened] += 1
        held = _take_over(_draw(keys[_LEGACY], number), law, base, opened, counts, moments)
        nature = _draw(keys[_LIFE], number)
        late = _draw(keys[_LATER], number)
        silent = people.entered[rank] == _NEVER
        entered = _enter(silent, np.int64(people.entered[rank]), opened, left, late, law, moments)
        seed, pace = _draw(keys[_DEPOSIT], number), np.int64(nature & _BYTE)
        _receive(care, law, seed, pace, opened, left, base, held, counts, moments)
        if entered < left:
            _settle(nature, entered, left, law, moments)
            own = _draw(keys[_HOLDER], number)
            _receive(holder, law, own, pace, entered, left, base, _FIFTH, counts, moments)
        if left < law.days:
            moments[_ENDED, left] += 1
            end = np.int64(min(law.days, people.died[rank]))
            again = left + law.return_days[(late >> _SIXTEEN) & _GAP_MASK]
            if (late & _WORD16) < law.shares[2] and again < end:
                moments[_REOPENED, again] += 1
                second = _draw(seed, _SECOND_LIFE)
                _receive(care, law, second, pace, again, end, base, _FIFTH, counts, moments)
        for row in range(len(law.programmes)):
            if people.woman[rank] or not law.programmes[row, 8]:
                key = _draw(keys[_PREVENTION], number)
                _remind(law, law.programmes[row], key, opened, entered, left, moments)


@kernel()
def _take_over(  # noqa: PLR0913, PLR0917 (as `_live`)
    bits: np.uint64, law: Tables, base: Whole, opened: Whole, counts: Numbers, moments: Numbers
) -> Whole:
    if ((bits >> _HALF) & _WORD16) >= law.shares[3]:
        return 0
    held: Whole = law.legacy[bits & _GAP_MASK]
    counts[base + opened * _KINDS + _LEGACY_KIND] += held
    if held >= _FIRST:
        moments[_ONE, opened] += 1
    if held >= _FIFTH:
        moments[_FIVE, opened] += 1
    return held


@kernel()
def _enter(  # noqa: PLR0913, PLR0917 (as `_live`)
    silent: bool,  # noqa: FBT001 (kernels take no keywords)
    entered: Whole,
    opened: Whole,
    left: Whole,
    late: np.uint64,
    law: Tables,
    moments: Numbers,
) -> Whole:
    if silent:
        drawn = np.int64((late >> _HALF) & _WORD16)
        # Most never do: one look at the last day tells, before any search.
        if drawn >= law.later[left - opened - 1]:
            return _NEVER
        entered = np.int64(opened + np.searchsorted(law.later, drawn, side="right"))
        moments[_ENTERED_LATER, entered] += 1
    return entered


@kernel()
def _settle(nature: np.uint64, entered: Whole, left: Whole, law: Tables, moments: Numbers) -> None:
    moments[_ENTERED, entered] += 1
    if ((nature >> _EIGHT) & _WORD16) < law.shares[0]:
        moments[_BY_PHONE, entered] += 1
    drawn = np.int64(nature >> _HALF)
    paired = entered + law.pairing_days[drawn & (QUANTILES - 1)]
    if drawn < law.shares[1] and paired < left:
        moments[_PAIRED, paired] += 1


@kernel()
def _receive(  # noqa: PLR0913, PLR0917 (as `_live`)
    events: Events,
    law: Tables,
    key: np.uint64,
    rank: Whole,
    first: Whole,
    end: Whole,
    base: Whole,
    held: Whole,
    counts: Numbers,
    moments: Numbers,
) -> None:
    at, last = events.cells[first] << _TICK_BITS, events.cells[end] << _TICK_BITS
    pace, word, upper = events.pace[rank], np.uint64(0), False
    while True:
        if upper:
            word >>= _HALF
        else:
            word = (key ^ (key >> _SHIFTS[0])) * _MIXERS[0]
            word = (word ^ (word >> _SHIFTS[1])) * _MIXERS[1]
            word ^= word >> _SHIFTS[2]
            key += _GOLDEN
        upper = not upper
        at += law.gaps[(word >> _GAP_SHIFT) & _GAP_MASK] * pace >> _TICK_BITS
        if at >= last:
            break
        day = np.int64(events.days[at >> _TICK_BITS])
        place = law.places[day] + np.int64((word >> _SLOT_SHIFT) & _SLOT_MASK)
        counts[base + day * _KINDS + events.kinds[place]] += 1
        held += 1
        if held == _FIRST:
            moments[_ONE, day] += 1
        elif held == _FIFTH:
            moments[_FIVE, day] += 1


@kernel()
def _remind(  # noqa: PLR0913, PLR0917 (as `_live`)
    law: Tables,
    programme: Numbers,
    key: np.uint64,
    opened: Whole,
    entered: Whole,
    left: Whole,
    moments: Numbers,
) -> None:
    number = programme[0] * _REMINDERS
    word = _draw(key, number)
    due = programme[1] + (np.int64(word >> _HALF) * programme[2] >> 32)
    while due < left:
        if due >= opened:
            moments[programme[6], due] += 1
            share = programme[4] if entered <= due else programme[5]
            word = _draw(key, number)
            day = due + law.follow_days[word & _GAP_MASK]
            if np.int64((word >> _SIXTEEN) & _WORD16) < share and day < law.days:
                moments[programme[7], day] += 1
        due += programme[3]
        number += 1
