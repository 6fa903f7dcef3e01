"""Change the model in small ways, one at a time, and count how many changes the tests notice.

Every mutant of the modules named in `mutation.toml`, or a sample drawn by a seed when there are
more than fit, meets the tests of the model that reach its function; properties and walks take no
part. Survivors are accepted one by one, with a reason, in `mutation.toml`.

    python scripts/mutation.py [--sample N] [--all] [--only TEXT] [--workers N]
"""

import argparse
import hashlib
import json
import os
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import pytest

from mutants import ROOT, Mutant, modules, mutants_of, sample
from results import Json
from trials import Fate, Trials

TABLE = ROOT / "scripts/mutation.toml"
TESTS = ROOT / "tests/model"
SHOWN = ROOT / "model/etalon_model/data/rules_shown.csv"
"""Which test shows which rule: it changes with the tests, not with the model."""
KEPT = ROOT / "runs/mutation"
MACHINERY = ("changing.py", "mutants.py", "placing.py", "trials.py")
NO_REASON = "no reason yet"
UNNOTICED = (Fate.SURVIVED, Fate.NOT_REACHED)
Change = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the table asks for.

    Attributes:
        seed: Draws the sample.
        sample: How many mutants are tried when there are more.
        score_percent: The least share of mutants noticed.
        groups: Patterns of modules below the package, by group.
        without: Modules left out, with the reason.
        reasons: Why a survivor is accepted, by its change.
    """

    seed: int
    sample: int
    score_percent: float
    groups: Mapping[str, Sequence[str]]
    without: Mapping[str, str]
    reasons: Mapping[Change, str]


def plan_of(file: Path) -> Plan:
    """Read the table.

    Raises:
        ValueError: An accepted survivor has no reason, or stands there twice.
    """
    rows = tomllib.loads(file.read_text(encoding="utf-8"))
    reasons: dict[Change, str] = {}
    for row in rows.pop("survivor", []):
        change = (row["module"], row["function"], row["was"], row["becomes"])
        if not row["reason"].strip() or change in reasons:
            message = f"{file.name}: {change} needs one reason, once"
            raise ValueError(message)
        reasons[change] = row["reason"]
    return Plan(**rows, reasons=reasons)


def drawn(plan: Plan, size: int, only: str) -> tuple[int, list[Mutant]]:
    """Return how many mutants there are, and those to try; kept while the modules are the same."""
    places = [(g, f) for g, f in modules(plan.groups, plan.without) if only in f.as_posix()]
    files = _digested([*(file for _, file in places), Path(__file__).with_name("mutants.py")])
    asked = f"{files} {plan.seed} {size} {sorted(places)}"
    kept = KEPT / f"drawn-{hashlib.sha256(asked.encode()).hexdigest()}.json"
    if kept.is_file():
        count, rows = json.loads(kept.read_text(encoding="utf-8"))
        return count, [Mutant(**row) for row in rows]
    made = [mutant for group, file in places for mutant in mutants_of(group, file)]
    chosen = sample(made, size, plan.seed)
    KEPT.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(".partial")
    partial.write_text(json.dumps([len(made), [*map(asdict, chosen)]]), encoding="utf-8")
    partial.replace(kept)
    return len(made), chosen


def tried(mutants: Sequence[Mutant], workers: int) -> Trials:
    """Try mutants; those tried before on the same tree are remembered, not tried again.

    Raises:
        RuntimeError: The tests could not be collected or run.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{_tree_digest()}.jsonl"
    known = dict(_remembered(kept, {_key(mutant): i for i, mutant in enumerate(mutants)}))
    os.environ["ETALON_EFFORT"] = "1"
    with kept.open("a", encoding="utf-8", buffering=1) as file:

        def note(place: int, fate: Fate, test: str) -> None:
            by = [test, _digest_of(test)] if test else ["", _tests_digest()]
            file.write(json.dumps([_key(mutants[place]), fate, *by]) + "\n")
            done = len(trials.fates)
            if done % 100 == 0 or done == len(mutants):
                print(f"{done} of {len(mutants)} mutants", flush=True)

        trials = Trials(mutants, known, note, workers)
        arguments = ["-q", "-s", "-p", "no:cacheprovider", str(TESTS)]
        code = pytest.main(arguments, plugins=[trials])
    if code != pytest.ExitCode.OK or len(trials.fates) < len(mutants):
        message = f"the trials ended early, with pytest's exit code {code}"
        raise RuntimeError(message)
    return trials


def _remembered(kept: Path, places: Mapping[str, int]) -> Iterator[tuple[int, Fate]]:
    """Yield the fates that still hold; a line cut short is no note.

    The model is the same: the file's name says so. A mutant that a test noticed is noticed again
    while the file of that test is the same; one that survived must meet every new test.
    """
    if not kept.is_file():
        return
    for line in kept.read_text(encoding="utf-8").splitlines():
        try:
            key, fate, test, digest = json.loads(line)
        except ValueError:
            continue
        if key in places and digest == (_digest_of(test) if test else _tests_digest()):
            yield places[key], Fate(fate)


@cache
def _digest_of(test: str) -> str:
    """Digest the file in which a test stands."""
    file = ROOT / test.partition("::")[0]
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()


@cache
def _tests_digest() -> str:
    return _digested([*TESTS.rglob("*.py"), SHOWN])


def _key(mutant: Mutant) -> str:
    return hashlib.sha256(f"{mutant.module}\0{mutant.source}".encode()).hexdigest()


def _tree_digest() -> str:
    """Digest what decides a mutant's fate beside the tests themselves."""
    files = [file for file in (ROOT / "model").rglob("*") if file.suffix in {".py", ".csv"}]
    files.remove(SHOWN)
    scripts = [Path(__file__).with_name(name) for name in MACHINERY]
    around = [*TESTS.rglob("conftest.py"), ROOT / "tests/conftest.py", ROOT / "requirements.lock"]
    return _digested([*files, *scripts, *around])


def _digested(files: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(f"{file.relative_to(ROOT)}\0".encode())
        found.update(file.read_bytes())
    return found.hexdigest()


def counted(mutants: Sequence[Mutant], fates: Sequence[Fate]) -> dict[str, Json]:
    """Return how many mutants had each fate, and the share that was noticed."""
    counts = Counter(fates)
    noticed = counts[Fate.KILLED] + counts[Fate.TIMEOUT]
    return {
        "mutants": len(mutants),
        **{fate.value: counts[fate] for fate in Fate},
        "score_percent": round(100 * noticed / len(mutants), 2),
    }


def by(what: Callable[[Mutant], str], found: Sequence[tuple[Mutant, Fate]]) -> dict[str, Json]:
    """Count by group, or by module."""
    parts: dict[str, list[tuple[Mutant, Fate]]] = {}
    for mutant, fate in found:
        parts.setdefault(what(mutant), []).append((mutant, fate))
    return {
        name: counted([mutant for mutant, _ in part], [fate for _, fate in part])
        for name, part in sorted(parts.items())
    }


def survivors(plan: Plan, found: Sequence[tuple[Mutant, Fate]]) -> list[Json]:
    """List the mutants that no test noticed, with the reason for which each is accepted."""
    return [
        {
            "file": mutant.file,
            "line": mutant.line,
            "function": mutant.function,
            "was": mutant.was,
            "becomes": mutant.becomes,
            "fate": fate.value,
            "reason": plan.reasons.get(mutant.change, NO_REASON),
        }
        for mutant, fate in found
        if fate in UNNOTICED
    ]


def stale(plan: Plan, found: Sequence[tuple[Mutant, Fate]]) -> list[Json]:
    """List the accepted survivors that are none: noticed, gone, or not in the sample."""
    alive = {mutant.change for mutant, fate in found if fate in UNNOTICED}
    return [" | ".join(change) for change in plan.reasons if change not in alive]


def main() -> int:
    """Try; 1 when the score is too low or the survivors are not those of the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sample", type=int, help="how many mutants (default: the table's)")
    parser.add_argument("--only", default="", help="modules whose name contains this text")
    parser.add_argument("--workers", type=int, default=2, help="trials at once")
    asked = parser.parse_args()
    plan = plan_of(TABLE)
    target = os.environ.pop("ETALON_FIGURES", None)
    made, chosen = drawn(plan, asked.sample or plan.sample, asked.only)
    print(f"{len(chosen)} of {made} mutants are tried", flush=True)
    trials = tried(chosen, asked.workers)
    found = [(mutant, trials.fates[place]) for place, mutant in enumerate(chosen)]
    alive, idle = survivors(plan, found), stale(plan, found)
    figures: dict[str, Json] = {
        "seed": plan.seed,
        "mutants_made": made,
        "all": counted(chosen, [fate for _, fate in found]),
        "groups": by(lambda mutant: mutant.group, found),
        "modules": by(lambda mutant: mutant.module, found),
        "tests": trials.tests,
        "tests_left_out": {why: [*tests] for why, tests in trials.left_out.items()},
        "modules_left_out": dict(plan.without),
        "survivors": alive,
        "accepted_in_vain": idle,
    }
    print(text := json.dumps(figures, indent=2, ensure_ascii=False))
    if target is not None:
        (Path(target) / "figures.json").write_text(text, encoding="utf-8")
    faults = [*_faults(plan, found, alive), *(f"accepted in vain: {one}" for one in idle)]
    print("\n".join(f"FAILED {fault}" for fault in faults))
    return 1 if faults else 0


def _faults(plan: Plan, found: Sequence[tuple[Mutant, Fate]], alive: Sequence[Json]) -> list[str]:
    """Say what is missing: the score, or reasons."""
    unexplained = sum(isinstance(row, dict) and row["reason"] == NO_REASON for row in alive)
    faults = [f"{unexplained} survivors have no reason"] if unexplained else []
    score = 100 * (1 - len(alive) / len(found))
    if score < plan.score_percent:
        faults.append(f"{score:.2f} % were noticed, {plan.score_percent:g} % are asked for")
    return faults


if __name__ == "__main__":
    sys.exit(main())
