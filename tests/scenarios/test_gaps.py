"""Gaps between groups of people under two policies: when a change of them says something."""

import pytest

from etalon_scenarios.knowledge import FEWEST_DRAWS, FEWEST_EVENTS
from etalon_scenarios.policies.measuring import Figure, Key
from etalon_scenarios.policies.pairing import REPLICATIONS, Sample, gap_change

GROUPS: tuple[Key, Key] = (
    ("informed_rate", "digital_exclusion", "connected"),
    ("informed_rate", "digital_exclusion", "excluded"),
)


def _figures(connected: float, excluded: float) -> dict[Key, Figure]:
    shares = zip(GROUPS, (connected, excluded), strict=True)
    return {key: Figure(value=share, events=FEWEST_EVENTS) for key, share in shares}


def _sample(gap: float, *, drawn: float, noise: float, draws: int) -> Sample:
    """Runs of one policy: the gap of the draws spans `drawn`, that of replications `noise`."""

    def around(width: float, number: int) -> list[dict[Key, Figure]]:
        steps = [width * (rank / (number - 1) - 0.5) for rank in range(number)]
        return [_figures(0.5 + gap + step, 0.5) for step in steps]

    central = _figures(0.5 + gap, 0.5)
    return Sample(
        centre=central,
        central=central if draws else None,
        draws=around(drawn, draws) if draws else [],
        replications=around(noise, REPLICATIONS),
    )


@pytest.mark.parametrize(
    ("drawn", "noise", "draws", "told"),
    [
        (0.01, 0.001, FEWEST_DRAWS, True),
        (0.5, 0.001, FEWEST_DRAWS, False),
        (0.01, 0.5, FEWEST_DRAWS, False),
        (0.01, 0.001, 0, None),
    ],
    ids=["plain", "not known", "lost in noise", "no draw"],
)
def test_a_gap_that_changes_less_than_knowledge_or_noise_is_not_distinguishable(
    drawn: float, noise: float, draws: int, *, told: bool | None
) -> None:
    """Ten points less, beside what parameters and further seeds move of it."""
    first = _sample(0.3, drawn=0, noise=0, draws=draws)
    other = _sample(0.2, drawn=drawn, noise=noise, draws=draws)

    difference, known, found = gap_change(first, other, GROUPS)

    assert difference == pytest.approx(-0.1)
    assert (known is None) == (draws == 0)
    assert found is told
