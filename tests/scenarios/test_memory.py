"""Memory is told before a run: what it needs, and what there is."""

import pytest

from etalon_scenarios.memory import memory_available, memory_needed


def test_memory_needed_grows_with_people_days_and_engine() -> None:
    """A national run fits in two gigabytes with the cohort engine, never with the agents one."""
    national = memory_needed(67_400_000, 200)

    assert 500_000_000 < national < 2_000_000_000
    assert memory_needed(67_400_000, 400) > national > memory_needed(1_000_000, 200)
    assert memory_needed(67_400_000, 200, "agents") > 100_000_000_000
    with pytest.raises(LookupError):
        memory_needed(1, 1, "steam")


def test_memory_available_is_told_where_the_system_tells_it() -> None:
    """Some bytes, and not more than a machine of our time holds."""
    available = memory_available()

    assert available is None or 0 < available < 1 << 50
