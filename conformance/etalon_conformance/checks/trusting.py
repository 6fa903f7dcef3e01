"""Whom the holder lets read: consents, objections and blocks, and what does not undo them."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.audit import events_by, log_of
from etalon_conformance.expectations import accepted, at_least, equals, refused, status
from etalon_conformance.life_scene import closed, decider, reopened
from etalon_conformance.record_scene import NEEDS, found
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BLOCK,
    BREAK_GLASS,
    EMERGENCY,
    FEEDING,
    READING,
    REGULATION,
    REGULATOR,
    SAMU,
    breaking_glass,
    fed,
    in_role,
    not_fed,
    opened_record,
    wish,
    wished,
)
from etalon_conformance.seeing import Kept, kept, misses, opened, sees, shown_too
from etalon_conformance.specimens import HIDDEN, MASKED, NOT_FOR_REPRESENTATIVES
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional

_REOPENING: Final = (*NEEDS, "give_consent", "close_space", "regenerate_code", "reopen_space")
_STATUS: Final = "parameter[name=status].valueCode"
_NEVER: Final = ("insurance", "bank", "employer")
_NOT_OF_CARE: Final = ("occupational", "nursing_home", *_NEVER)


def _child_and_adult(bench: Bench) -> tuple[tuple[TestPerson, TestPerson | None], ...]:
    parent = bench.person(age=44)
    return (bench.person(age=49), None), (bench.person(age=9, guardian=parent), parent)


@check(
    requirements=(
        "ACC-01",
        "ACC-04",
        "W-CON-02",
        "EMG-04",
        "EMG-01",
        "LIF-14",
        "VIS-01",
        "VIS-04",
        "VIS-06",
    ),
    needs=(*_REOPENING, "block", "open_record"),
    wire=Wire.OWN,
)
def wishes_come_back_with_the_archive(bench: Bench) -> Iterator[Assertion]:
    """Objections, blocks, masks and choices hold after a closing and a return, of minors too."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author, objected, blocked, kept_out = (bench.treating(person) for _ in range(4))
        regulating = in_role(bench.professional(), REGULATOR, SAMU)
        breaking = breaking_glass(bench.professional())
        plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
        hidden = kept(bench, person, author, HIDDEN)
        secret = kept(bench, person, author, NOT_FOR_REPRESENTATIVES)
        for each in (objected, blocked):
            shown_too(bench, each.who, plain)
        wished(bench, who, person, READING, "deny", about=objected)
        wished(bench, who, person, BLOCK, "deny", about=blocked)
        wished(bench, who, person, FEEDING, "deny", about=kept_out, ground="no_care")
        for kind in (REGULATION, EMERGENCY):
            wished(bench, who, person, kind, "deny")
        bench.expects("ACC-01", closed(bench, person, guardian), accepted(), control=True)
        reopened(bench, person, guardian)
        yield from sees(bench, "ACC-01", author.who, plain)
        yield from sees(bench, "LIF-14", author.who, plain, masked, hidden, secret)
        yield from misses(bench, ("LIF-14", "VIS-04"), who, hidden, likely="hidden_not_read")
        if guardian is not None:
            yield from misses(bench, ("LIF-14", "VIS-06"), who, secret, likely="secret_not_read")
        yield from misses(bench, "ACC-01", objected.who, plain, likely="team_not_asked")
        yield from misses(bench, "ACC-04", blocked.who, plain, likely="block_not_read")
        yield from misses(bench, "VIS-01", objected.who, masked, likely="masking_not_kept")
        yield from misses(bench, "EMG-04", regulating, plain, likely="choice_not_read")
        glass = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
        yield bench.expects("EMG-01", glass, refused(), likely="choice_not_read")
        _, answer = fed(bench, person, kept_out)
        yield from not_fed(bench, "W-CON-02", answer)


@check(
    requirements=("ACC-01",),
    needs=(*NEEDS, "give_consent", "join_care_team", "leave_care_team", "consent"),
    wire=Wire.OWN,
)
def objection_outweighs_what_is_deemed(bench: Bench) -> Iterator[Assertion]:
    """Objected to, one reads by no consent of before, by no joining, and not as who attends."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author = bench.treating(person)
        one = kept(bench, person, author)
        joining, leaving, attending = (bench.treating(person) for _ in range(3))
        early, consented = bench.professional(), bench.professional("60")
        bench.relate("consent", person, consented)
        if bench.target.operations.can("attending_doctor"):
            bench.relate("attending_doctor", person, attending)
        for each in (joining, leaving, attending, consented):
            shown_too(bench, each.who, one)
        left = bench.operation("leave_care_team", leaving.who, patient=person.ins)
        bench.expects("ACC-01", left, accepted(), control=True)
        for each in (joining, leaving, attending, early, consented):
            wished(bench, who, person, READING, "deny", about=each)
            bench.operation("join_care_team", each.who, patient=person.ins, informed=True)
            yield from misses(bench, "ACC-01", each.who, one, likely="team_not_asked")
        yield from sees(bench, "ACC-01", author.who, one)
        bench.relate("consent", person, leaving)
        yield from sees(bench, "ACC-01", leaving.who, one)
        yield from misses(bench, "ACC-01", joining.who, one, likely="team_not_asked")


@check(requirements=("ACC-01", "ACC-02", "ACC-04"), needs=(*NEEDS, "consent", "block"))
def right_to_read_is_of_one_record(bench: Bench) -> Iterator[Assertion]:
    """Who treats, is consented to or is blocked by one person is nothing of it to another."""
    person, other = bench.person(age=46), bench.person(age=47)
    author, elsewhere = bench.treating(person), bench.treating(other)
    one, theirs = kept(bench, person, author), kept(bench, other, elsewhere)
    consented, blocked = bench.professional(), bench.treating(other)
    bench.relate("care_team", person, blocked)
    bench.relate("consent", other, consented)
    bench.relate("block", person, blocked)
    for who in (elsewhere.who, consented.who, blocked.who):
        shown_too(bench, who, theirs)
    yield from misses(bench, "ACC-01", elsewhere.who, one, likely="team_not_asked")
    yield from misses(bench, "ACC-02", consented.who, one)
    yield from misses(bench, "ACC-04", blocked.who, one, likely="block_not_read")
    yield from sees(bench, ("ACC-01", "ACC-04"), blocked.who, theirs)
    yield from sees(bench, "ACC-01", author.who, one)
    for who in (author.who, bench.professional().who):
        yield from misses(bench, "ACC-02", who, theirs)


@check(
    requirements=("ACC-02", "ACC-03", "ACC-14"),
    needs=(*NEEDS, "consent", "give_consent", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def each_consultation_has_its_consent(bench: Bench) -> Iterator[Assertion]:
    """By whatever it begins, each consultation outside the team asks for a consent anew."""
    for person, _ in _child_and_adult(bench):
        author = bench.treating(person)
        one = kept(bench, person, author)
        readers = [bench.professional(code) for code in ("10", "60", "21")]
        gathered = bench.professional()
        for _ in range(2):
            for each in readers:
                bench.relate("consent", person, each)
            wished(bench, author.who, person, READING, "permit", about=gathered)
            found(bench, readers[0].who, person)
            bench.call(readers[1].who, "GET", one.place)
            first = opened(bench, readers[2].who, one)
            yield bench.expects("ACC-02", first, status(200))
            for each in (*readers, gathered):
                yield from sees(bench, "ACC-02", each.who, one)
            yield from sees(bench, ("ACC-03", "ACC-14"), gathered.who, one)
            bench.advance("P2D")
            for each in (*readers, gathered):
                yield from misses(bench, "ACC-02", each.who, one, certain=False)
            shown_too(bench, author.who, one)


@check(requirements=("ACC-03", "ACC-14"), needs=(*NEEDS, "give_consent"), wire=Wire.OWN)
def consent_is_taken_at_its_word_and_traced(bench: Bench) -> Iterator[Assertion]:
    """Whoever hears a consent declares it and leaves a trace of it: who is named reads."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author, nurse = bench.treating(person), bench.treating(person, "60")
        one = kept(bench, person, author)
        for collector in (author, nurse, bench.professional()):
            colleague, third = bench.professional(), bench.professional()
            before = log_of(bench, who, person)
            done = wish(bench, collector.who, person, READING, "permit", about=colleague)
            for named in ("ACC-03", "ACC-14"):
                yield bench.expects(named, done, accepted())
            yield from sees(bench, ("ACC-03", "ACC-14"), colleague.who, one)
            yield from misses(bench, "ACC-03", third.who, one)
            after = log_of(bench, who, person)
            theirs = events_by(after, collector)
            number = sum(len(page.value(theirs)) for page in before)
            yield bench.expects("ACC-14", after, at_least(theirs, number + 1))
        alone = bench.professional()
        own = wish(bench, alone.who, person, READING, "permit", about=alone)
        yield bench.expects("ACC-14", own, accepted())
        yield from sees(bench, "ACC-14", alone.who, one)
        wished(bench, who, person, READING, "deny", about=alone)
        yield from misses(bench, "ACC-14", alone.who, one)


@check(
    requirements=("ACC-04", "ACC-05"),
    needs=(*NEEDS, "give_consent", "open_record", "consent", "block"),
    wire=Wire.OWN,
)
def block_outweighs_every_right(bench: Bench) -> Iterator[Assertion]:
    """Blocked, one reads nothing as author, attending or administrator; nor unblocked, unasked."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author, attending, trusted, regulator = (bench.treating(person) for _ in range(4))
        consented, other = bench.professional(), bench.treating(person)
        one = kept(bench, person, author)
        bench.relate("consent", person, consented)
        if bench.target.operations.can("attending_doctor"):
            bench.relate("attending_doctor", person, attending)
        if bench.target.operations.can("set_administrator"):
            made = {"patient": person.ins, "professional": trusted.rpps}
            bench.operation("set_administrator", who, **made)
        wished(bench, who, person, REGULATION, "permit")
        wished(bench, who, person, EMERGENCY, "permit")
        several = (author, attending, trusted, consented, regulator)
        for each in several:
            shown_too(bench, each.who, one)
            yield from _blocked(bench, person, guardian, each, one)
        regulating = in_role(regulator, REGULATOR, SAMU)
        yield from misses(bench, "ACC-04", regulating, one, certain=False)
        for each in (author, consented):
            shown_too(bench, other.who, one)
            wished(bench, who, person, BLOCK, "permit", about=each)
            yield from misses(bench, "ACC-05", each.who, one)
            bench.relate("consent", person, each)
            yield from sees(bench, "ACC-05", each.who, one)
            wished(bench, who, person, BLOCK, "deny", about=each)
            yield from misses(bench, "ACC-04", each.who, one, likely="block_not_read")
        for each in (attending, trusted):
            wished(bench, who, person, BLOCK, "permit", about=each)
            yield from misses(bench, "ACC-05", each.who, one)
            yield from misses(bench, "ACC-04", consented.who, one, likely="block_not_read")


def _blocked(
    bench: Bench,
    person: TestPerson,
    guardian: TestPerson | None,
    each: TestProfessional,
    one: Kept,
) -> Iterator[Assertion]:
    """A professional is blocked, and neither reads nor is told to be allowed to."""
    who = decider(bench, person, guardian)
    done = wish(bench, who, person, BLOCK, "deny", about=each)
    yield bench.expects("ACC-04", done, accepted())
    yield from misses(bench, "ACC-04", each.who, one, likely="block_not_read")
    for mode in ("normal", BREAK_GLASS):
        asked = opened_record(bench, each.who, person, mode, incapable=True)
        certain = mode == "normal"
        yield bench.expects("ACC-04", asked, refused(), certain=certain)
    again = wish(bench, each.who, person, BLOCK, "permit", about=each)
    yield bench.expects("ACC-05", again, refused())
    yield from misses(bench, "ACC-05", each.who, one)


@check(
    requirements=("ACC-08", "ACC-12"),
    needs=(*NEEDS, "consent", "give_consent", "open_record"),
    wire=Wire.OWN,
)
def roles_beside_care_read_by_consent_or_never(bench: Bench) -> Iterator[Assertion]:
    """Two roles read while consented to; insurers, banks and employers in no way at all."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author = bench.treating(person)
        one = kept(bench, person, author)
        for kind in (EMERGENCY, REGULATION):
            wished(bench, who, person, kind, "permit")
        for role in _NOT_OF_CARE:
            doctor = bench.treating(person)
            acting = in_role(doctor, role)
            named = "ACC-12" if role == "nursing_home" else "ACC-08"
            yield from misses(bench, named, acting, one, certain=role not in _NEVER)
            asked = opened_record(bench, in_role(doctor, role, SAMU), person, SAMU)
            yield bench.expects(named, asked, refused(), certain=False)
            bench.relate("consent", person, doctor)
            if role in _NEVER:
                yield from misses(bench, named, acting, one, certain=False)
                breaking = in_role(doctor, role, BREAK_GLASS)
                glass = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
                yield bench.expects(named, glass, refused(), certain=False)
                yield from misses(bench, named, breaking, one, certain=False)
                continue
            yield from sees(bench, named, acting, one)
            wished(bench, who, person, READING, "deny", about=doctor)
            yield from misses(bench, named, acting, one)
            bench.relate("consent", person, doctor)
            yield from sees(bench, named, acting, one)


@check(
    requirements=("ACC-08",),
    needs=(*NEEDS, "consent", "advance_clock"),
    alone=True,
)
def consent_to_an_occupational_doctor_is_for_once(bench: Bench) -> Iterator[Assertion]:
    """An occupational doctor asks for a consent each time; what the team may read opens nothing."""
    person = bench.person(age=51)
    author, doctor = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    acting = in_role(doctor, "occupational")
    for _ in range(2):
        yield from misses(bench, "ACC-08", acting, one, certain=False)
        bench.relate("consent", person, doctor)
        yield from sees(bench, "ACC-08", acting, one)
        bench.advance("P2D")
    yield from misses(bench, "ACC-08", acting, one, certain=False)


@check(
    requirements=("ACC-09", "ACC-04"),
    needs=(*NEEDS, "set_administrator", "give_consent"),
    wire=Wire.OWN,
)
def administrator_blocks_colleagues(bench: Bench) -> Iterator[Assertion]:
    """Who administers blocks colleagues and sees masked documents, until the holder ends it."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author, trusted, colleague, second = (bench.treating(person) for _ in range(4))
        plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
        stranger = bench.person(age=50)
        for other in (author.who, trusted.who, stranger.who):
            made = _administers(bench, other, person, trusted, yes=True)
            yield bench.expects("ACC-09", made, refused())
        before = wish(bench, trusted.who, person, BLOCK, "deny", about=colleague)
        yield bench.expects("ACC-09", before, refused())
        made = _administers(bench, who, person, trusted, yes=True)
        yield bench.expects("ACC-09", made, accepted())
        yield from sees(bench, "ACC-09", trusted.who, plain, masked)
        shown_too(bench, colleague.who, plain)
        barred = wish(bench, trusted.who, person, BLOCK, "deny", about=colleague)
        yield bench.expects("ACC-09", barred, accepted())
        yield from misses(bench, ("ACC-09", "ACC-04"), colleague.who, plain, masked)
        freed = wish(bench, trusted.who, person, BLOCK, "permit", about=colleague)
        yield bench.expects("ACC-09", freed, accepted())
        yield from misses(bench, "ACC-09", second.who, masked)
        yield from sees(bench, "ACC-09", second.who, plain)
        ended = _administers(bench, who, person, trusted, yes=False)
        yield bench.expects("ACC-09", ended, accepted())
        yield from misses(bench, "ACC-09", trusted.who, masked)
        yield from sees(bench, "ACC-09", trusted.who, plain)
        after = wish(bench, trusted.who, person, BLOCK, "deny", about=second)
        yield bench.expects("ACC-09", after, refused())


def _administers(
    bench: Bench, who: Who, person: TestPerson, one: TestProfessional, *, yes: bool
) -> Operated:
    return bench.operation(
        "set_administrator",
        who,
        patient=person.ins,
        professional=one.rpps,
        administrator=yes,
    )


@check(
    requirements=("ACC-01", "ACC-04", "ACC-05"),
    needs=(*NEEDS, "ask_authorisation", "give_consent", "consent", "block"),
    wire=Wire.OWN,
)
def authorisation_told_is_that_there_is(bench: Bench) -> Iterator[Assertion]:
    """Who asks whether they may read is told what a reading would show: yes, no, or blocked."""
    person = bench.person(age=53)
    one = kept(bench, person, bench.treating(person))
    member, stranger, objected, blocked = (
        bench.treating(person),
        bench.professional(),
        bench.treating(person),
        bench.treating(person),
    )
    consented, unblocked = bench.professional(), bench.treating(person)
    bench.relate("consent", person, consented)
    wished(bench, person.who, person, READING, "deny", about=objected)
    for each in (blocked, unblocked):
        bench.relate("block", person, each)
    wished(bench, person.who, person, BLOCK, "permit", about=unblocked)
    for requirement, each, told in (
        ("ACC-01", member, "valid"),
        ("ACC-01", consented, "valid"),
        ("ACC-01", stranger, "none"),
        ("ACC-01", objected, "none"),
        ("ACC-04", blocked, "blocked"),
        ("ACC-05", unblocked, "none"),
    ):
        asked = bench.operation("ask_authorisation", each.who, patient=person.ins)
        if asked.exchange.value(_STATUS):
            yield bench.expects(requirement, asked, equals(_STATUS, told))
        look = sees if told == "valid" else misses
        yield from look(bench, requirement, each.who, one)
