"""Clients that are refused for now come again within bounds, and it stays one request."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from etalon_load.arrivals import Arrival
from etalon_load.dispatching import Clock, Taken, Walk
from etalon_load.http_client import Answer, FailedError, NotConnectedError
from etalon_load.measures import Measures, Outcome, Step
from etalon_load.patience import NOT_CONNECTED, Patience, asked_seconds
from etalon_load.workload import LONGEST_SECONDS

STEP = Step("visit", "list")
NO_WAITING = 1e9
"""A scale of time by which every waiting is over at once."""


def answer(status: int, retry_after: str = "") -> Answer:
    """An answer, with or without a time to come again."""
    line = f"\r\nRetry-After: {retry_after}" if retry_after else ""
    return Answer(status, f"HTTP/1.1 {status} x{line}".encode(), b"")


def sending(*outcomes: Answer | FailedError) -> Callable[[], Answer]:
    """A request that meets one outcome after the other, the last one for good."""
    left: Iterator[Answer | FailedError] = iter(outcomes)
    last = outcomes[-1]

    def send() -> Answer:
        found = next(left, last)
        if isinstance(found, FailedError):
            raise found
        return found

    return send


@pytest.mark.parametrize(
    ("outcomes", "status", "again"),
    [
        ((answer(200),), 200, {}),
        ((answer(429, "1"), answer(200)), 200, {"status 429": 1}),
        ((answer(503), answer(429, "0"), answer(200)), 200, {"status 503": 1, "status 429": 1}),
        ((NotConnectedError(), answer(200)), 200, {NOT_CONNECTED: 1}),
        ((answer(429, "1"),), 429, {"status 429": 3}),
        ((answer(429, f"{int(LONGEST_SECONDS) + 1}"), answer(200)), 429, {}),
        ((answer(500), answer(200)), 500, {}),
        ((answer(404), answer(200)), 404, {}),
    ],
)
def test_a_request_refused_for_now_is_sent_again_within_bounds(
    outcomes: tuple[Answer | FailedError, ...], status: int, again: dict[str, int]
) -> None:
    """Three times at most; a wait that is too long, or another status, ends it at once."""
    patience = Patience(3, NO_WAITING)

    assert patience.sent(STEP, sending(*outcomes)).status == status
    assert dict(patience.again) == {(STEP, why): count for why, count in again.items()}


def test_what_may_have_been_done_is_not_sent_again() -> None:
    """A connection that broke after the request left says nothing of what became of it."""
    patience = Patience(3, NO_WAITING)

    with pytest.raises(FailedError):
        patience.sent(STEP, sending(FailedError("reset"), answer(200)))
    with pytest.raises(NotConnectedError):
        patience.sent(STEP, sending(NotConnectedError()))
    assert dict(patience.again) == {(STEP, NOT_CONNECTED): 3}


@pytest.mark.parametrize(
    ("named", "rank", "low", "high"),
    [
        ("0", 0, 0.0, 0.0),
        ("20", 0, 20.0, 22.0),
        ("", 0, 0.5, 1.0),
        ("", 3, 4.0, 8.0),
        ("", 300, LONGEST_SECONDS / 2, LONGEST_SECONDS),
        ("soon", 1, 1.0, 2.0),
        ("-1", 0, 0.5, 1.0),
        ("٣", 0, 0.5, 1.0),
        (format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True), 0, 0.0, 0.0),
    ],
)
def test_the_time_to_come_again_is_the_one_named_or_doubles(
    named: str, rank: int, low: float, high: float
) -> None:
    """Never earlier than told, a tenth later at most; nonsense counts as not named."""
    for _ in range(20):
        assert low <= asked_seconds(answer(429, named), rank) <= high


def test_a_date_to_come_again_at_is_read() -> None:
    """As HTTP writes dates."""
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)

    assert 25 < asked_seconds(answer(503, at), 0) < 34


def test_waiting_counts_from_the_first_intended_start() -> None:
    """One request, late by what it waited, right in the end."""
    told: list[Taken] = []
    walk = Walk(Arrival(0, "visit", 1), 0, Clock(0.0), Measures(), told.append)
    walk.patience = Patience(2, time_scale=20.0)
    walk.due = walk.clock.now()

    walk.step("list", sending(answer(429, "1"), answer(200)), lambda _answer: "")

    assert [(one.outcome, one.status) for one in told] == [(Outcome.RIGHT, 200)]
    assert told[0].response >= 50_000
    assert walk.measures.steps[STEP].response.total == 1
