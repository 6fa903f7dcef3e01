"""Telephone queues in closed form: Erlang C (nobody leaves) and Erlang A (the impatient leave).

Calls come at random at a steady rate, last an exponential time, wait first come first served.
Erlang C: A. K. Erlang, 1917. Erlang A with a finite number of waiting places: the chain
M/M/n/n+K+M of C. Palm, 1946; O. Garnett, A. Mandelbaum, M. Reiman, 2002. Both are exact: sums
over the states of the chain, no approximation. Rates are per minute, durations in minutes.
"""

from __future__ import annotations

from math import exp, fsum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_NEGLIGIBLE: Final = 1e-30
"""Weight, relative to the likeliest state, under which a state no longer counts."""


class Exchange(NamedTuple):
    """A telephone exchange.

    Attributes:
        agents: Calls served at once.
        places: Calls that may wait.
        service: Mean length of a call, minutes.
        patience: Mean time after which a waiting caller leaves, minutes.
    """

    agents: int
    places: int
    service: float
    patience: float


class Waiting(NamedTuple):
    """What callers meet, at a steady rate.

    Attributes:
        blocked: Share of calls that find agents and places taken.
        abandoned: Share of calls whose caller leaves.
        waits: Share of calls that wait, or are blocked.
        mean_wait: Mean wait of the calls let in, those who leave included, minutes.
    """

    blocked: float
    abandoned: float
    waits: float
    mean_wait: float

    @property
    def lost(self) -> float:
        """Share of calls that nobody answers."""
        return self.blocked + self.abandoned


def erlang_c(load: float, agents: int) -> float:
    """Return the share of calls that wait, when nobody leaves; 1 when the load fills the agents.

    Args:
        load: Calls a minute times the length of a call, in erlangs.
        agents: Calls served at once.
    """
    if load >= agents:
        return 1.0
    inverse = 1.0
    for agent in range(1, agents + 1):
        # Recursion of Erlang B on its inverse, which never under- or overflows where B matters.
        inverse = 1.0 + inverse * agent / load if load else float("inf")
    blocked = 1.0 / inverse
    return blocked / (1.0 - load / agents * (1.0 - blocked))


def answered_within(minutes: float, rate: float, service: float, agents: int) -> float:
    """Return the share of calls answered within `minutes`, by Erlang C."""
    load = rate * service
    if load >= agents:
        return 0.0
    return 1.0 - erlang_c(load, agents) * exp(-(agents - load) * minutes / service)


def erlang_a(rate: float, exchange: Exchange) -> Waiting:
    """Return what callers meet when they leave after an exponential patience.

    Args:
        rate: Calls a minute, above 0.
        exchange: The exchange; at least one agent.
    """
    agents, places = exchange.agents, exchange.places
    shares = _states(rate, exchange)
    queue = sum((state - agents) * share for state, share in shares.items() if state > agents)
    blocked = shares.get(agents + places, 0.0)
    return Waiting(
        blocked=blocked,
        abandoned=queue / exchange.patience / rate,
        waits=sum(share for state, share in shares.items() if state >= agents),
        mean_wait=queue / (rate * (1.0 - blocked)),
    )


def _states(rate: float, exchange: Exchange) -> dict[int, float]:
    """Return calls in the exchange -> share of time, from the likeliest state outwards.

    States whose share is beyond the precision of a float are left out.
    """
    agents, last = exchange.agents, exchange.agents + exchange.places

    def leaving(state: int) -> float:
        served = min(state, agents) / exchange.service
        return served + max(state - agents, 0) / exchange.patience

    load = rate * exchange.service
    over = (rate - agents / exchange.service) * exchange.patience
    middle = min(int(load) if load < agents else agents + int(over), last)
    weights = {middle: 1.0}
    state = middle
    while state < last and weights[state] > _NEGLIGIBLE:
        weights[state + 1] = weights[state] * rate / leaving(state + 1)
        state += 1
    state = middle
    while state > 0 and weights[state] > _NEGLIGIBLE:
        weights[state - 1] = weights[state] * leaving(state) / rate
        state -= 1
    whole = fsum(weights.values())
    return {state: weight / whole for state, weight in weights.items()}


def fewest_agents(enough: Callable[[int], bool], at_least: int = 1) -> int:
    """Return the smallest number of agents that is `enough`; more agents never make it worse.

    Args:
        enough: Tells whether so many agents will do.
        at_least: Where to start; fewer are known not to be enough.
    """
    low, step = at_least, 1
    while not enough(low + step - 1):
        low, step = low + step, step * 2
    high = low + step - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low
