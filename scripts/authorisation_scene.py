"""People whose spaces stand everywhere, and everybody who may ask about them."""

import base64
import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha1
from http import HTTPStatus
from typing import Final

from agenda_scene import AgendaPlaces
from etalon_model import (
    INSURER,
    AnswerInvitation,
    BlockProfessional,
    InviteCaregiver,
    JoinCareTeam,
    State,
    caregiver,
    holder,
    representative,
)
from etalon_model.catalogue.measuring import EnterMeasure
from etalon_model.messaging.conversations import Attachment
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.messaging.writing import SaveDraft
from etalon_server.durable.encoding import Kept
from etalon_server.mail.places import attachment_key
from etalon_wire.claims import Caller, actor_of
from etalon_wire.json_body import Json
from rights_scene import (
    FIRST,
    TEST_INS,
    RightsScene,
    treating,
)

MAILBOX: Final = "doc@medecin.mssante.fr"
TITLE: Final = "Compte rendu que nul autre ne lit"
STATES: Final = {
    "late": State.NOTIFIED,
    "silent": State.OPEN_INACTIVE,
    "open": State.OPEN_ACTIVE,
    "child": State.OPEN_ACTIVE,
    "sibling": State.OPEN_ACTIVE,
    "unnotified": State.NOT_NOTIFIED,
    "notified": State.NOTIFIED,
    "notified_child": State.NOTIFIED,
    "suspended": State.SUSPENDED,
    "closed": State.CLOSED_ARCHIVED,
    "to_erase": State.DELETION_REQUESTED,
    "erasing": State.DELETION_RUNNING,
}
"""Whom the rows are about, and where their space stands; children have a representative. Who is
silent comes early: their window takes weeks, after which the space of who came before may be
opened, and no code is good any more."""

MINORS: Final = frozenset({"child", "sibling", "notified_child"})

Asked = tuple[str, str, bytes, dict[str, str]]
"""A request: verb, path, body, headers."""


class Town(RightsScene):
    """People whose spaces stand everywhere, who knows whom, and one document each may not see."""

    def __init__(self) -> None:
        """Make everybody."""
        super().__init__()
        self.other, self.helper, self.guardian = (self.person() for _ in range(3))
        self.subjects = {
            name: self.person(self.guardian, state=state, born=date(2015, 5, 17))
            if name in MINORS
            else self.person(state=state)
            for name, state in STATES.items()
        }
        self.documents: dict[str, str] = {}
        team, blocked = treating(0), treating(2)
        self.share("open")
        self.people.fresh_code(self.subjects["closed"])
        self.clock.start_at(self.people.now)
        for name in ("open", "child"):
            ins = self.subjects[name]
            decider = self.people.decider(ins)
            self.people.do(JoinCareTeam(self.people.now, team, ins, informed=True))
            self.people.do(BlockProfessional(self.people.now, decider, ins, blocked.ident))
            reply = self.ask(self.caller(team), *document(ins)[:3])
            if reply.status != HTTPStatus.CREATED:
                raise RuntimeError(reply.body)
            self.documents[name] = reply.json["id"]
            now = self.people.now
            self.people.do(EnterMeasure(now, decider, ins, "29463-7", FIRST, (71.0,)))
        self.agenda = AgendaPlaces(self, self.subjects["open"], self.subjects["child"])
        for name in ("open", "child"):
            self.correspond(self.subjects[name])
        self.before = self.service.snapshot()
        self.digest = self.service.digest()

    def answer(self, caller: Caller | None, request: Asked) -> str:
        """What the table says of an answer: its status, and whether a search found nothing.

        Raises:
            AssertionError: Who was refused, or found nothing, was told what the document is called.
        """
        verb, path, body, headers = request
        reply = self.ask(caller, verb, path, body, **headers)
        empty = reply.status == HTTPStatus.OK and b'"total":0' in reply.body
        answer = f"{reply.status} empty" if empty else str(reply.status)
        if TITLE.encode() in reply.body and not is_accepted(answer):
            message = f"{verb} {path} told what a document is called"
            raise AssertionError(message)
        return answer

    def share(self, name: str) -> None:
        """Make the helper a caregiver of somebody."""
        ins, now = self.subjects[name], self.people.now
        self.people.do(InviteCaregiver(now, holder(ins), ins, self.helper))
        self.people.do(AnswerInvitation(now, caregiver(self.helper), ins, accept=True))

    def correspond(self, ins: str) -> None:
        """Have a doctor write to somebody, with a file, and them begin an answer."""
        people, file = self.people, b"Compte rendu"
        digest = sha1(file, usedforsecurity=False).hexdigest()
        attachment = Attachment("note.txt", "text/plain", len(file), sha1=digest)
        if MAILBOX not in self.service.snapshot(copied=False).register.correspondents:
            people.do(PublishMailbox(people.now, treating(0), "", MAILBOX, MailboxType.PER))
        people.do(
            DeliverMessage(
                *(people.now, treating(0), ins, MAILBOX, TITLE, TITLE),
                attachments=(attachment,),
            )
        )
        people.do(SaveDraft(people.now, people.decider(ins), ins, TITLE, thread=1))
        self.desk.contents.hold([Kept(attachment_key(ins, digest), file)])

    def callers(self, ins: str) -> Mapping[str, Caller | None]:
        """Who asks about a person, by their relation."""
        return {
            "nobody": None,
            "holder": self.caller(holder(ins)),
            "other_holder": self.caller(holder(self.other)),
            "caregiver": self.caller(caregiver(self.helper), ins),
            "false_caregiver": self.caller(caregiver(self.other), ins),
            "representative": self.caller(representative(self.guardian), ins),
            "representative_of_another": self.caller(
                representative(self.guardian), self.subjects["sibling"]
            ),
            "team_doctor": self.caller(treating(0)),
            "stranger_doctor": self.caller(treating(1)),
            "blocked_doctor": self.caller(treating(2)),
            "structure": self.caller(actor_of("structure", "1750000001")),
            "insurer": self.caller(actor_of(INSURER.kind, INSURER.ident)),
            "app": self.caller(actor_of("app", "1.2.250.1.999.4"), ins),
            "support": self.caller(actor_of("support", "desk")),
            "system": self.caller(actor_of("system", "system")),
        }


def sent(verb: str, path: str, body: Json) -> Asked:
    """A request with a resource."""
    return verb, path, json.dumps(body).encode(), {}


def document(ins: str) -> Asked:
    """A simplified publication for somebody."""
    body: Json = {
        "resourceType": "DocumentReference",
        "masterIdentifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:oid:1.2.250.1.999.7.{int(ins[:13].replace('A', '0'))}",
        },
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
        "subject": {"identifier": {"system": TEST_INS, "value": ins}},
        "date": "2022-01-02T10:05:00+01:00",
        "author": [
            {
                "identifier": {
                    "system": "https://rpps.esante.gouv.fr",
                    "value": treating(0).ident[1:],
                }
            }
        ],
        "custodian": {
            "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
        },
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain",
                    "data": base64.b64encode(TITLE.encode()).decode(),
                    "title": TITLE,
                }
            }
        ],
    }
    return sent("POST", "/fhir/DocumentReference", body)


def is_accepted(answer: str) -> bool:
    """Whether somebody was told or did something."""
    return answer.startswith("2") and not answer.endswith("empty")
