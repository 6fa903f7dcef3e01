"""Latencies, rates and instants of a run in words, as fine as a reader can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_text.language import NO_BREAK
from etalon_text.number_formats import EN_DASH, number, percent, percent_interval
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from etalon_text.language import Language

NOTHING: Final = EN_DASH
"""Stands where there is no figure."""

_SECOND_US: Final = 1_000_000
_MILLISECOND_US: Final = 1_000
_TEN: Final = 10
_HUNDRED: Final = 100
_MINUTE: Final = 60
_MOST_DECIMALS: Final = 3


def latency(microseconds: float, language: Language) -> str:
    """Return a latency to three digits: 0.8 ms, 13.4 ms, 331 ms, 1.85 s."""
    rounded_ms = round(microseconds / _MILLISECOND_US)
    if rounded_ms >= _SECOND_US // _MILLISECOND_US:
        seconds = microseconds / _SECOND_US
        places = 2 if seconds < _TEN else 1 if seconds < _HUNDRED else 0
        return f"{number(seconds, language, places)}{NO_BREAK}s"
    places = 1 if microseconds < _HUNDRED * _MILLISECOND_US else 0
    return f"{number(microseconds / _MILLISECOND_US, language, places)}{NO_BREAK}ms"


def bound(microseconds: float, language: Language) -> str:
    """Return a bound as it was asked: 500 ms, 1 s, 2.5 s."""
    if microseconds < _SECOND_US:
        return f"{trimmed(microseconds / _MILLISECOND_US, language)}{NO_BREAK}ms"
    return f"{trimmed(microseconds / _SECOND_US, language)}{NO_BREAK}s"


def trimmed(value: float, language: Language) -> str:
    """Return a number with as many decimals as it has, three at most."""
    places = next(
        (some for some in range(_MOST_DECIMALS) if abs(value - round(value, some)) < 1e-9),  # noqa: PLR2004
        _MOST_DECIMALS,
    )
    return number(value, language, places)


def instant(microseconds: float, language: Language) -> str:
    """Return an instant from the start of a run: 24.3 s, 12 min 04 s."""
    seconds = microseconds / _SECOND_US
    if seconds < _HUNDRED:
        return f"{number(seconds, language, 1)}{NO_BREAK}s"
    return duration(seconds, language)


def duration(seconds: float, language: Language) -> str:
    """Return a length of time: 45 s, 12 min, 12 min 04 s."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    if seconds < 2 * _MINUTE:
        return f"{trimmed(round(seconds, 1), language)}{NO_BREAK}s"
    hours, left = divmod(minutes, _MINUTE)
    if hours:
        return f"{hours}{NO_BREAK}h{NO_BREAK}{left:02}"
    written = f"{minutes}{NO_BREAK}min"
    return f"{written}{NO_BREAK}{rest:02}{NO_BREAK}s" if rest else written


def share(value: float, language: Language) -> str:
    """Return a share in per cent, finer the nearer it lies to all or nothing."""
    return percent(value, language, _places(value))


def _places(value: float) -> int:
    nearest = min(abs(value), abs(1 - value))
    if not nearest:
        return 0
    return 1 if nearest >= 0.01 else 2 if nearest >= 0.001 else 3  # noqa: PLR2004 (decades)


def asked_share(value: float, language: Language) -> str:
    """Return a share as it was asked: 99 %, 99.9 %."""
    space = NO_BREAK if language == "fr" else ""
    return f"{trimmed(value * _HUNDRED, language)}{space}%"


def shares(low: float, high: float, language: Language) -> str:
    """Return an interval of shares, both ends as fine as the finer one needs."""
    return percent_interval(low, high, language, places_of(low, high))


def places_of(low: float, high: float) -> int:
    """Return how many decimals an interval of shares is written with, and what lies in it."""
    return max(_places(low), _places(high))


def step_name(journey: str, step: str, language: Language) -> str:
    """Return a journey, or a step of it, by the name that objectives use."""
    named = journey_name(journey, language)
    if not step:
        return named
    key = f"load.step.{step}"
    return f"{named}, {text(key, language) if has_text(key) else step}"


def journey_name(journey: str, language: Language) -> str:
    """Return what a journey is called; a reader's own keeps its bare name."""
    key = f"load.journey.{journey}"
    return text(key, language) if has_text(key) else journey


def code_of(journey: str, step: str) -> str:
    """Return the name by which a file of objectives means a journey or a step."""
    return f"{journey}/{step}" if step else journey
