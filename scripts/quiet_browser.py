"""A real browser as tests drive it: alone on its machine, and with nobody to ask.

Whoever needs it does without where `CHROMIUM` is empty.
"""

import http.server
import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CHROMIUM: Final = shutil.which("chromium") or ""
PNG: Final = b"\x89PNG\r\n\x1a\n"
"""What a painted page begins with."""

_QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--window-size=1000,1400",
)


def quiet_browser(profile: Path, proxy: int) -> list[str]:
    """Return the command of a browser whose requests to other machines go to a proxy.

    Args:
        profile: Folder for what it keeps.
        proxy: Port of the proxy.
    """
    told = [f"--proxy-server=http://127.0.0.1:{proxy}", f"--user-data-dir={profile}"]
    return [CHROMIUM, *_QUIET, *told]


@contextmanager
def refusing_proxy() -> Generator[tuple[int, list[str]]]:
    """Give the port of a proxy that refuses everything, and what was asked of it so far."""
    asked: list[str] = []

    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        do_CONNECT = do_GET  # noqa: N815 (the name that http.server calls)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
