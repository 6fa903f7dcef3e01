"""The page in a real browser: it answers, by keyboard and at the width of a phone, asking nobody.

Skipped where chromium or axe cannot be had, as tests/skipped.txt agrees. Screenshots land in the
folder that ETALON_SCREENSHOTS names, or with the other files of the run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from browser_scene import DESK, PHONE, Tab, browser, pictures_folder
from node_packages import IndexUnreachableError, install
from quiet_browser import CHROMIUM, refusing_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

if not CHROMIUM or sys.platform == "win32":
    pytest.skip("chromium is not installed", allow_module_level=True)
try:
    AXE = install("axe-core", Path(__file__).parent / "axe", "audit.js")
except IndexUnreachableError as error:
    pytest.skip(str(error), allow_module_level=True)

ROOT: Final = Path(__file__).parents[2]
WAIT_SECONDS: Final = 240
SCENARIO: Final = """
[scenario]
extends = "launch-2022"
name = "small-lozere"
title_fr = "Une petite Lozère"
title_en = "A small Lozère"

[population]
departments = ["48"]

[population.scale]
value = 0.05
low = 0.05
high = 0.05
certainty = "user"
source = "a test"
"""
"""Some four thousand people."""

EXACT: Final = "document.getElementById('status').textContent.startsWith('{said}')"
SAID: Final = {"fr": "Réponse exacte", "en": "Exact answer"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the scenario."""
    made = tmp_path_factory.mktemp("page")
    (made / "small.toml").write_text(SCENARIO, encoding="utf-8")
    return made


def started(folder: Path, *typed: str) -> subprocess.Popen[str]:
    """Start the command in a folder."""
    folders = os.pathsep.join(str(ROOT / name) for name in ("model", "scenarios", "reports", "cli"))
    small = ("small.toml", "--population", "1000", "--lang", "en")
    return subprocess.Popen(
        [sys.executable, "-m", "etalon_cli", "explore", *small, *typed],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """The address of a page that the command serves; it ends well when it is told to."""
    with started(folder, "--port", "0", "--workers", "1") as server:
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            yield next(word for word in line.split() if word.startswith("http")).partition("?")[0]
        finally:
            server.terminate()
    assert server.returncode == 0


@pytest.fixture(scope="module")
def exported(folder: Path) -> Path:
    """A page that the command exported, over two values of two levers."""
    levers = ("enrolment.opposition_window=P4W,P8W", "notices.second_channel=letter,none")
    sweep = [part for lever in levers for part in ("--sweep", lever)]
    with started(folder, "--export", "page.html", "--workers", "1", *sweep) as command:
        command.communicate()
    assert command.returncode == 0
    return folder / "page.html"


@pytest.fixture(scope="module")
def refused() -> Iterator[tuple[int, list[str]]]:
    """The port of a proxy that refuses everything, and what was asked of it."""
    with refusing_proxy() as listening:
        yield listening


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory, refused: tuple[int, list[str]]) -> Iterator[Tab]:
    """A tab for the module."""
    with browser(tmp_path_factory.mktemp("browser"), refused[0]) as one:
        yield one


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots land."""
    return pictures_folder(tmp_path_factory.mktemp("screenshots"))


def answered(tab: Tab, address: str, language: str = "en") -> None:
    """Open a view, and wait for its exact answer."""
    tab.visit(address)
    tab.wait(EXACT.format(said=SAID[language]), WAIT_SECONDS)
    tab.wait("document.querySelectorAll('#drawn figure').length > 3", WAIT_SECONDS)


def test_a_view_is_answered_from_its_address_and_nobody_else_is_asked(
    tab: Tab, address: str, refused: tuple[int, list[str]]
) -> None:
    """Both policies, their departure from the law, figures; what is not known is told."""
    answered(tab, f"{address}?lang=en&notices.letter_from_age=70&hotline.agnets=3")

    answer = tab.find("document.getElementById('drawn').innerText")
    assert "A small Lozère" in answer
    assert "a letter from 70 years of age on" in answer
    assert "hotline.agnets=3" in tab.find("document.getElementById('said').textContent")
    asked = tab.find("performance.getEntriesByType('resource').map(one => one.name)")
    assert asked
    assert [one for one in asked if not one.startswith(address)] == []
    fonts = [one for one in refused[1] if "fonts" in one or "cdn" in one]
    assert fonts == []
    assert [one for one in tab.said if "DEPRECATED" not in one] == []


def test_a_refused_value_is_told_beside_its_control_and_the_page_goes_on(tab: Tab) -> None:
    """The message is tied to the control; the value typed next is in the address, and accepted."""
    tab.find("document.getElementById('at-notices-letter_from_age').focus()")
    agents = "document.getElementById('at-hotline-agents')"
    tab.find(f"{agents}.closest('details').open = true; {agents}.focus(); {agents}.select()")
    for key in "many":
        tab.press(key, ord(key.upper()), key)

    tab.wait(f"{agents}.getAttribute('aria-invalid') === 'true'", WAIT_SECONDS)
    said = tab.find("document.getElementById('said-hotline-agents').textContent")
    assert said.startswith("“many” is not accepted: a whole number, 1 or more")
    assert "said-hotline-agents" in tab.find(f"{agents}.getAttribute('aria-describedby')")

    tab.find(f"{agents}.select()")
    tab.press("7", 55, "7")
    tab.wait("location.search.includes('hotline.agents=7')", WAIT_SECONDS)
    tab.wait(f"!{agents}.hasAttribute('aria-invalid')", WAIT_SECONDS)


def test_what_is_shown_can_be_taken_away(tab: Tab) -> None:
    """Tables, figures and the scenario file of the view, by the links of the page."""
    taken = (
        "window.taken = {}; Promise.all(%s.map(kind =>"
        " fetch(document.getElementById('download_' + kind).href)"
        ".then(found => found.arrayBuffer())"
        ".then(bytes => { window.taken[kind] = String.fromCharCode("
        "...new Uint8Array(bytes).slice(0, 60)); })))"
    )
    kinds = ["csv", "xlsx", "svg", "scenario"]
    tab.wait("!document.getElementById('download_csv').hidden", WAIT_SECONDS)

    tab.find(taken % json.dumps(kinds))

    tab.wait(f"Object.keys(window.taken).length === {len(kinds)}", WAIT_SECONDS)
    found: dict[str, str] = tab.find("window.taken")
    assert [found[kind][:2] for kind in ("csv", "xlsx", "svg")] == ["PK"] * 3
    assert found["scenario"].startswith('[scenario]\nextends = "/')


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing_serious_at_either_width(
    tab: Tab, address: str, language: str, pictures: Path
) -> None:
    """Of a desk and of a phone, where nothing makes the page scroll sideways."""
    answered(tab, f"{address}?lang={language}&notices.letter_from_age=70", language)
    assert tab.find("document.documentElement.lang") == language

    for width in (DESK, PHONE):
        tab.show_at(width, pictures / f"explore-{language}-{width}.png")
        assert tab.overflow() == 0
        assert tab.serious_findings(AXE, WAIT_SECONDS) == []


def test_an_exported_page_interpolates_between_its_points_and_says_so(
    tab: Tab, exported: Path, pictures: Path
) -> None:
    """Without a server: on a point what was computed, between two what lies between them."""
    data = json.loads(
        exported.read_text(encoding="utf-8").partition('id="data">')[2].partition("</script>")[0]
    )
    calls = [point["figures"]["calls"] for point in data["points"]]
    status = "document.getElementById('status').textContent"
    tab.said.clear()

    tab.visit(exported.as_uri())
    assert tab.find(status) == "Computed point."
    assert tab.find("document.querySelectorAll('#curves svg').length") == 5
    slider = "document.getElementById('at-enrolment-opposition_window')"
    tab.find(f"{slider}.focus()")
    for _ in range(14):
        tab.press("ArrowRight", 39)

    assert tab.find(status) == "Interpolated between 2 computed points."
    assert tab.find(f"{slider}.getAttribute('aria-valuetext')") == "42 days"
    middle = tab.find("mixed(surrounding([42, 0]), (point) => point.figures.calls)")
    assert middle == pytest.approx((calls[0] + calls[2]) / 2)
    address = tab.find("location.href")
    assert address.endswith("#enrolment-opposition_window=42&notices-second_channel=0")
    for width in (DESK, PHONE):
        tab.show_at(width, pictures / f"exported-{width}.png")
        assert tab.overflow() == 0
    assert exported.stat().st_size < 5_000_000
    assert tab.said == []


def test_axe_finds_nothing_serious_in_an_exported_page(tab: Tab, exported: Path) -> None:
    """As it opens."""
    tab.visit(exported.as_uri())

    assert tab.serious_findings(AXE, WAIT_SECONDS) == []
