"""What the other services of the reference server carry, beside a constant body.

As `benchmarks/server.py` has it: server and yardstick have one core in turns, the client another,
and each ratio is the median over pairs of rounds. A figure below its target is printed and makes
the benchmark fail.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from load_rounds import Beside, Cores, Load, Round, Served, served, two_cores
from served_agenda import Agendas
from served_measures import NOW, VINTAGE, PairedPeople
from server import (
    CONNECTIONS,
    CONNECTIONS_DURABLE,
    DEPOSITS_WARM,
    OK,
    ROUND_SECONDS,
    ROUNDS,
    SERVER,
    figures_of,
    warmed,
)
from stopwatch import Figure, write_figures

PEOPLE: Final = 40
PAGE: Final = 20
WRITTEN_A_ROUND: Final = 20_000

Rounds = Callable[[], Iterator[bytes]]
"""Gives the requests of one round, anew each time."""


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of call that is measured.

    Attributes:
        name: What it is called in the figures.
        prepare: Makes people on a server, and returns what gives the requests of a round.
        at_least: Ratio to the yardstick that it must reach, or 0 where only the rate is told.
        status: Status of every answer.
        server: Arguments of the reference server; `{data}` stands for an empty directory.
        connections: How many connections the client has.
    """

    name: str
    prepare: Callable[[Served], Rounds]
    at_least: float
    status: int = OK
    server: tuple[str, ...] = ()
    connections: int = CONNECTIONS


def paired(server: Served) -> PairedPeople:
    """Pair people with a service, each with a page of measures."""
    people = PairedPeople(server)
    people.admit(PEOPLE)
    people.feed(PAGE)
    return people


def last_measures(server: Served) -> Rounds:
    """Ask for the last measure of one person after the other."""
    return paired(server).lasts


def pages_of_measures(server: Served) -> Rounds:
    """Ask for a page of measures and their device."""
    people = paired(server)
    return lambda: people.searches(PAGE)


def new_measures(server: Served) -> Rounds:
    """Write measures, each of an instant of its own."""
    people = paired(server)
    return lambda: iter(people.feedings(WRITTEN_A_ROUND))


def agendas(server: Served) -> Agendas:
    """Make people, each with a page of appointments, and a doctor with a schedule."""
    made = Agendas(server)
    made.admit(PEOPLE)
    made.feed(PAGE)
    return made


def appointments(server: Served) -> Rounds:
    """Read one appointment after the other."""
    return agendas(server).readings


def pages_of_appointments(server: Served) -> Rounds:
    """Search one agenda after the other."""
    made = agendas(server)
    return lambda: made.searches(PAGE)


def pages_of_slots(server: Served) -> Rounds:
    """Search the free slots of a month."""
    made = agendas(server)
    return lambda: made.slots(PAGE)


def new_appointments(server: Served) -> Rounds:
    """Make appointments, each of a time and an identifier of its own."""
    made = agendas(server)
    return lambda: iter(made.bookings(WRITTEN_A_ROUND))


EXCHANGE: Final = ("--vintage", VINTAGE, "--now", NOW.isoformat())
DURABLE: Final = (*EXCHANGE, "--data", "{data}")
MANY: Final = CONNECTIONS_DURABLE
CREATED: Final = 201
DATA: Final = ("--data", "{data}")
CALLS: Final = (
    Call("appointment_read", appointments, 0.50),
    Call("appointment_search", pages_of_appointments, 0.25),
    Call("slot_search", pages_of_slots, 0.25),
    Call("appointment_make", new_appointments, 0.30, CREATED),
    Call("appointment_make_durable", new_appointments, 0.20, CREATED, DATA, CONNECTIONS_DURABLE),
    Call("measure_last", last_measures, 0.50, server=EXCHANGE),
    Call("measure_search", pages_of_measures, 0.25, server=EXCHANGE),
    Call("measure_feed", new_measures, 0.30, server=EXCHANGE),
    Call("measure_feed_durable", new_measures, 0.20, server=DURABLE, connections=MANY),
)


def measured(cores: Cores, call: Call, data: Path) -> Beside:
    """Measure one kind of call."""
    arguments = [part.replace("{data}", str(data)) for part in call.server]
    with ExitStack() as stack:
        server = stack.enter_context(served(cores, SERVER, "reference", *arguments))
        requests = call.prepare(server)
        load = stack.enter_context(Load(server, call.connections, call.status))
        size = warmed(load, requests()).size
        yardstick = stack.enter_context(served(cores, SERVER, "constant", str(size)))
        other = stack.enter_context(Load(yardstick, call.connections, OK))
        given = [*islice(requests(), DEPOSITS_WARM)]
        warmed(other, iter(given))
        rounds: list[Round] = []
        others: list[Round] = []
        for _ in range(ROUNDS):
            rounds.append(load.round(requests(), ROUND_SECONDS))
            others.append(other.round(cycle(given), ROUND_SECONDS))
    return Beside(rounds, others)


def main() -> None:
    """Measure and write the figures; fail where a target is missed."""
    cores = two_cores()
    only = sys.argv[1:]
    figures: dict[str, Figure] = {}
    missed: list[str] = []
    with TemporaryDirectory(prefix="etalon-") as made:
        for call in CALLS:
            if only and call.name not in only:
                continue
            beside = measured(cores, call, Path(made) / call.name)
            figures[call.name] = figures_of(beside, call.connections, call.at_least)
            print(call.name, f"{beside.ratio:.3f}", f"{beside.ratio_on_server:.3f}", flush=True)
            if beside.ratio < call.at_least:
                missed.append(f"{call.name}: {beside.ratio:.3f}, {call.at_least} at least")
    write_figures(figures)
    if missed:
        sys.exit(f"services: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
