"""Plant one-line faults in either engine: each must make the engines differ in a random scenario.

    python scripts/planted_faults.py

Each fault (`scripts/planted_faults.toml`) is written into a copy of the package; the scenarios of
`scripts/random_scenarios.py` then run on both engines until they differ, or one of them stops.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from etalon_scenarios import agents, cohort
from random_scenarios import random_case

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "scripts/planted_faults.toml"
PACKAGE = "scenarios/etalon_scenarios"
SCENARIOS = 200
CAUGHT, UNSEEN = 3, 0
"""How the process that compares with a fault planted ends."""


def plant(fault: dict[str, str], folder: Path) -> None:
    """Copy the package into a folder, with a fault.

    Raises:
        LookupError: The line is not in its file, or more than once.
    """
    shutil.copytree(ROOT / PACKAGE, folder / "etalon_scenarios")
    file = folder / "etalon_scenarios" / fault["file"]
    text = file.read_text(encoding="utf-8")
    if text.count(fault["before"]) != 1:
        message = f"{fault['file']}: {fault['before']!r} stands {text.count(fault['before'])} times"
        raise LookupError(message)
    file.write_text(text.replace(fault["before"], fault["after"]), encoding="utf-8")


def compare() -> int:
    """Run random scenarios on both engines until one tells them apart."""
    with tempfile.TemporaryDirectory() as folder:
        for rank in range(SCENARIOS):
            case = random_case(rank, Path(folder))
            scenario, people, until = case.scenario, case.population, case.until
            try:
                one = agents.simulate(scenario, population=people, seed=case.seed, until=until)
                other = cohort.simulate(scenario, population=people, seed=case.seed, until=until)
            except Exception as error:  # noqa: BLE001 (a fault may surface as any of them)
                print(f"scenario {rank}: {type(error).__name__}")
                return CAUGHT
            if one.ledger.digest() != other.ledger.digest():
                print(f"scenario {rank}")
                return CAUGHT
    return UNSEEN


def caught(fault: dict[str, str]) -> str | None:
    """Return where a fault was caught, None when it was not.

    Raises:
        RuntimeError: The comparison itself failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        plant(fault, Path(folder))
        packages = (folder, *(str(ROOT / name) for name in ("model", "reports", "scripts")))
        done = subprocess.run(
            [sys.executable, __file__, "--compare"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode not in (CAUGHT, UNSEEN):
        raise RuntimeError(done.stderr)
    return done.stdout.strip() if done.returncode == CAUGHT else None


def main() -> int:
    """Plant every fault; say where each was caught."""
    if sys.argv[1:] == ["--compare"]:
        return compare()
    faults = tomllib.loads(TABLE.read_text(encoding="utf-8"))["faults"]
    missed = 0
    for fault in faults:
        where = caught(fault)
        missed += where is None
        print(f"{fault['file']:24} {fault['after'].strip():60} {where or 'NOT CAUGHT'}", flush=True)
    print(f"{len(faults) - missed} of {len(faults)} faults caught")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
