"""What a worker process of the page does; each function is called in it by its name."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_scenarios.worker_signals import leave_with_parent

if TYPE_CHECKING:
    from ctypes import Array, c_longlong
    from multiprocessing.synchronize import Event

    from etalon_explore.answering import Bench, Question
    from etalon_text.language import Language

STAGES: Final = ("starting", "days", "draws", "replications", "report")
_KEPT: Final = 60
"""Answers that stay on the disk."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What a worker process shares with the page.

    Attributes:
        stop: Set when what it does is wanted no more.
        done: Rank of the stage, what is done of it, and of how much.
    """

    stop: Event
    done: Array[c_longlong]

    def reach(self, stage: str, done: int, total: int) -> None:
        """Say how far the work is."""
        self.done[0], self.done[1], self.done[2] = STAGES.index(stage), done, total

    def reached(self) -> tuple[str, int, int]:
        """Give the stage, what is done of it, and of how much."""
        stage, done, total = (int(self.done[rank]) for rank in range(3))
        return STAGES[stage], done, total


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer, drawn.

    Attributes:
        directory: Directory of the comparison.
        html: What the page shows.
        spoken: The answer in one sentence.
    """

    directory: Path
    html: str
    spoken: str


_begun: list[Bench] = []


def begin(folder: str, workers: int, signals: Signals) -> None:
    """Begin: the folder of the answers becomes the working directory."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    os.chdir(folder)
    from etalon_explore.answering import Bench  # noqa: PLC0415 (the engine, in this process alone)

    _begun[:] = [Bench(Path(), workers, signals.stop.is_set, signals.reach)]


def draw_answer(question: Question, language: Language) -> Drawn | None:
    """Answer a question and draw the answer; None when it was stopped."""
    from etalon_explore.answer_page import answer_page  # noqa: PLC0415 (as above)
    from etalon_explore.answering import answered, forget_oldest  # noqa: PLC0415

    bench = _begun[0]
    directory = answered(question, bench)
    if directory is None:
        return None
    bench.told("report", 0, 1)
    html, spoken = answer_page(directory, language)
    forget_oldest(bench.folder, _KEPT)
    return Drawn(directory, html, spoken)


def hand_out(directory: Path, kind: str, language: Language) -> Path:
    """Write what a reader takes away of an answer, and return its path."""
    from etalon_explore.documents import document  # noqa: PLC0415 (as above)

    return document(directory, kind, language).resolve()
