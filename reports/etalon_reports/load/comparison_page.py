"""The page of two load runs compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etalon_reports.conformance.sentences import moment
from etalon_reports.cover import Cover, Fact
from etalon_reports.load.amounts import NOTHING, latency, share
from etalon_reports.load.change_figure import change_figure
from etalon_reports.load.comparison_words import blocks_words, change_sentences, step_rows
from etalon_reports.load.load_files import COMPARISON_FILE
from etalon_reports.record import RunFileError, read_record
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from etalon_reports.record import Record
    from etalon_text.language import Language

_DIGEST_SHOWN: Final = 16
_ENDS: Final = ("before", "after")
_KIND: Final = "load-comparison"


def comparison_page(directory: Path, language: Language) -> dict[str, Any]:
    """Return what the page of a comparison shows.

    Raises:
        RunFileError: The file is missing, truncated or not as published.
    """
    found = _read(directory)
    return {
        "cover": _cover(found, language),
        "change": found.text("change"),
        "said": _said(found, language),
        "step_table": _steps(found, language),
        "run_table": _runs(found, language),
        "figure": change_figure(found, language),
        "digest": found.text("plan_digest"),
    }


def _said(found: Record, language: Language) -> str:
    """Return the word for what became of the service."""
    if found.record("errors").text("change") == "regression" and not found.flag("invalid"):
        return text("load.says.worse", language)
    return text(f"load.says.{found.text('change')}", language)


def comparison_source(directory: Path, language: Language) -> Callable[[str], str]:
    """Return what writes the source line of a page of a comparison."""
    version = _read(directory).text("etalon_version")
    return lambda file: text("load.source_capacity", language, file=file, version=version)


def _read(directory: Path) -> Record:
    found = read_record(directory / COMPARISON_FILE)
    if found.optional_text("kind") != _KIND:
        raise RunFileError(COMPARISON_FILE, "kind", "no comparison of load runs", _KIND)
    return found


def _cover(found: Record, language: Language) -> Cover:
    facts = [
        Fact(text(f"load.fact_{end}", language), _run(found.record(end), language)) for end in _ENDS
    ]
    digest = f"{found.text('plan_digest')[:_DIGEST_SHOWN]}…"
    return Cover(
        kind=text("load.comparison_kind", language),
        title=text("load.comparison_title", language),
        question=text("load.comparison_question", language),
        status="complete",
        status_text=" ".join(change_sentences(found, language)),
        facts=[
            *facts,
            Fact(text("load.fact_digest", language), [digest]),
            Fact(text("load.fact_version", language), [found.text("etalon_version")]),
        ],
        changes=(),
    )


def _run(run: Record, language: Language) -> Sequence[str]:
    target = run.record("target")
    ours = target.text("kind") == "embedded"
    name = text("load.reference_server", language) if ours else target.text("name")
    return [run.text("directory"), name, moment(run.text("started_at"), language)]


def _steps(found: Record, language: Language) -> Table:
    headings, *rows = step_rows(found, language)
    return Table(
        title=text("load.change_table", language),
        headings=headings,
        groups=[Group("", rows)],
        note=blocks_words(found, language),
        kinds=["text", *("figure" for _ in headings[2:]), "text"],
    )


def _runs(found: Record, language: Language) -> Table:
    runs = [found.record(end) for end in _ENDS]
    rows = [
        [text(f"load.column_{key}", language), *(_latency(one, key, language) for one in runs)]
        for key in ("p50", "p95", "p99", "max")
    ]
    totals = [(one, one.record("totals")) for one in runs]
    rows += [
        [
            text(f"load.column_{key}", language),
            *(
                f"{number(counted.count(key), language)} ({_share(counted, key, language)})"
                for _, counted in totals
            ),
        ]
        for key in ("failed", "wrong")
    ]
    rows.append(
        [
            text("load.column_requests", language),
            *(number(counted.count("sent"), language) for _, counted in totals),
        ]
    )
    rows.append([text("load.column_verdict", language), *(one.text("verdict") for one in runs)])
    return Table(
        title=text("load.run_table", language),
        headings=["", *(text(f"load.fact_{end}", language) for end in _ENDS)],
        groups=[Group("", rows)],
        note=text("load.run_note", language),
        kinds=["text", "figure", "figure"],
    )


def _latency(run: Record, key: str, language: Language) -> str:
    response = run.optional_record("response")
    return NOTHING if response is None else latency(response.figure(key), language)


def _share(counted: Record, key: str, language: Language) -> str:
    sent = counted.count("sent")
    return share(counted.count(key) / sent, language) if sent else NOTHING
