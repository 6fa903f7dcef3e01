"""A watched run is the same run, and what its observer hears adds up to its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from etalon_scenarios import agents, cohort
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.tally import Tally
from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from etalon_scenarios.runs import Run

DAY_MINUTES = 24 * 60
ENGINES: dict[str, Callable[..., Run]] = {"agents": agents.simulate, "cohort": cohort.simulate}
BUSY = ("website.admissions_per_minute=2000", "hotline.agents=60", "closing.per_year=0.5")


class Listener:
    """Keeps all that is heard."""

    hears_lives = True

    def __init__(self) -> None:
        self.heard: dict[str, list[NDArray[np.int64]]] = {}

    def visits(
        self, minutes: NDArray[np.int64], people: NDArray[np.int64], objecting: NDArray[np.bool_]
    ) -> None:
        """Keep visits as (minute, person, objecting)."""
        self._keep("visits", minutes, people, objecting)

    def calls(self, instants: NDArray[np.int64], people: NDArray[np.int64]) -> None:
        """Keep calls as (instant, person)."""
        self._keep("calls", instants, people)

    def activations(self, day: int, people: NDArray[np.int64]) -> None:
        """Keep activations as (day, person)."""
        self._keep("activations", np.full(len(people), day), people)

    def endings(self, day: int, people: NDArray[np.int64]) -> None:
        """Keep endings as (day, person)."""
        self._keep("endings", np.full(len(people), day), people)

    def openings(self, day: int, people: NDArray[np.int64]) -> None:
        """Keep automatic openings as (day, person)."""
        self._keep("openings", np.full(len(people), day), people)

    def deaths(self, day: int, people: NDArray[np.int64]) -> None:
        """Keep deaths as (day, person)."""
        self._keep("deaths", np.full(len(people), day), people)

    def births(self, people: NDArray[np.int64], cells: NDArray[np.int64]) -> None:
        """Keep births as (person, cell)."""
        self._keep("births", people, cells)

    def _keep(self, name: str, *columns: NDArray[np.int64] | NDArray[np.bool_]) -> None:
        self.heard.setdefault(name, []).append(np.stack(columns, axis=1).astype(np.int64))

    def rows(self, name: str) -> NDArray[np.int64]:
        """Return all that was heard of one kind, in order."""
        rows = np.concatenate(self.heard[name])
        return rows[np.lexsort(rows.T[::-1])]


def watched(simulate: Callable[..., Run]) -> tuple[Run, Listener]:
    """Run a busy launch with a listener."""
    listener = Listener()
    scenario = load_scenario("launch-2022", BUSY)
    return simulate(scenario, population=3_000, seed=2, observer=listener), listener


@pytest.mark.parametrize("engine", ENGINES)
def test_a_watched_run_has_the_same_ledger(engine: str) -> None:
    """To look changes nothing."""
    simulate = ENGINES[engine]
    alone = simulate(load_scenario("launch-2022", BUSY), population=3_000, seed=2)

    assert watched(simulate)[0].ledger.digest() == alone.ledger.digest()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_heard_each_day_adds_up_to_the_ledger(engine: str) -> None:
    """Visits, calls, activations, closings and deaths: each counted once, on its day."""
    run, listener = watched(ENGINES[engine])
    tally, days = Tally(run), range(run.days_done)
    units = {"visits": DAY_MINUTES, "calls": DAY, "activations": 1, "endings": 1}
    counters = {
        "visits": ("web_visits",),
        "calls": ("calls",),
        "activations": ("activated",),
        "endings": ("closed", "died"),
    }

    for name, unit in units.items():
        heard = np.bincount(listener.rows(name)[:, 0] // unit, minlength=len(days))
        counted = [sum(tally.of_day(c, day) for c in counters[name]) for day in days]
        assert heard.tolist() == counted
        assert sum(counted) > 0
    objections = listener.rows("visits")[:, 2].sum()
    assert tally.totals["opposed_web"] <= objections < tally.totals["web_visits"]
    born = listener.rows("births")
    assert born[:, 0].tolist() == list(range(3_000, 3_000 + tally.totals["born"]))
    assert len(born) > 0


@pytest.mark.parametrize(("wishes", "crowded"), [("0.9", True), ("0.02", False)])
def test_both_engines_let_the_same_be_seen(wishes: str, *, crowded: bool) -> None:
    """Person by person, minute by minute, whether the web site is crowded or not."""
    found: list[dict[str, list[list[int]]]] = []
    scenario = load_scenario("launch-2022", [*BUSY, f"intent.activation={wishes}"])
    for simulate in ENGINES.values():
        listener = Listener()
        run = simulate(scenario, population=3_000, seed=2, observer=listener)
        assert (run.ledger.totals()["web_turned_away"] > 0) is crowded
        found.append({name: listener.rows(name).tolist() for name in listener.heard})

    assert found[0] == found[1]
