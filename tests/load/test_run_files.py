# pyright: standard
# mypy: disable-error-code="import-untyped"
"""The files of a run tell what its measures hold, no more and no less."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jsonschema
import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.files.hdr_log import GREATEST_US, INTERVALS
from etalon_load.files.run_files import RUN_FILES, write_run_files
from etalon_load.files.run_record import RunRecordError, read_run_record
from etalon_load.files.stretches import MOST, class_from, class_of, stretch_length
from etalon_load.histogram import bounds_of
from etalon_load.measures import Measures, Second, Step, together
from etalon_load.verdicts import Verdict
from etalon_text.schema_files import load_columns, schema

VISIT = Step("visit", "list")


@pytest.fixture(scope="module")
def written(invented: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the stalled run, its files written."""
    directory = tmp_path_factory.mktemp("written") / "run"
    shutil.copytree(invented.stalled, directory)
    write_run_files(directory)
    return directory


@pytest.fixture(scope="module")
def measures(written: Path) -> Measures:
    """What that run measured."""
    found: Measures = read_run_record(written).told.measures
    return found


@pytest.fixture(scope="module")
def summary(written: Path) -> dict[str, Any]:
    """Its summary."""
    content: dict[str, Any] = json.loads((written / "summary.json").read_text(encoding="utf-8"))
    return content


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in a table."""
    with duckdb.connect() as database:
        return database.execute(query.format(f"read_parquet('{file}')")).fetchall()


def test_every_file_is_there_and_as_published(written: Path, summary: dict[str, Any]) -> None:
    """No file is left half written; the summary obeys its schema, tables have their columns."""
    left = {file.name for file in written.iterdir()}

    assert left == {*RUN_FILES, "workload.json", "measured.json"}
    jsonschema.Draft202012Validator(schema("load")).validate(summary)
    for name in ("timeline.parquet", "heat.parquet"):
        described = rows(written / name, "DESCRIBE SELECT * FROM {}")
        assert [(row[0], row[1]) for row in described] == [
            (column.name, column.sql_type) for column in load_columns(name)
        ]


def test_equal_runs_give_equal_files(invented: SimpleNamespace, tmp_path: Path) -> None:
    """Written twice, byte for byte the same."""
    found: list[list[bytes]] = []
    for name in ("one", "two"):
        shutil.copytree(invented.usual, tmp_path / name)
        write_run_files(tmp_path / name)
        found.append([(tmp_path / name / file).read_bytes() for file in RUN_FILES])

    assert found[0] == found[1]


def test_a_stall_is_said_with_its_instant_and_its_length(summary: dict[str, Any]) -> None:
    """From 24.3 to 26.3 s, to a tenth of a second; hundreds waited."""
    [stall] = summary["stalls"]

    assert stall["at_us"] == pytest.approx(24_300_000, abs=100_000)
    assert stall["length_us"] == pytest.approx(2_000_000, abs=100_000)
    assert stall["held_up"] > 100
    assert summary["verdict"] == "FAIL"


def test_the_timeline_adds_up_to_the_measures(written: Path, measures: Measures) -> None:
    """Step by step and all together, planned and offered too."""
    table = written / "timeline.parquet"
    sums = "SELECT sum(sent), sum(within), sum(wrong), sum(failed) FROM {} WHERE "
    whole = Second()
    for one in together(measures.steps.values()).seconds.values():
        whole.add(one)
    told = (whole.sent, whole.within, whole.wrong, whole.failed)

    assert rows(table, sums + "journey IS NOT NULL") == [told]
    assert rows(table, sums + "journey IS NULL") == [told]
    offered = sum(measures.offered.values())
    planned = "SELECT sum(planned), sum(offered) FROM {}"
    assert rows(table, planned) == [(offered, offered)]


def test_the_heat_map_counts_every_request_once(written: Path, summary: dict[str, Any]) -> None:
    """Classes follow each other without overlap, in each stretch."""
    table = written / "heat.parquet"
    counted = rows(table, "SELECT sum(requests) FROM {}")
    cells = rows(table, "SELECT low_us, high_us FROM {} GROUP BY ALL ORDER BY ALL")

    assert counted == [(summary["totals"]["sent"],)]
    assert all(low < high for low, high in cells)
    assert all(before[1] <= after[0] for before, after in pairwise(cells))


def test_the_log_is_read_by_hdrhistogram_and_holds_the_same(
    written: Path, measures: Measures
) -> None:
    """The intervals of a step, added up by the library, have its total and its counts."""
    log = HistogramLogReader(str(written / "requests.hdr"), HdrHistogram(1, GREATEST_US, 3))
    held: dict[str, Any] = {}
    intervals = 0
    while (one := log.get_next_interval_histogram()) is not None:
        intervals += one.get_tag() == str(VISIT)
        held.setdefault(str(one.get_tag()), HdrHistogram(1, GREATEST_US, 3)).add(one)
    log.close()
    ours = measures.steps[VISIT]

    assert 1 < intervals <= INTERVALS
    for tag, histogram in ((str(VISIT), ours.response), (f"service:{VISIT}", ours.service)):
        read = held[tag]
        assert read.get_total_count() == histogram.total
        for bucket, count in histogram.counts.items():
            assert read.get_count_at_value(bounds_of(bucket)[0]) == count
    assert held["lag"].get_total_count() == measures.lag.total
    assert set(held) == {
        *map(str, measures.steps),
        *(f"service:{s}" for s in measures.steps),
        "lag",
    }


def changed(directory: Path, file: str, change: Callable[[dict[str, Any]], object]) -> Path:
    """The directory, one of its files changed."""
    content = json.loads((directory / file).read_text(encoding="utf-8"))
    change(content)
    (directory / file).write_text(json.dumps(content), encoding="utf-8")
    return directory


def test_a_busy_generator_makes_the_run_invalid_and_every_check_is_told(
    invented: SimpleNamespace, tmp_path: Path
) -> None:
    """The check that fails stands among those that hold, with what was found."""
    directory = shutil.copytree(invented.usual, tmp_path / "run")
    changed(directory, "measured.json", lambda told: told["conduct"].update(busiest=0.97))

    verdict = write_run_files(directory)

    summary = json.loads((directory / "summary.json").read_text(encoding="utf-8"))
    failing = [one for one in summary["checks"] if not one["holds"]]
    assert verdict is Verdict.INVALID
    assert [one["key"] for one in failing] == [one["key"] for one in summary["faults"]] == ["busy"]
    assert failing[0]["found"] == 0.97
    assert len(summary["checks"]) == 7


def test_a_run_without_an_answer_has_its_files_too(
    invented: SimpleNamespace, tmp_path: Path
) -> None:
    """Nothing was sent: nothing is known, and nothing breaks."""
    directory = shutil.copytree(invented.usual, tmp_path / "run")
    empty = {"steps": {}, "lag": {}, "offered": {}, "finished": 0}
    changed(directory, "measured.json", lambda told: told["measures"].update(empty))
    changed(directory, "measured.json", lambda told: told.update(slowest=[]))

    assert write_run_files(directory) is Verdict.INVALID
    summary = json.loads((directory / "summary.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema("load")).validate(summary)
    assert summary["response"] is None
    assert {one["reason"] for one in summary["objectives"]} == {"nothing-sent"}


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("measured.json", None, "No such file"),
        ("measured.json", '{"measures": ', "EOF"),
        ("workload.json", "{}", "run_id"),
        ("measured.json", '{"measures": {"steps": 3}}', "measures"),
    ],
)
def test_a_directory_without_a_whole_run_is_refused_with_the_place(
    invented: SimpleNamespace, tmp_path: Path, file: str, content: str | None, said: str
) -> None:
    """The message names the file and what is wrong there."""
    directory = shutil.copytree(invented.usual, tmp_path / "run")
    if content is None:
        (directory / file).unlink()
    else:
        (directory / file).write_text(content, encoding="utf-8")

    with pytest.raises(RunRecordError, match=said) as refused:
        write_run_files(directory)
    assert file in str(refused.value)
    assert not (directory / "summary.json").exists()


@pytest.mark.parametrize(
    ("seconds", "length"), [(1, 1), (180, 1), (181, 2), (1800, 10), (1801, 15), (700_000, 3889)]
)
def test_a_figure_has_a_bounded_number_of_stretches(seconds: int, length: int) -> None:
    """The shortest usual length that is enough; beyond the longest one, what it takes."""
    assert stretch_length(seconds) == length
    assert -(-seconds // length) <= MOST


@given(st.integers(0, 10**10))
def test_each_latency_lies_within_its_class(microseconds: int) -> None:
    """Classes have no gap: the least of the next one ends it."""
    rank = class_of(microseconds)
    low = 0 if rank == 0 else class_from(rank)

    assert low <= microseconds < class_from(rank + 1)
