"""How much the same people with the same luck narrow the difference between two policies.

Each pair of policies runs under forty seeds. *Common*: both under one seed. *Independent*: the
second under the seed that follows. The ratio of the variances of the two differences says how many
independent pairs one common pair is worth. It is worth little where one policy moves as many people
as the other counts: a press scare more than doubles the objections, and those it adds are others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from statistics import mean, variance
from typing import TYPE_CHECKING, Final

from etalon_scenarios.engine import cohort_engine
from etalon_scenarios.loading import load_scenario
from stopwatch import Figure, write_figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.policies.measuring import Figure as Count
    from etalon_scenarios.policies.measuring import Key

Policy = tuple[str, tuple[str, ...]]
"""Scenario, and its changes."""

PEOPLE: Final = 200_000
PAIRS: Final = 40
ONE_AGENT: Final = ("hotline.agents.value=300", "hotline.lines.value=300")
TWO_AGENTS: Final = ("hotline.agents.value=600", "hotline.lines.value=600")
"""At full scale: one agent and one line, or two, for 200 000 people."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two policies and the figure they are compared by.

    Attributes:
        name: As the results name it.
        first: The one.
        second: The other.
        measure: What is compared, of all people.
    """

    name: str
    first: Policy
    second: Policy
    measure: str


LAUNCH: Final = ("launch-2022", ())
ONE: Final = ("launch-2022", ONE_AGENT)
TWO: Final = ("launch-2022", TWO_AGENTS)
PAIRS_OF_POLICIES: Final = (
    Pair("hotline_1_to_2_on_oppositions", ONE, TWO, "opposed"),
    Pair("hotline_1_to_2_on_people_giving_up", ONE, TWO, "gave_up"),
    Pair("letters_to_seniors_on_people_informed", LAUNCH, ("letters-to-seniors", ()), "informed"),
    Pair("ten_week_window_on_activations", LAUNCH, ("ten-week-window", ()), "activated"),
    Pair("press_scare_on_oppositions", LAUNCH, ("press-scare", ()), "opposed"),
)


@cache
def runs(policy: Policy) -> tuple[Mapping[Key, Count], ...]:
    """Run a policy under every seed and return the figures of each run."""
    name, changes = policy
    scenario, engine = load_scenario(name, changes), cohort_engine()
    return tuple(
        engine.measure(
            engine.simulate(
                scenario, population=PEOPLE, seed=seed, until=None, on_day=None, stop=lambda: False
            ),
            scenario,
        ).figures
        for seed in range(1, PAIRS + 1)
    )


def counts(policy: Policy, measure: str) -> list[float]:
    """Return one figure of every run of a policy."""
    return [figures[measure, "all", "all"].value for figures in runs(policy)]


def narrowing(first: Sequence[float], second: Sequence[float]) -> dict[str, Figure]:
    """Compare the variance of the difference under common and under independent seeds."""
    common = [after - before for before, after in zip(first, second, strict=True)]
    shifted = [*second[1:], second[0]]
    independent = [after - before for before, after in zip(first, shifted, strict=True)]
    together = variance(common)
    return {
        "mean_difference": round(mean(common), 1),
        "standard_deviation_common": round(together**0.5, 1),
        "standard_deviation_independent": round(variance(independent) ** 0.5, 1),
        "variance_ratio": round(variance(independent) / together, 1) if together else None,
    }


def main() -> None:
    """Run every pair and write its figures."""
    found: dict[str, Figure] = {"people": PEOPLE, "pairs": PAIRS}
    for pair in PAIRS_OF_POLICIES:
        sides = (counts(policy, pair.measure) for policy in (pair.first, pair.second))
        found[pair.name] = narrowing(*sides)
    write_figures(found)


if __name__ == "__main__":
    main()
