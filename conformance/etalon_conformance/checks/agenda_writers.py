"""Who writes in an agenda, who may not, who is told, and what stands in it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import (
    CREATED,
    MATCHES,
    QUARTER,
    SYSTEM,
    WITH_PEOPLE,
    appointment,
    identifier_of,
    made_of,
    of_person,
    place_of,
    schedule,
    tomorrow,
    written,
)
from etalon_conformance.app_doors import appointments_found, noted
from etalon_conformance.app_scene import NEEDS as APPS
from etalon_conformance.app_scene import paired
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    at_least,
    count,
    equals,
    excludes,
    one_of,
    present,
    status,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource

_NAMES: Final = f"{MATCHES}.identifier.value"
_SHUT: Final = (400, 401, 403, 404, 405, 409, 410, 412, 422)


def _found(bench: Bench, who: Who, person: TestPerson) -> Exchange:
    return bench.call(who, "GET", f"Appointment?{of_person(person)}")


def _by_identifier(one: Resource) -> str:
    """Return the address of a conditional update."""
    return f"Appointment?{urlencode({'identifier': f'{SYSTEM}|{identifier_of(one)}'})}"


def _at(place: str, one: Resource, **changed: Json) -> Resource:
    """Return what is put at an address."""
    return {**one, "id": place.rpartition("/")[2], **changed}


@check(requirements=("AGD-02", "AGD-01"), needs=(*WITH_PEOPLE, "caregiver"))
def holder_and_carers_feed_the_agenda(bench: Bench) -> Iterator[Assertion]:
    """The holder, a carer, a parent and two professionals write; all of it is in one agenda."""
    person, helper = bench.person(age=81), bench.person(age=52)
    child = bench.person(age=8, guardian=helper)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    acting = bench.acting(ActorKind.REPRESENTATIVE, helper, child)
    one, other, start = bench.professional(), bench.professional("60"), tomorrow(bench)
    for owner, writers in (
        (person, (person.who, caring, one.who, other.who)),
        (child, (acting, one.who)),
    ):
        names: list[str] = []
        for rank, who in enumerate(writers):
            made = appointment(bench, owner, one, start + timedelta(days=rank))
            names.append(identifier_of(made))
            answer = made_of(bench, "AGD-02", who, made)
            yield bench.expects("AGD-02", answer, status(CREATED))
        for reader in writers[:2] if owner is person else (acting,):
            page = _found(bench, reader, owner)
            yield from under(bench, ("AGD-02", "AGD-01"), page, equals(_NAMES, *names))


@check(
    requirements=("AGD-02", "AGD-01", "AGD-03"),
    needs=(*APPS, "create_professional"),
    wire=Wire.OWN,
    alone=True,
)
def services_feed_the_agenda(bench: Bench) -> Iterator[Assertion]:
    """What a service notes with consent is in the agenda, read-only; without consent it is not."""
    person, doctor = bench.person(), bench.professional()
    writer = paired(bench, ("agenda", "write"), ("agenda", "read"), person=person)
    reader = paired(bench, ("agenda", "read"), person=person)
    taken = noted(bench, writer, doctor)
    yield bench.expects("AGD-02", taken, status(CREATED))
    bench.expects("AGD-03", taken, status(CREATED), control=True)
    shut = noted(bench, reader, doctor, 2)
    yield bench.expects("AGD-02", shut, status(403))
    name = taken.first("identifier.value")
    page = _found(bench, person.who, person)
    yield from under(bench, ("AGD-02", "AGD-01"), page, equals(_NAMES, name))
    ident = page.first(f"{MATCHES}.id")
    place = f"Appointment/{ident}"
    yield bench.expects("AGD-03", bench.call(person.who, "DELETE", place), status(*_SHUT))
    moved = {**appointment(bench, person, doctor, tomorrow(bench)), "id": ident}
    yield bench.expects("AGD-03", bench.call(person.who, "PUT", place, body=moved), status(*_SHUT))
    seen = appointments_found(bench, reader)
    yield bench.expects("AGD-02", seen, equals("entry.resource.identifier.value", name))


@check(requirements=("AGD-03",), needs=(*WITH_PEOPLE, "caregiver"))
def nobody_in_the_space_changes_what_an_editor_wrote(bench: Bench) -> Iterator[Assertion]:
    """Holder, carer, parent: by address or by identifier, neither moved, cancelled nor deleted."""
    person, helper = bench.person(age=81), bench.person(age=52)
    child = bench.person(age=8, guardian=helper)
    bench.relate("caregiver", person, helper)
    doctor, start = bench.professional(), tomorrow(bench)
    for owner, who in (
        (person, person.who),
        (person, bench.acting(ActorKind.CAREGIVER, helper, person)),
        (child, bench.acting(ActorKind.REPRESENTATIVE, helper, child)),
    ):
        one = appointment(bench, owner, doctor, start)
        made = made_of(bench, "AGD-03", doctor.who, one)
        bench.expects("AGD-03", made, status(CREATED), control=True)
        place = place_of(made, "Appointment")
        later = {
            "start": written(start + timedelta(days=1)),
            "end": written(start + timedelta(days=1, minutes=15)),
        }
        for changed in (
            {"description": "Annulée par moi"},
            {"status": "cancelled"},
            later,
        ):
            whole = {**one, **changed}
            put = bench.call(who, "PUT", place, body=_at(place, whole))
            yield bench.expects("AGD-03", put, status(*_SHUT))
            conditional = bench.call(who, "PUT", _by_identifier(one), body=whole)
            yield bench.expects("AGD-03", conditional, status(*_SHUT))
        yield bench.expects("AGD-03", bench.call(who, "DELETE", place), status(*_SHUT))
        left = _found(bench, doctor.who, owner)
        chosen = f"{MATCHES}[identifier.value={identifier_of(one)}]"
        for path, value in (
            ("description", "Consultation"),
            ("status", "booked"),
            ("start", written(start)),
        ):
            yield bench.expects("AGD-03", left, equals(f"{chosen}.{path}", value))
        yield from _own_is_changed(bench, who, owner, doctor)


def _own_is_changed(
    bench: Bench, who: Who, owner: TestPerson, doctor: TestProfessional
) -> Iterator[Assertion]:
    """What somebody in the space noted they change, and delete."""
    start = tomorrow(bench)
    own = appointment(bench, owner, doctor, start + timedelta(days=2))
    mine = made_of(bench, "AGD-03", who, own)
    if mine.status == CREATED:
        place = place_of(mine, "Appointment")
        moved = bench.call(who, "PUT", place, body=_at(place, own, description="Reportée"))
        yield bench.expects("AGD-03", moved, status(200))
        gone = bench.call(who, "DELETE", place)
        yield bench.expects("AGD-03", gone, status(200, 204))


@check(requirements=("AGD-04",), needs=(*WITH_PEOPLE, "caregiver"))
def nobody_in_the_space_books(bench: Bench) -> Iterator[Assertion]:
    """No request, waiting list or slot, by any door; the hours of the doctor stay free."""
    person, helper = bench.person(age=81), bench.person(age=52)
    bench.relate("caregiver", person, helper)
    doctor, start = bench.professional(), tomorrow(bench)
    made = made_of(bench, "AGD-04", doctor.who, schedule(doctor, start))
    bench.expects("AGD-04", made, status(CREATED), control=True)
    asked = [
        ("schedule", place_of(made, "Schedule").rpartition("/")[2]),
        ("start", f"ge{written(start)}"),
        ("start", f"lt{written(start + QUARTER)}"),
    ]
    hours = f"Slot?{urlencode(asked)}"
    slot = bench.call(doctor.who, "GET", hours).first(f"{MATCHES}.id")
    taken: list[Json] = [{"reference": f"Slot/{slot}"}]
    names: list[str] = []
    wishes: list[Resource] = [
        {"status": "proposed"},
        {"status": "pending"},
        {"status": "waitlist"},
        {"slot": taken},
        {"status": "proposed", "slot": taken},
    ]
    for who in (person.who, bench.acting(ActorKind.CAREGIVER, helper, person)):
        for changed in wishes:
            one = appointment(bench, person, doctor, start)
            names.append(identifier_of(one))
            whole: Resource = {**one, **changed}
            for verb, address in (("POST", "Appointment"), ("PUT", _by_identifier(one))):
                answer = bench.call(who, verb, address, body=whole)
                yield bench.expects("AGD-04", answer, status(*_SHUT))
    page = _found(bench, person.who, person)
    yield bench.expects("AGD-04", page, excludes(_NAMES, *names))
    free = bench.call(doctor.who, "GET", hours)
    yield bench.expects("AGD-04", free, one_of(f"{MATCHES}.status", "free"))


@check(requirements=("AGD-13",), needs=(*WITH_PEOPLE, "tell_notices"))
def parent_is_told_of_a_childs_appointment(bench: Bench) -> Iterator[Assertion]:
    """Its notice goes to the parent, at each age of a minor; an adult has their own."""
    parent, doctor, start = bench.person(age=45), bench.professional(), tomorrow(bench)
    told = "told[code=RDV_AGENDA].to"
    for age in (1, 8, 14):
        child = bench.person(age=age, guardian=parent)
        for rank in (1, 2):
            one = appointment(bench, child, doctor, start + timedelta(days=rank))
            made = made_of(bench, "AGD-13", doctor.who, one)
            bench.expects("AGD-13", made, status(CREATED), control=True)
            seen = bench.operation("tell_notices", None, patient=child.ins)
            yield bench.expects("AGD-13", seen, equals(told, *[parent.ins] * rank))
        acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        page = _found(bench, acting, child)
        yield bench.expects("AGD-13", page, count(f"{MATCHES}.id", 2))
        own = _found(bench, parent.who, parent)
        yield bench.expects("AGD-13", own, absent(f"{MATCHES}.id"))
    adult = bench.person()
    bench.call(doctor.who, "POST", "Appointment", body=appointment(bench, adult, doctor, start))
    seen = bench.operation("tell_notices", None, patient=adult.ins)
    yield bench.expects("AGD-13", seen, excludes(told, parent.ins))
    yield bench.expects("AGD-13", seen, at_least(told, 1), certain=False)


@check(requirements=("AGD-01",), needs=(*WITH_PEOPLE, "read_agenda", "add_reminder"), wire=Wire.OWN)
def agenda_is_three_collections(bench: Bench) -> Iterator[Assertion]:
    """Appointments of years past and to come, reminders and prevention, told together."""
    person, other = bench.person(age=55, sex="F"), bench.person(age=55, sex="F")
    doctor, start = bench.professional(), tomorrow(bench)
    names: list[str] = []
    for days in (-400, -30, -1, 0, 30, 400):
        one = appointment(bench, person, doctor, start + timedelta(days=days))
        names.append(identifier_of(one))
        made = made_of(bench, "AGD-01", doctor.who, one)
        bench.expects("AGD-01", made, status(CREATED), control=True)
    due = (bench.now() + timedelta(days=300)).date().isoformat()
    bench.operation("add_reminder", person.who, patient=person.ins, dueOn=due, title="Vaccin")
    told = bench.operation("read_agenda", person.who, patient=person.ins)
    parts = "parameter[name={}]"
    booked = f"{parts.format('appointment')}.resource.identifier.value"
    yield bench.expects("AGD-01", told, equals(booked, *names))
    titles = f"{parts.format('reminder')}.part[name=title].valueString"
    yield bench.expects("AGD-01", told, equals(titles, "Vaccin"))
    keys = f"{parts.format('prevention')}.part[name=key].valueString"
    yield bench.expects("AGD-01", told, present(keys))
    page = _found(bench, person.who, person)
    yield bench.expects("AGD-01", page, equals(_NAMES, *names))
    empty = bench.operation("read_agenda", other.who, patient=other.ins)
    yield bench.expects("AGD-01", empty, absent(booked))
    yield bench.expects("AGD-01", empty, absent(titles))
