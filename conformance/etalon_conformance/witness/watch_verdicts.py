"""What a watch between two products comes to: a verdict on either side, from one traffic.

The same requirement can be shown by both sides, so that each has a check of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_conformance.evidence.judging import judged_trace
from etalon_conformance.evidence.traces import Trace
from etalon_conformance.requirement import Requirement
from etalon_conformance.verdicts import Cause, Result
from etalon_conformance.witness.judging import NOT_COVERED, judged_traffic, not_covered
from etalon_conformance.witness.scenario import Profile
from etalon_text.language import LANGUAGES
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

WATCH: Final = "watch"
"""The name of what a watch is measured by, and the kind of its target."""
BOTH: Final = "both"
"""The role under which both sides are judged."""
SIDES: Final[Mapping[str, str]] = {"client": "watch-client", "server": "watch-server"}
"""Side -> the check under which its results stand; `check.NAME` tells its title."""

_VERDICTS: Final = "verdicts.json"
_NOT_SPOKEN: Final = ("W-CLI-19", "W-CLI-20", "W-CLI-21")
"""Requirements of clients about interfaces that Étalon does not speak."""


def watched() -> Profile:
    """Return what a watch is measured by: no step, nobody of ours."""
    return Profile(
        name=WATCH,
        title={language: text("watch.title", language) for language in LANGUAGES},
        actor="",
        people={},
        steps=(),
        not_covered=_NOT_SPOKEN,
    )


def watched_results(trace: Trace, requirements: Mapping[str, Requirement]) -> tuple[Result, ...]:
    """Return what exchanges show of the client, then of the server, then what they cannot show."""
    exchanges = [one.exchange for one in trace.recorded]
    sides = {
        "client": judged_traffic(exchanges, requirements, trace.base),
        "server": judged_trace(trace, requirements),
    }
    found = [replace(one, check=SIDES[side]) for side, results in sides.items() for one in results]
    spoken = (requirements[one] for one in _NOT_SPOKEN if one in requirements)
    return (*found, *map(not_covered, spoken))


def of_side(results: Sequence[Result], side: str) -> tuple[Result, ...]:
    """Return the results on one side, `client` or `server`."""
    beside = NOT_COVERED if side == "client" else ""
    return tuple(one for one in results if one.check in {SIDES[side], beside})


def unshown(results: Sequence[Result]) -> tuple[Cause, ...]:
    """Return a cause for each side of which nothing was shown: it is not said to conform."""
    judged = {one.check for one in results}
    return tuple(
        Cause(f"{check}-not-shown", claimed=True) for check in SIDES.values() if check not in judged
    )


def is_watch(folder: Path) -> bool:
    """Whether a directory is that of a watch."""
    try:
        told: Json = json.loads((folder / _VERDICTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("role") == BOTH
