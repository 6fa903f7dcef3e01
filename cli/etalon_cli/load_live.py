"""What is seen of a load run on the terminal while it goes; elsewhere nothing is written."""

from __future__ import annotations

import os
import shutil
import sys
from collections import deque
from dataclasses import dataclass, field
from math import log10
from typing import TYPE_CHECKING, Final, TextIO

from etalon_reports.load.amounts import NOTHING, asked_share, duration, latency
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_text.language import Language

_BAR_WIDTH: Final = 28
_KEPT: Final = 48
_HEIGHTS: Final = "▁▂▃▄▅▆▇█"
_LEAST_US: Final = 1_000.0
_DECADES: Final = 4
"""The course of latency is drawn from 1 ms to 10 s."""

_UP: Final = "\x1b[{lines}F"
_CLEAR: Final = "\x1b[K"


@dataclass(slots=True)
class LiveFigures:
    """A few lines of a terminal, written over as the run goes on.

    Attributes:
        language: Of the words.
        stream: Where they are written, when it is a terminal that can go back up.
    """

    language: Language
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _course: deque[float | None] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _written: int = 0

    def show(self, told: Mapping[str, object]) -> None:
        """Write the figures of a moment, as the generator tells them once a second."""
        if not self.stream.isatty() or os.environ.get("TERM") == "dumb":
            return
        self._course.append(_figure(told, "p99_us"))
        width = max(shutil.get_terminal_size().columns - 1, 1)
        lines = [line[:width] for line in self._lines(told)]
        back = _UP.format(lines=self._written) if self._written else ""
        self.stream.write(back + "".join(f"{line}{_CLEAR}\n" for line in lines))
        self.stream.flush()
        self._written = len(lines)

    def end(self) -> None:
        """Leave the figures where they stand."""
        self._written = 0

    def _lines(self, told: Mapping[str, object]) -> Sequence[str]:
        second, seconds = _figure(told, "second") or 0.0, _figure(told, "seconds") or 0.0
        done = min(max(second / seconds, 0.0), 1.0) if seconds else 0.0
        filled = int(_BAR_WIDTH * done)
        bar = f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}]"
        passed = text(
            "load.live_time",
            self.language,
            second=duration(max(round(second), 0), self.language),
            seconds=duration(seconds, self.language),
        )
        return [
            f"{bar} {passed}",
            self._words("load.live_journeys", told, ("planned", "offered", "in_flight")),
            self._words("load.live_answers", told, ("answered", "failed", "wrong")),
            self._latencies(told),
            text("load.live_course", self.language, course=course(self._course)),
        ]

    def _words(self, key: str, told: Mapping[str, object], counted: Sequence[str]) -> str:
        values = {name: number(_figure(told, name) or 0, self.language) for name in counted}
        return text(key, self.language, **values)

    def _latencies(self, told: Mapping[str, object]) -> str:
        values = {
            name: NOTHING if found is None else latency(found, self.language)
            for name in ("p50_us", "p99_us", "lag_p99_us")
            for found in (_figure(told, name),)
        }
        busiest = asked_share(round(_figure(told, "busiest") or 0.0, 2), self.language)
        return text("load.live_latencies", self.language, busiest=busiest, **values)


def course(latencies: Sequence[float | None] | deque[float | None]) -> str:
    """Return latencies (µs) as bars of a character each, by their logarithm; gaps are blank."""
    return "".join(" " if one is None else _HEIGHTS[_height(one)] for one in latencies)


def _height(microseconds: float) -> int:
    share = log10(max(microseconds, _LEAST_US) / _LEAST_US) / _DECADES
    return min(int(share * len(_HEIGHTS)), len(_HEIGHTS) - 1)


def _figure(told: Mapping[str, object], key: str) -> float | None:
    value = told.get(key)
    return float(value) if isinstance(value, int | float) else None
