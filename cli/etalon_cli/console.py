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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from etalon_cli.stopping import because
from etalon_text.language import as_typed, spaced
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from etalon_text.language import Language

_TELLING_SECONDS: Final = 1.0
"""Seconds of a stage after which the time left is told."""

_TELLING_PARTS: Final = 20
"""And one part of so many, which has to be done before."""

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


class ReaderGoneError(Exception):
    """Whoever read stdout has seen enough (`etalon scenarios list | head -1`)."""


def print_result(line: str) -> None:
    """Write one line of the result on stdout.

    Raises:
        ReaderGoneError: Nobody reads any more.
        Stopped: Stdout refuses it, as a file on a full disk does.
    """
    with _stdout_explained():
        sys.stdout.write(line + "\n")


def hand_over_results() -> None:
    """Let what was printed so far be read.

    Raises:
        ReaderGoneError: Nobody reads any more.
        Stopped: Stdout refuses it.
    """
    with _stdout_explained():
        sys.stdout.flush()


@contextmanager
def _stdout_explained() -> Generator[None]:
    try:
        yield
    except BrokenPipeError as error:
        _silence(sys.stdout)
        raise ReaderGoneError from error
    except OSError as error:
        _silence(sys.stdout)
        raise because(reason="stdout_refused", problem=error.strerror or str(error)) from error


def say(message: str) -> None:
    """Write one message on stderr."""
    _tell(sys.stderr, message + "\n")


def _tell(stream: TextIO, words: str) -> None:
    """Write words at once; where they are refused, the exit code is all that can be told."""
    try:
        stream.write(words)
        stream.flush()
    except OSError:
        _silence(stream)


def _silence(stream: TextIO) -> None:
    """Send what a stream still holds nowhere, or Python would complain when it leaves."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def sentence_of(record: Mapping[str, object], name: str, language: Language) -> str:
    """Give the sentence that a record holds as `NAME_fr` and `NAME_en`, with signs of print."""
    return spaced(str(record[f"{name}_{language}" if name else language]), language)


def open_closed_streams() -> None:
    """Open to nowhere those of stdin, stdout and stderr that whoever started us has closed.

    Else the first files that are opened take their places.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 (stays open)
            setattr(sys, name, nowhere)


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
        """Say how long the stage will take still, once a twentieth of it tells.

        Its first part prepares what the others use: told from that alone, a minute is an hour.
        """
        began, before = self._began
        parts = done - before
        early = parts * _TELLING_PARTS < total or now - began < _TELLING_SECONDS
        if not before < done < total or early:
            return ""
        seconds = round((now - began) * (total - done) / (done - before))
        minutes, seconds = divmod(seconds, 60)
        length = f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
        return f" · {text('progress.left', self.language, length=length)}"

    def end(self) -> None:
        """Leave the line, if there is one."""
        if self._width:
            _tell(self.stream, "\n")
            self._width = 0

    def _write(self, label: str, done: int, total: int, detail: str) -> None:
        words = f"{label} {done}/{total} {detail}".rstrip()
        if not self.stream.isatty():
            _tell(self.stream, words + "\n")
            return
        filled = _BAR_WIDTH * done // total
        line = f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] {words}"
        _tell(self.stream, "\r" + line.ljust(self._width))
        self._width = len(line)
