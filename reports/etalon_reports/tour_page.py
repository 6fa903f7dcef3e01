"""The index page of the tour: what each part shows, to whom, what came out, where to read on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from etalon_reports.conformance.sentences import moment
from etalon_reports.conformance.verdict_file import is_conformance, read_conformance
from etalon_reports.cover import Cover, Fact
from etalon_reports.headlines import headlines
from etalon_reports.load.course_figures import bands_figure
from etalon_reports.load.load_files import is_load, read_load
from etalon_reports.load.load_page import write_in_both
from etalon_reports.load.sentences import verdict_sentences
from etalon_reports.page import REPORT_NAME
from etalon_reports.record import read_record
from etalon_reports.run_files import read_run
from etalon_reports.tour_file import TOUR_FILE
from etalon_text.number_formats import number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.record import Record
    from etalon_text.language import Language

SCRIPT: Final = "replay.sh"
_COUNTEREXAMPLES: Final = "counterexamples"
_GUIDES: Final = {
    "pilot": "policy.md",
    "nation": "policy.md",
    "impostor": "conformance.md",
    "load": "load.md",
}
"""Part -> the guide that goes on where it ends."""
_BREACH: Final = "fail"
_SCRIPT_LINES: Final = 60
_RATES: Final = ("opt_out_rate", "activation_rate")


class PartEntry(NamedTuple):
    """One part of the tour, in words.

    Attributes:
        name: Its name, and that of its folder.
        title: Its title.
        reader: For whom it is.
        shows: What it shows.
        lines: What came out.
        commands: What to type to have it again, line by line.
        took: How long it took.
        report: Its report, seen from the page; empty when there is none.
        guide: Its guide, seen from the page; empty where guides did not come along.
        guide_name: Where the guide stands in the sources.
        script: The script of a counterexample, empty for none.
        script_file: Where that script is, seen from the page.
        figure: A figure of its report, or None.
    """

    name: str
    title: str
    reader: str
    shows: str
    lines: Sequence[str]
    commands: Sequence[str]
    took: str
    report: str
    guide: str
    guide_name: str
    script: str
    script_file: str
    figure: FigureBlock | None


def draw_tour(directory: Path, language: Language) -> Path:
    """Write the page in both languages and return the one in `language`, `report.html`.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A page cannot be written.
    """
    found = read_record(directory / TOUR_FILE)
    return write_in_both(
        directory,
        "tour.html",
        language,
        lambda spoken: _content(directory, found, spoken),
        lambda spoken: _source(found, spoken),
    )


def _source(found: Record, language: Language) -> Callable[[str], str]:
    version = found.text("etalon_version")
    return lambda file: text("tour.source", language, file=file, version=version)


def _content(directory: Path, found: Record, language: Language) -> dict[str, Any]:
    guides = found.optional_text("guides")
    return {
        "cover": _cover(found, language),
        "entries": [_entry(directory, row, guides, language) for row in found.rows("parts")],
    }


def _cover(found: Record, language: Language) -> Cover:
    status = found.text("status")
    parts = found.rows("parts")
    seconds = sum(row.figure("seconds") for row in parts)
    facts = {
        "version": found.text("etalon_version"),
        "started": moment(found.text("started_at"), language),
        "took": _length(seconds, language),
    }
    return Cover(
        kind=text("tour.kind", language),
        title=text("tour.title", language),
        question=text("tour.question", language),
        status=status,
        status_text=text(f"tour.status_{status}", language, count=number(len(parts), language)),
        facts=[Fact(text(f"tour.fact_{key}", language), [said]) for key, said in facts.items()],
        changes=[],
    )


def _entry(directory: Path, row: Record, guides: str | None, language: Language) -> PartEntry:
    name = row.text("name")
    folder = directory / name
    has_report = (folder / REPORT_NAME).is_file()
    place, script = _script(folder) if is_conformance(folder) else ("", "")
    guide = _GUIDES.get(name, "")
    return PartEntry(
        name=name,
        title=text(f"tour.title.{name}", language),
        reader=text(f"tour.reader.{name}", language),
        shows=text(f"tour.shows.{name}", language),
        lines=_lines(folder, row, language) if has_report else _not_shown(row, language),
        commands=row.texts("commands"),
        took=_length(row.figure("seconds"), language),
        report=_report(folder, language) if has_report else "",
        guide=f"{guides}/{guide}" if guides else "",
        guide_name=f"docs/guides/{guide}",
        script=script,
        script_file=place,
        figure=bands_figure(read_load(folder), language) if is_load(folder) else None,
    )


def _report(folder: Path, language: Language) -> str:
    """Return the report of a part in the language of the page, where it has one beside."""
    own = f"report.{language}.html"
    return f"{folder.name}/{own if (folder / own).is_file() else REPORT_NAME}"


def _not_shown(row: Record, language: Language) -> list[str]:
    """Say why a part has nothing to show."""
    if missing := row.texts("missing"):
        return [text("tour.lacks", language, extras=",".join(missing))]
    return [text("tour.ended", language, code=row.optional_figure("exit_code") or 0)]


def _lines(folder: Path, row: Record, language: Language) -> list[str]:
    """Say what came out of a part, in a few sentences."""
    if is_conformance(folder):
        return _caught(folder, language)
    if is_load(folder):
        return list(verdict_sentences(read_load(folder), language))
    files = read_run(folder)
    people = text(
        "tour.people", language, people=number(files.summary.count("population"), language)
    )
    rates = [one for one in headlines(files) if one.key in _RATES]
    lines = [
        text(
            "tour.rate" if one.measured is None else "tour.rate_measured",
            language,
            rate=text(f"rate.{one.key}", language),
            value=one.written(language),
            measured="" if one.measured is None else percent(one.measured, language, 2),
        )
        for one in rates
    ]
    return [people, *lines] if row.optional_figure("exit_code") == 0 else [people]


def _caught(folder: Path, language: Language) -> list[str]:
    """Name the requirements that the server breaks, each with its text."""
    run = read_conformance(folder)
    broken = dict.fromkeys(one.requirement for one in run.results if one.verdict == _BREACH)
    count = number(len(broken), language)
    texts = [
        text("tour.broken", language, ident=ident, text=run.requirements[ident].text[language])
        for ident in broken
    ]
    return [text("tour.caught", language, count=count), *texts]


def _script(folder: Path) -> tuple[str, str]:
    """Return the script that shows the first breach again: where it is, and its text."""
    run = read_conformance(folder)
    shown = [one.counterexample for one in run.results if one.verdict == _BREACH]
    scripts = [folder / _COUNTEREXAMPLES / name / SCRIPT for name in shown if name]
    found = next((script for script in scripts if script.is_file()), None)
    if found is None:
        return "", ""
    lines = found.read_text(encoding="utf-8").splitlines()
    place = found.relative_to(folder.parent).as_posix()
    return place, "\n".join([*lines[:_SCRIPT_LINES], *(["…"] if lines[_SCRIPT_LINES:] else [])])


def _length(seconds: float, language: Language) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return text("tour.length" if minutes else "tour.length_short", language, m=minutes, s=rest)
