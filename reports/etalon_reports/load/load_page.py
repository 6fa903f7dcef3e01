"""The page of a load run: the verdict, what it rests on, then the course of the run."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

from etalon_reports.load.amounts import NOTHING, latency, share
from etalon_reports.load.budget_figure import budget_figure
from etalon_reports.load.capacity_page import capacity_content
from etalon_reports.load.course_figures import bands_figure, offered_figure
from etalon_reports.load.curve_figure import curve_figure
from etalon_reports.load.drift_words import drift_sentences
from etalon_reports.load.heat_figure import heat_figure
from etalon_reports.load.load_cover import load_cover
from etalon_reports.load.load_files import read_load
from etalon_reports.load.load_tables import (
    check_table,
    failure_table,
    objective_table,
    reasons,
    retry_table,
    slowest_table,
    step_table,
    worker_table,
    wrong_table,
)
from etalon_reports.load.memory_figure import memory_figure
from etalon_reports.page import REPORT_NAME, write_page
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.load.load_files import LoadFiles
    from etalon_text.language import Language

STYLES: Final = ("report.css", "load.css")
OTHER: Final[Mapping[Language, Language]] = {"fr": "en", "en": "fr"}
_BROKEN_SHOWN: Final = 20
_SHOWN: Final = 8
_PRIVATE: Final = ("--out", "--people")
"""Options whose value is a path of the machine."""


def draw_load(directory: Path, language: Language) -> Path:
    """Write the page in both languages and return the one in `language`, `report.html`.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A page cannot be written.
    """
    files = read_load(directory)
    return write_in_both(
        directory,
        "load.html",
        language,
        lambda spoken: _content(files, spoken),
        lambda spoken: _source_line(files, spoken),
    )


def write_in_both(
    directory: Path,
    template: str,
    language: Language,
    content: Callable[[Language], dict[str, Any]],
    source: Callable[[Language], Callable[[str], str]],
) -> Path:
    """Write `report.html` in one language and `report.OTHER.html` in the other.

    Args:
        directory: Written to.
        template: File of `templates/`.
        language: Of `report.html`.
        content: What the page shows in a language.
        source: Source line of a result file in a language.

    Raises:
        OSError: A page cannot be written.
    """
    other = OTHER[language]
    second = f"report.{other}.html"
    pages: tuple[tuple[str, Language, str, Language], ...] = (
        (second, other, REPORT_NAME, language),
        (REPORT_NAME, language, second, other),
    )
    for target, spoken, beside, beside_in in pages:
        shown = content(spoken) | {"other_page": beside, "other_language": beside_in}
        write_page(directory / target, template, spoken, source(spoken), shown, styles=STYLES)
    (directory / f"report.{language}.html").unlink(missing_ok=True)
    return directory / REPORT_NAME


def _content(files: LoadFiles, language: Language) -> dict[str, Any]:
    broken = files.summary.texts("broken")
    return {
        "cover": load_cover(files, language),
        "verdict": files.verdict,
        "cards": _cards(files, language),
        "objective_table": objective_table(files, language) if files.objectives else None,
        "reasons": reasons(files, language),
        "step_table": step_table(files, language),
        "check_table": check_table(files, language),
        "worker_table": worker_table(files, language),
        "slowest_table": slowest_table(files, language),
        "wrong_table": wrong_table(files, language),
        "failure_table": failure_table(files, language),
        "retry_table": retry_table(files, language),
        "server": [*_server(files, language), *drift_sentences(files.summary, language)],
        "broken": broken[:_BROKEN_SHOWN],
        "broken_count": number(len(broken), language),
        "capacity": capacity_content(files.capacity, language) if files.capacity else None,
        "command": _command(files.asked.texts("command")),
        "digest": files.asked.text("plan_digest"),
        "figures": _figures(files, language),
    }


def _figures(files: LoadFiles, language: Language) -> Mapping[str, FigureBlock]:
    drawn = [
        offered_figure(files, language),
        bands_figure(files, language),
        heat_figure(files, language),
        budget_figure(files, language),
        curve_figure(files, language),
        memory_figure(files, language),
    ]
    return {figure.name: figure for figure in drawn if figure is not None}


def _cards(files: LoadFiles, language: Language) -> Sequence[Mapping[str, str]]:
    """Return the figures that stand out: latency at the 50th and 99th percentile, failed, wrong."""
    totals, response = files.summary.record("totals"), files.summary.optional_record("response")
    sent = totals.count("sent")
    of = text("load.card_of", language, sent=number(sent, language))
    cards = [
        {
            "value": NOTHING if response is None else latency(response.figure(key), language),
            "label": text(f"load.card_{key}", language),
            "of": text("load.card_intended", language),
        }
        for key in ("p50", "p99")
    ]
    for key in ("failed", "wrong"):
        value = share(totals.count(key) / sent, language) if sent else NOTHING
        counted = f"{number(totals.count(key), language)} {of}"
        cards.append({"value": value, "label": text(f"load.card_{key}", language), "of": counted})
    return cards


def _command(typed: Sequence[str]) -> str:
    """Return what to type to run it again, where it landed left out."""
    kept = [
        part
        for rank, part in enumerate(typed)
        if part not in _PRIVATE and (not rank or typed[rank - 1] not in _PRIVATE)
    ]
    return shlex.join(["etalon", *kept])


def _server(files: LoadFiles, language: Language) -> Sequence[str]:
    """Say what the target told of itself."""
    server = files.summary.optional_record("server")
    problem = files.summary.optional_text("server_problem")
    if server is None and problem:
        return [text("load.server_problem", language, problem=problem)]
    if server is None:
        return [text("load.server_none", language)]
    cpu, asked = server.optional_figure("cpu_seconds"), server.optional_figure("requests")
    totals = files.summary.record("totals")
    lasted = server.optional_figure("seconds") or totals.figure("lasted_seconds")
    sentences: list[str] = []
    if cpu is not None:
        values = {"cpu": number(cpu, language, 1), "cores": number(cpu / lasted, language, 2)}
        sentences.append(text("load.server_cpu", language, **values))
        if asked:
            sentences.append(
                text("load.server_each", language, each=latency(cpu / asked * 1e6, language))
            )
    if asked is not None:
        sent = number(totals.count("sent"), language)
        values = {"requests": number(asked, language), "sent": sent}
        sentences.append(text("load.server_requests", language, **values))
    return sentences or [text("load.server_none", language)]


def _source_line(files: LoadFiles, language: Language) -> Callable[[str], str]:
    values = {
        "version": files.asked.text("etalon_version"),
        "run_id": f"{files.asked.text('run_id')[:_SHOWN]}…",
        "digest": f"{files.asked.text('plan_digest')[:_SHOWN]}…",
    }

    def source(file: str) -> str:
        return text("load.source", language, file=file, **values)

    return source
