"""A run directory whose arrivals are known by heart, in the layout of `etalon simulate`.

Nothing here is the model: a day of so many arrivals a minute, one busy hour, and draws that make
everybody come so many times as often.
"""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

STARTS_ON = date(2022, 1, 31)
DAYS = 14
BUSY_DAY, BUSY_HOUR = 9, 10


def write_launch(  # noqa: PLR0913 (what a launch has)
    directory: Path,
    *,
    quiet: float = 20.0,
    busy: float = 200.0,
    ratios: Sequence[float] = (),
    population: int = 1_000_000,
    replications: int = 1,
    status: str = "complete",
) -> Path:
    """Write a launch of fourteen days, its busiest hour on the tenth day at ten in the morning.

    Args:
        directory: To write to.
        quiet: Arrivals a minute.
        busy: Arrivals a minute in the busy hour.
        ratios: How many times the arrivals of the run each draw has.
        population: People simulated, of a million.
        replications: Said in the plan.
        status: Said of the run.
    """
    directory.mkdir(parents=True)
    _write_minutes(directory / "arrivals_minute.parquet", quiet, busy)
    summary = {
        "scenario": "launch-2022",
        "title_fr": "La généralisation de 2022",
        "title_en": "The national launch of 2022",
        "starts_on": STARTS_ON.isoformat(),
        "last_day_on": (STARTS_ON + timedelta(days=DAYS - 1)).isoformat(),
        "population": population,
        "full_population": 1_000_000,
    }
    plan: dict[str, object] = {
        "scenario": "launch-2022",
        "changes": [],
        "engine": "cohort",
        "population": population,
        "seed": 7,
        "replications": replications,
        "knowledge_draws": len(ratios),
    }
    run: dict[str, object] = {"status": status, "plan": plan}
    parameters = [
        {"path": path, "kind": "number", "value": 1.0}
        for path in ("intent.activation", "reading.email")
    ]
    files: dict[str, object] = {
        "summary": summary,
        "run": run,
        "scenario": {"parameters": parameters},
    }
    if ratios:
        files["knowledge"] = {
            "central_weeks": _weeks(1.0),
            "draws": [_draw(rank, ratio) for rank, ratio in enumerate(ratios)],
        }
    for name, content in files.items():
        (directory / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return directory


def _weeks(ratio: float) -> dict[str, list[int]]:
    return {
        counter: [round(10_000 * ratio), round(20_000 * ratio)]
        for counter in ("activated", "opposed", "calls")
    }


def _draw(rank: int, ratio: float) -> dict[str, object]:
    """A draw whose first parameter is what moves everybody; the other is drawn for nothing."""
    noise = (rank * 7 % 11) / 11
    values = {"intent.activation": ratio, "reading.email": noise}
    return {"draw": rank, "parameters": values, "weeks": _weeks(ratio)}


def _write_minutes(file: Path, quiet: float, busy: float) -> None:
    """Counts a Poisson process made, so that minutes scatter as such a process does."""
    expected = np.full(DAYS * 1440, quiet)
    first = BUSY_DAY * 1440 + BUSY_HOUR * 60
    expected[first : first + 60] = busy
    counts = np.random.Generator(np.random.PCG64(4)).poisson(expected).astype(np.float64)
    arrived = {"minute": np.arange(len(counts)), "mean": counts}
    with duckdb.connect() as database:
        database.register("arrived", arrived)
        rows = database.sql(
            "SELECT TIMESTAMP '2022-01-31' + to_minutes(minute) AS minute, 'activation' AS kind, "
            "mean, CAST(NULL AS DOUBLE) AS spread FROM arrived WHERE mean > 0"
        )
        rows.write_parquet(str(file))
