"""The tables of a conformance run, in the shape of a certification file.

One row a requirement and wire: what it asks, what was concluded, and where the evidence is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.conformance.conformance_page import command, people
from etalon_reports.conformance.entries import (
    COUNTEREXAMPLES,
    EVIDENCE,
    accepted_sentence,
    contest_lines,
)
from etalon_reports.conformance.front_page import (
    conformance_cover,
    count_rows,
    power_sentences,
    statement,
)
from etalon_reports.conformance.judgements import judgements
from etalon_reports.conformance.sentences import (
    cause_sentence,
    check_title,
    expected_sentence,
    got_sentence,
    likely_sentence,
    numbers,
    source_title,
)
from etalon_reports.conformance.verdict_file import VERDICTS, VERDICTS_FILE, read_conformance
from etalon_reports.data_table import Columns, DataColumn, DataTable, data_table
from etalon_reports.table_csv import write_csv
from etalon_reports.workbook import WORKBOOK_NAME, ReadMe, write_workbook
from etalon_text.certainty import certainty_text
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from etalon_reports.conformance.judgements import Judgement
    from etalon_reports.conformance.verdict_file import ConformanceRun, Requirement, Result
    from etalon_reports.data_table import Value
    from etalon_text.language import Language

_LINE: Final = "\n"
_ASKED: Final = ("ident", "text", "level", "standing", "certainty", "actor", "condition", "sources")
_CONCLUDED: Final = ("wire", "verdict", "checks", "expected", "got", "path", "calls", "likely")
_SHOWN: Final = ("remarks", "evidence", "counterexample", "links")


def certification_tables(run: ConformanceRun, language: Language) -> Sequence[DataTable]:
    """Return the tables: requirements, results of checks, counts, answers of people."""
    return [
        _requirements(run, language),
        _results(run, language),
        _counts(run, language),
        _answers(run, language),
    ]


def write_certification_workbook(directory: Path, language: Language, out: Path) -> Path:
    """Write `tables.xlsx` in `out` and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    run = read_conformance(directory)
    target = out / WORKBOOK_NAME
    tables = certification_tables(run, language)
    write_workbook(target, tables, _read_me(run, language), language)
    return target


def write_certification_csv(directory: Path, language: Language, out: Path) -> list[Path]:
    """Write each table in the folder `tables` of `out` and return their paths.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A file cannot be written.
    """
    folder = out / "tables"
    folder.mkdir(exist_ok=True)
    tables = certification_tables(read_conformance(directory), language)
    written = [folder / f"{table.key}.csv" for table in tables]
    for table, target in zip(tables, written, strict=True):
        write_csv(target, table, language)
    return written


def _read_me(run: ConformanceRun, language: Language) -> ReadMe:
    cover = conformance_cover(run, language)
    sources = {
        f"{title}, {source.link}" if source.link else title
        for one in run.requirements.values()
        for source in one.sources
        for title in (source.title[language],)
    }
    return ReadMe(
        title=f"{cover.kind}: {cover.title}",
        facts=[
            (text("sheet.question", language), cover.question),
            (text("sheet.status", language), cover.status_text),
            *((fact.label, _LINE.join(fact.values)) for fact in cover.facts),
            (text("sheet.command", language), command(run)),
        ],
        notes=[
            statement(run, language),
            text("conformance.counts_note", language),
            *power_sentences(run, language),
            text("conformance.disclaimer", language),
        ],
        sources=sorted(sources),
    )


def _requirements(run: ConformanceRun, language: Language) -> DataTable:
    columns = _columns(language, *_ASKED, *_CONCLUDED, *_SHOWN)
    rows = [_row(one, language) for one in judgements(run)]
    return data_table("requirements", language, columns, rows, VERDICTS_FILE)


def _row(one: Judgement, language: Language) -> Sequence[Value]:
    telling = [result for result in one.results if result.verdict == one.verdict]
    verdict = f"verdict.{one.verdict}" if one.verdict else "conformance.untested"
    return [
        *_asked(one.requirement, language),
        text(f"wire.{one.wire}", language) if one.wire else None,
        text(verdict, language),
        _lines(result.check for result in one.results),
        _lines(expected_sentence(result, language) for result in telling),
        _lines(got_sentence(result, language) for result in telling),
        _lines(result.path for result in telling),
        _lines(_calls(result) for result in telling),
        _lines(likely_sentence(result.likely, language) for result in telling if result.likely),
        _lines(_remarks(one, language)),
        f"{EVIDENCE}/{one.requirement.ident}" if one.verdict else None,
        _lines(_folder(result) for result in telling),
        _lines(source.link for source in one.requirement.sources),
    ]


def _asked(one: Requirement, language: Language) -> Sequence[Value]:
    return [
        one.ident,
        one.text[language],
        one.level,
        text(f"standing.{one.standing}", language),
        certainty_text(one.certainty, language),
        text(f"actor.{one.actor}", language),
        one.condition[language] or None,
        _lines(source_title(source, language) for source in one.sources),
    ]


def _remarks(one: Judgement, language: Language) -> Iterable[str]:
    """Yield all that a reader must know beside the verdict."""
    yield from contest_lines(one, language)
    for result in one.results:
        yield accepted_sentence(result, language)
        yield cause_sentence(result.cause, language) if result.cause else ""
    yield one.inapplicable
    yield one.untested[language] if one.untested else ""


def _results(run: ConformanceRun, language: Language) -> DataTable:
    heads = (
        "ident",
        "check",
        "check_title",
        *_CONCLUDED[:2],
        *_CONCLUDED[3:],
        "cause",
        *_SHOWN[2:3],
    )
    rows = [_result(one, language) for one in run.results]
    return data_table("results", language, _columns(language, *heads), rows, VERDICTS_FILE)


def _result(one: Result, language: Language) -> Sequence[Value]:
    return [
        one.requirement,
        one.check,
        check_title(one.check, language) or None,
        text(f"wire.{one.wire}", language),
        text(f"verdict.{one.verdict}", language),
        expected_sentence(one, language) or None,
        got_sentence(one, language) or None,
        one.path or None,
        numbers(one.exchanges) or None,
        likely_sentence(one.likely, language) or None,
        cause_sentence(one.cause, language) if one.cause else None,
        _folder(one) or None,
    ]


def _counts(run: ConformanceRun, language: Language) -> DataTable:
    make = Columns(language)
    verdicts = [make.named(text(f"verdict.{name}", language), "requirements") for name in VERDICTS]
    columns = [*_columns(language, "standing", "wire"), *verdicts]
    rows: list[Sequence[Value]] = [
        [row.standing, row.wire, *row.counts] for row in count_rows(run, language)
    ]
    return data_table("verdicts", language, columns, rows, VERDICTS_FILE)


def _answers(run: ConformanceRun, language: Language) -> DataTable:
    columns = _columns(language, "ident", "asked", "answer", "author", "file", "remarks")
    rows: list[Sequence[Value]] = [
        [one.ident, one.question, one.answer, one.author or None, one.file or None, one.comment]
        for one in people(run, language)
    ]
    return data_table("answers", language, columns, rows, VERDICTS_FILE)


def _columns(language: Language, *keys: str) -> Sequence[DataColumn]:
    return [DataColumn(text(f"certification.{key}", language), "text", "") for key in keys]


def _calls(result: Result) -> str:
    called = numbers(result.exchanges)
    return f"{result.check}: {called}" if called else ""


def _folder(result: Result) -> str:
    return f"{COUNTEREXAMPLES}/{result.counterexample}" if result.counterexample else ""


def _lines(found: Iterable[str]) -> str | None:
    """Return what is there, each once, a line each; None for an empty cell."""
    return _LINE.join(dict.fromkeys(one for one in found if one)) or None
