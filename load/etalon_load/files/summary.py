"""`summary.json`: what a run says, first whether it holds, then the figures that this rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from etalon_load.drift import Drift, drifts_of
from etalon_load.files.believing import checks
from etalon_load.files.run_record import Asked, RunRecord
from etalon_load.files.stretches import MOST, stretch_length, stretches
from etalon_load.files.tables import seconds_of
from etalon_load.histogram import Histogram
from etalon_load.intervals import LEVEL
from etalon_load.journeys import steps
from etalon_load.measures import Measured, Measures, Second, Step, together
from etalon_load.recovering import failed_between, settled_at
from etalon_load.silences import stalls_in
from etalon_load.stalls import Answered, stalls_of
from etalon_load.verdicts import (
    Fault,
    Judged,
    Verdict,
    faults_of,
    judged,
    overall,
    steadiness_of,
)

SUMMARY_FILE: Final = "summary.json"
SCHEMA_VERSION: Final = 1
EXIT_CODES: Final[Mapping[Verdict, int]] = {
    Verdict.PASS: 0,
    Verdict.FAIL: 1,
    Verdict.INCONCLUSIVE: 3,
    Verdict.INVALID: 3,
}
_QUANTILES: Final = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99_9": 99.9}
_CURVE: Final = (
    *(1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 85.0, 90.0, 92.5, 95.0, 97.0),
    *(98.0, 99.0, 99.3, 99.5, 99.7, 99.8, 99.9, 99.95, 99.98, 99.99, 100.0),
)
_ALL: Final = 100.0

Plain = dict[str, object]


def summarised(run: RunRecord) -> Plain:
    """Return the summary of a run, as JSON holds it."""
    asked, measures = run.asked, run.told.measures
    whole = together(measures.steps.values())
    judgements = [judged(one, measures, asked.length, asked.seed) for one in asked.objectives]
    tightest = min((one.within for one in asked.objectives), default=None)
    faults = faults_of(measures, run.told.conduct, tightest)
    drift = _drift(run, whole)
    steadiness = steadiness_of(drift) if asked.is_steady else None
    verdict = overall(faults, judgements, steadiness)
    return {
        "kind": "load",
        "schema_version": SCHEMA_VERSION,
        "verdict": str(verdict),
        "exit_code": EXIT_CODES[verdict],
        "faults": [_fault(fault) for fault in faults],
        "checks": checks(measures, run.told.conduct, tightest),
        "level": LEVEL,
        "objectives": [_judgement(one, measures) for one in judgements],
        "stalls": _stalls(run, whole),
        "restarts": _restarts(run, whole),
        "asked": _asked(asked),
        "ended": run.told.ended,
        "stop_rule": run.told.stop_rule,
        "totals": _totals(run, whole),
        "response": _latencies(whole.response),
        "service": _latencies(whole.service),
        "lag": _latencies(measures.lag),
        "curves": _curves(whole, measures),
        "steps": [_step(step, measures.steps[step], measures) for step in in_order(measures)],
        "stretches": _stretches(run, whole),
        "conduct": asdict(run.told.conduct),
        "workers": [asdict(one) for one in run.told.workers],
        **_server(run),
        "steadiness": None if steadiness is None else str(steadiness),
        "drift": [_plain_drift(name, one) for name, one in drift.items()],
        "slowest": [asdict(one) for one in run.told.slowest],
        "wrong_answers": [asdict(one) for one in run.told.wrong],
        "failures": [asdict(one) for one in run.told.failed],
        "retried": [asdict(one) for one in run.told.retried],
        "broken": run.told.broken,
    }


def in_order(measures: Measures) -> list[Step]:
    """Return the steps of a run as journeys take them; those of no journey of ours at the end."""
    known = [Step(journey, name) for journey, names in steps().items() for name in names]
    ours = [step for step in known if step in measures.steps]
    return [*ours, *sorted(measures.steps.keys() - set(known))]


def _fault(fault: Fault) -> Plain:
    return {"key": fault.key, "values": dict(fault.values)}


def _curves(whole: Measured, measures: Measures) -> Plain:
    return {
        "response": _curve(whole.response),
        "service": _curve(whole.service),
        "lag": _curve(measures.lag),
    }


def _stalls(run: RunRecord, whole: Measured) -> list[Plain]:
    if run.told.silences is not None:
        return [asdict(stall) for stall in stalls_in(run.told.silences)]
    slowest = [Answered(one.at, one.response_us) for one in run.told.slowest]
    return [asdict(stall) for stall in stalls_of(slowest, whole.heat)]


def _server(run: RunRecord) -> Plain:
    """Return what the target told of itself."""
    return {
        "server": run.told.server,
        "server_memory": _memory(run),
        "server_problem": run.told.server_problem,
    }


def _restarts(run: RunRecord, whole: Measured) -> list[Plain]:
    """Return when the server was killed, how long it was away, and when all was as before."""
    found: list[Plain] = []
    for one in run.told.restarts:
        back = one.at_us + one.length_us
        settled = settled_at(whole, one.at_us, back, run.asked.length)
        failed = failed_between(whole, one.at_us, back if settled is None else settled)
        found.append({**asdict(one), "settled_us": settled, "failed": failed})
    return found


def _asked(asked: Asked) -> Plain:
    """Return what was asked, but for what stands elsewhere in the summary."""
    plain = asdict(asked)
    for key in ("objectives", "planned"):
        del plain[key]
    return plain


def _judgement(one: Judged, measures: Measures) -> Plain:
    objective, interval = one.objective, one.interval
    return {
        "journey": objective.journey,
        "step": objective.step,
        "within_us": objective.within,
        "share": objective.share,
        "wrong": objective.wrong,
        "failed": objective.failed,
        "verdict": str(one.verdict),
        "reason": one.reason,
        "requests": sum(_sent(found) for found in _concerned(one, measures)),
        "observed": interval.share if interval else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "wrong_share": one.wrong,
        "failed_share": one.failed,
        "budgets": one.budgets if one.budgets != float("inf") else None,
        "episode": asdict(one.episode) if one.episode else None,
    }


def _concerned(one: Judged, measures: Measures) -> Iterable[Measured]:
    journey, name = one.objective.journey, one.objective.step
    return (
        found
        for step, found in measures.steps.items()
        if step.journey == journey and name in {"", step.name}
    )


def _sent(measured: Measured) -> int:
    return sum(counts.sent for counts in measured.seconds.values())


def _totals(run: RunRecord, whole: Measured) -> Plain:
    counts = _added(whole.seconds.values())
    measures = run.told.measures
    return {
        "planned": sum(run.asked.planned),
        "offered": sum(measures.offered.values()),
        "finished": measures.finished,
        "sent": counts.sent,
        "within": counts.within,
        "wrong": counts.wrong,
        "failed": counts.failed,
        "lasted_seconds": run.told.conduct.seconds,
    }


def _drift(run: RunRecord, whole: Measured) -> dict[str, Drift]:
    """Return how latency and memory changed over a run long and even enough to tell."""
    kept = run.asked.memory_each * whole.response.total
    return drifts_of(whole.heat, run.told.server_memory, run.asked.planned, kept)


def _plain_drift(name: str, one: Drift) -> Plain:
    return {"of": name, **asdict(one), "course": str(one.course)}


def _added(counts: Iterable[Second]) -> Second:
    whole = Second()
    for one in counts:
        whole.add(one)
    return whole


def _step(step: Step, one: Measured, measures: Measures) -> Plain:
    counts = _added(one.seconds.values())
    return {
        "journey": step.journey,
        "step": step.name,
        "bound_us": measures.bounds.get(step),
        "sent": counts.sent,
        "within": counts.within,
        "wrong": counts.wrong,
        "failed": counts.failed,
        "response": _latencies(one.response),
        "service": _latencies(one.service),
    }


def _latencies(histogram: Histogram) -> Plain | None:
    """Return mean, percentiles and maximum (µs); None when nothing was counted."""
    if not histogram.counts:
        return None
    found: Plain = {name: histogram.percentile(percent) for name, percent in _QUANTILES.items()}
    return {"mean": round(histogram.mean(), 1), **found, "max": histogram.percentile(100.0)}


def _curve(histogram: Histogram) -> list[tuple[float, int]]:
    """Return latencies (µs) by percentile: those with a measurement above them, and the last."""
    total = histogram.total
    told = [one for one in _CURVE if one == _ALL or total * (_ALL - one) >= _ALL]
    return [(percent, histogram.percentile(percent)) for percent in told] if total else []


def _stretches(run: RunRecord, whole: Measured) -> list[Plain]:
    """Return the course of the run: journeys, and percentiles of latency, by intended time."""
    seconds = seconds_of(run.asked, whole)
    length = stretch_length(seconds)
    offered = run.told.measures.offered
    return [
        {
            "first_second": first,
            "seconds": length,
            "planned": sum(_within(run.asked.planned, first, length)),
            "offered": sum(offered.get(second, 0) for second in range(first, first + length)),
            "latencies": _latencies(latencies),
        }
        for first, latencies in stretches(whole.heat, seconds, length)
    ]


def _memory(run: RunRecord) -> list[tuple[float, float]]:
    """Return what the target held, second of the run and bytes, few enough to be drawn."""
    samples = run.told.server_memory
    return samples[:: max(1, -(-len(samples) // MOST))]


def _within(counts: Sequence[int], first: int, length: int) -> Sequence[int]:
    return counts[first : first + length]
