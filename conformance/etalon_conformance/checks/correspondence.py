"""Threads of a space: who may write in them, what ends them, what is told of them."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.mail import NEEDS
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.expectations import (
    absent,
    count,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.mail_scene import (
    CODE,
    REFUSED,
    TAKEN,
    identifier_of_answer,
    left_for,
    posted,
)
from etalon_conformance.message_scene import (
    CREATED,
    IDS,
    NOT_SENT,
    PHARMACIST,
    PLACE,
    TEXTS,
    all_messages,
    came,
    letter_from,
    listed_for,
    messages_in,
    own_wire,
    sent_by,
    written_message,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.people import TestPerson

_REFUSED: Final = (401, *NOT_SENT)
_KINDS: Final = ("REPLY", "REPLY_TO_ALL", "REPLY_BLOCKED", "NO_REPLY", "NEW_MESSAGE", "FORWARD")
_FIRST: Final = ("MSG-02", "W-MSS-13")
_ENDED: Final = ("MSG-05", "W-MSS-08")


def _kind_of(conversation: str) -> str:
    """Return the path to what may follow in a conversation."""
    return f"entry.resource[id={conversation}].extension.extension[url=replyKind].valueCode"


@check(requirements=("MSG-04", "MSG-05", "W-MSS-08"), needs=NEEDS, wire=Wire.OWN)
def thread_says_which_answers_it_takes(bench: Bench) -> Iterator[Assertion]:
    """One to who wrote, one to all, or none any more; no other kind, whatever a message says."""
    own_wire(bench)
    person, doctor, second = bench.person(), bench.professional(), bench.professional()
    copy = mailbox_of(bench, second)
    for copies, closes, shown, taken in (
        ((), False, "REPLY", ("REPLY",)),
        ((copy,), False, "REPLY_TO_ALL", ("REPLY", "REPLY_TO_ALL")),
        ((copy,), True, "REPLY_BLOCKED", ()),
        ((), True, "REPLY_BLOCKED", ()),
    ):
        letter = letter_from(bench, doctor, person, closes=closes, copies=copies)
        sent, thread, message = came(bench, "MSG-04", letter, person.who)
        named: tuple[str, ...] = ("MSG-04", *_ENDED) if closes else ("MSG-04",)
        listed = listed_for(bench, person.who)
        yield from under(bench, named, listed, equals(_kind_of(thread), shown))
        for kind in _KINDS:
            if kind == "REPLY_TO_ALL" and shown == "REPLY":
                continue
            answer = written_message(f"Merci ({shown}, {kind})", answering=message, kind=kind)
            expected = (CREATED,) if kind in taken else NOT_SENT
            yield from under(bench, named, sent_by(bench, person.who, answer), status(*expected))
        if taken:
            box = left_for(bench, sent.address)
            for kind in taken:
                yield bench.expects("MSG-04", box, includes("texts", f"Merci ({shown}, {kind})"))
        if len(taken) > 1:
            box = left_for(bench, copy)
            yield bench.expects("MSG-04", box, includes("texts", f"Merci ({shown}, REPLY_TO_ALL)"))
            yield bench.expects("MSG-04", box, excludes("texts", f"Merci ({shown}, REPLY)"))
    lone = written_message("Merci", kind="REPLY")
    yield bench.expects("MSG-04", sent_by(bench, person.who, lone), status(*NOT_SENT))


@check(requirements=("MSG-05", "W-MSS-08"), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def ended_thread_is_answered_by_nobody(bench: Bench) -> Iterator[Assertion]:
    """By no door and in nobody's hands; it is still read, and another thread still answered."""
    own_wire(bench)
    person, helper = bench.person(age=81), bench.person(age=52)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    doctor = bench.professional()
    alive = letter_from(bench, doctor, person, text="Premier fil\n")
    _, open_thread, first = came(bench, "MSG-05", alive, person.who)
    last = letter_from(bench, doctor, person, text="Second fil\n", closes=True)
    _, thread, message = came(bench, "MSG-05", last, person.who)
    for who in (person.who, caring):
        for answered_one in (message, thread):
            for kind in ("", "REPLY", "REPLY_TO_ALL"):
                answer = written_message("Encore une question", answering=answered_one, kind=kind)
                yield from under(bench, _ENDED, sent_by(bench, who, answer), status(*_REFUSED))
        draft = written_message("Encore une question", answering=thread, draft=True)
        saved = sent_by(bench, who, draft)
        if saved.status == CREATED:
            place = f"{PLACE}/{saved.first('id')}"
            whole = {**written_message("Encore une question", answering=thread)}
            put = bench.call(who, "PUT", place, body={**whole, "id": saved.first("id")})
            yield from under(bench, _ENDED, put, status(*_REFUSED))
    read = messages_in(bench, person.who, thread)
    yield from under(bench, _ENDED, read, includes(IDS, message))
    yield from under(bench, _ENDED, read, excludes(TEXTS, "Encore une question"))
    reply = sent_by(bench, person.who, written_message("Merci", answering=first))
    yield from under(bench, _ENDED, reply, status(CREATED))
    kept = listed_for(bench, person.who)
    yield bench.expects("MSG-05", kept, includes(IDS, thread, open_thread))


@check(requirements=("MSG-05", "W-MSS-08"), needs=NEEDS, wire=Wire.OWN)
def any_letter_of_a_thread_ends_it(bench: Bench) -> Iterator[Assertion]:
    """The second of two doctors in a thread ends it as well, for answers to each of its letters."""
    own_wire(bench)
    person, one, other = bench.person(), bench.professional(), bench.professional()
    copies = (mailbox_of(bench, other),)
    letter = letter_from(bench, one, person, copies=copies)
    sent, thread, message = came(bench, "MSG-05", letter, person.who)
    reply = written_message("Merci", answering=message, kind="REPLY_TO_ALL")
    bench.expects("MSG-05", sent_by(bench, person.who, reply), status(CREATED), control=True)
    ident = identifier_of_answer(bench, sent)
    last = letter_from(bench, other, person, closes=True, answers=ident)
    bench.expects("MSG-05", posted(bench, last).answer, one_of(CODE, TAKEN), control=True)
    for each in messages_in(bench, person.who, thread).value(IDS):
        for kind in ("REPLY", "REPLY_TO_ALL"):
            again = written_message("Encore", answering=each, kind=kind)
            yield from under(bench, _ENDED, sent_by(bench, person.who, again), status(*NOT_SENT))


@check(requirements=("MSG-02", "W-MSS-13"), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def first_message_is_refused_by_every_door(bench: Bench) -> Iterator[Assertion]:
    """Sent or put from a draft, by the holder, a carer or a parent, where nobody wrote to them."""
    own_wire(bench)
    person, helper = bench.person(age=81), bench.person(age=52)
    neighbour, child = bench.person(age=47), bench.person(age=8, guardian=helper)
    bench.relate("caregiver", person, helper)
    doctor, other = bench.professional(), bench.professional()
    address = mailbox_of(bench, doctor)
    came(bench, "MSG-02", letter_from(bench, other, person), person.who)
    came(bench, "MSG-02", letter_from(bench, doctor, neighbour), neighbour.who)
    callers = (
        person.who,
        bench.acting(ActorKind.CAREGIVER, helper, person),
        bench.acting(ActorKind.REPRESENTATIVE, helper, child),
    )
    new = written_message("Première question", to=address)
    for who in callers:
        for kind in ("", "NEW_MESSAGE"):
            said = written_message("Première question", to=address, kind=kind)
            yield from under(bench, _FIRST, sent_by(bench, who, said), status(*_REFUSED))
        saved = sent_by(bench, who, written_message("Première question", to=address, draft=True))
        if saved.status == CREATED:
            ident = saved.first("id")
            put = bench.call(who, "PUT", f"{PLACE}/{ident}", body={**new, "id": ident})
            yield from under(bench, _FIRST, put, status(*_REFUSED))
            bench.call(who, "DELETE", f"{PLACE}/{ident}")
        held = all_messages(bench, who)
        yield from under(bench, _FIRST, held, excludes(TEXTS, "Première question"))
    yield from _nobody_unheard(bench, person, neighbour)
    box = left_for(bench, address, waits=False)
    yield from under(bench, _FIRST, box, excludes("texts", "Première question"))
    came(bench, "MSG-02", letter_from(bench, doctor, person), person.who)
    for who in callers[:2]:
        yield from under(bench, _FIRST, sent_by(bench, who, new), status(CREATED))
    box = left_for(bench, address)
    yield from under(bench, _FIRST, box, includes("texts", "Première question"))
    yield from under(bench, _FIRST, sent_by(bench, callers[2], new), status(*_REFUSED))


@check(requirements=("MSG-02", "W-MSS-13"), needs=NEEDS, wire=Wire.OWN)
def who_was_named_without_writing_is_not_written_to(bench: Bench) -> Iterator[Assertion]:
    """In copy of a letter, answered with the others, or refused: none of these is written to."""
    own_wire(bench)
    person, shut = bench.person(), bench.person(State.CLOSED_ARCHIVED)
    one, copied, other = (bench.professional() for _ in range(3))
    silent = tuple(mailbox_of(bench, each) for each in (copied, other))

    def refused() -> Iterator[Assertion]:
        for address in silent:
            new = written_message("Première question", to=address)
            yield from under(bench, _FIRST, sent_by(bench, person.who, new), status(*_REFUSED))

    yield from refused()
    letter = letter_from(bench, one, person, copies=silent)
    _, _, message = came(bench, "MSG-02", letter, person.who)
    yield from refused()
    for kind in ("REPLY", "REPLY_TO_ALL"):
        reply = written_message(f"Merci ({kind})", answering=message, kind=kind)
        bench.expects("MSG-02", sent_by(bench, person.who, reply), status(CREATED), control=True)
        yield from refused()
    lost = posted(bench, letter_from(bench, other, shut))
    bench.expects("MSG-02", lost.answer, one_of(CODE, *REFUSED), control=True)
    yield from refused()
    for address in silent:
        box = left_for(bench, address, waits=False)
        yield from under(bench, _FIRST, box, excludes("texts", "Première question"))
    came(bench, "MSG-02", letter_from(bench, copied, person), person.who)
    for address, expected in (
        (mailbox_of(bench, one), (CREATED,)),
        (silent[0], (CREATED,)),
        (silent[1], _REFUSED),
    ):
        new = written_message("Seconde question", to=address)
        yield from under(bench, _FIRST, sent_by(bench, person.who, new), status(*expected))


def _nobody_unheard(bench: Bench, person: TestPerson, neighbour: TestPerson) -> Iterator[Assertion]:
    """Neither an address that nobody has, nor one outside, nor that of a space is written to."""
    for unheard in (
        "personne@medecin.etalon-test.mssante.fr",
        "somebody@example.com",
        f"{neighbour.ins}@patient.mssante.fr",
    ):
        answer = sent_by(bench, person.who, written_message("Bonjour", to=unheard))
        yield from under(bench, _FIRST, answer, status(*_REFUSED))


@check(requirements=("MSG-03",), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def message_to_a_pharmacy_leaves(bench: Bench) -> Iterator[Assertion]:
    """To any of them, of a holder, a carer or a parent; it reaches the mailbox."""
    own_wire(bench)
    person, helper = bench.person(age=81), bench.person(age=52)
    child = bench.person(age=8, guardian=helper)
    bench.relate("caregiver", person, helper)
    one, other = (bench.professional(PHARMACIST) for _ in range(2))
    callers = (
        person.who,
        bench.acting(ActorKind.CAREGIVER, helper, person),
        bench.acting(ActorKind.REPRESENTATIVE, helper, child),
    )
    for rank, who in enumerate(callers):
        for pharmacist in (one, other):
            address = mailbox_of(bench, pharmacist)
            text = f"Avez-vous ce médicament ? ({rank})"
            sent = sent_by(bench, who, written_message(text, to=address))
            yield bench.expects("MSG-03", sent, status(CREATED))
            yield bench.expects("MSG-03", all_messages(bench, who), includes(TEXTS, text))
    for pharmacist in (one, other):
        box = left_for(bench, mailbox_of(bench, pharmacist))
        wanted = [f"Avez-vous ce médicament ? ({rank})" for rank in range(len(callers))]
        yield bench.expects("MSG-03", box, includes("texts", *wanted))
    contacts = bench.call(
        person.who, "POST", f"{PLACE}/$mes-contacts", body={"resourceType": "Parameters"}
    )
    mailboxes = "entry.resource.telecom.value"
    known = [mailbox_of(bench, each) for each in (one, other)]
    yield bench.expects("MSG-03", contacts, includes(mailboxes, *known))


@check(requirements=("MSG-08",), needs=(*NEEDS, "tell_notices", "close_space"), wire=Wire.OWN)
def each_message_is_announced_once(bench: Bench) -> Iterator[Assertion]:
    """To the holder, or to a child's parent; without its words, and not when it is refused."""
    parent, doctor = bench.person(age=41), bench.professional()
    adult, child = bench.person(), bench.person(age=8, guardian=parent)
    told = "told[code=MESSAGE].to"
    for person, to in ((adult, adult.ins), (child, parent.ins)):
        before = bench.operation("tell_notices", None, patient=person.ins)
        yield bench.expects("MSG-08", before, absent(told))
        for number in (1, 2, 3):
            letter = letter_from(bench, doctor, person, text="Votre bilan sanguin\n")
            bench.expects("MSG-08", posted(bench, letter).answer, one_of(CODE, TAKEN), control=True)
            after = bench.operation("tell_notices", None, patient=person.ins)
            yield bench.expects("MSG-08", after, equals(told, *[to] * number))
        silent = matches("text", r"(?s)(?!.*(bilan sanguin|Bonjour)).*")
        yield bench.expects("MSG-08", after, silent)
    shut = bench.person(State.CLOSED_ARCHIVED)
    lost = posted(bench, letter_from(bench, doctor, shut))
    bench.expects("MSG-08", lost.answer, one_of(CODE, *REFUSED), control=True)
    nothing = bench.operation("tell_notices", None, patient=shut.ins)
    yield bench.expects("MSG-08", nothing, absent(told))


@check(requirements=("MSG-08",), needs=(*NEEDS, "tell_notices"), wire=Wire.OWN)
def answers_of_a_doctor_are_announced_too(bench: Bench) -> Iterator[Assertion]:
    """A letter in a thread that was read is new all the same; one's own answer is not."""
    own_wire(bench)
    person, doctor = bench.person(), bench.professional()
    sent, _, message = came(bench, "MSG-08", letter_from(bench, doctor, person), person.who)
    reply = sent_by(bench, person.who, written_message("Merci", answering=message))
    bench.expects("MSG-08", reply, status(CREATED), control=True)
    told = "told[code=MESSAGE].to"
    first = bench.operation("tell_notices", None, patient=person.ins)
    yield bench.expects("MSG-08", first, count(told, 1))
    answer = letter_from(bench, doctor, person, answers=identifier_of_answer(bench, sent))
    bench.expects("MSG-08", posted(bench, answer).answer, one_of(CODE, TAKEN), control=True)
    second = bench.operation("tell_notices", None, patient=person.ins)
    yield bench.expects("MSG-08", second, count(told, 2))
