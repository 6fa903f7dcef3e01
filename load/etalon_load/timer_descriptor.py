"""A timer of the system that is a descriptor: any loop hears it as it hears a socket.

Loops wait in whole milliseconds and round up; a timer descriptor is readable at its instant. Linux
has them. Python gives them from 3.13 on; until then they are asked of the C library.

Source: timerfd_create(2).
"""

import ctypes
import errno
import os
from typing import Final

_MONOTONIC: Final = 1
_NONBLOCKING: Final = 0o4000
_CLOSED_ON_EXEC: Final = 0o2000000
_NANOSECONDS: Final = 1_000_000_000
_EXPIRATIONS: Final = 8
"""Bytes of the count that the descriptor tells."""


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Interval(ctypes.Structure):
    """`struct itimerspec`: not again, and when first."""

    _fields_ = (("again", _Timespec), ("first", _Timespec))

    first: _Timespec


class TimerDescriptor:
    """A timer that is readable once its time has come.

    Attributes:
        number: Its descriptor.
    """

    __slots__ = ("_at", "_interval", "_set", "number")

    def __init__(self) -> None:
        """Make one that is not set.

        Raises:
            OSError: The system has none, or no descriptor is left.
        """
        system = ctypes.CDLL(None, use_errno=True)
        if not hasattr(system, "timerfd_create"):
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        number = system.timerfd_create(_MONOTONIC, _NONBLOCKING | _CLOSED_ON_EXEC)
        if number < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self.number: int = number
        self._set = system.timerfd_settime
        self._interval = _Interval()
        self._at = ctypes.byref(self._interval)

    def set(self, seconds: float) -> None:
        """Be readable once, so long from now (at least a nanosecond); what it told is cleared."""
        whole, part = divmod(max(1, int(seconds * _NANOSECONDS)), _NANOSECONDS)
        first = self._interval.first
        first.seconds, first.nanoseconds = whole, part
        if self._set(self.number, 0, self._at, None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def clear(self) -> None:
        """Be readable no more, if it was."""
        try:
            os.read(self.number, _EXPIRATIONS)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.number)
