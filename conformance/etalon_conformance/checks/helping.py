"""Sharing in full: who may represent or help whom, how many, and what they may not do."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, includes, refused, status
from etalon_conformance.life_scene import closed, decider
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BLOCK,
    EMERGENCY,
    FEEDING,
    READING,
    REGULATION,
    Said,
    wish,
)
from etalon_conformance.seeing import NOT_SHOWN, kept, misses, sees, shown_too
from etalon_model.actors import ActorKind
from etalon_model.periods import birthday, paris_date
from etalon_model.states import State
from etalon_target.people import TestProfessional

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_NOT_ACTIVE: Final = (
    State.NOT_NOTIFIED,
    State.NOTIFIED,
    State.OPPOSED,
    State.OPEN_INACTIVE,
    State.SUSPENDED,
    State.CLOSED_ARCHIVED,
    State.DELETION_REQUESTED,
    State.PURGED,
)
_MAJORITY_YEARS: Final = 18
_MOST_CAREGIVERS: Final = 3
_MOST_HELPED: Final = 5


def _related(bench: Bench, kind: str, holder: str, who: str) -> Operated:
    return bench.operation(kind, None, holder=holder, who=who)


@check(
    requirements=("REP-03", "REP-01", "REP-08"),
    needs=(*NEEDS, "representative", "close_space"),
    wire=Wire.OWN,
)
def second_representative_is_one_in_full(bench: Bench) -> Iterator[Assertion]:
    """A second representative has an active space and no other; who is one decides as well."""
    parent, second = bench.person(age=41), bench.person(age=42)
    child = bench.person(age=8, guardian=parent)
    one = kept(bench, child, bench.treating(child))
    for state in _NOT_ACTIVE:
        guest = bench.person(state, age=40)
        done = _related(bench, "representative", child.ins, guest.ins)
        yield bench.expects("REP-03", done, refused())
        acting = bench.acting(ActorKind.REPRESENTATIVE, guest, child)
        read = bench.call(acting, "GET", one.place)
        yield bench.expects("REP-03", read, status(*NOT_SHOWN))
    minor = bench.person(age=16, guardian=parent)
    yield bench.expects(
        "REP-03", _related(bench, "representative", child.ins, minor.ins), refused()
    )
    adult = bench.person(age=30)
    grown = _related(bench, "representative", adult.ins, second.ins)
    yield bench.expects("REP-03", grown, refused())
    joined = _related(bench, "representative", child.ins, second.ins)
    yield bench.expects("REP-03", joined, accepted())
    for who in (second, parent):
        again = _related(bench, "representative", child.ins, who.ins)
        yield bench.expects("REP-08", again, refused())
    for who in (parent, second):
        acting = bench.acting(ActorKind.REPRESENTATIVE, who, child)
        yield from sees(bench, ("REP-03", "REP-01"), acting, one)
    yield bench.expects("REP-01", closed(bench, child, second), accepted())
    acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    yield from misses(bench, "REP-01", acting, one)


@check(
    requirements=("REP-08",),
    needs=(*NEEDS, "caregiver", "representative"),
    wire=Wire.OWN,
)
def two_people_are_linked_once(bench: Bench) -> Iterator[Assertion]:
    """Neither the same link twice, nor two of another kind, between the same two people."""
    parent, helper = bench.person(age=43), bench.person(age=44)
    child = bench.person(age=8, guardian=parent)
    one = kept(bench, child, bench.treating(child))
    for holder, who in ((child, parent), (parent, child)):
        done = _related(bench, "caregiver", holder.ins, who.ins)
        yield bench.expects("REP-08", done, refused())
    yield bench.expects("REP-08", _related(bench, "caregiver", child.ins, helper.ins), accepted())
    for kind in ("caregiver", "representative"):
        for _ in range(2):
            done = _related(bench, kind, child.ins, helper.ins)
            yield bench.expects("REP-08", done, refused())
    caring = bench.acting(ActorKind.CAREGIVER, helper, child)
    yield from sees(bench, "REP-08", caring, one)
    other, second = bench.person(age=8, guardian=parent), bench.person(age=45)
    joined = _related(bench, "representative", other.ins, second.ins)
    yield bench.expects("REP-08", joined, accepted())
    for kind in ("representative", "caregiver"):
        done = _related(bench, kind, other.ins, second.ins)
        yield bench.expects("REP-08", done, refused())


@check(requirements=("REP-05", "REP-06"), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def caregivers_beyond_the_count_read_nothing(bench: Bench) -> Iterator[Assertion]:
    """Three help a holder, five are helped by one; who is one too many reads nothing."""
    holders = [bench.person(age=81) for _ in range(2)]
    records = [kept(bench, one, bench.treating(one)) for one in holders]
    for holder, record in zip(holders, records, strict=True):
        for number in range(_MOST_CAREGIVERS + 2):
            helper = bench.person(age=50)
            done = _related(bench, "caregiver", holder.ins, helper.ins)
            fits = number < _MOST_CAREGIVERS
            yield bench.expects("REP-05", done, accepted() if fits else refused())
            caring = bench.acting(ActorKind.CAREGIVER, helper, holder)
            look = sees if fits else misses
            yield from look(bench, "REP-05", caring, record)
    helper, helped_too = bench.person(age=49), bench.person(age=48)
    # To be helped oneself is not counted among those whom one helps.
    bench.relate("caregiver", helper, helped_too)
    for number in range(_MOST_HELPED + 2):
        helped = bench.person(age=79)
        record = kept(bench, helped, bench.treating(helped))
        done = _related(bench, "caregiver", helped.ins, helper.ins)
        fits = number < _MOST_HELPED
        yield bench.expects("REP-06", done, accepted() if fits else refused())
        caring = bench.acting(ActorKind.CAREGIVER, helper, helped)
        look = sees if fits else misses
        yield from look(bench, "REP-06", caring, record)


def _wishes(
    reader: TestProfessional, outsider: TestProfessional
) -> tuple[tuple[str, str, Said], ...]:
    """Return what a holder may wish of who reads their record, and of who does not."""
    return (
        (EMERGENCY, "deny", {}),
        (EMERGENCY, "permit", {}),
        (REGULATION, "deny", {}),
        (REGULATION, "permit", {}),
        (BLOCK, "deny", {"about": reader}),
        (READING, "deny", {"about": reader}),
        (READING, "permit", {"about": outsider}),
        (FEEDING, "deny", {"about": reader, "ground": "no_care"}),
    )


@check(
    requirements=("REP-09", "LIF-30"),
    needs=(*NEEDS, "caregiver", "give_consent", "close_space"),
    wire=Wire.OWN,
)
def caregiver_decides_nothing(bench: Bench) -> Iterator[Assertion]:
    """No wish, closing, erasure or download is a caregiver's; reading is, until the closing."""
    person, helper = bench.person(age=83), bench.person(age=56)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    author, reader, outsider = bench.treating(person), bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    shown_too(bench, caring, one)
    for kind, stance, said in _wishes(reader, outsider):
        done = wish(bench, caring, person, kind, stance, **said)
        yield bench.expects("REP-09", done, refused())
    yield from sees(bench, "REP-09", reader.who, one)
    yield from misses(bench, "REP-09", outsider.who, one)
    bench.relate("block", person, outsider)
    freed = wish(bench, caring, person, BLOCK, "permit", about=outsider)
    yield bench.expects("REP-09", freed, refused())
    can, at = bench.target.operations.can, bench.now().isoformat(timespec="seconds")
    more: dict[str, dict[str, Json]] = {
        "set_administrator": {"professional": reader.rpps},
        "close_space": {"passwordReentered": True, "erase": True},
        "export_space": {},
        "report_access": {"professional": reader.rpps, "accessedAt": at},
    }
    for name, values in more.items():
        if can(name):
            certain = name != "report_access"
            done = bench.operation(name, caring, patient=person.ins, **values)
            yield bench.expects("REP-09", done, refused(), certain=certain)
            if name == "close_space":
                yield bench.expects("LIF-30", done, refused())
    yield from sees(bench, "REP-09", caring, one)
    if can("export_space"):
        taken = bench.operation("export_space", person.who, patient=person.ins)
        yield bench.expects("REP-09", taken, accepted())
    bench.expects("REP-09", closed(bench, person), accepted(), control=True)
    yield from misses(bench, "REP-09", caring, one)
    for name in ("request_erasure", "reopen_space"):
        if can(name):
            done = bench.operation(name, caring, patient=person.ins, termsVersion="1")
            yield bench.expects("REP-09", done, refused())


@check(
    requirements=("REP-04", "REP-01"),
    needs=(*NEEDS, "representative", "give_consent", "close_space", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def majority_changes_who_decides_on_the_day(bench: Bench) -> Iterator[Assertion]:
    """Until the eve of majority both parents decide; from that birthday on the person does."""
    parent, second = bench.person(age=46), bench.person(age=47)
    grown = bench.person(age=17, guardian=parent)
    younger = bench.person(age=8, guardian=parent)
    if grown.birth_date is None:
        return
    bench.relate("representative", grown, second)
    author = bench.treating(grown)
    one, other = kept(bench, grown, author), kept(bench, younger, bench.treating(younger))
    parental = [bench.acting(ActorKind.REPRESENTATIVE, each, grown) for each in (parent, second)]
    majority_on = birthday(grown.birth_date, _MAJORITY_YEARS)
    days = (majority_on - paris_date(bench.now())).days
    bench.advance(f"P{days - 1}D")
    for who in parental:
        yield from sees(bench, "REP-04", who, one)
        said = wish(bench, who, grown, EMERGENCY, "permit")
        yield bench.expects("REP-01", said, accepted())
    closing = bench.operation("close_space", grown.who, patient=grown.ins, passwordReentered=True)
    yield bench.expects("REP-01", closing, refused(), certain=False)
    bench.advance("P1DT1H" if paris_date(bench.now()) < majority_on else "PT1H")
    for who in parental:
        yield from misses(bench, "REP-04", who, one)
        for kind, stance in ((EMERGENCY, "deny"), (REGULATION, "deny")):
            said = wish(bench, who, grown, kind, stance)
            yield bench.expects("REP-04", said, refused())
        log = f"AuditEvent?patient.identifier={grown.system}|{grown.ins}&date=ge2000-01-01"
        yield bench.expects("REP-04", bench.call(who, "GET", log), status(400, *NOT_SHOWN))
        theirs = bench.operation("close_space", who, patient=grown.ins, passwordReentered=True)
        yield bench.expects("REP-04", theirs, refused())
    yield from sees(bench, "REP-04", grown.who, one)
    yield from sees(bench, "REP-04", author.who, one)
    yield from sees(bench, "REP-04", decider(bench, younger, parent), other)
    yield bench.expects("REP-04", wish(bench, grown.who, grown, EMERGENCY, "deny"), accepted())
    again = _related(bench, "representative", grown.ins, bench.person(age=40).ins)
    yield bench.expects("REP-04", again, refused())
    yield bench.expects("REP-04", closed(bench, grown), accepted())
    yield bench.expects("REP-04", closed(bench, younger, parent), accepted())


@check(
    requirements=("REP-09",),
    needs=("create_person", "caregiver", "read_agenda", "add_reminder", "delete_reminder"),
    wire=Wire.OWN,
)
def caregiver_keeps_the_agenda(bench: Bench) -> Iterator[Assertion]:
    """A caregiver adds, reads, changes and deletes what the holder keeps; who is none does not."""
    person, helper, other = bench.person(age=58), bench.person(age=57), bench.person(age=59)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    false = bench.acting(ActorKind.CAREGIVER, other, person)
    due = (bench.now() + timedelta(days=4)).date().isoformat()
    said = {"patient": person.ins, "dueOn": due, "title": "Un rappel"}
    titles = "parameter.part[name=title].valueString"
    yield bench.expects("REP-09", bench.operation("add_reminder", false, **said), refused())
    added = bench.operation("add_reminder", caring, **said)
    yield bench.expects("REP-09", added, accepted())
    for who in (caring, person.who):
        told = bench.operation("read_agenda", who, patient=person.ins)
        yield bench.expects("REP-09", told, accepted())
        if told.exchange.value(titles):
            yield bench.expects("REP-09", told, includes(titles, "Un rappel"))
    yield bench.expects(
        "REP-09", bench.operation("read_agenda", false, patient=person.ins), refused()
    )
    number = added.exchange.first("parameter[name=number].valueString")
    if number:
        for who, expected in ((false, refused()), (caring, accepted())):
            done = bench.operation("delete_reminder", who, patient=person.ins, number=number)
            yield bench.expects("REP-09", done, expected)
