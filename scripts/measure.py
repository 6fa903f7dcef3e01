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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from results import Json, State, digests, state, write

ROOT = Path(__file__).resolve().parent.parent
TABLES = {"prove": "prove/items.toml", "bench": "benchmarks/items.toml"}
PLOTS = {".svg", ".png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One proof or benchmark.

    Attributes:
        name: Its name, and that of its result.
        root: Root of the repository: the command runs there, and `files` start there.
        folder: Where its result goes.
        question: What its figures answer.
        command: Program and arguments; `{python}` stands for this interpreter.
        files: Patterns of the files that the outcome depends on.
        budget_minutes: Wall time after which it is stopped and counts as failed.
        environment: Variables set for the command.
    """

    name: str
    root: Path
    folder: Path
    question: str
    command: list[str]
    files: list[str]
    budget_minutes: float
    environment: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def result(self) -> Path:
        """Path of the item's result."""
        return self.folder / f"{self.name}.json"

    @property
    def shown(self) -> str:
        """Path of the item's result from the root, as printed."""
        return self.result.relative_to(self.root).as_posix()

    def state(self) -> State | None:
        """Compare the item's result with today's files; None when there is no result."""
        return state(self.result, self.files, self.root) if self.result.is_file() else None


def items(root: Path, what: str) -> list[Item]:
    """Read the items of `prove` or `bench`, in the order of their table."""
    table = root / TABLES[what]
    if not table.is_file():
        return []
    rows = tomllib.loads(table.read_text(encoding="utf-8"))
    folder = table.parent / "results"
    return [Item(name=name, root=root, folder=folder, **row) for name, row in rows.items()]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run or check; 0 when all ended well, 1 when one did not, 2 for an unknown item."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=[*TABLES, "check"])
    parser.add_argument("names", nargs="*", help="items to run (default: all)")
    parser.add_argument("--again", action="store_true", help="run finished proofs again")
    asked = parser.parse_args(arguments)
    if asked.what == "check":
        return _check(root)
    known = {item.name: item for item in items(root, asked.what)}
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
    before = item.state()
    if kept and before is not None and before.finished:
        print(f"{item.name}: finished before, on the same files; not run again")
        return True
    print(f"{item.name}: {item.question} (at most {item.budget_minutes:g} min)", flush=True)
    files = digests(item.files, item.root)
    with tempfile.TemporaryDirectory() as made:
        started = time.monotonic()
        passed = _run(item, Path(made))
        seconds = round(time.monotonic() - started, 1)
        outcome: dict[str, Json] = {
            "item": item.name,
            "question": item.question,
            "command": [*item.command],
            "passed": passed,
            "seconds": seconds,
            "figures": _figures(Path(made)),
            "plots": _keep_plots(item, Path(made)),
        }
    write(item.result, files, outcome)
    print(f"{item.name}: {'ended well' if passed else 'FAILED'} after {seconds} s, {item.shown}")
    return passed


def _run(item: Item, made: Path) -> bool:
    """Run the command of an item within its budget; its children end with it."""
    command = [part.replace("{python}", sys.executable) for part in item.command]
    environment = {**os.environ, **item.environment, "ETALON_FIGURES": str(made)}
    process = subprocess.Popen(
        command, cwd=item.root, env=environment, start_new_session=os.name == "posix"
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
        kept[name] = _digest(plot)
    return kept


def _check(root: Path) -> int:
    """Fail on edited or unexplained results; list those that are older than their code."""
    faults: list[str] = []
    for what, table in TABLES.items():
        declared = items(root, what)
        faults += _unexplained(declared, (root / table).parent / "results")
        for item in declared:
            if _edited(item):
                faults.append(f"{item.shown}: edited without a run; run the item again")
            else:
                print(_remark(item))
    print("\n".join(f"FAILED {fault}" for fault in faults))
    return 1 if faults else 0


def _remark(item: Item) -> str:
    """Say what there is to say of an item's result beside today's files."""
    found = item.state()
    if found is None:
        return f"{item.name}: never run"
    if not found.passed:
        return f"{item.shown}: the last run failed"
    if found.changed:
        first, more = found.changed[0], len(found.changed) - 1
        others = f" and {more} more" if more else ""
        return f"{item.shown}: older than its code ({first}{others})"
    return f"{item.shown}: up to date"


def _edited(item: Item) -> bool:
    """Tell whether an item's result, or a plot beside it, is not what its run wrote."""
    found = item.state()
    if found is None or found.edited:
        return found is not None
    plots = json.loads(item.result.read_text(encoding="utf-8"))["plots"]
    files = ((item.folder / name, digest) for name, digest in plots.items())
    return any(not file.is_file() or _digest(file) != digest for file, digest in files)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unexplained(declared: list[Item], folder: Path) -> Iterator[str]:
    """Yield the results that no item of the table could have written."""
    names = {item.result.name for item in declared}
    for file in sorted(folder.glob("*.json")):
        if file.name not in names:
            yield f"{folder.parent.name}/results/{file.name}: no item of that name; remove it"


if __name__ == "__main__":
    sys.exit(main())
