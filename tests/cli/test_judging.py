"""Baselines and answers given to a run: what is printed, what is kept, what the run exits with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from etalon_cli.command import main

ANSWER = """[answers.{ident}]
answer = "{said}"
author = "Paul Roux"
date = 2026-01-05
file = "screen.txt"
"""
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Test the reference in this process on one requirement, and what people answer of two."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "screen.txt").write_text("a screenshot", "utf-8")
    asked = ("--requirement", "W-COM-03", "--requirement", "REC-23", "--requirement", "VIS-05")
    typed = ("conformance", "run", "--target", "inprocess", "--suite", "records-server", *asked)

    def carried_out(*more: str) -> tuple[int, str, str]:
        code = main([*typed, *more, "--lang", "en"])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return carried_out


def answer(**said: str) -> str:
    """Write a file of answers, by requirement; return its name."""
    idents = {name.replace("_", "-"): one for name, one in said.items()}
    text = "".join(ANSWER.format(ident=ident, said=one) for ident, one in idents.items())
    Path("answers.toml").write_text(text, "utf-8")
    return "answers.toml"


def test_a_first_run_writes_the_baseline_that_later_ones_live_with(run: Run) -> None:
    """Accepted: 0, and printed. New: 1. Not needed any more: 2."""
    accepting = ("--accept-reason", "Planned for 4.3", "--accept-until", "2999-12-31")
    broken = answer(REC_23="no")
    first = run("--answers", broken, "--out", "1", "--write-baseline", "b.toml", *accepting)
    accepted = run("--answers", broken, "--out", "2", "--baseline", "b.toml")
    renewed = Path("b.toml").read_text("utf-8").replace("REC-23", "REC-04")
    Path("other.toml").write_text(renewed, "utf-8")
    new = run("--answers", broken, "--out", "3", "--baseline", "other.toml")
    mended = run("--answers", answer(REC_23="yes"), "--out", "4", "--baseline", "b.toml")

    assert [first[0], accepted[0], new[0], mended[0]] == [0, 0, 1, 2]
    entry = "  REC-23 · manual (finding), until 2999-12-31: Planned for 4.3"
    assert f"Accepted by the baseline, and still there (1):\n{entry}" in accepted[1]
    assert f"not needed any more, to take out (1):\n{entry}" in mended[1]
    told = json.loads(Path("2/verdicts.json").read_text("utf-8"))
    assert told["baseline"]["accepted"] == 1
    assert next(one for one in told["results"] if one["requirement"] == "REC-23")["accepted"] == {
        "reason": "Planned for 4.3",
        "until": "2999-12-31",
    }


def test_an_accepted_failure_is_printed_and_the_system_does_not_conform(run: Run) -> None:
    """It stands as a comment in what the first run wrote; a person took the marks away."""
    accepting = ("--accept-reason", "Law of 2027", "--accept-until", "2999-12-31")
    broken = answer(VIS_05="no")
    first = run("--answers", broken, "--out", "1", "--write-baseline", "b.toml", *accepting)
    head, entries = Path("b.toml").read_text("utf-8").split("\n\n", 1)
    Path("b.toml").write_text(head + "\n\n" + entries.replace("# ", ""), "utf-8")

    code, out, _ = run("--answers", broken, "--out", "2", "--baseline", "b.toml")

    assert (first[0], code) == (1, 0)
    assert "VIS-05 · manual (fail), until 2999-12-31: Law of 2027" in out
    assert "Nothing new: every failure is accepted by the baseline." in out
    assert json.loads(Path("2/verdicts.json").read_text("utf-8"))["conforms"] is False


def test_a_flipped_answer_flips_the_run_and_its_file_is_kept(run: Run) -> None:
    """Yes: 0, with the digest of the file. No: 1. Nobody: told, with how to ask."""
    yes = run("--answers", answer(VIS_05="yes"), "--out", "1")
    no = run("--answers", answer(VIS_05="no"), "--out", "2")

    assert [yes[0], no[0]] == [0, 1]
    assert "Waiting for the answer of a person (1): REC-23." in yes[1]
    told = {
        one["requirement"]: one
        for one in json.loads(Path("1/verdicts.json").read_text("utf-8"))["manual"]
    }
    assert Path("1", told["VIS-05"]["file"]).read_text("utf-8") == "a screenshot"
    assert (told["VIS-05"]["answer"], told["REC-23"]["answer"]) == ("yes", None)


def test_machines_read_what_fails_what_is_accepted_and_how_many(run: Run) -> None:
    """Each requirement counts once, by the worst that was concluded of it."""
    broken = answer(REC_23="no", VIS_05="no")
    code, out, _ = run("--answers", broken, "--out", "1", "--json")

    told = json.loads(out)
    assert (code, told["conforms"]) == (1, False)
    assert told["counts_by_verdict"] == {"pass": 1, "fail": 1, "finding": 1}
    assert [one["requirement"] for one in told["failures"]] == ["VIS-05"]
    assert [one["requirement"] for one in told["broken"]] == ["REC-23", "VIS-05"]
    assert told["accepted"] == []


BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "no baseline": (("--baseline", "none.toml"), "none.toml: no such file"),
    "a baseline that is none": (("--baseline", "screen.txt"), "it is not complete TOML"),
    "a folder": (("--baseline", "folder"), "folder: cannot be read"),
    "no answers": (("--answers", "none.toml"), "none.toml: no such file"),
    "answers that are none": (("--answers", "screen.txt"), "it is not complete TOML"),
    "a baseline over another": (("--write-baseline", "screen.txt"), "the file exists"),
    "a baseline nowhere": (("--write-baseline", "none/b.toml"), "none: no such file"),
    "two baselines": (
        ("--baseline", "empty.toml", "--write-baseline", "b.toml"),
        "does not go with --baseline",
    ),
    "a reason for nothing": (("--accept-reason", "x"), "given without --write-baseline"),
    "a day for nothing": (("--accept-until", "2999-12-31"), "given without --write-baseline"),
    "no reason": (("--write-baseline", "b.toml", "--accept-reason", " "), "nothing is written"),
    "a day that is none": (
        ("--write-baseline", "b.toml", "--accept-until", "soon"),
        "--accept-until: soon is no day to come",
    ),
    "a day gone by": (
        ("--write-baseline", "b.toml", "--accept-until", "2020-01-01"),
        "--accept-until: 2020-01-01 is no day to come",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused_before_anything_is_tested(run: Run, name: str) -> None:
    """Exit code 2, one line, no directory of a run."""
    Path("folder").mkdir()
    Path("empty.toml").touch()
    typed, told = BAD[name]

    code, out, err = run(*typed, "--out", "R")

    assert (code, out) == (2, "")
    assert told in err
    assert err.count("\n") == 1
    assert not Path("R").exists()
    assert not Path("b.toml").exists()
