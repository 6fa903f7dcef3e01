"""What queues of known law do: the oracle against which a load tool is held.

Source: A. K. Erlang (1917) as in L. Kleinrock, Queueing Systems, volume 1: M/M/c, first come first
served.
"""

from math import exp, expm1


class UnstableError(ValueError):
    """A queue to which more come than can be served."""


def erlang_c(servers: int, offered: float) -> float:
    """Return the share of arrivals that wait.

    Args:
        servers: How many serve.
        offered: Mean arrivals during one service (erlangs), below `servers`.

    Raises:
        UnstableError: As many come as can be served, or more.
    """
    if not 0 <= offered < servers:
        message = f"{offered} erlangs offered to {servers}: the queue grows without an end"
        raise UnstableError(message)
    blocked = 1.0
    for rank in range(1, servers + 1):
        blocked = offered * blocked / (rank + offered * blocked)
    used = offered / servers
    return blocked / (1 - used + used * blocked)


def longer_than(seconds: float, servers: int, arrivals: float, service: float) -> float:
    """Return the share of arrivals whose time in the system is longer.

    Args:
        seconds: The time, waiting and service together.
        servers: How many serve.
        arrivals: A second.
        service: Mean seconds of one service, of exponential law.

    Raises:
        UnstableError: As many come as can be served, or more.
    """
    wait = erlang_c(servers, arrivals * service)
    mu = 1 / service
    free = servers * mu - arrivals
    served = exp(-mu * seconds)
    apart = free - mu
    if abs(apart) < 1e-9 * mu:
        return served * (1 + wait * mu * seconds)
    return served * (1 + wait * mu / apart * -expm1(-apart * seconds))


def time_at(percent: float, servers: int, arrivals: float, service: float) -> float:
    """Return the time in the system (seconds) at a percentile, to a billionth of a service.

    Raises:
        UnstableError: As many come as can be served, or more.
        ValueError: The percentile is not between 0 and 100.
    """
    if not 0 < percent < 100:  # noqa: PLR2004 (per cent)
        message = f"percentile {percent}: between 0 and 100"
        raise ValueError(message)
    left = 1 - percent / 100
    low, high = 0.0, service
    while longer_than(high, servers, arrivals, service) > left:
        high *= 2
    while high - low > service * 1e-9:
        middle = (low + high) / 2
        if longer_than(middle, servers, arrivals, service) > left:
            low = middle
        else:
            high = middle
    return high


def mean_time(servers: int, arrivals: float, service: float) -> float:
    """Return the mean time in the system (seconds).

    Raises:
        UnstableError: As many come as can be served, or more.
    """
    wait = erlang_c(servers, arrivals * service)
    return service + wait / (servers / service - arrivals)
