"""Every kind of report in a real browser, in both languages: one family, legible to everybody.

Skipped where chromium or axe cannot be had, as tests/skipped.txt agrees. Screenshots land in the
folder that ETALON_SCREENSHOTS names, or with the other files of the run.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.reports.invented_pages import PAGES

import etalon_reports
from browser_scene import DESK, PHONE, Tab, browser, pictures_folder
from documentation_site import CONFIGURATION, ROOT
from etalon_reports.study.study_files import KINDS
from etalon_text.language import LANGUAGES
from node_packages import IndexUnreachableError, install
from quiet_browser import CHROMIUM, PNG, refusing_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_text.language import Language

if not CHROMIUM or sys.platform == "win32":
    pytest.skip("chromium is not installed", allow_module_level=True)
try:
    AXE = install("axe-core", Path(__file__).parents[1] / "explore" / "axe", "audit.js")
except IndexUnreachableError as error:
    pytest.skip(str(error), allow_module_level=True)

TEMPLATES: Final = Path(etalon_reports.__file__).with_name("templates")
MOST_BYTES: Final = 5_000_000
LEAST_PAINTED: Final = 10_000
"""Bytes of the picture of a page; that of a blank one has some 4,000."""
WAIT_SECONDS: Final = 120
KIND: Final = "document.querySelector('.kind span').innerText"
MEDIANS: Final = (
    "[...document.querySelectorAll('table.probes tbody tr')].map(row => row.cells[3].innerText)"
)
IN_SHADOW: Final = """(wanted => {
  const below = root => [...root.querySelectorAll("*")].flatMap(
    one => one.shadowRoot ? [one, ...below(one.shadowRoot)] : [one])
  return below(document).filter(one => one.getRootNode() !== document && one.matches(wanted))
})"""
"""Elements that the search of the documentation keeps in trees of its own."""
SITE_PAGES: Final = {
    "start": "README.md",
    "start-fr": "docs/fr/README.md",
    "guide": "docs/guides/policy.md",
}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A tab for the module, which reaches nobody."""
    with (
        refusing_proxy() as (port, _),
        browser(tmp_path_factory.mktemp("browser"), port) as one,
    ):
        yield one


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots land."""
    return pictures_folder(tmp_path_factory.mktemp("screenshots"))


def drawn(name: str, folder: Path) -> dict[Language, Path]:
    """Draw a page in each language, once where one drawing leaves both."""
    write, draw = PAGES[name]
    write(folder)
    pages: dict[Language, Path] = {"fr": folder / "page.fr.html"}
    draw(folder, "fr").rename(pages["fr"])
    beside = folder / "report.en.html"
    pages["en"] = beside if beside.is_file() else draw(folder, "en")
    return pages


def test_every_kind_of_page_is_looked_at() -> None:
    """Each template that has the cover of all reports, and each kind of study."""
    covered = {
        file.stem
        for file in TEMPLATES.glob("*.html")
        if 'extends "base.html"' in file.read_text(encoding="utf-8")
    }

    assert {name.partition("-")[0] for name in PAGES} == covered
    assert {f"study-{kind}" for kind in KINDS} <= set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_legible_in_both_languages_at_a_desk_and_on_a_telephone(
    tab: Tab, name: str, pictures: Path, tmp_path: Path
) -> None:
    """Painted, no wider than what shows it, alone, silent, small; axe finds nothing serious."""
    kinds: dict[str, str] = {}
    for language, page in drawn(name, tmp_path / "run").items():
        tab.said.clear()
        tab.visit(page.as_uri())
        kinds[tab.find("document.documentElement.lang")] = tab.find(KIND)
        for width in (DESK, PHONE):
            picture = pictures / f"{name}-{language}-{width}.png"
            tab.show_at(width, picture, whole=False)
            painted = picture.read_bytes()
            assert painted.startswith(PNG)
            assert struct.unpack(">I", painted[16:20]) == (width,)
            assert len(painted) > LEAST_PAINTED
            assert tab.overflow() == 0
        assert tab.find("document.fonts.status") == "loaded"
        assert tab.find("performance.getEntriesByType('resource').length") == 0
        assert page.stat().st_size < MOST_BYTES
        assert [one for one in tab.said if "DEPRECATED" not in one] == []
        assert language == "en" or tab.serious_findings(AXE, WAIT_SECONDS) == []

    assert set(kinds) == set(LANGUAGES)
    assert kinds["fr"] != kinds["en"]


def test_a_heading_that_is_pressed_sorts_its_rows_and_gives_them_back(
    tab: Tab, tmp_path: Path
) -> None:
    """Milliseconds before seconds, what is not known last; by keyboard too, and told aloud."""
    tab.visit(drawn("load_capacity", tmp_path / "run")["fr"].as_uri())
    heading = "document.querySelectorAll('table.probes thead th')[3]"
    as_drawn = tab.find(MEDIANS)
    assert as_drawn == ["9,0\u00a0ms", "11,0\u00a0ms", "2,00\u00a0s"]
    tab.find(f"{heading}.firstChild.focus()")

    seen: list[tuple[object, object]] = []
    for _ in range(3):
        tab.press("Enter", 13, "\r")
        seen.append((tab.find(f"{heading}.getAttribute('aria-sort')"), tab.find(MEDIANS)))

    assert seen == [
        ("ascending", as_drawn),
        ("descending", as_drawn[::-1]),
        (None, as_drawn),
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pages of the documentation, laid out as the site lays them out."""
    folder = tmp_path_factory.mktemp("site")
    for name in (*SITE_PAGES.values(), "docs/site.css", "docs/iframe-worker.js"):
        page = folder / "build" / "pages" / name
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, page)
    configured = CONFIGURATION.read_text(encoding="utf-8").partition("nav:")[0]
    (folder / "mkdocs.yml").write_text(configured, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("zensical")), "build"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "build" / "site"


@pytest.mark.parametrize("name", SITE_PAGES)
def test_axe_finds_nothing_serious_in_the_documentation(
    tab: Tab, site: Path, name: str, pictures: Path
) -> None:
    """A start page, one in French, a guide; nothing makes them scroll sideways."""
    page = site / SITE_PAGES[name].replace("README.md", "index.md")
    tab.visit(page.with_suffix(".html").as_uri())
    for width in (DESK, PHONE):
        tab.show_at(width, pictures / f"site-{name}-{width}.png", whole=False)
        assert tab.overflow() == 0

    assert tab.serious_findings(AXE, WAIT_SECONDS) == []


def test_the_documentation_is_searched_where_no_server_is(tab: Tab, site: Path) -> None:
    """A page opened as a file finds the others, by what stands in them."""
    tab.visit((site / "index.html").as_uri())
    tab.find("document.querySelector('.md-search__button').click()")
    tab.wait(f"{IN_SHADOW}('input').length", WAIT_SECONDS)
    tab.find(f"{IN_SHADOW}('input')[0].focus()")
    tab.call("Input.insertText", text="ministère")

    found = f"{IN_SHADOW}('a').map(one => one.href)"
    tab.wait(f"{found}.length", WAIT_SECONDS)
    assert any("/docs/fr/index.html" in one for one in tab.find(found))
