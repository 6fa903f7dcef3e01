"""Show that exploring finds what no scripted check does, and write both runs down.

Each server of `explored_impostors.csv` is given every scripted check there is, then is explored
until something is found wrong; the script of what was found is run once. Written to
`docs/reference/explored-impostors.md`, with figures in the folder `ETALON_FIGURES`.

    python scripts/explored_proof.py [NAME …]     (all of them, and the page, without a name)

Ends with 1 when a scripted check reports one of them, when exploring misses one, or when a script
does not show at its first run what was found.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final

from etalon_cli.inside import application
from etalon_conformance.evidence import setting_of, write_counterexample
from etalon_conformance.exploring.over_http import Found, Search, explore
from etalon_conformance.impostors import Impostor, explored_impostors
from etalon_conformance.planning import Choice, planned
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdicts import Verdict
from etalon_target.targets import Options, Target, target_of
from import_table import ROOT

PAGE: Final = ROOT / "docs" / "reference" / "explored-impostors.md"
SECONDS: Final = 60.0
"""How long one server is explored at most."""
SEED: Final = 1
PROCESSES: Final = 2
_ACCUSING: Final = frozenset({Verdict.FAIL, Verdict.FINDING})
_HEAD: Final = """# Servers that no scripted check catches, and that exploring does

Written by `scripts/explored_proof.py`, which gives each server of
`conformance/etalon_conformance/data/explored_impostors.csv` every scripted check that one process
can make (those of mail and of restarts it cannot), then explores it. Each goes wrong only after
something else happened. They are not in the score of the checks:
none of them is caught, by construction. `etalon serve --impostor NAME` serves one.

| server | breaks | results of checks | against | exploring finds | in calls | verdict | script |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What both runs said of one server.

    Attributes:
        name: Its name.
        requirement: What it breaks.
        results: How many results the scripted checks gave.
        accused: Requirement and check of those against it.
        found: The requirement that exploring shows broken, or empty.
        calls: The shortest sequence that shows it.
        verdict: The verdict on it.
        seconds: After how many seconds it was met.
        script: What the script exits with on that server.
    """

    name: str
    requirement: str
    results: int
    accused: tuple[str, ...]
    found: str = ""
    calls: tuple[str, ...] = ()
    verdict: str = ""
    seconds: float = 0.0
    script: int = -1

    @property
    def is_shown(self) -> bool:
        """Whether exploring alone shows it, and its script too."""
        return not self.accused and bool(self.found) and self.script == 1


def main() -> int:
    """Try them all, write, and tell whether exploring alone finds each."""
    known = list(explored_impostors())
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"among {', '.join(known)}")
    names: list[str] = parser.parse_args().names or known
    for name in names:
        if name not in known:
            parser.error(f"no such server: {name} (there are {', '.join(known)})")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        rows = list(pool.map(tried, names))
    for row in rows:
        print(f"{row.name}: {'shown' if row.is_shown else 'NOT SHOWN'} {asdict(row)}")
    if names == known:
        PAGE.write_text(page(rows), encoding="utf-8")
    if folder := os.environ.get("ETALON_FIGURES"):
        figures = {
            "servers": len(rows),
            "found_by_scripted_checks": sum(bool(row.accused) for row in rows),
            "found_by_exploring": sum(bool(row.found) for row in rows),
            "median_calls": statistics.median(len(row.calls) for row in rows),
            "seconds": {row.name: row.seconds for row in rows},
            "calls": {row.name: len(row.calls) for row in rows},
            "median_seconds": statistics.median(row.seconds for row in rows),
            "scripts_that_show_it_at_once": sum(row.script == 1 for row in rows),
        }
        written = json.dumps(figures, indent=2)
        (Path(folder) / "figures.json").write_text(written + "\n", encoding="utf-8")
    return 0 if all(row.is_shown for row in rows) else 1


def tried(name: str) -> Row:
    """Give a server every scripted check, then explore it."""
    impostor = explored_impostors()[name]
    results, accused = _scripted(impostor)
    with target_of("embedded", Options(seed=SEED, serve=("--impostor", name))) as target:
        search = Search(plan=planned(Choice(seed=SEED)), seconds=SECONDS, until_found=True)
        found = explore(target, search).found
        if not found:
            return Row(name, impostor.requirement, results, accused)
        one = found[0]
        return Row(
            name=name,
            requirement=impostor.requirement,
            results=results,
            accused=accused,
            found=one.requirement,
            calls=tuple(map(str, one.calls)),
            verdict=one.concluded.result.verdict.value,
            seconds=round(one.after, 1),
            script=_replayed(one, target),
        )


def _scripted(impostor: Impostor) -> tuple[int, tuple[str, ...]]:
    """Run every check in this process; return how many results, and which are against it."""
    inside = application(SEED, impostor.transform)
    with target_of("inprocess", Options(seed=SEED, inprocess=inside)) as target:
        outcome = run(RunOrder(plan=planned(Choice(seed=SEED))), target)
    accusing = [one for one in outcome.results if one.verdict in _ACCUSING]
    return len(outcome.results), tuple(f"{one.requirement} by {one.check}" for one in accusing)


def _replayed(found: Found, target: Target) -> int:
    """Write the script of what was found, and run it once on the server; give its exit code."""
    requirement = planned(Choice(seed=SEED)).requirements[found.requirement]
    shell = which("sh") or "sh"
    with TemporaryDirectory() as folder:
        name = write_counterexample(
            Path(folder), found.concluded, requirement, found.examined, setting_of(target)
        )
        script = Path(folder) / "counterexamples" / name / "replay.sh"
        return subprocess.run([shell, script, target.fhir_base], check=False).returncode


def page(rows: list[Row]) -> str:
    """Return the page."""
    lines = [
        f"| `{row.name}` | {row.requirement} | {row.results} | {', '.join(row.accused) or '0'} | "
        f"{row.found or 'nothing'} | {'; '.join(row.calls)} | {row.verdict} | "
        f"{'shows it' if row.script == 1 else 'does not show it'} |"
        for row in rows
    ]
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
