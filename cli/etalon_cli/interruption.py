"""Ctrl-C and SIGTERM: the first asks the run to stop at the end of the day, the second stops it."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGBREAK")
"""Those of the system: SIGBREAK exists on Windows only."""


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

    def receive(self, _number: int, _frame: FrameType | None) -> None:
        """Note a signal.

        Raises:
            KeyboardInterrupt: It is not the first.
        """
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def interruptible() -> Generator[Interruption]:
    """Note signals instead of dying of them, until the block ends."""
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    former = {number: signal.signal(number, interruption.receive) for number in numbers}
    try:
        yield interruption
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def ending_in_order() -> Generator[None]:
    """Take SIGTERM as Ctrl-C until the block ends: files are closed, and one message is said.

    A command that can stop at a better moment takes both signals itself (`interruptible`).
    """
    asked = [getattr(signal, name) for name in _SIGNALS[1:] if hasattr(signal, name)]
    in_main = threading.current_thread() is threading.main_thread()
    ours = [number for number in asked if in_main and signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
