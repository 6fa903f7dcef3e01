"""`etalon note` and the formats of `etalon report`, from the files of a directory alone."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pytest

from etalon_cli.command import main
from etalon_reports import note_pdf
from etalon_reports.note_pdf import can_write_pdf

REPORTS = Path(__file__).parents[1] / "reports"


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of an invented comparison."""
    builder = runpy.run_path(str(REPORTS / "invented_comparison.py"))
    written: Path = builder["write_invented_comparison"](tmp_path_factory.mktemp("note") / "C")
    return written


def test_a_note_is_written_beside_the_comparison(
    comparison: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Word always, PDF where it can be; their paths are the result."""
    code = main(["note", str(comparison), "--lang", "fr"])

    names = ["note-fr.docx", *(["note-fr.pdf"] if can_write_pdf() else [])]
    assert code == 0
    assert capsys.readouterr().out.split() == [str(comparison / name) for name in names]
    assert all((comparison / name).stat().st_size > 10_000 for name in names)


def test_a_note_lands_where_it_is_asked_for(
    comparison: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a directory made for it."""
    code = main(["note", str(comparison), "--lang", "en", "--out", str(tmp_path / "N"), "--json"])

    written = json.loads(capsys.readouterr().out)["written"]
    assert code == 0
    assert written[0] == str(tmp_path / "N" / "note-en.docx")


@pytest.mark.parametrize(("command", "code"), [(["note"], 0), (["report", "--format", "pdf"], 3)])
def test_a_machine_without_weasyprint_says_so(
    comparison: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    code: int,
) -> None:
    """The Word document is written alone; a report asked for as PDF cannot be."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    assert not note_pdf.can_write_pdf()
    assert main([command[0], str(comparison), "--lang", "en", *command[1:]]) == code
    assert "Pango" in capsys.readouterr().err


def test_a_directory_without_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one message, nothing written."""
    code = main(["note", str(tmp_path), "--lang", "en"])

    assert code == 2
    assert "is not a readable run directory" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
