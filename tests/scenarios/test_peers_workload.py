"""The workload given to other engines is our scenario: they count what our engine counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from etalon_scenarios.agents import simulate
from minimal_workload import SEED, minimal_scenario, workload_counts, write_tables
from peer_engines import numpy_by_hand, simpy_process
from peer_engines.workload import COUNTERS, Workload, digest

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = 4_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the table of people and the integers of the workload."""
    folder = tmp_path_factory.mktemp("workload")
    write_tables(minimal_scenario(folder), PEOPLE, folder / "work.npz")
    return folder


def test_engines_by_hand_count_what_the_agents_engine_counts(folder: Path) -> None:
    """Every event of every day, waiting included, from the real model to four comparisons."""
    work = Workload(folder / "work.npz")
    ours = workload_counts(simulate(minimal_scenario(folder), population=PEOPLE, seed=SEED).ledger)

    for engine in (numpy_by_hand, simpy_process):
        theirs = engine.run(work)
        for name in COUNTERS:
            np.testing.assert_array_equal(theirs[name], ours[name], f"{engine.__name__}: {name}")
        assert digest(theirs) == digest(ours)


def test_every_count_of_the_workload_happens(folder: Path) -> None:
    """A peer that forgot a kind of event could not have the same digest."""
    counted = numpy_by_hand.run(Workload(folder / "work.npz"))

    assert [name for name in COUNTERS if not counted[name].any()] == []
