"""A real browser for tests: one tab driven over a pipe, requests to other machines refused."""

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

from quiet_browser import quiet_browser

JOINED = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
for end, number in zip(ends, (3, 4)):
    os.dup2(end, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""The browser reads its orders from 3 and answers on 4, which may be anything here."""

WAIT_SECONDS = 30
DESK, PHONE = 1200, 390
"""Widths that pages are looked at in (CSS pixels)."""


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
                if "error" in told:
                    raise RuntimeError(told["error"])
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

    def wait(self, expression: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until an expression holds in the page.

        Raises:
            TimeoutError: It did not.
        """
        ends = time.monotonic() + seconds
        while not self.find(expression):
            if time.monotonic() > ends:
                raise TimeoutError(expression)
            time.sleep(0.05)

    def visit(self, address: str, ready: str = "true") -> None:
        """Open an address, and wait until it is there and an expression holds in it."""
        self.call("Page.navigate", url=address)
        self.wait(f"document.readyState === 'complete' && ({ready})")

    def show_at(self, width: int, picture: Path, *, whole: bool = True) -> None:
        """Give the page a width, and keep what it looks like: all of it, or what is seen first."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        picture.write_bytes(base64.b64decode(shot["data"]))

    def overflow(self) -> int:
        """Return by how much the page is wider than what shows it (CSS pixels)."""
        found: int = self.find("document.documentElement.scrollWidth - innerWidth")
        return max(found, 0)

    def serious_findings(self, axe: Path, seconds: float = WAIT_SECONDS) -> list[str]:
        """Return what axe finds seriously wrong with the page as it stands.

        Args:
            axe: Folder that holds axe-core and `audit.js`.
            seconds: How long that may take.
        """
        # Colours that still change are those of neither before nor after.
        self.wait("document.getAnimations().every(one => one.playState !== 'running')", seconds)
        for script in (axe / "node_modules" / "axe-core" / "axe.min.js", axe / "audit.js"):
            self.find(script.read_text(encoding="utf-8"))
        self.wait("window.audited !== null", seconds)
        found: list[str] = self.find("window.audited")
        return found

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


def pictures_folder(otherwise: Path) -> Path:
    """Return where screenshots land: the folder that ETALON_SCREENSHOTS names, or another."""
    folder = Path(os.environ.get("ETALON_SCREENSHOTS") or otherwise)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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
