"""A plausible run directory, quick to write, that obeys the published schemas."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from etalon_reports import write_report
from etalon_text.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_text.language import Language

_BUILDER = runpy.run_path(str(Path(__file__).with_name("invented_run.py")))
write_invented_run: Callable[..., Path] = _BUILDER["write_invented_run"]
write_invented_comparison: Callable[..., Path] = runpy.run_path(
    str(Path(__file__).with_name("invented_comparison.py"))
)["write_invented_comparison"]
write_invented_conformance: Callable[..., Path] = runpy.run_path(
    str(Path(__file__).with_name("invented_conformance.py"))
)["write_invented_conformance"]
_LOAD = runpy.run_path(str(Path(__file__).with_name("invented_load.py")))
_PEOPLE = 3_000


@pytest.fixture(scope="session")
def invented_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a complete run directory that no test changes."""
    return write_invented_run(tmp_path_factory.mktemp("invented") / "run", people=_PEOPLE)


@pytest.fixture(scope="session")
def invented_comparison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a complete comparison of four policies, that no test changes."""
    return write_invented_comparison(tmp_path_factory.mktemp("invented") / "comparison")


@pytest.fixture(scope="session")
def invented_conformance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a conformance run that holds every verdict, unsigned."""
    directory = write_invented_conformance(tmp_path_factory.mktemp("invented") / "conformance")
    shutil.rmtree(directory / "signatures")
    return directory


@pytest.fixture
def conformance_run(tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of directories of conformance runs: keys of verdicts.json -> values."""

    def make(**changed: object) -> Path:
        return write_invented_conformance(tmp_path / "R", **changed)

    return make


@pytest.fixture(scope="session")
def invented_load(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a writer of load runs that have ended: what a `Platform` is, and how long.

    Without a directory it makes one; `asked` and `measured` are keys of its two files.
    """

    def write(
        directory: Path | None,
        *,
        seconds: int = 60,
        peak: float = 30.0,
        asked: dict[str, Any] | None = None,
        measured: dict[str, Any] | None = None,
        **platform: float | tuple[float, float],
    ) -> Path:
        target = directory or tmp_path_factory.mktemp("load") / "run"
        made = _LOAD["Platform"](**platform)
        changes = {"workload.json": asked or {}, "measured.json": measured or {}}
        return cast(
            "Path",
            _LOAD["write_invented_load"](target, made, seconds=seconds, peak=peak, changes=changes),
        )

    return write


@pytest.fixture(scope="session")
def drawn(invented_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Path]:
    """Return the report of the invented run in each language, each in its own directory."""
    pages: dict[Language, Path] = {}
    for language in LANGUAGES:
        directory = tmp_path_factory.mktemp("drawn") / "run"
        shutil.copytree(invented_run, directory)
        pages[language] = write_report(directory, language)
    return pages


@pytest.fixture
def changed_run(invented_run: Path, tmp_path: Path) -> Callable[..., Path]:
    """Return a maker of run directories: file name -> {dotted key: value}, or None to remove."""

    def make(changes: dict[str, dict[str, Any] | None]) -> Path:
        directory = tmp_path / "changed"
        shutil.copytree(invented_run, directory)
        for name, values in changes.items():
            _change(directory / name, values)
        return directory

    return make


@pytest.fixture
def partial_run(tmp_path: Path) -> Path:
    """Return a run stopped before any space was opened, without a knowledge draw."""
    last = _BUILDER["STARTS_ON"].replace(month=10, day=2)
    return write_invented_run(tmp_path / "partial", people=1_000, draws=0, last=last)


def _change(file: Path, values: dict[str, Any] | None) -> None:
    if values is None:
        file.unlink()
        return
    content = json.loads(file.read_text(encoding="utf-8"))
    for path, value in values.items():
        *parents, last = path.split(".")
        place = content
        for key in parents:
            place = place[key]
        place[last] = value
    file.write_text(json.dumps(content), encoding="utf-8")
