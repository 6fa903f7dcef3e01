"""`etalon load compare`, and `etalon report` on directories of load."""

from __future__ import annotations

import io
import json
import runpy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etalon_cli.command import main
from etalon_cli.load_live import LiveFigures, course
from etalon_load.files.run_files import write_run_files

if TYPE_CHECKING:
    from collections.abc import Callable

_INVENTED: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parents[1] / "reports" / "invented_load.py")
)
write_invented_load: Callable[..., Path] = _INVENTED["write_invented_load"]
Platform: Callable[..., Any] = _INVENTED["Platform"]
TOLD = {
    "second": 12.0,
    "seconds": 60.0,
    "planned": 480,
    "offered": 479,
    "finished": 450,
    "in_flight": 29,
    "answered": 1_920,
    "failed": 3,
    "wrong": 1,
    "p50_us": 13_100,
    "p99_us": 85_000,
    "lag_p99_us": None,
    "busiest": 0.41,
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run `before`, a slower one `after`, and a `short` one."""
    folder = tmp_path_factory.mktemp("runs")
    slower = Platform(service_seconds=0.018)
    write_invented_load(folder / "before", seconds=180, peak=10.0)
    write_invented_load(folder / "after", slower, seconds=180, peak=10.0)
    write_invented_load(folder / "short", seconds=20, peak=10.0)
    return folder


def test_a_slower_run_ends_with_one_and_a_faster_one_with_nought(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence first, then a row for each step."""
    codes = [
        main(["load", "compare", str(runs / before), str(runs / after), "--lang", "en"])
        for before, after in (("before", "after"), ("after", "before"), ("after", "after"))
    ]
    printed = capsys.readouterr().out.splitlines()

    assert codes == [1, 0, 0]
    assert printed[0].startswith("Regression: the mean latency changes by +")
    assert sum(line.startswith("all requests") for line in printed) == 3


def test_a_comparison_lands_where_it_is_asked_and_is_drawn_again(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON on stdout is the file; the report command draws the page once more."""
    out = tmp_path / "C"
    asked = ["load", "compare", str(runs / "before"), str(runs / "after"), "--out", str(out)]
    asked += ["--lang", "fr"]

    assert main([*asked, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert json.loads((out / "load-comparison.json").read_text(encoding="utf-8")) == told
    drawn = (out / "report.en.html").read_bytes()
    assert main([*asked, "--json"]) == 2
    assert main(["report", str(out), "--lang", "en"]) == 0
    assert (out / "report.html").read_bytes() != drawn
    assert main(["report", str(out), "--format", "junit"]) == 2


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("before", "short", "only two runs of the same plan compare"),
        ("short", "short", "45 s at least"),
        ("before", "nowhere", "expected the directory of a load run"),
    ],
)
def test_runs_that_do_not_compare_end_with_two_and_one_message(
    runs: Path, before: str, after: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another plan, too short, no run at all."""
    code = main(["load", "compare", str(runs / before), str(runs / after), "--lang", "en"])

    message = capsys.readouterr().err
    assert code == 2
    assert said in message
    assert message.count("\n") == 1


def test_a_load_run_is_drawn_in_its_formats_and_no_other(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Page and JUnit; tables are files of the run already."""
    directory = shutil.copytree(runs / "short", tmp_path / "L")
    write_run_files(directory)

    assert main(["report", str(directory), "--format", "html,junit", "--json"]) == 0
    written = [Path(path).name for path in json.loads(capsys.readouterr().out)["written"]]
    assert written == ["report.html", "junit.xml"]
    assert main(["report", str(directory), "--format", "xlsx"]) == 2


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_live_figures_are_written_over_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five lines, then back up over them; no line is longer than the terminal."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    terminal = Terminal()
    figures = LiveFigures("en", terminal)

    figures.show(TOLD)
    first = terminal.getvalue()
    figures.show(TOLD)
    figures.end()

    lines = first.replace("\x1b[K", "").splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) < 60
    assert "479 begun, 480 planned" in first
    assert "failed 3, wrong 1" in first
    assert terminal.getvalue().startswith(f"{first}\x1b[5F")
    assert terminal.getvalue().count("\n") == 10


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_live_figures_stay_silent_elsewhere(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a log file, and on a terminal that cannot go back up."""
    monkeypatch.setenv("TERM", "dumb")
    figures = LiveFigures("fr", stream)

    figures.show(TOLD)
    figures.end()

    assert stream.getvalue() == ""


def test_the_course_of_latency_is_drawn_by_its_logarithm() -> None:
    """From a millisecond to ten seconds; a second without an answer is blank."""
    assert course([500, 1_000, 100_000, None, 10_000_000, 90_000_000]) == "▁▁▅ ██"
