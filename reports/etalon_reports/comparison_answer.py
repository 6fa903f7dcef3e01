"""What a comparison answers, in a sentence: on the first page of its report, and in its note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_reports.amounts import written_bounds, written_difference
from etalon_text.number_formats import EN_DASH, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.comparison_files import ComparisonFiles, Policy
    from etalon_text.language import Language


def comparison_answer(files: ComparisonFiles, language: Language) -> str:
    """Return the answer: the policy that informs most people, or that none informs more."""
    base = files.base.title(language)
    if len(files.others) == 1:
        said = {
            key: difference_phrase(files, files.others[0], measure, language)
            for key, measure in (
                ("informed", "informed"),
                ("opposed", "opposed"),
                ("cost", "cost_eur"),
            )
        }
        policy = files.others[0].title(language)
        return text("note.answer_one", language, policy=policy, base=base, **said)
    gains = [
        (change.value, policy)
        for policy in files.others
        if (change := files.difference(policy, "informed"))
        and change.distinguishable is not False
        and change.value > 0
    ]
    if not gains:
        return text("note.answer_none", language, base=base)
    best = max(gains, key=lambda gain: gain[0])[1]
    return text(
        "note.answer_best",
        language,
        base=base,
        policy=best.title(language),
        informed=difference_phrase(files, best, "informed", language),
        cost=difference_phrase(files, best, "cost_eur", language),
        count=number(len(files.others), language),
    )


def difference_phrase(
    files: ComparisonFiles, policy: Policy, measure: str, language: Language
) -> str:
    """Return a difference with its interval of knowledge, in one phrase."""
    change = files.difference(policy, measure)
    if change is None:
        return EN_DASH
    unit = files.measures[measure].unit
    written = written_difference(change, unit, language)
    if change.knowledge is None:
        return written
    span = written_bounds(change.knowledge, unit, language)
    return text("note.with_range", language, value=written, range=span)
