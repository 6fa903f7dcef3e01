"""What is written to a space on a walk, and what is saved from there in the record."""

from collections.abc import Callable
from typing import Final

from etalon_model.actors import Actor
from etalon_model.command import Command
from etalon_model.messaging.attaching import SaveAttachment
from etalon_model.messaging.conversations import Mailbox
from etalon_model.messaging.transmission import (
    DELETED,
    NEW,
    REPLACED,
    SEND_CODES,
    TransmitDocument,
)
from etalon_model.people import Person
from etalon_model.records.nomenclature import CATEGORIES
from etalon_model.tables import rows_of
from etalon_model.walks.chance import Chance
from etalon_model.walks.contents import Moment

_WRONG: Final = 0.04
_OF_THE_MATRIX: Final = 0.8
_EVENTS: Final = (*sorted(NEW), REPLACED, DELETED)
_COMBINATIONS: Final = tuple(
    tuple(code for code in SEND_CODES if row[code] == "Y") for row in rows_of("send_matrix.csv")
)
_UPLOADS: Final = tuple(one.code for one in CATEGORIES.values() if one.upload == "yes")


class Messages:
    """Draws messages of machines and savings of attachments, apt most often."""

    __slots__ = ("_chance", "_fresh", "_moment")

    def __init__(self, chance: Chance, moment: Moment, fresh: Callable[[], str]) -> None:
        """Draw from `chance`, where the walk stands at `moment`; `fresh` gives identifiers."""
        self._chance = chance
        self._moment = moment
        self._fresh = fresh

    def makers(self) -> dict[str, Callable[[Actor], Command]]:
        """Return how the commands are made whose fields depend on one another."""
        return {"TransmitDocument": self._transmission, "SaveAttachment": self._saving}

    def _transmission(self, actor: Actor) -> TransmitDocument:
        """Return a new document, or what becomes of one already sent."""
        chance = self._chance
        at, person = self._moment()
        known = person.identity
        event = chance.pick(_EVENTS)
        document, version, sender = self._fresh(), 1, actor
        sent = tuple(_mailbox(person).transmissions.items())
        if sent and event not in NEW:
            document, last = chance.pick(sent)
            version, sender = last.version, last.author
        return TransmitDocument(
            at,
            sender,
            person.ins,
            address_of_sender(sender),
            document,
            f"Document {document}",
            event,
            self._codes(),
            "" if chance.happens(_WRONG) else known.ins,
            known.birth_on,
            "" if chance.happens(_WRONG) else known.sex,
            version,
            20_000,
            "FIN" if chance.happens(_WRONG) else "",
        )

    def _codes(self) -> tuple[str, ...]:
        """Return codes that a row of the matrix joins, or any of them."""
        chance = self._chance
        if chance.happens(_OF_THE_MATRIX):
            return chance.pick(_COMBINATIONS)
        return tuple(code for code in SEND_CODES if chance.happens(0.5))

    def _saving(self, actor: Actor) -> SaveAttachment:
        """Return the saving of a file that somebody received, when there is one."""
        chance = self._chance
        at, person = self._moment()
        files = [
            (thread.number, rank, place)
            for thread in _mailbox(person).threads.values()
            for rank, message in enumerate(thread.messages, 1)
            for place, _ in enumerate(message.attachments, 1)
        ]
        thread, message, attachment = chance.pick(files or [(1, 1, 1)])
        category = chance.pick(_UPLOADS)
        return SaveAttachment(
            at, actor, person.ins, thread, message, attachment, self._fresh(), category
        )


def address_of_sender(actor: Actor) -> str:
    """Return the address of the mailbox of a professional or a structure on a walk."""
    return f"{actor.ident}@example.mssante.fr"


def _mailbox(person: Person) -> Mailbox:
    held = person.holdings
    return Mailbox() if held is None or held.mailbox is None else held.mailbox
