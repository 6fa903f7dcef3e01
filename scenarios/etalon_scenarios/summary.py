"""`summary.json`: what a run found, each rate with its two counts.

The keys are those of the published schema (`etalon_text/schemas/summary.schema.json`); two runs
with the same scenario, population and seed have the same summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.comparisons import FOLLOWED_SHARE, compare
from etalon_scenarios.costs import running_costs
from etalon_scenarios.intervals import LEVEL, design_effect, share_intervals
from etalon_scenarios.knowledge import LEVEL as KNOWLEDGE_LEVEL
from etalon_scenarios.layout import SEXES
from etalon_scenarios.ledger import CURVES
from etalon_scenarios.legal_departures import legal_departures
from etalon_scenarios.life.summary import life_intervals, summarise_lives
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.tally import Tally
from etalon_scenarios.targets import targets_for
from etalon_scenarios.timetable import SECOND

if TYPE_CHECKING:
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario

SCHEMA_VERSION: Final = 1
HEADLINES: Final = ("opt_out_rate", "activation_rate", "closure_rate", "opened_uninformed_rate")
DATED_RATES: Final = (
    ("opt_out_by_day_22", "opposed", "opposed", 22),
    ("activation_day_22", "activated", "notified", 22),
    ("activation_day_90", "activated", "notified", 90),
)


def summarise(run: Run, scenario: Scenario) -> dict[str, Json]:
    """Sum a run up, with every key of `summary.json` but `run`."""
    tally = Tally(run)
    rates = _rates(tally)
    intervals = _intervals(run, rates)
    value = {str(rate["key"]): rate["value"] for rate in rates}
    return {
        **_heading(run, scenario),
        **_counts(tally),
        "opt_out_rate": value["opt_out_rate"],
        "opt_out_rate_interval": intervals["opt_out_rate"],
        "activation_rate": value["activation_rate"],
        "closure_rate": value["closure_rate"],
        "hotline": _hotline(run, scenario, tally),
        "website": {
            "visits": tally.totals["web_visits"],
            "turned_away": tally.totals["web_turned_away"] if run.population == run.full else None,
        },
        "cost_eur": _costs(scenario, tally),
        "rates": [dict(rate) for rate in rates],
        "denominators": {str(rate["key"]): rate["denominator_name"] for rate in rates},
        "curves": _curves(tally),
        "by_age_band": tally.groups("band", "band", AGE_BANDS),
        "by_sex": tally.groups("sex", "sex", SEXES),
        "by_age_and_sex": tally.by_age_and_sex(),
        "by_department": tally.groups("department", "department", run.ledger.departments),
        "funnel": _funnel(tally),
        "intervals": intervals,
        "interval_levels": {"chance": LEVEL, "sample_noise": LEVEL, "knowledge": KNOWLEDGE_LEVEL},
        "comparisons": compare(scenario, targets_for(scenario), tally),
        "assumptions": sum(number.certainty == "assumption" for _, number in scenario.parameters()),
        "ledger_digest": run.ledger.digest(),
        "law_digest": run.law_digest,
        **_usage(run, scenario),
    }


def _usage(run: Run, scenario: Scenario) -> dict[str, Json]:
    """Sum up the life of the spaces, where the run counted it."""
    if run.lives is None:
        return {}
    return {
        "usage": summarise_lives(run.lives, scenario),
        "usage_digest": run.lives.account.digest(),
    }


def _heading(run: Run, scenario: Scenario) -> dict[str, Json]:
    last_on = None
    if run.days_done:
        last_on = scenario.starts_on.fromordinal(scenario.starts_on.toordinal() + run.days_done - 1)
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": scenario.name,
        "title_fr": scenario.scenario.title_fr,
        "title_en": scenario.scenario.title_en,
        "engine": "agents",
        "seed": run.seed,
        "vintage": scenario.vintage,
        "basis": scenario.population.basis,
        "legal_departures": [text.as_json() for text in legal_departures(scenario)],
        "starts_on": scenario.starts_on.isoformat(),
        "ends_on": scenario.ends_on.isoformat(),
        "last_day_on": None if last_on is None else last_on.isoformat(),
        "population": run.population,
        "full_population": run.full,
        "scope": run.population / run.full,
    }


def _counts(tally: Tally) -> dict[str, Json]:
    totals, ledger = tally.totals, tally.run.ledger
    emailed = tally.emailed(ledger.days - 1)
    by_email, by_letter = (int(sent) for sent in ledger.reminders.sum(axis=0))
    return {
        "notified": totals["notified"],
        "notified_by_channel": {"email": emailed, "letter": totals["notified"] - emailed},
        "reminders": {"email": by_email, "letter": by_letter},
        "opposed": totals["opposed"],
        "activated": totals["activated"],
        "auto_created": totals["opened_automatically"],
        "closed": totals["closed"],
        "opened_uninformed": {
            "total": totals["opened_uninformed"],
            "by_age_band": tally.uninformed_by_band(),
        },
        "undelivered": totals["undelivered"],
        "bounced": totals["bounced"],
        "codes_regenerated": totals["codes_regenerated"],
    }


def _rates(tally: Tally) -> list[dict[str, Json]]:
    totals = tally.totals
    created = totals["opened_automatically"] + totals["activated_before_opening"]
    notified, opened = totals["notified"], totals["opened_automatically"]
    rates = [
        _rate("opt_out_rate", totals["opposed"], notified, "notified"),
        _rate("activation_rate", totals["activated"], notified, "notified"),
        _rate("closure_rate", totals["closed"], created, "created"),
        _rate(
            "opened_uninformed_rate", totals["opened_uninformed"], opened, "opened_automatically"
        ),
        _rate("email_share", tally.emailed(tally.run.ledger.days - 1), notified, "notified"),
    ]
    observed = tally.observed()
    for key, counter, below, day in DATED_RATES:
        followed = observed[day] if day < len(observed) else 0
        if followed and followed >= FOLLOWED_SHARE * notified:
            above = tally.by_days_since_notice(counter, day)
            rates.append(_rate(key, above, totals[below], below))
    return rates


def _rate(key: str, above: int, below: int, people: str) -> dict[str, Json]:
    return {
        "key": key,
        "value": above / below if below else None,
        "numerator": above,
        "denominator": below,
        "denominator_name": f"denominator.{people}",
    }


def _intervals(run: Run, rates: list[dict[str, Json]]) -> dict[str, Json]:
    effect, scope = design_effect(run.layout), run.population / run.full
    found: dict[str, Json] = {}
    for rate in rates:
        above, below = rate["numerator"], rate["denominator"]
        if rate["key"] in HEADLINES and isinstance(above, int) and isinstance(below, int):
            found[str(rate["key"])] = share_intervals(above, below, scope, effect)
    return found if run.lives is None else found | life_intervals(run.lives, scope)


def _hotline(run: Run, scenario: Scenario, tally: Tally) -> Json:
    whole = run.population == run.full
    totals, starts = tally.totals, scenario.starts_on.toordinal()
    by_day: list[Json] = [
        {"day": scenario.starts_on.fromordinal(starts + day).isoformat(), "calls": calls}
        for day in range(run.days_done)
        if (calls := tally.of_day("calls", day))
    ]
    return {
        "calls": totals["calls"],
        "answered": totals["calls_answered"] if whole else None,
        "blocked": totals["calls_blocked"] if whole else None,
        "abandoned": totals["calls_abandoned"] if whole else None,
        "wait_p95_seconds": _wait_p95(run) if whole else None,
        "by_day": by_day,
    }


def _wait_p95(run: Run) -> float | None:
    waits = np.array(run.ledger.waits, dtype=np.int64)
    if not len(waits):
        return None
    rank = min(len(waits) - 1, len(waits) * 95 // 100)
    return int(np.partition(waits, rank)[rank]) / SECOND


def _costs(scenario: Scenario, tally: Tally) -> Json:
    """Cost of what was sent and answered, in euros; offered calls where queues do not scale."""
    whole = tally.run.population == tally.run.full
    return running_costs(scenario, tally.totals, whole=whole)


def _curves(tally: Tally) -> Json:
    days = tally.run.days_done
    curves: dict[str, Json] = {"observed": list(tally.observed())}
    for name in CURVES:
        curves[name] = list(tally.run.ledger.since_notice[name][:days])
    return curves


def _funnel(tally: Tally) -> list[Json]:
    totals = tally.totals
    acted = totals["opposed"] + totals["activated"]
    return [
        {"step": "notified", "count": totals["notified"]},
        {"step": "delivered", "count": totals["delivered"]},
        {"step": "read", "count": totals["read"]},
        {"step": "acted", "count": acted},
    ]
