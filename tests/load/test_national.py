"""From one machine to the nation: every figure named, and no figure that is none."""

import pytest

from etalon_load.capacity import CapacityError
from etalon_load.national import Amount, Figure, assumptions, sized

SOURCE = {"fr": "mesure", "en": "measure"}


def _figure(key: str, value: float, spread: float = 0.0) -> Figure:
    low, high = value * (1 - spread), value * (1 + spread)
    return Figure(key, low, value, high, "", "measured", SOURCE)


def test_cores_and_machines_follow_from_the_utilisation_law() -> None:
    """6 000 requests of a millisecond: six cores busy, ten at 60 %, fifteen with a zone to lose."""
    sizing = sized(_figure("requests", 6000), _figure("cpu_seconds", 0.001))

    assert sizing.busy_cores == Amount(6, 6, 6)
    assert sizing.cores == Amount(15, 15, 18)
    assert sizing.machines == Amount(3, 3, 3)
    assert sizing.workers is None
    assert [figure.key for figure in sizing.figures] == [
        "requests",
        "cpu_seconds",
        "utilisation",
        "zones",
        "machine_cores",
    ]


def test_generators_and_addresses_are_reckoned_where_they_are_known() -> None:
    """4 000 a second and core, of which seven tenths are used; 28 232 connections an address."""
    sizing = sized(
        _figure("requests", 233_333, 0.1),
        _figure("cpu_seconds", 0.0005, 0.2),
        sent_per_core=_figure("sent_per_core", 4000),
        connections=_figure("connections", 7_500_000),
    )

    assert sizing.workers == Amount(75, 84, 92)
    assert sizing.own_machines == Amount(10, 11, 12)
    assert sizing.addresses == Amount(266, 266, 266)
    assert sizing.cores.low < sizing.cores.value < sizing.cores.high


@pytest.mark.parametrize(
    ("requests", "cpu_seconds"), [(0, 0.001), (-1, 0.001), (100, 0), (float("nan"), 1), (1e12, 1)]
)
def test_a_peak_or_a_cost_that_is_none_is_refused(requests: float, cpu_seconds: float) -> None:
    """Nothing is reckoned from it."""
    with pytest.raises(CapacityError, match="expected"):
        sized(_figure("requests", requests), _figure("cpu_seconds", cpu_seconds))


def test_every_assumption_says_what_it_is() -> None:
    """Ends in order, a kind, and a source in both languages."""
    for figure in assumptions().values():
        assert figure.low <= figure.value <= figure.high
        assert figure.certainty in {"published", "assumption"}
        assert all(figure.source[language] for language in ("fr", "en"))
