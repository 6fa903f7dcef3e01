"""The medical profile: its sections, who writes them, who reads them.

Sources: official application (sections, what professionals see, "not concerned", texts of 1 000
characters for a posology and 150 for a measure).
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.hiding import space_people
from etalon_model.records.medical_data import Item, Profile
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.record import documents_of, profile_of, record_or_none
from etalon_model.records.sighting import Sighting, sighting
from etalon_model.records.wishes import current_directives
from etalon_model.register import Register
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import note_reading
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

SECTIONS: Final = {
    row["section"]: row["professionals_read"] == "yes" for row in rows_of("record_sections.csv")
}
"""Whether professionals read each section, by name."""

_OWN_COMMANDS: Final = frozenset({"vaccinations", "reimbursements", "entourage", "wishes"})
_COMMENTS: Final = {"treatments": LIMITS["posology"], "measures": LIMITS["measure_comment"]}
_EMPTY: Final = Profile()


@dataclass(frozen=True, slots=True)
class WriteSection(Command):
    """Say what stands in a section of the medical profile, in the place of what stood there.

    Attributes:
        section: Which one.
        items: Its items; none empties it.
        not_concerned: The person declares not to be concerned.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    section: str
    items: tuple[Item, ...]
    not_concerned: bool = False

    def detail(self) -> str:
        """Return the section when there is one such."""
        return self.section if self.section in SECTIONS else ""


@handles(WriteSection)
def write_section(register: Register, person: Person, command: WriteSection) -> Outcome:
    """Write the items; items and "not concerned" exclude each other."""
    refusal = refuse_operation(register, person, command, "add_document") or _refuse_items(command)
    if refusal is not None:
        return refusal
    profile = profile_of(person)
    profile.sections = {**profile.sections, command.section: command.items}
    alone = frozenset({command.section})
    profile.not_concerned = profile.not_concerned - alone
    if command.not_concerned and not command.items:
        profile.not_concerned = profile.not_concerned | alone
    return ACCEPTED


@enforces("REC-23")
def _refuse_items(command: WriteSection) -> Refusal | None:
    """Refuse a section that is not of the profile, and a comment too long."""
    if command.section not in SECTIONS or command.section in _OWN_COMMANDS:
        return Refusal("REC-23", "UNKNOWN_SECTION", command.ins, (command.section,))
    most = _COMMENTS.get(command.section, LIMITS["posology"])
    for item in command.items:
        if len(item.comment) > most:
            return Refusal("REC-23", "TEXT_TOO_LONG", command.ins, (len(item.comment), most))
    return None


@dataclass(frozen=True, slots=True)
class ReadSection(Command):
    """Read a section of the record that is not made of documents.

    Attributes:
        section: Which one.
        mode: How a professional comes to the record.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    section: str
    mode: AccessMode = AccessMode.NORMAL

    def detail(self) -> str:
        """Return the section when there is one such."""
        return self.section if self.section in SECTIONS else ""


@handles(ReadSection)
@enforces("REC-23")
def read_section(register: Register, person: Person, command: ReadSection) -> Outcome:
    """Answer what stands there to the space; to professionals only five sections."""
    if command.section not in SECTIONS:
        return Refusal("REC-23", "UNKNOWN_SECTION", command.ins, (command.section,))
    view = sighting(register, person, command, command.mode)
    if isinstance(view, Refusal):
        return view
    if view.is_care:
        if not SECTIONS[command.section]:
            facts = (command.section,)
            return Refusal("REC-23", "SECTION_NOT_FOR_PROFESSIONALS", command.ins, facts)
        note_reading(register, person, command.actor, command.at, command.mode)
        if command.section == "vaccinations":
            for to in space_people(person, command.at):
                register.tell(person, "CONSULT_VACCINATION", to, command.at)
    return Accepted(_content(person, view, command.section))


@enforces("VIS-01")
def _directives(person: Person, view: Sighting) -> str:
    """Return the identifier of the directives in force when the reader sees them, or nothing."""
    unique_id = current_directives(person)
    document = documents_of(person).get(unique_id)
    return "" if document is None or not view.sees_current(document) else unique_id


def _content(person: Person, view: Sighting, section: str) -> object:
    """Return what stands in a section: a tuple, or the identifier of the directives."""
    record = record_or_none(person)
    profile = _EMPTY if record is None or record.profile is None else record.profile
    match section:
        case "vaccinations":
            return tuple(profile.vaccinations.items())
        case "reimbursements":
            return profile.reimbursements
        case "entourage":
            return profile.contacts
        case "wishes":
            return _directives(person, view)
        case _:
            return profile.sections.get(section, ())
