"""Run the long proofs (`make prove`) or the benchmarks (`make bench`), item by item.

Items stand in `prove/items.toml` and `benchmarks/items.toml`: a command, the files its outcome
depends on, a budget. Each writes a dated, sealed result in the `results` folder beside its
table. A proof that ended well on the same files is not run again (`--again` runs it all the
same), so that an interrupted run goes on where it stopped; benchmarks always run.

A command finds in `ETALON_FIGURES` a folder of its own: the `figures.json` that it leaves there
becomes the `figures` of the result, and plots (`*.svg`, `*.png`) are kept beside it.

`check` runs nothing. It fails on results that were edited or that no item explains, and lists
those older than their code.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from results import ROOT, Json, state, write

TABLES = {"prove": ROOT / "prove" / "items.toml", "bench": ROOT / "benchmarks" / "items.toml"}
PLOTS = {".svg", ".png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One proof or benchmark.

    Attributes:
        name: Its name, and that of its result.
        question: What its figures answer.
        command: Program and arguments; `{python}` stands for this interpreter.
        files: Patterns, from the root, of the files that the outcome depends on.
        budget_minutes: Wall time after which it is stopped and counts as failed.
        environment: Variables set for the command.
        folder: Where its result goes.
    """

    name: str
    question: str
    command: list[str]
    files: list[str]
    budget_minutes: float
    folder: Path
    environment: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def result(self) -> Path:
        """Path of the item's result."""
        return self.folder / f"{self.name}.json"


def items(table: Path) -> list[Item]:
    """Read a table of items, in its order."""
    rows = tomllib.loads(table.read_text(encoding="utf-8"))
    return [Item(name=name, folder=table.parent / "results", **row) for name, row in rows.items()]


def main() -> int:
    """Run or check; 0 when all ended well, 1 when one did not, 2 for an unknown item."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=[*TABLES, "check"])
    parser.add_argument("names", nargs="*", help="items to run (default: all)")
    parser.add_argument("--again", action="store_true", help="run finished proofs again")
    asked = parser.parse_args()
    if asked.what == "check":
        return _check()
    known = {item.name: item for item in items(TABLES[asked.what])}
    if unknown := sorted(set(asked.names) - known.keys()):
        print(f"no such item: {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [known[name] for name in asked.names or known]
    kept = asked.what == "prove" and not asked.again
    failed = [item.name for item in chosen if not _run_unless_finished(item, kept=kept)]
    print(f"failed: {', '.join(failed)}" if failed else f"{len(chosen)} items ended well")
    return 1 if failed else 0


def _run_unless_finished(item: Item, *, kept: bool) -> bool:
    """Run one item, unless a finished result is to be kept; tell whether it ended well."""
    if kept and item.result.is_file() and state(item.result, item.files).finished:
        print(f"{item.name}: finished before, on the same files; not run again")
        return True
    print(f"{item.name}: {item.question} (at most {item.budget_minutes:g} min)", flush=True)
    with tempfile.TemporaryDirectory() as made:
        started = time.monotonic()
        passed = _run(item, Path(made))
        seconds = round(time.monotonic() - started, 1)
        outcome: dict[str, Json] = {
            "question": item.question,
            "passed": passed,
            "seconds": seconds,
            "figures": _figures(Path(made)),
            "plots": _keep_plots(item, Path(made)),
        }
        write(item.result, item.name, item.command, item.files, outcome)
    shown = item.result.relative_to(ROOT).as_posix()
    print(f"{item.name}: {'ended well' if passed else 'FAILED'} after {seconds} s, see {shown}")
    return passed


def _run(item: Item, made: Path) -> bool:
    """Run the command of an item within its budget; its children end with it."""
    command = [part.replace("{python}", sys.executable) for part in item.command]
    environment = {**os.environ, **item.environment, "ETALON_FIGURES": str(made)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=os.name == "posix"
    )
    try:
        return process.wait(timeout=item.budget_minutes * 60) == 0
    except subprocess.TimeoutExpired:
        print(f"{item.name}: stopped, {item.budget_minutes:g} min are over")
        return False
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and, where the system has process groups, all that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _figures(made: Path) -> Json:
    """Return the figures that a command left, or nothing when it left none."""
    file = made / "figures.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _keep_plots(item: Item, made: Path) -> Json:
    """Copy the plots of a run beside its result, and return the digest of each."""
    kept: dict[str, Json] = {}
    for plot in sorted(file for file in made.iterdir() if file.suffix in PLOTS):
        name = f"{item.name}-{plot.name}"
        item.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(plot, item.folder / name)
        kept[name] = hashlib.sha256(plot.read_bytes()).hexdigest()
    return kept


def _check() -> int:
    """Fail on edited or unexplained results; list those that are older than their code."""
    faults: list[str] = []
    for table in TABLES.values():
        declared = items(table)
        faults += _unexplained(declared, table.parent / "results")
        for item in declared:
            fault, remark = _verdict(item)
            faults += [fault] if fault else []
            print(remark)
    print("\n".join(f"FAILED {fault}" for fault in faults))
    return 1 if faults else 0


def _verdict(item: Item) -> tuple[str, str]:
    """Return the fault of an item's result, if any, and what to remark on it."""
    if not item.result.is_file():
        return "", f"{item.name}: never run"
    found = state(item.result, item.files)
    shown = item.result.relative_to(ROOT).as_posix()
    if found.edited or _plots_edited(item):
        return f"{shown}: edited without a run; run the item again", f"{item.name}: edited"
    if not found.passed:
        return "", f"{item.name}: its last run failed"
    if found.changed:
        first, more = found.changed[0], len(found.changed) - 1
        others = f" and {more} more" if more else ""
        return "", f"{item.name}: older than its code ({first}{others})"
    return "", f"{item.name}: up to date"


def _plots_edited(item: Item) -> bool:
    """Tell whether a plot beside the result is not the one that its run made."""
    plots = json.loads(item.result.read_text(encoding="utf-8"))["plots"]
    return any(
        not (item.folder / name).is_file()
        or hashlib.sha256((item.folder / name).read_bytes()).hexdigest() != digest
        for name, digest in plots.items()
    )


def _unexplained(declared: list[Item], folder: Path) -> Iterator[str]:
    """Yield the results that no item of the table could have written."""
    names = {item.result.name for item in declared}
    for file in sorted(folder.glob("*.json")):
        if file.name not in names:
            yield f"{file.relative_to(ROOT).as_posix()}: no item of that name; remove it"


if __name__ == "__main__":
    sys.exit(main())
