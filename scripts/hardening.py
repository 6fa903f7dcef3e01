"""The proof that hardship breaks no command: signals, a full disk, no rights, no network.

Each command of the grammar is run as `hardening.toml` says, under each hardship, in a folder of its
own. Whatever happens it ends by a documented exit code and one message, without a traceback; what
it leaves is whole or says that it is not; no process of it runs on.
"""

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from etalon_cli.grammar import COMMANDS
from hardening_trials import Hardship, Line, carried_out

TABLE: Final = Path(__file__).with_suffix(".toml")
_DEAD: Final = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
_NO_LOCALE: Final = {"LANG": None, "LC_ALL": "xx_YY", "PYTHONUTF8": "0"}
_ALONE: Final = ("unshare", "-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
_AT_ONCE: Final = 2


def lines_of(table: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, list[Line]]:
    """Return how each command is run.

    Args:
        table: `hardening.toml`.
        known: What was prepared, by name.

    Raises:
        LookupError: A command of the grammar has no line, or a line no command.
    """
    commands = {" ".join(one.words) for one in COMMANDS}
    if apart := commands ^ set(table["lines"]):
        message = f"{TABLE.name} and the grammar differ on: {', '.join(sorted(apart))}"
        raise LookupError(message)
    return {name: [_line(one, known) for one in rows] for name, rows in table["lines"].items()}


def _line(row: Mapping[str, Any], known: Mapping[str, str]) -> Line:
    return Line(
        words=tuple(word.format(**known) for word in shlex.split(row["line"])),
        copies=tuple(Path(known[name]) for name in row.get("copies", ())),
        codes=tuple(row.get("codes", (0,))),
        stays=row.get("stays", False),
    )


def hardships(seconds: float) -> dict[str, Hardship]:
    """Return what a command is put under.

    Args:
        seconds: That it takes where nothing is against it.
    """
    late = (0.85 * seconds, signal.SIGINT)
    bare = _DEAD | _NO_LOCALE
    found = {
        "Ctrl-C at once": Hardship(hit=((0.0, signal.SIGINT),)),
        "SIGTERM halfway": Hardship(hit=((0.5 * seconds, signal.SIGTERM),)),
        "Ctrl-C twice, late": Hardship(hit=(late, (0.1, signal.SIGINT))),
        "small files": Hardship(largest_file=4096),
        "stdout full": Hardship(stdout="> /dev/full"),
        "outputs closed": Hardship(stdout=">&- 2>/dev/full <&-"),
        "no locale, dead proxy": Hardship(environment=bare),
        "two at once": Hardship(twice=True),
    }
    if os.geteuid() == 0:
        found["full disk"] = Hardship(disk_kilobytes=64)
        found["stranger, closed folder"] = Hardship(environment=bare, stranger=True, is_closed=True)
        if shutil.which("unshare") and shutil.which("ip"):
            found["no network"] = Hardship(before=_ALONE)
    return found


@contextmanager
def prepared(table: Mapping[str, Any], folder: Path) -> Generator[dict[str, str]]:
    """Serve, and make what commands work on; give it by name.

    Raises:
        RuntimeError: A command that prepares something failed; the message says which.
    """
    serve = [sys.executable, "-m", "etalon_cli", "serve", "--sandbox", "--port", "0", "--json"]
    with subprocess.Popen(
        [*serve, "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        told = cast("IO[bytes]", server.stdout).readline()
        known = {"server": str(json.loads(told)["fhir"])}
        try:
            for name, content in table["files"].items():
                known[name] = str(folder / name)
                (folder / name).write_text(content, encoding="utf-8")
            for name, line in table["prepared"].items():
                known[name] = str(folder / name)
                words = [one.format(path=folder / name, **known) for one in shlex.split(line)]
                _make([sys.executable, "-m", "etalon_cli", *words])
            known["public_key"] = str(Path(known["key"]).with_suffix(".pub.toml"))
            yield known
        finally:
            cast("IO[bytes]", server.stdin).close()


def _make(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in {0, 3}:
        message = f"{shlex.join(command)}: {done.returncode}: {done.stderr}"
        raise RuntimeError(message)


def tried(name: str, line: Line, folder: Path, *, is_costly: bool) -> Iterator[tuple[str, str]]:
    """Run a command under each hardship; yield each, with what was wrong under it, or nothing."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    # A module whose compiled form is cut short by a small disk is not read again by Python 3.11.
    known |= {"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}
    began = time.monotonic()
    if is_costly:
        seconds = 10.0
    else:
        plain = carried_out(line, Hardship(), folder / "plain", known)
        seconds = time.monotonic() - began
        wrong = [f"exit code {one}" for one in plain.codes if one not in line.codes]
        yield f"{name}: nothing", "; ".join([*wrong, *plain.wrong])
    for rank, (hardship, what) in enumerate(hardships(seconds).items()):
        if is_costly and not what.hit:
            continue
        ended = carried_out(line, what, folder / str(rank), known)
        said = f" ({ended.said.strip()[-300:]})" if ended.wrong else ""
        yield f"{name}: {hardship}", "; ".join(ended.wrong) + said


def main() -> None:
    """Prove it, leave the figures where they are wanted, and end with 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Prove that hardship breaks no command.")
    parser.add_argument("--only", default="", help="commands whose name begins so")
    only: str = parser.parse_args().only
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place, prepared(table, Path(place)) as known:
        Path(place).chmod(0o755)
        jobs = [
            (name, line, Path(place) / f"trial-{number}-{rank}", bool(row.get("costly")))
            for number, (name, lines) in enumerate(lines_of(table, known).items())
            for rank, (line, row) in enumerate(zip(lines, table["lines"][name], strict=True))
            if name.startswith(only)
        ]

        def all_of(job: tuple[str, Line, Path, bool]) -> list[tuple[str, str]]:
            name, line, folder, is_costly = job
            found = list[tuple[str, str]]()
            for trial, what in tried(name, line, folder, is_costly=is_costly):
                found.append((trial, what))
                if what:  # at once: whoever stops the proof early has seen it
                    print(f"{trial}: {what}", file=sys.stderr, flush=True)
            return found

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = [trial for trials in pool.map(all_of, jobs) for trial in trials]
    wrong = {trial: what for trial, what in found if what}
    figures = {
        "commands": len({name for name, *_ in jobs}),
        "trials": len(found),
        "trials_with_something_wrong": len(wrong),
        "as_superuser": os.geteuid() == 0,
        "wrong": wrong,
    }
    if folder := os.environ.get("ETALON_FIGURES"):
        text = json.dumps(figures, indent=2, ensure_ascii=False) + "\n"
        (Path(folder) / "figures.json").write_text(text, encoding="utf-8")
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
