"""The page of a session in a real browser: it follows the session, by keyboard, asking nobody else.

Skipped where chromium is not installed, as tests/skipped.txt agrees; what does not need a browser
is tested in test_witness_page.py.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from quiet_browser import CHROMIUM, PNG, quiet_browser, refusing_proxy
from witness_scene import Watched, watched

if not CHROMIUM or sys.platform == "win32":
    pytest.skip("chromium is not installed", allow_module_level=True)
JOINED = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
for end, number in zip(ends, (3, 4)):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads its orders from 3 and answers on 4, which may be anything here."""

WAIT_SECONDS = 30


class Tab:
    """One tab of a browser, driven over a pipe as its developer tools do.

    Attributes:
        said: What the page wrote to the console, errors of its policy among them.
    """

    def __init__(self, to: int, back: int) -> None:
        """Open an empty tab."""
        self.said: list[str] = []
        self._to, self._back = to, back
        self._number = 0
        self._rest = b""
        self._session = ""
        made = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=made, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Ask for one thing, and return what came of it."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told = self._told()
            if told.get("id") == self._number:
                assert "error" not in told, told
                found: dict[str, Any] = told["result"]
                return found
            if told.get("method") in {"Runtime.consoleAPICalled", "Log.entryAdded"}:
                self.said.append(json.dumps(told["params"]))

    def _told(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            self._rest += os.read(self._back, 1_000_000)
        line, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(line)
        return told

    def find(self, expression: str) -> Any:  # noqa: ANN401 (whatever the page gives)
        """Return the value of an expression in the page."""
        asked = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return asked["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression holds in the page."""
        ends = time.monotonic() + WAIT_SECONDS
        while not self.find(expression):
            assert time.monotonic() < ends, expression
            time.sleep(0.05)

    def visit(self, address: str) -> None:
        """Open an address, and wait until its script has drawn the page once."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && typeof shown === 'object' && shown.size")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key and let it go."""
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        kind = "keyDown" if text else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=kind, text=text, **pressed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def focused(self) -> str:
        """Return what has the keyboard: its text, or its identifier."""
        found: str = self.find(
            "(document.activeElement.textContent.length < 60"
            " && document.activeElement.textContent.trim()) || document.activeElement.id"
        )
        return found


@pytest.fixture(scope="module")
def refused() -> Generator[tuple[int, list[str]]]:
    """The port of a proxy that refuses everything, and what was asked of it."""
    with refusing_proxy() as found:
        yield found


@contextmanager
def browser(profile: Path, proxy: int) -> Generator[Tab]:
    """A browser whose requests to other machines go to a proxy."""
    to, ours = os.pipe()
    theirs, back = os.pipe()
    asked = [*quiet_browser(profile, proxy), "--remote-debugging-pipe"]
    command = [sys.executable, "-c", JOINED, str(to), str(back), *asked]
    process = subprocess.Popen(
        command, pass_fds=(to, back), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(to)
    os.close(back)
    try:
        yield Tab(ours, theirs)
    finally:
        process.terminate()
        process.wait(30)
        os.close(ours)
        os.close(theirs)


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
    tab.visit(f"{under_way.address}?lang=en")
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
    tab.visit(f"{under_way.address}?lang=en")

    assert "<script>" in tab.find("document.getElementById('traffic').innerText")
    assert "Session of the witness" in tab.find("document.title")


def test_everything_is_reached_and_done_by_keyboard(tab: Tab, under_way: Watched) -> None:
    """The link to the step, the language, the three words in order; Enter tells one."""
    tab.visit(f"{under_way.address}?lang=en")
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
    tab.visit(f"{under_way.address}?lang=en")
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
        tab.visit(f"{under_way.address}?lang={language}")
        painted = base64.b64decode(tab.call("Page.captureScreenshot")["data"])

        assert painted.startswith(PNG)
        assert len(painted) > 30_000
        assert tab.find("document.documentElement.lang") == language
        assert tab.find("document.documentElement.scrollWidth <= innerWidth")
