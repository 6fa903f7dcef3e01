"""Recognising the person: what is typed, twins, and the provisional code.

Sources: official mobile application (inputs, choice among twins, error codes).
Reading: a minor is looked up on the carte Vitale of the representative they are attached to, or
on their own from sixteen on; the code of one person never serves another (decision 0014).
"""

from dataclasses import dataclass
from datetime import date, datetime

from etalon_model.codes import provisional_code
from etalon_model.identifiers import is_vitale_serial
from etalon_model.outcomes import Refusal
from etalon_model.people import Person
from etalon_model.periods import is_younger
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class IdentityInputs:
    """What a person types to be recognised.

    Attributes:
        nir: Matricule of the holder of the card: a minor's representative, or the person.
        birth_on: Birth date of the person concerned.
        vitale_serial: Serial number of the card.
        chosen: Matricule chosen when several people match (twins), or None.
    """

    nir: str
    birth_on: date
    vitale_serial: str
    chosen: str | None = None


@enforces("LIF-09")
def refuse_unless_identified(
    register: Register, person: Person, inputs: IdentityInputs, at: datetime
) -> Refusal | None:
    """Refuse inputs that match nobody, or several unchosen; never say which field."""
    ins = person.identity.ins
    card = _card_holder(register, person, inputs.nir, at)
    if (
        card is None
        or inputs.birth_on != person.identity.birth_on
        or inputs.vitale_serial != card.identity.vitale_serial
        or not is_vitale_serial(inputs.vitale_serial)
    ):
        return Refusal("LIF-09", "NO_USER_FOUND", ins)
    if card is person:
        return None
    matches = born_together(register, person, card)
    if len(matches) > 1 and inputs.chosen is None:
        return Refusal("LIF-09", "SEVERAL_MATCH", ins, (len(matches),), matches)
    if inputs.chosen is not None and inputs.chosen != ins:
        return Refusal("LIF-09", "NO_USER_FOUND", ins)
    return None


def _card_holder(register: Register, person: Person, nir: str, at: datetime) -> Person | None:
    if not is_minor(person, at):
        return person if nir == person.identity.ins else None
    if nir == person.identity.ins:
        # Under the age of an own card, a child whose parents are unknown here stands alone.
        alone = not any(parent in register.people for parent in person.representatives)
        years = register.parameters.digital_card_age_years
        return person if alone or not is_younger(person.identity.birth_on, years, at) else None
    return register.people.get(nir) if nir in person.representatives else None


def born_together(register: Register, person: Person, card: Person) -> tuple[str, ...]:
    """Return the matricules attached to `card` that share the birth date of `person`."""
    attached = register.dependants.get(card.identity.ins, ())
    return tuple(
        ins
        for ins in attached
        if register.people[ins].identity.birth_on == person.identity.birth_on
    )


def inputs_of(register: Register, person: Person, at: datetime) -> IdentityInputs:
    """Return what somebody with the right card in hand types for `person`, twins told apart."""
    card = person
    if is_minor(person, at):
        known = (register.people.get(parent) for parent in person.representatives)
        card = next((parent for parent in known if parent is not None), person)
    return IdentityInputs(
        card.identity.ins,
        person.identity.birth_on,
        card.identity.vitale_serial,
        None if card is person else person.identity.ins,
    )


@enforces("LIF-07")
def refuse_unless_code_is_valid(
    register: Register, person: Person, code: str, at: datetime
) -> Refusal | None:
    """Refuse a code that is wrong, used, replaced or expired."""
    ins = person.identity.ins
    last = person.codes - 1
    for rank in range(last, -1, -1):
        if provisional_code(register.seed, ins, rank) != code:
            continue
        if person.codes_used >> rank & 1:
            return Refusal("LIF-07", "CODE_ALREADY_USED", ins)
        validity = register.parameters.code_validity
        if rank < last or person.code_at is None or at >= validity.after(person.code_at):
            return Refusal("LIF-07", "CODE_EXPIRED", ins)
        return None
    return Refusal("LIF-07", "GENERIC_CODE_ERROR", ins)


def use_code(person: Person) -> None:
    """Mark the last code of `person` as used."""
    person.codes_used |= 1 << (person.codes - 1)
