"""How much a system carries: a search by objective, and laws that say how far one may reckon on.

Capacity is the greatest rate of arrivals at which the objectives hold: a curve has no knee of its
own, an objective gives it one.

Sources: N. Gunther, Guerrilla Capacity Planning (the universal scalability law); D. Menascé and
V. Almeida (the utilisation law).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import inf, sqrt
from typing import Final

import numpy as np

from etalon_load.verdicts import Verdict

PRECISION: Final = 0.05
"""A search stops when what held and what did not are this close."""

FARTHEST: Final = 2.0
"""A law says nothing beyond so many times what was measured."""

FEWEST: Final = 4
"""Points from which a scalability law may be fitted."""

_RESAMPLES: Final = 400
_LEVEL: Final = 0.90
_TRIES: Final = 2
_HALF: Final = 0.45
_ALMOST: Final = 0.95
"""Shares of the precision, a little within it: one step more is not needed for a rounding."""

_CLIMB: Final = (1, 1, 2, 4)
"""Steps upwards from what held, near what the system got through, before halving."""


class CapacityError(ValueError):
    """A capacity that cannot be told from what was measured."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One run at a rate.

    Attributes:
        rate: Journeys a second.
        verdict: Of the run.
    """

    rate: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Capacity:
    """Where the objectives cease to hold.

    Attributes:
        held: The greatest rate that held, 0 when none did.
        missed: The least rate above it that did not, infinite when every one held.
        probes: Every run, in its order.
    """

    held: float
    missed: float
    probes: tuple[Probe, ...]

    @property
    def rate(self) -> float:
        """The middle of the interval."""
        return (self.held + self.missed) / 2


def search(
    probe: Callable[[float], Verdict],
    first: float,
    most: float,
    precision: float = PRECISION,
    carried: Callable[[], float] | None = None,
) -> Capacity:
    """Look for the greatest rate at which the objectives hold.

    The rate is doubled until they do not. What the system got through at a rate that was too much
    for it says where to look next: just below, then just above what held. Where that says nothing,
    the interval is halved. What is not known to hold (INCONCLUSIVE) is tried once more, and then
    does not. A rate above what the system got through holds if it does so twice: for a while, any
    system takes in more than it can carry.

    Args:
        probe: Runs at a rate and says its verdict.
        first: The rate to begin with (journeys a second), above 0.
        most: The greatest rate to try.
        precision: How close the ends of the interval come, as a share of the upper one.
        carried: Says what the last run got through (journeys a second).

    Raises:
        CapacityError: A run was invalid: the generator is at its end, not the system.
    """
    trials = _Trials(probe)
    held, rate = 0.0, min(first, most)
    while trials.hold(rate):
        held = rate
        if rate >= most:
            return Capacity(held, inf, tuple(trials.probes))
        rate = min(rate * 2, most)
    missed, guess = rate, carried() if carried else 0.0
    if guess < missed * (1 - precision):
        trials.guess = guess
    hints = iter(_hints(guess, precision) if trials.guess else ())
    while missed - held > precision * missed:
        hint = next(hints, None)
        rate = (held + missed) / 2 if hint is None else hint(held)
        if not held < rate < missed:
            continue
        if trials.hold(rate):
            held = rate
        else:
            missed = rate
    return Capacity(held, missed, tuple(trials.probes))


@dataclass(slots=True)
class _Trials:
    """Runs at rates.

    Attributes:
        probe: Runs at a rate and says its verdict.
        guess: What the system got through at a rate that was too much for it, 0 when unknown.
        probes: Every run so far.
    """

    probe: Callable[[float], Verdict]
    guess: float = 0.0
    probes: list[Probe] = field(default_factory=list[Probe])

    def hold(self, rate: float) -> bool:
        """Tell whether the objectives hold at a rate."""
        verdicts = (self._tried(rate) for _ in range(_TRIES))
        if 0 < self.guess < rate:
            return all(one is Verdict.PASS for one in verdicts)
        known = (one for one in verdicts if one is not Verdict.INCONCLUSIVE)
        return next(known, Verdict.FAIL) is Verdict.PASS

    def _tried(self, rate: float) -> Verdict:
        verdict = self.probe(rate)
        self.probes.append(Probe(rate, verdict))
        if verdict is Verdict.INVALID:
            message = f"at {rate:.1f} a second the run is invalid: give the generator more room"
            raise CapacityError(message)
        return verdict


def _hints(guess: float, precision: float) -> tuple[Callable[[float], float], ...]:
    """Return the rates to look at around a guess, given what has held by then."""
    return (
        lambda _: guess * (1 - precision * _HALF),
        *(partial(_above, precision * _ALMOST * step) for step in _CLIMB),
    )


def _above(share: float, held: float) -> float:
    """Return the rate above which what held would be by so much less."""
    return held / (1 - share) if share < 1 else inf


@dataclass(frozen=True, slots=True)
class Scalability:
    """The universal scalability law, fitted: X(N) = gN / (1 + a(N - 1) + bN(N - 1)).

    Attributes:
        unit: Throughput of one (g).
        contention: What all wait for (a).
        coherency: What each agrees with each (b).
        measured: The greatest N that was measured.
    """

    unit: float
    contention: float
    coherency: float
    measured: float

    def at(self, count: float) -> float:
        """Return the throughput that so many give.

        Raises:
            CapacityError: They are more than twice what was measured.
        """
        if count > FARTHEST * self.measured:
            message = (
                f"{count:g} is beyond {FARTHEST:g} times what was measured ({self.measured:g}): "
                "measure nearer to it"
            )
            raise CapacityError(message)
        return _throughput(self, count)

    @property
    def best(self) -> float:
        """The N at which throughput is greatest; infinite without coherency."""
        if self.coherency <= 0:
            return float("inf")
        return sqrt(max(1 - self.contention, 0.0) / self.coherency)


def _throughput(law: Scalability, count: float) -> float:
    others = count - 1
    return law.unit * count / (1 + law.contention * others + law.coherency * count * others)


def fitted(points: Sequence[tuple[float, float]]) -> Scalability:
    """Fit the law to throughputs, both coefficients at least 0.

    N / X is linear in N - 1 and N(N - 1); points weigh by X, so that errors count as shares.

    Args:
        points: N and throughput.

    Raises:
        CapacityError: Fewer than four different N, or a throughput of 0.
    """
    counts, rates = (np.array(column, np.float64) for column in zip(*points, strict=True))
    if len(set(counts.tolist())) < FEWEST or (rates <= 0).any() or (counts < 1).any():
        message = f"a law of scalability asks for {FEWEST} different N from 1 and what each gave"
        raise CapacityError(message)
    others = counts - 1
    columns = np.stack([np.ones_like(counts), others, counts * others])
    best: tuple[float, tuple[float, ...]] | None = None
    for kept in ((0, 1, 2), (0, 1), (0, 2), (0,)):
        design = (columns[list(kept)] * (rates / counts)).T
        solved, *_ = np.linalg.lstsq(design, np.ones_like(counts), rcond=None)
        parts = [0.0, 0.0, 0.0]
        for place, value in zip(kept, solved.tolist(), strict=True):
            parts[place] = float(value)
        error = float(((design @ solved - 1) ** 2).sum())
        if parts[0] > 0 and min(parts[1:]) >= 0 and (best is None or error < best[0] - 1e-15):
            best = (error, tuple(parts))
    if best is None:
        message = "no law of scalability fits what was measured"
        raise CapacityError(message)
    one, waiting, agreeing = best[1]
    return Scalability(1 / one, waiting / one, agreeing / one, float(counts.max()))


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A throughput that a law gives, with what it is worth.

    Attributes:
        rate: The throughput.
        low: Lower end of its interval (90 %).
        high: Upper end.
        held_out: The error at the greatest N measured, of a fit without it, as a share.
    """

    rate: float
    low: float
    high: float
    held_out: float


def reckoned(points: Sequence[tuple[float, float]], count: float, seed: int) -> Reckoned:
    """Return the throughput of so many, never beyond twice what was measured.

    Raises:
        CapacityError: It is beyond, or there are fewer than five different N.
    """
    law = fitted(points)
    rate = law.at(count)
    greatest = max(count_of for count_of, _ in points)
    rest = [point for point in points if point[0] < greatest]
    seen = float(np.mean([given for count_of, given in points if count_of == greatest]))
    held_out = _throughput(fitted(rest), greatest) / seen - 1
    chance = np.random.Generator(np.random.PCG64(seed))
    residuals = np.array([given / law.at(count_of) for count_of, given in points])
    drawn: list[float] = []
    for _ in range(_RESAMPLES):
        noise = chance.choice(residuals, size=len(points))
        again = [(n, law.at(n) * float(k)) for (n, _), k in zip(points, noise, strict=True)]
        drawn.append(_throughput(fitted(again), count))
    low, high = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return Reckoned(rate, float(low), float(high), held_out)


def cores_for(rate: float, cpu_seconds: float, utilisation: float, spare: int = 1) -> int:
    """Return the cores that a rate takes (utilisation law), and those that may be lost.

    Args:
        rate: Answers a second.
        cpu_seconds: Of one answer, as measured on the server.
        utilisation: How busy a core may be, above 0 and at most 1.
        spare: Cores that may be lost at once.

    Raises:
        CapacityError: The utilisation is none.
    """
    if not 0 < utilisation <= 1:
        message = f"utilisation {utilisation}: above 0 and at most 1"
        raise CapacityError(message)
    return -int(-(rate * cpu_seconds / utilisation) // 1) + spare


def zones_for(cores: int, zones: int) -> int:
    """Return the cores of each zone so that one zone may be lost.

    Raises:
        CapacityError: There is no second zone.
    """
    if zones < 2:  # noqa: PLR2004 (one that is lost, one that is left)
        message = "the loss of a zone asks for two at least"
        raise CapacityError(message)
    return -(-cores // (zones - 1))
