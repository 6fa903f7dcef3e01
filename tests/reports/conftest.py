"""A plausible run directory, small and quick to write, that obeys the published schemas."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    RunMaker = Callable[..., Path]

INVENTED = Path(__file__).with_name("invented_run")


@pytest.fixture(scope="session")
def invented_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a complete run directory; a test that changes it asks for `changed_run`."""
    directory = tmp_path_factory.mktemp("invented") / "run"
    shutil.copytree(INVENTED, directory)
    return directory


@pytest.fixture
def changed_run(tmp_path: Path) -> RunMaker:
    """Return a maker of run directories: file name -> {dotted key: value}, or None to remove."""

    def make(changes: dict[str, dict[str, Any] | None]) -> Path:
        directory = tmp_path / "run"
        shutil.copytree(INVENTED, directory)
        for name, values in changes.items():
            file = directory / name
            if values is None:
                file.unlink()
                continue
            content = json.loads(file.read_text(encoding="utf-8"))
            for path, value in values.items():
                _set(content, path.split("."), value)
            file.write_text(json.dumps(content), encoding="utf-8")
        return directory

    return make


def _set(content: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for key in parents:
        content = content[key]
    content[last] = value
