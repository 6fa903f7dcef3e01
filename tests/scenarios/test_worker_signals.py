"""A signal that comes among the locks of a pool is heard after them."""

from __future__ import annotations

import signal

import pytest

from etalon_scenarios.worker_signals import interruption_held


def test_a_signal_is_heard_at_the_end_of_the_block() -> None:
    """Ctrl-C raises what it raises once all of the block is done, and the handler is back."""
    done: list[str] = []

    def interrupted() -> None:
        with interruption_held():
            signal.raise_signal(signal.SIGINT)
            done.append("the rest of the block")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["the rest of the block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nothing_is_raised_where_no_signal_came() -> None:
    """The block ends, and both signals are as they were."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with interruption_held():
        pass

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
