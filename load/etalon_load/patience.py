"""Clients that wait and ask again where they are asked to come later, within bounds.

A refusal that says "later" (429, 503), or a connection that nobody takes, did nothing: the same
request is sent again after the time named, or after pauses that grow. It stays one request, meant
for the instant at which it was meant first: the waiting is part of its latency.

Sources: RFC 6585 (4, 429), RFC 9110 (10.2.3 Retry-After, 15.6.4 503).
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import gevent

from etalon_load.http_client import Answer, NotConnectedError
from etalon_load.measures import Step
from etalon_load.workload import LONGEST_SECONDS

NOT_CONNECTED: Final = "not connected"
_LATER: Final = frozenset({429, 503})
_LATENESS: Final = 0.1
"""Clients come up to so much later than they were told, never earlier."""

_FIRST_PAUSE: Final = 1.0


@dataclass(slots=True)
class Patience:
    """How often clients ask again, and how often they did.

    Attributes:
        tries: How often at most, after the first time.
        time_scale: What every waiting is divided by.
        again: How often each step was sent again, by why.
    """

    tries: int
    time_scale: float = 1.0
    again: Counter[tuple[Step, str]] = field(default_factory=Counter[tuple[Step, str]])

    def sent(self, step: Step, send: Callable[[], Answer]) -> Answer:
        """Send until it is taken, or patience is over; return the last answer.

        Raises:
            FailedError: No whole answer came, or nobody took a connection the last time either.
        """
        for rank in range(self.tries):
            try:
                answer = send()
            except NotConnectedError:
                why, seconds = NOT_CONNECTED, _pause(rank)
            else:
                if answer.status not in _LATER:
                    return answer
                why, seconds = f"status {answer.status}", asked_seconds(answer, rank)
                if seconds > LONGEST_SECONDS:
                    return answer
            self.again[step, why] += 1
            gevent.sleep(seconds / self.time_scale)
        return send()


def asked_seconds(answer: Answer, rank: int) -> float:
    """Return how long to wait before a request is sent again (s).

    Args:
        answer: That says "later"; its Retry-After is seconds or a date.
        rank: How often it was sent again already: pauses that nobody names double each time.
    """
    named = answer.header("Retry-After")
    if named.isascii() and named.isdecimal():
        seconds = float(named)
    else:
        try:
            at = parsedate_to_datetime(named)
        except ValueError:
            return _pause(rank)
        since = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        seconds = max(0.0, (since - datetime.now(UTC)).total_seconds())
    return seconds * (1.0 + _LATENESS * random.random())  # noqa: S311 (no secret)


def _pause(rank: int) -> float:
    """Return a pause that nobody named: between half and all of 1, 2, 4… seconds."""
    longest = min(_FIRST_PAUSE * 2.0**rank, LONGEST_SECONDS)
    return longest * (0.5 + random.random() / 2)  # noqa: S311 (no secret)
