"""Acts of the mailbox and on measures: what a holder, or who helps them, writes, enters and reads.

What a target lists is compared by what was made up in the sequence: the subject of a conversation,
the text of a message, the value of a measure.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from etalon_conformance.exchanges import Exchange
from etalon_conformance.exploring.company import Written
from etalon_conformance.exploring.seats import Act, Asked, Seat, told
from etalon_conformance.record_scene import matricule, target_of
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import EnterMeasure, ReadMeasures
from etalon_model.command import Command
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin, ReplyKind
from etalon_model.messaging.reading import (
    DeleteThread,
    FindContacts,
    ReadMailbox,
    ReadThread,
    mailbox_of,
)
from etalon_model.messaging.writing import DeleteDraft, SaveDraft, WriteMessage
from etalon_target.messages import NotJson

if TYPE_CHECKING:
    from etalon_wire.json_body import Json, Resource

_PLACE: Final = "Communication"
_SUBJECTS: Final = "entry.resource.topic.text"
_TEXTS: Final = "entry.resource.payload.contentString"
_VALUES: Final = "entry.resource.valueQuantity.value"
_LIGHTEST: Final = 40
_LOINC: Final = "http://loinc.org"
_CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_UNITS: Final = "http://unitsofmeasure.org"


def _text(seat: Seat) -> str:
    return f"Message {seat.company.words}"


def _subject(seat: Seat) -> str:
    return f"Question {seat.company.words}"


def _weight(seat: Seat) -> float:
    return float(_LIGHTEST + seat.company.words)


def _thread(seat: Seat) -> Written:
    """Return the conversation that was begun last, deleted since or not."""
    return seat.company.conversations[-1]


def _draft(seat: Seat) -> Written:
    """Return the draft that was kept last, sent or deleted since or not."""
    return seat.company.drafts[-1]


def _said(command: Callable[[Seat], Command]) -> Callable[[Seat], tuple[Command, ...]]:
    """Return what makes a command of words that nobody said before."""

    def commands(seat: Seat) -> tuple[Command, ...]:
        seat.company.words += 1
        return (command(seat),)

    return commands


def _resource(seat: Seat, *, to: str = "", status: str = "completed") -> "Resource":
    """Return a message, with its subject where it goes to an address."""
    made: Resource = {
        "resourceType": _PLACE,
        "status": status,
        "payload": [{"contentString": _text(seat)}],
    }
    if to:
        address: Json = {"system": "urn:ietf:rfc:3986", "value": f"mailto:{to}"}
        made["topic"] = {"text": _subject(seat)}
        made["recipient"] = [{"identifier": address}]
    return made


def _write(seat: Seat) -> Command:
    return WriteMessage(
        *seat.given,
        _text(seat),
        ReplyKind.NEW_MESSAGE,
        to=seat.company.mailbox(seat.call.about),
        subject=_subject(seat),
    )


def _post(seat: Seat) -> Asked:
    return _sent(seat, _resource(seat, to=seat.company.mailbox(seat.call.about)))


def _sent(seat: Seat, body: "Resource") -> Asked:
    """Send a new message, and keep where its conversation is."""
    return _begun(seat, seat.bench.call(seat.who, "POST", _PLACE, body=body))


def _begun(seat: Seat, answer: Exchange) -> Asked:
    answered = told(answer)
    if answered.accepted:
        threads = mailbox_of(seat.company.stage.readings[0].person(seat.ins)).threads
        ident = target_of(answer.first("partOf.reference"))[1]
        seat.company.conversations.append(Written(ident, max(threads, default=0)))
    return answered


def _enclose(seat: Seat) -> Command:
    """Return a message with a document of the record, as whoever writes sees it."""
    document = Attachment("", "", 0, AttachmentOrigin.DOCUMENT, seat.kept.one.unique_id)
    return WriteMessage(
        *seat.given,
        _text(seat),
        ReplyKind.NEW_MESSAGE,
        to=seat.company.mailbox(seat.call.about),
        subject=_subject(seat),
        attachments=(document,),
    )


def _post_document(seat: Seat) -> Asked:
    body = _resource(seat, to=seat.company.mailbox(seat.call.about))
    enclosed: Json = {"contentReference": {"reference": seat.kept.place}}
    body["payload"] = [{"contentString": _text(seat)}, enclosed]
    return _sent(seat, body)


def _answer(seat: Seat) -> Command:
    return WriteMessage(*seat.given, _text(seat), thread=_thread(seat).number)


def _post_answer(seat: Seat) -> Asked:
    body = _resource(seat)
    body["partOf"] = [{"reference": f"{_PLACE}/{_thread(seat).ident}"}]
    return told(seat.bench.call(seat.who, "POST", _PLACE, body=body))


def _keep(seat: Seat) -> Command:
    return SaveDraft(
        *seat.given, _text(seat), seat.company.mailbox(seat.call.about), subject=_subject(seat)
    )


def _post_draft(seat: Seat) -> Asked:
    to = seat.company.mailbox(seat.call.about)
    body = _resource(seat, to=to, status="preparation")
    answer = seat.bench.call(seat.who, "POST", _PLACE, body=body)
    answered = told(answer)
    if answered.accepted:
        number = mailbox_of(seat.company.stage.readings[0].person(seat.ins)).drafts_made
        kept = Written(answer.first("id"), number, to, _subject(seat), _text(seat))
        seat.company.drafts.append(kept)
    return answered


def _send_draft(seat: Seat) -> tuple[Command, ...]:
    """Return the sending of the last draft, as it was kept."""
    draft = _draft(seat)
    return (
        WriteMessage(
            *seat.given,
            draft.text,
            ReplyKind.NEW_MESSAGE,
            to=draft.to,
            subject=draft.subject,
            draft=draft.number,
        ),
    )


def _put_draft(seat: Seat) -> Asked:
    draft = _draft(seat)
    address: Json = {"system": "urn:ietf:rfc:3986", "value": f"mailto:{draft.to}"}
    body: Resource = {
        "resourceType": _PLACE,
        "id": draft.ident,
        "status": "completed",
        "topic": {"text": draft.subject},
        "recipient": [{"identifier": address}],
        "payload": [{"contentString": draft.text}],
    }
    place = f"{_PLACE}/{draft.ident}"
    return _begun(seat, seat.bench.call(seat.who, "PUT", place, body=body))


def _delete(what: Callable[[Seat], Written]) -> Callable[[Seat], Asked]:
    return lambda seat: told(seat.bench.call(seat.who, "DELETE", f"{_PLACE}/{what(seat).ident}"))


def _list(path: Callable[[Seat], str], where: str) -> Callable[[Seat], Asked]:
    """Return what reads a page of the mailbox, and what is listed there."""
    return lambda seat: listed(seat.bench.call(seat.who, "GET", path(seat)), where)


def listed(page: Exchange, where: str) -> Asked:
    """Return what a page lists at a path; a page that cannot be read tells nothing."""
    answered = told(page)
    if not answered.accepted:
        return answered
    if isinstance(page.json(), NotJson):
        return Asked((page,), accepted=None)
    names = frozenset(_plain(one) for one in page.value(where))
    return Asked((page,), accepted=True, listed=names, where=where)


def _plain(value: str) -> str:
    """Return a number without a fraction as it is written without one."""
    return value.removesuffix(".0")


def _find_contacts(seat: Seat) -> Asked:
    """Ask whom one may write to; pharmacies of other people are listed too."""
    body: Resource = {"resourceType": "Parameters", "parameter": []}
    return told(seat.bench.call(seat.who, "POST", f"{_PLACE}/$mes-contacts", body=body))


def _enter(seat: Seat) -> Command:
    return EnterMeasure(*seat.given, WEIGHT, seat.company.stage.now, (_weight(seat),))


def _post_measure(seat: Seat) -> Asked:
    stage = seat.company.stage
    system, _, value = matricule(stage.person).partition("|")
    unit: Resource = {"value": int(_weight(seat)), "unit": "kg", "system": _UNITS, "code": "kg"}
    category: Resource = {"system": _CATEGORIES, "code": "vital-signs"}
    body: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [category]}],
        "code": {"coding": [{"system": _LOINC, "code": WEIGHT}]},
        "subject": {"identifier": {"system": system, "value": value}},
        "effectiveDateTime": stage.now.isoformat(timespec="seconds"),
        "valueQuantity": unit,
    }
    return told(seat.bench.call(seat.who, "POST", "Observation", body=body))


def _read_measures(seat: Seat) -> Asked:
    parameter: Json = {"name": "code", "valueCode": WEIGHT}
    body: Resource = {"resourceType": "Parameters", "parameter": [parameter]}
    return listed(seat.bench.call(seat.who, "POST", "Patient/$mes-measures", body=body), _VALUES)


ACTS_OF_MAILBOX: Final[Mapping[str, Act]] = {
    "mailbox": Act(lambda seat: (ReadMailbox(*seat.given),), _list(lambda _: _PLACE, _SUBJECTS)),
    "write": Act(_said(_write), _post),
    "enclose": Act(_said(_enclose), _post_document),
    "answer": Act(_said(_answer), _post_answer),
    "thread": Act(
        lambda seat: (ReadThread(*seat.given, _thread(seat).number),),
        _list(lambda seat: f"{_PLACE}?part-of={_PLACE}/{_thread(seat).ident}", _TEXTS),
    ),
    "drop": Act(lambda seat: (DeleteThread(*seat.given, _thread(seat).number),), _delete(_thread)),
    "draft": Act(_said(_keep), _post_draft),
    "send_draft": Act(_send_draft, _put_draft),
    "drop_draft": Act(
        lambda seat: (DeleteDraft(*seat.given, _draft(seat).number),), _delete(_draft)
    ),
    "contacts": Act(lambda seat: (FindContacts(*seat.given),), _find_contacts),
    "measure": Act(_said(_enter), _post_measure),
    "measures": Act(lambda seat: (ReadMeasures(*seat.given, WEIGHT),), _read_measures),
}
"""The acts by name."""
