"""What decisions come to: oppositions, activations, closures, new codes.

A function that judges says what becomes of each person, in one byte, a sum of the constants of
this module, and changes nothing; `bring_about` makes it so, and `conclude` enters what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.cohort.actors import Actors
from etalon_scenarios.cohort.counting import EXCLUDED_RANK
from etalon_scenarios.cohort.people import (
    ACTING,
    ACTIVE,
    BY_LETTER,
    CLOSED,
    EXCLUDED,
    NO_CODE,
    NOTIFIED,
    OPPOSED,
    REGENERATED,
    UNSEEN,
)
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import lower, upper, upper_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.cohort.people import Bytes
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers

OPPOSES: Final = 1
ENTERS: Final = 2
CLOSES: Final = 4
EARLY: Final = 8
"""Enters a space that silence has not opened."""
UNIDENTIFIED: Final = 16
"""The identity form failed."""
NEW_CODE: Final = 32
"""A new code is issued (LIF-08)."""
GIVES_UP: Final = 64
PURSUES: Final = 128
"""Goes on pursuing the decision: comes back with the new code, or calls."""

DEED: Final = OPPOSES | ENTERS | CLOSES
NOTED: Final = (
    (OPPOSES, "opposed"),
    (EARLY, "activated_before_opening"),
    (ENTERS, "activated"),
    (CLOSES, "closed"),
    (UNIDENTIFIED, "identity_refused"),
    (NEW_CODE, "codes_regenerated"),
    (GIVES_UP, "gave_up"),
)
"""What each bit counts as."""
DATED: Final = frozenset({"opposed", "activated", "closed"})
"""Counters also followed by days since the notice."""

STANDINGS: Final = 8
DEEDS: Final = np.zeros((STANDINGS, 2), np.uint8)
"""By standing, and whether one activates, what one can do; 0 where it means nothing any more."""
DEEDS[NOTIFIED] = OPPOSES, ENTERS | EARLY
DEEDS[UNSEEN] = CLOSES, ENTERS
DEEDS[ACTIVE, 0] = CLOSES

AFTER: Final = np.zeros(DEED + 1, np.uint8)
"""Where a deed leaves who does it."""
AFTER[OPPOSES], AFTER[ENTERS], AFTER[CLOSES] = OPPOSED, ACTIVE, CLOSED

_OUTCOMES = np.arange(256, dtype=np.uint8)
_ENDS = ((_OUTCOMES & PURSUES) == 0) * np.uint8(ACTING)
_RENEWED = (_OUTCOMES & NEW_CODE) != 0
KEPT: Final = ~(_ENDS | _RENEWED * np.uint8(NO_CODE))
GAINED: Final = _RENEWED * np.uint8(REGENERATED)
"""By outcome, the flags that are kept and those that are given."""


class Deeds(NamedTuple):
    """What some people did.

    Attributes:
        to: Who.
        outcomes: What became of each.
        closings: When those who entered early close their space, and who.
    """

    to: Actors
    outcomes: Bytes
    closings: tuple[Numbers, Numbers]

    def whose(self, mask: int, value: int) -> Numbers:
        """Return the places of those whose outcome, among the bits of a mask, is a value."""
        found: Numbers = ((self.outcomes & mask) == value).nonzero()[0]
        return found


def meant(to: Actors) -> Bytes:
    """Return the deed that each person's intention comes to, 0 for who cannot do it."""
    deeds = DEEDS[to.standing, to.activates.view(np.uint8)]
    deeds[~to.able] = 0
    return deeds


def codes_serve(nation: Nation, to: Actors, some: Numbers) -> Mask:
    """Tell which of some people hold the code of the notice, and it has not expired."""
    ends = nation.code_ends[nation.people.sent[to.persons[some]]]
    serve: Mask = (to.flags[some] & NO_CODE) == 0
    serve &= ends > nation.day
    return serve


def codes_lost(nation: Nation, persons: Numbers) -> Mask:
    """Tell who no longer has the code of the notice."""
    return upper_below(nation.chance(Slot.CODE, persons), nation.law.acting.code_lost)


def contacts_known(nation: Nation, to: Actors, some: Numbers) -> Mask:
    """Tell to which of some people a new code can be sent."""
    people, acting = nation.people, nation.law.acting
    heads = to.heads[some]
    drawn = lower(nation.chance(Slot.CODE, heads))
    if acting.accounts:
        return drawn < nation.accounts[people.cells(heads)]
    by_channel = np.array(acting.contact_known, dtype=np.uint64)
    known: Mask = drawn < by_channel[((to.flags[some] & BY_LETTER) != 0).view(np.uint8)]
    return known


def judge(nation: Nation, to: Actors, route: str, serve: Mask | None = None) -> Bytes:
    """Say what decisions come to as things stand by now.

    Args:
        nation: Of the run.
        to: Who acts.
        route: `web`, `phone`, `post` or `counter`; on the web oppositions too need a code.
        serve: Whether the code in hand is accepted, where it is not that of the notice.
    """
    if nation.compiled:
        from etalon_scenarios.cohort.compiled import acts  # noqa: PLC0415 (Numba, where used)

        return acts.judge(nation, to, route, serve)
    outcomes = meant(to)
    holders = (outcomes & (ENTERS | OPPOSES if route == "web" else ENTERS)).nonzero()[0]
    lacking = holders[~(codes_serve(nation, to, holders) if serve is None else serve[holders])]
    if len(lacking):
        known = contacts_known(nation, to, lacking)
        outcomes[lacking[known]] |= NEW_CODE
        outcomes[lacking[~known]] = GIVES_UP
    return outcomes


def bring_about(nation: Nation, to: Actors, outcomes: Bytes, route: str) -> Deeds:
    """Let what was judged happen to people, and count it."""
    if nation.compiled and len(outcomes):
        from etalon_scenarios.cohort.compiled import acts  # noqa: PLC0415 (Numba, where used)

        return acts.bring_about(nation, to, outcomes, route)
    people, counts = nation.people, nation.counts
    done = (outcomes & DEED).nonzero()[0]
    people.standing[to.persons[done]] = AFTER[outcomes[done] & DEED]
    people.flags[to.persons] = to.flags & KEPT[outcomes] | GAINED[outcomes]
    keys, early = to.keys(), to.persons[:0]
    found = int(np.bitwise_or.reduce(outcomes, initial=0))
    for bit, counter in NOTED:
        if not found & bit:
            continue
        some = (outcomes & bit).nonzero()[0]
        by_route = (f"opposed_{route}",) if bit == OPPOSES else ()
        counts.note(counter, keys[some], *by_route)
        if bit == EARLY:
            early = to.persons[some]
        if counter in DATED:
            ages = np.bincount(nation.day - people.sent[to.persons[some]].astype(np.int64))
            nation.ledger.enter_ages(counter, nation.day, ages)
        if counter in EXCLUDED_RANK and nation.law.notice.excluded:
            excluded = (to.flags[some] & EXCLUDED) != 0
            counts.note_excluded(counter, keys[some[excluded]])
    return Deeds(to, outcomes, closing_days(nation, early))


def conclude(nation: Nation, deeds: Deeds) -> None:
    """Enter what some people did."""
    nation.closings.enter_each(*deeds.closings)
    if nation.observer is not None:
        persons = deeds.to.persons
        nation.observer.activations(nation.day, persons[(deeds.outcomes & ENTERS) != 0])
        nation.observer.endings(nation.day, persons[(deeds.outcomes & CLOSES) != 0])


def take_effect(
    nation: Nation, persons: Numbers, activates: Mask, route: str, serve: Mask | None = None
) -> None:
    """Do what was decided, as things stand by now; each person is then free to decide again.

    Args:
        nation: Of the run.
        persons: Who acts, each once, in any order.
        activates: Whether each activates, or else opposes.
        route: As `judge` takes it.
        serve: As `judge` takes it.
    """

    def act(to: Actors, places: Numbers) -> Deeds:
        outcomes = judge(nation, to, route, None if serve is None else serve[places])
        return bring_about(nation, to, outcomes, route)

    for deeds in share_acts(nation, act, persons, activates):
        conclude(nation, deeds)


def share_acts(
    nation: Nation,
    act: Callable[[Actors, Numbers], Deeds],
    persons: Numbers,
    activates: Mask,
) -> Iterable[Deeds]:
    """Let people act who do so apart from each other, some at a time.

    Args:
        nation: Of the run.
        act: Lets people act, given with their places among all of them.
        persons: Who acts, each once, in any order.
        activates: Whether each activates, or else opposes.
    """
    # Often a few ascending parts, which a stable sort merges.
    order = persons.argsort(kind="stable")

    def act_some(span: tuple[int, int]) -> Deeds:
        places = order[slice(*span)]
        return act(Actors.of(nation, persons[places], activates[places]), places)

    return map(act_some, nation.crew.parts(len(persons)))


def closing_days(nation: Nation, persons: Numbers) -> tuple[Numbers, Numbers]:
    """Return when holders of spaces just opened close them, and who does so within the run."""
    share, blank = nation.law.opening.closing, np.empty(0, np.int64)
    left = nation.law.days - nation.day - 1
    if not share or left <= 0 or not len(persons):
        return blank, blank
    some, bits = nation.find_chance(Slot.CLOSING, persons, share * left)
    days = nation.day + 1 + (upper(bits) // np.uint64(share)).astype(np.int64)
    return days, persons[some]
