"""Signals before the command line is read, and after its answer: kept, then without effect.

Reading the modules of a command takes a while, and so does leaving them; Python itself would end
by a traceback or by the signal. This module imports nothing that takes long.
"""

import signal

SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")
"""Those that ask a command to stop; SIGBREAK exists on Windows only."""

_kept: list[int] = []


def keep(number: int, _frame: object) -> None:
    """Keep a signal for later."""
    _kept.append(number)


def were_kept() -> bool:
    """Tell whether one came."""
    return bool(_kept)


def keep_signals() -> None:
    """Keep the signals of this process from now on, but those that it was started to ignore."""
    for number in _heard():
        signal.signal(number, keep)


def ignore_signals() -> None:
    """Let no signal change an answer that is given: while Python leaves, it hears none."""
    for number in _heard():
        signal.signal(number, signal.SIG_IGN)


def _heard() -> list[int]:
    numbers = [int(getattr(signal, name)) for name in SIGNALS if hasattr(signal, name)]
    return [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]
