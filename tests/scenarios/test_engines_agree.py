"""Two engines, one meaning: on 200 random scenarios they give the same ledger, bit for bit."""

import ast
import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

import etalon_scenarios
from etalon_scenarios import agents, cohort
from etalon_scenarios.cohort import simulation
from etalon_scenarios.cohort.compiled.village import is_village
from etalon_scenarios.cohort.nation import Nation
from etalon_scenarios.ledger import COUNTERS
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.runs import Run
from random_scenarios import Case, random_case

SCENARIOS = 200
BATCH = 10
OFTEN = 20
"""Scenarios, of the 200, in which each counter must count something."""

CHUNKS = (1 << 16, 400, 1 << 16, 1000, 150, 700, 1 << 16, 333)
SHARED = {1: 2, 28: 3}
WAYS = tuple((SHARED.get(rank, 1), CHUNKS[rank % 8]) for rank in range(32))
"""Processes, and neighbours that belong to one of them: a scenario each, in turn. One scenario in
sixteen is shared."""

COMPILED = range(0, SCENARIOS, 5)
"""Scenarios that the compiled kernels run too."""

PACKAGE = Path(etalon_scenarios.__file__).parent


def on_arrays(case: Case, processes: int, chunk: int, *, compiled: bool = False) -> Run:
    """Run a scenario with the cohort engine."""
    return cohort.simulate(
        case.scenario,
        population=case.population,
        seed=case.seed,
        until=case.until,
        processes=processes,
        chunk=chunk,
        compiled=compiled,
    )


def noting(villages: list[bool], *, allowed: bool) -> Callable[[Nation], bool]:
    """Return what decides on villages, where they are allowed, and notes which runs are some."""

    def decide(nation: Nation) -> bool:
        villages.append(allowed and is_village(nation))
        return villages[-1]

    return decide


def on_people(case: Case) -> Run:
    """Run a scenario with the agents engine."""
    return agents.simulate(
        case.scenario, population=case.population, seed=case.seed, until=case.until
    )


def simulate_twice(case: Case, processes: int, chunk: int) -> tuple[Run, Run]:
    """Run a scenario with both engines."""
    return on_people(case), on_arrays(case, processes, chunk)


def differences(one: Run, other: Run) -> list[str]:
    """Name what two runs count differently, the cells first."""
    found: list[str] = []
    if one.ledger.digest() != other.ledger.digest():
        first, second = one.ledger.totals(), other.ledger.totals()
        found += [f"{name} {first[name]} {second[name]}" for name in first]
    for name in ("notices", "opposed_of_day", "since_notice", "waits"):
        if getattr(one.ledger, name) != getattr(other.ledger, name):
            found.append(name)
    for name in ("excluded", "reminders"):
        if (getattr(one.ledger, name) != getattr(other.ledger, name)).any():
            found.append(name)
    return found


class Told(NamedTuple):
    """What the cohort engine found in a batch of scenarios.

    Attributes:
        counted: In how many of them each counter counts.
        seals: `seal_of` each.
    """

    counted: dict[str, int]
    seals: list[str]


def seal_of(run: Run) -> str:
    """Return a digest of all that `differences` looks at."""
    ledger = run.ledger
    beside = [ledger.notices, ledger.opposed_of_day, ledger.since_notice, ledger.waits]
    arrays = ledger.excluded.tobytes() + ledger.reminders.tobytes()
    return hashlib.sha256(f"{ledger.digest()} {beside}".encode() + arrays).hexdigest()


def told_of(runs: Sequence[Run]) -> Told:
    """Sum up what a batch came to."""
    totals = [run.ledger.totals() for run in runs]
    counted = Counter(name for each in totals for name, total in each.items() if total)
    return Told(dict(counted), [seal_of(run) for run in runs])


def folder_of_run(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the workers of one test run share."""
    base, worker = factory.getbasetemp(), os.environ.get("PYTEST_XDIST_WORKER")
    folder = (base.parent if worker else base) / "engines"
    folder.mkdir(exist_ok=True)
    return folder


def cases_of(batch: int, tmp_path: Path) -> list[tuple[Case, tuple[int, int]]]:
    """Draw the scenarios of a batch, and how the cohort engine runs each."""
    ranks = range(batch * BATCH, (batch + 1) * BATCH)
    return [(random_case(rank, tmp_path), WAYS[rank % len(WAYS)]) for rank in ranks]


def told_once(batch: int, folder: Path, tmp_path: Path) -> Told:
    """Return what a batch came to: run once in a test run, by whichever test comes first.

    Two workers at the same batch at the same time both run it, and write the same.
    """
    path = folder / f"{batch}.json"
    with contextlib.suppress(OSError, ValueError):
        return Told(*json.loads(path.read_text(encoding="utf-8")))
    told = told_of([on_arrays(case, *way) for case, way in cases_of(batch, tmp_path)])
    path.write_text(json.dumps(told), encoding="utf-8")
    return told


@pytest.mark.parametrize("batch", range(SCENARIOS // BATCH))
def test_engines_agree_on_random_scenarios(
    batch: int, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cells, waiting, notices, curves: whatever the chunks and processes, nothing differs."""
    seals = told_once(batch, folder_of_run(tmp_path_factory), tmp_path).seals
    wrong: dict[int, tuple[list[str], tuple[str, ...]]] = {}
    for rank, (case, way) in enumerate(cases_of(batch, tmp_path)):
        one = on_people(case)
        if seal_of(one) != seals[rank]:
            wrong[batch * BATCH + rank] = differences(one, on_arrays(case, *way)), case.changes

    assert wrong == {}


def test_random_scenarios_reach_every_counter(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Agreement says little of what never happens: each counter counts in 20 scenarios of 200."""
    folder = folder_of_run(tmp_path_factory)
    counted: Counter[str] = Counter()
    for batch in range(SCENARIOS // BATCH):
        counted.update(told_once(batch, folder, tmp_path).counted)
    for name in COUNTERS:
        print(f"{name:26} {counted[name]:4} of {SCENARIOS}")  # noqa: T201 (the table asked for)

    assert [name for name in COUNTERS if counted[name] < OFTEN] == []


def test_kernels_change_no_bit(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A fifth of the random scenarios, and two shipped ones in chunks and processes of their own.

    As a village where they are small enough, which most are, and institution by institution. One
    test, so that one process compiles.
    """
    folder, wrong, villages = folder_of_run(tmp_path_factory), list[int | str](), list[bool]()
    for batch in range(SCENARIOS // BATCH):
        seals = told_once(batch, folder, tmp_path).seals
        for rank in set(COMPILED) & set(range(batch * BATCH, (batch + 1) * BATCH)):
            for allowed in (True, False):
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(simulation, "is_village", noting(villages, allowed=allowed))
                    run = on_arrays(random_case(rank, tmp_path), *WAYS[0], compiled=True)
                wrong += [rank] * (seal_of(run) != seals[rank % BATCH])
    for name, way in (("pilot-2021", (2, 333)), ("dmp-opt-in", (1, 100))):
        scenario = load_scenario(name)
        case = Case(scenario, 1_000, 7, scenario.ends_on, ())
        plain, compiled = on_arrays(case, *WAYS[0]), on_arrays(case, *way, compiled=True)
        wrong += [name] * (seal_of(plain) != seal_of(compiled))

    assert wrong == []
    assert sum(villages) > len(COMPILED) // 3


@pytest.mark.parametrize(
    ("name", "people"), [("pilot-2021", 1_500), ("launch-2022", 1_200), ("dmp-opt-in", 400)]
)
def test_engines_agree_on_shipped_scenarios(name: str, people: int) -> None:
    """The scenarios that users run, to their last day."""
    scenario = load_scenario(name)
    case = Case(scenario, people, 7, scenario.ends_on, ())

    assert differences(*simulate_twice(case, 2, 150)) == []


def test_neither_processes_nor_chunks_change_a_bit() -> None:
    """One run, however it is shared out."""
    scenario = load_scenario("pilot-2021", ["website.admissions_per_minute=300"])
    ways = ((1, 1 << 16), (1, 333), (2, 1 << 16), (2, 97), (4, 300))
    runs = [
        cohort.simulate(scenario, population=1_200, seed=11, processes=processes, chunk=chunk)
        for processes, chunk in ways
    ]

    assert len({run.ledger.digest() for run in runs}) == 1
    assert all(differences(runs[0], run) == [] for run in runs[1:])


def test_a_day_without_those_after_it_is_the_same_day() -> None:
    """A run until a date, stopped or not, holds the first days of the whole run."""
    scenario = load_scenario("pilot-2021")
    days = iter(range(1, 1_000))
    whole = cohort.simulate(scenario, population=3_000, seed=2)
    part = cohort.simulate(scenario, population=3_000, seed=2, stop=lambda: next(days) == 40)

    assert part.days_done == 40
    assert part.ledger.table() == {
        key: counts for key, counts in whole.ledger.table().items() if key[0] < 40
    }


def imports_of(package: str) -> set[str]:
    """Name every module that a package of the engine imports, at run time or for its types."""
    found: set[str] = set()
    for module in (PACKAGE / package).glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize(("package", "other"), [("agents", "cohort"), ("cohort", "agents")])
def test_engines_import_nothing_of_each_other(package: str, other: str) -> None:
    """What they share stands beside them; otherwise agreement would show little."""
    imports = imports_of(package)

    assert f"etalon_scenarios.{package}" in {name.rpartition(".")[0] for name in imports}
    assert [name for name in imports if name.startswith(f"etalon_scenarios.{other}")] == []
