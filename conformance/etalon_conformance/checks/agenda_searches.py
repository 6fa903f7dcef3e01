"""Searches of an agenda: every status, every criterion, both sides of each date and hour."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import (
    CREATED,
    MATCHES,
    QUARTER,
    RPPS,
    SYSTEM,
    WITH_PEOPLE,
    appointment,
    identifier_of,
    made_of,
    place_of,
    schedule,
    tomorrow,
    written,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import matricule
from etalon_conformance.several import under
from etalon_target.actors import Who
from etalon_target.people import TestProfessional
from etalon_wire.json_body import Json, Resource

_NAMES: Final = f"{MATCHES}.identifier.value"
_STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "proposed": ("proposed",),
    "pending": ("proposed", "pending"),
    "booked": ("booked",),
    "arrived": ("booked", "arrived"),
    "checked-in": ("booked", "checked-in"),
    "fulfilled": ("booked", "fulfilled"),
    "cancelled": ("booked", "cancelled"),
    "noshow": ("booked", "noshow"),
    "entered-in-error": ("booked", "entered-in-error"),
    "waitlist": ("waitlist",),
}
"""Every status of an appointment, and by which it is come to."""
_PLACE: Final = ("urn:oid:1.2.250.1.999.3", "SALLE-2")


def _found(bench: Bench, who: Who, **criteria: str) -> Exchange:
    """Search appointments by criteria whose names have underscores for dots."""
    asked = {name.replace("__", ":").replace("_", "."): value for name, value in criteria.items()}
    return bench.call(who, "GET", f"Appointment?{urlencode(asked)}")


@check(requirements=("W-AGD-05", "AGD-08"), needs=WITH_PEOPLE)
def every_status_is_kept_and_found(bench: Bench) -> Iterator[Assertion]:
    """Each of the ten by itself, in lists of two and of three, by who wrote and by the holder."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    names: dict[str, str] = {}
    for rank, (state, steps) in enumerate(_STATES.items()):
        one = appointment(bench, person, doctor, start + timedelta(hours=rank))
        names[state] = identifier_of(one)
        address = f"Appointment?{urlencode({'identifier': f'{SYSTEM}|{names[state]}'})}"
        for step in steps:
            answer = bench.call(doctor.who, "PUT", address, body={**one, "status": step})
            if step in {"proposed", "booked", "cancelled"}:
                yield bench.expects("AGD-08", answer, status(200, CREATED))
    whose = matricule(person)
    everything = _found(bench, doctor.who, patient_identifier=whose)
    bench.expects("W-AGD-05", everything, includes(_NAMES, names["booked"]), control=True)
    kept = {state: name for state, name in names.items() if name in everything.value(_NAMES)}
    for state, name in kept.items():
        chosen = f"{MATCHES}[identifier.value={name}].status"
        yield from under(bench, ("W-AGD-05", "AGD-08"), everything, equals(chosen, state))
    lists: list[tuple[str, ...]] = [(state,) for state in _STATES]
    lists += list(combinations(("booked", "cancelled", "proposed", "fulfilled"), 2))
    lists += [("cancelled", "noshow", "booked"), ("noshow", "proposed", "arrived")]
    for who in (doctor.who, person.who):
        for wanted in lists:
            page = _found(bench, who, patient_identifier=whose, status=",".join(wanted))
            yield bench.expects("W-AGD-05", page, status(200))
            expected = [name for state, name in kept.items() if state in wanted]
            found = equals(_NAMES, *expected) if expected else absent(_NAMES)
            yield bench.expects("W-AGD-05", page, found)


@check(requirements=("W-AGD-05",), needs=WITH_PEOPLE)
def every_criterion_finds_its_appointments(bench: Bench) -> Iterator[Assertion]:
    """Patient, actor, practitioner, place and identifier, alone and together; nobody else's."""
    person, neighbour = bench.person(), bench.person()
    doctor, other, start = bench.professional(), bench.professional(), tomorrow(bench)
    mine, late = (appointment(bench, person, doctor, start + timedelta(hours=n)) for n in (0, 2))
    theirs = appointment(bench, neighbour, doctor, start + timedelta(hours=4))
    foreign = appointment(bench, person, other, start + timedelta(hours=6))
    placed = _placed(late)
    for who, one in ((doctor, mine), (doctor, placed), (doctor, theirs), (other, foreign)):
        made = made_of(bench, "W-AGD-05", who.who, one)
        bench.expects("W-AGD-05", made, status(CREATED), control=True)
    whose, rpps = matricule(person), f"{RPPS}|{doctor.rpps}"
    room = "|".join(_PLACE)
    both, alone = (mine, placed), (mine,)
    cases: list[tuple[Mapping[str, str], Sequence[Resource]]] = [
        ({"patient_identifier": whose}, both),
        ({"actor__Patient_identifier": whose}, both),
        ({"patient_identifier": whose, "practitioner_identifier": rpps}, both),
        ({"patient_identifier": whose, "actor__Practitioner_identifier": rpps}, both),
        ({"patient_identifier": whose, "practitioner_identifier": f"{RPPS}|{other.rpps}"}, ()),
        ({"patient_identifier": whose, "location_identifier": room}, (placed,)),
        ({"patient_identifier": whose, "location_identifier": f"{_PLACE[0]}|SALLE-3"}, ()),
        ({"patient_identifier": whose, "identifier": f"{SYSTEM}|{identifier_of(mine)}"}, alone),
        ({"patient_identifier": whose, "identifier": f"{SYSTEM}|{identifier_of(theirs)}"}, ()),
        ({"patient_identifier": matricule(neighbour)}, (theirs,)),
        ({"patient_identifier": whose, "status": "booked", "location_identifier": room}, (placed,)),
    ]
    for criteria, expected in cases:
        page = _found(bench, doctor.who, **criteria)
        yield bench.expects("W-AGD-05", page, status(200))
        yield bench.expects("W-AGD-05", page, one_of(".type", "searchset"))
        names = [identifier_of(one) for one in expected]
        yield bench.expects("W-AGD-05", page, equals(_NAMES, *names) if names else absent(_NAMES))
    form = bench.call(doctor.who, "POST", "Appointment/_search", form={"patient.identifier": whose})
    yield bench.expects("W-AGD-05", form, equals(_NAMES, *map(identifier_of, both)))
    everything = _found(bench, person.who, patient_identifier=whose)
    names = [identifier_of(one) for one in (*both, foreign)]
    yield bench.expects("W-AGD-05", everything, equals(_NAMES, *names))
    hers = _found(
        bench, person.who, patient_identifier=whose, practitioner_identifier=f"{RPPS}|{other.rpps}"
    )
    yield bench.expects("W-AGD-05", hers, equals(_NAMES, identifier_of(foreign)))


def _placed(one: Resource) -> Resource:
    """Return an appointment in a room."""
    room: Json = {
        "actor": {
            "type": "Location",
            "identifier": {"system": _PLACE[0], "value": _PLACE[1]},
        },
        "status": "accepted",
    }
    held = one["participant"]
    return {**one, "participant": [*(held if isinstance(held, list) else []), room]}


@check(requirements=("W-AGD-05",), needs=WITH_PEOPLE)
def dates_bound_the_appointments_found(bench: Bench) -> Iterator[Assertion]:
    """Each prefix by day and by instant, from both sides; two bounds are a span."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    kept: dict[int, str] = {}
    for days in (0, 1, 2, 3):
        one = appointment(bench, person, doctor, start + timedelta(days=days, hours=4))
        kept[days] = identifier_of(one)
        made = made_of(bench, "W-AGD-05", doctor.who, one)
        bench.expects("W-AGD-05", made, status(CREATED), control=True)

    def day(days: int) -> str:
        return (start + timedelta(days=days)).date().isoformat()

    def at(days: int, minutes: int = 0) -> str:
        return written(start + timedelta(days=days, hours=4, minutes=minutes))

    for bounds, wanted in (
        ((f"ge{day(1)}",), (1, 2, 3)),
        ((f"gt{day(1)}",), (2, 3)),
        ((f"le{day(1)}",), (0, 1)),
        ((f"lt{day(1)}",), (0,)),
        ((f"eq{day(2)}",), (2,)),
        ((day(2),), (2,)),
        ((f"ge{day(1)}", f"le{day(2)}"), (1, 2)),
        ((f"ge{day(1)}", f"lt{day(2)}"), (1,)),
        ((f"gt{day(0)}", f"lt{day(3)}"), (1, 2)),
        ((f"ge{day(4)}",), ()),
        ((f"lt{day(0)}",), ()),
        ((f"ge{at(1)}",), (1, 2, 3)),
        ((f"ge{at(1, 1)}",), (2, 3)),
        ((f"le{at(1)}",), (0, 1)),
        ((f"lt{at(1)}",), (0,)),
        ((f"gt{at(1)}",), (2, 3)),
        ((f"ge{at(1)}", f"le{at(2)}"), (1, 2)),
    ):
        for who in (doctor.who, person.who):
            asked = [("patient.identifier", matricule(person)), *(("date", one) for one in bounds)]
            page = bench.call(who, "GET", f"Appointment?{urlencode(asked)}")
            yield bench.expects("W-AGD-05", page, status(200))
            names = [kept[one] for one in wanted]
            found = equals(_NAMES, *names) if names else absent(_NAMES)
            yield bench.expects("W-AGD-05", page, found)


@check(requirements=("W-AGD-04",), needs=WITH_PEOPLE)
def slots_are_found_by_schedule_time_and_status(bench: Bench) -> Iterator[Assertion]:
    """Those of one schedule, between two instants, free or taken; each tells all that it is."""
    doctor, other, start = bench.professional(), bench.professional(), tomorrow(bench)
    idents: list[str] = []
    for one, begins in ((doctor, start), (other, start + timedelta(minutes=5))):
        made = made_of(bench, "W-AGD-04", one.who, schedule(one, begins, openings=2))
        bench.expects("W-AGD-04", made, status(CREATED), control=True)
        idents.append(place_of(made, "Schedule").rpartition("/")[2])
    mine = ("schedule", idents[0])
    whole = _slots(bench, doctor.who, mine, *_hours(start, timedelta(days=2)))
    quarters = [start + timedelta(days=day) + n * QUARTER for day in (0, 1) for n in range(4)]
    yield from _are(bench, whole, quarters)
    yield bench.expects("W-AGD-04", whole, one_of(f"{MATCHES}.status", "free"))
    ends = [written(each + QUARTER) for each in quarters]
    yield bench.expects("W-AGD-04", whole, equals(f"{MATCHES}.end", *ends))
    leads = rf"(.*/)?Schedule/{idents[0]}"
    yield bench.expects("W-AGD-04", whole, matches(f"{MATCHES}.schedule.reference", leads))
    for asked, expected in (
        (_hours(start, timedelta(minutes=15)), quarters[:1]),
        (_hours(start, timedelta(minutes=16)), quarters[:2]),
        (_hours(start + timedelta(minutes=1), timedelta(minutes=30)), quarters[1:3]),
        (_hours(start + timedelta(days=1), timedelta(hours=1)), quarters[4:]),
        (_hours(start - timedelta(hours=3), timedelta(hours=3)), []),
        (_hours(start + timedelta(hours=1), timedelta(hours=3)), []),
        ((("start", f"gt{written(start)}"), ("start", f"le{written(quarters[2])}")), quarters[1:3]),
    ):
        yield from _are(bench, _slots(bench, doctor.who, mine, *asked), expected)
    actor = ("schedule.actor:Practitioner.identifier", f"{RPPS}|{doctor.rpps}")
    chained = _slots(bench, doctor.who, actor, *_hours(start, timedelta(days=2)))
    yield from _are(bench, chained, quarters)
    theirs = _slots(bench, doctor.who, ("schedule", idents[1]), *_hours(start, timedelta(hours=1)))
    yield bench.expects("W-AGD-04", theirs, excludes(f"{MATCHES}.start", *map(written, quarters)))
    form = [mine, *_hours(start, timedelta(hours=1))]
    posted = bench.call(doctor.who, "POST", "Slot/_search", form=form)
    yield from _are(bench, posted, quarters[:4])
    yield from _taken_are_told(bench, doctor, mine, quarters)


def _taken_are_told(
    bench: Bench, doctor: TestProfessional, mine: tuple[str, str], quarters: Sequence[datetime]
) -> Iterator[Assertion]:
    """Once the second quarter is taken it is busy, and the others are free."""
    first = quarters[0]
    span = _hours(first, timedelta(hours=1))
    second = _slots(bench, doctor.who, mine, *span)
    ident = second.first(f"{MATCHES}[start={_shown(second, quarters[1])}].id")
    slot_taken: list[Json] = [{"reference": f"Slot/{ident}"}]
    booked = appointment(bench, bench.person(), doctor, quarters[1])
    one: Resource = {**booked, "slot": slot_taken}
    made = bench.call(doctor.who, "POST", "Appointment", body=one)
    bench.expects("W-AGD-04", made, status(CREATED), control=True)
    free = [quarters[0], *quarters[2:4]]
    for wanted, expected in (
        ("free", free),
        ("busy", [quarters[1]]),
        ("busy,free", quarters[:4]),
        ("free,busy", quarters[:4]),
        ("busy-unavailable", []),
        ("busy,busy-tentative", [quarters[1]]),
        ("busy-unavailable,free", free),
    ):
        page = _slots(bench, doctor.who, mine, ("status", wanted), *span)
        yield from _are(bench, page, expected)
    after = _slots(bench, doctor.who, mine, *span)
    chosen = f"{MATCHES}[id={ident}].status"
    yield bench.expects("W-AGD-04", after, equals(chosen, "busy"))
    both = _slots(
        bench,
        doctor.who,
        mine,
        ("_include", "Slot:schedule"),
        ("_include:iterate", "Schedule:actor"),
        *span,
    )
    kinds = "entry[search.mode={}].resource.resourceType"
    yield bench.expects("W-AGD-04", both, one_of(kinds.format("match"), "Slot"))
    yield bench.expects("W-AGD-04", both, includes(kinds.format("include"), "Schedule"))
    yield bench.expects("W-AGD-04", both, present(kinds.format("include")))


def _shown(page: Exchange, at: datetime) -> str:
    """Return an instant as a page writes it."""
    found = (one for one in page.value(f"{MATCHES}.start") if datetime.fromisoformat(one) == at)
    return next(found, written(at))


def _hours(start: datetime, length: timedelta) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("start", f"ge{written(start)}"), ("start", f"lt{written(start + length)}")


def _slots(bench: Bench, who: Who, *criteria: tuple[str, str]) -> Exchange:
    return bench.call(who, "GET", f"Slot?{urlencode(criteria)}&_count=100")


def _are(bench: Bench, page: Exchange, starts: Sequence[datetime]) -> Iterator[Assertion]:
    """The slots of a page begin then, and no others are there."""
    yield bench.expects("W-AGD-04", page, status(200))
    yield bench.expects("W-AGD-04", page, one_of(".type", "searchset"))
    path = f"{MATCHES}.start"
    expected = equals(path, *map(written, starts)) if starts else absent(path)
    yield bench.expects("W-AGD-04", page, expected)
