"""Write the courses of the load profiles that simulations give, and say where they come from.

    python scripts/load_profiles.py [RUNS]            simulate into RUNS what is missing, and write
    python scripts/load_profiles.py [RUNS] --check    say what differs, and change nothing

Without RUNS the runs are made anew, and thrown away.

A course is one day of a shipped scenario with its whole population, by quarter of an hour: mean
arrivals a minute. The profile names the scenario, its changes, the digest of everything that
happened in the run (`ledger_digest`) and that of the course.
"""

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast

import duckdb

from etalon_load.journeys.table import journey_of_kind

PROFILES: Final = Path(__file__).parents[1] / "load/etalon_load/data/profiles"
_QUARTERS: Final = 96
_LABORATORY_TESTS: Final = 1_878_000
_LABORATORY_QUARTERS: Final = range(7 * 4, 22 * 4)


@dataclass(frozen=True, slots=True)
class Course:
    """A profile and the simulated day it shows.

    Attributes:
        name: Of the profile.
        about: What it shows, for the head of the file.
        run: Name of the run directory.
        scenario: Shipped scenario.
        changes: What `--set` changes of it.
        first: First day among which the busiest is taken.
        last: Last of them.
        laboratories: Whether the results of a day of laboratories come on top.
    """

    name: str
    about: str
    run: str
    scenario: str
    first: date
    last: date
    changes: tuple[str, ...] = ()
    laboratories: bool = False


COURSES: Final = (
    Course(
        "launch-day",
        "The busiest day of the launch, nationwide: the last wave has just left.",
        "launch",
        "launch-2022",
        date(2022, 1, 31),
        date(2022, 6, 30),
    ),
    Course(
        "media-shock",
        "The busiest of the seven days that begin with a press scare of the size of England's.",
        "press",
        "press-scare",
        date(2022, 3, 7),
        date(2022, 3, 13),
    ),
    Course(
        "tuesday",
        "An ordinary Tuesday, eleven weeks after the last wave.",
        "launch",
        "launch-2022",
        date(2022, 6, 14),
        date(2022, 6, 14),
    ),
    Course(
        "winter-peak",
        "The busiest day of the January after the launch, with the tests of a day of epidemic on\n"
        "# top: 1,878,000 on 31 December 2021 (SI-DEP), each deposited between 7:00 and 22:00,\n"
        "# evenly, by an assumption of ours. The scenarios have no season of their own.",
        "winter",
        "launch-2022",
        date(2023, 1, 1),
        date(2023, 1, 31),
        ("scenario.ends_on=2023-01-31",),
        laboratories=True,
    ),
)


def main() -> int:
    """Write the profiles, or compare them; 1 when one differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="?")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    kept = cast("Path | None", options.runs)
    with tempfile.TemporaryDirectory() as folder:
        different = sum(
            _settled(course, (kept or Path(folder)) / course.run, write=not options.check)
            for course in COURSES
        )
    return int(bool(options.check and different))


def _settled(course: Course, run: Path, *, write: bool) -> int:
    """Write the files of a profile, or say which differ; return how many do."""
    if not run.exists():
        _simulate(course, run)
    different = 0
    for file, text in _files(course, run):
        same = file.exists() and file.read_text(encoding="utf-8") == text
        different += not same
        if write:
            file.write_text(text, encoding="utf-8")
        elif not same:
            print(f"{file}: differs from what {run} gives")
    return different


def _simulate(course: Course, run: Path) -> None:
    changes = [word for change in course.changes for word in ("--set", change)]
    asked = ["simulate", course.scenario, "--population", "full", "--knowledge", "0", *changes]
    command = [sys.executable, "-m", "etalon_cli", *asked, "--out", str(run)]
    subprocess.run(command, check=True)


def _files(course: Course, run: Path) -> Sequence[tuple[Path, str]]:
    """Return what stands in the two files of a profile."""
    arrivals = run / "arrivals_minute.parquet"
    day = _busiest_day(arrivals, course)
    counts = _quarters(arrivals, day)
    if course.laboratories:
        minutes = len(_LABORATORY_QUARTERS) * 15
        counts["laboratory"] = [
            _LABORATORY_TESTS / minutes if rank in _LABORATORY_QUARTERS else 0.0
            for rank in range(_QUARTERS)
        ]
    table = _csv(counts)
    read = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    summary = cast("Mapping[str, object]", read)
    source = {
        "scenario": course.scenario,
        "changes": " ".join(course.changes),
        "day": day.isoformat(),
        "population": str(summary["population"]),
        "seed": str(summary["seed"]),
        "ledger_digest": str(summary["ledger_digest"]),
        "course_sha256": hashlib.sha256(table.encode()).hexdigest(),
    }
    lines = [f"# {course.about}", "#", "# Written by scripts/load_profiles.py: do not edit.", ""]
    lines += ["[source]"]
    lines += [f'{key} = "{value}"' for key, value in source.items() if value]
    return (
        (PROFILES / f"{course.name}.csv", table),
        (PROFILES / f"{course.name}.toml", "\n".join(lines) + "\n"),
    )


def _busiest_day(arrivals: Path, course: Course) -> date:
    query = (
        "SELECT CAST(minute AS DATE) AS day FROM read_parquet(?) "
        "WHERE CAST(minute AS DATE) BETWEEN ? AND ? GROUP BY day ORDER BY sum(mean) DESC, day"
    )
    with duckdb.connect() as database:
        asked = [str(arrivals), course.first, course.last]
        found = cast("tuple[date]", database.execute(query, asked).fetchone())
    return found[0]


def _quarters(arrivals: Path, day: date) -> dict[str, list[float]]:
    """Return mean arrivals a minute in each quarter of an hour of a day, by journey."""
    query = (
        "SELECT kind, minute, mean FROM read_parquet(?) WHERE CAST(minute AS DATE) = ? "
        "ORDER BY kind, minute"
    )
    with duckdb.connect() as database:
        rows = database.execute(query, [str(arrivals), day]).fetchall()
    counts: dict[str, list[float]] = {}
    for kind, minute, mean in cast("list[tuple[str, datetime, float]]", rows):
        column = counts.setdefault(journey_of_kind()[kind], [0.0] * _QUARTERS)
        column[minute.hour * 4 + minute.minute // 15] += mean / 15
    return counts


def _csv(counts: Mapping[str, Sequence[float]]) -> str:
    """Write the quarters between the first and the last in which anybody arrives."""
    used = [rank for rank in range(_QUARTERS) if any(column[rank] for column in counts.values())]
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(["time", *sorted(counts)])
    for rank in range(used[0], used[-1] + 1):
        values = [f"{counts[kind][rank]:.4g}" for kind in sorted(counts)]
        table.writerow([f"{rank // 4:02d}:{rank % 4 * 15:02d}", *values])
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(main())
