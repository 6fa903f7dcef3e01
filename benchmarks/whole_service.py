"""What the whole service costs: commands a second, bytes a document and a person, listings.

Everybody has an open space of ten documents. The mixed workload is 60 % reads and searches, 25 %
deposits and 15 % of other commands, each constructed, applied, logged and kept in a journal. Every
figure that depends on the machine has its ratio to a calibration loop beside it: construct a
slotted dataclass of five fields and look it up in a dictionary.
"""

import argparse
import gc
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from etalon_model import (
    INSURER,
    SYSTEM,
    Affiliate,
    Channel,
    Contacts,
    OpenAutomatically,
    Refusal,
    SendNotice,
    Service,
    Traits,
    identity,
    vintage,
)
from etalon_model.actors import professional
from etalon_model.command import Command
from etalon_model.people import Person
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.masking import MaskDocument
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.reading import ReadDocument
from etalon_model.records.record import Author, Form, Origin, Sheet
from etalon_model.records.search import Criteria, SearchDocuments
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.consultation import AskAuthorisation
from etalon_model.walks.chance import Chance
from stopwatch import Figure, cpu_seconds, median_cpu_seconds, write_figures

PEOPLE: Final = 10_000
DOCUMENTS: Final = 10
COMMANDS: Final = 100_000
LONG_RECORD: Final = 200
SHORT_RECORD: Final = 50
CELLS: Final = 300
TURNS: Final = 500
MICROSECOND: Final = 1e-6
SENT_AT: Final = datetime(2022, 1, 31, 9, tzinfo=UTC)
OPENED_AT: Final = datetime(2022, 3, 20, 9, tzinfo=UTC)
FED_AT: Final = OPENED_AT + timedelta(days=1)
USED_AT: Final = FED_AT + timedelta(days=1)
CONTACTS: Final = Contacts(email=True, mobile=True)
DOCTOR: Final = professional("899700366240", "doctor")
ORIGIN: Final = Origin(
    (Author(DOCTOR.ident, "Moreau", "Alix", "10"),), "10B0172805", DOCTOR.ident, "SA07", "AMB"
)
PDF: Final = Form("application/pdf", "urn:ihe:iti:xds-sd:pdf:2008")
TYPES: Final = tuple(one for one in DOCUMENT_TYPES.values() if one.author == "care")[:12]
READS, DEPOSITS = 60, 85


@dataclass(frozen=True, slots=True)
class Five:
    """What the calibration loop constructs."""

    at: datetime
    actor: object
    ins: str
    number: int
    text: str


def calibration(turns: int) -> None:
    """Construct and look up."""
    known = {Five(SENT_AT, DOCTOR, "a", 1, "b"): 1}
    for _ in range(turns):
        known.get(Five(SENT_AT, DOCTOR, "a", 1, "b"))


def applied(service: Service, command: Command) -> object:
    """Apply a command that must be accepted; return its answer."""
    outcome = service.apply(command)
    if isinstance(outcome, Refusal):
        raise SystemExit(outcome.message)
    return outcome.answer


def settle(service: Service, number: int) -> str:
    """Open the space of one adult by silence, with a doctor in the team; return the matricule."""
    born = date(1950 + number % 50, 1 + number % 12, 1 + number % 28)
    who = identity(1, number, Traits(born, "F" if number % 2 else "M", "31", number // CELLS))
    applied(service, Affiliate(SENT_AT, INSURER, who.ins, who, CONTACTS))
    applied(service, SendNotice(SENT_AT, INSURER, who.ins, Channel.EMAIL))
    applied(service, OpenAutomatically(OPENED_AT, SYSTEM, who.ins))
    applied(service, JoinCareTeam(OPENED_AT, DOCTOR, who.ins, informed=True))
    return who.ins


def deposit(person: Person, number: int, at: datetime) -> DepositDocument:
    """Return the deposit of a document that is the person's `number`-th of all."""
    kind = TYPES[number % len(TYPES)]
    known = person.identity
    sheet = Sheet(
        f"urn:oid:1.2.250.1.213.1.4.10.{number}",
        kind.code,
        kind.class_code,
        f"Report {number}",
        at,
        at,
        20_000,
        f"{number:040x}",
        ORIGIN,
        PDF,
    )
    subject = Subject(known.ins, known.oid, known.birth_on, known.sex)
    return DepositDocument(at, DOCTOR, known.ins, sheet, subject, Means.CPS)


def feed(service: Service, ins: str, first: int, documents: int) -> None:
    """Deposit that many documents."""
    person = service.person(ins)
    for number in range(first, first + documents):
        applied(service, deposit(person, number, FED_AT))


def town(
    people: int, documents: int, journal: Callable[[Command], object] | None = None
) -> tuple[Service, list[str]]:
    """Return a service, and the matricules of those who have that many documents each."""
    service = Service(vintage("launch-2022"), seed=1, journal=journal)
    known = [settle(service, number) for number in range(people)]
    for rank, ins in enumerate(known):
        feed(service, ins, rank * documents, documents)
    return service, known


def mixed(service: Service, known: Sequence[str], commands: int) -> Callable[[], None]:
    """Return the mixed workload on that service; commands are constructed as it runs."""
    chance = Chance(1)
    people = [service.person(ins) for ins in known]
    draws = [
        (chance.below(100), chance.below(len(people)), chance.below(DOCUMENTS))
        for _ in range(commands)
    ]

    def run() -> None:
        made = len(people) * DOCUMENTS
        apply = service.apply
        for lot, rank, chosen in draws:
            person = people[rank]
            ins = person.ins
            document = f"urn:oid:1.2.250.1.213.1.4.10.{rank * DOCUMENTS + chosen}"
            if lot < READS // 2:
                apply(ReadDocument(USED_AT, DOCTOR, ins, document))
            elif lot < READS:
                apply(SearchDocuments(USED_AT, DOCTOR, ins, page_size=20))
            elif lot < DEPOSITS:
                made += 1
                apply(deposit(person, made, USED_AT))
            elif lot % 2:
                apply(MaskDocument(USED_AT, DOCTOR, ins, document))
            else:
                apply(AskAuthorisation(USED_AT, DOCTOR, ins))

    return run


def microseconds_of(service: Service, command: Command) -> float:
    """Return what one command costs, repeated."""
    seconds = median_cpu_seconds(lambda: [service.apply(command) for _ in range(TURNS)])
    return seconds / TURNS / MICROSECOND


def weights(people: int) -> tuple[float, float]:
    """Return the bytes of a person without documents, and of a document with its log row."""
    tracemalloc.start()
    service, known = town(people, 0)
    empty, _ = tracemalloc.get_traced_memory()
    for rank, ins in enumerate(known):
        feed(service, ins, rank * DOCUMENTS, DOCUMENTS)
    full, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return empty / people, (full - empty) / people / DOCUMENTS


def listings() -> dict[str, Figure]:
    """Return what a listing of a short record and a search in a long one cost."""
    service, (short, long) = town(2, 0)
    feed(service, short, 0, SHORT_RECORD)
    feed(service, long, 0, LONG_RECORD)
    listing = SearchDocuments(USED_AT, DOCTOR, short, page_size=SHORT_RECORD)
    search = SearchDocuments(USED_AT, DOCTOR, long, Criteria(types=(TYPES[0].code,)))
    return {
        "microseconds_of_a_listing_of_50": microseconds_of(service, listing),
        "microseconds_of_a_search_in_200": microseconds_of(service, search),
    }


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    asked = parser.parse_args()
    turn = median_cpu_seconds(lambda: calibration(asked.commands)) / asked.commands
    of_a_person, of_a_document = weights(asked.people)
    journal: list[Command] = []
    service, known = town(asked.people, DOCUMENTS, journal.append)
    before = len(journal)
    gc.freeze()
    one = cpu_seconds(mixed(service, known, asked.commands)) / asked.commands
    write_figures(
        {
            "people": asked.people,
            "documents_a_person": DOCUMENTS,
            "commands": asked.commands,
            "accepted_share": (len(journal) - before) / asked.commands,
            "commands_a_second": 1 / one,
            "microseconds_of_a_command": one / MICROSECOND,
            "microseconds_of_a_turn_of_the_calibration": turn / MICROSECOND,
            "ratio_of_a_command_to_a_turn": one / turn,
            "bytes_of_a_person": of_a_person,
            "bytes_of_a_document_with_its_log_row": of_a_document,
            **listings(),
        }
    )


if __name__ == "__main__":
    main()
