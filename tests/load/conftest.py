"""Invented runs, written once: what follows from a run is tested without sending anything."""

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

_INVENTED: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parent.parent / "reports" / "invented_load.py")
)
write_invented_load: Callable[..., Path] = _INVENTED["write_invented_load"]
Platform: Callable[..., Any] = _INVENTED["Platform"]


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Directories of runs: `usual` and `stalled` (from 24.3 to 26.3 s) of a minute.

    `long` and `slower` are of three minutes, their services of 12 and 18 ms.
    """
    folder = tmp_path_factory.mktemp("invented")
    runs = {
        "usual": (Platform(), 60, 40.0),
        "stalled": (Platform(stall=(24.3, 26.3)), 60, 40.0),
        "long": (Platform(), 180, 10.0),
        "slower": (Platform(service_seconds=0.018), 180, 10.0),
    }
    return SimpleNamespace(
        **{
            name: write_invented_load(folder / name, platform, seconds=seconds, peak=peak)
            for name, (platform, seconds, peak) in runs.items()
        }
    )
