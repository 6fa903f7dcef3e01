"""What a run answers, in a sentence: on the first page of its report, and in its note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.daily_counts import daily_counts
from etalon_reports.headlines import headlines, life_shares, written_interval
from etalon_reports.rounding import about
from etalon_text.number_formats import long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.headlines import Headline
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_FIGURES_OF_A_FORECAST: Final = 2
"""Digits of a count whose interval the run does not hold."""


def run_answer(files: RunFiles, language: Language) -> str:
    """Return the answer: the opt-out rate, or what was opened on request, with its range."""
    rates = {found.key: found for found in headlines(files)}
    objected = rates.get("opt_out_rate")
    if objected is None:
        records = sum(daily_counts(files.daily).counts["legacy_created"])
        share = records / files.summary.count("population")
        values = {"records": number(about(records / files.scope, _FIGURES_OF_A_FORECAST), language)}
        return text("note.answer_opt_in", language, share=percent(share, language, 1), **values)
    values = {
        "notified": number(about(objected.denominator / files.scope), language),
        "rate": objected.written(language),
        "range": _range(objected, language),
    }
    uninformed = rates.get("opened_uninformed_rate")
    if uninformed is None:
        return text("note.answer_rate", language, **values)
    opened = number(
        about(files.summary.count("auto_created") / files.scope, _FIGURES_OF_A_FORECAST), language
    )
    values |= {"opened": opened, "share": uninformed.written(language)}
    answer = text("note.answer_silence", language, **values)
    return f"{answer} {_life(files, language)}".rstrip()


def _life(files: RunFiles, language: Language) -> str:
    """Say what became of open spaces, when the run counted it."""
    shares = {found.key: found for found in life_shares(files)}
    if not {"entered", "with_one_document"} <= set(shares):
        return ""
    entered, holding = shares["entered"], shares["with_one_document"]
    return text(
        "note.answer_life",
        language,
        day=long_day(files.last_day_on, language),
        entered=entered.written(language),
        entered_range=_range(entered, language),
        holding=holding.written(language),
        holding_range=_range(holding, language),
    )


def _range(found: Headline, language: Language) -> str:
    bounds = found.intervals.get("knowledge")
    if bounds is None:
        return text("note.no_range", language)
    return text("note.range", language, range=written_interval(bounds, language))
