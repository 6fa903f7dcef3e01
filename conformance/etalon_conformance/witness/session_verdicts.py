"""The content of `verdicts.json` of a session with a client: the same file as for a server."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, cast

from etalon_conformance.exchange_lines import instant
from etalon_conformance.requirement import Requirement, digest
from etalon_conformance.requirements import CURRENT
from etalon_conformance.statements import Json
from etalon_conformance.verdict_file import FORMAT, causes, plain_counts, plain_requirement
from etalon_conformance.verdicts import Cause, Result, counted, exit_code, plain_result
from etalon_conformance.witness.judging import NOT_COVERED
from etalon_conformance.witness.scenario import Profile

_EMPTY: Final = {"expected": "", "got": "", "path": "", "likely": ""}
_NONE: Final = {"expectation": None, "counterexample": None, "accepted": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a session came to.

    Attributes:
        profile: What was walked through.
        results: The verdicts.
        requirements: The set of requirements.
        name: What the client is called in the report.
        address: Where it spoke to the witness.
        seed: Of every draw.
        version: Version of this program.
        findings_fail: Whether a finding counts as a failure.
        stopped: Whether somebody stopped the session before its end.
        began: When it began.
        ended: When it ended.
        exchanges: How many came.
        people: How many test people there were.
        power: What the judge was shown to catch, as `verdicts.json` holds it, or None.
        role: Whose side was judged: `client`, or `both`.
        kind: What kind of target that is.
        unshown: Why nothing can be said of a side; empty where each showed something.
        problems: What the operator should know of the session, as `session.json` holds it.
    """

    profile: Profile
    results: Sequence[Result]
    requirements: Mapping[str, Requirement]
    name: str
    address: str
    seed: int
    version: str
    findings_fail: bool
    stopped: bool
    began: datetime
    ended: datetime
    exchanges: int
    people: int
    power: Mapping[str, object] | None = None
    role: str = "client"
    kind: str = "client"
    unshown: Sequence[Cause] = ()
    problems: Sequence[Mapping[str, object]] = ()

    @property
    def is_cut(self) -> bool:
        """Whether something was left open: the end of a session, or a side of a watch."""
        return self.stopped or bool(self.unshown)

    @property
    def exit_code(self) -> int:
        """What the command exits with."""
        return exit_code(self.results, cut=self.is_cut, findings_fail=self.findings_fail)

    @property
    def judged(self) -> Mapping[str, Requirement]:
        """The requirements that it has a verdict on, in the order of their set."""
        named = {one.requirement for one in self.results}
        return {ident: one for ident, one in self.requirements.items() if ident in named}


def plain_session_verdicts(heard: Heard) -> dict[str, Json]:
    """Return the content of `verdicts.json`."""
    held = heard.judged
    return {
        **_head(heard),
        "exit_code": heard.exit_code,
        "conforms": exit_code(heard.results, cut=heard.is_cut) == 0,
        "counts": plain_counts(counted(heard.results, heard.requirements)),
        "results": [_result(one) for one in heard.results],
        "requirements": {ident: plain_requirement(one) for ident, one in held.items()},
        "causes": [*causes(heard.results), *map(_alone, heard.unshown)],
        "not_tested": [
            {"requirement": one.requirement, "reason": _not_covered()}
            for one in heard.results
            if one.check == NOT_COVERED
        ],
        "not_applicable": [],
        "manual": [],
        "attestation": None,
        "power": None if heard.power is None else cast("Json", dict(heard.power)),
        "leftovers": [],
        "people": {"made": heard.people, "named": 0},
        "run": {
            "started_at": instant(heard.began),
            "ended_at": instant(heard.ended),
            "seconds": round((heard.ended - heard.began).total_seconds(), 3),
            "workers": 1,
            "exchanges": heard.exchanges,
        },
    }


def _head(heard: Heard) -> dict[str, Json]:
    """Return what was tested, by whom and under which circumstances."""
    title = heard.profile.title
    return {
        "format": FORMAT,
        "etalon_version": heard.version,
        "role": heard.role,
        "suite": heard.profile.name,
        "left_out": 0,
        "suite_title": {"fr": title["fr"], "en": title["en"]},
        "prerequisites": [],
        "target": {"kind": heard.kind, "address": heard.address, "name": heard.name},
        "requirement_set": CURRENT,
        "digests": {ident: digest(one) for ident, one in heard.judged.items()},
        "seed": heard.seed,
        "status": "partial" if heard.stopped else "complete",
        "cut": "interrupted" if heard.stopped else None,
        "unreachable": None,
        "environment_digest": _environment(heard.version, heard.role),
        "profile_digest": None,
        "baseline": None,
        "findings_fail": heard.findings_fail,
    }


def _alone(cause: Cause) -> Json:
    return {"key": cause.key, "values": dict(cause.values), "requirements": []}


def _not_covered() -> Json:
    return {
        "fr": "Interface non couverte : Étalon ne la parle pas.",
        "en": "Interface not covered: Étalon does not speak it.",
    }


def _result(one: Result) -> Json:
    content: dict[str, Json] = json.loads(json.dumps(plain_result(one)))
    return {**content, **_EMPTY, **_NONE}


def _environment(version: str, role: str) -> str:
    content = {"version": version, "python": platform.python_version(), "role": role}
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
