"""Measure what the checks are worth, and keep the score where reports read it.

Every impostor and every variant is tried (`etalon conformance power`). A score that holds is
written to `etalon_conformance/data/power.json`; with its figures in the folder `ETALON_FIGURES`.
Ends with 1 when the score is void, a correct server is accused or too few impostors are caught.
"""

import json
import os
from pathlib import Path

from etalon_cli.power_command import record
from etalon_cli.trying_servers import measured
from etalon_conformance.power import summary
from etalon_conformance.power_trials import servers
from import_table import ROOT

SEED = 1
WORKERS = 2
KEPT = ROOT / "conformance" / "etalon_conformance" / "data" / "power.json"


def main() -> int:
    """Measure, write, and tell whether it is enough."""
    names = list(servers())
    score = measured(names, SEED, WORKERS, lambda done: print(f"{done} of {len(names)} servers"))
    for reason in score.void:
        print(f"void: {reason}")
    for one in score.survivors:
        print(f"not caught: {one.name} ({one.requirement}, {one.fate}) {one.problem}")
    for name, alarm in score.false_alarms:
        print(f"false alarm: {name}, {alarm.requirement} by {alarm.check}")
    if not score.void:
        written = json.dumps(record(score, SEED), ensure_ascii=False, indent=1)
        KEPT.write_text(written + "\n", encoding="utf-8")
    if folder := os.environ.get("ETALON_FIGURES"):
        figures = json.dumps(summary(score), indent=2)
        (Path(folder) / "figures.json").write_text(figures + "\n", encoding="utf-8")
    return 0 if score.is_enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
