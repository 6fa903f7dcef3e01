"""The plan of a run: which checks, in which order; the same bytes for the same seed and set."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from etalon_conformance.checking import Check, registry
from etalon_conformance.requirements import CURRENT, Requirement, requirement_set
from etalon_conformance.suites import requirements_of

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to be tested.

    Attributes:
        suite: Name of a suite, or None for every requirement of a server.
        requirements: The requirements of it that are asked for; None for all.
        checks: The checks that may run; None for all.
        requirement_set: Name of the set of requirements.
        seed: Of every draw.
    """

    suite: str | None = None
    requirements: frozenset[str] | None = None
    checks: frozenset[str] | None = None
    requirement_set: str = CURRENT
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run sets out to do.

    Attributes:
        choice: What was asked for.
        requirements: The requirements asked for, by identifier, in the order of their set.
        checks: The checks that look at them: those that run beside others, then those that run
            alone.
    """

    choice: Choice
    requirements: Mapping[str, Requirement]
    checks: tuple[Check, ...]

    def looked_at(self, check: Check) -> tuple[Requirement, ...]:
        """Return the requirements of the plan that a check looks at."""
        return tuple(
            self.requirements[ident] for ident in check.requirements if ident in self.requirements
        )


def planned(choice: Choice, checks: Mapping[str, Check] | None = None) -> Plan:
    """Return the plan of a choice; the target and the number of workers have no part in it.

    Args:
        choice: What is to be tested.
        checks: Every check there is, by name; None for those of this package.

    Raises:
        UnknownSetError: No set has that name.
    """
    known = requirement_set(choice.requirement_set)
    held = requirements_of(choice.suite, known) if choice.suite else tuple(known.values())
    wanted = choice.requirements
    asked = {one.ident: one for one in held if wanted is None or one.ident in wanted}
    every = registry() if checks is None else checks
    fitting = [
        one
        for name, one in sorted(every.items())
        if (choice.checks is None or name in choice.checks)
        and (choice.suite is None or one.serves(choice.suite))
        and any(ident in asked for ident in one.requirements)
    ]
    return Plan(choice, asked, tuple(sorted(fitting, key=lambda one: one.alone)))


def written_plan(plan: Plan, version: str) -> bytes:
    """Return a plan as `plan.json` holds it.

    Args:
        plan: The plan.
        version: Version that planned it.
    """
    content = {
        "format": FORMAT,
        "etalon_version": version,
        "suite": plan.choice.suite,
        "requirement_set": plan.choice.requirement_set,
        "seed": plan.choice.seed,
        "checks": [
            {
                "check": one.name,
                "requirements": [each.ident for each in plan.looked_at(one)],
                "wire": one.wire.value,
                "needs": list(one.needs),
                "alone": one.alone,
            }
            for one in plan.checks
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
