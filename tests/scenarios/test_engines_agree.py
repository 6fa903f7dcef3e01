"""Two engines, one meaning: on 200 random scenarios they give the same ledger, bit for bit."""

import ast
import json
import os
from collections import Counter
from pathlib import Path

import pytest

import etalon_scenarios
from etalon_scenarios import agents, cohort
from etalon_scenarios.ledger import COUNTERS
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.runs import Run
from random_scenarios import Case, random_case

SCENARIOS = 200
BATCH = 10
OFTEN = 20
"""Scenarios, of the 200, in which each counter must count something."""

WAYS = ((1, 1 << 16, False), (2, 400, False), (1, 150, True), (3, 1000, False), (2, 300, True))
"""Threads, people a thread takes at a time, compiled kernels: a scenario each, in turn."""

PACKAGE = Path(etalon_scenarios.__file__).parent


def simulate_twice(case: Case, threads: int, chunk: int, compiled: bool) -> tuple[Run, Run]:  # noqa: FBT001 (one of a row of settings)
    """Run a scenario with both engines."""
    return (
        agents.simulate(
            case.scenario, population=case.population, seed=case.seed, until=case.until
        ),
        cohort.simulate(
            case.scenario,
            population=case.population,
            seed=case.seed,
            until=case.until,
            threads=threads,
            chunk=chunk,
            compiled=compiled,
        ),
    )


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


def folder_of_run(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the workers of one test run share."""
    base, worker = factory.getbasetemp(), os.environ.get("PYTEST_XDIST_WORKER")
    folder = (base.parent if worker else base) / "engines"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("batch", range(SCENARIOS // BATCH))
def test_engines_agree_on_random_scenarios(
    batch: int, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Cells, waiting, notices, curves: whatever the chunks and threads, nothing differs."""
    wrong: dict[int, tuple[list[str], tuple[str, ...]]] = {}
    counted: Counter[str] = Counter()
    for rank in range(batch * BATCH, (batch + 1) * BATCH):
        case = random_case(rank, tmp_path)
        one, other = simulate_twice(case, *WAYS[rank % len(WAYS)])
        counted.update(name for name, total in other.ledger.totals().items() if total)
        if found := differences(one, other):
            wrong[rank] = found, case.changes
    path = folder_of_run(tmp_path_factory) / f"{batch}.json"
    path.write_text(json.dumps(counted), encoding="utf-8")

    assert wrong == {}


def counters_of(batch: int, folder: Path, tmp_path: Path) -> Counter[str]:
    """Count the scenarios of a batch in which each counter counts, once a test run."""
    path = folder / f"{batch}.json"
    if path.exists():
        return Counter(json.loads(path.read_text(encoding="utf-8") or "{}"))
    counted: Counter[str] = Counter()
    for rank in range(batch * BATCH, (batch + 1) * BATCH):
        case = random_case(rank, tmp_path)
        run = cohort.simulate(
            case.scenario, population=case.population, seed=case.seed, until=case.until
        )
        counted.update(name for name, total in run.ledger.totals().items() if total)
    return counted


def test_random_scenarios_reach_every_counter(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Agreement says little of what never happens: each counter counts in 20 scenarios of 200."""
    folder = folder_of_run(tmp_path_factory)
    counted: Counter[str] = Counter()
    for batch in range(SCENARIOS // BATCH):
        counted += counters_of(batch, folder, tmp_path)
    for name in COUNTERS:
        print(f"{name:26} {counted[name]:4} of {SCENARIOS}")  # noqa: T201 (the table asked for)

    assert [name for name in COUNTERS if counted[name] < OFTEN] == []


@pytest.mark.parametrize(
    ("name", "people", "compiled"),
    [
        ("pilot-2021", 4_000, True),
        ("launch-2022", 3_000, False),
        ("dmp-opt-in", 1_000, True),
    ],
)
def test_engines_agree_on_shipped_scenarios(name: str, people: int, compiled: bool) -> None:  # noqa: FBT001 (a parameter)
    """The scenarios that users run, to their last day."""
    scenario = load_scenario(name)
    case = Case(scenario, people, 7, scenario.ends_on, ())

    assert differences(*simulate_twice(case, 2, 500, compiled)) == []


def test_neither_threads_nor_chunks_nor_kernels_change_a_bit() -> None:
    """One run, however it is shared out and whoever computes it."""
    scenario = load_scenario("pilot-2021", ["website.admissions_per_minute=300"])
    ways = ((1, 1 << 16), (1, 333), (2, 1 << 16), (2, 97), (4, 1000))
    runs = [
        cohort.simulate(
            scenario, population=5_000, seed=11, threads=threads, chunk=chunk, compiled=compiled
        )
        for compiled in (False, True)
        for threads, chunk in ways
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
