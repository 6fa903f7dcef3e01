"""Fault switches: for a while, some requests are made to wait, fail or break.

The time of a fault is that of the machine, whatever clock the service follows; which requests a
share meets is drawn from a seed. The controls of the sandbox, the signs of health and the server's
own figures never suffer.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from etalon_server.disturbances import Disturbance
from etalon_server.sandbox.form import Form

Kind = Literal[
    "stall", "slow_share", "error_share", "too_many_share", "reset_share", "slow_body_share"
]

_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LONGEST_SECONDS: Final = 86_400.0
"""A fault lasts and delays no longer than a day."""

_RETRY_MOST: Final = 86_400
_RETRY_USUAL: Final = 1
_ERROR: Final = 500
_TOO_MANY: Final = 429
_OWN_PATHS: Final = ("/sandbox", "/health", "/metrics")


@dataclass(frozen=True, slots=True)
class Switch:
    """One fault that is on.

    Attributes:
        kind: What it does.
        share: The share of the requests that meet it, above 0 and at most 1.
        until: When it ends, by the monotonic clock of the machine (seconds).
        routes: Beginnings of the paths it is about; none for every path.
        seconds: How long requests or bodies that meet it are held.
        retry_after: With too many requests, when to come back (seconds).
    """

    kind: Kind
    share: float
    until: float
    routes: tuple[str, ...]
    seconds: float = 0.0
    retry_after: int = 0


class FaultSwitches:
    """The faults that are on.

    Attributes:
        switches: Those that were put on and have not been seen to end.
    """

    __slots__ = ("_clock", "_random", "switches")

    def __init__(self, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with none; `clock` tells seconds."""
        self.switches: list[Switch] = []
        self._random = random.Random(seed)  # noqa: S311 (a share is no secret)
        self._clock = clock

    def of(self, path: str) -> Disturbance | None:
        """Return what happens to a request for `path`, or None when nothing does."""
        if not self.switches or path.startswith(_OWN_PATHS):
            return None
        now = self._clock()
        self.switches = [switch for switch in self.switches if switch.until > now]
        met: Disturbance | None = None
        for switch in self.switches:
            if _concerns(switch, path) and self._random.random() < switch.share:
                met = _with(met or Disturbance(), switch, now)
        return met

    def put_on(self, form: Form) -> None:
        """Put on the faults that a body asks for; one that asks for none puts all out.

        Raises:
            Refused: It asks for something else.
        """
        wanted: list[tuple[Kind, float]] = [
            (kind, _share(form, kind)) for kind in _KINDS if form.has(kind)
        ]
        ends = self._clock() + LONGEST_SECONDS
        if form.has("for"):
            ends = self._clock() + _seconds(form, "for")
        elif ("stall", 1.0) in wanted:
            form.duration("for")
        routes = tuple(form.texts("routes"))
        held = _seconds(form, "by") if _holds(wanted) else 0.0
        retry = form.whole("retry_after", 0, _RETRY_MOST, _RETRY_USUAL)
        form.end()
        if not wanted:
            self.switches.clear()
        self.switches += [
            Switch(kind, share, ends, routes, held, retry) for kind, share in wanted if share
        ]


def _holds(wanted: Sequence[tuple[Kind, float]]) -> bool:
    return any(kind in {"slow_share", "slow_body_share"} for kind, _ in wanted)


def _share(form: Form, kind: Kind) -> float:
    if kind == "stall":
        return 1.0 if form.switch(kind, default=False) else 0.0
    return form.share(kind)


def _seconds(form: Form, key: str) -> float:
    seconds = form.duration(key).seconds
    if seconds is None or not 0 < seconds <= LONGEST_SECONDS:
        raise form.wrong(
            key=key, message=f"{key} must be hours, minutes or seconds, at most a day, like PT30S"
        )
    return seconds


def _concerns(switch: Switch, path: str) -> bool:
    return not switch.routes or path.startswith(switch.routes)


def _with(met: Disturbance, switch: Switch, now: float) -> Disturbance:
    """Add what a switch does to what others do."""
    if switch.kind == "stall":
        return replace(met, wait_seconds=max(met.wait_seconds, switch.until - now))
    if switch.kind == "slow_share":
        return replace(met, wait_seconds=max(met.wait_seconds, switch.seconds))
    if switch.kind == "error_share":
        return replace(met, status=_ERROR)
    if switch.kind == "too_many_share":
        return replace(met, status=_TOO_MANY, retry_after_seconds=switch.retry_after)
    if switch.kind == "reset_share":
        return replace(met, resets=True)
    return replace(met, slow_body_seconds=max(met.slow_body_seconds, switch.seconds))
