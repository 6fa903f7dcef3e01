"""`etalon conformance differential`: its exit codes, its files, and what it refuses."""

import json
from pathlib import Path

import pytest

from etalon_cli.command import main

COMMAND = ("conformance", "differential")


def test_the_reference_beside_itself_is_alike_and_leaves_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In both languages, drawn from the file."""
    out = tmp_path / "D"
    targets = ("--target", "inprocess", "--target", "inprocess")

    code = main([*COMMAND, *targets, "--budget", "4s", "--out", str(out), "--json"])

    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "differential.json").read_text(encoding="utf-8"))
    assert (code, told["answer"], told["differences"]) == (0, "alike", [])
    assert "Both systems answer" in (out / "report.html").read_text(encoding="utf-8")
    assert "Les deux systèmes" in (out / "report.fr.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        (("--target", "inprocess"), 2, "two are needed, 1 given"),
        ((), 2, "two are needed, 0 given"),
        (("--target", "inprocess") * 3, 2, "two are needed, 3 given"),
        (("--target", "inprocess", "--target", "nowhere.toml"), 2, "nowhere.toml"),
        (("--target", "inprocess") * 2 + ("--budget", "soon"), 2, "--budget 'soon'"),
        (
            ("--target", "inprocess", "--target", "http://127.0.0.1:1/fhir"),
            3,
            "does not answer",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_message(
    typed: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And no directory is left behind."""
    out = tmp_path / "D"

    assert main([*COMMAND, *typed, "--lang", "en", "--out", str(out)]) == code

    assert said in capsys.readouterr().err
    assert not out.exists()
