"""Mail to a space (MSSanté): what is taken, what the sender is told, what comes back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import MAIL, Assertion, check
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.expectations import (
    count,
    equals,
    excludes,
    includes,
    matches,
    one_of,
)
from etalon_conformance.mail_scene import (
    CODE,
    REFUSED,
    TAKEN,
    Letter,
    answered,
    posted,
    subject_of,
)
from etalon_conformance.record_scene import UNIQUE_IDS, found
from etalon_model.actors import ActorKind
from etalon_model.identifiers import nir_key
from etalon_model.states import State
from etalon_target.people import TestPerson

PEOPLE: Final = ("create_person", "create_professional")
NEEDS: Final = (*PEOPLE, MAIL)
_NUMBERS: Final = "receipts.number"
_URN: Final = "urn:oid:"


def letter_to(bench: Bench, person: TestPerson, *, document: bool = True) -> Letter:
    """Return a letter of a doctor to a space, with a document or without.

    Raises:
        CannotTest: The doctor has no mailbox.
    """
    doctor = bench.professional()
    unique_id = bench.unique_oid().removeprefix(_URN) if document else ""
    return Letter(
        sender=doctor, address=mailbox_of(bench, doctor), person=person, unique_id=unique_id
    )


@check(requirements=("MSG-01", "W-MSS-10"), needs=NEEDS)
def mail_to_a_matricule_reaches_the_space(bench: Bench) -> Iterator[Assertion]:
    """A mail to the matricule is taken and its document is in the record; others come back."""
    person, other = bench.person(), bench.person()
    letter = letter_to(bench, person)
    taken = posted(bench, letter)
    yield bench.expects("W-MSS-10", taken.answer, one_of(CODE, TAKEN))
    yield bench.expects("MSG-01", taken.answer, one_of(CODE, TAKEN))
    wanted = f"{_URN}{letter.unique_id}"
    mine = found(bench, person.who, person)
    yield bench.expects("MSG-01", mine, includes(UNIQUE_IDS, wanted))
    theirs = found(bench, other.who, other)
    yield bench.expects("MSG-01", theirs, excludes(UNIQUE_IDS, wanted))
    nobody = replace(person, ins=_unborn(person.ins))
    lost = posted(bench, replace(letter, person=nobody, unique_id="", asks=False))
    yield bench.expects("W-MSS-10", lost.answer, one_of(CODE, *REFUSED))
    stranger = replace(letter, address="somebody@example.com", unique_id="", asks=False)
    outside = posted(bench, stranger)
    yield bench.expects("MSG-01", outside.answer, one_of(CODE, *REFUSED))


@check(requirements=("W-MSS-04", "W-MSS-05", "W-MSS-07"), needs=NEEDS)
def receipt_that_is_asked_for_is_a_notification(bench: Bench) -> Iterator[Assertion]:
    """What is taken is notified, `processed`, with the files that came."""
    person = bench.person()
    sent = posted(bench, letter_to(bench, person))
    bench.expects("W-MSS-05", sent.answer, one_of(CODE, TAKEN), control=True)
    box = answered(bench, sent)
    yield bench.expects("W-MSS-05", box, equals(_NUMBERS, "0"))
    if not box.value(_NUMBERS):
        # What never came says nothing of its form.
        return
    yield bench.expects("W-MSS-04", box, equals("receipts.kind", "multipart/report"))
    yield bench.expects("W-MSS-05", box, matches("receipts.disposition", r".*;\s*processed\s*"))
    recipient = rf"(?i)rfc822;\s*{re.escape(person.ins)}@patient\.mssante\.fr"
    yield bench.expects("W-MSS-05", box, matches("receipts.final-recipient", recipient))
    yield bench.expects("W-MSS-07", box, includes("receipts.files", *sent.files))


@check(requirements=("W-MSS-04", "W-MSS-07"), needs=NEEDS)
def receipt_that_is_not_asked_for_is_a_plain_mail(bench: Bench) -> Iterator[Assertion]:
    """Without a request the answer is an ordinary mail, with the message it answers."""
    letter = letter_to(bench, bench.person())
    sent = posted(bench, replace(letter, asks=False))
    bench.expects("W-MSS-04", sent.answer, one_of(CODE, TAKEN), control=True)
    box = answered(bench, sent)
    yield bench.expects("W-MSS-04", box, excludes("receipts.kind", "multipart/report"))
    yield bench.expects("W-MSS-04", box, equals("receipts.original", "true"))
    if box.value(_NUMBERS):
        yield bench.expects("W-MSS-07", box, includes("receipts.files", *sent.files))


@check(requirements=("W-MSS-05", "W-MSS-06"), needs=NEEDS)
def refused_lot_says_why(bench: Bench) -> Iterator[Assertion]:
    """Each cause has its number, and nothing of a refused lot is stored."""
    person, other = bench.person(), bench.person()
    letter = letter_to(bench, person)
    own = subject_of(person)
    wrong: Mapping[str, Letter] = {
        "900": replace(letter, replaced=bench.unique_oid()),
        "902": replace(letter, about=replace(own, ins=_unborn(person.ins))),
        "903": replace(letter, about=replace(own, ins="", oid="")),
        "904": replace(letter, about=subject_of(other)),
        "905": replace(letter, about=replace(own, birth_on=None)),
        "906": replace(letter, archive=b"no archive at all"),
    }
    refused: list[str] = []
    for number, one in wrong.items():
        unique_id = bench.unique_oid().removeprefix(_URN)
        refused.append(f"{_URN}{unique_id}")
        sent = posted(bench, replace(one, unique_id=unique_id))
        box = answered(bench, sent)
        yield bench.expects("W-MSS-06", box, equals(_NUMBERS, number))
        failed = rf".*;\s*processed/[Ee]rror\s*:\s*{number}.*"
        yield bench.expects("W-MSS-05", box, matches("receipts.disposition", failed))
    stored = found(bench, person.who, person)
    yield bench.expects("W-MSS-06", stored, excludes(UNIQUE_IDS, *refused))
    taken = posted(bench, letter)
    yield bench.expects("W-MSS-06", answered(bench, taken), equals(_NUMBERS, "0"))


@check(requirements=("W-MSS-06",), needs=NEEDS)
def document_of_another_is_not_replaced_by_mail(bench: Bench) -> Iterator[Assertion]:
    """A lot that replaces what somebody else deposited is refused under 901."""
    person = bench.person()
    first = letter_to(bench, person)
    kept = posted(bench, first)
    bench.expects("W-MSS-06", answered(bench, kept), equals(_NUMBERS, "0"), control=True)
    second = replace(letter_to(bench, person), replaced=f"{_URN}{first.unique_id}")
    refused = posted(bench, second)
    yield bench.expects("W-MSS-06", answered(bench, refused), equals(_NUMBERS, "901"))
    left = found(bench, person.who, person)
    yield bench.expects("W-MSS-06", left, includes(UNIQUE_IDS, f"{_URN}{first.unique_id}"))


@check(requirements=("MSG-13", "MSG-15"), needs=NEEDS)
def mail_to_a_closed_space_comes_back(bench: Bench) -> Iterator[Assertion]:
    """Who objected or closed has no mailbox; a suspended one is refused for a time."""
    doctor = bench.professional()
    address = mailbox_of(bench, doctor)
    for state in (State.CLOSED_ARCHIVED, State.OPPOSED):
        shut = Letter(sender=doctor, address=address, person=bench.person(state), asks=False)
        answer = posted(bench, shut).answer
        yield bench.expects("MSG-13", answer, one_of(CODE, *REFUSED))
        yield bench.expects("MSG-15", answer, one_of(CODE, "550"), certain=False)
    suspended = Letter(
        sender=doctor, address=address, person=bench.person(State.SUSPENDED), asks=False
    )
    later = posted(bench, suspended).answer
    yield bench.expects("MSG-15", later, one_of(CODE, "450"), certain=False)
    alive = Letter(sender=doctor, address=address, person=bench.person(), asks=False)
    yield bench.expects("MSG-13", posted(bench, alive).answer, one_of(CODE, TAKEN))


@check(requirements=("MSG-14",), needs=(*NEEDS, "care_team"))
def space_opened_by_silence_takes_mail(bench: Bench) -> Iterator[Assertion]:
    """A space whose holder never came takes mail, and its documents are there for carers."""
    person = bench.person(State.OPEN_INACTIVE)
    letter = letter_to(bench, person)
    sent = posted(bench, letter)
    yield bench.expects("MSG-14", sent.answer, one_of(CODE, TAKEN))
    reader = bench.treating(person)
    pages = found(bench, reader.who, person)
    yield bench.expects("MSG-14", pages, includes(UNIQUE_IDS, f"{_URN}{letter.unique_id}"))


@check(requirements=("W-MSS-09", "VIS-09"), needs=NEEDS)
def mail_does_not_keep_its_document_from_the_patient(bench: Bench) -> Iterator[Assertion]:
    """A document that a mail brings to the patient is not hidden from the patient."""
    person = bench.person()
    letter = letter_to(bench, person)
    hidden = posted(bench, replace(letter, codes=("N", "INVISIBLE_PATIENT")))
    box = answered(bench, hidden)
    bench.expects("W-MSS-09", box, count(_NUMBERS, 1), control=True)
    yield bench.expects("W-MSS-09", box, excludes(_NUMBERS, "0"))
    shown = found(bench, person.who, person)
    yield bench.expects("VIS-09", shown, excludes(UNIQUE_IDS, f"{_URN}{letter.unique_id}"))
    parent = bench.person()
    child = bench.person(age=12, guardian=parent)
    secret = letter_to(bench, child)
    both = posted(bench, replace(secret, codes=("N", "INVISIBLE_REPRESENTANTS_LEGAUX")))
    answered(bench, both)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    theirs = found(bench, parental, child)
    yield bench.expects("VIS-09", theirs, excludes(UNIQUE_IDS, f"{_URN}{secret.unique_id}"))


def _unborn(ins: str) -> str:
    """Return a matricule, right in its key, of the same day and place that nobody else has."""
    body = f"{ins[:10]}{(int(ins[10:13]) + 511) % 999:03}"
    return f"{body}{nir_key(body):02}"
