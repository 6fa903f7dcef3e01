"""The three choices about emergencies: regulator, other professionals, masked documents.

Sources: official application (ETREAT, BTG, MASKED and how the third follows the two others);
CSP art. L. 1111-17 I. What holds before any choice is gap G7, a policy.
"""

from dataclasses import dataclass, replace

from etalon_model.access import refuse_operation
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.people import FirstChoices, Person
from etalon_model.register import Register
from etalon_model.rights.rights import EmergencyChoices, emergency_choices
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class SetEmergencyChoices(Command):
    """Choose what an emergency allows, as the holder or a minor's representative.

    Attributes:
        choices: The three choices.
    """

    choices: EmergencyChoices

    def detail(self) -> str:
        """Return the choices that permit something."""
        chosen = self.choices
        named = (
            ("regulator", chosen.regulator),
            ("break_glass", chosen.break_glass),
            ("masked", chosen.masked),
        )
        return "+".join(name for name, permitted in named if permitted)


@handles(SetEmergencyChoices)
@enforces("EMG-01", "EMG-02")
def set_emergency_choices(
    register: Register, person: Person, command: SetEmergencyChoices
) -> Outcome:
    """Keep the choices; answer the `EmergencyChoices` in force, where masked follows the others."""
    refusal = refuse_operation(register, person, command, "set_emergency_choices")
    if refusal is not None:
        return refusal
    dossier = person.kept()
    dossier.choices = replace(
        dossier.choices or FirstChoices(),
        regulator=command.choices.regulator,
        break_glass=command.choices.break_glass,
        masked=command.choices.masked,
    )
    in_force = emergency_choices(person, register.parameters.policies)
    dossier.choices = replace(dossier.choices, masked=in_force.masked)
    return Accepted(in_force)
