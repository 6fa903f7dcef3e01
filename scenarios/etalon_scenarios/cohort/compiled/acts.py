# pyright: standard
"""What people come to when they act, compiled: the functions of the same names in NumPy.

Each is one pass over people given by ascending number. Kernels take the columns of `Actors` they
need: `stands` and `held` are standing and flags of those who act; `standing`, `flags` and `sent`
those of everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort import effects
from etalon_scenarios.cohort.actors import Actors
from etalon_scenarios.cohort.compiled.draws import draw, seed_words
from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.residents import (
    CHILD_CELLS,
    cell_of,
    head_of,
    next_cell,
)
from etalon_scenarios.cohort.compiled.services import closing_days
from etalon_scenarios.cohort.counting import EXCLUDED_RANK
from etalon_scenarios.cohort.effects import (
    AFTER,
    DEED,
    DEEDS,
    ENTERS,
    GAINED,
    GIVES_UP,
    KEPT,
    NEW_CODE,
    OPPOSES,
    PURSUES,
    UNIDENTIFIED,
    Deeds,
)
from etalon_scenarios.cohort.people import (
    ACTIVE,
    BY_LETTER,
    DEAD,
    EXCLUDED,
    NO_CODE,
)
from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import Slot
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import CHANNELS, COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Bytes, Days, People, Residents
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import LayoutTables, Mask
    from etalon_scenarios.layout_arrays import People as Numbers

    _Case = tuple["Acting", LayoutTables, Numbers, Mask, Numbers, Bytes, Bytes, Mask, Days]

_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(ONE - 1)
_CHANNELS: Final = len(CHANNELS)
_NO_MASK: Final = np.empty(0, np.bool_)
_NOTED: Final = np.array([bit for bit, _ in effects.NOTED], np.uint8)
_COUNTERS: Final = np.array([COUNT[name] for _, name in effects.NOTED])
_APART: Final = np.array([EXCLUDED_RANK.get(name, -1) for _, name in effects.NOTED])
_DEEDS: Final = [(bit, name) for bit, name in effects.NOTED if name in effects.DATED]
_DATED: Final = np.array([bit for bit, _ in _DEEDS], np.uint8)


class Acting(NamedTuple):
    """What acting depends on today.

    Attributes:
        words: `seed_words` of the run.
        code: Key of the draw of codes and contacts.
        identity: Key of the draw of the identity form.
        identity_failure: Share whose form fails, over 2 ** 32.
        call_after_failure: Share of those who then call.
        code_lost: Share who no longer have their code.
        contact_known: Share whose telephone is known, of those notified by (e-mail, letter).
        accounts: The same by cell, where the user's table says it.
        code_ends: By day of sending, first day on which the code no longer serves.
        day: Today.
    """

    words: Bits
    code: np.uint64
    identity: np.uint64
    identity_failure: np.uint64
    call_after_failure: np.uint64
    code_lost: np.uint64
    contact_known: Bits
    accounts: Bits
    code_ends: Numbers
    day: int


def acting_today(nation: Nation) -> Acting:
    """Gather what acting depends on today."""
    acting = nation.law.acting
    return Acting(
        seed_words(nation.random),
        np.uint64(nation.keys[Slot.CODE]),
        np.uint64(nation.keys[Slot.IDENTITY_FORM]),
        np.uint64(acting.identity_failure),
        np.uint64(acting.call_after_failure),
        np.uint64(acting.code_lost),
        np.array(acting.contact_known, dtype=np.uint64),
        nation.accounts,
        nation.code_ends,
        nation.day,
    )


@kernel()
def _look_up(
    residents: Residents, persons: Numbers, standing: Bytes, flags: Bytes
) -> tuple[Numbers, Numbers, Bytes, Bytes, Mask]:
    """Return cells, heads, standings, flags, and who can act: the columns of `Actors`."""
    size = len(persons)
    cells, heads = np.empty(size, np.int64), np.empty(size, np.int64)
    stands, held = np.empty(size, np.uint8), np.empty(size, np.uint8)
    able = np.empty(size, np.bool_)
    # Short loops: the processor fetches many far bytes at a time.
    for rank in range(size):
        stands[rank] = standing[persons[rank]]
    for rank in range(size):
        held[rank] = flags[persons[rank]]
    layout, newborn_cells, mothers = residents.layout, residents.newborn_cells, residents.mothers
    rows, traits, residents_end = layout.cells, layout.traits, residents.size
    cell = 0
    for rank in range(size):
        person = persons[rank]
        if person < residents_end:
            cell = next_cell(rows, person, cell)
            cells[rank], heads[rank] = cell, person
            if cell % CELLS < CHILD_CELLS:
                heads[rank] = head_of(rows, traits, person, cell)
        else:
            cells[rank] = newborn_cells[person - residents_end]
            heads[rank] = mothers[person - residents_end]
    for rank in range(size):
        able[rank] = (stands[rank] != DEAD) & (standing[heads[rank]] != DEAD)
    return cells, heads, stands, held, able


@kernel()
def _contacts(acting: Acting, layout: LayoutTables, heads: Numbers, held: Bytes) -> Mask:
    """Tell to whom a new code can be sent; heads are residents."""
    known = np.empty(len(heads), np.bool_)
    words, key, by_channel, accounts = (
        acting.words,
        acting.code,
        acting.contact_known,
        acting.accounts,
    )
    rows, table, shift = layout.cells, layout.table, layout.shift
    for rank in range(len(heads)):
        if len(accounts):
            share = accounts[cell_of(rows, table, shift, heads[rank])]
        else:
            share = by_channel[1 if held[rank] & BY_LETTER else 0]
        known[rank] = (draw(words, key, heads[rank]) & _LOW) < share
    return known


@kernel()
def _judge(  # noqa: PLR0913, PLR0917 (the columns of `Actors`)
    acting: Acting,
    layout: LayoutTables,
    persons: Numbers,
    activates: Mask,
    heads: Numbers,
    stands: Bytes,
    held: Bytes,
    able: Mask,
    sent: Days,
    by_code: int,
    serve: Mask,
) -> Bytes:
    """Say what decisions come to: `effects.judge`.

    `by_code` holds the deeds that need a code; `serve` is empty where it is that of the notice.
    """
    outcomes = np.zeros(len(persons), np.uint8)
    day, code_ends = acting.day, acting.code_ends
    known = _contacts(acting, layout, heads, held)
    for rank in range(len(persons)):
        if not able[rank]:
            continue
        deed = DEEDS[stands[rank], 1 if activates[rank] else 0]
        if deed & by_code:
            if len(serve):
                serves = serve[rank]
            else:
                ends = code_ends[sent[persons[rank]]]
                serves = ends > day and not held[rank] & NO_CODE
            if not serves:
                deed = np.uint8(deed | NEW_CODE) if known[rank] else np.uint8(GIVES_UP)
        outcomes[rank] = deed
    return outcomes


@kernel()
def _judge_visit(  # noqa: PLR0913, PLR0917 (the columns of `Actors`)
    acting: Acting,
    layout: LayoutTables,
    persons: Numbers,
    activates: Mask,
    heads: Numbers,
    stands: Bytes,
    held: Bytes,
    able: Mask,
    sent: Days,
) -> Bytes:
    """Say what visits come to: `website.judge_visit`."""
    outcomes, ends = np.zeros(len(persons), np.uint8), np.empty(len(persons), np.int64)
    day, code_ends, words = acting.day, acting.code_ends, acting.words
    # A short loop: the processor fetches many far bytes at a time.
    for rank in range(len(persons)):
        ends[rank] = code_ends[sent[persons[rank]]]
    identity, code, lost_share = acting.identity, acting.code, acting.code_lost
    failure, calling = acting.identity_failure, acting.call_after_failure
    known = _contacts(acting, layout, heads, held)
    for rank in range(len(persons)):
        person = persons[rank]
        deed = DEEDS[stands[rank], 1 if activates[rank] else 0]
        if not able[rank] or not deed:
            continue
        outcomes[rank] = deed
        if stands[rank] == ACTIVE:
            continue
        bits = draw(words, identity, person)
        if (bits >> _HALF) < failure:
            calls = (bits & _LOW) < calling
            outcomes[rank] = UNIDENTIFIED | (PURSUES if calls else GIVES_UP)
            continue
        serves = ends[rank] > day and not held[rank] & NO_CODE
        lost = (draw(words, code, person) >> _HALF) < lost_share
        if lost or not serves:
            outcomes[rank] = PURSUES | (NEW_CODE if known[rank] else 0)
    return outcomes


@kernel()
def _bring_about(  # noqa: PLR0913, PLR0917 (the columns of `Actors`)
    persons: Numbers,
    cells: Numbers,
    held: Bytes,
    outcomes: Bytes,
    standing: Bytes,
    flags: Bytes,
    sent: Days,
    day: int,
    table: NDArray[np.int32],
    by_route: int,
    excluded: Numbers,
) -> Numbers:
    """Let what was judged happen, and count it: `effects.bring_about`.

    `table` and `excluded` are those of `DayCounts`; `by_route` counts oppositions by a route.

    Returns:
        Counts by deed and days since the notice.
    """
    ages, days = np.zeros((len(_DATED), day + 1), np.int64), np.empty(len(persons), np.int64)
    # Short loops: the processor reaches for many far bytes at a time.
    for rank in range(len(persons)):
        days[rank] = day - np.int64(sent[persons[rank]])
    for rank in range(len(persons)):
        flags[persons[rank]] = held[rank] & KEPT[outcomes[rank]] | GAINED[outcomes[rank]]
    for rank in range(len(persons)):
        if outcomes[rank] & DEED:
            standing[persons[rank]] = AFTER[outcomes[rank] & DEED]
    _count(cells, held, outcomes, days, table, by_route, excluded, ages)
    return ages


@kernel()
def _count(  # noqa: PLR0913, PLR0917 (as `_bring_about`)
    cells: Numbers,
    held: Bytes,
    outcomes: Bytes,
    days: Numbers,
    table: NDArray[np.int32],
    by_route: int,
    excluded: Numbers,
    ages: Numbers,
) -> None:
    for rank in range(len(cells)):
        outcome = outcomes[rank]
        row = cells[rank] * _CHANNELS + (2 if held[rank] & BY_LETTER else 1)
        for kind in range(len(_NOTED)):
            if outcome & _NOTED[kind]:
                table[_COUNTERS[kind], row] += 1
                if _APART[kind] >= 0 and held[rank] & EXCLUDED:
                    excluded[_APART[kind], cells[rank] % CELLS // 2] += 1
        if outcome & OPPOSES:
            table[by_route, row] += 1
        for kind in range(len(_DATED)):
            if outcome & _DATED[kind]:
                ages[kind, days[rank]] += 1


def look_up(people: People, persons: Numbers, activates: Mask) -> Actors:
    """Look people up: `Actors.of`."""
    cells, heads, stands, held, able = _look_up(
        people.residents(), persons, people.standing, people.flags
    )
    return Actors(persons, activates, cells, heads, stands, held, able)


def _case(nation: Nation, to: Actors) -> _Case:
    """Gather what judging takes: the law of today, the layout, and the columns of `Actors`."""
    columns = to.persons, to.activates, to.heads, to.standing, to.flags, to.able
    return (
        acting_today(nation),
        nation.people.residents().layout,
        *columns,
        nation.people.sent,
    )


def judge(nation: Nation, to: Actors, route: str, serve: Mask | None) -> Bytes:
    """Say what decisions come to: `effects.judge`."""
    by_code = ENTERS | OPPOSES if route == "web" else ENTERS
    found: Bytes = _judge(*_case(nation, to), by_code, _NO_MASK if serve is None else serve)
    return found


def judge_visit(nation: Nation, to: Actors) -> Bytes:
    """Say what visits come to: `website.judge_visit`."""
    found: Bytes = _judge_visit(*_case(nation, to))
    return found


def bring_about(nation: Nation, to: Actors, outcomes: Bytes, route: str) -> Deeds:
    """Let what was judged happen, and count it: `effects.bring_about`."""
    people, today = nation.people, nation.counts
    ages = _bring_about(
        to.persons,
        to.cells,
        to.flags,
        outcomes,
        people.standing,
        people.flags,
        people.sent,
        nation.day,
        today.table,
        COUNT[f"opposed_{route}"],
        today.excluded,
    )
    for (_, counter), of_deed in zip(_DEEDS, ages, strict=True):
        nation.ledger.enter_ages(counter, nation.day, of_deed)
    closings = closing_days(nation, to.persons, (outcomes & effects.EARLY) == 0)
    return Deeds(to, outcomes, closings)
