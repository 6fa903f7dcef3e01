"""The page of a differential comparison: who differs from whom, and the shortest way to see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etalon_reports.cover import Cover, Fact
from etalon_reports.load.load_page import write_in_both
from etalon_reports.record import read_record
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from etalon_reports.record import Record
    from etalon_text.language import Language

_FILE: Final = "differential.json"
_STATES: Final = {"alike": "complete", "different": "failed", "not-known": "partial"}
_MARKS: Final = {"alike": "pass", "different": "fail", "not-known": "inconclusive"}
_COUNTS: Final = ("sequences", "calls", "situations", "either", "unknown", "unsteady")


def draw_differential(directory: Path, language: Language) -> Path:
    """Write the page in both languages and return the one in `language`, `report.html`.

    Raises:
        RunFileError: The file is missing, truncated or not as published.
        OSError: A page cannot be written.
    """
    record = read_record(directory / _FILE)
    return write_in_both(
        directory,
        "conformance_differential.html",
        language,
        lambda spoken: _content(record, spoken),
        lambda spoken: _source(record, spoken),
    )


def difference_lines(record: Record, language: Language) -> Iterator[str]:
    """Yield what a comparison came to, in lines for the console."""
    yield _answer(record, language)
    yield _counted(record, language)
    for one in record.rows("differences"):
        yield ""
        yield f"{_standing(one, language)} ({one.text('rule') or '-'})"
        yield from (f"  {rank}. {call}" for rank, call in enumerate(one.texts("calls"), 1))
        for who, said in _said(record, one, language):
            yield f"  {who} → {said}"
    yield ""


def _source(record: Record, language: Language) -> Callable[[str], str]:
    version = record.text("etalon_version")
    return lambda file: text("differential.source", language, file=file, version=version)


def _content(record: Record, language: Language) -> dict[str, Any]:
    answer = record.text("answer")
    return {
        "cover": _cover(record, language),
        "mark": _MARKS[answer],
        "answer": text(f"differential.answer-{answer}", language),
        "counted": _counted(record, language),
        "differences": [
            {
                "standing": _standing(one, language),
                "rule": one.text("rule"),
                "text": one.sentence("text", language),
                "calls": one.texts("calls"),
                "said": _said(record, one, language),
            }
            for one in record.rows("differences")
        ],
    }


def _cover(record: Record, language: Language) -> Cover:
    names = {key: record.text(key) for key in ("first", "second")}
    facts = [
        Fact(text(f"differential.fact_{key}", language), [said]) for key, said in names.items()
    ]
    facts += [
        Fact(text(f"differential.fact_{key}", language), [number(record.count(key), language)])
        for key in ("seed", *_COUNTS)
    ]
    return Cover(
        kind=text("differential.kind", language),
        title=text("differential.title", language, **names),
        question=text("differential.question", language),
        status=_STATES[record.text("answer")],
        status_text=_answer(record, language),
        facts=facts,
        changes=(),
    )


def _answer(record: Record, language: Language) -> str:
    met = record.record("met")
    if record.text("answer") == "not-known":
        problem = record.text("stopped") or "-"
        return text("differential.lead-not-known", language, problem=problem)
    if record.text("answer") == "alike":
        return text("differential.lead-alike", language)
    suspect = met.count("model-suspect")
    others = sum(met.count(key) for key in ("first-wrong", "second-wrong", "both-wrong"))
    leads = [
        text(f"differential.lead-{key}", language, count=number(count, language))
        for key, count in (("different", others), ("suspect", suspect))
        if count
    ]
    return " ".join(leads)


def _counted(record: Record, language: Language) -> str:
    counts = {key: number(record.count(key), language) for key in _COUNTS}
    return text("differential.counted", language, **counts)


def _standing(one: Record, language: Language) -> str:
    return text(f"differential.standing-{one.text('standing')}", language)


def _said(record: Record, one: Record, language: Language) -> list[tuple[str, str]]:
    """Return who answered what to the last call, the model last."""
    whos = (record.text("first"), record.text("second"), text("differential.model", language))
    return [
        (who, _told(one.record(key), language))
        for who, key in zip(whos, ("first", "second", "model"), strict=True)
    ]


def _told(said: Record, language: Language) -> str:
    accepted = said.flag("accepted")
    if accepted is None:
        return text("differential.said-unknown", language)
    if not accepted:
        return text("differential.said-refused", language)
    if said.values.get("documents") is None:
        return text("differential.said-accepted", language)
    listed = ", ".join(f"#{one}" if one != "0" else "?" for one in said.texts("documents"))
    key = "differential.said-listed" if listed else "differential.said-nothing"
    return text(key, language, listed=listed)
