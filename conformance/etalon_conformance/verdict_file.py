"""What a run is worth, and the content of `verdicts.json`.

That file and `exchanges-redacted.ndjson` are all that reports are drawn from.
"""

import json
import platform
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, cast

from etalon_conformance.answers import Answers, manual_results, plain_attestation, plain_manual
from etalon_conformance.baseline import (
    Accepted,
    Baseline,
    accepted_by,
    plain_acceptance,
    plain_baseline,
)
from etalon_conformance.concluding import Concluded
from etalon_conformance.exchange_lines import instant
from etalon_conformance.planning import Plan
from etalon_conformance.requirement import Requirement, Words, digest
from etalon_conformance.requirements import requirement_set
from etalon_conformance.running import RunOutcome
from etalon_conformance.statements import Json
from etalon_conformance.suites import requirements_of, suites
from etalon_conformance.verdicts import (
    Counts,
    Result,
    Verdict,
    counted,
    exit_code,
    plain_result,
)
from etalon_target.targets import Target

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a run was made under, beside its plan.

    Attributes:
        version: Version of this program.
        findings_fail: Whether a finding counts as a failure.
        baseline: The breaches accepted beforehand, or None.
        answers: What people answered, or None.
        power: What the checks were shown to catch, as `verdicts.json` holds it, or None.
    """

    version: str
    findings_fail: bool = False
    baseline: Baseline | None = None
    answers: Answers | None = None
    power: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a run is worth.

    Attributes:
        results: Every verdict, those of people among them.
        accepted: What the baseline accepts of them, or None without one.
        exit_code: What the command exits with.
        conforms: No breach counts against the system, and nothing that it claims is left open.
    """

    results: tuple[Result, ...]
    accepted: Accepted | None
    exit_code: int
    conforms: bool


def judgement(outcome: RunOutcome, circumstances: Circumstances) -> Judgement:
    """Return what a run is worth under its circumstances."""
    manual = manual_results(_left_to_people(outcome), circumstances.answers, checked=())
    results = (*outcome.results, *manual)
    baseline = circumstances.baseline
    accepted = None if baseline is None else accepted_by(baseline, results)
    unreachable, cut = bool(outcome.unreachable), bool(outcome.cut)
    code = exit_code(
        results,
        unreachable=unreachable,
        cut=cut,
        findings_fail=circumstances.findings_fail or baseline is not None,
        accepted=() if accepted is None else accepted.entries.keys(),
        unused=accepted is not None and bool(accepted.unused),
    )
    return Judgement(
        results=results,
        accepted=accepted,
        exit_code=code,
        conforms=exit_code(results, unreachable=unreachable, cut=cut) == 0,
    )


def looked_at(outcome: RunOutcome) -> frozenset[str]:
    """Return the requirements of a run that a check of its plan looks at."""
    return frozenset(
        one.ident for check in outcome.plan.checks for one in outcome.plan.looked_at(check)
    )


def _left_to_people(outcome: RunOutcome) -> tuple[Requirement, ...]:
    """Return the requirements that a person may be asked about.

    Those that no check looks at, and that the profile does not declare to be without object; none
    when checks were chosen by name, for these alone are asked for.
    """
    if outcome.plan.choice.checks is not None:
        return ()
    seen = looked_at(outcome) | {one.requirement for one in outcome.results}
    return tuple(one for ident, one in outcome.plan.requirements.items() if ident not in seen)


def plain_verdicts(
    outcome: RunOutcome,
    judged: Judgement,
    circumstances: Circumstances,
    target: Target,
    counterexamples: Mapping[tuple[str, str], str],
) -> dict[str, Json]:
    """Return the content of `verdicts.json`.

    Args:
        outcome: What the run came to.
        judged: What it is worth.
        circumstances: What it was made under.
        target: What was tested.
        counterexamples: Requirement and check -> identifier of the counterexample.
    """
    plan, baseline = outcome.plan, circumstances.baseline
    return {
        "format": FORMAT,
        "etalon_version": circumstances.version,
        "role": "server",
        **_suite(plan),
        "target": {
            "kind": target.kind,
            "address": target.fhir_base,
            "name": target.profile.name,
        },
        "requirement_set": plan.choice.requirement_set,
        "digests": {ident: digest(one) for ident, one in plan.requirements.items()},
        "seed": plan.choice.seed,
        "status": "partial" if outcome.cut else "complete",
        "cut": outcome.cut or None,
        "unreachable": outcome.unreachable or None,
        "environment_digest": _digest(environment(target, circumstances.version)),
        "profile_digest": target.profile.digest or None,
        "baseline": None
        if baseline is None or judged.accepted is None
        else plain_baseline(baseline, judged.accepted),
        "findings_fail": circumstances.findings_fail,
        "exit_code": judged.exit_code,
        "conforms": judged.conforms,
        "counts": plain_counts(counted(judged.results, plan.requirements)),
        "results": _results(outcome, judged, counterexamples),
        "requirements": {ident: plain_requirement(one) for ident, one in plan.requirements.items()},
        "causes": causes(judged.results),
        "not_tested": _not_tested(outcome),
        "not_applicable": _not_applicable(outcome, target),
        "manual": list(plain_manual(_left_to_people(outcome), circumstances.answers, checked=())),
        "attestation": plain_attestation(circumstances.answers),
        "power": _as_it_stands(circumstances.power),
        "exploration": _as_it_stands(outcome.exploration),
        "races": _as_it_stands(outcome.races),
        "leftovers": _leftovers(outcome),
        "people": {"made": outcome.made, "named": outcome.named},
        "run": _run(outcome),
    }


def _as_it_stands(told: Mapping[str, object] | None) -> Json:
    return None if told is None else cast("Json", dict(told))


def _suite(plan: Plan) -> dict[str, Json]:
    """Return the suite, and how many of its requirements a choice left out: a part is no whole."""
    name = plan.choice.suite
    suite = suites()[name] if name else None
    known = requirement_set(plan.choice.requirement_set)
    held = requirements_of(name, known) if name else tuple(known.values())
    return {
        "suite": name,
        "left_out": len(held) - len(plan.requirements),
        "suite_title": None if suite is None else _words(suite.title),
        "prerequisites": [] if suite is None else [_words(one) for one in suite.prerequisites],
    }


def environment(target: Target, version: str) -> dict[str, object]:
    """Return what a verdict may depend on beside the plan: the target, and this machine."""
    read = None if target.metadata is None else target.metadata.json()
    described = read if isinstance(read, dict) else {}
    sandbox = target.sandbox or {}
    return {
        "etalon_version": version,
        "python": platform.python_version(),
        "system": platform.system(),
        "target": target.kind,
        "software": described.get("software"),
        "fhir_version": described.get("fhirVersion"),
        "vintage": sandbox.get("vintage"),
        "policies": sandbox.get("policies"),
        "mode": sandbox.get("mode"),
    }


def causes(results: Iterable[Result]) -> list[Json]:
    """Return each cause for which requirements could not be tested, once, with all of them."""
    found: dict[str, tuple[Result, dict[str, None]]] = {}
    for one in results:
        if one.cause is not None:
            key = json.dumps([one.cause.key, dict(one.cause.values)], sort_keys=True)
            found.setdefault(key, (one, {}))[1][one.requirement] = None
    return [
        {"key": first.cause.key, "values": dict(first.cause.values), "requirements": list(named)}
        for first, named in found.values()
        if first.cause is not None
    ]


def fault_text(name: str, error: BaseException | None) -> str:
    """Return what `harness-errors.txt` says of a fault of ours.

    Args:
        name: The check, or the counterexample, that met it.
        error: What was raised.
    """
    told = "" if error is None else "".join(traceback.format_exception(error))
    return f"{name}\n{told}\n"


def _results(
    outcome: RunOutcome, judged: Judgement, counterexamples: Mapping[tuple[str, str], str]
) -> list[Json]:
    rests_on = {(one.result.requirement, one.result.check): one for one in outcome.concluded}
    return [
        _result(one, rests_on.get((one.requirement, one.check)), judged.accepted, counterexamples)
        for one in judged.results
    ]


def _result(
    result: Result,
    concluded: Concluded | None,
    accepted: Accepted | None,
    counterexamples: Mapping[tuple[str, str], str],
) -> Json:
    plain = plain_result(result)
    assertion = None if concluded is None else concluded.assertion
    place = (result.requirement, result.check)
    entry = None if accepted is None else accepted.entries.get(place)
    content: dict[str, Json] = json.loads(json.dumps(plain))
    content |= {
        "expected": "" if assertion is None else assertion.seen.expected,
        "got": "" if assertion is None else assertion.seen.got,
        "path": "" if assertion is None else assertion.expectation.path,
        "expectation": None
        if assertion is None
        else {
            "path": assertion.expectation.path,
            "relation": assertion.expectation.relation.value,
            "values": list(assertion.expectation.values),
        },
        "likely": "" if assertion is None else assertion.likely,
        "counterexample": counterexamples.get(place),
        "accepted": None if entry is None else plain_acceptance(entry),
    }
    return content


def _not_tested(outcome: RunOutcome) -> list[Json]:
    """Return the requirements of the plan that no check looks at, with the reason."""
    seen = looked_at(outcome) | {one.requirement for one in outcome.results}
    return [
        {"requirement": ident, "reason": _words(one.untested)}
        for ident, one in outcome.plan.requirements.items()
        if ident not in seen
    ]


def _not_applicable(outcome: RunOutcome, target: Target) -> list[Json]:
    return [
        {"requirement": one.requirement, "reason": reason}
        for one in outcome.results
        if one.verdict is Verdict.NOT_APPLICABLE
        and (reason := target.profile.about.not_applicable.get(one.requirement))
    ]


def plain_requirement(one: Requirement) -> Json:
    """Return a requirement as `verdicts.json` holds it."""
    return {
        "text": _words(one.text),
        "level": one.level.value,
        "standing": one.standing.value,
        "certainty": one.certainty,
        "actor": one.actor.value,
        "condition": _words(one.condition) if one.condition["en"] else None,
        "sources": [
            {
                "title": _words(source.title),
                "link": source.link,
                "place": source.place,
                "checked_on": source.checked_on,
                "published_on": source.published_on,
            }
            for source in one.sources
        ],
    }


def plain_counts(counts: Counts) -> Json:
    """Return counts as `verdicts.json` holds them."""
    return {
        standing.value: {
            wire.value: {verdict.value: number for verdict, number in row.items()}
            for wire, row in by_wire.items()
        }
        for standing, by_wire in counts.items()
    }


def _leftovers(outcome: RunOutcome) -> Json:
    return [
        {"kind": one.kind, "ident": one.ident, "tag": one.tag, "cause": one.cause}
        for one in outcome.leftovers.left
    ]


def _run(outcome: RunOutcome) -> Json:
    return {
        "started_at": instant(outcome.started_at),
        "ended_at": instant(outcome.ended_at),
        "seconds": round(outcome.seconds, 3),
        "workers": outcome.workers,
        "exchanges": outcome.exchanges,
    }


def _words(said: Words) -> Json:
    return {"fr": said["fr"], "en": said["en"]}


def _digest(content: Mapping[str, object]) -> str:
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(written.encode()).hexdigest()
