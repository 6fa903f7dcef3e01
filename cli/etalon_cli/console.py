"""What the user sees: results on stdout; messages and progress on stderr.

A progress bar is drawn only on a terminal; elsewhere a line is written now and then, so that a
log file stays readable.
"""

from __future__ import annotations

import codecs
import locale
import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TextIO

from etalon_text.language import as_typed, spaced
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_text.language import Language

_TELLING_SECONDS: Final = 1.0
"""Seconds of a stage after which the time left is told."""

_PLAIN: Final = "etalon-plain"
"""Name of the way in which a character is replaced that an encoding lacks."""

_BAR_WIDTH: Final = 28
_BAR_SECONDS: Final = 0.1
_LINE_SECONDS: Final = 10.0
_LOCALE_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(asked: str | None) -> Language:
    """Give the language asked for, or that of the locale: French or else English."""
    if asked is not None:
        return "fr" if asked == "fr" else "en"
    for variable in _LOCALE_VARIABLES:
        if value := os.environ.get(variable):
            return "fr" if value.lower().startswith("fr") else "en"
    return "fr" if (locale.getlocale()[0] or "").lower().startswith("fr") else "en"


def print_result(line: str) -> None:
    """Write one line of the result on stdout."""
    sys.stdout.write(line + "\n")


def say(message: str) -> None:
    """Write one message on stderr."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def sentence_of(record: Mapping[str, object], name: str, language: Language) -> str:
    """Give the sentence that a record holds as `NAME_fr` and `NAME_en`, with signs of print."""
    return spaced(str(record[f"{name}_{language}" if name else language]), language)


def accept_any_character() -> None:
    """Keep a terminal without accents from ending a run: what it lacks is replaced.

    Signs of print have a like on any keyboard; another character is a question mark.
    """
    codecs.register_error(_PLAIN, _plainly)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_PLAIN)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks, as `codecs.register_error` asks for."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = as_typed(error.object[error.start : error.end])
    return "".join(one if one.isascii() else "?" for one in lacking), error.end


@dataclass(slots=True)
class ProgressLine:
    """The progress of a run, on one line of a terminal or on a few lines of a log.

    Attributes:
        language: Of the words on the line.
        stream: Where it is written.
    """

    language: Language
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _stage: str = ""
    _written_at: float = 0.0
    _width: int = 0
    _began: tuple[float, int] = (0.0, 0)

    def show(self, stage: str, done: int, total: int, detail: str = "") -> None:
        """Say that `done` parts out of `total` of a stage are done; rarely, so that it is cheap.

        Args:
            stage: Key of a string `progress.STAGE`.
            done: Parts done.
            total: Parts in all.
            detail: What to add, such as the simulated day.
        """
        now = time.monotonic()
        new_stage = stage != self._stage
        if new_stage:
            self.end()
            self._stage = stage
            self._began = (now, done)
        interval = _BAR_SECONDS if self.stream.isatty() else _LINE_SECONDS
        if not new_stage and done < total and now - self._written_at < interval:
            return
        self._written_at = now
        label = text(f"progress.{stage}", self.language)
        self._write(label, done, max(total, 1), f"{detail}{self._left(now, done, total)}")

    def _left(self, now: float, done: int, total: int) -> str:
        """Say how long the stage will take still, once that can be told."""
        began, before = self._began
        if not before < done < total or now - began < _TELLING_SECONDS:
            return ""
        seconds = round((now - began) * (total - done) / (done - before))
        minutes, seconds = divmod(seconds, 60)
        length = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
        return f" · {text('progress.left', self.language, length=length)}"

    def end(self) -> None:
        """Leave the line, if there is one."""
        if self._width:
            self.stream.write("\n")
            self.stream.flush()
            self._width = 0

    def _write(self, label: str, done: int, total: int, detail: str) -> None:
        words = f"{label} {done}/{total} {detail}".rstrip()
        if not self.stream.isatty():
            self.stream.write(words + "\n")
        else:
            filled = _BAR_WIDTH * done // total
            line = f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {words}"
            self.stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        self.stream.flush()
