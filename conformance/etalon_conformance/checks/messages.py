"""Messages of a space: who may write first, what is answered, what is kept and lost."""

import re
from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.mail import NEEDS, PEOPLE, letter_to
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    accepted,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    present,
    status,
)
from etalon_conformance.life_scene import closed
from etalon_conformance.mail_scene import (
    CODE,
    TAKEN,
    Letter,
    answered,
    identifier_of_answer,
    posted,
)
from etalon_conformance.message_scene import (
    CREATED,
    GONE,
    IDS,
    PHARMACIST,
    PLACE,
    TEXTS,
    own_wire,
    written_message,
)
from etalon_conformance.requirement import Wire
from etalon_model.actors import ActorKind
from etalon_target.people import TestPerson

_NOT_SENT: Final = (400, 403, 409, 422)


def _conversation(bench: Bench, person: TestPerson) -> str:
    """Return the last conversation of somebody, or an empty string."""
    return bench.call(person.who, "GET", PLACE).first(IDS)


def _messages(bench: Bench, person: TestPerson, conversation: str) -> Exchange:
    return bench.call(person.who, "GET", f"{PLACE}?part-of=Communication/{conversation}")


def _delivered(bench: Bench, requirement: str, letter: Letter) -> str:
    """Have a letter taken, and return the message that came of it; a control."""
    answer = posted(bench, letter).answer
    bench.expects(requirement, answer, one_of(CODE, TAKEN), control=True)
    listed = _messages(bench, letter.person, _conversation(bench, letter.person))
    bench.expects(requirement, listed, present(IDS), control=True)
    return listed.first(IDS)


@check(requirements=("MSG-05", "W-MSS-08"), needs=NEEDS, wire=Wire.OWN)
def thread_that_was_ended_takes_no_answer(bench: Bench) -> Iterator[Assertion]:
    """After `X-MSS-MES: FIN` nobody answers; without it they do."""
    own_wire(bench)
    for closes in (False, True):
        person = bench.person()
        letter = Letter(
            sender=(doctor := bench.professional()),
            address=mailbox_of(bench, doctor),
            person=person,
            closes=closes,
            asks=False,
        )
        message = _delivered(bench, "MSG-05", letter)
        reply = bench.call(
            person.who, "POST", PLACE, body=written_message("Merci", answering=message)
        )
        expected = status(*_NOT_SENT) if closes else status(CREATED)
        yield bench.expects("MSG-05", reply, expected)
        yield bench.expects("W-MSS-08", reply, expected)


@check(requirements=("MSG-05", "W-MSS-08"), needs=NEEDS, wire=Wire.OWN)
def later_mail_ends_the_thread_as_well(bench: Bench) -> Iterator[Assertion]:
    """A doctor who answers the holder's answer, and closes, is answered no more."""
    own_wire(bench)
    person, doctor = bench.person(), bench.professional()
    address = mailbox_of(bench, doctor)
    first = Letter(sender=doctor, address=address, person=person, asks=False)
    sent = posted(bench, first)
    bench.expects("MSG-05", sent.answer, one_of(CODE, TAKEN), control=True)
    thread = _conversation(bench, person)
    message = _messages(bench, person, thread).first(IDS)
    reply = bench.call(person.who, "POST", PLACE, body=written_message("Merci", answering=message))
    bench.expects("MSG-05", reply, status(CREATED), control=True)
    last = Letter(
        sender=doctor,
        address=address,
        person=person,
        asks=False,
        closes=True,
        answers=identifier_of_answer(bench, sent),
    )
    bench.expects("MSG-05", posted(bench, last).answer, one_of(CODE, TAKEN), control=True)
    newest = _messages(bench, person, thread).value(IDS)
    for one in newest:
        again = bench.call(person.who, "POST", PLACE, body=written_message("Encore", answering=one))
        for requirement in ("MSG-05", "W-MSS-08"):
            yield bench.expects(requirement, again, status(*_NOT_SENT))


@check(requirements=("MSG-01", "MSG-04", "MSG-08"), needs=NEEDS, wire=Wire.OWN)
def letter_is_read_and_answered(bench: Bench) -> Iterator[Assertion]:
    """The holder reads what came by mail; the answer reaches the mailbox of who wrote."""
    own_wire(bench)
    person = bench.person()
    letter = letter_to(bench, person, document=False)
    sent = posted(bench, letter)
    bench.expects("MSG-01", sent.answer, one_of(CODE, TAKEN), control=True)
    listed = _messages(bench, person, _conversation(bench, person))
    wanted = matches(TEXTS, rf"{re.escape(letter.text.strip())}\s*")
    yield bench.expects("MSG-01", listed, wanted, certain=False)
    message = listed.first(IDS)
    reply = bench.call(person.who, "POST", PLACE, body=written_message("Merci", answering=message))
    yield bench.expects("MSG-04", reply, status(CREATED))
    box = answered(bench, sent)
    yield bench.expects("MSG-04", box, includes("others", "1"))
    if bench.target.operations.can("tell_notices"):
        told = bench.operation("tell_notices", None, patient=person.ins)
        yield bench.expects("MSG-08", told, includes("told[code=MESSAGE].to", person.ins))


@check(requirements=("REP-09",), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def caregiver_reads_and_writes_messages(bench: Bench) -> Iterator[Assertion]:
    """A caregiver reads the messages of whoever they help, and answers them; nobody else does."""
    own_wire(bench)
    person, helper, other = bench.person(age=81), bench.person(age=52), bench.person(age=51)
    bench.relate("caregiver", person, helper)
    letter = letter_to(bench, person, document=False)
    message = _delivered(bench, "REP-09", letter)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    false = bench.acting(ActorKind.CAREGIVER, other, person)
    thread = _conversation(bench, person)
    for who, expected in ((caring, includes(IDS, message)), (false, excludes(IDS, message))):
        read = bench.call(who, "GET", f"{PLACE}?part-of=Communication/{thread}")
        yield bench.expects("REP-09", read, expected)
    answer = written_message("Merci pour elle", answering=message)
    refused = bench.call(false, "POST", PLACE, body=answer)
    yield bench.expects("REP-09", refused, status(*_NOT_SENT, 401, 404))
    yield bench.expects("REP-09", bench.call(caring, "POST", PLACE, body=answer), status(CREATED))


@check(requirements=("MSG-02", "W-MSS-13"), needs=NEEDS, wire=Wire.OWN)
def holder_writes_first_to_nobody_who_never_wrote(bench: Bench) -> Iterator[Assertion]:
    """A new message to a doctor is refused until that doctor wrote."""
    own_wire(bench)
    person = bench.person()
    letter = letter_to(bench, person, document=False)
    new = written_message("Puis-je venir demain ?", to=letter.address)
    before = bench.call(person.who, "POST", PLACE, body=new)
    yield bench.expects("MSG-02", before, status(*_NOT_SENT))
    yield bench.expects("W-MSS-13", before, status(*_NOT_SENT))
    _delivered(bench, "MSG-02", letter)
    after = bench.call(person.who, "POST", PLACE, body=new)
    yield bench.expects("MSG-02", after, status(CREATED))


@check(requirements=("MSG-03",), needs=PEOPLE, wire=Wire.OWN)
def pharmacy_may_be_written_to_first(bench: Bench) -> Iterator[Assertion]:
    """A new message to a pharmacy is sent, though nobody there ever wrote."""
    own_wire(bench)
    person, pharmacist = bench.person(), bench.professional(PHARMACIST)
    address = mailbox_of(bench, pharmacist)
    new = written_message("Avez-vous ce médicament ?", to=address)
    sent = bench.call(person.who, "POST", PLACE, body=new)
    yield bench.expects("MSG-03", sent, status(CREATED))
    listed = _messages(bench, person, _conversation(bench, person))
    yield bench.expects("MSG-03", listed, includes(TEXTS, "Avez-vous ce médicament ?"))


@check(requirements=("MSG-10",), needs=PEOPLE, wire=Wire.OWN)
def draft_is_kept_as_it_was_written(bench: Bench) -> Iterator[Assertion]:
    """A draft is kept, changed, and is nobody else's."""
    own_wire(bench)
    person, other = bench.person(), bench.person()
    address = mailbox_of(bench, bench.professional(PHARMACIST))
    draft = written_message("Une question à finir", to=address, draft=True)
    kept = bench.call(person.who, "POST", PLACE, body=draft)
    bench.expects("MSG-10", kept, status(CREATED), control=True)
    place = f"{PLACE}/{kept.first('id')}"
    read = bench.call(person.who, "GET", place)
    yield bench.expects("MSG-10", read, equals("payload.contentString", "Une question à finir"))
    yield bench.expects("MSG-10", read, equals(".status", "preparation"))
    mine = bench.call(person.who, "GET", PLACE)
    yield bench.expects("MSG-10", mine, includes(IDS, kept.first("id")))
    theirs = bench.call(other.who, "GET", place)
    yield bench.expects("MSG-10", theirs, status(*GONE))


@check(requirements=("MSG-09",), needs=PEOPLE, wire=Wire.OWN)
def deleted_thread_loses_its_messages(bench: Bench) -> Iterator[Assertion]:
    """A conversation that its holder deletes is gone with its messages."""
    own_wire(bench)
    person = bench.person()
    address = mailbox_of(bench, bench.professional(PHARMACIST))
    sent = bench.call(person.who, "POST", PLACE, body=written_message("Bonjour", to=address))
    bench.expects("MSG-09", sent, status(CREATED), control=True)
    conversation = _conversation(bench, person)
    message = _messages(bench, person, conversation).first(IDS)
    deleted = bench.call(person.who, "DELETE", f"{PLACE}/{conversation}")
    yield bench.expects("MSG-09", deleted, status(200, 204))
    left = bench.call(person.who, "GET", PLACE)
    yield bench.expects("MSG-09", left, excludes(IDS, conversation))
    read = bench.call(person.who, "GET", f"{PLACE}/{message}")
    yield bench.expects("MSG-09", read, status(*GONE))


@check(requirements=("LIF-12",), needs=(*PEOPLE, "close_space"), wire=Wire.OWN)
def closed_space_shows_no_message(bench: Bench) -> Iterator[Assertion]:
    """Once a space is closed its messages are read by nobody, and nobody writes from it."""
    own_wire(bench)
    person = bench.person()
    address = mailbox_of(bench, bench.professional(PHARMACIST))
    sent = bench.call(person.who, "POST", PLACE, body=written_message("Bonjour", to=address))
    bench.expects("LIF-12", sent, status(CREATED), control=True)
    message = _messages(bench, person, _conversation(bench, person)).first(IDS)
    bench.expects("LIF-12", closed(bench, person), accepted(), control=True)
    yield bench.expects("LIF-12", bench.call(person.who, "GET", PLACE), absent(IDS))
    read = bench.call(person.who, "GET", f"{PLACE}/{message}")
    yield bench.expects("LIF-12", read, status(401, *GONE))
    again = bench.call(person.who, "POST", PLACE, body=written_message("Bonjour", to=address))
    yield bench.expects("LIF-12", again, status(401, *_NOT_SENT, *GONE))
