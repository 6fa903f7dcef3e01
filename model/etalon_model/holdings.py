"""What an open space holds: record, rights, mailbox, agenda, synchronised services.

Each part is made when it is first needed, so that somebody whose space holds nothing weighs
nothing. A part belongs to the package of its domain, which alone changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etalon_model.agenda.agenda import Agenda
    from etalon_model.catalogue.measures import Measures
    from etalon_model.catalogue.pairings import Pairings
    from etalon_model.messaging.conversations import Mailbox
    from etalon_model.records.record import Record
    from etalon_model.rights.rights import Rights


@dataclass(slots=True)
class Holdings:
    """The parts of one space.

    Attributes:
        record: Documents and medical profile (DMP), or None.
        rights: Consents, care team, blocks, emergency choices, or None.
        mailbox: Conversations (MSSanté), or None.
        agenda: Appointments, reminders, prevention items, or None.
        pairings: Synchronised services and their consents, or None.
        measures: Measures and the devices that took them, or None.
    """

    record: Record | None = None
    rights: Rights | None = None
    mailbox: Mailbox | None = None
    agenda: Agenda | None = None
    pairings: Pairings | None = None
    measures: Measures | None = None
