"""What the whole service costs: commands a second, bytes a document, a person, a row, listings.

Everybody has an open space, of ten documents in the headline. The mixed workload is 60 % reads and
searches, 25 % deposits and 15 % of other commands, each constructed, applied, logged and kept in a
journal. Every figure that depends on the machine has its ratio to a calibration loop beside it:
construct a slotted dataclass of five fields and look it up in a dictionary. Workload and loop take
turns, part after part, so that a machine that slows down slows both. Each size of town runs in a
process of its own.
"""

import gc
import json
import resource
import statistics
import subprocess
import sys
import time
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
from growth_plot import flat_plot
from stopwatch import Figure, figures_folder, median_cpu_seconds, write_figures

SIZES: Final = ((10_000, 10), (30_000, 10), (100_000, 10), (300_000, 3), (1_000_000, 1))
"""People and documents each; the headline is the third."""
HEADLINE: Final = 2
PARTS: Final = 10
COMMANDS_A_PART: Final = 10_000
WEIGHED_PEOPLE: Final = 10_000
DOCUMENTS: Final = 10
ROWS: Final = 50_000
KIBI: Final = 1024
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


def town(people: int, documents: int, journal: list[Command]) -> tuple[Service, list[str]]:
    """Return a service, and the matricules of those who have that many documents each.

    The service writes to `journal`, which is empty once the town stands.
    """
    service = Service(vintage("launch-2022"), seed=1, journal=journal.append)
    known: list[str] = []
    for number in range(people):
        known.append(settle(service, number))
        feed(service, known[-1], number * documents, documents)
        journal.clear()
    return service, known


class Workload:
    """The mixed workload on a town, part after part; commands are constructed as it runs."""

    def __init__(self, service: Service, known: Sequence[str], documents: int) -> None:
        """Draw from the people of `known`, who have that many documents each."""
        self._apply = service.apply
        self._people = [service.person(ins) for ins in known]
        self._documents = documents
        self._made = len(known) * documents
        self._chance = Chance(1)

    def part(self, commands: int) -> Callable[[], None]:
        """Return the next part; what is drawn for it is not counted."""
        below = self._chance.below
        people, documents = len(self._people), self._documents
        draws = [(below(100), below(people), below(documents)) for _ in range(commands)]
        return lambda: self._run(draws)

    def _run(self, draws: Sequence[tuple[int, int, int]]) -> None:
        apply, people, documents = self._apply, self._people, self._documents
        for lot, rank, chosen in draws:
            person = people[rank]
            ins = person.ins
            document = f"urn:oid:1.2.250.1.213.1.4.10.{rank * documents + chosen}"
            if lot < READS // 2:
                apply(ReadDocument(USED_AT, DOCTOR, ins, document))
            elif lot < READS:
                apply(SearchDocuments(USED_AT, DOCTOR, ins, page_size=20))
            elif lot < DEPOSITS:
                self._made += 1
                apply(deposit(person, self._made, USED_AT))
            elif lot % 2:
                apply(MaskDocument(USED_AT, DOCTOR, ins, document))
            else:
                apply(AskAuthorisation(USED_AT, DOCTOR, ins))


def measure(people: int, documents: int) -> dict[str, float]:
    """Run the workload on a town of that size, in this process; return what it cost."""
    journal: list[Command] = []
    service, known = town(people, documents, journal)
    workload = Workload(service, known, documents)
    gc.collect()
    turns: list[float] = []
    costs: list[float] = []
    for _ in range(PARTS):
        turns.append(running_seconds(lambda: calibration(COMMANDS_A_PART)) / COMMANDS_A_PART)
        costs.append(running_seconds(workload.part(COMMANDS_A_PART)) / COMMANDS_A_PART)
    one = statistics.median(costs)
    ratios = [cost / turn for cost, turn in zip(costs, turns, strict=True)]
    return {
        "people": people,
        "documents_a_person": documents,
        "commands": PARTS * COMMANDS_A_PART,
        "accepted_share": len(journal) / PARTS / COMMANDS_A_PART,
        "commands_a_second": 1 / one,
        "microseconds_of_a_command": one / MICROSECOND,
        "microseconds_of_a_turn_of_the_calibration": statistics.median(turns) / MICROSECOND,
        "ratio_of_a_command_to_a_turn": statistics.median(ratios),
        "peak_bytes": peak_bytes(),
    }


def running_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a call in a service that runs: garbage is collected as it comes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def peak_bytes() -> int:
    """Return the largest memory this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIBI


def measure_apart(people: int, documents: int) -> dict[str, float]:
    """Measure one size in a process of its own."""
    command = [sys.executable, __file__, str(people), str(documents)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def microseconds_of(service: Service, command: Command) -> float:
    """Return what one command costs, repeated."""
    seconds = median_cpu_seconds(lambda: [service.apply(command) for _ in range(TURNS)])
    return seconds / TURNS / MICROSECOND


def weights(people: int) -> dict[str, Figure]:
    """Return the bytes of a person without documents, of a document, and of a row of the log."""
    tracemalloc.start()
    journal: list[Command] = []
    service, known = town(people, 0, journal)
    empty, _ = tracemalloc.get_traced_memory()
    for rank, ins in enumerate(known):
        feed(service, ins, rank * DOCUMENTS, DOCUMENTS)
        journal.clear()
    full, _ = tracemalloc.get_traced_memory()
    read_anew(service, known[0], ROWS, journal)
    read, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "bytes_of_a_person": empty / people,
        "bytes_of_a_document_with_its_log_row": (full - empty) / people / DOCUMENTS,
        "bytes_of_a_log_row": (read - full) / ROWS,
    }


def read_anew(service: Service, ins: str, times: int, journal: list[Command]) -> None:
    """Read as often, a second apart; instants, actors and identifiers are new objects each time.

    All the rows stay in memory: the holder may report any of these accesses.
    """
    for second in range(times):
        at = USED_AT + timedelta(seconds=second)
        actor = professional("".join(list(DOCTOR.ident)), "doctor")
        applied(service, SearchDocuments(at, actor, ins, page_size=1))
        journal.clear()


def listings() -> dict[str, Figure]:
    """Return what a listing of a short record and a search in a long one cost."""
    service, (short, long) = town(2, 0, [])
    feed(service, short, 0, SHORT_RECORD)
    feed(service, long, 0, LONG_RECORD)
    listing = SearchDocuments(USED_AT, DOCTOR, short, page_size=SHORT_RECORD)
    search = SearchDocuments(USED_AT, DOCTOR, long, Criteria(types=(TYPES[0].code,)))
    return {
        "microseconds_of_a_listing_of_50": microseconds_of(service, listing),
        "microseconds_of_a_search_in_200": microseconds_of(service, search),
    }


def main() -> None:
    """Measure every size, and write the figures and the plot."""
    rows = [measure_apart(*size) for size in SIZES]
    costs = [row["microseconds_of_a_command"] for row in rows]
    people = [row["people"] for row in rows]
    write_figures(
        {
            **rows[HEADLINE],
            **weights(WEIGHED_PEOPLE),
            **listings(),
            "sizes": [{**row} for row in rows],
        }
    )
    flat_plot(
        figures_folder() / "service.svg",
        people,
        costs,
        what="people",
        unit="CPU microseconds a command",
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        asked_people, asked_documents = map(int, sys.argv[1:])
        print(json.dumps(measure(asked_people, asked_documents)))
    else:
        main()
