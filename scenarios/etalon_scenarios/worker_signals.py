"""When a process hears Ctrl-C and SIGTERM while it shares work with others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deaf_to_interruption() -> Generator[None]:
    """Start workers that do not hear Ctrl-C even before they can ignore it.

    A blocked signal stays blocked in a process started meanwhile; here it is kept, and heard at
    the end of the block. Windows has no such mask: a worker stopped while it starts is seen as a
    broken pool.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def interruption_held() -> Generator[None]:
    """Hear Ctrl-C and SIGTERM at the end of the block.

    An error raised by a signal among the locks of a pool would leave one of them taken: its
    workers, and whoever waits for them, would wait for ever. Outside the main thread nothing is
    raised by signals, and nothing is held.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    former = {number: signal.signal(number, hear) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        for came in heard:
            signal.raise_signal(came)


def leave_with_parent() -> None:
    """End this worker when its parent was killed and can no longer ask for it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
