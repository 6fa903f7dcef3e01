"""The page of a decision: the answer first, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etalon_reports.conformance.sentences import moment
from etalon_reports.cover import Cover, Fact
from etalon_reports.load.decision_figure import answer_name, decision_figure, span, weeks_name
from etalon_reports.load.decision_words import count, decision_sentences, leads, probability
from etalon_reports.load.load_files import DECISION_FILE
from etalon_reports.load.load_page import write_in_both
from etalon_reports.record import read_record
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import EN_DASH, fewest_decimals, long_day, number, percent
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from etalon_reports.record import Record
    from etalon_text.language import Language

_AMOUNTS: Final = ("busy_cores", "cores", "machines", "workers", "own_machines", "addresses")
_STATES: Final = {"go": "complete", "not-known": "partial", "no-go": "failed"}
_MARKS: Final = {"go": "pass", "not-known": "inconclusive", "no-go": "fail"}


def draw_decision(directory: Path, language: Language) -> Path:
    """Write the page in both languages and return the one in `language`, `report.html`.

    Raises:
        RunFileError: The file is missing, truncated or not as published.
        OSError: A page cannot be written.
    """
    decision = read_record(directory / DECISION_FILE)
    return write_in_both(
        directory,
        "load_decision.html",
        language,
        lambda spoken: _content(decision, spoken),
        lambda spoken: _source(decision, spoken),
    )


def _source(decision: Record, language: Language) -> Callable[[str], str]:
    version = decision.text("etalon_version")
    return lambda file: text("decision.source", language, file=file, version=version)


def _content(decision: Record, language: Language) -> dict[str, Any]:
    answer = decision.text("answer")
    sizing = decision.optional_record("sizing")
    return {
        "cover": _cover(decision, language),
        "mark": _MARKS[answer],
        "answer": answer_name(answer, language),
        "sentences": decision_sentences(decision, language),
        "figure": decision_figure(decision, language),
        "case_table": _case_table(decision, language),
        "wave_table": _wave_table(decision, language),
        "mix_table": _mix_table(decision, language),
        "sizing_table": None if sizing is None else _sizing_table(sizing, language),
        "figure_table": None if sizing is None else _figure_table(sizing, language),
        "assumptions": _assumptions(decision, language),
    }


def _cover(decision: Record, language: Language) -> Cover:
    cases = decision.rows("cases")
    key = "decision.title_one" if len(cases) == 1 else "decision.title_many"
    title = cases[0].sentence("title", language)
    asked = probability(decision.figure("probability"), language)
    return Cover(
        kind=text("decision.kind", language),
        title=text(key, language, title=title, count=number(len(cases), language)),
        question=text("decision.question", language, asked=asked),
        status=_STATES[decision.text("answer")],
        status_text=" ".join(leads(decision, language)),
        facts=_facts(decision, language),
        changes=(),
    )


def _facts(decision: Record, language: Language) -> Sequence[Fact]:
    capacity = decision.record("capacity")
    case = decision.rows("cases")[0]
    counted = {key: number(case.count(key), language) for key in ("draws", "replications")}
    facts = {
        "capacity": capacity_value(capacity, language),
        "target": _target(capacity, language),
        "profile": _named("load.profile", capacity.text("profile"), language),
        "measured": moment(capacity.text("measured_at"), language),
        "population": number(case.count("population"), language),
        "draws": text("decision.draws_value", language, **counted),
        "version": decision.text("etalon_version"),
    }
    return [
        Fact(text(f"decision.fact_{key}", language), [said]) for key, said in facts.items() if said
    ]


def capacity_value(capacity: Record, language: Language) -> str:
    """Return a capacity with its interval, in journeys a second."""
    held, missed = capacity.figure("held"), capacity.optional_figure("missed")
    ends = {"held": _rate(held, language), "missed": _rate(missed or held, language)}
    key = "decision.capacity_value_open" if missed is None else "decision.capacity_value"
    return text(key, language, **ends)


def _rate(rate: float, language: Language) -> str:
    rounded = float(f"{rate:.3g}")
    return number(rounded, language, fewest_decimals(rounded))


def _target(capacity: Record, language: Language) -> str:
    name = capacity.text("target")
    return text("load.reference_server", language) if name == "embedded" else name


def _named(prefix: str, name: str, language: Language) -> str:
    key = f"{prefix}.{name}"
    return text(key, language) if has_text(key) else name


def _case_table(decision: Record, language: Language) -> Table:
    keys = ("launch", "busiest", "at_held", "at_missed", "draws", "answer")
    rows = [
        [
            case.sentence("title", language),
            span(case.figures("busiest"), language),
            _belief(case.record("at_held"), language),
            _belief(case.record("at_missed"), language),
            number(case.count("draws"), language),
            answer_name(case.text("answer"), language),
        ]
        for case in decision.rows("cases")
    ]
    return _table("cases", keys, rows, language)


def _belief(belief: Record, language: Language) -> str:
    ends = {
        key: probability(belief.figure(key), language, short=True)
        for key in ("value", "low", "high")
    }
    return text("decision.between", language, **ends)


def _wave_table(decision: Record, language: Language) -> Table | None:
    waves = decision.optional_record("waves")
    if waves is None:
        return None
    keys = ("weeks", "last", "busiest", "holds", "answer")
    rows = [
        [
            weeks_name(one.count("weeks"), language),
            long_day(one.day("last_on"), language),
            span(one.figures("busiest"), language),
            _belief(one.record("holds"), language),
            answer_name(one.text("answer"), language),
        ]
        for one in waves.rows("tried")
    ]
    return _table("waves", keys, rows, language)


def _mix_table(decision: Record, language: Language) -> Table:
    launch = decision.rows("cases")[0].record("mix").values
    measured = decision.record("capacity").optional_record("mix")
    held = {} if measured is None else measured.values
    keys = ("journey", "launch_share", "measured_share")
    rows = [
        [
            _named("load.journey", journey, language),
            _share(launch.get(journey), language, known=True),
            _share(held.get(journey), language, known=bool(held)),
        ]
        for journey in sorted({*launch, *held})
    ]
    return _table("mix", keys, rows, language)


def _share(value: object, language: Language, *, known: bool) -> str:
    if not known:
        return EN_DASH
    return percent(float(value) if isinstance(value, int | float) else 0.0, language, 0)


def _sizing_table(sizing: Record, language: Language) -> Table:
    keys = ("what", "low", "value", "high")
    found = {key: sizing.figures(key) for key in _AMOUNTS if sizing.values.get(key)}
    rows = [
        [text(f"decision.sizing.{key}", language), *(count(one, language) for one in amounts)]
        for key, amounts in found.items()
    ]
    return _table("sizing", keys, rows, language)


def _figure_table(sizing: Record, language: Language) -> Table:
    keys = ("what", "low", "value", "high", "certainty", "source")
    rows = [
        [
            text(f"decision.figure.{one.text('key')}", language),
            *(_plain(one.figure(end), language) for end in ("low", "value", "high")),
            text(f"decision.certainty.{one.text('certainty')}", language),
            one.sentence("source", language),
        ]
        for one in sizing.rows("figures")
    ]
    return _table("figures", keys, rows, language)


def _plain(value: float, language: Language) -> str:
    rounded = float(f"{value:.3g}")
    return number(rounded, language, fewest_decimals(rounded, most=6))


def _table(
    name: str, keys: Sequence[str], rows: Sequence[Sequence[str]], language: Language
) -> Table:
    """Return a table whose first and worded columns are text, whose others are figures."""
    note = f"decision.table_{name}_note"
    worded = {"certainty", "source", "answer", "last"}
    return Table(
        title=text(f"decision.table_{name}", language),
        headings=[text(f"decision.column_{key}", language) for key in keys],
        groups=[Group("", rows)],
        note=text(note, language) if has_text(note) else "",
        kinds=["text", *("text" if key in worded else "figure" for key in keys[1:])],
    )


def _assumptions(decision: Record, language: Language) -> Sequence[str]:
    case = decision.rows("cases")[0]
    dispersion = float(f"{case.figure('dispersion'):.2g}")
    values = {
        "block": number(case.count("block_minutes"), language),
        "dispersion": number(dispersion, language, fewest_decimals(dispersion)),
    }
    return [
        text("decision.assumption.journeys", language),
        text("decision.assumption.chance", language, **values),
        *(
            text(f"decision.assumption.{key}", language)
            for key in ("knowledge", "returns", "capacity")
        ),
    ]
