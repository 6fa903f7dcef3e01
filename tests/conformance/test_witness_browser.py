"""The page of a session in a real browser: it follows the session, by keyboard, asking nobody else.

Skipped where chromium is not installed, as tests/skipped.txt agrees; what does not need a browser
is tested in test_witness_page.py.
"""

import base64
import sys
import time
from collections.abc import Generator

import pytest

from browser_scene import WAIT_SECONDS, Tab, browser
from quiet_browser import CHROMIUM, PNG, refusing_proxy
from witness_scene import Watched, watched

if not CHROMIUM or sys.platform == "win32":
    pytest.skip("chromium is not installed", allow_module_level=True)
DRAWN = "typeof shown === 'object' && shown.size"
"""Holds once the script of the page has drawn it."""


@pytest.fixture(scope="module")
def refused() -> Generator[tuple[int, list[str]]]:
    """The port of a proxy that refuses everything, and what was asked of it."""
    with refusing_proxy() as found:
        yield found


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory, refused: tuple[int, list[str]]) -> Generator[Tab]:
    """A tab for the module."""
    with browser(tmp_path_factory.mktemp("browser"), refused[0]) as one:
        yield one


@pytest.fixture
def under_way() -> Generator[Watched]:
    """A session of its own for each test."""
    with watched() as one:
        yield one


def test_the_page_follows_the_session_and_asks_nobody_else(
    tab: Tab, under_way: Watched, refused: tuple[int, list[str]]
) -> None:
    """A step that ends shows within moments, and no other address is asked for anything."""
    tab.visit(f"{under_way.address}?lang=en", DRAWN)
    assert "Under way: 2 steps" in tab.find("document.body.innerText")

    under_way.session.end("done")

    tab.wait("document.body.innerText.includes('Under way: 3 steps')")
    under_way.session.finish(stopped=True)
    tab.wait("document.body.innerText.includes('Stopped: 3 steps')")
    assert tab.find("document.querySelector('.words')") is None
    asked = tab.find("performance.getEntriesByType('resource').map(one => one.name)")
    own = under_way.address.removesuffix("/witness")
    assert asked
    assert [address for address in asked if not address.startswith(own)] == []
    assert [address for address in refused[1] if "witness" in address] == []
    assert tab.said == []


def test_what_a_client_sends_does_not_run_in_the_browser(tab: Tab, under_way: Watched) -> None:
    """The script in its address is text; the title of the page stays."""
    tab.visit(f"{under_way.address}?lang=en", DRAWN)

    assert "<script>" in tab.find("document.getElementById('traffic').innerText")
    assert "Session of the witness" in tab.find("document.title")


def test_everything_is_reached_and_done_by_keyboard(tab: Tab, under_way: Watched) -> None:
    """The link to the step, the language, the three words in order; Enter tells one."""
    tab.visit(f"{under_way.address}?lang=en", DRAWN)
    reached: list[str] = []
    for _ in range(9):
        tab.press("Tab", 9)
        reached.append(tab.focused())

    assert reached[:5] == [
        "Go to the step under way",
        "Français",
        "Step finished",
        "The software does not do this",
        "Stop the session",
    ]
    assert any(one.startswith("step-") or "pass" in one or "fail" in one for one in reached[5:])

    tab.find("document.querySelector('button[value=skip]').focus()")
    tab.press("Enter", 13, "\r")
    ends = time.monotonic() + WAIT_SECONDS
    while (word := under_way.session.told()) is None:
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert word == "skip"
    assert tab.find("location.pathname") == "/witness"


def test_what_is_unfolded_and_the_place_of_the_keyboard_stay(tab: Tab, under_way: Watched) -> None:
    """The steps are drawn anew when one ends: the one being read stays open, and focused."""
    tab.visit(f"{under_way.address}?lang=en", DRAWN)
    first = under_way.session.setting.profile.steps[0].name
    tab.find(f"document.getElementById('step-{first}').open = true")
    tab.find(f"document.querySelector('#step-{first} summary').focus()")

    under_way.session.end("done")

    tab.wait("document.body.innerText.includes('Under way: 3 steps')")
    assert tab.find(f"document.getElementById('step-{first}').open")
    assert tab.find("document.activeElement.tagName") == "SUMMARY"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_is_painted_and_nothing_sticks_out(
    language: str, tab: Tab, under_way: Watched
) -> None:
    """On a wide window and on a telephone, in both languages."""
    for width in (1000, 380):
        tab.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=1400,
            deviceScaleFactor=1,
            mobile=False,
        )
        tab.visit(f"{under_way.address}?lang={language}", DRAWN)
        painted = base64.b64decode(tab.call("Page.captureScreenshot")["data"])

        assert painted.startswith(PNG)
        assert len(painted) > 30_000
        assert tab.find("document.documentElement.lang") == language
        assert tab.find("document.documentElement.scrollWidth <= innerWidth")
