"""Every page is on the site, every thing has its page, and no page asks another host."""

from pathlib import Path

import pytest

from documentation_site import decisions, led_to, name_the_language, named_pages, outside_requests
from etalon_conformance.requirements import requirement_set
from etalon_text.error_catalogue import error_catalogue
from import_table import ROOT

DOCS = ROOT / "docs"


def page(name: str) -> str:
    """Return a page of the reference."""
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def test_the_navigation_names_every_page_and_no_other() -> None:
    """A page that nobody can find is not written."""
    shown = {file.relative_to(ROOT).as_posix() for file in DOCS.rglob("*.md")}
    shown |= {file.name for file in ROOT.glob("*.md")}
    shown = {name for name in shown if not name.startswith("docs/decisions/")}

    assert named_pages() == shown | {"docs/decisions/index.md"}


def test_the_page_of_decisions_lists_each_with_its_title() -> None:
    """In the order of their numbers."""
    listed = list(decisions())

    assert len(listed) == len(list((DOCS / "decisions").glob("*.md")))
    assert listed[0] == "- [0001 · Decisions are recorded](0001-record-decisions.md)"


def test_what_pages_lead_to_goes_with_them() -> None:
    """The licence, and the tests that the table of rules names."""
    files = {file.as_posix() for file in led_to()}

    assert {"LICENSE", "model/etalon_model/opening.py"} <= files
    assert not [file for file in files if file.startswith("docs/")]


@pytest.mark.parametrize(
    ("written", "asks"),
    [
        ('<script src="https://cdn.example/a.js"></script>', True),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', True),
        ('<link href="https://fonts.example" rel=preconnect>', True),
        ('<img alt="" src="http://images.example/a.png">', True),
        ("<style>@import url(https://fonts.example/a.css);</style>", True),
        ("<style>a { background: url('//images.example/a.png') }</style>", True),
        ('<a href="https://example.org">a page</a>', False),
        ('<link rel="canonical" href="https://example.org/">', False),
        ('<script src="assets/a.js"></script><img src="../a.png">', False),
    ],
)
def test_what_would_ask_another_host_is_named(tmp_path: Path, written: str, *, asks: bool) -> None:
    """A link that a reader may follow asks nothing by itself."""
    (tmp_path / "page.html").write_text(written, encoding="utf-8")

    assert bool(list(outside_requests(tmp_path))) is asks


def test_a_french_page_says_that_it_is_french(tmp_path: Path) -> None:
    """The others stay English."""
    pages = [tmp_path / "docs" / name for name in ("fr/editeurs.html", "glossary.html")]
    for one in pages:
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text('<!doctype html><html lang="en" class="no-js">', encoding="utf-8")

    name_the_language(tmp_path)

    french, english = (one.read_text(encoding="utf-8") for one in pages)
    assert '<html lang="fr"' in french
    assert '<html lang="en"' in english


def test_every_message_of_the_command_line_has_its_heading() -> None:
    """By its key, which scripts may rely on."""
    told = page("errors.md")

    assert [key for key in error_catalogue() if f"### {key}\n" not in told] == []


def test_every_requirement_stands_in_the_table_of_coverage() -> None:
    """Rules too: they are requirements of the service."""
    told = page("requirement-coverage.md") + page("rules.md")

    assert [ident for ident in requirement_set() if ident not in told] == []
