"""What the checks are worth: which known-bad servers they catch, which right ones they accuse.

A server is *caught* when a check that claims the requirement it breaks reports it there, as a
failure or as a finding. The score is void unless the reference is accused of nothing and the
canary, a server so wrong that nobody may miss it, is caught. A server that did not start, or whose
checks broke, is not caught.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, cast

from etalon_conformance.impostors import Impostor
from etalon_conformance.proofs import Proof, proofs
from etalon_conformance.requirement import Wire
from etalon_conformance.verdicts import Result, Verdict
from etalon_wire.json_body import Json

FORMAT: Final = 1
RIGHTS: Final = frozenset({"rights", "life cycle"})
"""Themes of impostors on rights and on opt-out: all of them are to be caught."""
OTHERS_LEAST: Final = 0.95
"""Share of the other impostors that is to be caught."""

_HOME: Final = Path(__file__).parent
_MEASURED: Final = _HOME / "data" / "power.json"
_MEASURES: Final = (
    *("checks/*.py", "transforms/*.py", "data/impostors.csv", "data/variants.csv"),
    *("races/*.py", "histories/*.py", "data/races.toml"),
    *("bench.py", "concluding.py", "deposits.py", "expectations.py", "places.py", "specimens.py"),
)
_ACCUSING: Final = frozenset({Verdict.FAIL, Verdict.FINDING})
_PUBLIC: Final = frozenset({Wire.OFFICIAL, Wire.DRAFT})


class Kind(StrEnum):
    """What a server that is tried is known to be."""

    REFERENCE = "reference"
    CANARY = "canary"
    IMPOSTOR = "impostor"
    VARIANT = "variant"


class Fate(StrEnum):
    """What became of an impostor, or of the canary."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    UNCHECKED = "unchecked"
    """No check claims its requirement."""
    NOT_TRIED = "not-tried"
    """It did not start, or the checks that claim its requirement broke."""


@dataclass(frozen=True, slots=True)
class Accusation:
    """A check that reports a breach."""

    requirement: str
    check: str
    verdict: Verdict
    wire: Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What the checks said of one server.

    Attributes:
        name: Its name.
        kind: What it is known to be.
        requirement: What it breaks; empty for the reference and for variants.
        accusations: What was reported, in the order of the checks.
        untested: Requirement, check and key of the cause, of what could not be concluded.
        concluded: How many verdicts passed, failed or found.
        problem: Why it was not tried, or empty.
    """

    name: str
    kind: Kind
    requirement: str = ""
    accusations: tuple[Accusation, ...] = ()
    untested: tuple[tuple[str, str, str], ...] = ()
    concluded: int = 0
    problem: str = ""

    @property
    def catches(self) -> tuple[Accusation, ...]:
        """What reports it against its own requirement."""
        return tuple(one for one in self.accusations if one.requirement == self.requirement)

    @property
    def fate(self) -> Fate:
        """What became of it."""
        if self.catches:
            return Fate.CAUGHT
        if self.problem:
            return Fate.NOT_TRIED
        return Fate.SURVIVED if self.concluded or self.untested else Fate.UNCHECKED


def trial_of(
    name: str, kind: Kind, results: Sequence[Result], *, requirement: str = "", problem: str = ""
) -> Trial:
    """Return what results say of a server; a fault of the harness is a problem."""
    faults = sorted({one.check for one in results if one.verdict is Verdict.HARNESS_ERROR})
    accusations = tuple(
        Accusation(one.requirement, one.check, one.verdict, one.wire)
        for one in results
        if one.verdict in _ACCUSING
    )
    untested = tuple(
        (one.requirement, one.check, one.cause.key if one.cause else one.verdict.value)
        for one in results
        if one.verdict not in {*_ACCUSING, Verdict.PASS}
    )
    return Trial(
        name=name,
        kind=kind,
        requirement=requirement,
        accusations=accusations,
        untested=untested,
        concluded=sum(one.verdict in {*_ACCUSING, Verdict.PASS} for one in results),
        problem=problem or (f"faults of the harness: {', '.join(faults)}" if faults else ""),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How many impostors there are, and how many are caught."""

    impostors: int
    killed: int

    def reaches(self, least: float) -> bool:
        """Whether at least that share is caught."""
        return self.killed >= least * self.impostors


@dataclass(frozen=True, slots=True)
class Score:
    """What the checks are worth.

    Attributes:
        trials: Every server that was tried, in order.
        table: The impostors, by name.
    """

    trials: tuple[Trial, ...]
    table: Mapping[str, Impostor]

    def of(self, kind: Kind) -> tuple[Trial, ...]:
        """Return the trials of a kind of server."""
        return tuple(one for one in self.trials if one.kind is kind)

    @property
    def void(self) -> tuple[str, ...]:
        """Why the score says nothing; empty where it says what it says."""
        references, canaries = self.of(Kind.REFERENCE), self.of(Kind.CANARY)
        reasons = [
            f"the reference is accused: {each.requirement} by {each.check} ({each.verdict})"
            for one in references
            for each in one.accusations
        ]
        reasons += [f"the reference: {one.problem}" for one in references if one.problem]
        if not any(one.concluded for one in references):
            reasons.append("nothing was concluded about the reference")
        if not canaries or any(one.fate is not Fate.CAUGHT for one in canaries):
            reasons.append("the canary was not caught")
        return tuple(reasons)

    @property
    def false_alarms(self) -> tuple[tuple[str, Accusation], ...]:
        """Name of a variant, and what it is accused of."""
        return tuple((one.name, each) for one in self.of(Kind.VARIANT) for each in one.accusations)

    @property
    def survivors(self) -> tuple[Trial, ...]:
        """The impostors that were not caught, whatever the reason."""
        return tuple(one for one in self.of(Kind.IMPOSTOR) if one.fate is not Fate.CAUGHT)

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """What stands behind each requirement."""
        return proofs(self.of(Kind.IMPOSTOR))

    def share(
        self, themes: Collection[str] | None = None, wires: Collection[Wire] = frozenset(Wire)
    ) -> Share:
        """Return how many are caught.

        Args:
            themes: Of which impostors; None for all.
            wires: Over which exchanges a report counts.
        """
        tried = [
            one
            for one in self.of(Kind.IMPOSTOR)
            if themes is None or self.table[one.name].theme in themes
        ]
        caught = [one for one in tried if any(each.wire in wires for each in one.catches)]
        return Share(len(tried), len(caught))

    @property
    def is_enough(self) -> bool:
        """Whether the score holds, no right server is accused and enough wrong ones are caught."""
        themes = {one.theme for one in self.table.values()}
        untried = any(one.problem for one in self.of(Kind.VARIANT))
        return (
            not self.void
            and not self.false_alarms
            and not untried
            and self.share(RIGHTS).reaches(1)
            and self.share(themes - RIGHTS).reaches(OTHERS_LEAST)
        )


def _plain_share(score: Score, themes: Collection[str] | None) -> dict[str, Json]:
    whole, public = score.share(themes), score.share(themes, _PUBLIC)
    return {
        "impostors": whole.impostors,
        "killed": whole.killed,
        "with_own_wire": {"impostors": whole.impostors, "killed": whole.killed},
        "without_own_wire": {"impostors": public.impostors, "killed": public.killed},
    }


def summary(score: Score) -> dict[str, Json]:
    """Return the figures that a report prints."""
    return {
        **_plain_share(score, None),
        "survived": len(score.survivors),
        "variants": len(score.of(Kind.VARIANT)),
        "false_alarms": len(score.false_alarms),
        "rights": _plain_share(score, RIGHTS),
        "linked": sum(one.linked for one in score.proofs),
        "proven": sum(one.proven for one in score.proofs),
        "void": list(score.void),
    }


def plain_score(score: Score) -> dict[str, Json]:
    """Return the whole score as JSON: the figures, and who was caught by which check."""
    themes = list(dict.fromkeys(one.theme for one in score.table.values()))
    return {
        "format": FORMAT,
        **summary(score),
        "themes": {theme: _plain_share(score, {theme}) for theme in themes},
        "survivors": [one.name for one in score.survivors],
        "requirements": [one.plain for one in score.proofs],
        "alarms": [{"variant": name, **_plain(one)} for name, one in score.false_alarms],
        "servers": [_plain_trial(one, score.table.get(one.name)) for one in score.trials],
    }


def _plain(one: Accusation) -> dict[str, Json]:
    return {
        "requirement": one.requirement,
        "check": one.check,
        "verdict": one.verdict.value,
        "wire": one.wire.value,
    }


def _plain_trial(one: Trial, impostor: Impostor | None) -> dict[str, Json]:
    told: dict[str, Json] = {"name": one.name, "kind": one.kind.value}
    if impostor is not None:
        told |= {"theme": impostor.theme, "standing": impostor.standing.value}
    if one.kind in {Kind.IMPOSTOR, Kind.CANARY}:
        told |= {"requirement": one.requirement, "fate": one.fate.value}
        told |= {"caught_by": [_plain(each) for each in one.catches]}
    others = [each for each in one.accusations if each not in one.catches or not one.requirement]
    told |= {"accused_of": [_plain(each) for each in others], "concluded": one.concluded}
    told["untested"] = [
        {"requirement": requirement, "check": check, "cause": cause}
        for requirement, check, cause in one.untested
    ]
    return told | ({"problem": one.problem} if one.problem else {})


def digest() -> str:
    """Return the SHA-256 of what the score measures: checks, servers and their tools."""
    whole = hashlib.sha256()
    for pattern in _MEASURES:
        for file in sorted(_HOME.glob(pattern)):
            whole.update(f"{file.relative_to(_HOME).as_posix()}\0".encode())
            whole.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return whole.hexdigest()


@cache
def published() -> dict[str, Json] | None:
    """Return the figures measured last, with `measured_on` and whether they are `current`.

    They are not when checks, impostors or variants changed since. None where none were measured.
    """
    if not _MEASURED.exists():
        return None
    measured = cast("dict[str, Json]", json.loads(_MEASURED.read_text(encoding="utf-8")))
    names = ("impostors", "killed", "survived", "variants", "false_alarms", "rights")
    wires = ("with_own_wire", "without_own_wire", "measured_on", "void")
    told: dict[str, Json] = {name: measured[name] for name in (*names, *wires)}
    told |= {name: measured[name] for name in ("linked", "proven") if name in measured}
    return told | {"current": measured["digest"] == digest()}
