"""What the belief in a run rests on: each check of the generator, what was found, what is allowed.

`verdicts.faults_of` says which of them fail; here all of them are told, those that hold too.
"""

from typing import Final

from etalon_load.measures import Measures
from etalon_load.verdicts import (
    BUSY_MOST,
    LAG_SHARE,
    LITTLE_TOLERANCE,
    OFFERED_TOLERANCE,
    UNFINISHED_MOST,
    Conduct,
    faults_of,
    in_flight_expected,
)

_LAG_PERCENTILE: Final = 99.0


def checks(measures: Measures, conduct: Conduct, tightest: int | None) -> list[dict[str, object]]:
    """Return each check with what was found and what is allowed, and whether it holds.

    Args:
        measures: Of all workers.
        conduct: Of the generator.
        tightest: The tightest bound of the objectives (µs), None without objectives.
    """
    offered = sum(measures.offered.values())
    lag = measures.lag.percentile(_LAG_PERCENTILE) if measures.lag.total else None
    expected = in_flight_expected(measures, conduct)
    found: dict[str, dict[str, float | None]] = {
        "workers-lost": {"found": conduct.workers_lost, "most": 0},
        "pool-dry": {"found": int(conduct.pool_ran_dry), "most": 0},
        "offered": {
            "found": offered,
            "wanted": conduct.planned,
            "most_share": OFFERED_TOLERANCE,
        },
        "unfinished": {
            "found": offered - measures.finished,
            "most": UNFINISHED_MOST * offered,
        },
        "lag": {"found": lag, "most": None if tightest is None else LAG_SHARE * tightest},
        "busy": {"found": conduct.busiest, "most": BUSY_MOST},
        "little": {
            "found": conduct.in_flight,
            "wanted": expected,
            "most_share": LITTLE_TOLERANCE,
        },
    }
    failing = {fault.key for fault in faults_of(measures, conduct, tightest)}
    return [{"key": key, "holds": key not in failing, **values} for key, values in found.items()]
