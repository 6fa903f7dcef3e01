"""What decisions come to: oppositions, activations, closures, new codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.people import (
    ACTING,
    ACTIVE,
    BY_LETTER,
    CLOSED,
    NO_CODE,
    NOTIFIED,
    OPPOSED,
    REGENERATED,
    UNSEEN,
)
from etalon_scenarios.draws import Slot
from etalon_scenarios.draws_arrays import lower, upper

if TYPE_CHECKING:
    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers


def are_open_to(nation: Nation, persons: Numbers, activates: Mask) -> Mask:
    """Tell who can act, and whose intention still means something."""
    people = nation.people
    standing = people.standing[persons]
    fits: Mask = (standing == NOTIFIED) | (standing == UNSEEN) | (~activates & (standing == ACTIVE))
    some = np.flatnonzero(fits)
    fits[some] = people.can_act(persons[some])
    return fits


def codes_serve(nation: Nation, persons: Numbers) -> Mask:
    """Tell who holds the code of the notice, and it has not expired."""
    people = nation.people
    ends = nation.code_ends[people.sent[persons]]
    serve: Mask = ~people.have(persons, NO_CODE)
    serve &= ends > nation.day
    return serve


def codes_lost(nation: Nation, persons: Numbers) -> Mask:
    """Tell who no longer has the code of the notice."""
    drawn = upper(nation.chance(Slot.CODE, persons))
    return drawn < np.uint64(nation.law.acting.code_lost)


def contacts_known(nation: Nation, persons: Numbers) -> Mask:
    """Tell to whom a new code can be sent."""
    people, acting = nation.people, nation.law.acting
    heads = people.heads(persons, people.cells(persons))
    drawn = lower(nation.chance(Slot.CODE, heads))
    if acting.accounts:
        return drawn < nation.accounts[people.cells(heads)]
    by_channel = np.array(acting.contact_known, dtype=np.uint64)
    return drawn < by_channel[people.have(persons, BY_LETTER).astype(np.int64)]


def regenerate_codes(nation: Nation, persons: Numbers) -> None:
    """Give people a new code by SMS (LIF-08)."""
    nation.people.clear(persons, NO_CODE)
    nation.people.set(persons, REGENERATED)
    nation.note("codes_regenerated", persons)


def give_up(nation: Nation, persons: Numbers) -> None:
    """Let people abandon what they decided."""
    nation.note("gave_up", persons)
    nation.people.clear(persons, ACTING)


def take_effect(
    nation: Nation, persons: Numbers, activates: Mask, route: str, serve: Mask | None = None
) -> None:
    """Do what was decided, as things stand by now; each person is then free to decide again.

    Args:
        nation: Of the run.
        persons: Who acts, each once.
        activates: Whether each activates, or else opposes.
        route: `web`, `phone`, `post` or `counter`.
        serve: Whether the code in hand is accepted, where it is not that of the notice.
    """
    still = are_open_to(nation, persons, activates)
    nation.people.clear(persons[~still], ACTING)
    persons, activates = persons[still], activates[still]
    serve = codes_serve(nation, persons) if serve is None else serve[still]
    carry_out(nation, persons, activates, route, serve)


def carry_out(nation: Nation, persons: Numbers, activates: Mask, route: str, serve: Mask) -> None:
    """Do what was decided by people who can, whose intention still means something."""
    people = nation.people
    people.clear(persons, ACTING)
    by_code = activates | (people.standing[persons] == NOTIFIED) if route == "web" else activates
    lacking = by_code & ~serve
    lacking[lacking] = ~_helped(nation, persons[lacking])
    nation.note("gave_up", persons[lacking])
    activate(nation, persons[activates & ~lacking])
    refuse = persons[~activates & ~lacking]
    notified = people.standing[refuse] == NOTIFIED
    oppose(nation, refuse[notified], route)
    close(nation, refuse[~notified])


def _helped(nation: Nation, persons: Numbers) -> Mask:
    """Give a code at once, with the help of the hotline, to whom one can be sent; tell to whom."""
    known = contacts_known(nation, persons)
    regenerate_codes(nation, persons[known])
    return known


def oppose(nation: Nation, persons: Numbers, route: str) -> None:
    """Oppose before the space is opened."""
    nation.people.standing[persons] = OPPOSED
    nation.note_dated("opposed", persons)
    nation.note(f"opposed_{route}", persons)


def activate(nation: Nation, persons: Numbers) -> None:
    """Enter the space for the first time."""
    early = persons[nation.people.standing[persons] == NOTIFIED]
    nation.people.standing[persons] = ACTIVE
    nation.note("activated_before_opening", early)
    nation.note_dated("activated", persons)
    nation.closings.enter_each(*closing_days(nation, early))


def close(nation: Nation, persons: Numbers) -> None:
    """Close an open space."""
    nation.people.standing[persons] = CLOSED
    nation.note_dated("closed", persons)


def closing_days(nation: Nation, persons: Numbers) -> tuple[Numbers, Numbers]:
    """Return when holders of spaces just opened close them, and who does so within the run."""
    share, blank = nation.law.opening.closing, np.empty(0, np.int64)
    left = nation.law.days - nation.day - 1
    if not share or left <= 0:
        return blank, blank
    drawn = upper(nation.chance(Slot.CLOSING, persons))
    some = np.flatnonzero(drawn < np.uint64(share * left))
    days = nation.day + 1 + (drawn[some] // np.uint64(share)).astype(np.int64)
    return days, persons[some]
