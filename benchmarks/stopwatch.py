"""CPU seconds of a piece of work, and where its figures go.

CPU time of this process, not wall time: a busy machine makes a run longer, hardly dearer.
Each figure that depends on the machine is given beside a ratio to something known, timed in the
same run.
"""

import gc
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

REPEATS = 5

Figure = None | bool | int | float | str | list["Figure"] | dict[str, "Figure"]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds, of this process and its threads, that one call takes."""
    gc.collect()
    started = time.process_time()
    work()
    return time.process_time() - started


def median_cpu_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median CPU seconds of several calls."""
    return statistics.median(cpu_seconds(work) for _ in range(repeats))


def figures_folder() -> Path:
    """Return the folder for figures and plots: that of `make bench`, else the current one."""
    return Path(os.environ.get("ETALON_FIGURES", "."))


def write_figures(figures: Mapping[str, Figure]) -> None:
    """Print the figures and, under `make bench`, hand them over to the result."""
    text = json.dumps(figures, indent=2, ensure_ascii=False)
    print(text)
    if "ETALON_FIGURES" in os.environ:
        (figures_folder() / "figures.json").write_text(text + "\n", encoding="utf-8")
