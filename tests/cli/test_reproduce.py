"""A run can be repeated: same, different or cannot, and why."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from etalon_scenarios.arrivals_files import MINUTES_FILE
from etalon_scenarios.daily_file import read_daily, write_daily
from etalon_scenarios.engine import Engine
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT, Ledger, cell_key
from etalon_scenarios.reproduce import (
    Cannot,
    DifferentDay,
    DifferentKey,
    Same,
    Verdict,
    first_different_day,
    reproduce,
)
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.study import Study

MakeStudy = Callable[..., Study]


@pytest.fixture(scope="module")
def whole(study_in: MakeStudy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete run with eight draws, that no test changes."""
    study = study_in(tmp_path_factory.mktemp("whole") / "run", draws=8)
    study.carry_out()
    return study.directory.path


@pytest.fixture
def finished(whole: Path, tmp_path: Path) -> Path:
    """A copy of that run, to change."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


def verdict_on(path: Path, engine: Engine, *, stop: bool = False) -> Verdict:
    """Repeat a run on one process, silently."""
    return reproduce(
        path,
        lambda _: engine,
        workers=1,
        stop=lambda: stop,
        progress=lambda _stage, _done, _total, _detail: None,
    )


def change(path: Path, name: str, **values: Any) -> None:  # noqa: ANN401 (JSON)
    """Change keys of a JSON file."""
    file = path / name
    record = json.loads(file.read_text(encoding="utf-8")) | values
    file.write_text(json.dumps(record), encoding="utf-8")


def change_days(path: Path, statement: str, *values: object, order: str = "ALL") -> None:
    """Change the rows of a `daily.parquet` by an SQL statement about its table `days`."""
    with duckdb.connect() as database:
        database.execute("CREATE TABLE days AS SELECT * FROM read_parquet(?)", [str(path)])
        database.execute(statement, values)
        database.execute(f"COPY (FROM days ORDER BY {order}) TO '{path}' (FORMAT parquet)")


def test_an_untouched_run_is_the_same(finished: Path, toy_engine: Engine) -> None:
    """Days and draws were compared, and the verdict says how many."""
    assert verdict_on(finished, toy_engine) == Same(days=114, draws=8)


def test_what_differs_between_equal_runs_does_not_count(finished: Path, toy_engine: Engine) -> None:
    """The key `run` of summary.json may hold anything."""
    change(finished, "summary.json", run={"wall_seconds": 1e9})

    assert isinstance(verdict_on(finished, toy_engine), Same)


def test_a_changed_count_is_found_with_its_day_and_counter(
    finished: Path, toy_engine: Engine
) -> None:
    """One objection less on one day: that day, that counter, both totals."""
    path = finished / "daily.parquet"
    day = read_daily(path)[40][0]
    change_days(path, "UPDATE days SET opposed_web = opposed_web + 5 WHERE day = ?", day)

    verdict = verdict_on(finished, toy_engine)

    assert isinstance(verdict, DifferentDay)
    assert (verdict.day, verdict.counter) == (str(day), "opposed_web")
    assert verdict.found == verdict.expected + 15  # three départements


def test_a_changed_result_is_found_with_its_key(finished: Path, toy_engine: Engine) -> None:
    """The days agree, a number of the summary does not."""
    change(finished, "summary.json", opposed=1)

    verdict = verdict_on(finished, toy_engine)

    assert isinstance(verdict, DifferentKey)
    assert (verdict.file, verdict.key, verdict.found) == ("summary.json", "opposed", "1")


def test_a_changed_arrival_is_found_with_its_row(finished: Path, toy_engine: Engine) -> None:
    """Days, summary and draws agree; a minute saw one arrival more."""
    change_days(finished / MINUTES_FILE, "UPDATE days SET mean = mean + 1", order="kind, minute")

    verdict = verdict_on(finished, toy_engine)

    assert verdict == DifferentKey(MINUTES_FILE, "row 1, mean", "2.0", "1.0")


@pytest.mark.parametrize("content", [None, b"PAR1"])
def test_a_file_of_arrivals_must_be_there_and_whole(
    finished: Path, toy_engine: Engine, content: bytes | None
) -> None:
    """A missing file differs, one that cannot be read is told so."""
    file = finished / MINUTES_FILE
    file.unlink()
    if content is not None:
        file.write_bytes(content)

    verdict = verdict_on(finished, toy_engine)

    if content is None:
        assert verdict == DifferentKey(MINUTES_FILE, "file", "False", "True")
    else:
        assert isinstance(verdict, Cannot)
        assert verdict.reason == "unreadable"


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("run.json", {"status": "partial"}, "partial"),
        ("run.json", {"status": "failed"}, "partial"),
        ("run.json", {"etalon_version": "0.0.1"}, "version"),
        ("run.json", {"plan": {}}, "unreadable"),
        (
            "run.json",
            {"inputs": [{"role": "targets", "path": "x", "sha256": "0"}]},
            "input_changed",
        ),
    ],
)
def test_a_run_that_cannot_be_repeated_says_why(
    finished: Path, toy_engine: Engine, name: str, values: dict[str, Any], reason: str
) -> None:
    """Another version, a partial run, a changed input, a spoilt record."""
    change(finished, name, **values)

    verdict = verdict_on(finished, toy_engine)

    assert isinstance(verdict, Cannot)
    assert verdict.reason == reason


@pytest.mark.parametrize("name", ["run.json", "summary.json", "daily.parquet", "knowledge.json"])
def test_a_run_that_lacks_a_file_cannot_be_repeated(
    finished: Path, toy_engine: Engine, name: str
) -> None:
    """Nothing to compare with."""
    (finished / name).unlink()

    verdict = verdict_on(finished, toy_engine)

    assert isinstance(verdict, Cannot)
    assert verdict.reason == "unreadable"


def test_an_interrupted_repetition_is_no_verdict(finished: Path, toy_engine: Engine) -> None:
    """Stopped on the way: cannot, and the run given is untouched."""
    before = sorted(entry.name for entry in finished.iterdir())

    verdict = verdict_on(finished, toy_engine, stop=True)

    assert verdict == Cannot("stopped", "")
    assert sorted(entry.name for entry in finished.iterdir()) == before


def test_days_in_another_order_are_the_same(finished: Path, toy_engine: Engine) -> None:
    """Rows are compared, not bytes: a file written by other means may hold the same days."""
    change_days(finished / "daily.parquet", "SELECT 1", order="day DESC")

    assert isinstance(verdict_on(finished, toy_engine), Same)


def test_a_day_that_is_missing_is_found(finished: Path, toy_engine: Engine) -> None:
    """All its counts are zero in the run that was given."""
    day = read_daily(finished / "daily.parquet")[-1][0]
    change_days(finished / "daily.parquet", "DELETE FROM days WHERE day = ?", day)

    verdict = verdict_on(finished, toy_engine)

    assert isinstance(verdict, DifferentDay)
    assert (verdict.day, verdict.found) == (str(day), 0)


def test_people_who_change_place_on_one_day_are_seen(tmp_path: Path) -> None:
    """Equal totals, other cells: the first counter whose cells differ is named."""
    files: list[Path] = []
    for department in range(2):
        ledger = Ledger(("31", "44"), 1)
        address = cell_key(department * CELLS, 1) + COUNT["sent_email"]
        ledger.close_day(0, np.array([address]), np.array([1]))
        folder = tmp_path / str(department)
        folder.mkdir()
        write_daily(RunDirectory(folder), ledger, date(2021, 9, 1))
        files.append(folder / "daily.parquet")

    found = first_different_day(*files)

    assert found == DifferentDay("2021-09-01", "sent_email", 1, 1)
