"""What a server acknowledged is there after it was killed and started again."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.agenda_scene import MATCHES, appointment, identifier_of, of_person, tomorrow
from etalon_conformance.bench import Bench
from etalon_conformance.checking import RESTART, Assertion, check
from etalon_conformance.expectations import excludes, includes, one_of, status
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, deposit, found
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import FEEDING, NOT_TAKEN, fed, wished
from etalon_conformance.seeing import SEEN_BY_ALL
from etalon_conformance.specimens import MASKED, specimen

_NEEDS: Final = (*NEEDS, RESTART)


@check(requirements=("W-REC-45",), needs=_NEEDS, alone=True)
def documents_outlive_a_kill(bench: Bench) -> Iterator[Assertion]:
    """What was deposited last is found after the restart, and what was masked still is."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    shown = specimen(bench, person, author, kind=SEEN_BY_ALL)
    masked = specimen(bench, person, author, kind=SEEN_BY_ALL, labels=(MASKED,))
    deposit(bench, "W-REC-45", [masked])
    deposit(bench, "W-REC-45", [shown])
    before = found(bench, reader.who, person)
    bench.expects("W-REC-45", before, includes(UNIQUE_IDS, shown.unique_id), control=True)
    bench.restart()
    after = found(bench, reader.who, person)
    yield bench.expects("W-REC-45", after, includes(UNIQUE_IDS, shown.unique_id))
    yield bench.expects("W-REC-45", after, excludes(UNIQUE_IDS, masked.unique_id))
    mine = found(bench, person.who, person)
    yield bench.expects("W-REC-45", mine, includes(UNIQUE_IDS, shown.unique_id, masked.unique_id))


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
