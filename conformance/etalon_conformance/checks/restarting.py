"""What a server acknowledged is there after it was killed and started again."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.agenda_scene import MATCHES, appointment, identifier_of, of_person, tomorrow
from etalon_conformance.bench import Bench
from etalon_conformance.checking import RESTART, Assertion, check
from etalon_conformance.expectations import accepted, equals, excludes, includes, one_of, status
from etalon_conformance.life_scene import PAST_THE_WINDOW, SYSTEM, closed, is_fed, objected
from etalon_conformance.record_scene import (
    LISTS,
    NEEDS,
    UNIQUE_IDS,
    changed,
    content_of,
    deposit,
    found,
    page_with,
    replacing,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import FEEDING, NOT_TAKEN, fed, wished
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    hidden_too,
    kept,
    labelled,
    lists_found,
    misses,
    sees,
    shown_too,
)
from etalon_conformance.specimens import HIDDEN, MASKED, specimen
from etalon_model.states import State

_NEEDS: Final = (*NEEDS, RESTART)


@check(requirements=("W-REC-45",), needs=_NEEDS, alone=True)
def documents_outlive_a_kill(bench: Bench) -> Iterator[Assertion]:
    """What was deposited last is found after the restart, and what was masked still is."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    shown = specimen(bench, person, author, kind=SEEN_BY_ALL)
    masked = specimen(bench, person, author, kind=SEEN_BY_ALL, labels=(MASKED,))
    deposit(bench, "W-REC-45", [masked])
    former, gone = kept(bench, person, author), kept(bench, person, author)
    ident = former.place.rpartition("/")[2]
    newer = specimen(bench, person, author, kind=SEEN_BY_ALL, replaces=ident)
    deposit(bench, "W-REC-45", [newer])
    withdrawal = replacing("/status", "entered-in-error", "valueCode")
    deleted = changed(bench, author.who, gone.place, withdrawal)
    bench.expects("W-REC-45", deleted, status(200, 204), control=True)
    later = kept(bench, person, author)
    masking = labelled(bench, person.who, later, MASKED)
    bench.expects("W-REC-45", masking, status(200, 204), control=True)
    sets = lists_found(bench, reader.who, person)
    deposit(bench, "W-REC-45", [shown])
    before = found(bench, reader.who, person)
    bench.expects("W-REC-45", before, includes(UNIQUE_IDS, shown.unique_id), control=True)
    bench.restart()
    after = found(bench, reader.who, person)
    yield bench.expects("W-REC-45", after, includes(UNIQUE_IDS, shown.unique_id))
    yield bench.expects("W-REC-45", after, excludes(UNIQUE_IDS, masked.unique_id))
    mine = found(bench, person.who, person)
    yield bench.expects("W-REC-45", mine, includes(UNIQUE_IDS, shown.unique_id, masked.unique_id))
    yield bench.expects("W-REC-45", mine, includes(UNIQUE_IDS, newer.unique_id))
    yield from misses(bench, "W-REC-45", reader.who, later)
    yield from misses(bench, "W-REC-45", person.who, gone)
    yield from sees(bench, "W-REC-45", person.who, later)
    superseded = found(bench, reader.who, person, {"status": "superseded"}, current=False)
    yield bench.expects("W-REC-45", superseded, equals(UNIQUE_IDS, former.one.unique_id))
    names = f"{LISTS}.id"
    lists = lists_found(bench, reader.who, person)
    earlier = [one for page in sets for one in page.value(names)]
    yield bench.expects("W-REC-45", lists, includes(names, *earlier))
    page = page_with(bench, "W-REC-45", reader.who, shown)
    content = content_of(bench, page, shown.unique_id) or "Binary"
    read = bench.call(reader.who, "GET", content, accept=shown.media_type)
    yield bench.expects("W-REC-45", read, equals("body", shown.sha256))


@check(requirements=("W-REC-45",), needs=(*_NEEDS, "give_consent"), alone=True, wire=Wire.OWN)
def wishes_outlive_a_kill(bench: Bench) -> Iterator[Assertion]:
    """Who was kept from feeding before the restart is kept from it after."""
    person, author = bench.person(), bench.professional()
    _, taken = fed(bench, person, author)
    bench.expects("W-REC-45", taken, status(200), control=True)
    wished(bench, person.who, person, FEEDING, "deny", about=author, ground="no_care")
    _, before = fed(bench, person, author)
    bench.expects("W-REC-45", before, status(*NOT_TAKEN), control=True)
    bench.restart()
    _, after = fed(bench, person, author)
    yield bench.expects("W-REC-45", after, status(*NOT_TAKEN))


@check(requirements=("W-REC-45",), needs=_NEEDS, alone=True)
def appointments_outlive_a_kill(bench: Bench) -> Iterator[Assertion]:
    """An appointment that was declared is found after the restart."""
    person, doctor = bench.person(), bench.professional()
    one = appointment(bench, person, doctor, tomorrow(bench))
    made = bench.call(doctor.who, "POST", "Appointment", body=one)
    bench.expects("W-REC-45", made, one_of("status", "201"), control=True)
    bench.restart()
    page = bench.call(doctor.who, "GET", f"Appointment?{of_person(person)}")
    names = f"{MATCHES}.identifier.value"
    yield bench.expects("W-REC-45", page, includes(names, identifier_of(one)))


@check(requirements=("W-REC-45",), needs=(*_NEEDS, "block"), alone=True)
def rights_outlive_a_kill(bench: Bench) -> Iterator[Assertion]:
    """Who was blocked still reads nothing, and what waits for its announcement still waits."""
    person = bench.person()
    author, blocked, reader = (bench.treating(person) for _ in range(3))
    shown = kept(bench, person, author)
    hidden = kept(bench, person, author, HIDDEN)
    shown_too(bench, blocked.who, shown)
    hidden_too(bench, person.who, hidden)
    bench.relate("block", person, blocked)
    bench.restart()
    shown_too(bench, reader.who, shown)
    yield from misses(bench, "W-REC-45", blocked.who, shown)
    yield from misses(bench, "W-REC-45", person.who, hidden)


@check(
    requirements=("W-REC-45",), needs=(*_NEEDS, "close_space"), alone=True, wire=Wire.VENDOR_MAPPED
)
def closing_outlives_a_kill(bench: Bench) -> Iterator[Assertion]:
    """A space that was closed is closed after the restart."""
    person, other = bench.person(), bench.person()
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, person.who, one)
    bench.expects("W-REC-45", closed(bench, person), accepted(), control=True)
    bench.restart()
    yield from is_fed(bench, "W-REC-45", other, is_open=True, control=True)
    yield from is_fed(bench, "W-REC-45", person, is_open=False)
    for who in (person.who, author.who):
        yield from misses(bench, "W-REC-45", who, one)


@check(
    requirements=("W-REC-45",),
    needs=(*_NEEDS, "oppose", "open_space", "advance_clock"),
    alone=True,
    wire=Wire.VENDOR_MAPPED,
)
def objection_to_a_space_outlives_a_kill(bench: Bench) -> Iterator[Assertion]:
    """Whoever objected before the restart has no space once the window is over."""
    opposed, silent = (bench.person(State.NOTIFIED, age=age) for age in (37, 38))
    bench.expects("W-REC-45", objected(bench, opposed, "web"), accepted(), control=True)
    bench.restart()
    bench.advance(PAST_THE_WINDOW)
    for person in (silent, opposed):
        bench.operation("open_space", SYSTEM, patient=person.ins)
    yield from is_fed(bench, "W-REC-45", silent, is_open=True, control=True)
    yield from is_fed(bench, "W-REC-45", opposed, is_open=False, likely="objection_not_kept")
