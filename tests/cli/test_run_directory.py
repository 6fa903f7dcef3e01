"""Where a run may be written, and what a failed write leaves behind."""

import errno
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etalon_scenarios.run_directory import (
    RunDirectory,
    StorageError,
    UnusableDirectoryError,
    new_run_directory,
    resumed_run_directory,
)
from etalon_scenarios.study import Study

AT_ONCE = 8
"""Runs that begin at the same instant."""


def fresh(out: Path | None) -> RunDirectory:
    """Make the directory of one and the same run."""
    return new_run_directory(out, command="simulate", name="pilot-2021", seed=7)


@pytest.mark.parametrize("exists", [False, True])
def test_an_absent_or_empty_directory_receives_a_run(tmp_path: Path, *, exists: bool) -> None:
    """A directory that does not exist is made, parents included; an empty one is taken."""
    out = tmp_path / "a" / "b"
    if exists:
        out.mkdir(parents=True)

    directory = fresh(out)

    assert directory.path == out
    assert list(out.iterdir()) == []


def test_a_directory_that_holds_anything_is_refused(tmp_path: Path) -> None:
    """The refusal names what was found, and nothing is touched."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(UnusableDirectoryError) as refused:
        fresh(tmp_path)

    assert (refused.value.reason, refused.value.found) == ("not_empty", "thesis.txt")
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_in_the_way_is_refused(tmp_path: Path, below: str) -> None:
    """A file is no directory, nor can one be made under it."""
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(UnusableDirectoryError) as refused:
        fresh(file / below if below else file)

    assert (refused.value.reason, refused.value.found) == ("not_a_directory", str(file))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that refuses")
def test_a_place_that_refuses_directories_is_refused() -> None:
    """Even the superuser cannot write under /proc."""
    with pytest.raises(UnusableDirectoryError) as refused:
        fresh(Path("/proc/self/run"))

    assert refused.value.reason == "not_writable"


def test_the_default_name_is_the_next_free_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs of the same command, scenario and seed stand side by side."""
    monkeypatch.chdir(tmp_path)

    paths = [fresh(None).path for _ in range(2)]

    assert [path.as_posix() for path in paths] == [
        "runs/simulate-pilot-2021-7-1",
        "runs/simulate-pilot-2021-7-2",
    ]


def at_once(out: Path | None) -> list[RunDirectory | UnusableDirectoryError]:
    """Let several runs ask for their directory at the same instant."""
    ready = threading.Barrier(AT_ONCE)

    def ask(_: int) -> RunDirectory | UnusableDirectoryError:
        ready.wait()
        try:
            return fresh(out)
        except UnusableDirectoryError as refused:
            return refused

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(ask, range(AT_ONCE)))


def test_runs_begun_at_the_same_instant_get_a_directory_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make the directory is to claim its number; no clock has a part in the name."""
    monkeypatch.chdir(tmp_path)

    received = at_once(None)

    names = {run.path.name for run in received if isinstance(run, RunDirectory)}
    assert names == {f"simulate-pilot-2021-7-{number}" for number in range(1, AT_ONCE + 1)}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows holds no directory for a process")
@pytest.mark.parametrize("exists", [False, True])
def test_of_runs_given_one_directory_at_the_same_instant_one_receives_it(
    tmp_path: Path, *, exists: bool
) -> None:
    """Each finds it empty; all but one are refused it as if the first file stood there already."""
    out = tmp_path / "out"
    if exists:
        out.mkdir()

    received = at_once(out)

    refused = [run.reason for run in received if isinstance(run, UnusableDirectoryError)]
    assert refused == ["not_empty"] * (AT_ONCE - 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows holds no directory for a process")
def test_a_directory_is_free_again_when_a_run_that_wrote_nothing_is_over(tmp_path: Path) -> None:
    """Nothing stays behind that would have to be removed by hand."""
    first = fresh(tmp_path)
    with pytest.raises(UnusableDirectoryError):
        fresh(tmp_path)
    del first

    assert fresh(tmp_path).path == tmp_path


def test_a_scenario_file_lends_its_stem_to_the_default_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path, which may hold any character, never becomes part of the name."""
    monkeypatch.chdir(tmp_path)

    directory = new_run_directory(
        None, command="simulate", name=str(tmp_path / "mon scénario.toml"), seed=1
    )

    assert directory.path.name == "simulate-mon-sc-nario-1-1"


def test_a_run_never_ends_before_it_began_when_the_clock_is_set_back(
    make_study: Callable[..., Study],
) -> None:
    """The clock showed an hour more when the run began than it does now."""
    study = make_study()
    began = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    study.record.started_at = began

    study.record.write(study.directory, study.scenario, "complete")

    written = study.directory.read_json("run.json")
    assert isinstance(written, dict)
    assert (written["started_at"], written["ended_at"]) == (began.isoformat(),) * 2


def test_only_the_directory_of_a_run_can_be_resumed(tmp_path: Path) -> None:
    """Without run.json there is nothing to go on with."""
    with pytest.raises(UnusableDirectoryError) as refused:
        resumed_run_directory(tmp_path)

    assert refused.value.reason == "nothing_to_resume"


def test_a_file_replaces_the_former_one_whole(tmp_path: Path) -> None:
    """What a failed write leaves is the former file, without a half-written neighbour."""
    directory = RunDirectory(tmp_path)
    directory.write_json("run.json", {"status": "partial"})

    def fail_halfway() -> None:
        with directory.whole("run.json") as unfinished:
            unfinished.write_text("{", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()

    assert directory.read_json("run.json") == {"status": "partial"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_a_full_disk_is_told_from_a_broken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, full: bool
) -> None:
    """The error carries whether room is lacking, and the file is not there."""

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number), descriptor)

    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(StorageError) as refused:
        RunDirectory(tmp_path).write_text("summary.json", "{}")

    assert refused.value.full is full
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_really_full_device_is_told(tmp_path: Path) -> None:
    """The system's own refusal, not an imitation."""
    (tmp_path / "summary.json.unfinished").symlink_to("/dev/full")

    with pytest.raises(StorageError) as refused:
        RunDirectory(tmp_path).write_text("summary.json", "{}")

    assert refused.value.full
