"""Sentences of a simulation report that depend on what the run found."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.headlines import headlines, life_shares
from etalon_reports.proportions import Proportion
from etalon_reports.rounding import about, short_euros
from etalon_text.number_formats import number, percent, supported_decimals
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.headlines import Headline
    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_ENOUGH_DRAWS: Final = 32
_MEANT_FOR_THE_MACHINE: Final = ("--out", "--workers", "--cluster", "--lang")
_FLAGS_OF_THE_MACHINE: Final = ("--json", "--resume")


class Card(NamedTuple):
    """One figure put forward.

    Attributes:
        value: The figure, rounded to what it supports.
        label: What it counts.
        of: Its denominator, or what it is scaled to.
        range: Its interval of knowledge, in words; empty when it has none.
    """

    value: str
    label: str
    of: str
    range: str


def headline_cards(files: RunFiles, records: int, language: Language) -> list[Card]:
    """Return the figures of the first screen; `records` were opened on request.

    A run of years shows the share of spaces that somebody entered, where one of a campaign shows
    the share of people who activated theirs in answer to its notices.
    """
    entered = {found.key: found for found in life_shares(files)}.get("entered")
    rates = [headline for headline in headlines(files) if headline.key != "closure_rate"]
    if entered is not None:
        rates = [entered if rate.key == "activation_rate" else rate for rate in rates]
    cards = [_rate_card(headline, language) for headline in rates]
    if not files.opens_by_silence:
        cards.append(_records_card(files, records, language))
    if files.summary.record("cost_eur").figure("total"):
        cards.append(_cost_card(files, language))
    return cards


def _rate_card(headline: Headline, language: Language) -> Card:
    label = text(f"headline.{headline.key}", language)
    name = text(headline.denominator_name, language)
    of = text("headline.of_denominator", language, denominator=name)
    bounds = headline.intervals.get("knowledge")
    said = text("headline.knowledge_missing", language)
    if bounds:
        decimals = max(supported_decimals(bounds[0] * 100, bounds[1] * 100), 0)
        low, high = (percent(end, language, decimals) for end in bounds)
        said = text("headline.knowledge_between", language, low=low, high=high)
    return Card(headline.written(language), label, of, said)


def _records_card(files: RunFiles, records: int, language: Language) -> Card:
    population = Proportion(records, files.summary.count("population"))
    return Card(
        value=number(about(records / files.scope, 2), language),
        label=text("headline.records", language),
        of=text("headline.records_of", language, share=percent(population.value, language, 1)),
        range=text("headline.knowledge_missing", language),
    )


def _cost_card(files: RunFiles, language: Language) -> Card:
    total = files.summary.record("cost_eur").figure("total") / files.scope
    note = "headline.cost_note" if files.is_sample else "headline.cost_note_full"
    bounds = files.knowledge_bounds("cost_eur")
    said = text("headline.knowledge_missing", language)
    if bounds:
        low, high = (short_euros(end / files.scope, language) for end in bounds)
        said = text("headline.knowledge_between", language, low=low, high=high)
    label = text("headline.cost", language)
    return Card(short_euros(total, language), label, text(note, language), said)


def headline_remarks(files: RunFiles, language: Language) -> list[str]:
    """Return what the reader must know of the intervals of this run."""
    found: list[str] = []
    if files.is_sample:
        people = number(files.summary.count("population"), language)
        found.append(text("headlines.sample", language, people=people))
    there, told = files.summary.count("population"), files.summary.count("notified")
    if told > there:
        values = {"people": number(there, language), "told": number(told, language)}
        found.append(text("headlines.births", language, **values))
    draws = number(files.draws, language)
    if files.from_checkpoint:
        return [*found, text("headlines.from_checkpoint", language)]
    if files.knowledge is None or not files.draws:
        return [*found, text("headlines.no_draws", language)]
    requested = files.knowledge.count("draws_requested")
    if files.draws < requested:
        values = {"draws": draws, "requested": number(requested, language)}
        found.append(text("headlines.unfinished_draws", language, **values))
    if files.draws < _ENOUGH_DRAWS:
        found.append(text("headlines.few_draws", language, draws=draws))
    return found


def assumption_lines(files: RunFiles, language: Language) -> list[str]:
    """Return how many parameters are assumed, and that départements are not told apart."""
    certainties = [row.text("certainty") for row in files.scenario.rows("parameters")]
    counts = {"total": len(certainties), "assumed": certainties.count("assumption")}
    written = {name: number(count, language) for name, count in counts.items()}
    return [
        text("assumptions.lead", language, **written),
        text("assumptions.departments", language),
    ]


def command_line(run: Record, seed: int) -> str:
    """Return the command that repeats a run, without what depends on the machine or the page."""
    kept: list[str] = []
    arguments = iter(run.texts("arguments"))
    for argument in arguments:
        name = argument.partition("=")[0]
        if name in _MEANT_FOR_THE_MACHINE:
            if "=" not in argument:
                next(arguments, None)
        elif name not in _FLAGS_OF_THE_MACHINE:
            kept.append(argument)
    if "--seed" not in kept:
        kept += ["--seed", str(seed)]
    return shlex.join(["etalon", run.text("command"), *kept])
