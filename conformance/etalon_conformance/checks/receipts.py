"""Mail to a space: addresses that are one, whom a document is for, what its sender is told."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.mail import NEEDS, letter_to
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    accepted,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    present,
)
from etalon_conformance.life_scene import closed, reopened
from etalon_conformance.mail_scene import (
    CODE,
    REFUSED,
    TAKEN,
    Letter,
    answered,
    mail_of,
    posted,
    sent,
    subject_of,
)
from etalon_conformance.record_scene import UNIQUE_IDS, content_of, found
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under
from etalon_model.identifiers import nir_key
from etalon_model.states import State

_NUMBERS: Final = "receipts.number"
_URN: Final = "urn:oid:"
_LOST: Final = (*REFUSED, "501", "510", "512", "513", "541")
_SPACE: Final = "patient.mssante.fr"
_ROUTES: Final[Mapping[tuple[str, ...], bool]] = {
    ("N",): True,
    ("N", "MASQUE_PS"): True,
    ("N", "INVISIBLE_REPRESENTANTS_LEGAUX"): True,
    ("N", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"): True,
    ("R",): True,
    ("V",): True,
    ("N", "INVISIBLE_PATIENT"): False,
    ("N", "MASQUE_PS", "INVISIBLE_PATIENT"): False,
    ("N", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"): False,
    ("N", "MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"): False,
}
"""Whether a document with some codes goes to its patient: every combination of the three."""


@check(requirements=("W-MSS-10", "MSG-01"), needs=NEEDS)
def only_whole_addresses_are_those_of_a_space(bench: Bench) -> Iterator[Assertion]:
    """Fifteen digits with their key, in the one domain; a part, a slip, another domain is none."""
    person = bench.person()
    letter = letter_to(bench, person, document=False)
    ins = person.ins
    key = f"{(int(ins[13:]) % 97) + 1:02}"
    for wrong in (
        f"{ins[:13]}@{_SPACE}",
        f"{ins[:13]}{key}@{_SPACE}",
        f"{ins}0@{_SPACE}",
        f"0{ins}@{_SPACE}",
        f"{ins[1:]}@{_SPACE}",
        f"{ins[:14]}x@{_SPACE}",
        f"{person.family.lower() or 'x'}@{_SPACE}",
        f"{ins}@mssante.fr",
        f"{ins}@patients.mssante.fr",
        f"{ins}@{_SPACE}.example.com",
        f"{ins}@medecin.mssante.fr",
        f"{ins}@example.com",
    ):
        mail = replace(mail_of(bench, letter), recipients=(wrong,))
        answer = sent(bench, letter.address, wrong, mail).answer
        yield from under(bench, ("W-MSS-10", "MSG-01"), answer, one_of(CODE, *_LOST))
    for right in (f"{ins}@{_SPACE}", f"{ins}@{_SPACE.upper()}"):
        mail = mail_of(bench, letter)
        answer = sent(bench, letter.address, right, mail).answer
        yield from under(bench, ("W-MSS-10", "MSG-01"), answer, one_of(CODE, TAKEN))


@check(requirements=("MSG-01",), needs=NEEDS)
def mail_from_outside_the_trust_space_comes_back(bench: Bench) -> Iterator[Assertion]:
    """Neither another domain, nor a space, nor a mailbox nobody has writes to a space."""
    person, other = bench.person(), bench.person()
    letter = letter_to(bench, person, document=False)
    domain = letter.address.partition("@")[2]
    for address in (
        "somebody@example.com",
        f"{other.ins}@{_SPACE}",
        f"nobody-has-this@{domain}",
        f"{letter.address}.example.com",
    ):
        outside = posted(bench, replace(letter, address=address)).answer
        yield bench.expects("MSG-01", outside, one_of(CODE, *_LOST))
    yield bench.expects("MSG-01", posted(bench, letter).answer, one_of(CODE, TAKEN))


@check(requirements=("MSG-01", "W-MSS-05", "W-MSS-07"), needs=NEEDS)
def every_document_of_a_lot_is_kept(bench: Bench) -> Iterator[Assertion]:
    """Of an adult and of a child, twice over: each of two documents, its bytes, a file beside."""
    parent = bench.person(age=41)
    for person in (bench.person(), bench.person(age=8, guardian=parent)):
        for _ in range(2):
            letter = letter_to(bench, person)
            second = bench.unique_oid().removeprefix(_URN)
            beside = (("compte-rendu.pdf", "application/pdf", b"%PDF-1.4\n%%EOF\n"),)
            whole = replace(letter, others=(second,), beside=beside)
            posted_mail = posted(bench, whole)
            yield bench.expects("MSG-01", posted_mail.answer, one_of(CODE, TAKEN))
            wanted = [f"{_URN}{one}" for one in (letter.unique_id, second)]
            reader = bench.treating(person)
            pages = found(bench, reader.who, person)
            yield bench.expects("MSG-01", pages, includes(UNIQUE_IDS, *wanted))
            page = next((one for one in pages if wanted[0] in one.value(UNIQUE_IDS)), pages[0])
            content = bench.call(
                reader.who, "GET", content_of(bench, page, wanted[0]) or "Binary", accept="*/*"
            )
            yield bench.expects("MSG-01", content, matches("text", r"(?s).*ClinicalDocument.*"))
            box = answered(bench, posted_mail)
            yield bench.expects("W-MSS-05", box, equals(_NUMBERS, "0"))
            yield bench.expects("W-MSS-07", box, includes("receipts.files", *posted_mail.files))


@check(requirements=("W-MSS-09", "VIS-09"), needs=NEEDS)
def every_combination_of_codes_is_routed(bench: Bench) -> Iterator[Assertion]:
    """What goes to the patient is taken, whatever else it bears; what does not is an error."""
    for person in (bench.person(), bench.person(age=47)):
        for codes, goes in _ROUTES.items():
            letter = replace(letter_to(bench, person), codes=codes)
            box = answered(bench, posted(bench, letter))
            unique_id = f"{_URN}{letter.unique_id}"
            yield bench.expects("W-MSS-09", box, present(_NUMBERS))
            shown = found(bench, person.who, person)
            if goes:
                yield bench.expects("W-MSS-09", box, equals(_NUMBERS, "0"))
                yield bench.expects("W-MSS-09", shown, includes(UNIQUE_IDS, unique_id))
            else:
                yield bench.expects("W-MSS-09", box, excludes(_NUMBERS, "0"))
                for requirement in ("W-MSS-09", "VIS-09"):
                    yield bench.expects(requirement, shown, excludes(UNIQUE_IDS, unique_id))


@check(requirements=("W-MSS-06", "W-MSS-05", "W-MSS-04", "W-MSS-07"), needs=NEEDS)
def each_slip_of_identity_has_its_number(bench: Bench) -> Iterator[Assertion]:
    """Each trait that differs or lacks, in a notification where one is asked, a mail where not."""
    person, other = bench.person(), bench.person()
    letter = letter_to(bench, person)
    own = subject_of(person)
    born = own.birth_on
    wrong = [
        ("902", replace(own, ins=_unborn(person.ins))),
        ("903", replace(own, ins="", oid="")),
        ("904", subject_of(other)),
        ("904", replace(own, birth_on=born and born + timedelta(days=1))),
        ("904", replace(own, sex="F" if own.sex == "M" else "M")),
        ("905", replace(own, birth_on=None)),
        ("905", replace(own, sex="")),
    ]
    refused: list[str] = []
    for number, about in wrong:
        for asks in (True, False):
            unique_id = bench.unique_oid().removeprefix(_URN)
            refused.append(f"{_URN}{unique_id}")
            mail = posted(bench, replace(letter, about=about, unique_id=unique_id, asks=asks))
            box = answered(bench, mail)
            yield bench.expects("W-MSS-06", box, equals(_NUMBERS, number))
            yield bench.expects("W-MSS-07", box, includes("receipts.files", *mail.files))
            if not asks:
                yield bench.expects("W-MSS-04", box, excludes("receipts.kind", "multipart/report"))
                yield bench.expects("W-MSS-04", box, equals("receipts.original", "true"))
                continue
            yield bench.expects("W-MSS-04", box, equals("receipts.kind", "multipart/report"))
            failed = rf".*;\s*processed/[Ee]rror\s*:\s*{number}\^\s*\S.*"
            yield bench.expects("W-MSS-05", box, matches("receipts.disposition", failed))
            recipient = rf"(?i)rfc822;\s*{re.escape(person.ins)}@patient\.mssante\.fr"
            yield bench.expects("W-MSS-05", box, matches("receipts.final-recipient", recipient))
    stored = found(bench, person.who, person)
    yield bench.expects("W-MSS-06", stored, excludes(UNIQUE_IDS, *refused))


@check(requirements=("W-MSS-06",), needs=NEEDS)
def latest_version_alone_is_replaced_by_mail(bench: Bench) -> Iterator[Assertion]:
    """Its author replaces the latest; the one before, or one nobody sent, is refused under 900."""
    person = bench.person()
    letter = letter_to(bench, person)
    first = posted(bench, letter)
    bench.expects("W-MSS-06", answered(bench, first), equals(_NUMBERS, "0"), control=True)
    second = replace(letter, unique_id=_new(bench), replaced=f"{_URN}{letter.unique_id}")
    yield bench.expects("W-MSS-06", _told(bench, second), equals(_NUMBERS, "0"))
    again = replace(second, unique_id=_new(bench))
    yield bench.expects("W-MSS-06", _told(bench, again), equals(_NUMBERS, "900"))
    unheard = replace(letter, unique_id=_new(bench), replaced=bench.unique_oid())
    yield bench.expects("W-MSS-06", _told(bench, unheard), equals(_NUMBERS, "900"))
    foreign = replace(
        letter_to(bench, person), unique_id=_new(bench), replaced=f"{_URN}{second.unique_id}"
    )
    yield bench.expects("W-MSS-06", _told(bench, foreign), equals(_NUMBERS, "901"))
    third = replace(letter, unique_id=_new(bench), replaced=f"{_URN}{second.unique_id}")
    yield bench.expects("W-MSS-06", _told(bench, third), equals(_NUMBERS, "0"))
    left = found(bench, person.who, person)
    yield bench.expects("W-MSS-06", left, includes(UNIQUE_IDS, f"{_URN}{third.unique_id}"))
    never = [f"{_URN}{one.unique_id}" for one in (again, unheard, foreign)]
    yield bench.expects("W-MSS-06", left, excludes(UNIQUE_IDS, *never))


def _told(bench: Bench, letter: Letter) -> Exchange:
    return answered(bench, posted(bench, letter))


def _new(bench: Bench) -> str:
    return bench.unique_oid().removeprefix(_URN)


@check(requirements=("MSG-13", "MSG-15"), needs=NEEDS)
def spaces_that_are_not_open_take_no_mail(bench: Bench) -> Iterator[Assertion]:
    """Whoever objected, closed, asks for erasure, was erased or waits for the opening has none."""
    doctor = letter_to(bench, bench.person(), document=False)
    for state in (
        State.OPPOSED,
        State.CLOSED_ARCHIVED,
        State.DELETION_REQUESTED,
        State.PURGED,
        State.NOTIFIED,
    ):
        for document in (False, True):
            shut = replace(
                doctor,
                person=bench.person(state),
                asks=False,
                unique_id=_new(bench) if document else "",
            )
            answer = posted(bench, shut).answer
            yield bench.expects("MSG-13", answer, one_of(CODE, *REFUSED))
            yield bench.expects("MSG-15", answer, one_of(CODE, "550"), certain=False)
    nobody = replace(doctor, person=replace(doctor.person, ins=_unborn(doctor.person.ins)))
    unknown = posted(bench, nobody).answer
    yield bench.expects("MSG-15", unknown, one_of(CODE, "550"), certain=False)
    yield bench.expects("MSG-13", posted(bench, doctor).answer, one_of(CODE, TAKEN))


@check(
    requirements=("MSG-13",),
    needs=(*NEEDS, "close_space", "reopen_space", "regenerate_code"),
    wire=Wire.OWN,
)
def mailbox_goes_and_comes_with_the_space(bench: Bench) -> Iterator[Assertion]:
    """Closed, it takes nothing; entered again it does; of adults and of children."""
    parent = bench.person(age=41)
    people = ((bench.person(age=50), None), (bench.person(age=8, guardian=parent), parent))
    for person, guardian in people:
        letter = letter_to(bench, person, document=False)
        yield bench.expects("MSG-13", posted(bench, letter).answer, one_of(CODE, TAKEN))
        done = closed(bench, person, guardian)
        bench.expects("MSG-13", done, accepted(), control=True)
        for document in ("", _new(bench)):
            lost = posted(bench, replace(letter, unique_id=document)).answer
            yield bench.expects("MSG-13", lost, one_of(CODE, *REFUSED))
        reopened(bench, person, guardian)
        later = posted(bench, letter_to(bench, person, document=False)).answer
        yield bench.expects("MSG-13", later, one_of(CODE, TAKEN))


@check(requirements=("MSG-14",), needs=(*NEEDS, "care_team"))
def spaces_of_children_that_nobody_entered_take_mail(bench: Bench) -> Iterator[Assertion]:
    """A second letter too, and that of a child whose parent never came."""
    parent = bench.person(age=41)
    adult = bench.person(State.OPEN_INACTIVE, age=63)
    child = bench.person(State.OPEN_INACTIVE, age=8, guardian=parent)
    for person in (adult, child):
        reader = bench.treating(person)
        for _ in range(2):
            letter = letter_to(bench, person)
            taken = posted(bench, letter)
            yield bench.expects("MSG-14", taken.answer, one_of(CODE, TAKEN))
            pages = found(bench, reader.who, person)
            yield bench.expects("MSG-14", pages, includes(UNIQUE_IDS, f"{_URN}{letter.unique_id}"))


def _unborn(ins: str) -> str:
    """Return a matricule, right in its key, of the same day and place that nobody else has."""
    body = f"{ins[:10]}{(int(ins[10:13]) + 511) % 999:03}"
    return f"{body}{nir_key(body):02}"
