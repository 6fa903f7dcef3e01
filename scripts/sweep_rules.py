"""Replace the body of each function that enforces a rule by "accept": a named test must fail.

For each enforcing function the tests that show its rules run in a process of their own, in which
`accepting.py` has replaced the function. A function whose tests all pass is not shown at all.

    python scripts/sweep_rules.py [--only NAME]
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from etalon_model.rules import enforcers
from etalon_model.service import DOMAINS

ROOT = Path(__file__).resolve().parent.parent
SHOWN = ROOT / "model/etalon_model/data/rules_shown.csv"
WORKERS = 2
FAILED = 1


def tests_by_rule() -> dict[str, list[str]]:
    """Return the test functions that show each rule, as the generated table lists them."""
    found: dict[str, list[str]] = {}
    with SHOWN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["id"], []).append(row["test"])
    return found


def rules_by_function() -> dict[str, list[str]]:
    """Return the rules that each registered function enforces.

    Raises:
        RuntimeError: No domain registered its functions.
    """
    if not DOMAINS:
        message = "no domain of the service is imported"
        raise RuntimeError(message)
    found: dict[str, list[str]] = {}
    for rule, names in enforcers().items():
        for name in names:
            found.setdefault(name, []).append(rule)
    return found


def outcome_of(name: str, tests: list[str]) -> int:
    """Run tests while a function accepts; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "accepting", *sorted(set(tests))]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "ETALON_ACCEPTING": name, "ETALON_EFFORT": "1"},
        capture_output=True,
        check=False,
    )
    return done.returncode


def main() -> int:
    """Sweep; 1 when a function can be replaced without a failing test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="sweep the functions whose name contains this text")
    only = parser.parse_args().only or ""
    shown = tests_by_rule()
    plan = {
        name: [test for rule in rules for test in shown.get(rule, [])]
        for name, rules in rules_by_function().items()
        if only in name
    }
    with ThreadPoolExecutor(WORKERS) as pool:
        codes = dict(zip(plan, pool.map(outcome_of, plan, plan.values()), strict=True))
    survivors = sorted(name for name, code in codes.items() if code != FAILED)
    for name in survivors:
        print(f"{name}: its tests ended with {codes[name]} although it accepts everything")
    figures = {"functions": len(codes), "caught": len(codes) - len(survivors)}
    print(json.dumps({**figures, "survivors": survivors}, indent=2))
    if "ETALON_FIGURES" in os.environ:
        target = Path(os.environ["ETALON_FIGURES"]) / "figures.json"
        target.write_text(json.dumps({**figures, "survivors": survivors}), encoding="utf-8")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
