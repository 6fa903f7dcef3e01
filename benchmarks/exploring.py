"""How fast exploring goes, what it reaches, and when it finds what is wrong.

In process, the commands of one walk are given to a bare service of the model (its own rate), then
a walk is explored: drawn, carried out by the model and by a second service, and compared. Impostors
are those of the tables that decide otherwise than the model; each is explored with three seeds, and
what the first finds is made short. Impostors of races are servers of their own, on which clients
act side by side until one shows. Over HTTP, the reference is a process of its own on loopback:
the CPU seconds of both processes are added, so that the rate is that of one core.
"""

import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from etalon_conformance.exploring.guided import GuidedWalk
from etalon_conformance.exploring.inside import MakeTarget, explored, service_of, shortened
from etalon_conformance.exploring.over_http import Search, explore
from etalon_conformance.exploring.reached import plain_reached
from etalon_conformance.impostors import explored_impostors, impostors
from etalon_conformance.planning import Choice, planned
from etalon_conformance.races.searching import searched
from etalon_model import Command, Service, vintage
from etalon_model.parameters import Parameters
from etalon_target.targets import Options, Target, target_of
from etalon_wire.parts import Application, Codec, Deciding, Transform
from stopwatch import Figure, cpu_seconds, write_figures

if sys.platform != "linux":
    sys.exit("exploring: the CPU time of a server that runs is read on Linux only")

LAUNCH: Final = vintage("launch-2022")
COMMANDS: Final = 30_000
REACHED: Final = 200_000
SEEDS: Final = (1, 2, 3)
IMPOSTOR_COMMANDS: Final = 60_000
HTTP_SECONDS: Final = 20.0
SHARE_AT_LEAST: Final = 0.25
HTTP_AT_LEAST: Final = 300.0
CALLS_AT_MOST: Final = 6
SECONDS_AT_MOST: Final = 10.0
RACE_SECONDS: Final = 60.0
"""How long an impostor of races is tried, on a machine that is busy."""
RACE_SECONDS_AT_MOST: Final = 20.0
RACES: Final = "races"
SERVICES_EXCHANGE: Final = "P6M"
"""Until the criteria are in force by which services may exchange, on the clock of a sandbox."""
BRINGING_IN: Final = frozenset(
    {
        *("Affiliate", "SendNotice", "OpenAutomatically", "Activate", "PublishMailbox"),
        *("RequestReferencing", "GiveOpinion", "DecideReferencing", "SignAgreement"),
        "MoveService",
    }
)
"""Commands that bring people and services where a sequence starts."""


def main() -> int:
    """Measure, hand the figures over; 1 when something is below what it has to reach."""
    figures: dict[str, Figure] = {**in_process(), **reach(), **found(), **races(), **over_http()}
    write_figures(figures)
    enough = (
        cast("float", figures["share_of_the_rate_of_the_model"]) >= SHARE_AT_LEAST
        and cast("float", figures["http_exchanges_a_core_second"]) >= HTTP_AT_LEAST
        and cast("float", figures["http_wrong"]) == 0
        and cast("float", figures["median_cpu_seconds_to_find"]) <= SECONDS_AT_MOST
        and cast("float", figures["median_commands"]) <= CALLS_AT_MOST
        and figures["race_impostors_not_found"] == "-"
        and figures["race_impostors_slower_to_find_than_asked"] == "-"
    )
    return 0 if enough else 1


def in_process() -> dict[str, Figure]:
    """Return the rate of the model, and that of exploring."""
    given: list[Command] = []
    walk = GuidedWalk(LAUNCH, seed=1)
    for _ in range(COMMANDS):
        command = walk.next_command()
        given += walk.brought()
        walk.carried_out(command)
        walk.given.clear()
        given.append(command)
    service = Service(LAUNCH, seed=1)
    model = len(given) / cpu_seconds(lambda: [service.apply(one) for one in given])
    spent = cpu_seconds(lambda: explored(service_of, [LAUNCH], seed=1, calls=COMMANDS))
    return {
        "model_commands_a_cpu_second": round(model),
        "explored_commands_a_cpu_second": round(COMMANDS / spent),
        "share_of_the_rate_of_the_model": round(COMMANDS / spent / model, 2),
    }


def reach() -> dict[str, Figure]:
    """Return what a long walk reaches of the model."""
    plain = plain_reached(explored(service_of, [LAUNCH], seed=2, calls=REACHED).reached)
    parts = ("commands", "states", "transitions", "rules")
    told = {part: cast("dict[str, object]", plain[part]) for part in parts}
    counts = {
        f"{part}_{key}": cast("int", told[part][key])
        for part in parts
        for key in ("reached", "known")
    }
    never = {
        f"{part}_never": ", ".join(cast("list[str]", told[part]["never"])) or "-" for part in parts
    }
    return {
        **counts,
        **never,
        "walk_commands": REACHED,
        "situations": cast("int", plain["situations"]),
        "situations_by_commands": str(plain["curve"]),
    }


def found() -> dict[str, Figure]:
    """Return when impostors are found in process, and how short they are shown, each by name."""
    spent: dict[str, list[float]] = {}
    lengths: dict[str, tuple[int, int]] = {}
    for name, one in {**impostors(), **explored_impostors()}.items():
        make = None if one.transform is None else deciding(one.transform)
        if make is None or one.theme == RACES:
            continue
        times = spent[name] = []
        for seed in SEEDS:
            began = time.process_time()
            divergence = explored(make, [LAUNCH], seed=seed, calls=IMPOSTOR_COMMANDS).divergence
            if divergence is None:
                continue
            times.append(time.process_time() - began)
            if len(times) == 1:
                lengths[name] = _lengths(shortened(divergence, make, [LAUNCH]).commands)
    medians = {name: statistics.median(times) for name, times in spent.items() if times}
    slow = [name for name, seconds in medians.items() if seconds > SECONDS_AT_MOST]
    missed = [name for name, times in spent.items() if not times]
    return {
        "impostors_found_in_process": len(medians),
        "impostors_not_found_in_process": ", ".join(missed) or "-",
        "median_cpu_seconds_to_find": round(statistics.median(medians.values()), 2),
        "most_cpu_seconds_to_find": round(max(max(times) for times in spent.values() if times), 2),
        "impostors_slower_to_find_than_asked": ", ".join(slow) or "-",
        "median_commands": statistics.median(own for own, _ in lengths.values()),
        "median_commands_with_those_that_open_spaces": statistics.median(
            whole for _, whole in lengths.values()
        ),
        "each_impostor": {
            name: {
                "cpu_seconds": round(medians[name], 2),
                "commands": lengths[name][0],
                "with_those_that_open_spaces": lengths[name][1],
            }
            for name in medians
        },
    }


def _lengths(commands: Sequence[Command]) -> tuple[int, int]:
    """Return how many commands show an impostor: without those that bring people in, and with."""
    own = sum(type(one).__name__ not in BRINGING_IN for one in commands)
    return own, len(commands)


def races() -> dict[str, Figure]:
    """Return when each impostor of races is found over HTTP, in CPU seconds of both processes."""
    spent: dict[str, float] = {}
    missed: list[str] = []
    for name, one in impostors().items():
        if one.theme != RACES:
            continue
        with target_of("embedded", Options(seed=1, serve=("--impostor", name))) as target:
            target.clock.advance(SERVICES_EXCHANGE)
            served, own = server_cpu_seconds(target), time.process_time()
            told = searched(target, RACE_SECONDS, 1, requirements=frozenset({one.requirement}))
            own = time.process_time() - own
            spent[name] = round(own + server_cpu_seconds(target) - served, 2)
        if not told.found:
            missed.append(name)
    slow = [name for name, seconds in spent.items() if seconds > RACE_SECONDS_AT_MOST]
    return {
        "race_impostors_found": len(spent) - len(missed),
        "race_impostors_not_found": ", ".join(missed) or "-",
        "race_impostors_slower_to_find_than_asked": ", ".join(slow) or "-",
        "median_cpu_seconds_to_find_a_race": statistics.median(spent.values()),
        "each_race_impostor_cpu_seconds": dict[str, Figure](spent),
    }


def deciding(transform: Transform) -> MakeTarget | None:
    """Return what makes the service of an impostor; None where it decides as the model does."""
    codec, app = cast("Codec", object()), cast("Application", object())

    def made(parameters: Parameters, seed: int) -> Deciding:
        return transform(Service(parameters, seed=seed), codec, app)[0]

    return None if isinstance(made(LAUNCH, 1), Service) else made


def over_http() -> dict[str, Figure]:
    """Return the rate over HTTP on loopback, and what was met there."""
    with target_of("embedded", Options(seed=1)) as target:
        plan = planned(Choice(suite="whole-service"))
        explore(target, Search(plan=plan, seconds=HTTP_SECONDS, sequences=5))
        served, own = server_cpu_seconds(target), time.process_time()
        began = time.monotonic()
        told = explore(target, Search(plan=plan, seconds=HTTP_SECONDS, nonce="again"))
        seconds, own = time.monotonic() - began, time.process_time() - own
        served = server_cpu_seconds(target) - served
    return {
        "http_exchanges": told.exchanges,
        "http_exchanges_a_second": round(told.exchanges / seconds),
        "http_exchanges_a_core_second": round(told.exchanges / (own + served)),
        "http_client_cpu_milliseconds": round(1000 * own / told.exchanges, 2),
        "http_server_cpu_milliseconds": round(1000 * served / told.exchanges, 2),
        "http_sequences": told.sequences,
        "http_situations": told.situations,
        "http_wrong": len(told.found) + len(told.outside) + told.unsteady,
    }


def server_cpu_seconds(target: Target) -> float:
    """Return the CPU seconds that an embedded server has spent so far."""
    told = Path(f"/proc/{target.process_id}/stat").read_text(encoding="utf-8")
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
