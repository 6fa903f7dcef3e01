"""The report in a real browser: nothing is asked of the network, figures are drawn.

Skipped where chromium is not installed, as tests/skipped.txt agrees; what does not need a browser
is tested in test_simulation_report.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from etalon_load.files.run_files import write_run_files
from etalon_reports import write_report
from quiet_browser import CHROMIUM, PNG, quiet_browser, refusing_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from etalon_text.language import Language

if not CHROMIUM:
    pytest.skip("chromium is not installed", allow_module_level=True)


@pytest.fixture
def listening() -> Iterator[tuple[int, list[str]]]:
    """Return the port of a proxy that refuses everything, and what was asked of it."""
    with refusing_proxy() as found:
        yield found


def browse(page: Path, profile: Path, port: int, *arguments: str) -> bytes:
    """Open a page with every request sent through the proxy; return the standard output."""
    command = [*quiet_browser(profile, port), *arguments, page.as_uri()]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


def shown(page: Path, folder: Path, listening: tuple[int, list[str]]) -> str:
    """Open a page, and return its document: painted, and no host that it names was asked for."""
    port, asked = listening
    image = folder / "page.png"

    document = browse(page, folder / "profile", port, "--dump-dom", f"--screenshot={image}").decode(
        "utf-8"
    )

    hosts = re.findall(r"https?://([\w.-]+)", page.read_text(encoding="utf-8"))
    assert not [address for address in asked if any(host in address for host in hosts)]
    painted = image.read_bytes()
    assert painted.startswith(PNG)
    assert len(painted) > 40_000
    return document


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_browser_shows_the_report_without_asking_the_network(
    language: Language,
    drawn: dict[Language, Path],
    tmp_path: Path,
    listening: tuple[int, list[str]],
) -> None:
    """The eleven drawings are in the document and painted; no host of the page was asked for."""
    document = shown(drawn[language], tmp_path, listening)

    assert document.count("<svg") == 11
    assert len(re.findall(r"<path\b", document)) > 100


def test_a_browser_shows_a_comparison_without_asking_the_network(
    invented_comparison: Path, tmp_path: Path, listening: tuple[int, list[str]]
) -> None:
    """Its four drawings are in the document and painted."""
    directory = tmp_path / "C"
    shutil.copytree(invented_comparison, directory)
    page = write_report(directory, "fr")

    document = shown(page, tmp_path, listening)

    assert document.count("<svg") == 4


def test_a_browser_shows_a_conformance_report_without_asking_the_network(
    invented_conformance: Path, tmp_path: Path, listening: tuple[int, list[str]]
) -> None:
    """Its four breaches are in the document, and painted."""
    directory = tmp_path / "R"
    shutil.copytree(invented_conformance, directory)
    page = write_report(directory, "en")

    document = shown(page, tmp_path, listening)

    assert document.count("<article") == 4


def test_a_browser_shows_a_load_run_without_asking_the_network(
    invented_load: Callable[..., Path], tmp_path: Path, listening: tuple[int, list[str]]
) -> None:
    """Its six drawings are in the document and painted."""
    directory = invented_load(None, seconds=30, stall=(14.3, 16.3))
    write_run_files(directory)
    page = write_report(directory, "fr")

    document = shown(page, tmp_path, listening)

    assert document.count("<svg") == 6
