"""The documents tell the truth where a machine can tell: links, table of imports, commands."""

import re
from pathlib import Path

import pytest

from import_table import MAY_IMPORT, ROOT

LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
TARGET = re.compile(r"^([a-z]+):.*## ", re.MULTILINE)


def documents() -> list[Path]:
    """Every Markdown file of ours."""
    folders = ["docs", "model", "scenarios", "conformance", "reports", "cli"]
    return [*ROOT.glob("*.md"), *(file for name in folders for file in (ROOT / name).rglob("*.md"))]


def test_every_relative_link_leads_somewhere() -> None:
    """A link to a file of this repository finds it."""
    broken = [
        f"{document.relative_to(ROOT).as_posix()}: {target}"
        for document in documents()
        for target in LINK.findall(document.read_text(encoding="utf-8"))
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_the_architecture_page_shows_the_import_table() -> None:
    """A reader sees what is enforced; the texts are open to all but the model."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^(etalon_\w+) +← (.+)$", page, re.MULTILINE)
    shown = {name: set(re.findall(r"etalon_\w+", others)) for name, others in rows}

    assert shown.keys() == MAY_IMPORT.keys()
    for name, others in MAY_IMPORT.items():
        allowed = set(MAY_IMPORT) - {name} if name == "etalon_cli" else shown[name]
        texts = set[str]() if name in {"etalon_model", "etalon_text"} else {"etalon_text"}
        assert set(others) == allowed | texts, name


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_make_target_named_exists(page: str) -> None:
    """A target that a document or the build names can be made."""
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    text = (ROOT / page).read_text(encoding="utf-8")
    named = {
        word for line in re.findall(r"\bmake ((?:[a-z]+ ?)+)[`\n]", text) for word in line.split()
    }

    assert named
    assert named <= targets


def test_each_decision_has_its_number_and_says_so() -> None:
    """Numbers are never reused, and the title repeats the file's."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [page.name[:4] for page in pages]

    assert len(set(numbers)) == len(numbers)
    for page in pages:
        first = page.read_text(encoding="utf-8").partition("\n")[0]
        assert re.match(rf"# {page.name[:4]}\b", first), page.name
