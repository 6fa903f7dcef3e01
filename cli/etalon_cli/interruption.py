"""Ctrl-C and SIGTERM: the first asks the run to stop at the end of the day, the second stops it."""

from __future__ import annotations

import signal
import sys
import threading
from _thread import interrupt_main
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etalon_cli.early_signals import SIGNALS, keep, were_kept

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

_TAKEN_OVER: Final = (signal.SIG_DFL, signal.default_int_handler, keep)
"""What a signal does where nobody else has asked for it."""

_AGAIN_SECONDS: Final = 0.01
_TO_THEIR_END: Final = frozenset({"importlib._bootstrap", "tempfile", "shutil"})
"""Modules whose functions are not stopped amid: a native module that is being read survives no
error, and a temporary folder must be known before it can be removed, and removed whole."""


class Interrupted(KeyboardInterrupt):
    """The user asked to stop, by the signal of that number.

    A type of its own: after a plain `KeyboardInterrupt` that passed through code compiled from
    text, as that of every dataclass is, Python ends by SIGINT whatever exit code is given.
    """


@dataclass(slots=True)
class Interruption:
    """Whether the user asked to stop.

    Attributes:
        asked: True after the first signal.
    """

    asked: bool = False

    def is_asked(self) -> bool:
        """Tell whether to stop; passed to whatever can stop."""
        return self.asked

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Note a signal.

        Raises:
            Interrupted: It is not the first.
        """
        if self.asked:
            _interrupt(number, frame)
        self.asked = True

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Note a signal and stop at once, or as soon as what must come to its end has.

        Raises:
            Interrupted: Unless something must come to its end first.
        """
        self.asked = True
        _interrupt(number, frame)


@contextmanager
def interruptible() -> Generator[Interruption]:
    """Note signals instead of dying of them, until the block ends."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    former = {number: signal.signal(number, interruption.receive) for number in numbers}
    try:
        yield interruption
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Stop what runs; what must come to its end first, a bit later.

    Raises:
        Interrupted: Unless something must come to its end first.
    """
    if _must_end(frame):
        _try_again(number)
    else:
        raise Interrupted(number)


def _must_end(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__") in _TO_THEIR_END:
            return True
        frame = frame.f_back
    return False


def _try_again(number: int) -> None:
    again = threading.Timer(_AGAIN_SECONDS, _send_again, (number,))
    again.daemon = True
    again.start()


def _send_again(number: int) -> None:
    """Send a signal to the main thread; a call that waits, as a sleep does, ends at once for it."""
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None or not callable(signal.getsignal(number)):
        interrupt_main(signal.Signals(number))
    else:
        signal.pthread_kill(main, number)


def _heard_again(lost: sys.UnraisableHookArgs) -> None:
    """Let a signal come again that came where Python drops errors, as in a weak reference's end."""
    if isinstance(lost.exc_value, Interrupted):
        try:
            _try_again(*(lost.exc_value.args or (signal.SIGINT,)))
        except Interrupted:  # on a busy machine it may be back before this ends
            _heard_again(lost)
    else:
        sys.__unraisablehook__(lost)


@contextmanager
def ending_in_order() -> Generator[Interruption]:
    """Take SIGTERM and Ctrl-C alike until the block ends: files are closed, one message is said.

    A command that can stop at a better moment takes both signals itself (`interruptible`).

    Raises:
        Interrupted: One came before (`early_signals`), or comes while the block lasts.
    """
    interruption = Interruption()
    in_main = threading.current_thread() is threading.main_thread()
    asked = [getattr(signal, name) for name in SIGNALS if in_main and hasattr(signal, name)]
    former = {number: signal.getsignal(number) for number in asked}
    ours = [number for number, handler in former.items() if handler in _TAKEN_OVER]
    for number in ours:
        signal.signal(number, interruption.stop)
    hook, sys.unraisablehook = sys.unraisablehook, _heard_again
    try:
        if were_kept():
            interruption.asked = True
            raise Interrupted
        yield interruption
    finally:
        sys.unraisablehook = hook
        for number in ours:
            signal.signal(number, former[number])
