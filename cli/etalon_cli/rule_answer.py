"""Rules and open questions as JSON, and the words of a rule in a language."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from etalon_model.rulebook import FRENCH_MARK

if TYPE_CHECKING:
    from etalon_model.policies import OpenQuestion
    from etalon_model.rulebook import Rule
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language


def rule_text(rule: Rule, language: Language) -> str:
    """Give what a rule says; print the mark of French texts beside it."""
    return rule.text_fr if language == "fr" else rule.text


def plain_rule(rule: Rule) -> dict[str, Json]:
    """Give a rule as JSON holds it; an unknown link or date is null, never guessed."""
    return {
        "id": rule.ident,
        "text": rule.text,
        "text_fr": f"{rule.text_fr} ({FRENCH_MARK})",
        "source": rule.source,
        "certainty": rule.certainty,
        "standing": rule.standing,
        "application_alone": rule.rests_on_the_application_alone,
        "origins": [
            {key: value or None for key, value in asdict(origin).items()} for origin in rule.origins
        ],
        "enforced_by": list(rule.enforced_by),
        "tests": list(rule.tests),
        "checks": list(rule.checks),
        "reason": rule.reason or None,
        "values": cast("Json", rule.values()),
        "questions": [question.ident for question in rule.questions],
    }


def plain_question(question: OpenQuestion) -> dict[str, Json]:
    """Give an open question as JSON holds it."""
    return {
        "id": question.ident,
        "kind": question.kind,
        "form": question.form,
        "question": question.question,
        "settings": list(question.settings),
        "values": question.values,
        "default": question.default,
        "rules": list(question.rules),
        "would_change": question.would_change,
        "how_to_close": question.how_to_close,
        "source": question.source,
        "certainty": question.certainty,
    }
