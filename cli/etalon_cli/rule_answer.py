"""Rules and open questions: as JSON, and in the words of a language."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.coverage import checks_by_requirement
from etalon_model.rulebook import FRENCH_MARK
from etalon_text.language import spaced
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_model.policies import OpenQuestion
    from etalon_model.rulebook import Origin, Rule
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_QUESTION_WORDS: Final = ("question", "values", "default", "would_change", "how_to_close")


def rule_text(rule: Rule, language: Language) -> str:
    """Give what a rule says; print the mark of French texts beside it."""
    return spaced(rule.text_fr, "fr") if language == "fr" else rule.text


def reason_text(rule: Rule, language: Language) -> str:
    """Give why nothing enforces a rule here."""
    return spaced(rule.reason_fr, "fr") if language == "fr" else rule.reason


def origin_text(origin: Origin, language: Language) -> dict[str, str]:
    """Give a source by the placeholders of `explain.source`; what is unknown says so."""
    missing = text("explain.missing", language)
    read_at = origin.read_at.replace(" ", "_")
    return {
        "source": spaced(origin.title_fr, "fr") if language == "fr" else origin.title,
        "dated": origin.dated or missing,
        "read_at": text(f"read_at.{read_at}", language) if read_at else missing,
        "link": origin.link or missing,
        "checked": origin.last_checked or missing,
    }


def standing_text(rule: Rule, language: Language) -> str:
    """Give the standing of a rule in a language."""
    return text(f"standing.{rule.standing.replace(' ', '_')}", language)


def question_text(question: OpenQuestion, language: Language) -> dict[str, str]:
    """Give the question, values, default, would_change and how_to_close in a language."""
    ending = "_fr" if language == "fr" else ""
    words = {name: str(getattr(question, name + ending)) for name in _QUESTION_WORDS}
    return {name: spaced(word, language) for name, word in words.items()}


def plain_rule(rule: Rule) -> dict[str, Json]:
    """Give a rule as JSON holds it; an unknown link or date is null, never guessed."""
    return {
        "id": rule.ident,
        "text": rule.text,
        "text_fr": f"{rule_text(rule, 'fr')} ({FRENCH_MARK})",
        "source": rule.source,
        "certainty": rule.certainty,
        "standing": rule.standing,
        "application_alone": rule.rests_on_the_application_alone,
        "origins": [
            {key: value or None for key, value in asdict(origin).items()} for origin in rule.origins
        ],
        "enforced_by": list(rule.enforced_by),
        "tests": list(rule.tests),
        "checks": list(checks_by_requirement().get(rule.ident, ())),
        "reason": rule.reason or None,
        "reason_fr": reason_text(rule, "fr") or None,
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
        "tried": [{"setting": setting, "value": value} for setting, value in question.tried],
        **{f"{name}_fr": value for name, value in question_text(question, "fr").items()},
    }
