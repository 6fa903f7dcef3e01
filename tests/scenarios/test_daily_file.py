"""What is read from the ledger's arrays is what its cells say, one by one."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.daily_file import read_daily, write_daily
from etalon_scenarios.layout import SEXES
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS, Ledger
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.tally import GROUP_COUNTERS, Tally
from etalon_text.schema_files import DIMENSIONS, daily_columns

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_scenarios.daily_file import Row
    from etalon_scenarios.runs import Run

STARTS_ON = date(2022, 1, 31)


@pytest.fixture(scope="module")
def run() -> Run:
    """Every département, so that the order of codes as text matters."""
    return simulate(load_scenario("launch-2022"), population=2_000, seed=5)


def rows_cell_by_cell(ledger: Ledger) -> list[Row]:
    """Spell the rows of the file out from the table of cells."""
    wanted = [COUNT[c.name] for c in daily_columns() if c.name not in DIMENSIONS]
    return sorted(
        (
            STARTS_ON + timedelta(days=day),
            ledger.departments[department],
            AGE_BANDS[band],
            SEXES[sex],
            CHANNELS[channel],
            *(line[rank] for rank in wanted),
        )
        for (day, department, band, sex, channel), line in ledger.table().items()
    )


def test_the_file_holds_each_cell_of_the_ledger(run: Run, tmp_path: Path) -> None:
    """No count is lost, moved or added between the arrays and the file."""
    write_daily(RunDirectory(tmp_path), run.ledger, STARTS_ON)

    assert read_daily(tmp_path / "daily.parquet") == rows_cell_by_cell(run.ledger)


def test_the_file_is_sorted_and_the_same_each_time(run: Run, tmp_path: Path) -> None:
    """Rows stand in the order of the five dimensions as text; equal ledgers give equal bytes."""
    files = [tmp_path / name for name in ("one", "two")]
    for file in files:
        file.mkdir()
        write_daily(RunDirectory(file), run.ledger, STARTS_ON)
    one, two = (file / "daily.parquet" for file in files)
    with duckdb.connect() as database:
        query = f"SELECT {', '.join(DIMENSIONS)} FROM read_parquet(?)"  # noqa: S608 (own names)
        found = database.execute(query, [str(one)]).fetchall()

    assert found == sorted(found)
    assert one.read_bytes() == two.read_bytes()


def test_a_ledger_without_events_gives_a_file_without_rows(tmp_path: Path) -> None:
    """A run stopped before anything happened has its file, with its columns."""
    write_daily(RunDirectory(tmp_path), Ledger(("31",), 3), STARTS_ON)

    assert read_daily(tmp_path / "daily.parquet") == []


def test_large_counts_pass_unharmed(tmp_path: Path) -> None:
    """A whole département may do one thing on one day."""
    ledger = Ledger(("31", "59"), 2)
    ledger.close_day(1, np.array([ledger.day_width - 1]), np.array([2_600_000_000 // 2]))
    write_daily(RunDirectory(tmp_path), ledger, STARTS_ON)

    (row,) = read_daily(tmp_path / "daily.parquet")

    assert row[:5] == (date(2022, 2, 1), "59", "95+", "M", "letter")
    assert row[-1] == 1_300_000_000


def test_sums_are_those_of_the_cells(run: Run) -> None:
    """By day, band, sex, département and over the run, against a sum cell by cell."""
    tally = Tally(run)
    by_day: Counter[tuple[int, int]] = Counter()
    by_group: Counter[tuple[str, str, str]] = Counter()
    for (day, department, band, sex, _), line in run.ledger.table().items():
        for counter in COUNTERS:
            by_day[day, COUNT[counter]] += line[COUNT[counter]]
        for counter in GROUP_COUNTERS:
            count = line[COUNT[counter]]
            by_group["band", AGE_BANDS[band], counter] += count
            by_group["sex", SEXES[sex], counter] += count
            by_group["department", run.ledger.departments[department], counter] += count

    last = run.days_done - 1
    for counter in COUNTERS:
        per_day = [by_day[day, COUNT[counter]] for day in range(run.days_done)]
        assert [tally.of_day(counter, day) for day in range(run.days_done)] == per_day
        assert tally.until(counter, last // 2) == sum(per_day[: last // 2 + 1])
        assert tally.totals[counter] == sum(per_day)
    found = {
        ("band", str(row["band"]), counter): row[counter]
        for row in tally.groups("band", "band", AGE_BANDS)
        if isinstance(row, dict)
        for counter in GROUP_COUNTERS
    }
    for axis, labels in (("sex", SEXES), ("department", run.ledger.departments)):
        rows = tally.groups(axis, "sex" if axis == "sex" else "department", labels)
        for row in rows:
            assert isinstance(row, dict)
            found |= {(axis, str(row[axis]), counter): row[counter] for counter in GROUP_COUNTERS}
    assert found == {key: by_group[key] for key in found}
    assert len(found) == (len(AGE_BANDS) + 2 + len(run.ledger.departments)) * len(GROUP_COUNTERS)
