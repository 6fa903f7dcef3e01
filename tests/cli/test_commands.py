"""What a user sees: the real command, in its own process, on the real engine."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from etalon_cli.command import main
from etalon_scenarios.cohort import compiled
from etalon_text.schema_files import schema

ETALON = shutil.which("etalon", path=str(Path(sys.executable).parent)) or "etalon"
SMALL = ("simulate", "pilot-2021", "--population", "2000", "--seed", "7", "--lang", "en")
FEWER = ("simulate", "pilot-2021", "--population", "600", "--seed", "7", "--lang", "en")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")


def etalon(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    return subprocess.run(
        [ETALON, *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        encoding="utf-8",
        env=os.environ | {"PYTHONUTF8": "1"},
    )


def read(path: Path) -> Any:  # noqa: ANN401 (JSON)
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the same small run made by one worker, in A, and by two, in B."""
    folder = tmp_path_factory.mktemp("runs")
    for out, workers in (("A", "1"), ("B", "2")):
        drawn = (
            "--knowledge",
            "8",
            "--replications",
            "2",
            "--until",
            "2021-09-08",
            "--workers",
            workers,
            "--out",
            out,
        )
        answer = etalon(*FEWER, *drawn, "--json", folder=folder)
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout) == read(folder / out / "summary.json")
    return folder


def test_two_workers_write_the_same_bytes_as_one(runs: Path) -> None:
    """Days, draws and, but for its key `run`, the summary are equal under spawn."""
    for name in ("daily.parquet", "knowledge.json", "scenario.json"):
        assert (runs / "A" / name).read_bytes() == (runs / "B" / name).read_bytes()
    one, two = (read(runs / out / "summary.json") for out in ("A", "B"))
    assert (one["run"]["workers"], two["run"]["workers"]) == (1, 2)
    assert one | {"run": 0} == two | {"run": 0}


@pytest.mark.parametrize("name", ["run", "summary", "scenario", "knowledge"])
def test_the_files_of_a_run_are_as_published(runs: Path, name: str) -> None:
    """Each obeys its JSON Schema."""
    jsonschema.validate(read(runs / "A" / f"{name}.json"), dict(schema(name)))


def test_a_run_ends_with_its_report(runs: Path) -> None:
    """The page is there, whole, and nothing half-written beside it."""
    names = {entry.name for entry in (runs / "A").iterdir()}

    assert names == {
        "run.json",
        "scenario.json",
        "daily.parquet",
        "arrivals_minute.parquet",
        "summary.json",
        "knowledge.json",
        "report.html",
    }
    assert (runs / "A" / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_reproduce_says_same(runs: Path) -> None:
    """Exit code 0, and what was compared."""
    answer = etalon("reproduce", "A", "--workers", "1", "--lang", "en", folder=runs)

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "A: same (10 days, 8 draws)\n"


def test_reproduce_says_different_with_what_differs(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 after one number of the summary was changed."""
    shutil.copytree(runs / "A", runs / "C")
    summary = read(runs / "C" / "summary.json")
    text = json.dumps(summary | {"opposed": summary["opposed"] + 1})
    (runs / "C" / "summary.json").write_text(text, encoding="utf-8")

    code = main(["reproduce", str(runs / "C"), "--workers", "1", "--lang", "en", "--json"])

    verdict = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (verdict["verdict"], verdict["key"]) == ("different", "opposed")


def test_a_run_of_another_version_cannot_be_reproduced(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 3, and both versions in the message."""
    shutil.copytree(runs / "A", runs / "D")
    record = read(runs / "D" / "run.json") | {"etalon_version": "0.0.1"}
    (runs / "D" / "run.json").write_text(json.dumps(record), encoding="utf-8")

    code = main(["reproduce", str(runs / "D"), "--lang", "fr"])

    assert code == 3
    assert "fait par Étalon 0.0.1" in capsys.readouterr().out


def test_a_changed_scenario_file_cannot_be_reproduced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The user's own file is hashed: another content is another run."""
    file = tmp_path / "mine.toml"
    lines = '[scenario]\nname = "mine"\ntitle_fr = "a"\ntitle_en = "a"\nextends = "pilot-2021"\n'
    file.write_text(lines, encoding="utf-8")
    small = ("--population", "1000", "--knowledge", "0", "--out", "E", "--until", "2021-09-05")
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", "mine.toml", *small]) == 0
    capsys.readouterr()
    file.write_text(lines + "# a remark\n", encoding="utf-8")

    code = main(["reproduce", "E", "--lang", "en"])

    assert code == 3
    assert "mine.toml has changed" in capsys.readouterr().out


def test_reports_are_drawn_again_in_the_other_language(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the files alone, as a page, as a workbook and as tables for a spreadsheet."""
    code = main(["report", str(runs / "B"), "--lang", "fr", "--format", "html,xlsx,csv"])

    assert code == 0
    written = [str(runs / "B" / name) for name in ("report.html", "tables.xlsx", "daily.csv")]
    assert capsys.readouterr().out.split()[:3] == written
    assert (runs / "B" / "tables" / "headlines.csv").is_file()
    assert '<html lang="fr"' in (runs / "B" / "report.html").read_text(encoding="utf-8")
    table = (runs / "B" / "daily.csv").read_text(encoding="utf-8-sig")
    assert table.startswith("jour civil (Europe/Paris);code du département;")


def refusals() -> Sequence[tuple[list[str], int, str]]:
    """Lines that must be refused, with exit code and a part of the message."""
    simulate = ["simulate", "pilot-2021"]
    return [
        ([*simulate, "--population", "0"], 2, "--population '0'"),
        ([*simulate, "--population", "-5"], 2, "--population '-5'"),
        ([*simulate, "--population", "1.5"], 2, "--population '1.5'"),
        ([*simulate, "--population", "1e400"], 2, "--population 1e400"),
        ([*simulate, "--population", "nan"], 2, "--population 'nan'"),
        ([*simulate, "--population", "99999999"], 2, "the scope has"),
        ([*simulate, "--seed", "x"], 2, "--seed 'x'"),
        ([*simulate, "--seed", "18446744073709551616"], 2, "between 0 and 18446744073709551615"),
        ([*simulate, "--workers", "0"], 2, "--workers '0'"),
        ([*simulate, "--replications", "0"], 2, "--replications '0'"),
        ([*simulate, "--knowledge", "-1"], 2, "--knowledge '-1'"),
        ([*simulate, "--until", "tomorrow"], 2, "YYYY-MM-DD"),
        ([*simulate, "--until", "2021-08-29"], 2, "is outside the simulation"),
        ([*simulate, "--departments", "31,99"], 2, '"99"'),
        ([*simulate, "--set", "reading.emial=0.5"], 2, "Did you mean email?"),
        ([*simulate, "--set", "reading.email=2"], 2, "accepted: a number between 0 and 1"),
        (["simulate", "pilot-2020"], 2, "Did you mean pilot-2021?"),
        (["simulate", "absent.toml"], 2, "absent.toml"),
        (["scenarios", "validate", "absent.toml"], 2, "absent.toml"),
        (["scenarios", "show", "pilot"], 2, "pilot-2021"),
        (["report", "absent"], 2, "run.json"),
        (["report", "absent", "--format", "odt"], 2, "Accepted: html, pdf, csv, xlsx, junit"),
        (["reproduce", "absent"], 3, "unreadable directory"),
        ([*simulate, "--compiled", "yes", "--engine", "agents"], 2, "needs the cohort engine"),
        ([*simulate, "--compiled", "maybe"], 2, "yes"),
        ([*simulate, "--resume", "--out", "absent"], 2, "holds no run to go on with"),
    ]


@pytest.mark.parametrize(("typed", "code", "said"), refusals())
def test_bad_input_is_one_message_and_nothing_is_written(  # noqa: PLR0913, PLR0917 (fixtures)
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    typed: list[str],
    code: int,
    said: str,
) -> None:
    """Exit code as in the table, the value found in the message, no directory made."""
    monkeypatch.chdir(tmp_path)

    answered = main([*typed, "--lang", "en"])

    printed = capsys.readouterr()
    assert answered == code
    assert said in printed.err + printed.out
    assert (printed.err + printed.out).count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_kernels_without_numba_are_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Asked for, not installed: exit code 2, and the extra that holds Numba."""

    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compiled, "find_spec", find_nothing)

    answered = main(["simulate", "pilot-2021", "--compiled", "yes", "--lang", "en"])

    assert answered == 2
    assert "Install the extra fast" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("out", "said"), [("full", "exists and is not empty"), ("file", "is not a directory")]
)
def test_a_directory_in_use_is_refused(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    out: str,
    said: str,
) -> None:
    """Exit code 2; what stood there is untouched."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)

    assert main([*SMALL, "--out", out]) == 2
    assert said in capsys.readouterr().err
    assert [entry.name for entry in (tmp_path / "full").iterdir()] == ["thesis.txt"]


def test_a_full_disk_ends_with_code_3_and_a_partial_run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message names the file; run.json, written while there was room, says partial."""
    import etalon_scenarios.study as study_module  # noqa: PLC0415 (patched here only)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def full_disk(directory: Any, *_: object) -> None:  # noqa: ANN401 (a run directory)
        with directory.whole("daily.parquet"):
            refuse()

    monkeypatch.setattr(study_module, "write_daily", full_disk)
    small = ("--knowledge", "0", "--until", "2021-09-05", "--out", str(tmp_path / "A"))

    code = main([*SMALL, *small])

    assert code == 3
    assert "daily.parquet: the disk is full." in capsys.readouterr().err
    assert read(tmp_path / "A" / "run.json")["status"] == "partial"
    assert not (tmp_path / "A" / "daily.parquet").exists()


def interrupted(folder: Path, number: int, heard: str, *more: str, group: bool) -> int:
    """Start a run, send a signal once it says `heard`, and give its exit code."""
    run = subprocess.Popen(
        [ETALON, *SMALL, "--out", "A", *more],
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    )
    assert run.stderr is not None
    for line in run.stderr:
        if line.startswith(heard):
            (os.killpg if group else os.kill)(run.pid, number)
            break
    run.communicate(timeout=60)
    return run.returncode


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_partial_run_with_all_days_so_far(tmp_path: Path, number: int) -> None:
    """Exit code 3, the days done in both files, and a report can be drawn of them."""
    code = interrupted(tmp_path, number, "days simulated 1/", "--knowledge", "0", group=False)

    record, summary = (read(tmp_path / "A" / f"{name}.json") for name in ("run", "summary"))
    assert code == 3
    assert (record["status"], record["status_reason"]) == ("partial", "interrupted")
    assert summary["last_day_on"] < "2021-12-21"
    assert summary["run"]["days_done"] >= 1
    assert main(["report", str(tmp_path / "A")]) == 0
    assert main(["reproduce", str(tmp_path / "A")]) == 3


@POSIX
def test_a_signal_that_kills_the_workers_leaves_a_partial_run(tmp_path: Path) -> None:
    """SIGTERM to the whole group: no traceback of theirs, the days are kept."""
    options = ("--knowledge", "8", "--workers", "2")

    code = interrupted(tmp_path, signal.SIGTERM, "draws of", *options, group=True)

    assert code == 3
    assert read(tmp_path / "A" / "run.json")["status"] == "partial"
    assert read(tmp_path / "A" / "summary.json")["last_day_on"] == "2021-12-21"


@POSIX
def test_a_run_stopped_among_its_draws_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in a terminal reaches the whole group; resuming keeps the days and ends the draws."""
    options = ("--knowledge", "8", "--until", "2021-09-19")

    stopped = (*options, "--workers", "2")
    code = interrupted(tmp_path, signal.SIGINT, "draws of", *stopped, group=True)

    assert code == 3
    assert read(tmp_path / "A" / "run.json")["status"] == "partial"
    before = (tmp_path / "A" / "daily.parquet").stat().st_mtime_ns
    monkeypatch.chdir(tmp_path)
    assert main([*SMALL, *options, "--workers", "1", "--out", "A", "--resume"]) == 0
    assert read(tmp_path / "A" / "run.json")["status"] == "complete"
    assert (tmp_path / "A" / "daily.parquet").stat().st_mtime_ns == before


def test_resuming_with_other_options_is_refused(
    runs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the option, what is there and what was asked."""
    monkeypatch.chdir(runs)

    assert main([*FEWER, "--seed", "8", "--out", "A", "--resume"]) == 2
    assert "(seed: 7 instead of 8)" in capsys.readouterr().err


def test_resuming_under_another_version_is_refused(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Draws of two versions are never mixed."""
    shutil.copytree(runs / "A", tmp_path / "A")
    record = read(runs / "A" / "run.json") | {"etalon_version": "0.0.1", "status": "partial"}
    (tmp_path / "A" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    asked = ("--knowledge", "8", "--replications", "2", "--until", "2021-09-08")

    code = main([*FEWER, *asked, "--out", str(tmp_path / "A"), "--resume"])

    assert code == 2
    assert "(etalon_version: 0.0.1 instead of" in capsys.readouterr().err
