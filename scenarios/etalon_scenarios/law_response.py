"""From a scenario to who decides and when: levels by cell, attention by day."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_scenarios import curves
from etalon_scenarios.curves import ONE, fixed
from etalon_scenarios.draws import Slot, draw, stream
from etalon_scenarios.law import ResponseLaw
from etalon_scenarios.layout import ADULT_BANDS, BANDS
from etalon_scenarios.scale import BEYOND

if TYPE_CHECKING:
    from etalon_scenarios.population_table import PopulationTable
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.sending_sections import Intent

UNIFORMS: Final = 12
"""Twelve uniform draws less six stand for a normal one: exact in integers, tails cut at six."""


def response_law(scenario: Scenario, table: PopulationTable, days: int) -> ResponseLaw:
    """Compute the levels of each cell and the attention of each day."""
    intent, response = scenario.intent, scenario.response
    surge = response.deadline_surge.value
    publicity = Decimal(0)
    if response.deadline_publicity is not None:
        publicity = response.deadline_publicity.value
    surge_days = int(response.deadline_surge_days.value)
    prompt = [
        (1 - surge) * value for value in curves.exponential(response.tau_days.value, days + BEYOND)
    ]
    share = response.activation_fast_share.value
    fast = curves.exponential(response.activation_fast_tau_days.value, days + BEYOND)
    slow = curves.exponential(response.activation_slow_tau_days.value, days + BEYOND)
    activation = [share * f + (1 - share) * s for f, s in zip(fast, slow, strict=True)]
    sexes = (intent.opposition_female.value, 2 - intent.opposition_female.value)
    return ResponseLaw(
        oppose=_levels(
            intent.opposition.value * _effect_of_trust(intent),
            intent.opposition_by_age.values,
            sexes,
            _department_effects(scenario, table),
            table,
        ),
        activate=_levels(
            intent.activation.value,
            intent.activation_by_age.values,
            (Decimal(1), Decimal(1)),
            [Decimal(1)] * len(table.departments),
            table,
        ),
        uninformed=fixed(scenario.reading.uninformed_factor.value),
        child_oppose=fixed(intent.child_opposition.value),
        child_activate=fixed(intent.child_activation.value),
        oppose_steps=curves.increments(prompt),
        activate_steps=curves.increments(activation),
        surge_step=fixed((surge + publicity) / surge_days),
        surge_days=surge_days,
        reminder_bump=fixed(response.reminder_surge.value)
        if scenario.reminders and response.reminder_surge is not None
        else 0,
    )


def _effect_of_trust(intent: Intent) -> Decimal:
    """Return the factor that a shift of trust puts on the wish to object: 1 without a shift."""
    if not intent.trust_shift or intent.trust_elasticity is None:
        return Decimal(1)
    return curves.exp(-intent.trust_elasticity.value * intent.trust_shift)


def _levels(
    level: Decimal,
    by_age: tuple[Decimal, ...],
    by_sex: tuple[Decimal, Decimal],
    by_department: list[Decimal],
    table: PopulationTable,
) -> tuple[int, ...]:
    """Level by cell (département, band, sex), its mean over the adults being `level`."""
    of_cell = [by_age[band] * by_sex[sex] for band in range(BANDS) for sex in (0, 1)]
    # What départements of one effect share is computed once.
    relative = {effect: [ratio * effect for ratio in of_cell] for effect in set(by_department)}
    weight = total = Decimal(0)
    for code, effect in zip(table.departments, by_department, strict=True):
        for band in ADULT_BANDS:
            for people, ratio in zip(
                table.counts[code][band], relative[effect][2 * band : 2 * band + 2], strict=True
            ):
                weight += people
                total += people * ratio
    mean = total / weight if total else Decimal(1)
    levels = {
        effect: [min(ONE, fixed(level * ratio / mean)) for ratio in ratios]
        for effect, ratios in relative.items()
    }
    return tuple(found for effect in by_department for found in levels[effect])


def _department_effects(scenario: Scenario, table: PopulationTable) -> list[Decimal]:
    """Draw the odds ratio of each département: the same in every scenario with the same seed."""
    spread = scenario.intent.department_sd.value
    key = stream(scenario.intent.department_seed, Slot.DEPARTMENT_EFFECT)
    effects: list[Decimal] = []
    for code in table.departments:
        first = int.from_bytes(code.encode(), "big") * UNIFORMS
        uniforms = sum(draw(key, first + rank) >> 32 for rank in range(UNIFORMS))
        normal = Decimal(uniforms) / ONE - UNIFORMS // 2
        effects.append(curves.exp(spread * normal))
    return effects
