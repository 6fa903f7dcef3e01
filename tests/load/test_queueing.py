"""What is known of queues is reckoned right: by closed forms, and by a simulation of the law."""

import heapq
import math
import random

import pytest

from etalon_load.queueing import UnstableError, erlang_c, longer_than, mean_time, time_at


@pytest.mark.parametrize("used", [0.1, 0.5, 0.9])
def test_one_server_has_the_law_everybody_knows(used: float) -> None:
    """M/M/1: the time in the system is exponential, of mean 1 / (mu - lambda)."""
    service = 0.02
    arrivals = used / service

    assert erlang_c(1, used) == pytest.approx(used)
    assert mean_time(1, arrivals, service) == pytest.approx(service / (1 - used))
    for percent in (50, 95, 99):
        exact = -math.log(1 - percent / 100) * service / (1 - used)
        assert time_at(percent, 1, arrivals, service) == pytest.approx(exact)


@pytest.mark.parametrize(
    ("servers", "offered", "wait"), [(4, 2.0, 0.17391), (4, 2.8, 0.42866), (10, 8.0, 0.40918)]
)
def test_the_share_that_waits_is_that_of_the_tables(
    servers: int, offered: float, wait: float
) -> None:
    """Erlang's second formula."""
    assert erlang_c(servers, offered) == pytest.approx(wait, abs=1e-5)


def test_a_law_of_two_equal_rates_is_the_limit_of_its_neighbours() -> None:
    """Where waiting and service go at one rate the closed form would divide by zero."""
    service, servers = 1.0, 2
    at, near = 1.0, 1.0 + 1e-6
    limit = longer_than(1.5, servers, at, service)

    assert limit == pytest.approx(longer_than(1.5, servers, near, service), rel=1e-5)


def test_the_law_is_that_of_a_queue_simulated() -> None:
    """Four servers at seven tenths: the share above some times, over a hundred thousand people."""
    servers, arrivals, service = 4, 140.0, 0.02
    chance = random.Random(7)  # noqa: S311 (no secret)
    free = [0.0] * servers
    now, times = 0.0, list[float]()
    for _ in range(100_000):
        now += chance.expovariate(arrivals)
        begins = max(now, heapq.heappop(free))
        ends = begins + chance.expovariate(1 / service)
        heapq.heappush(free, ends)
        times.append(ends - now)

    for bound in (0.01, 0.03, 0.08):
        share = sum(time > bound for time in times) / len(times)
        assert share == pytest.approx(longer_than(bound, servers, arrivals, service), abs=0.01)
    assert sum(times) / len(times) == pytest.approx(mean_time(4, 140, 0.02), rel=0.03)


def test_a_queue_that_grows_without_an_end_is_refused() -> None:
    """As many come as can be served: nothing is to be reckoned."""
    with pytest.raises(UnstableError, match="grows without an end"):
        mean_time(4, 200, 0.02)
    with pytest.raises(ValueError, match="between 0 and 100"):
        time_at(100, 4, 100, 0.02)
