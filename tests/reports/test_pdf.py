"""Notes and reports as PDF: two pages for a note, title and language inside.

Skipped where WeasyPrint finds no Pango, as tests/skipped.txt agrees; the words of a note are
tested in test_note.py.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, cast

import pytest
from pypdf import PdfReader
from tests.load.invented_launch import write_launch
from tests.reports.invented_pages import SHEETS

from etalon_cli.command import main
from etalon_load.files.run_files import write_run_files
from etalon_reports import write_pdf
from etalon_reports.conformance.formats import CONFORMANCE_WRITERS
from etalon_reports.note import read_note
from etalon_reports.note_pdf import can_write_pdf, write_note_pdf
from etalon_reports.witness_sheets import print_sheets, write_sheets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pypdf.generic import DictionaryObject

    from etalon_text.language import Language

if not can_write_pdf():
    pytest.skip("WeasyPrint finds no Pango", allow_module_level=True)


def squeezed(words: str) -> str:
    """Return words without spaces: a PDF breaks lines where it likes."""
    return "".join(words.split())


@pytest.mark.parametrize("kind", ["run", "comparison"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_note_holds_on_two_pages_with_the_disclaimer_on_each(
    invented_run: Path,
    invented_comparison: Path,
    tmp_path: Path,
    kind: str,
    language: Language,
) -> None:
    """The answer on the first page, the same as in the Word document."""
    directory = {"run": invented_run, "comparison": invented_comparison}[kind]
    note = read_note([directory], language)
    printed = write_note_pdf(note, tmp_path / "note.pdf")

    pages = [squeezed(page.extract_text()) for page in PdfReader(printed).pages]

    assert len(pages) <= 2
    assert all(f"Page{rank}" in page for rank, page in enumerate(pages, start=1))
    assert squeezed(note.words.answer) in pages[0]


def test_a_report_is_printed_with_its_title_and_its_language(
    invented_comparison: Path, tmp_path: Path
) -> None:
    """A reading machine knows how to speak it."""
    directory = tmp_path / "C"
    shutil.copytree(invented_comparison, directory)

    document = PdfReader(write_pdf(directory, "fr"))

    assert document.metadata is not None
    assert "La généralisation de 2022" in str(document.metadata.title)
    assert str(cast("DictionaryObject", document.trailer["/Root"])["/Lang"]) == "fr"
    assert len(document.pages) > 4


def test_a_conformance_report_decides_on_one_page_and_prints_the_same_twice(
    conformance_run: Callable[..., Path], tmp_path: Path
) -> None:
    """Statement, outcome, counts, gaps and digests on page one; failures begin on the second."""
    directory = conformance_run(brief=True)
    (printed,) = CONFORMANCE_WRITERS["pdf"](directory, "fr", tmp_path)
    once = printed.read_bytes()
    first, second = (squeezed(page.extract_text()) for page in PdfReader(printed).pages[:2])

    for told in ("Auto-évaluation", "VIS-01,W-REC-12", "9a9a9a9a9a9a", "fausse"):
        assert told.casefold() in first.casefold()
    assert second.startswith("Échecs")
    assert CONFORMANCE_WRITERS["pdf"](directory, "fr", tmp_path)[0].read_bytes() == once


def test_a_load_report_says_its_verdict_on_the_first_page(
    invented_load: Callable[..., Path],
) -> None:
    """The verdict and why on page one, objectives from the second."""
    directory = invented_load(None, seconds=20, measured={"slowest": []})
    told = json.loads((directory / "measured.json").read_text(encoding="utf-8"))
    told["conduct"]["workers_lost"] = 1
    (directory / "measured.json").write_text(json.dumps(told), encoding="utf-8")
    write_run_files(directory)

    printed = PdfReader(write_pdf(directory, "fr"))

    first, second = (squeezed(page.extract_text()) for page in printed.pages[:2])
    assert "INVALID" in first
    assert squeezed("Processus générateurs perdus") in first
    assert second.startswith("Objectifs")


@pytest.mark.parametrize(("held", "code", "answer"), [(10.0, 0, "Feu vert"), (2.0, 1, "Feu rouge")])
def test_a_decision_is_printed_with_its_answer_on_the_first_page(
    tmp_path: Path, held: float, code: int, answer: str
) -> None:
    """`etalon load decide` leaves it beside the page: the answer first, assumptions within."""
    capacity = {"held": held, "missed": held * 1.05, "target": "embedded"}
    (tmp_path / "L").mkdir()
    (tmp_path / "L" / "capacity.json").write_text(json.dumps(capacity), encoding="utf-8")
    runs = write_launch(tmp_path / "C", ratios=[0.7 + rank / 64 * 0.6 for rank in range(64)])
    asked = ["--runs", str(runs), "--capacity", str(tmp_path / "L"), "--out", str(tmp_path / "D")]

    assert main(["load", "decide", *asked, "--lang", "fr"]) == code

    printed = PdfReader(tmp_path / "D" / "report.pdf")
    decision = json.loads((tmp_path / "D" / "decision.json").read_text(encoding="utf-8"))
    pages = [squeezed(page.extract_text()) for page in printed.pages]
    assert squeezed(answer) in pages[0]
    assert decision["answer"] == {0: "go", 1: "no-go"}[code]
    assert str(cast("DictionaryObject", printed.trailer["/Root"])["/Lang"]) == "fr"
    assert any(squeezed("hypothèse") in page for page in pages)


@pytest.mark.parametrize(
    ("language", "kind"), [("fr", "FICHESDUTESTEUR"), ("en", "SHEETSOFTHETESTER")]
)
def test_the_sheets_of_a_witness_are_printed_with_every_identity(
    language: Language, kind: str, tmp_path: Path
) -> None:
    """Beside the page, in its language: how to reach the witness, how to trust it, who is who."""
    printed = print_sheets(write_sheets(SHEETS, language, tmp_path))

    found = "".join(squeezed(page.extract_text()) for page in PdfReader(printed).pages)
    assert printed == tmp_path / "sheets.pdf"
    assert kind in found
    for one in SHEETS.identities:
        assert one.number in found
    assert "192.0.2.7dmp.test" in found
    assert "rmauthority.pem" in found
