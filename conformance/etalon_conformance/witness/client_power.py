"""What the judge of clients is worth: which wrong clients it catches, which right ones it accuses.

A client is caught when the requirement that it breaks is reported, as a failure or as a finding, by
a session that it plays. The figures are void unless our good client is accused of nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from etalon_conformance.requirement import Wire
from etalon_conformance.verdicts import Result, Verdict
from etalon_conformance.witness.players.habits import right_clients, wrong_clients
from etalon_wire.json_body import Json

FORMAT: Final = 1
RIGHTS: Final = frozenset({"W-CAT-05", "W-CAT-06", "W-CLI-11", "W-CLI-17", "W-CLI-18", "W-COM-05"})
"""Requirements on whose record is read or fed, and on whose consent."""
LEAST: Final = 0.95
"""Share of the wrong clients that is to be caught."""
MEASURED: Final = Path(__file__).parent.parent / "data" / "witness" / "power.json"
_HOME: Final = Path(__file__).parent.parent
_MEASURES: Final = (
    "witness/*.py",
    "witness/players/*.py",
    "data/witness/*.csv",
    "data/witness/*.toml",
)
_COUNTING: Final = frozenset({"client_power.py", "power.json"})
_ACCUSING: Final = frozenset({Verdict.FAIL, Verdict.FINDING})


@dataclass(frozen=True, slots=True)
class Tried:
    """What a session said of one client of the tables, or of ours.

    Attributes:
        name: Its name; empty for our good client.
        requirement: What it breaks; empty where it is right.
        accusations: Requirement, step and wire of each breach that was reported.
    """

    name: str
    requirement: str
    accusations: tuple[tuple[str, str, Wire], ...]

    @property
    def is_caught(self) -> bool:
        """Whether it is reported against the requirement that it breaks."""
        return any(requirement == self.requirement for requirement, _, _ in self.accusations)


def tried(name: str, requirement: str, results: Iterable[Result]) -> Tried:
    """Return what results say of a client."""
    found = tuple(
        (one.requirement, one.check, one.wire) for one in results if one.verdict in _ACCUSING
    )
    return Tried(name, requirement, found)


def plain_power(trials: Sequence[Tried], measured_on: str) -> dict[str, Json]:
    """Return the figures as `power.json` holds them."""
    wrong = [one for one in trials if one.requirement]
    right = [one for one in trials if one.name and not one.requirement]
    ours = [one for one in trials if not one.name]
    caught = [one for one in wrong if one.is_caught]
    void: list[Json] = [
        f"our good client is accused: {ident} at {step}"
        for one in ours
        for ident, step, _ in one.accusations
    ]
    return {
        "format": FORMAT,
        **_share(wrong),
        "survived": len(wrong) - len(caught),
        "survivors": [one.name for one in wrong if not one.is_caught],
        "variants": len(right),
        "false_alarms": sum(len(one.accusations) for one in right),
        "alarms": [one.name for one in right if one.accusations],
        "rights": _share([one for one in wrong if one.requirement in RIGHTS]),
        "void": void if ours else ["our good client was not tried"],
        "measured_on": measured_on,
        "digest": digest(),
    }


def _share(wrong: Sequence[Tried]) -> dict[str, Json]:
    """Return how many of some wrong clients are caught, on any wire and without our own."""
    caught = [one for one in wrong if one.is_caught]
    public = [
        one
        for one in caught
        if any(
            ident == one.requirement and wire is not Wire.OWN for ident, _, wire in one.accusations
        )
    ]
    whole: Json = {"impostors": len(wrong), "killed": len(caught)}
    return {
        "impostors": len(wrong),
        "killed": len(caught),
        "with_own_wire": whole,
        "without_own_wire": {"impostors": len(wrong), "killed": len(public)},
    }


def published() -> dict[str, Json] | None:
    """Return the figures measured last, whether they are `current`; None where there are none."""
    if not MEASURED.exists():
        return None
    measured = cast("dict[str, Json]", json.loads(MEASURED.read_text(encoding="utf-8")))
    left_out = {"format", "digest", "survivors", "alarms"}
    told = {name: value for name, value in measured.items() if name not in left_out}
    return told | {"current": measured["digest"] == digest()}


def digest() -> str:
    """Return the SHA-256 of what the figures measure: the judge, the players and their tables."""
    whole = hashlib.sha256()
    for pattern in _MEASURES:
        for file in sorted(_HOME.glob(pattern)):
            # How the figures are counted and told is no part of what they measure.
            if file.name not in _COUNTING:
                whole.update(file.read_bytes())
    return whole.hexdigest()


def clients() -> tuple[tuple[str, str], ...]:
    """Return name and requirement of our good client and of every client of the tables."""
    others = [*wrong_clients().values(), *right_clients().values()]
    return (("", ""), *((one.name, one.requirement) for one in others))
