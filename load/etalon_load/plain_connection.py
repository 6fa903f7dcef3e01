# pyright: standard
"""A connection without TLS whose one watcher stays in the loop: the least that an exchange costs.

A socket of gevent tries to read before anything is there, asks for the size of a buffer before it
sends, makes a timeout for each wait and takes its watcher in and out of the loop. Here the watcher
stays in, a read that follows a request waits first, and the timer is made once. Should the other
side close while nobody waits, the watcher is taken out until somebody does.
"""

import os
from typing import Any

from gevent import getcurrent, socket
from gevent.hub import get_hub

_READ = 1
_WRITE = 2


class PlainConnection:
    """A connected socket that one greenlet uses at a time.

    Attributes:
        is_over: The other side closed, or spoke unasked, while nobody waited: not to be used again.
    """

    __slots__ = (
        "_armed",
        "_hub",
        "_number",
        "_readable",
        "_sent",
        "_socket",
        "_timer",
        "_waiting",
        "is_over",
    )

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        """Take a connected socket over.

        Args:
            connected: Not blocking, as gevent makes them.
            seconds: How long one wait may take.
        """
        self._socket = connected
        self._number = connected.fileno()
        self._hub = get_hub()
        self._readable: Any = self._hub.loop.io(self._number, _READ)
        self._timer: Any = self._hub.loop.timer(seconds)
        self._waiting: Any = None
        self._armed = False
        self._sent = False
        self.is_over = False

    def sendall(self, message: bytes) -> None:
        """Send a message whole.

        Raises:
            OSError: The connection is lost, or takes nothing for too long.
        """
        self._sent = True
        try:
            sent = os.write(self._number, message)
        except BlockingIOError:
            sent = 0
        if sent < len(message):
            self._socket.sendall(message[sent:])

    def recv(self, most: int) -> bytes:
        """Return what is there, at most so many bytes; empty when the other side has closed.

        Raises:
            OSError: The connection is lost, or nothing comes for too long.
        """
        if self._sent:
            self._sent = False
            self._wait()
        while True:
            try:
                return os.read(self._number, most)
            except BlockingIOError:
                self._wait()

    def close(self) -> None:
        """Close the connection."""
        for watcher in (self._readable, self._timer):
            watcher.stop()
            watcher.close()
        self._socket.close()

    def _wait(self) -> None:
        if not self._armed:
            self._readable.start(self._come)
            self._armed = True
        self._waiting = getcurrent()
        self._timer.start(self._late)
        try:
            self._hub.switch()
        finally:
            self._waiting = None
            self._timer.stop()

    def _come(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            self._readable.stop()
            self._armed = False
            self.is_over = True
        else:
            waiting.switch()

    def _late(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.throw(TimeoutError("timed out"))
