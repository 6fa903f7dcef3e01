"""Try the counterexample of every impostor: its script must show the defect there, and clear us.

Each impostor is served on loopback, the checks of the requirement that it breaks are run against
it, and the script of each counterexample is run against it and against the reference.

    python scripts/sweep_counterexamples.py [NAME …]     (all of them without a name)

With `ETALON_FIGURES` the figures are written there. Ends with 1 when a script tells otherwise, or
when an impostor has none.
"""

import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from counterexample_scene import ran, served
from etalon_conformance.checking import MAIL, RESTART
from etalon_conformance.checks import races
from etalon_conformance.concluding import Examined
from etalon_conformance.evidence import setting_of, write_counterexample
from etalon_conformance.impostors import OF_TRANSPORT, impostors
from etalon_conformance.planning import Choice, planned
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdicts import Verdict
from etalon_target.targets import target_of
from etalon_target.throwaway_authority import AuthorityFiles, authority_in
from etalon_wire.validation.validator import Validator

PROCESSES: Final = 2
SHOWS, CLEARS = 1, 0
RACES: Final = "races"
"""Theme of those that no script shows: it asks one thing after the other."""
_BROKEN: Final = frozenset({Verdict.FAIL, Verdict.FINDING})


@dataclass(frozen=True, slots=True)
class Swept:
    """What the script of a counterexample told.

    Attributes:
        impostor: Name of the impostor.
        counterexample: Name of the folder, or empty where there is none.
        against_it: Exit code against the impostor.
        against_us: Exit code against the reference.
        said: What it said, where it told otherwise than it should.
    """

    impostor: str
    counterexample: str
    against_it: int = -1
    against_us: int = -1
    said: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it shows the defect there and clears the reference."""
        return (self.against_it, self.against_us) == (SHOWS, CLEARS)


def has_a_script(name: str) -> bool:
    """Whether a script can show an impostor: not a race, nor what takes mail or a restart."""
    one = impostors()[name]
    plan = planned(Choice(requirements=frozenset({one.requirement})))
    needs = {need for check in plan.checks for need in check.needs}
    return one.theme != RACES and not needs & {MAIL, RESTART}


def counterexamples(name: str, asked: str, out: Path) -> Iterator[Path]:
    """Run the checks that concern an impostor; give the folder of each counterexample.

    Args:
        name: Its name.
        asked: Its address, or the profile by which it is reached.
        out: Directory of the run.
    """
    kept: dict[str, Examined] = {}

    def keep(one: Examined) -> None:
        kept[one.check.name] = one

    plan = planned(Choice(requirements=frozenset({impostors()[name].requirement})))
    with target_of(asked) as target:
        outcome = run(RunOrder(plan=plan, kept=keep), target)
        setting = setting_of(target)
    for one in outcome.concluded:
        if one.result.verdict in _BROKEN and not is_race(kept[one.result.check]):
            of, examined = plan.requirements[one.result.requirement], kept[one.result.check]
            folder = write_counterexample(out, one, of, examined, setting)
            yield out / "counterexamples" / folder


def is_race(examined: Examined) -> bool:
    """Whether a check has clients side by side: its evidence is a history, not a script."""
    return examined.check.function.__module__ == races.__name__


def swept(name: str) -> list[Swept]:
    """Try the counterexamples of one impostor."""
    validator, over_tls = _validator(), impostors()[name].requirement in OF_TRANSPORT
    with tempfile.TemporaryDirectory() as made:
        out = Path(os.environ.get("ETALON_KEEP", made))
        files = authority_in(out) if over_tls else None
        with served(name, validator, files) as wrong, served("", validator, files) as right:
            asked = wrong if files is None else profile_of(out, wrong, files)
            environment = {} if files is None else files.environment
            found = [
                _tried(name, one, (wrong, right), environment)
                for one in counterexamples(name, asked, out)
            ]
    return found or [Swept(name, "")]


def profile_of(folder: Path, address: str, files: AuthorityFiles) -> str:
    """Write the profile of a server that takes two client certificates; return its path."""
    path = folder / "profile.toml"
    told = (
        f'[target]\nname = "impostor"\nown_wire = true\n[addresses]\nfhir = "{address}"\n'
        f'sandbox = "{address.removesuffix("/fhir")}/sandbox"\n'
        f'[tls]\nca_bundle = "{files.authority}"\ncertificate = "{files.first}"\n'
        f'[tls.second]\ncertificate = "{files.second}"\n'
    )
    path.write_text(told, encoding="utf-8")
    return str(path)


def _tried(
    name: str, folder: Path, addresses: tuple[str, str], environment: Mapping[str, str]
) -> Swept:
    script = folder / "replay.sh"
    if not script.is_file():
        return Swept(name, folder.name, said="no script was written")
    (against_it, of_it), (against_us, of_us) = (ran(script, one, environment) for one in addresses)
    told = Swept(name, folder.name, against_it, against_us)
    if told.is_right:
        return told
    return Swept(name, folder.name, against_it, against_us, f"{of_it[-400:]}\n{of_us[-400:]}")


@cache
def _validator() -> Validator:
    return Validator()


def main(names: Sequence[str]) -> int:
    """Try them all, tell of each, and give the exit code."""
    asked = list(names) or [name for name in impostors() if has_a_script(name)]
    context = multiprocessing.get_context("spawn")
    found: list[Swept] = []
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        for several in pool.map(swept, asked):
            found += several
            for one in several:
                codes = f"{one.against_it} {one.against_us}"
                told = "ok" if one.is_right else f"NOT SO\n{one.said}"
                print(
                    f"{one.impostor}: {one.counterexample or 'none'}: {codes}: {told}", flush=True
                )
    wrong = [one for one in found if not one.is_right]
    if folder := os.environ.get("ETALON_FIGURES"):
        figures = {"impostors": len(asked), "scripts": len(found), "wrong": len(wrong)}
        (Path(folder) / "figures.json").write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
