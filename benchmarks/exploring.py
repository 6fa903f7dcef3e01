"""How fast exploring goes, what it reaches, and when it finds what is wrong.

In process, the commands of one walk are given to a bare service of the model (its own rate), then
a walk is explored: drawn, carried out by the model and by a second service, and compared. Impostors
are those of the tables that decide otherwise than the model; each is explored with three seeds, and
what the first finds is made short. Over HTTP, the reference is a process of its own on loopback:
the CPU seconds of both processes are added, so that the rate is that of one core.
"""

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Final, cast

from etalon_conformance.exploring.guided import GuidedWalk
from etalon_conformance.exploring.inside import MakeTarget, explored, service_of, shortened
from etalon_conformance.exploring.over_http import Search, explore
from etalon_conformance.exploring.reached import plain_reached
from etalon_conformance.impostors import explored_impostors, impostors
from etalon_conformance.planning import Choice, planned
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


def main() -> int:
    """Measure, hand the figures over; 1 when something is below what it has to reach."""
    figures: dict[str, Figure] = {**in_process(), **reach(), **found(), **over_http()}
    write_figures(figures)
    enough = (
        cast("float", figures["share_of_the_rate_of_the_model"]) >= SHARE_AT_LEAST
        and cast("float", figures["http_exchanges_a_core_second"]) >= HTTP_AT_LEAST
        and cast("float", figures["http_wrong"]) == 0
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
    """Return when impostors are found in process, and how short they are shown."""
    spent: list[float] = []
    lengths: list[int] = []
    missed: list[str] = []
    for name, one in {**impostors(), **explored_impostors()}.items():
        make = None if one.transform is None else deciding(one.transform)
        if make is None or one.theme == "races":
            continue
        times: list[float] = []
        for seed in SEEDS:
            began = time.process_time()
            divergence = explored(make, [LAUNCH], seed=seed, calls=IMPOSTOR_COMMANDS).divergence
            if divergence is None:
                continue
            times.append(time.process_time() - began)
            if len(times) == 1:
                lengths.append(len(shortened(divergence, make, [LAUNCH]).commands))
        spent += times
        if not times:
            missed.append(name)
    return {
        "impostors_found_in_process": len(lengths),
        "impostors_not_found_in_process": ", ".join(missed) or "-",
        "median_cpu_seconds_to_find": round(statistics.median(spent), 2),
        "most_cpu_seconds_to_find": round(max(spent), 2),
        "median_commands_with_those_that_open_spaces": statistics.median(lengths),
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
