"""Messages of hospital software that tell what a person wishes (PAM-FR, segment ZFA), over HTTP.

All that a message asks for is carried out, or none of it. What can be answered as a message is,
with the HTTP status of its reason; what is no message of HL7 is answered like any other body.

Source: HL7 over HTTP (media type `application/hl7-v2`); HL7 v2.5, chapter 2 (acknowledgements).
"""

from typing import Final

from etalon_model import AskAuthorisation, Person, Refusal
from etalon_model.records.record import record_or_none
from etalon_server.asking import actor_asking, known_person, told
from etalon_server.exchange import Answer, Desk, Refused, Request
from etalon_server.rehearsal import Halted
from etalon_wire.operation_outcomes import Fault, Reason, operation_outcome, status_of
from etalon_wire.wishes import command_of
from etalon_wire.zfa import (
    APPLICATION,
    UNKNOWN_KEY,
    Told,
    WrongMessage,
    acknowledgement,
    read_message,
)

MEDIA_TYPE: Final = "application/hl7-v2"
_NAMES: Final = frozenset({MEDIA_TYPE, "application/hl7-v2+er7", "x-application/hl7-v2+er7"})
_BAD_REQUEST: Final = 400


async def import_wishes(desk: Desk, request: Request) -> Answer:
    """Carry out what a message tells, and acknowledge it (W-CON-01).

    Raises:
        Refused: Its media type is another.
        Malformed: It is no message of HL7.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent not in _NAMES:
        message = f"a message of HL7 v2 is asked, as {MEDIA_TYPE}"
        raise Refused(Fault("UNSUPPORTED_MEDIA_TYPE", message, "Content-Type"))
    at = desk.host.clock.now()
    try:
        message_told = read_message(request.body)
    except WrongMessage as wrong:
        body = acknowledgement(wrong.head, at, "AE", (wrong.code, wrong.at, wrong.message))
        return Answer(_BAD_REQUEST, body, MEDIA_TYPE)
    try:
        await _carry_out(desk, request, message_told)
    except Refused as refused:
        wrong_part = _said(refused.reason)
        body = acknowledgement(message_told.head, at, "AE", wrong_part)
        return Answer(status_of(refused.reason, desk.mode), body, MEDIA_TYPE)
    return Answer(200, acknowledgement(message_told.head, at, "AA"), MEDIA_TYPE)


async def _carry_out(desk: Desk, request: Request, message: Told) -> None:
    """Carry out all the wishes of a message or none; one that asks for nothing leaves its trace.

    Raises:
        Refused: The model refuses one.
    """
    actor, at = actor_asking(request), desk.host.clock.now()
    person = known_person(desk, message.ins)
    if message.feeding == "INO" and _objected(person, actor.ident):
        fault = "an objection to feeding is not taken back by a message: the holder decides"
        raise Refused(Fault("NOT_ALLOWED", fault, "ZFA-9"))
    policies = desk.host.parameters.policies
    wishes = message.wishes(actor.ident)
    commands = [command_of(one, at, actor, person, policies) for one in wishes]
    acts = [(one, ()) for one in commands if not isinstance(one, list)]
    if not acts:
        await told(desk, AskAuthorisation(at, actor, person.ins))
        return
    outcome = await desk.host.write_all(acts)
    if isinstance(outcome, Halted):
        raise Refused(outcome.refusal)


def _objected(person: Person, ident: str) -> bool:
    record = record_or_none(person)
    return record is not None and ident in (record.objections or {})


def _said(reason: Reason) -> tuple[str, str, str]:
    """Return the code of the table 0357, the place and the words for a refusal."""
    issues = operation_outcome(reason)["issue"]
    first = issues[0] if isinstance(issues, list) else None
    words = first.get("diagnostics", "") if isinstance(first, dict) else ""
    if isinstance(reason, Refusal) and reason.code == "UNKNOWN_PERSON":
        return UNKNOWN_KEY, "PID-3", str(words)
    return APPLICATION, reason.expression if isinstance(reason, Fault) else "ZFA", str(words)
