"""The page of a search for capacity, and the same as a section of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from etalon_reports.conformance.sentences import moment
from etalon_reports.cover import Cover, Fact
from etalon_reports.load.amounts import (
    NOTHING,
    asked_share,
    bound,
    duration,
    latency,
    share,
    step_name,
    trimmed,
)
from etalon_reports.load.capacity_figure import capacity_figure
from etalon_reports.load.load_files import CAPACITY_FILE
from etalon_reports.record import read_record
from etalon_reports.rounding import about
from etalon_reports.tables import Group, Table
from etalon_text.language import semicolons
from etalon_text.number_formats import number, percent, supported_decimals
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.record import Record
    from etalon_text.language import Language

_SECOND_US: Final = 1_000_000


class CapacityContent(NamedTuple):
    """What a page tells of a search: sentences, the curve, every probe, what is reckoned on."""

    sentences: Sequence[str]
    figure: FigureBlock | None
    table: Table
    reckoned: Sequence[str]


def capacity_content(capacity: Record, language: Language) -> CapacityContent:
    """Return what a page tells of a search for capacity."""
    return CapacityContent(
        capacity_sentences(capacity, language),
        capacity_figure(capacity, language),
        _table(capacity, language),
        [*national_sentences(capacity, language), *_scalability(capacity, language)],
    )


def national_sentences(capacity: Record, language: Language) -> Sequence[str]:
    """Say what the national peak takes, each assumption beside it; nothing when it is not told."""
    found = capacity.optional_record("national")
    if found is None:
        return []
    values = {
        "peak": number(found.figure("peak"), language),
        "answers": number(found.figure("answers_per_journey"), language, 1),
        "each": latency(found.figure("cpu_seconds_per_answer") * _SECOND_US, language),
        "rate": number(found.figure("measured_at_rate"), language),
        "utilisation": asked_share(found.figure("utilisation"), language),
        "cores": number(found.count("cores"), language),
        "zones": number(found.count("zones"), language),
        "per_zone": number(found.count("cores_per_zone"), language),
    }
    return [text("load.capacity_national", language, **values)]


def _scalability(capacity: Record, language: Language) -> Sequence[str]:
    """Say what the law of scalability gives at twice what was measured, and how wrong it was."""
    law = capacity.optional_record("scalability")
    if law is None:
        return []
    width = law.figure("high") - law.figure("low")
    rates = {
        key: _rate(law.figure(name), width, language)
        for key, name in (("rate", "answers_per_second"), ("low", "low"), ("high", "high"))
    }
    values = {
        "measured": number(law.figure("measured"), language),
        "farthest": number(law.figure("farthest"), language),
        "held_out": percent(abs(law.figure("held_out")), language, 0),
        "contention": trimmed(about(law.figure("contention"), 2), language),
        "coherency": trimmed(about(law.figure("coherency"), 2), language),
    }
    return [text("load.capacity_scalability", language, **rates, **values)]


def capacity_page(directory: Path, language: Language) -> dict[str, Any]:
    """Return what the page of a directory with `capacity.json` shows.

    Raises:
        RunFileError: The file is missing, truncated or not as published.
    """
    capacity = read_record(directory / CAPACITY_FILE)
    found = capacity_content(capacity, language)
    return {"cover": _cover(capacity, found.sentences, language), "capacity": found}


def capacity_source(directory: Path, language: Language) -> Callable[[str], str]:
    """Return what writes the source line of a page of capacity."""
    version = read_record(directory / CAPACITY_FILE).optional_text("etalon_version") or NOTHING
    return lambda file: text("load.source_capacity", language, file=file, version=version)


def capacity_sentences(capacity: Record, language: Language) -> Sequence[str]:
    """Say up to which rate the objectives hold, with its interval, and what else was found."""
    held, missed = capacity.figure("held"), capacity.optional_figure("missed")
    if missed is None and capacity.optional_text("problem"):
        return [text("load.capacity_cut", language)]
    if missed is None:
        return [text("load.capacity_unbounded", language, held=_rate(held, held, language))]
    if not held:
        return [text("load.capacity_none", language, missed=_rate(missed, missed, language))]
    values = {
        "low": _rate(held, (missed - held), language),
        "high": _rate(missed, (missed - held), language),
    }
    return [text("load.capacity_found", language, **values), *_server(capacity, language)]


def _rate(rate: float, width: float, language: Language) -> str:
    """Write a rate as fine as the width of its interval supports."""
    return number(rate, language, max(0, min(supported_decimals(0, width), 2)))


def _server(capacity: Record, language: Language) -> Sequence[str]:
    server = capacity.optional_record("server")
    each = server.optional_figure("cpu_seconds_per_request") if server else None
    if each is None:
        return []
    return [text("load.capacity_server", language, each=latency(each * _SECOND_US, language))]


def _cover(capacity: Record, sentences: Sequence[str], language: Language) -> Cover:
    held, missed = capacity.figure("held"), capacity.optional_figure("missed")
    started, version = (capacity.optional_text(key) for key in ("started_at", "etalon_version"))
    facts = [
        Fact(text("load.fact_target", language), [_target(capacity, language)]),
        Fact(text("load.fact_probes", language), [number(len(capacity.items("probes")), language)]),
        *(
            [Fact(text("load.fact_started", language), [moment(started, language)])]
            if started
            else []
        ),
        *([Fact(text("load.fact_version", language), [version])] if version else []),
        *_objectives(capacity, language),
    ]
    return Cover(
        kind=text("load.capacity_kind", language),
        title=text("load.capacity_title", language),
        question=text("load.capacity_question", language),
        status="complete" if held and missed is not None else "partial",
        status_text=" ".join(sentences),
        facts=facts,
        changes=(),
    )


def _target(capacity: Record, language: Language) -> str:
    found = capacity.values.get("target")
    if isinstance(found, str):
        return text("load.reference_server", language) if found == "embedded" else found
    target = capacity.record("target")
    ours = target.optional_text("kind") == "embedded"
    return text("load.reference_server", language) if ours else target.text("name")


def _objectives(capacity: Record, language: Language) -> Sequence[Fact]:
    found = capacity.values.get("objectives")
    if isinstance(found, str):
        return [Fact(text("load.fact_objectives", language), [found])]
    if not isinstance(found, list):
        return []
    named: dict[tuple[float, float], list[str]] = {}
    for one in capacity.rows("objectives"):
        alike = named.setdefault((one.figure("share"), one.figure("within")), [])
        alike.append(step_name(one.text("journey"), one.text("step"), language))
    lines = [
        text(
            "load.objective_line",
            language,
            name=semicolons(names, language),
            share=asked_share(share_asked, language),
            within=bound(within, language),
        )
        for (share_asked, within), names in named.items()
    ]
    return [Fact(text("load.fact_objectives", language), lines)]


def _table(capacity: Record, language: Language) -> Table:
    keys = ("rate", "length", "answered", "p50", "p99", "failed", "cpu", "verdict")
    probes = capacity.rows("probes")
    return Table(
        title=text("load.probe_table", language),
        headings=[text(f"load.column_{key}", language) for key in keys],
        groups=[Group("", [_probe(one, language) for one in probes])],
        note=text("load.probe_note", language),
        kinds=["text", *("figure" for _ in keys[2:]), "text"],
    )


def _probe(one: Record, language: Language) -> Sequence[str]:
    seconds, answers = one.optional_figure("seconds"), one.optional_figure("answers")
    cpu = one.optional_figure("cpu_seconds")
    failed = one.optional_figure("failed_share")
    return [
        number(one.figure("rate"), language, 1),
        NOTHING if seconds is None else duration(seconds, language),
        NOTHING if answers is None else number(answers, language),
        *(
            NOTHING if taken is None else latency(taken, language)
            for taken in (one.optional_figure(key) for key in ("p50_us", "p99_us"))
        ),
        NOTHING if failed is None else share(failed, language),
        NOTHING if cpu is None else number(cpu, language, 1),
        one.text("verdict"),
    ]
