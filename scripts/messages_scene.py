"""Somebody to whom a doctor writes, on a server that is asked in process about their messages."""

import base64
import hashlib
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from etalon_model import Actor, AnswerInvitation, InviteCaregiver, caregiver, holder
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_server.durable.encoding import Kept
from etalon_server.mail.places import attachment_key
from etalon_server.messages.places import mail_id_key
from etalon_wire.json_body import Json
from etalon_wire.messages.writing import CONVERSATION
from in_process import Reply
from rights_scene import RightsScene, said, treating

DOCTOR: Final = treating(0)
MAILBOX: Final = "doc@medecin.mssante.fr"
OTHER_MAILBOX: Final = "autre@medecin.mssante.fr"
PHARMACY: Final = "officine@pharmacien.mssante.fr"
RESULT: Final = b"%PDF-1.4 resultat"
SHA1: Final = hashlib.sha1(RESULT, usedforsecurity=False).hexdigest()
SCAN: Final = Attachment(
    "resultat.pdf", "application/pdf", len(RESULT), AttachmentOrigin.DEVICE, "", SHA1
)
MAIL_ID: Final = "<1@medecin.mssante.fr>"


class NotListedError(AssertionError):
    """A test expected a search to be answered, and it was refused."""


@dataclass
class Mailed:
    """A person to whom a doctor wrote, and who may be asked on the server.

    Attributes:
        scene: The server.
        ins: The person.
    """

    scene: RightsScene
    ins: str

    def deliver(
        self,
        subject: str = "Vos résultats",
        **more: Any,  # noqa: ANN401 (fields of the command)
    ) -> int:
        """Have the doctor write; return the number of the conversation."""
        self.scene.wait(timedelta(minutes=1))
        at, host = self.scene.clock.now(), self.scene.desk.host
        files = more.setdefault("attachments", (SCAN,))
        host.contents.hold(
            [Kept(attachment_key(self.ins, one.sha1), RESULT) for one in files if one.sha1]
        )
        host.contents.hold([Kept(mail_id_key(self.ins, MAILBOX, at), MAIL_ID.encode())])
        command = DeliverMessage(at, DOCTOR, self.ins, MAILBOX, subject, "Bonjour", **more)
        return int(str(self.scene.people.do(command)))

    def ask(
        self, verb: str, path: str = "", body: Json = None, by: Actor | None = None, **more: str
    ) -> Reply:
        """Ask about messages, as the holder or as somebody who acts for them."""
        self.scene.wait(timedelta(seconds=1))
        sent = b"" if body is None else json.dumps(body).encode()
        caller = self.scene.caller(by or holder(self.ins), self.ins)
        return self.scene.ask(caller, verb, f"/fhir/Communication{path}", sent, **more)

    def listed(self, search: str = "", by: Actor | None = None) -> list[dict[str, Any]]:
        """Return what a search finds.

        Raises:
            NotListedError: It is refused.
        """
        reply = self.ask("GET", search, by=by)
        if reply.status != HTTPStatus.OK:
            raise NotListedError(reply.text)
        return [entry["resource"] for entry in reply.json.get("entry", [])]

    def conversation(self, by: Actor | None = None) -> str:
        """Return the search of the messages of the latest conversation."""
        return f"?part-of=Communication/{self.listed(by=by)[0]['id']}"

    def binary(self, resource_id: str, by: Actor | None = None) -> Reply:
        """Read bytes."""
        caller = self.scene.caller(by or holder(self.ins), self.ins)
        return self.scene.ask(caller, "GET", f"/fhir/Binary/{resource_id}", accept="*/*")

    def carer(self) -> Actor:
        """Make a caregiver of the person."""
        other, people = self.scene.person(), self.scene.people
        people.do(InviteCaregiver(people.now, holder(self.ins), self.ins, other))
        people.do(AnswerInvitation(people.now, caregiver(other), self.ins, accept=True))
        self.scene.clock.start_at(people.now)
        return caregiver(other)


@contextmanager
def messages_scene() -> Generator[RightsScene]:
    """Run one server, on which three mailboxes are published, while the block lasts."""
    opened = RightsScene()
    for actor, address, pharmacy in (
        (DOCTOR, MAILBOX, False),
        (DOCTOR, OTHER_MAILBOX, False),
        (treating(1), PHARMACY, True),
    ):
        command = PublishMailbox(opened.people.now, actor, "", address, MailboxType.PER, pharmacy)
        opened.people.do(command)
    yield opened
    opened.close()


def written(status: str = "completed", **more: Json) -> dict[str, Json]:
    """Return a message as it is sent."""
    return {
        "resourceType": "Communication",
        "status": status,
        "payload": [{"contentString": "Merci"}],
        **more,
    }


def to(address: str = PHARMACY) -> list[Json]:
    """Return a recipient."""
    return [{"identifier": {"system": "urn:ietf:rfc:3986", "value": f"mailto:{address}"}}]


def answering(resource_id: str) -> Json:
    """Return what is answered."""
    return [{"reference": f"Communication/{resource_id}"}]


def file(content: bytes = b"abc", title: str = "mot.txt", mime: str = "text/plain") -> Json:
    """Return a file that comes with a message."""
    data = base64.b64encode(content).decode()
    return {"contentAttachment": {"contentType": mime, "title": title, "data": data}}


def attachments(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is attached to a message."""
    return [one["contentAttachment"] for one in resource["payload"] if "contentAttachment" in one]


def binary_id(attachment: dict[str, Any]) -> str:
    """Return the address of an attachment."""
    return str(attachment["url"]).rpartition("/")[2]


def marked(resource: dict[str, Any], url: str) -> dict[str, Any]:
    """Return an extension of a resource, empty when it is not there."""
    nothing: dict[str, Any] = {}
    return next((one for one in resource.get("extension", []) if one["url"] == url), nothing)


def told(resource: dict[str, Any]) -> dict[str, Any]:
    """Return what a conversation says of itself."""
    inner = marked(resource, CONVERSATION)["extension"]
    return {one["url"]: one.get("valueUnsignedInt", one.get("valueCode")) for one in inner}


def code(reply: Reply) -> str:
    """Return why a request was refused."""
    return str(reply.json["issue"][0]["details"]["coding"][0]["code"])


def save(
    mailed: Mailed, attachment: str, by: Actor | None = None, category: str = "RADIO_SC"
) -> Reply:
    """Save an attachment in the record."""
    parts = [
        said("attachment", valueString=attachment),
        said("category", valueCode=category),
    ]
    body: Json = {"resourceType": "Parameters", "parameter": parts}
    return mailed.ask("POST", "/$mes-save-attachment", body, by)
