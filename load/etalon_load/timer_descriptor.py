"""A timer of Linux as a descriptor: it becomes readable at its instant, to the microsecond.

Loops that wait in whole milliseconds wake on it when it is due. Setting it again clears what it
told. Python has it from 3.13 on (`os.timerfd_create`); until then it is asked of the C library.
"""

import ctypes
import errno
import os
from typing import Final

_MONOTONIC: Final = 1
_NONBLOCKING: Final = 0o4000
_CLOSED_ON_EXEC: Final = 0o2000000
_NANOSECONDS: Final = 1_000_000_000


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Interval(ctypes.Structure):
    """`struct itimerspec`: not again, and when first."""

    _fields_ = (("again", _Timespec), ("first", _Timespec))

    first: _Timespec


class TimerDescriptor:
    """One timer.

    Attributes:
        number: Of the descriptor.
    """

    __slots__ = ("_at", "_interval", "_set", "number")

    def __init__(self) -> None:
        """Make it.

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
        """Be readable in so many seconds, at once when there are none, and not before.

        Raises:
            OSError: The system refuses.
        """
        self._put(max(1, int(seconds * _NANOSECONDS)))

    def stop(self) -> None:
        """Be readable no more.

        Raises:
            OSError: The system refuses.
        """
        self._put(0)

    def _put(self, nanoseconds: int) -> None:
        first = self._interval.first
        first.seconds, first.nanoseconds = divmod(nanoseconds, _NANOSECONDS)
        if self._set(self.number, 0, self._at, None):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.number)
