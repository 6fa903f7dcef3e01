"""A kept connection knows that the other side has gone before anything is sent on it."""

import gevent
from gevent import socket

from etalon_load.plain_connection import PlainConnection


def test_a_connection_closed_while_nobody_waits_is_over() -> None:
    """What is sent on it would be lost, and could not be sent again."""
    gevent.sleep(0.001)  # the loop looks at the clock
    own, other = socket.socketpair()
    connection = PlainConnection(own, 5.0)
    connection.sendall(b"asked")
    other.sendall(b"told")

    assert connection.recv(64) == b"told"
    gevent.sleep(0.01)
    assert not connection.is_over
    other.close()
    gevent.sleep(0.01)
    assert connection.is_over
    connection.close()
