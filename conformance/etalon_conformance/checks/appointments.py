"""Appointments: whose they are, how long they last, what becomes of the hours they take."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import (
    CREATED,
    MATCHES,
    QUARTER,
    SERVICE,
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
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    accepted,
    count,
    equals,
    excludes,
    includes,
    one_of,
    status,
)
from etalon_conformance.life_scene import closed, decider
from etalon_conformance.record_scene import NOT_OFFERED
from etalon_conformance.requirement import Wire
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson

if TYPE_CHECKING:
    from etalon_wire.json_body import Json, Resource

_REFUSED: Final = (400, 403, 404, 405, 409, 412, 422)
_UNSEEN: Final = (401, 403, 404)
_NAMES: Final = f"{MATCHES}.identifier.value"
_SHUT: Final = (400, 401, 403, 404, 409, 410, 422)


def _found(bench: Bench, who: Who, person: TestPerson) -> Exchange:
    """Search the appointments of somebody."""
    return bench.call(who, "GET", f"Appointment?{of_person(person)}")


@check(requirements=("AGD-01", "AGD-02"), needs=WITH_PEOPLE)
def agenda_holds_what_is_past_and_to_come(bench: Bench) -> Iterator[Assertion]:
    """Who holds the space finds what professionals put there, of last month and of the next."""
    person, other, doctor = bench.person(), bench.person(), bench.professional()
    start = tomorrow(bench)
    both = [appointment(bench, person, doctor, start + timedelta(days=days)) for days in (-30, 30)]
    for one in both:
        made = made_of(bench, "AGD-02", doctor.who, one)
        yield bench.expects("AGD-02", made, status(CREATED))
    names = map(identifier_of, both)
    page = _found(bench, person.who, person)
    yield bench.expects("AGD-01", page, includes(_NAMES, *names))
    nothing = _found(bench, other.who, other)
    yield bench.expects("AGD-01", nothing, excludes(_NAMES, *map(identifier_of, both)))


@check(requirements=("AGD-03",), needs=WITH_PEOPLE)
def what_an_editor_wrote_is_read_only_for_the_holder(bench: Bench) -> Iterator[Assertion]:
    """The holder neither changes nor deletes the appointment that a doctor declared."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    one = appointment(bench, person, doctor, start)
    made = made_of(bench, "AGD-03", doctor.who, one)
    bench.expects("AGD-03", made, status(CREATED), control=True)
    place = place_of(made, "Appointment")
    moved = {**one, "id": place.rpartition("/")[2], "description": "Annulée par moi"}
    yield bench.expects("AGD-03", bench.call(person.who, "PUT", place, body=moved), status(*_SHUT))
    yield bench.expects("AGD-03", bench.call(person.who, "DELETE", place), status(*_REFUSED))
    left = _found(bench, person.who, person)
    yield bench.expects("AGD-03", left, equals(f"{MATCHES}.description", "Consultation"))


@check(requirements=("AGD-04",), needs=WITH_PEOPLE)
def nothing_is_booked_from_the_space(bench: Bench) -> Iterator[Assertion]:
    """A holder may note an appointment, and asks for none: booking stays where it was."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    later = appointment(bench, person, doctor, start + timedelta(hours=3))
    bench.expects(
        "AGD-04", made_of(bench, "AGD-04", doctor.who, later), status(CREATED), control=True
    )
    asked = {**appointment(bench, person, doctor, start), "status": "proposed"}
    answer = bench.call(person.who, "POST", "Appointment", body=asked)
    yield bench.expects("AGD-04", answer, status(*_REFUSED))
    page = _found(bench, person.who, person)
    yield bench.expects("AGD-04", page, excludes(_NAMES, identifier_of(asked)))


@check(requirements=("AGD-08",), needs=WITH_PEOPLE)
def request_is_proposed_and_becomes_booked(bench: Bench) -> Iterator[Assertion]:
    """A request is proposed, without its times; once booked it is not asked for again."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    declared = appointment(bench, person, doctor, start)
    period: list[Json] = [{"start": written(start)}]
    asked: Resource = {
        **{name: value for name, value in declared.items() if name not in {"start", "end"}},
        "status": "proposed",
        "requestedPeriod": period,
    }
    made = made_of(bench, "AGD-08", doctor.who, asked)
    yield bench.expects("AGD-08", made, status(CREATED))
    place = place_of(made, "Appointment")
    ident = place.rpartition("/")[2]
    booked = bench.call(doctor.who, "PUT", place, body={**declared, "id": ident})
    yield bench.expects("AGD-08", booked, status(200))
    back = bench.call(doctor.who, "PUT", place, body={**asked, "id": ident})
    yield bench.expects("AGD-08", back, status(*_REFUSED), certain=False)
    page = _found(bench, doctor.who, person)
    yield bench.expects("AGD-08", page, equals(f"{MATCHES}.status", "booked"))


@check(requirements=("W-AGD-07",), needs=WITH_PEOPLE)
def condition_that_several_meet_changes_none(bench: Bench) -> Iterator[Assertion]:
    """Where two appointments bear an identifier, the conditional update answers 412."""
    doctor, start = bench.professional(), tomorrow(bench)
    first, second = bench.person(), bench.person()
    one = appointment(bench, first, doctor, start)
    other = {
        **appointment(bench, second, doctor, start + timedelta(hours=2)),
        "identifier": one["identifier"],
    }
    for each in (one, other):
        made = made_of(bench, "W-AGD-07", doctor.who, each)
        if made.status != CREATED:
            raise CannotTest(key="cause.refused", operation="POST Appointment")
    criterion = urlencode({"identifier": f"{SYSTEM}|{identifier_of(one)}"})
    changed = {**one, "description": "Reportée"}
    answer = bench.call(doctor.who, "PUT", f"Appointment?{criterion}", body=changed)
    yield bench.expects("W-AGD-07", answer, status(412))
    page = _found(bench, doctor.who, first)
    yield bench.expects("W-AGD-07", page, equals(f"{MATCHES}.description", "Consultation"))


@check(requirements=("W-AGD-10",), needs=WITH_PEOPLE)
def appointment_lasts_as_long_as_its_slot(bench: Bench) -> Iterator[Assertion]:
    """One of another length is refused; the hours that one takes are nobody else's."""
    doctor, start = bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-AGD-10", doctor.who, schedule(doctor, start))
    bench.expects("W-AGD-10", made, status(CREATED), control=True)
    hours = [
        ("schedule", place_of(made, "Schedule").rpartition("/")[2]),
        ("start", f"ge{written(start)}"),
        ("start", f"lt{written(start + timedelta(hours=1))}"),
    ]
    slots = bench.call(doctor.who, "GET", f"Slot?{urlencode(hours)}")
    first = slots.first(f"{MATCHES}.id")
    begins = slots.first(f"{MATCHES}.start")
    bench.expects("W-AGD-10", slots, includes(f"{MATCHES}.status", "free"), control=True)
    if slots.value(f"{MATCHES}.serviceType.text"):
        served = one_of(f"{MATCHES}.serviceType.text", SERVICE)
        yield bench.expects("W-AGD-10", slots, served)
    person = bench.person()
    slot_taken: list[Json] = [{"reference": f"Slot/{first}"}]
    booked: Resource = {
        **appointment(bench, person, doctor, start),
        "start": begins,
        "end": slots.first(f"{MATCHES}.end"),
        "slot": slot_taken,
    }
    longer = {**booked, "end": written(start + 3 * QUARTER)}
    refused = bench.call(doctor.who, "POST", "Appointment", body=longer)
    yield bench.expects("W-AGD-10", refused, status(400, 409, 422))
    taken = bench.call(doctor.who, "POST", "Appointment", body=booked)
    yield bench.expects("W-AGD-10", taken, status(CREATED))
    page = _found(bench, doctor.who, person)
    yield bench.expects("W-AGD-10", page, count(f"{MATCHES}.id", 1))


@check(requirements=("W-AGD-04",), needs=WITH_PEOPLE)
def slot_that_is_taken_is_busy_until_it_is_given_back(bench: Bench) -> Iterator[Assertion]:
    """The hours of an appointment are found busy, and free again once it is deleted."""
    doctor, start = bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-AGD-04", doctor.who, schedule(doctor, start))
    bench.expects("W-AGD-04", made, status(CREATED), control=True)
    ident = place_of(made, "Schedule").rpartition("/")[2]
    hours = [("schedule", ident), ("start", f"ge{written(start)}")]
    address = f"Slot?{urlencode([*hours, ('start', f'lt{written(start + QUARTER)}')])}"
    slots = bench.call(doctor.who, "GET", address)
    chosen = slots.first(f"{MATCHES}.id")
    bench.expects("W-AGD-04", slots, one_of(f"{MATCHES}.status", "free"), control=True)
    slot_taken: list[Json] = [{"reference": f"Slot/{chosen}"}]
    booked: Resource = {
        **appointment(bench, bench.person(), doctor, start),
        "slot": slot_taken,
    }
    taken = bench.call(doctor.who, "POST", "Appointment", body=booked)
    bench.expects("W-AGD-04", taken, status(CREATED), control=True)
    busy = bench.call(doctor.who, "GET", address)
    yield bench.expects("W-AGD-04", busy, excludes(f"{MATCHES}.status", "free"))
    gone = bench.call(doctor.who, "DELETE", place_of(taken, "Appointment"))
    if gone.status in NOT_OFFERED:
        return
    again = bench.call(doctor.who, "GET", address)
    yield bench.expects("W-AGD-04", again, one_of(f"{MATCHES}.status", "free"))


@check(requirements=("AGD-13",), needs=WITH_PEOPLE)
def agenda_of_a_minor_is_the_representatives(bench: Bench) -> Iterator[Assertion]:
    """What a doctor declares for a child is found by the parent, and by no other adult."""
    parent, stranger = bench.person(age=41), bench.person(age=42)
    child = bench.person(age=8, guardian=parent)
    doctor, start = bench.professional(), tomorrow(bench)
    one = appointment(bench, child, doctor, start)
    made = made_of(bench, "AGD-13", doctor.who, one)
    bench.expects("AGD-13", made, status(CREATED), control=True)
    acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    page = _found(bench, acting, child)
    yield bench.expects("AGD-13", page, includes(_NAMES, identifier_of(one)))
    other = bench.call(stranger.who, "GET", f"Appointment?{of_person(child)}")
    yield bench.expects("AGD-13", other, excludes(_NAMES, identifier_of(one)))


@check(requirements=("W-COM-04",), needs=WITH_PEOPLE)
def appointment_of_another_is_not_shown(bench: Bench) -> Iterator[Assertion]:
    """Neither another doctor nor another holder reads it, whatever address they know."""
    person, other = bench.person(), bench.person()
    doctor, colleague, start = bench.professional(), bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-COM-04", doctor.who, appointment(bench, person, doctor, start))
    bench.expects("W-COM-04", made, status(CREATED), control=True)
    place = place_of(made, "Appointment")
    bench.expects("W-COM-04", bench.call(doctor.who, "GET", place), status(200), control=True)
    for who in (colleague.who, other.who):
        yield bench.expects("W-COM-04", bench.call(who, "GET", place), status(*_UNSEEN))
    page = _found(bench, colleague.who, person)
    yield bench.expects("W-COM-04", page, excludes(f"{MATCHES}.description", "Consultation"))


@check(requirements=("LIF-12",), needs=(*WITH_PEOPLE, "close_space"), wire=Wire.OWN)
def closed_space_shows_no_appointment(bench: Bench) -> Iterator[Assertion]:
    """What is in the agenda of a space that was closed shows to nobody who was in it."""
    parent, doctor, start = bench.person(age=38), bench.professional(), tomorrow(bench)
    adult, child = bench.person(age=50), bench.person(age=8, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        who = decider(bench, person, guardian)
        one = appointment(bench, person, doctor, start)
        place = place_of(made_of(bench, "LIF-12", doctor.who, one), "Appointment")
        before = _found(bench, who, person)
        bench.expects("LIF-12", before, includes(_NAMES, identifier_of(one)), control=True)
        done = closed(bench, person, guardian)
        bench.expects("LIF-12", done, accepted(), control=True)
        after = _found(bench, who, person)
        yield bench.expects("LIF-12", after, excludes(_NAMES, identifier_of(one)))
        yield bench.expects("LIF-12", bench.call(who, "GET", place), status(*_UNSEEN))


@check(requirements=("LIF-12",), needs=(*WITH_PEOPLE,))
def closed_space_takes_no_appointment(bench: Bench) -> Iterator[Assertion]:
    """Nothing is declared in the agenda of a space that is closed, suspended or not open."""
    doctor, start = bench.professional(), tomorrow(bench)
    alive = bench.person()
    made = made_of(bench, "LIF-12", doctor.who, appointment(bench, alive, doctor, start))
    bench.expects("LIF-12", made, status(CREATED), control=True)
    for state in (State.CLOSED_ARCHIVED, State.OPPOSED):
        shut = appointment(bench, bench.person(state), doctor, start)
        answer = bench.call(doctor.who, "POST", "Appointment", body=shut)
        yield bench.expects("LIF-12", answer, status(*_SHUT))
