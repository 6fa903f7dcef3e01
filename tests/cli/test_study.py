"""A study is written as it goes: complete, or partial with everything that was done."""

import errno
import json
import os
from collections.abc import Callable
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from etalon_scenarios.daily_file import read_daily
from etalon_scenarios.engine import Engine
from etalon_scenarios.run_directory import StorageError
from etalon_scenarios.study import Study
from etalon_text.schema_files import schema

MakeStudy = Callable[..., Study]


def read(study: Study, name: str) -> Any:  # noqa: ANN401 (JSON)
    """Read one JSON file of a run."""
    return json.loads((study.directory.path / name).read_text(encoding="utf-8"))


def after(calls: int) -> Callable[[], bool]:
    """Ask to stop from the given call on."""
    counter = count(1)
    return lambda: next(counter) >= calls


def files(study: Study) -> set[str]:
    """Name the files of a run."""
    return {entry.name for entry in study.directory.path.iterdir()}


def test_a_finished_study_is_complete_and_obeys_the_schemas(make_study: MakeStudy) -> None:
    """All files are there, none half-written, and three of them as published."""
    study = make_study(draws=8, replications=2)

    assert study.carry_out()

    assert files(study) == {
        "run.json",
        "scenario.json",
        "daily.parquet",
        "arrivals_minute.parquet",
        "summary.json",
        "knowledge.json",
    }
    assert read(study, "run.json")["status"] == "complete"
    for name in ("run", "scenario", "knowledge"):
        jsonschema.validate(read(study, f"{name}.json"), dict(schema(name)))


def test_a_stopped_study_is_partial_with_the_days_so_far(make_study: MakeStudy) -> None:
    """Stopped on the third day: three days are in the file, and the record says why."""
    study = make_study(draws=8, stop=after(3))

    assert not study.carry_out()

    days = {row[0] for row in read_daily(study.directory.path / "daily.parquet")}
    assert days == {date(2021, 8, 30), date(2021, 8, 31), date(2021, 9, 1)}
    assert read(study, "run.json")["status"] == "partial"
    assert read(study, "run.json")["status_reason"] == "interrupted"
    assert read(study, "summary.json")["last_day_on"] == "2021-09-01"
    assert "knowledge.json" not in files(study)


@pytest.mark.parametrize("calls", [3, 300, 600])
def test_a_resumed_study_equals_one_that_was_never_stopped(
    make_study: MakeStudy, calls: int
) -> None:
    """Wherever it was stopped, days or draws: the same bytes in the end."""
    whole = make_study("whole", draws=9, replications=2)
    whole.carry_out()
    stopped = make_study("stopped", draws=9, replications=2, stop=after(calls))

    assert not stopped.carry_out()
    assert make_study("stopped", draws=9, replications=2).carry_out(resume=True)

    for name in ("daily.parquet", "knowledge.json"):
        left, right = (s.directory.path / name for s in (whole, stopped))
        assert left.read_bytes() == right.read_bytes()
    assert {**read(whole, "summary.json"), "run": 0} == {**read(stopped, "summary.json"), "run": 0}


def test_draws_that_ended_are_not_drawn_again(make_study: MakeStudy) -> None:
    """Resuming does the missing draws only."""
    make_study(draws=9, stop=after(600)).carry_out()
    done: list[int] = []
    study = make_study(draws=9)
    study.progress = lambda stage, part, _total, _detail: (
        done.append(part) if stage == "draws" else None
    )

    study.carry_out(resume=True)

    assert done[0] > 1
    assert done == list(range(done[0], 11))


def test_replications_take_the_seeds_that_follow(make_study: MakeStudy) -> None:
    """The first replication is the run itself; each carries its own digest."""
    study = make_study(replications=3)

    study.carry_out()

    replications = read(study, "summary.json")["replications"]
    assert [row["seed"] for row in replications] == [7, 8, 9]
    assert replications[0]["ledger_digest"] == read(study, "summary.json")["ledger_digest"]
    assert len({row["ledger_digest"] for row in replications}) == 3


def test_the_interval_of_knowledge_enters_the_summary(make_study: MakeStudy) -> None:
    """It stands beside the interval of chance, which is left as it was."""
    study = make_study(draws=16)

    study.carry_out()

    summary = read(study, "summary.json")
    low, high = summary["opt_out_rate_interval"]["knowledge"]
    assert low < summary["opt_out_rate"] < high
    assert summary["opt_out_rate_interval"]["chance"] == [0.0, 1.0]
    assert summary["interval_levels"]["knowledge"] == 0.8
    assert read(study, "knowledge.json")["drivers"]["opt_out_rate"][0]["path"] == "reading.email"


def test_a_full_disk_leaves_the_run_partial(
    make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary cannot be written: no half of it stays, and run.json never says complete."""
    fsync = os.fsync
    written = count(1)

    def refuse_the_third(descriptor: int) -> None:
        if next(written) >= 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_the_third)
    study = make_study()

    with pytest.raises(StorageError) as refused:
        study.carry_out()

    assert refused.value.full
    assert read(study, "run.json")["status"] == "partial"
    assert files(study) == {
        "run.json",
        "scenario.json",
        "daily.parquet",
        "arrivals_minute.parquet",
    }


def test_a_fault_of_the_engine_marks_the_run_as_failed(
    make_study: MakeStudy, toy_engine: Engine
) -> None:
    """The fault goes on to the caller, and the directory says that it happened."""

    def fail(*_arguments: object, **_named: object) -> Any:  # noqa: ANN401 (it never returns)
        raise ZeroDivisionError

    study = make_study(engine=Engine("agents", fail, toy_engine.summarise))

    with pytest.raises(ZeroDivisionError):
        study.carry_out()

    assert read(study, "run.json")["status"] == "failed"
    assert read(study, "run.json")["status_reason"] == "ZeroDivisionError"


def test_the_same_rows_give_the_same_bytes(make_study: MakeStudy) -> None:
    """Two runs of one plan: `daily.parquet` and, but for `run`, `summary.json` are equal."""
    first, second = make_study("a"), make_study("b")

    first.carry_out()
    second.carry_out()

    one, two = (s.directory.path / "daily.parquet" for s in (first, second))
    assert one.read_bytes() == two.read_bytes()
    assert {**read(first, "summary.json"), "run": 0} == {**read(second, "summary.json"), "run": 0}


@pytest.mark.parametrize("kept", [0, 4, 100])
def test_a_truncated_table_of_days_is_told(make_study: MakeStudy, kept: int) -> None:
    """A file cut short is an error, never an empty table."""
    study = make_study()
    study.carry_out()
    path = study.directory.path / "daily.parquet"
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(ValueError, match=r"daily\.parquet"):
        read_daily(path)


def test_a_missing_table_of_days_is_told(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(ValueError, match=r"absent\.parquet"):
        read_daily(tmp_path / "absent.parquet")
