"""`--checkpoint`, `--from` and `--arrivals` from the command line; memory told before a run."""

from __future__ import annotations

import json
import re
from contextlib import redirect_stderr
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest

from etalon_cli.command import main

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PLAIN = ("simulate", "pilot-2021", "--population", "1500", "--until", "2021-11-15")
SMALL = (*PLAIN, "--set", "reading.email=0.6")
COHORT = ("--engine", "cohort", "--knowledge", "0", "--workers", "1", "--lang", "en")
SAVED = "checkpoint-2021-10-04.npz"
TOLD = "what-B-said.txt"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run A with a checkpoint and the arrivals of an hour, and B that goes on from it."""
    folder = tmp_path_factory.mktemp("runs")
    window = ("--arrivals", "2021-09-20T10:00/PT1H")
    saving = (*SMALL, *COHORT, "--checkpoint", "2021-10-04", *window, "--out", str(folder / "A"))
    assert main(saving) == 0
    start = (*SMALL, "--from", str(folder / "A" / SAVED), "--workers", "1", "--lang", "en")
    with redirect_stderr(StringIO()) as said:
        assert main([*start, "--out", str(folder / "B")]) == 0
    (folder / TOLD).write_text(said.getvalue(), encoding="utf-8")
    return folder


def summary(run: Path) -> dict[str, Any]:
    """Read the summary of a run."""
    found: dict[str, Any] = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    return found


def test_a_run_that_goes_on_ends_as_the_one_that_was_saved(runs: Path) -> None:
    """The same digest, days and arrivals; the files asked for are there."""
    one, other = (summary(runs / name) for name in "AB")

    assert one["ledger_digest"] == other["ledger_digest"]
    for name in ("daily.parquet", "arrivals_minute.parquet"):
        assert (runs / "A" / name).read_bytes() == (runs / "B" / name).read_bytes()
    assert {SAVED, "arrivals.parquet"} <= {path.name for path in (runs / "A").iterdir()}
    assert not (runs / "B" / "arrivals.parquet").exists()


def test_a_run_that_goes_on_says_that_it_has_no_draws(runs: Path) -> None:
    """On stderr, in `run.json` and on the cover of its report; another run says nothing of it."""
    said = (runs / TOLD).read_text(encoding="utf-8")
    assert "no draws of the parameters, hence no interval" in said
    record = {name: json.loads((runs / name / "run.json").read_bytes()) for name in "AB"}
    assert record["B"]["knowledge"]["none_because"] == "checkpoint"
    assert "none_because" not in record["A"]["knowledge"]
    for name, goes_on in (("A", False), ("B", True)):
        page = (runs / name / "report.html").read_text(encoding="utf-8")
        assert ("none: the run goes on from a checkpoint" in page) is goes_on


def test_runs_with_arrivals_and_from_a_checkpoint_can_be_reproduced(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hour of A is written again and compared; B goes on again from the file of A."""
    for name in "AB":
        assert main(["reproduce", str(runs / name), "--workers", "1", "--lang", "en"]) == 0
        assert "same (78 days, 0 draws)" in capsys.readouterr().out

    (runs / "A" / SAVED).rename(runs / "elsewhere.npz")
    assert main(["reproduce", str(runs / "B"), "--lang", "en"]) == 3
    assert f"{SAVED} has changed" in capsys.readouterr().out
    (runs / "elsewhere.npz").rename(runs / "A" / SAVED)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--from", "{saved}", "--seed", "5"), "drawn with the seed 2021, here it is 5."),
        (("--from", "{saved}", "--population", "900"), "holds 1500 people, here there are 900."),
        (("--from", "nowhere.npz"), "nowhere.npz: it is no checkpoint that can be read"),
        (("--from", "{saved}", "--knowledge", "8"), "--from does not go with --knowledge 8"),
        (("--from", "{saved}", "--replications", "3"), "not go with --replications 3"),
        (("--from", "{saved}", "--engine", "agents"), "--from needs the cohort engine."),
        (("--checkpoint", "2021-10-04", "--engine", "agents"), "--checkpoint needs the cohort"),
        (("--checkpoint", "October"), "it must be a date, YYYY-MM-DD."),
        (("--checkpoint", "2021-12-25"), "2021-12-25 is no day still to be simulated"),
        (("--from", "{saved}", "--checkpoint", "2021-09-30"), "no day still to be simulated"),
        (("--arrivals", "2021-09-20"), "it takes a beginning, a slash and a duration."),
        (("--arrivals", "2021-11-15T23:30/PT1H"), "does not lie within the simulation."),
    ],
)
def test_what_cannot_be_is_one_message_and_nothing_is_written(  # noqa: PLR0913, PLR0917 (fixtures)
    typed: Sequence[str],
    said: str,
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit code 2; the checkpoint of another run is told apart before a day is simulated."""
    monkeypatch.chdir(tmp_path)
    saved = str(runs / "A" / SAVED)

    code = main([*SMALL, "--lang", "en", *(part.format(saved=saved) for part in typed)])

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert said in printed.err
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_another_scenario_is_refused_with_both_digests(
    runs: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """One change less than the run that was saved is another scenario, one more a branch."""
    typed = [*PLAIN, "--from", str(runs / "A" / SAVED), "--lang", "en"]

    code = main([*typed, "--out", str(tmp_path / "C")])

    said = capsys.readouterr().err
    assert code == 2
    assert "it comes from another scenario: digest" in said
    assert len(re.findall(r"\b[0-9a-f]{64}\b", said)) == 2
