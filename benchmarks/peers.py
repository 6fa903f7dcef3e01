"""How our national engine stands beside other engines on the same minimal workload.

Every engine must count the same events on the same days: its digest is compared with that of
the others, and an engine that differs is a failed benchmark. Each peer runs in an environment of
its own, made on demand from a pinned list with digests, in the cache folder of the user
(`ETALON_PEERS` names another). The tables of the workload stand before the clock runs; what ours
takes to work them out is told beside. One process a run, one thread, CPU seconds; engines take
turns, so that a busy hour touches all of them; medians.

python benchmarks/peers.py [--people N] [--rounds R] [--engine NAME]...
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from minimal_workload import minimal_scenario, write_tables
from stopwatch import Figure, write_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
PEOPLE, ROUNDS, WARM = 1_000_000, 3, 2_000
YARDSTICK = "SimPy, a process a person"
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another engine.

    Attributes:
        module: Module of `peer_engines` that runs the workload on it.
        package: Package whose version is told; its pins stand in `peer_engines/PACKAGE.txt`.
        kind: `agents or cohorts`, `by hand` or `compiled`.
    """

    module: str
    package: str
    kind: str


PEERS = {
    YARDSTICK: Peer("simpy_process", "simpy", "agents or cohorts"),
    "Mesa": Peer("mesa_step", "mesa", "agents or cohorts"),
    "Starsim": Peer("starsim_step", "starsim", "agents or cohorts"),
    "OpenFisca-Core": Peer("openfisca_days", "openfisca-core", "agents or cohorts"),
    "LASER-core": Peer("laser_pass", "laser-core", "compiled"),
    "polars": Peer("polars_frame", "polars", "by hand"),
    "NumPy by hand": Peer("numpy_by_hand", "numpy", "by hand"),
}
OWN = {"cohort engine": "cohort", "cohort engine, compiled": "compiled"}
PINS = {"numpy": "simpy"}
"""Packages whose pins stand in another package's list."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the figures; 1 when two engines counted differently."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--engine", action="append", choices=[*PEERS, *OWN], default=[])
    asked = parser.parse_args(arguments)
    names = asked.engine or [*PEERS, *OWN]
    pythons = {name: environment(PEERS[name].package) for name in names if name in PEERS}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        commands = {name: _command(name, pythons, folder, asked.people) for name in names}
        scenario = minimal_scenario(folder)
        for people in (asked.people, WARM):
            write_tables(scenario, people, folder / f"{people}.npz")
        runs = take_turns(commands, asked.rounds)
    figures = _figures(runs, pythons, asked.people)
    write_figures(figures)
    return 0 if figures["one_digest"] else 1


def environment(package: str) -> Path:
    """Make the environment of a peer unless it is there; return its Python."""
    pins = HERE / "peer_engines" / f"{PINS.get(package, package)}.txt"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "etalon" / "peers"
    digest = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:12]
    root = Path(os.environ.get("ETALON_PEERS") or cache) / f"{pins.stem}-{digest}"
    python = root / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not (root / "ready").is_file():
        uv = (sys.executable, "-m", "uv", "--quiet")
        subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, str(root)], check=True)
        install = (*uv, "pip", "install", "--python", str(python), "--require-hashes")
        subprocess.run([*install, "--requirements", str(pins)], check=True)
        (root / "ready").touch()
    return python


def _command(name: str, pythons: dict[str, Path], folder: Path, people: int) -> list[str]:
    if name in OWN:
        script = str(HERE / "own_minimal.py")
        return [sys.executable, script, OWN[name], str(folder), str(people), str(WARM)]
    work, warm = (str(folder / f"{size}.npz") for size in (people, WARM))
    return [str(pythons[name]), "-m", "peer_engines.run_peer", PEERS[name].module, work, warm]


def take_turns(commands: dict[str, list[str]], rounds: int) -> dict[str, list[dict[str, Figure]]]:
    """Run every engine once a round, and return what each run said."""
    runs: dict[str, list[dict[str, Figure]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            done = subprocess.run(
                command,
                capture_output=True,
                check=False,
                cwd=HERE,
                env={**os.environ, **ONE_THREAD},
            )
            if done.returncode:
                message = f"{name} failed:\n{done.stderr.decode(errors='replace')}"
                raise RuntimeError(message)
            runs[name].append(json.loads(done.stdout.splitlines()[-1]))
            print(f"{name}: {runs[name][-1]['cpu_seconds']:.3f} CPU seconds", file=sys.stderr)
    return runs


def _figures(
    runs: dict[str, list[dict[str, Figure]]], pythons: dict[str, Path], people: int
) -> dict[str, Figure]:
    seconds = {
        name: statistics.median(float(str(run["cpu_seconds"])) for run in found)
        for name, found in runs.items()
    }
    digests = {str(run["digest"]) for found in runs.values() for run in found}
    rows: dict[str, Figure] = {}
    for name, found in runs.items():
        row: dict[str, Figure] = {
            "people_per_cpu_second": round(people / seconds[name]),
            "cpu_seconds": round(seconds[name], 3),
            "peak_bytes": max(int(str(run["peak_bytes"])) for run in found),
        }
        if YARDSTICK in seconds:
            row["ratio_to_simpy"] = round(seconds[YARDSTICK] / seconds[name], 2)
        if name in OWN:
            worked_out = (float(str(run["tables_cpu_seconds"])) for run in found)
            row["cpu_seconds_for_the_tables"] = round(statistics.median(worked_out), 3)
        if name in PEERS:
            row["version"] = _version(pythons[name], PEERS[name].package)
            row["kind"] = PEERS[name].kind
        rows[name] = row
    return {
        "people": people,
        "rounds": max(len(found) for found in runs.values()),
        "one_digest": len(digests) == 1,
        "digest": min(digests),
        "engines": rows,
        **_standing(seconds),
    }


def _standing(seconds: dict[str, float]) -> dict[str, Figure]:
    """Say how our engine stands: how many times slower or faster than which."""
    found: dict[str, Figure] = {}
    for name, own in OWN.items():
        if name in seconds:
            ratios = {
                peer: round(seconds[peer] / seconds[name], 3) for peer in PEERS if peer in seconds
            }
            found[f"times_as_fast_as, {own}"] = {**ratios}
    return found


def _version(python: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
