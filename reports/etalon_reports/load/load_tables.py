"""The tables of a load run: objectives, steps, checks of the generator, workers, single answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.load.amounts import (
    NOTHING,
    asked_share,
    bound,
    code_of,
    instant,
    journey_name,
    latency,
    places_of,
    share,
    shares,
)
from etalon_reports.load.sentences import (
    budgets,
    check_row,
    objective_name,
    reason_sentence,
    wrong_reason,
)
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import number, percent
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.load.load_files import LoadFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language

FAILURES_SHOWN: Final = 40
WRONG_SHOWN: Final = 2_000
"""Wrong answers that a page lists; all of them stand in summary.json."""


def objective_table(files: LoadFiles, language: Language) -> Table:
    """Return each objective: what is asked, what was seen with its interval, the verdict."""
    level = percent(files.summary.figure("level"), language, 0)
    keys = ("objective", "asked", "observed", "interval", "budget", "verdict")
    return Table(
        title=text("load.objective_table", language),
        headings=[text(f"load.column_{key}", language, level=level) for key in keys],
        groups=[Group("", [_objective(one, language) for one in files.objectives])],
        note=text("load.objective_note", language, level=level),
        kinds=["text", "text", "figure", "figure", "figure", "text"],
    )


def _objective(one: Record, language: Language) -> Sequence[str]:
    observed = one.optional_figure("observed")
    observed_share = interval = NOTHING
    if observed is not None:
        low, high = one.figure("low"), one.figure("high")
        interval = shares(low, high, language)
        observed_share = percent(observed, language, places_of(low, high))
    values = {
        "share": asked_share(one.figure("share"), language),
        "within": bound(one.figure("within_us"), language),
    }
    return [
        objective_name(one, language),
        text("load.asked_value", language, **values),
        observed_share,
        interval,
        budgets(one, language),
        one.text("verdict"),
    ]


def step_table(files: LoadFiles, language: Language) -> Table:
    """Return each step of each journey: requests, and how long they took."""
    keys = ("step", "requests", "wrong", "failed", "p50", "p95", "p99", "max", "service_p99")
    rows: dict[str, list[Sequence[str]]] = {}
    for one in files.summary.rows("steps"):
        rows.setdefault(one.text("journey"), []).append(_step(one, language))
    return Table(
        title=text("load.step_table", language),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[Group(_headed(journey, language), found) for journey, found in rows.items()],
        note=text("load.step_note", language),
        kinds=["text", *("figure" for _ in keys[1:])],
    )


def _headed(journey: str, language: Language) -> str:
    named = journey_name(journey, language)
    return named if named == journey else f"{named} ({journey})"


def _step(one: Record, language: Language) -> Sequence[str]:
    response, service = one.optional_record("response"), one.optional_record("service")
    name = one.text("step")
    key = f"load.step.{name}"
    return [
        text(key, language) if has_text(key) else name,
        *(number(one.count(counted), language) for counted in ("sent", "wrong", "failed")),
        *(_taken(response, found, language) for found in ("p50", "p95", "p99", "max")),
        _taken(service, "p99", language),
    ]


def _taken(latencies: Record | None, key: str, language: Language) -> str:
    return NOTHING if latencies is None else latency(latencies.figure(key), language)


def check_table(files: LoadFiles, language: Language) -> Table:
    """Return what the belief in the run rests on."""
    keys = ("check", "found", "allowed", "holds")
    return Table(
        title=text("load.check_table", language),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[Group("", [check_row(one, language) for one in files.summary.rows("checks")])],
        note=text("load.check_note", language),
        kinds=["text", "figure", "figure", "text"],
    )


def worker_table(files: LoadFiles, language: Language) -> Table | None:
    """Return what each worker said of itself; None when none did."""
    workers = files.summary.rows("workers")
    if not workers:
        return None
    keys = ("worker", "host", "offered", "busiest", "cpu_seconds", "late")
    return Table(
        title=text("load.worker_table", language),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[Group("", [_worker(one, language) for one in workers])],
        note="",
        kinds=["text", "text", "figure", "figure", "figure", "figure"],
    )


def _worker(one: Record, language: Language) -> Sequence[str]:
    cpu, late = one.optional_figure("cpu_seconds"), one.optional_figure("late_ms")
    lost = one.flag("lost")
    return [
        number(one.count("rank") + 1, language),
        one.text("host") or NOTHING,
        number(one.count("offered"), language),
        share(one.figure("busiest"), language),
        NOTHING if cpu is None else number(cpu, language, 1),
        text("load.lost", language)
        if lost
        else NOTHING
        if late is None
        else latency(late * 1000, language),
    ]


def slowest_table(files: LoadFiles, language: Language) -> Table | None:
    """Return the slowest answers with their trace ids; None when there were none."""
    rows = files.summary.rows("slowest")
    if not rows:
        return None
    keys = ("at", "named_step", "took", "status", "trace")
    return Table(
        title=text("load.slowest_table", language, count=number(len(rows), language)),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[Group("", [_slow(one, language) for one in rows])],
        note=text("load.trace_note", language, run_id=files.asked.text("run_id")),
        kinds=["figure", "text", "figure", "figure", "text"],
    )


def _slow(one: Record, language: Language) -> Sequence[str]:
    status = one.optional_figure("status")
    return [
        instant(one.figure("at"), language),
        code_of(one.text("journey"), one.text("step")),
        latency(one.figure("response_us"), language),
        NOTHING if status is None else str(int(status)),
        one.text("trace"),
    ]


def wrong_table(files: LoadFiles, language: Language) -> Table | None:
    """Return the wrong answers with their trace ids; None when there were none."""
    rows = files.summary.rows("wrong_answers")
    if not rows:
        return None
    keys = ("at", "named_step", "why", "trace")
    more = len(rows) - WRONG_SHOWN
    note = text("load.wrong_more", language, count=number(more, language)) if more > 0 else ""
    return Table(
        title=text("load.wrong_table", language, count=number(len(rows), language)),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[Group("", [_wrong(one, language) for one in rows[:WRONG_SHOWN]])],
        note=note,
        kinds=["figure", "text", "text", "text"],
    )


def _wrong(one: Record, language: Language) -> Sequence[str]:
    return [
        instant(one.figure("at"), language),
        code_of(one.text("journey"), one.text("step")),
        wrong_reason(one, language),
        one.text("trace"),
    ]


def failure_table(files: LoadFiles, language: Language) -> Table | None:
    """Return why requests failed; None when none did."""
    return _counted(files.summary.rows("failures"), "failure", language)


def retry_table(files: LoadFiles, language: Language) -> Table | None:
    """Return why requests were sent again; None when none was."""
    return _counted(files.summary.rows("retried"), "retry", language)


def _counted(rows: Sequence[Record], name: str, language: Language) -> Table | None:
    if not rows:
        return None
    keys = ("named_step", "requests", "reason")
    more = len(rows) - FAILURES_SHOWN
    return Table(
        title=text(f"load.{name}_table", language),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[
            Group(
                "",
                [
                    [
                        code_of(one.text("journey"), one.text("step")),
                        number(one.count("count"), language),
                        wrong_reason(one, language),
                    ]
                    for one in rows[:FAILURES_SHOWN]
                ],
            )
        ],
        note=text("load.wrong_more", language, count=number(more, language)) if more > 0 else "",
        kinds=["text", "figure", "text"],
    )


class Reason(NamedTuple):
    """Why an objective is judged as it is: its name, as reports and as files name it."""

    name: str
    code: str
    verdict: str
    reason: str


def reasons(files: LoadFiles, language: Language) -> Sequence[Reason]:
    """Return the reason of each verdict."""
    level = percent(files.summary.figure("level"), language, 0)
    return [
        Reason(
            objective_name(one, language),
            code_of(one.text("journey"), one.text("step")),
            one.text("verdict"),
            reason_sentence(one, level, language),
        )
        for one in files.objectives
    ]
