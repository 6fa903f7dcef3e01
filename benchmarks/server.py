"""What the reference server carries, beside a constant body on the same framework and settings.

Server and yardstick have one core, in turns; one client of many connections has another. The
yardstick is given the same requests and answers, without reading them, a constant body of the size
that the reference server answers. Each ratio is the median over pairs of rounds. A figure below its
target is printed and makes the benchmark fail. Beside reading and searching stand latencies at half
the rate, as `etalon load` measures them.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from growth_plot import exponent, flat_plot
from half_load import at_half
from load_rounds import Beside, Cores, Load, Round, Served, served, two_cores
from served_records import Records
from server_start import starts
from stopwatch import Figure, figures_folder, write_figures

SERVER: Final = "benchmarks/pinned_server.py"
ROUNDS: Final = 5
ROUND_SECONDS: Final = float(os.environ.get("ETALON_ROUND_SECONDS", "2"))
HALF_SECONDS: Final = 5 * ROUND_SECONDS
WARM_SECONDS: Final = 0.5
CONNECTIONS: Final = 32
CONNECTIONS_DURABLE: Final = 128
"""With a journal more wait for the same group commit."""

PEOPLE: Final = 40
PAGE: Final = 20
DEPOSITS_A_ROUND: Final = 20_000
DEPOSITS_WARM: Final = 300
SYNCS: Final = 50
LONG_RECORDS: Final = (20, 60, 180, 540)
MANY_PEOPLE: Final = (40, 400, 4_000)
MICROSECOND: Final = 1e-6
MILLISECOND: Final = 1e-3

OK: Final = 200
CREATED: Final = 201

Requests = Callable[[Records], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured.

    Attributes:
        name: What it is called in the figures.
        server: Arguments of the reference server; `{data}` stands for an empty directory.
        requests: The requests of a round, from the records.
        status: Status of every answer.
        connections: How many connections the client has.
        at_least: Ratio to the yardstick that it must reach, or 0 where only the rate is told.
        paths: What is read at half the rate, for its latencies, or None.
    """

    name: str
    server: tuple[str, ...]
    requests: Requests
    status: int
    connections: int
    at_least: float
    paths: Callable[[Records], list[str]] | None = None


def reading(records: Records) -> Iterator[bytes]:
    """Yield readings of one document after the other."""
    return records.readings()


def searching(records: Records) -> Iterator[bytes]:
    """Yield searches of one record after the other."""
    return records.searches(PAGE)


def publishing(records: Records) -> Iterator[bytes]:
    """Yield simplified deposits, each of a document of its own."""
    return iter(records.publications(DEPOSITS_A_ROUND))


DATA: Final = ("--data", "{data}")
STRICT: Final = (*DATA, "--audit", "strict")
COLD: Final = ("--cache", "0")
FEW, MANY = CONNECTIONS, CONNECTIONS_DURABLE
MEASURES: Final = (
    Measure("read", (), reading, OK, FEW, 0.50, lambda known: known.read_paths()),
    Measure("search_warm", (), searching, OK, FEW, 0.25, lambda known: known.search_paths(PAGE)),
    Measure("search_cold", COLD, searching, OK, FEW, 0.15),
    Measure("deposit", (), publishing, CREATED, FEW, 0.30),
    Measure("read_durable_prompt", DATA, reading, OK, MANY, 0.0),
    Measure("read_durable_strict", STRICT, reading, OK, MANY, 0.0),
    Measure("search_cold_durable", (*DATA, *COLD), searching, OK, MANY, 0.0),
    Measure("deposit_durable", DATA, publishing, CREATED, MANY, 0.20),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one thing measured gave.

    Attributes:
        beside: Its rounds, and those of the yardstick.
        found: How many documents a page holds.
        at_half: Latencies at half the rate, or nothing.
    """

    beside: Beside
    found: int
    at_half: dict[str, Figure]


def measured(cores: Cores, measure: Measure, data: Path) -> Measured:
    """Measure one thing."""
    arguments = [part.replace("{data}", str(data)) for part in measure.server]
    with ExitStack() as stack:
        server = stack.enter_context(served(cores, SERVER, "reference", *arguments))
        records = Records(server)
        records.admit(PEOPLE)
        for ins in records.people:
            records.feed(ins, PAGE)
        found = records.found(PAGE)
        load = stack.enter_context(Load(server, measure.connections, measure.status))
        size = warmed(load, measure.requests(records)).size
        yardstick = stack.enter_context(served(cores, SERVER, "constant", str(size)))
        other = stack.enter_context(Load(yardstick, measure.connections, OK))
        warmed(other, measure.requests(records))
        rounds: list[Round] = []
        others: list[Round] = []
        for _ in range(ROUNDS):
            rounds.append(load.round(measure.requests(records), ROUND_SECONDS))
            others.append(other.round(given(measure, records), ROUND_SECONDS))
        half: dict[str, Figure] = {}
        if measure.paths is not None:
            rate = statistics.median(one.rate for one in rounds)
            asked = measure.paths(records)
            half = at_half(server.address, records.token, asked, rate, HALF_SECONDS)
    return Measured(Beside(rounds, others), found, half)


def warmed(load: Load, requests: Iterator[bytes]) -> Round:
    """Let both sides see their work once before it counts."""
    return load.round(islice(requests, DEPOSITS_WARM), WARM_SECONDS)


def given(measure: Measure, records: Records) -> Iterator[bytes]:
    """Yield the same kind of requests for the yardstick, which may see one twice."""
    return cycle(islice(measure.requests(records), DEPOSITS_WARM))


def figures_of(beside: Beside, connections: int, at_least: float) -> dict[str, Figure]:
    """Return the figures of what was measured.

    Args:
        beside: Its rounds.
        connections: How many connections the client had.
        at_least: Ratio to the yardstick that it must reach, or 0.
    """
    rounds, others = beside.measured, beside.yardstick

    def median(what: Callable[[Round], float], of: "list[Round] | tuple[Round, ...]") -> float:
        return statistics.median(what(one) for one in of)

    mine, theirs = list(rounds), list(others)
    return {
        "answers_a_second": round(median(lambda one: one.rate, mine)),
        "answers_a_second_of_the_yardstick": round(median(lambda one: one.rate, theirs)),
        "ratio": round(beside.ratio, 3),
        "ratio_at_least": at_least or None,
        "ratio_by_cpu_seconds_of_the_server": round(beside.ratio_on_server, 3),
        "cpu_microseconds_an_answer": round(1 / median(lambda r: r.rate_on_server, mine) / 1e-6, 1),
        "cpu_microseconds_of_the_yardstick": round(
            1 / median(lambda r: r.rate_on_server, theirs) / 1e-6, 1
        ),
        "body_bytes": mine[-1].size,
        "connections": connections,
        "answers_a_second_that_the_client_could_take": round(
            min(one.answers / one.client_seconds for one in (*mine, *theirs))
        ),
        "server_busy": round(median(lambda one: one.server_seconds / one.seconds, mine), 2),
        "yardstick_busy": round(median(lambda one: one.server_seconds / one.seconds, theirs), 2),
        "client_busy_most": round(max(r.client_seconds / r.seconds for r in (*mine, *theirs)), 2),
    }


def sync_milliseconds(directory: Path) -> float:
    """Return the median time in which the disk confirms one page, as a group commit waits for."""
    took: list[float] = []
    with (directory / "synced").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    return statistics.median(took) / MILLISECOND


def cost(server: Served, requests: Iterator[bytes]) -> float:
    """Return CPU microseconds of the server for one answer, the median of some rounds."""
    with Load(server, CONNECTIONS, OK) as load:
        warmed(load, requests)
        rounds = [load.round(requests, ROUND_SECONDS / 2) for _ in range(ROUNDS)]
    return statistics.median(1 / one.rate_on_server for one in rounds) / MICROSECOND


def growth(cores: Cores) -> dict[str, Figure]:
    """Return how reading and searching grow with documents of a person, and with people."""
    with served(cores, SERVER, "reference") as server:
        records = Records(server)
        records.admit(PEOPLE // 10)
        reads: list[float] = []
        searches: list[float] = []
        before = 0
        for documents in LONG_RECORDS:
            for ins in records.people:
                records.feed(ins, documents - before)
            before = documents
            reads.append(cost(server, records.readings()))
            searches.append(cost(server, records.searches(PAGE)))
    by_people: list[float] = []
    with served(cores, SERVER, "reference") as server:
        records = Records(server)
        for people in MANY_PEOPLE:
            admitted = len(records.people)
            records.admit(people - admitted)
            for ins in records.people[admitted:]:
                records.feed(ins, 1)
            by_people.append(cost(server, records.readings()))
    unit = "CPU microseconds of the server"
    flat_plot(figures_folder() / "search.svg", LONG_RECORDS, searches, what="documents", unit=unit)
    flat_plot(figures_folder() / "people.svg", MANY_PEOPLE, by_people, what="people", unit=unit)
    return {
        "documents_of_a_person": [*LONG_RECORDS],
        "cpu_microseconds_to_read_one": [round(one, 1) for one in reads],
        "exponent_of_reading": round(exponent(LONG_RECORDS, reads), 3),
        "cpu_microseconds_to_search_20": [round(one, 1) for one in searches],
        "exponent_of_searching": round(exponent(LONG_RECORDS, searches), 3),
        "people": [*MANY_PEOPLE],
        "cpu_microseconds_to_read_one_by_people": [round(one, 1) for one in by_people],
        "exponent_by_people": round(exponent(MANY_PEOPLE, by_people), 3),
    }


def main() -> None:
    """Measure and write the figures; fail where a target is missed."""
    cores = two_cores()
    only = sys.argv[1:]
    figures: dict[str, Figure] = {}
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="etalon-") as made:
        place = Path(made)
        figures["milliseconds_for_the_disk_to_confirm_a_page"] = round(sync_milliseconds(place), 2)
        for measure in MEASURES:
            if only and measure.name not in only:
                continue
            got = measured(cores, measure, place / measure.name)
            beside = got.beside
            told = figures_of(beside, measure.connections, measure.at_least)
            told["documents_on_a_page"] = got.found
            if got.at_half:
                told["at_half_the_rate"] = got.at_half
            figures[measure.name] = told
            print(measure.name, f"{beside.ratio:.3f}", f"{beside.ratio_on_server:.3f}", flush=True)
            if beside.ratio < measure.at_least:
                missed.append(f"{measure.name}: {beside.ratio:.3f}, {measure.at_least} at least")
        if not only or "growth" in only:
            figures["growth"] = growth(cores)
        if not only or "start" in only:
            figures["start"], late = starts(cores, place / "full")
            missed += late
    write_figures(figures)
    if missed:
        sys.exit(f"server: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
