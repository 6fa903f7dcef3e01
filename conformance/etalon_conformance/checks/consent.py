"""Who reads at all: the care team, consents, objections, and those who never do."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import absent, accepted, status
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, found
from etalon_conformance.rights_scene import (
    FEEDING,
    READING,
    REGULATION,
    REGULATOR,
    SAMU,
    fed,
    in_role,
    not_fed,
    wished,
)
from etalon_conformance.seeing import (
    NOT_SHOWN,
    READERS,
    Kept,
    hidden_too,
    kept,
    misses,
    opened,
    sees,
    shown_too,
)
from etalon_conformance.specimens import MASKED
from etalon_model.actors import ActorKind
from etalon_target.actors import Who

STRANGERS: Final = ("10", "60", "21", "40", "50", "70")
"""Professions of strangers: doctor, nurse, pharmacist, dentist, midwife, physiotherapist."""


def _shut_out(bench: Bench, requirement: str, who: Who, *those: Kept) -> Iterator[Assertion]:
    """Somebody sees nothing at all of a record."""
    yield from misses(bench, requirement, who, *those, likely="team_not_asked")
    pages = found(bench, who, those[0].person)
    yield bench.expects(requirement, pages, absent(UNIQUE_IDS), likely="team_not_asked")


@check(requirements=("ACC-01", "W-COM-04"), needs=NEEDS)
def stranger_sees_nothing(bench: Bench) -> Iterator[Assertion]:
    """A professional who neither treats the person nor was consented to sees nothing."""
    parent = bench.person(age=45)
    for person in (bench.person(age=20), bench.person(age=8, guardian=parent)):
        author = bench.treating(person)
        readers = [bench.treating(person, code) for code in READERS]
        those = [kept(bench, person, author) for _ in range(2)]
        for reader in readers:
            shown_too(bench, reader.who, *those)
        for code in STRANGERS:
            yield from _shut_out(bench, "ACC-01", bench.professional(code).who, *those)
        shown_too(bench, readers[0].who, *those)


@check(requirements=("ACC-01", "W-COM-04"), needs=NEEDS)
def people_see_their_own_record_only(bench: Bench) -> Iterator[Assertion]:
    """Neither another holder, nor a parent of another child, sees anything of a record."""
    parent, other = bench.person(age=41), bench.person(age=38)
    child = bench.person(age=8, guardian=parent)
    stranger = bench.person(age=8, guardian=other)
    author = bench.treating(child)
    those = [kept(bench, child, author) for _ in range(2)]
    shown_too(bench, bench.acting(ActorKind.REPRESENTATIVE, parent, child), *those)
    for who in (other.who, bench.acting(ActorKind.REPRESENTATIVE, other, stranger)):
        yield from misses(bench, "ACC-01", who, *those)


@check(requirements=("ACC-01", "W-COM-04"), needs=(*NEEDS, "give_consent"))
def objected_professional_sees_nothing_more(bench: Bench) -> Iterator[Assertion]:
    """Once the person objects to a member of the care team, that member sees nothing more."""
    person = bench.person(age=58)
    author, other = bench.treating(person), bench.treating(person)
    those = [kept(bench, person, author) for _ in range(2)]
    for code in READERS:
        objected = bench.treating(person, code)
        shown_too(bench, objected.who, *those)
        wished(bench, person.who, person, READING, "deny", about=objected)
        yield from _shut_out(bench, "ACC-01", objected.who, *those)
        # Saying again to take part in the care changes nothing of what the person said.
        bench.operation("care_team", None, holder=person.ins, who=objected.rpps)
        yield from _shut_out(bench, "ACC-01", objected.who, *those)
        shown_too(bench, other.who, *those)


@check(requirements=("ACC-01",), needs=(*NEEDS, "give_consent", "consent"))
def objection_taken_back_opens_again(bench: Bench) -> Iterator[Assertion]:
    """With a new consent, somebody who was objected to finds what they found before."""
    person = bench.person(age=33)
    author, objected = bench.treating(person), bench.treating(person)
    those = [kept(bench, person, author) for _ in range(2)]
    shown_too(bench, objected.who, *those)
    wished(bench, person.who, person, READING, "deny", about=objected)
    hidden_too(bench, objected.who, *those)
    bench.relate("consent", person, objected)
    yield from sees(bench, "ACC-01", objected.who, *those)


@check(requirements=("ACC-01", "W-COM-04"), needs=NEEDS, alone=True)
def answer_is_nobody_elses(bench: Bench) -> Iterator[Assertion]:
    """What one has just read is not served to whoever asks for it next, with or without a token."""
    person = bench.person(age=47)
    author, reader = bench.treating(person), bench.treating(person)
    stranger, another = bench.professional(), bench.person(age=29)
    one = kept(bench, person, author)
    for who in (reader.who, person.who):
        for other in (stranger.who, another.who, None):
            read = bench.call(who, "GET", one.place)
            bench.expects("ACC-01", read, status(200), control=True)
            again = bench.call(other, "GET", one.place)
            yield bench.expects("ACC-01", again, status(*NOT_SHOWN), likely="answer_kept")
            bench.expects("ACC-01", opened(bench, who, one), status(200), control=True)
            content = opened(bench, other, one)
            yield bench.expects("ACC-01", content, status(*NOT_SHOWN), likely="answer_kept")
            shown_too(bench, who, one)
            if other is not None:
                yield from misses(bench, "ACC-01", other, one, likely="answer_kept")
    shown_too(bench, reader.who, one)


@check(requirements=("ACC-02",), needs=(*NEEDS, "consent", "advance_clock"), alone=True)
def consent_outside_the_team_opens_one_consultation(bench: Bench) -> Iterator[Assertion]:
    """Outside the care team a consent opens a consultation, and the next one asks for another."""
    person = bench.person(age=61)
    author, asked = bench.treating(person), bench.professional()
    looking, opening = bench.professional(), bench.professional()
    one = kept(bench, person, author)
    yield from misses(bench, "ACC-02", asked.who, one)
    for each in (asked, looking, opening):
        bench.relate("consent", person, each)
    yield from sees(bench, "ACC-02", asked.who, one)
    # A consultation is one, by whatever it begins.
    looked = (bench.call(looking.who, "GET", one.place), opened(bench, opening.who, one))
    for answer in looked:
        yield bench.expects("ACC-02", answer, status(200))
    bench.advance("P2D")
    for each in (asked, looking, opening):
        yield from misses(bench, "ACC-02", each.who, one, certain=False)
    bench.relate("consent", person, asked)
    yield from sees(bench, "ACC-02", asked.who, one)


@check(requirements=("ACC-03", "ACC-14"), needs=(*NEEDS, "give_consent"))
def consent_is_gathered_for_a_colleague(bench: Bench) -> Iterator[Assertion]:
    """A professional may declare the consent to the reading of another, who then reads."""
    person = bench.person(age=44)
    author, colleague = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    hidden_too(bench, colleague.who, one)
    wished(bench, author.who, person, READING, "permit", about=colleague)
    yield from sees(bench, ("ACC-03", "ACC-14"), colleague.who, one)


@check(requirements=("ACC-08", "ACC-12"), needs=(*NEEDS, "consent"))
def some_doctors_read_by_consent_alone(bench: Bench) -> Iterator[Assertion]:
    """Occupational doctors, and those of nursing homes, read with the person's consent alone."""
    person = bench.person(age=55)
    author = bench.treating(person)
    one = kept(bench, person, author)
    for requirement, role in (("ACC-08", "occupational"), ("ACC-12", "nursing_home")):
        doctor = bench.treating(person)
        shown_too(bench, doctor.who, one)
        yield from misses(bench, requirement, in_role(doctor, role), one)
        bench.relate("consent", person, doctor)
        yield from sees(bench, requirement, in_role(doctor, role), one)


@check(requirements=("ACC-08", "W-COM-04"), needs=NEEDS)
def insurers_never_read(bench: Bench) -> Iterator[Assertion]:
    """An insurer sees nothing; nor does who acts for an insurer, a bank or an employer."""
    person = bench.person(age=36)
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    yield from misses(bench, "ACC-08", Who(ActorKind.INSURER), one, certain=False)
    for role in ("insurance", "bank", "employer"):
        acting = bench.treating(person)
        shown_too(bench, acting.who, one)
        yield from misses(bench, "ACC-08", in_role(acting, role), one, certain=False)


@check(requirements=("ACC-01",), needs=(*NEEDS, "leave_care_team", "join_care_team"))
def care_team_is_joined_and_left(bench: Bench) -> Iterator[Assertion]:
    """Whoever left the care team sees nothing; nobody joins it without the person being told."""
    person = bench.person(age=51)
    author, leaving, hasty = bench.treating(person), bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    shown_too(bench, leaving.who, one)
    left = bench.operation("leave_care_team", leaving.who, patient=person.ins)
    bench.expects("ACC-01", left, accepted(), control=True)
    yield from misses(bench, "ACC-01", leaving.who, one, likely="team_not_asked")
    bench.operation("join_care_team", hasty.who, patient=person.ins, informed=False)
    yield from misses(bench, "ACC-01", hasty.who, one, likely="team_not_asked")
    joined = bench.operation("join_care_team", hasty.who, patient=person.ins, informed=True)
    bench.expects("ACC-01", joined, accepted(), control=True)
    yield from sees(bench, "ACC-01", hasty.who, one)


@check(
    requirements=("ACC-01", "ACC-04", "VIS-01", "EMG-04", "W-CON-02"),
    needs=(*NEEDS, "give_consent", "block", "advance_clock"),
    alone=True,
)
def wishes_hold_as_days_go_by(bench: Bench) -> Iterator[Assertion]:
    """Objections, blocks, masks and choices are those of the day before, weeks later too."""
    person = bench.person(age=62)
    author, objected, blocked, kept_out = (bench.treating(person) for _ in range(4))
    regulating = in_role(bench.professional(), REGULATOR, SAMU)
    plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    reader = bench.treating(person)
    wished(bench, person.who, person, READING, "deny", about=objected)
    bench.relate("block", person, blocked)
    wished(bench, person.who, person, REGULATION, "deny")
    wished(bench, person.who, person, FEEDING, "deny", about=kept_out, ground="no_care")
    for period in ("PT13H", "P1D", "P33D"):
        bench.advance(period)
        shown_too(bench, reader.who, plain)
        yield from misses(bench, "ACC-01", objected.who, plain, likely="team_not_asked")
        yield from misses(bench, "ACC-04", blocked.who, plain, likely="block_not_read")
        yield from misses(bench, "VIS-01", reader.who, masked, likely="masking_not_kept")
        yield from misses(bench, "EMG-04", regulating, plain, likely="choice_not_read")
        _, answer = fed(bench, person, kept_out)
        yield from not_fed(bench, "W-CON-02", answer)
