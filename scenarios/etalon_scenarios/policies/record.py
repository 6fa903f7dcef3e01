"""`comparison.json`: what was found of each policy, and of each against the first.

Schema: `etalon_text/schemas/comparison.schema.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from statistics import variance
from typing import TYPE_CHECKING, Final, cast

from etalon_scenarios.knowledge import FEWEST_EVENTS, LEVEL
from etalon_scenarios.legal_departures import legal_departures
from etalon_scenarios.policies.changes import changes_between
from etalon_scenarios.policies.measures import EVERYBODY, OF_LIVES, measures
from etalon_scenarios.policies.pairing import (
    CHANCE_LEVEL,
    CHANCE_METHOD,
    KNOWLEDGE_METHOD,
    REPLICATIONS,
    Sizes,
    chance,
    difference_of,
    distinguishable,
    drawn_noise,
    gap_change,
    knowledge,
    moved,
    replicated,
    sample_noise,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from etalon_scenarios.policies.measuring import Key, Measured
    from etalon_scenarios.policies.pairing import Interval, Sample
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.run_record import ComparisonPlan
    from etalon_scenarios.scenario import Scenario

SCHEMA_VERSION: Final = 1
EFFECTS: Final = {"informed": 1, "opened_uninformed": -1, "opposed": -1, "spaces_open": 1}
"""Measure that money changes -> 1 where people are gained, -1 where they are avoided."""

GAPS: Final = tuple(
    product(
        ("informed_rate", "opened_uninformed_rate", "opt_out_rate", "coverage"),
        ("age", "digital_exclusion"),
    )
)
COST: Final = ("cost_eur", *EVERYBODY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy of a comparison, and all its runs.

    Attributes:
        asked: As asked for: a shipped name or a path.
        scenario: The scenario with its changes.
        measured: What its central run gave.
        sample: All its runs.
        ledger_digest: Digest of its central run.
        law_digest: Digest of the numbers it ran under.
    """

    asked: str
    scenario: Scenario
    measured: Measured
    sample: Sample
    ledger_digest: str
    law_digest: str

    @property
    def name(self) -> str:
        """Name of its scenario, and of its sub-directory."""
        return self.scenario.name


def comparison_record(plan: ComparisonPlan, policies: Sequence[Policy]) -> dict[str, Json]:
    """Give the content of `comparison.json`.

    Args:
        plan: What was asked for.
        policies: The first is the one the others are compared with.
    """
    first, others = policies[0], policies[1:]
    full = first.measured.full
    sizes = Sizes(full=full, run=plan.population, replication=plan.knowledge_population)
    return {
        "schema_version": SCHEMA_VERSION,
        **_heading(plan, first),
        "measures": [
            {"key": m.key, "unit": m.unit, "denominator": m.denominator, "queue": m.queue}
            for m in measures()
            if m.key not in OF_LIVES
            or any((m.key, *EVERYBODY) in policy.sample.centre for policy in policies)
        ],
        "policies": [_policy(policy, first) for policy in policies],
        "figures": [row for policy in policies for row in _figures(policy, sizes)],
        "differences": [row for policy in others for row in _differences(policy, first, sizes)],
        "cost_effect": [
            row
            for policy, effect in product(others, EFFECTS)
            if (row := _cost_effect(policy, first, effect)) is not None
        ],
        "equity": [
            row
            for policy, (measure, by) in product(policies, GAPS)
            if (row := _gap(policy, first, measure, by)) is not None
        ],
        "curves": _curves(policies),
        "hotline": [{"policy": p.name, **p.measured.hotline} for p in policies],
        "common_random_numbers": [row for p in others for row in _narrowing(p, first)],
    }


def _heading(plan: ComparisonPlan, first: Policy) -> dict[str, Json]:
    starts_on, full = first.scenario.starts_on, first.measured.full
    last_day_on = starts_on + timedelta(days=first.measured.days - 1)
    return {
        "engine": plan.engine,
        "population": plan.population,
        "full_population": full,
        "seed": plan.seed,
        "starts_on": starts_on.isoformat(),
        "last_day_on": last_day_on.isoformat(),
        "knowledge": {
            "draws": plan.knowledge_draws,
            "population_per_draw": plan.knowledge_population,
            "full": plan.knowledge_population == full,
            "level": LEVEL,
            "method": KNOWLEDGE_METHOD,
        },
        "chance": {
            "replications": plan.replications,
            "population_per_replication": plan.knowledge_population,
            "level": CHANCE_LEVEL,
            "method": CHANCE_METHOD,
        },
    }


def _policy(policy: Policy, first: Policy) -> dict[str, Json]:
    heading = policy.scenario.scenario
    return {
        "name": policy.name,
        "directory": policy.name,
        "scenario": policy.asked,
        "title_fr": heading.title_fr,
        "title_en": heading.title_en,
        "question_fr": heading.question_fr,
        "question_en": heading.question_en,
        "extends": heading.extends,
        "changes": [
            {"path": path, "from": before, "to": after}
            for path, before, after in changes_between(first.scenario, policy.scenario)
        ],
        "legal_departures": [text.as_json() for text in legal_departures(policy.scenario)],
        "cost_eur": dict(policy.measured.costs),
        "ledger_digest": policy.ledger_digest,
        "law_digest": policy.law_digest,
    }


def _figures(policy: Policy, sizes: Sizes) -> Iterator[dict[str, Json]]:
    for key, figure in policy.sample.centre.items():
        spread = replicated(policy.sample, key)
        yield {
            **_named(policy, key),
            "value": figure.value,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "chance": _listed(chance(figure.value, spread, sizes)),
            "sample_noise": _listed(sample_noise(figure.value, spread, sizes)),
            "knowledge": _listed(knowledge(moved(policy.sample, key))),
        }


def _differences(policy: Policy, first: Policy, sizes: Sizes) -> Iterator[dict[str, Json]]:
    counted, scope = _counted(), sizes.run / sizes.full
    for key, figure in policy.sample.centre.items():
        if key not in first.sample.centre:
            continue
        before, after = first.sample.centre[key].value, figure.value
        spread = difference_of(replicated(first.sample, key), replicated(policy.sample, key))
        by_chance = chance(after - before, spread, sizes)
        known = knowledge(difference_of(moved(first.sample, key), moved(policy.sample, key)))
        yield {
            **_named(policy, key),
            "against": first.name,
            "from": before,
            "to": after,
            "difference": after - before,
            "chance": _listed(by_chance),
            "sample_noise": _listed(sample_noise(after - before, spread, sizes)),
            "knowledge": _listed(known),
            "distinguishable": distinguishable(known, drawn_noise(after - before, spread))
            and (key[0] not in counted or abs(after - before) * scope >= FEWEST_EVENTS),
        }


def _counted() -> frozenset[str]:
    """Name the measures that count people, letters, calls and the like, one by one."""
    return frozenset(m.key for m in measures() if m.unit not in {"share", "EUR", "seconds"})


def _named(policy: Policy, key: Key) -> dict[str, Json]:
    measure, by, group = key
    return {"policy": policy.name, "measure": measure, "by": by, "group": group}


def _listed(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)


def _cost_effect(policy: Policy, first: Policy, effect: str) -> dict[str, Json] | None:
    key, sign = (effect, *EVERYBODY), EFFECTS[effect]
    if key not in first.sample.centre or key not in policy.sample.centre:
        return None
    cost = policy.sample.centre[COST].value - first.sample.centre[COST].value
    people = sign * (policy.sample.centre[key].value - first.sample.centre[key].value) + 0.0
    costs = difference_of(moved(first.sample, COST), moved(policy.sample, COST))
    effects = difference_of(moved(first.sample, key), moved(policy.sample, key))
    spread = difference_of(replicated(first.sample, key), replicated(policy.sample, key))
    return {
        "policy": policy.name,
        "against": first.name,
        "effect": effect,
        "extra_cost_eur": cost,
        "extra_people": people,
        "eur_per_person": cost / people if people else None,
        "knowledge": _listed(knowledge(_each(costs, effects, sign))),
        "distinguishable": distinguishable(knowledge(effects), drawn_noise(sign * people, spread)),
    }


def _each(
    costs: Sequence[float] | None, effects: Sequence[float] | None, sign: int
) -> list[float] | None:
    """Give the cost per person of each draw; None unless all gain, or all lose, somebody."""
    if costs is None or effects is None:
        return None
    gained = [sign * effect > 0 for effect in effects]
    if 0 in effects or any(gained) != all(gained):
        return None
    return [cost / (sign * effect) for cost, effect in zip(costs, effects, strict=True)]


def _gap(policy: Policy, first: Policy, measure: str, by: str) -> dict[str, Json] | None:
    keys = [key for key in policy.sample.centre if key[:2] == (measure, by)]
    if not keys:
        return None
    values = sorted((policy.sample.centre[key].value, key[2]) for key in keys)
    (lowest, lowest_group), (highest, highest_group) = values[0], values[-1]
    compared = policy is not first and all(key in first.sample.centre for key in keys)
    difference = interval = told = None
    if compared:
        difference, interval, told = gap_change(first.sample, policy.sample, keys)
    return {
        "policy": policy.name,
        "measure": measure,
        "by": by,
        "lowest_group": lowest_group,
        "lowest": lowest,
        "highest_group": highest_group,
        "highest": highest,
        "gap": highest - lowest,
        "difference": difference,
        "knowledge": _listed(interval),
        "distinguishable": told,
    }


def _curves(policies: Sequence[Policy]) -> dict[str, Json]:
    first = policies[0]
    days = len(next(iter(first.measured.curves.values())))
    starts_on = first.scenario.starts_on
    return {
        "days": [(starts_on + timedelta(days=day)).isoformat() for day in range(days)],
        "policies": [
            {"policy": policy.name, **cast("Mapping[str, Json]", policy.measured.curves)}
            for policy in policies
        ],
    }


def _narrowing(policy: Policy, first: Policy) -> Iterator[dict[str, Json]]:
    for measured in measures():
        key = (measured.key, *EVERYBODY)
        left, right = replicated(first.sample, key), replicated(policy.sample, key)
        paired = difference_of(left, right)
        if left is None or right is None or paired is None:
            continue
        together, apart = variance(paired), variance(left) + variance(right)
        yield {
            "policy": policy.name,
            "measure": measured.key,
            "variance_common": together,
            "variance_independent": apart,
            "ratio": apart / together if together else None,
        }


__all__ = ["REPLICATIONS", "Policy", "comparison_record"]
