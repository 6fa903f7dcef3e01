"""`decision.json`: what was decided, and everything the report says of it.

Schema: `etalon_text/schemas/decision.schema.json`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from etalon_load.capacity_file import MeasuredCapacity
from etalon_load.deciding import QUANTILES, Belief, Deciding, Decision, worst
from etalon_load.demand import Demand
from etalon_load.finding_waves import Candidate, Found
from etalon_load.journeys.table import journey_of_kind
from etalon_load.national import Sizing

DECISION_FILE: Final = "decision.json"
SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One launch that was decided on.

    Attributes:
        run: Its run directory, as it was named.
        demand: What it asks of the platform.
        decision: What was said of it.
    """

    run: str
    demand: Demand
    decision: Decision


def decision_record(
    cases: Sequence[Case],
    capacity: MeasuredCapacity,
    *,
    version: str,
    sizing: Sizing | None,
    found: Found | None,
) -> dict[str, object]:
    """Return the content of `decision.json`.

    Args:
        cases: The launches, in the order in which they were named.
        capacity: What the platform was measured to carry.
        version: Of Étalon.
        sizing: What the busiest launch takes in machines; None when the server's CPU is not known.
        found: What `--find-waves` found; None when it was not asked for.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "etalon_version": version,
        "answer": str(worst([case.decision.answer for case in cases])),
        "probability": cases[0].decision.asked,
        "quantiles": list(QUANTILES),
        "capacity": {
            "held": capacity.held,
            "missed": capacity.missed,
            "target": capacity.target,
            "profile": capacity.profile,
            "mix": None if capacity.mix is None else dict(capacity.mix),
            "version": capacity.version,
            "measured_at": capacity.measured_at,
        },
        "cases": [_case(case) for case in cases],
        "sizing": None if sizing is None else sizing.plain(),
        "waves": None if found is None else _found(found),
    }


def _case(case: Case) -> dict[str, object]:
    demand = case.demand
    return {
        "run": case.run,
        "scenario": demand.scenario,
        "title_fr": demand.title["fr"],
        "title_en": demand.title["en"],
        "population": demand.population,
        "full_population": demand.full,
        "replications": demand.replications,
        "draws": len(demand.draws),
        "block_minutes": demand.block_minutes,
        "dispersion": demand.dispersion,
        **_decision(case.decision),
    }


def _decision(decision: Decision) -> dict[str, object]:
    journeys = journey_of_kind()
    return {
        "answer": str(decision.answer),
        "reason": decision.reason,
        "holds": _belief(decision.holds),
        "at_held": _belief(decision.at_held),
        "at_missed": _belief(decision.at_missed),
        "busiest": list(decision.busiest),
        "busiest_by_chance": list(decision.busiest_by_chance),
        "busiest_at": decision.busiest_at.isoformat(timespec="minutes"),
        "mix": {journeys.get(kind, kind): share for kind, share in decision.mix.items()},
        "minutes_over": list(decision.minutes_over),
        "turned_away": list(decision.turned_away),
        "deciding": _deciding(decision.deciding),
    }


def _belief(belief: Belief) -> Mapping[str, float]:
    return {"value": belief.value, "low": belief.low, "high": belief.high}


def _deciding(deciding: Deciding | None) -> Mapping[str, object] | None:
    if deciding is None:
        return None
    return {
        "path": deciding.path,
        "share": deciding.share,
        "middle": deciding.middle,
        "holds_below": deciding.holds_below,
        "holds_above": deciding.holds_above,
    }


def _found(found: Found) -> dict[str, object]:
    return {
        "best": None if found.best is None else _plan(found.best),
        "tried": [
            {
                **_plan(candidate),
                "answer": str(decision.answer),
                "reason": decision.reason,
                "holds": _belief(decision.holds),
                "busiest": list(decision.busiest),
            }
            for candidate, decision in found.tried
        ],
    }


def _plan(candidate: Candidate) -> dict[str, object]:
    return {
        "weeks": candidate.weeks,
        "first_on": min(wave.first_on for wave in candidate.waves).isoformat(),
        "last_on": candidate.last_on.isoformat(),
        "scenario": candidate.name,
    }
