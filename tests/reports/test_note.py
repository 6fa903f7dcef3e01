"""A note says question, answer, range, law, cost and command on two pages at most, and is Word."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from docx import Document

from etalon_reports import write_note
from etalon_reports.note import read_note
from etalon_reports.note_of_comparison import comparison_words
from etalon_reports.note_of_runs import run_words
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from docx.document import Document as WordDocument

    from etalon_text.language import Language

    RunMaker = Callable[[dict[str, dict[str, Any] | None]], Path]

NO_BREAK, NARROW = "\u00a0", "\u202f"
HEADINGS = {
    "fr": [
        "Question",
        "Réponse",
        "Sur quoi cela repose",
        "Ce que cela suppose du droit",
        "Coût",
        "Pour refaire le calcul",
    ],
    "en": [
        "Question",
        "Answer",
        "What it rests on",
        "What it supposes of the law",
        "Cost",
        "How to reproduce",
    ],
}


@pytest.fixture(scope="module")
def notes(
    invented_run: Path, invented_comparison: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, Language], list[Path]]:
    """Return the files of the note of a run and of a comparison, in each language."""
    found: dict[tuple[str, Language], list[Path]] = {}
    for name, directory in (("run", invented_run), ("comparison", invented_comparison)):
        out = tmp_path_factory.mktemp("notes") / name
        found[name, "fr"] = write_note([directory], "fr", out)
        found[name, "en"] = write_note([directory], "en", out)
    return found


@pytest.fixture(params=["run", "comparison"])
def kind(request: pytest.FixtureRequest) -> str:
    """Return what the note is about."""
    return str(request.param)


def words_of(document: WordDocument) -> str:
    """Return the words of a document, tables included."""
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def part(path: Path, name: str) -> str:
    """Return the XML of one part of a document."""
    with zipfile.ZipFile(path) as parts:
        return parts.read(name).decode("utf-8")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_note_has_its_parts_in_order_as_real_headings(
    notes: dict[tuple[str, Language], list[Path]], kind: str, language: Language
) -> None:
    """A table of contents could be made of them."""
    document = Document(str(notes[kind, language][0]))

    headings = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]

    assert headings == HEADINGS[language]
    assert sum(bool(p.style and p.style.name == "Title") for p in document.paragraphs) == 1


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_note_has_one_figure_described_and_one_table_with_a_header(
    notes: dict[tuple[str, Language], list[Path]], kind: str, language: Language
) -> None:
    """The picture has an alternative text, the table repeats its first row, both a caption."""
    path = notes[kind, language][0]
    document, body = Document(str(path)), part(path, "word/document.xml")
    described = re.findall(r'<wp:docPr [^>]*descr="([^"]*)"', body)
    captions = [p.text for p in document.paragraphs if p.style and p.style.name == "Caption"]

    assert len(described) == 1
    assert len(described[0]) > 80
    assert len(document.tables) == 1
    assert body.count("<w:tblHeader/>") == 1
    settings = re.findall(r"<w:tblPr>.*?</w:tblPr>", body, re.DOTALL)[0]
    order = [
        settings.index(f"<w:{name}") for name in ("tblW", "tblBorders", "tblLayout", "tblLook")
    ]
    assert order == sorted(order)
    assert [caption.split()[0] for caption in captions] == [
        "Figure",
        {"fr": "Tableau", "en": "Table"}[language],
    ]


@pytest.mark.parametrize(("language", "tag"), [("fr", "fr-FR"), ("en", "en-GB")])
def test_a_note_names_its_language_and_no_date_of_today(
    notes: dict[tuple[str, Language], list[Path]], kind: str, language: Language, tag: str
) -> None:
    """Spelling is checked in the right language; every date inside is the same."""
    path = notes[kind, language][0]
    document = Document(str(path))
    tags = set(re.findall(r'<w:lang [^>]*w:val="([^"]*)"', part(path, "word/styles.xml")))

    assert tags == {tag}
    assert document.core_properties.language == tag
    assert document.core_properties.author == "Étalon"
    assert document.core_properties.created == document.core_properties.modified
    with zipfile.ZipFile(path) as parts:
        assert {part.date_time for part in parts.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_a_note_is_written_twice_alike(
    notes: dict[tuple[str, Language], list[Path]], invented_comparison: Path, tmp_path: Path
) -> None:
    """Byte for byte, the PDF too."""
    again = write_note([invented_comparison], "fr", tmp_path)

    assert [path.read_bytes() for path in again] == [
        path.read_bytes() for path in notes["comparison", "fr"]
    ]


def test_the_answer_of_a_run_is_one_sentence_with_its_range(
    notes: dict[tuple[str, Language], list[Path]], invented_run: Path
) -> None:
    """Rounded to what is known, its denominator named."""
    words = run_words([invented_run], "en")
    summary = json.loads((invented_run / "summary.json").read_text(encoding="utf-8"))
    low, high = (end * 100 for end in summary["intervals"]["opt_out_rate"]["knowledge"])

    assert words.answer.count(". ") == 0
    assert words.answer.startswith("Of ")
    assert f"({low:.1f}–{high:.1f}% given what is known)" in words.answer  # noqa: RUF001 (an en dash)
    assert "without the person being informed" in words.answer
    french = words_of(Document(str(notes["run", "fr"][0])))
    assert re.search(rf"\d,\d{NO_BREAK}%", french)
    assert re.search(rf"\d{NARROW}\d{{3}}", french)


def test_the_answer_of_a_comparison_names_the_policy_that_informs_most(
    invented_comparison: Path,
) -> None:
    """With its difference, its range and its cost."""
    words = comparison_words(invented_comparison, "en")

    assert words.answer == (
        "Of the 3 policies compared with “The national launch of 2022”, “A letter from 70 years "
        "of age on” informs most people: +120,000 (+80,000 to +160,000). Difference in cost: "
        "+€240,000 (+€170,000 to +€310,000)."
    )


def test_the_table_of_a_comparison_says_what_cannot_be_told_apart(
    invented_comparison: Path,
) -> None:
    """The reference first, then each difference with its interval, or the verdict."""
    rows = comparison_words(invented_comparison, "fr").table.groups[0].rows

    assert rows[0][0].endswith("(référence)")
    assert rows[2][3].startswith("non distinguable\n(")
    assert rows[1][1] == f"+3,0{NO_BREAK}pt\n(+2,1 à +3,9{NO_BREAK}pt)"


def test_the_law_and_the_command_stand_in_the_note(
    notes: dict[tuple[str, Language], list[Path]],
) -> None:
    """The articles supposed changed, who stays under current law, what to type."""
    words = words_of(Document(str(notes["comparison", "fr"][0])))

    assert "suppose de modifier l\u2019art. R. 1111-28" in words
    assert f"Un courrier à partir de 70 ans{NARROW}: à droit constant." in words
    assert "etalon compare launch-2022 letters-to-seniors ten-week-window opt-in" in words


def test_one_policy_is_answered_with_what_it_changes(
    invented_comparison: Path, tmp_path: Path
) -> None:
    """Its own question, and three differences in one sentence."""
    directory = tmp_path / "C"
    shutil.copytree(invented_comparison, directory)
    file = directory / "comparison.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["policies"] = [content["policies"][0], content["policies"][2]]
    file.write_text(json.dumps(content), encoding="utf-8")

    words = comparison_words(directory, "en")

    assert words.question == "What does a longer window change?"
    assert words.answer.startswith("“Ten weeks to object” rather than “The national launch")
    assert "objections, not distinguishable (" in words.answer


def test_several_runs_stand_side_by_side_and_are_not_called_paired(invented_run: Path) -> None:
    """A column a run, a command a run, and a word of caution."""
    words = run_words([invented_run, invented_run], "en")

    assert len(words.table.headings) == 3
    assert len(words.commands) == 2
    assert any("not paired" in warning for warning in words.warnings)


def test_a_partial_run_is_said_to_be_partial(partial_run: Path) -> None:
    """Before the question; without draws the range is said not to be computed."""
    words = run_words([partial_run], "en")

    assert words.warnings[0].startswith("Partial run: stopped after")
    assert "knowledge interval not computed" in words.answer


def test_a_run_that_opens_on_request_is_answered_so(changed_run: RunMaker) -> None:
    """Nobody was notified: the share of the population that asked."""
    rates = [{"key": "opt_out_rate", "value": None, "numerator": 0, "denominator": 0}]
    rates[0] |= {"denominator_name": "denominator.notified"}
    directory = changed_run(
        {"scenario.json": {"mode": "opt-in"}, "summary.json": {"notified": 0, "rates": rates}}
    )

    words = run_words([directory], "en")

    assert words.answer.startswith("When silence opens nothing, 0.0% of the population")


@pytest.mark.parametrize(
    ("departures", "said"),
    [([], "Under current law."), (None, "does not say whether it departs")],
)
def test_a_run_says_what_it_supposes_of_the_law(
    changed_run: RunMaker, departures: list[object] | None, said: str
) -> None:
    """Nothing changed, or nothing said."""
    values = {} if departures is None else {"legal_departures": departures}
    directory = changed_run({"summary.json": dict(values)})

    assert said in run_words([directory], "en").law[0]


def test_a_comparison_stands_alone_in_a_note(invented_run: Path, invented_comparison: Path) -> None:
    """A run beside it would not be paired with its policies."""
    with pytest.raises(RunFileError, match="expected one comparison alone"):
        read_note([invented_run, invented_comparison], "fr")
