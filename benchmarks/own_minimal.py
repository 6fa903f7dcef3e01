"""Run the minimal workload once on one of our own engines, and say what it cost.

python own_minimal.py ENGINE FOLDER PEOPLE WARM_PEOPLE: ENGINE is `agents`, `cohort` or
`compiled`, the cohort engine with its kernels, which the warm-up compiles or loads. Its peers are
given the tables that we work out from the scenario: what that takes is told apart, and taken off.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_scenarios import agents, cohort
from etalon_scenarios.peak_memory import peak_memory_bytes
from etalon_scenarios.setting import setting_of
from minimal_workload import SEED, minimal_scenario, workload_counts
from peer_engines.workload import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_scenarios.runs import Run

ENGINES: dict[str, Callable[..., Run]] = {
    "agents": agents.simulate,
    "cohort": partial(cohort.simulate, processes=1, compiled=False),
    "compiled": partial(cohort.simulate, processes=1, compiled=True),
}


def main() -> None:
    """Warm up, run, print."""
    engine, folder, people, warm = sys.argv[1:]
    simulate, scenario = ENGINES[engine], minimal_scenario(Path(folder))
    simulate(scenario, population=int(warm), seed=SEED)
    gc.collect()
    started = time.process_time()
    setting_of(scenario, int(people), None)
    given = time.process_time() - started
    started = time.process_time()
    run = simulate(scenario, population=int(people), seed=SEED)
    sealed = digest(workload_counts(run.ledger))
    seconds = time.process_time() - started - given
    peak = peak_memory_bytes()
    told = {"cpu_seconds": seconds, "tables_cpu_seconds": given}
    print(json.dumps({**told, "peak_bytes": peak, "digest": sealed}))


if __name__ == "__main__":
    main()
