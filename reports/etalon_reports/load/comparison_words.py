"""What the comparison of two load runs says, in sentences and in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.load.amounts import duration, latency, share, shares, step_name
from etalon_text.language import NO_BREAK, semicolons
from etalon_text.number_formats import MINUS, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_text.language import Language

_ENDS: Final = ("before", "after")
_TENFOLD: Final = 10


def change_sentences(found: Record, language: Language) -> Sequence[str]:
    """Say what changed, with its interval, then what a reader must know beside it."""
    return [_lead(found, language), *_beside(found, language)]


def _lead(found: Record, language: Language) -> str:
    if found.flag("invalid"):
        return text("load.change_invalid", language)
    if found.record("errors").text("change") == "regression":
        return _errors(found, language)
    whole = found.record("whole")
    values = {
        "change": change(whole.figure("ratio"), language),
        "interval": changes(whole.figure("low"), whole.figure("high"), language),
        "level": percent(found.figure("level"), language, 0),
        "before": latency(whole.record("before").figure("mean_us"), language),
        "after": latency(whole.record("after").figure("mean_us"), language),
        "tolerance": percent(found.figure("tolerance"), language, 0),
    }
    return text(f"load.change_{found.text('change')}", language, **values)


def _errors(found: Record, language: Language) -> str:
    errors = found.record("errors")
    values = {"level": percent(found.figure("level"), language, 0)}
    for end in _ENDS:
        one = errors.record(end)
        values[end] = share(one.figure("share"), language)
        values[f"{end}_interval"] = shares(one.figure("low"), one.figure("high"), language)
    return text("load.change_errors", language, **values)


def _beside(found: Record, language: Language) -> Sequence[str]:
    """Return what latency alone does not tell: answers that fail or are wrong more often."""
    said: list[str] = []
    for key in ("failed", "wrong"):
        before, after = (_share_of(found.record(end), key) for end in _ENDS)
        if before != after:
            values = {"before": share(before, language), "after": share(after, language)}
            said.append(text(f"load.change_{key}", language, **values))
    slower = [one for one in found.rows("steps") if one.text("change") == "regression"]
    if slower and found.text("change") != "regression":
        named = semicolons(
            (step_name(one.text("journey"), one.text("step"), language) for one in slower), language
        )
        said.append(text("load.change_steps", language, named=named))
    return said


def _share_of(run: Record, key: str) -> float:
    totals = run.record("totals")
    sent = totals.count("sent")
    return totals.count(key) / sent if sent else 0.0


def change(ratio: float, language: Language) -> str:
    """Return a ratio as a change in per cent with its sign; tenfold and more as a factor."""
    if ratio >= _TENFOLD:
        return f"\u00d7{NO_BREAK}{number(ratio, language)}"
    moved = ratio - 1
    places = 0 if abs(moved) >= 1 else 1
    return f"{MINUS if moved < 0 else '+'}{percent(abs(moved), language, places)}"


def changes(low: float, high: float, language: Language) -> str:
    """Return an interval of ratios as changes: from +9.8 % to +15.1 %."""
    ends = {"low": change(low, language), "high": change(high, language)}
    return text("load.change_interval", language, **ends)


def step_rows(found: Record, language: Language) -> Sequence[Sequence[str]]:
    """Return headings, then a row for all requests together and one for each step."""
    keys = ("named_step", "mean_before", "mean_after", "change", "interval", "says")
    level = percent(found.figure("level"), language, 0)
    headings = [text(f"load.column_{key}", language, level=level) for key in keys]
    whole = [text("load.all_requests", language), *_cells(found.record("whole"), language)]
    steps = [
        [step_name(one.text("journey"), one.text("step"), language), *_cells(one, language)]
        for one in found.rows("steps")
    ]
    return [headings, whole, *steps]


def _cells(one: Record, language: Language) -> Sequence[str]:
    return [
        *(latency(one.record(end).figure("mean_us"), language) for end in _ENDS),
        change(one.figure("ratio"), language),
        changes(one.figure("low"), one.figure("high"), language),
        text(f"load.says.{one.text('change')}", language),
    ]


def blocks_words(found: Record, language: Language) -> str:
    """Say how the comparison is made: as many blocks, of such a length."""
    values = {
        "blocks": number(found.record("whole").count("blocks"), language),
        "length": duration(found.figure("block_seconds"), language),
        "level": percent(found.figure("level"), language, 0),
        "tolerance": percent(found.figure("tolerance"), language, 0),
    }
    return text("load.comparison_note", language, **values)
