"""Chance: every draw is a pure function of (seed, slot, person).

Who computes a draw, when, in what order or on which core can therefore never matter, and two
policies are compared person by person. A slot is one decision of one person; its 64 bits are cut
into named fields, and a bit serves one field only: `Slot` and `Field` are the register, and a
clash is an error at import.

Sources: the finaliser is splitmix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014), keyed twice; its quality on these streams is tested in
`tests/scenarios/test_draws.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Final

BITS: Final = 64
MASK: Final = (1 << BITS) - 1
GOLDEN: Final = 0x9E3779B97F4A7C15
SLOT_STEP: Final = 0xD1342543DE82EF95
FIRST_MULTIPLIER: Final = 0xBF58476D1CE4E5B9
SECOND_MULTIPLIER: Final = 0x94D049BB133111EB

STRUCTURE_SEED: Final = 0
"""Seed of what belongs to the population and not to a run: birthdays, twins, protected adults,
people digitally excluded."""


@unique
class Slot(IntEnum):
    """The decisions that draw, each with a number of its own.

    A slot with repetitions (the k-th call of a person) owns the numbers up to the next slot.
    """

    BIRTHDAY = 1
    TWINS = 2
    PROTECTED = 3
    DEPARTMENT_EFFECT = 4
    NOTICE = 10
    DELIVERY = 11
    OPPOSE = 12
    ACTIVATE = 13
    INFORMATION_CALL = 14
    DEATH = 15
    CHILDBIRTH = 16
    NEWBORN = 17
    OPENING = 18
    CLOSING = 19
    ROUTE = 20
    IDENTITY_FORM = 21
    CODE = 22
    OPT_IN = 23
    DIGITAL = 24
    LOGIN = 25
    ARRIVAL = 26
    LIFE = 27
    DEPOSIT = 28
    HOLDER = 29
    LATER = 30
    PREVENTION = 31
    LEGACY = 32
    WEB_VISIT = 40
    CALL = 60
    CALL_LENGTH = 80
    REMINDER = 100


REPETITIONS: Final = 20
"""Most repetitions of a slot that repeats: calls, returns to the web site, reminders."""


@dataclass(frozen=True, slots=True)
class Field:
    """A run of bits of one slot.

    Attributes:
        slot: The decision the bits belong to.
        shift: Lowest bit.
        width: Number of bits; a probability read here is an integer over `2 ** width`.
    """

    slot: Slot
    shift: int
    width: int

    def of(self, bits: int) -> int:
        """Cut the field out of a 64-bit draw: an integer in [0, 2 ** width)."""
        return (bits >> self.shift) & ((1 << self.width) - 1)


FIELDS: Final = {
    "wave_position": Field(Slot.NOTICE, 32, 32),
    "channel": Field(Slot.NOTICE, 16, 16),
    "bounce": Field(Slot.NOTICE, 0, 16),
    "read": Field(Slot.DELIVERY, 32, 32),
    "post_delay": Field(Slot.DELIVERY, 16, 16),
    "undelivered": Field(Slot.DELIVERY, 0, 16),
    "oppose": Field(Slot.OPPOSE, 32, 32),
    "activate": Field(Slot.ACTIVATE, 32, 32),
    "information_call": Field(Slot.INFORMATION_CALL, 32, 32),
    "information_day": Field(Slot.INFORMATION_CALL, 0, 32),
    "death": Field(Slot.DEATH, 32, 32),
    "childbirth": Field(Slot.CHILDBIRTH, 32, 32),
    "newborn_sex": Field(Slot.NEWBORN, 32, 32),
    "opening_impossible": Field(Slot.OPENING, 32, 32),
    "closing": Field(Slot.CLOSING, 32, 32),
    "route": Field(Slot.ROUTE, 32, 32),
    "identity_form": Field(Slot.IDENTITY_FORM, 32, 32),
    "call_after_failure": Field(Slot.IDENTITY_FORM, 0, 32),
    "code_lost": Field(Slot.CODE, 32, 32),
    "contact_known": Field(Slot.CODE, 0, 32),
    "opt_in": Field(Slot.OPT_IN, 32, 32),
    "opt_in_channel": Field(Slot.OPT_IN, 0, 32),
    "excluded": Field(Slot.DIGITAL, 32, 32),
    "logins": Field(Slot.LOGIN, 0, 64),
    "arrival_instants": Field(Slot.ARRIVAL, 0, 64),
    "deposit_gaps": Field(Slot.DEPOSIT, 0, 64),
    "holder_gaps": Field(Slot.HOLDER, 0, 64),
    "care_seeking": Field(Slot.LIFE, 0, 8),
    "phone": Field(Slot.LIFE, 8, 16),
    "pairing": Field(Slot.LIFE, 32, 32),
    "later_activation": Field(Slot.LATER, 32, 16),
    "return": Field(Slot.LATER, 0, 16),
    "return_day": Field(Slot.LATER, 16, 12),
    "prevention": Field(Slot.PREVENTION, 0, 64),
    "legacy": Field(Slot.LEGACY, 32, 16),
    "legacy_documents": Field(Slot.LEGACY, 0, 12),
    "visit_minute": Field(Slot.WEB_VISIT, 32, 32),
    "call_after_refusal": Field(Slot.WEB_VISIT, 0, 32),
    "call_instant": Field(Slot.CALL, 32, 32),
    "call_retry": Field(Slot.CALL, 0, 32),
    "service": Field(Slot.CALL_LENGTH, 32, 16),
    "patience": Field(Slot.CALL_LENGTH, 0, 16),
    "reminder_read": Field(Slot.REMINDER, 32, 32),
    "reminder_delay": Field(Slot.REMINDER, 16, 16),
}
"""The register of bit fields, by the name under which `Law` holds their thresholds."""


def clashes(fields: dict[str, Field]) -> list[str]:
    """Name the fields that would read a bit already read by another, or leave the 64 bits."""
    taken: dict[tuple[Slot, int], str] = {}
    found: list[str] = []
    for name, field in fields.items():
        if field.shift < 0 or field.width < 1 or field.shift + field.width > BITS:
            found.append(f"{name}: outside the {BITS} bits of a draw")
        for bit in range(field.shift, field.shift + field.width):
            other = taken.setdefault((field.slot, bit), name)
            if other != name:
                found.append(f"{name}: bit {bit} of {field.slot.name} already serves {other}")
                break
    return found


if _clashes := clashes(FIELDS):
    raise ValueError("; ".join(_clashes))


def mix(bits: int) -> int:
    """Scramble 64 bits: a bijection, each input bit reaching every output bit."""
    bits = ((bits ^ (bits >> 30)) * FIRST_MULTIPLIER) & MASK
    bits = ((bits ^ (bits >> 27)) * SECOND_MULTIPLIER) & MASK
    return bits ^ (bits >> 31)


def check_repetition(slot: Slot, repetition: int) -> None:
    """Refuse a repetition that a slot does not own.

    Raises:
        ValueError: It would read the draws of another slot.
    """
    if not 0 <= repetition < (REPETITIONS if slot >= Slot.WEB_VISIT else 1):
        message = f"slot {slot.name} has no repetition {repetition}"
        raise ValueError(message)


def stream(seed: int, slot: Slot, repetition: int = 0) -> int:
    """Return the key of one decision under one seed.

    Raises:
        ValueError: The repetition is not one the slot owns.
    """
    check_repetition(slot, repetition)
    return mix((mix((seed * GOLDEN + 1) & MASK) + (slot + repetition) * SLOT_STEP) & MASK)


def draw(key: int, person: int) -> int:
    """Return the 64 bits of one person under the key of a `stream`."""
    bits = (person * GOLDEN + key) & MASK
    bits = ((bits ^ (bits >> 30)) * FIRST_MULTIPLIER) & MASK
    bits = ((bits ^ (bits >> 27)) * SECOND_MULTIPLIER) & MASK
    return bits ^ (bits >> 31)
