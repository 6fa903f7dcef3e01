"""`etalon conformance prepare`: what a suite asks of a target, and what its profile has of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.conformance_options import DEFAULT_SEED, suite_asked, target_asked
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_conformance.planning import Choice, planned
from etalon_conformance.wanting import Kind, Need, needs
from etalon_target.ages import GROWN_UP, age_on
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from datetime import date

    from etalon_target.profile_sections import NamedPerson
    from etalon_target.targets import Target
    from etalon_text.language import Language

_OURS: Final = frozenset({"embedded", "inprocess"})
_MAKERS: Final = {Kind.PERSON: "create_person", Kind.PROFESSIONAL: "create_professional"}
_SHOWN: Final = 6
"""Requirements that a line names; `--json` gives all."""


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    target = target_asked(options, DEFAULT_SEED)
    suite = suite_asked(options, target)
    plan = planned(Choice(suite=suite))
    wanted = needs(plan)
    if options.json:
        today = datetime.now(UTC).date()
        print_json(
            {
                "suite": suite,
                "checks": len(plan.checks),
                "needs": [
                    {
                        "kind": one.kind.value,
                        "what": one.what,
                        "count": one.count,
                        "has": has(target, one, today),
                        "requirements": list(one.requirements),
                    }
                    for one in wanted
                ],
            }
        )
        return ExitCode.DONE
    print_result(text("prepare.head", language, suite=suite, checks=len(plan.checks)))
    for kind in Kind:
        _print_kind(target, [one for one in wanted if one.kind is kind], language)
    return ExitCode.DONE


def has(target: Target, need: Need, today: date) -> str:
    """Return what a target has of a need, by its profile alone.

    `made` where it makes people, or `mapped`, `own`; a number where the profile names as many;
    `missing` where it has no way.
    """
    name = _MAKERS.get(need.kind, need.what)
    if name in target.operations.names():
        return "made" if need.kind in _MAKERS else "mapped"
    if target.kind in _OURS or target.operations.can(name):
        return "made" if need.kind in _MAKERS else "own"
    if need.kind is Kind.PERSON:
        number = sum(_describes(need.what, one, today) for one in target.profile.people)
    elif need.kind is Kind.PROFESSIONAL:
        professions = [f"profession={one.profession}" for one in target.profile.professionals]
        number = professions.count(need.what)
    else:
        number = 0
    return str(number) if number else "missing"


def _describes(what: str, one: NamedPerson, today: date) -> bool:
    """Whether a person of a profile is as wanted."""
    age = age_on(today, one.birth_date)
    told = {
        "state": one.state.value,
        "age": f"{GROWN_UP}+" if age >= GROWN_UP else str(age),
        "sex": one.sex,
        "department": one.department,
        "since_days": str(one.since_days),
        "guardian": "…" if one.guardian else "",
    }
    wanted = dict(part.split("=", 1) for part in what.split(" "))
    return all(told[key] == value for key, value in wanted.items())


def _print_kind(target: Target, wanted: Sequence[Need], language: Language) -> None:
    if not wanted:
        return
    kind, today = wanted[0].kind, datetime.now(UTC).date()
    print_result("")
    heads = [text(f"prepare.{kind}", language)]
    heads += [text(f"prepare.{column}", language) for column in ("count", "has", "unlocks")]
    rows = [
        [one.what, str(one.count), _has(target, one, today, language), _named(one)]
        for one in wanted
    ]
    print_columns([heads, *rows], right=frozenset({1}))


def _has(target: Target, need: Need, today: date, language: Language) -> str:
    told = has(target, need, today)
    if told.isdecimal():
        return text("prepare.has_some", language, count=told)
    return text(f"prepare.has_{told}", language)


def _named(need: Need) -> str:
    shown = ", ".join(need.requirements[:_SHOWN])
    more = ", …" if len(need.requirements) > _SHOWN else ""
    return f"{len(need.requirements)}: {shown}{more}"
