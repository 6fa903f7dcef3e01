"""The note of a comparison: what the policies change, what they cost, which law they suppose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.amounts import amount, written_value
from etalon_reports.comparison_answer import comparison_answer, difference_phrase
from etalon_reports.comparison_files import read_comparison
from etalon_reports.comparison_report import comparison_command, comparison_cover, remark_of_the_end
from etalon_reports.difference_figures import difference_figure
from etalon_reports.note_words import NoteWords, assumed, sentence
from etalon_reports.policy_curves_figure import policy_curves_figure
from etalon_reports.tables import Group, Table
from etalon_text.language import semicolons
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_reports.figure_block import FigureBlock
    from etalon_text.language import Language

_COLUMNS: Final = ("informed_rate", "opened_uninformed_rate", "opt_out_rate", "cost_eur")
_FEW_POLICIES: Final = 5
_DIGEST_SHOWN: Final = 16


def comparison_words(directory: Path, language: Language) -> NoteWords:
    """Return the words of the note.

    Raises:
        RunFileError: A result file is missing or not as published.
    """
    files = read_comparison(directory)
    cover, base = comparison_cover(files, language), files.base_run()
    return NoteWords(
        title=cover.title,
        question=cover.question,
        answer=comparison_answer(files, language),
        warnings=[
            *([] if cover.status == "complete" else [cover.status_text]),
            *remark_of_the_end(files, language),
        ],
        table=_table(files, language),
        rests_on=[_pairs(files, language), *assumed(base, language)],
        law=_law(files, language),
        cost=_cost(files, language),
        commands=[comparison_command(files)],
        made_by=text(
            "note.made_by",
            language,
            version=files.run.text("etalon_version"),
            seed=str(files.comparison.count("seed")),
            digest=files.base.row.text("ledger_digest")[:_DIGEST_SHOWN],
        ),
    )


def comparison_figure(directory: Path, language: Language) -> FigureBlock:
    """Return the figure of the note: the differences, else the curves.

    Raises:
        RunFileError: A result file is missing or not as published.
    """
    files = read_comparison(directory)
    shown = _COLUMNS if len(files.others) <= _FEW_POLICIES else _COLUMNS[:2]
    return difference_figure(files, language, shown) or policy_curves_figure(files, language)


def _table(files: ComparisonFiles, language: Language) -> Table:
    measures = [files.measures[key] for key in _COLUMNS if key in files.measures]
    first = [written_value(files.figure(files.base, m.key), m.unit, language) for m in measures]
    rows = [[text("note.reference", language, policy=files.base.title(language)), *first]]
    rows += [
        [
            policy.title(language),
            # The interval on a line of its own.
            *(
                difference_phrase(files, policy, m.key, language).replace(" (", "\n(")
                for m in measures
            ),
        ]
        for policy in files.others
    ]
    return Table(
        title=text("differences.title", language, base=files.base.title(language)),
        headings=[
            text("column.policy", language),
            *(measure.label(language) for measure in measures),
        ],
        groups=[Group("", rows)],
        note=text("note.compared_note", language),
        kinds=["text", *("figure" for _ in measures)],
    )


def _pairs(files: ComparisonFiles, language: Language) -> str:
    knowledge, chance = (files.comparison.record(kind) for kind in ("knowledge", "chance"))
    values = {
        "people": files.comparison.count("population"),
        "draws": knowledge.count("draws"),
        "each": knowledge.count("population_per_draw"),
        "replications": chance.count("replications"),
    }
    written = {name: number(count, language) for name, count in values.items()}
    return text("note.pairs", language, **written)


def _law(files: ComparisonFiles, language: Language) -> list[str]:
    """Return the texts each policy supposes changed; those under current law on one line."""
    changing = [policy for policy in files.others if policy.departures(language)]
    keeping = [policy.title(language) for policy in files.others if policy not in changing]
    lines = [
        text(
            "note.law_of",
            language,
            policy=policy.title(language),
            law=semicolons(policy.departures(language), language),
        )
        for policy in changing
    ]
    if keeping:
        current = text("law.current", language)
        law = current[:1].lower() + current[1:]
        lines.append(text("note.law_of", language, policy=", ".join(keeping), law=law))
    return [sentence(line) for line in lines]


def _cost(files: ComparisonFiles, language: Language) -> list[str]:
    found = files.figure(files.base, "cost_eur")
    if found is None:
        return [text("note.prices", language)]
    total = amount(found.value, "EUR", language)
    if found.knowledge:
        low, high = (amount(end, "EUR", language) for end in found.knowledge)
        span = text("difference.span", language, low=low, high=high)
        total = text("note.with_range", language, value=total, range=span)
    base = files.base.title(language)
    said = semicolons(
        (
            text(
                "note.extra_cost",
                language,
                policy=policy.title(language),
                cost=difference_phrase(files, policy, "cost_eur", language),
            )
            for policy in files.others
        ),
        language,
    )
    lead = text("note.cost_compared", language, base=base, total=total, others=said)
    return [lead, text("note.prices", language)]
