"""`etalon explain`: one rule of the model, with all that this project knows of it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.rule_answer import (
    origin_text,
    plain_rule,
    question_text,
    reason_text,
    rule_text,
    standing_text,
)
from etalon_cli.stopping import because
from etalon_conformance.coverage import checks_by_requirement
from etalon_model.rulebook import FRENCH_MARK, rulebook
from etalon_text.certainty import certainty_text
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from etalon_model.rulebook import Rule
    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    rules = {rule.ident: rule for rule in rulebook()}
    wanted = str(options.id).upper()
    if wanted not in rules:
        nearest = next(iter(get_close_matches(wanted, rules, n=1)), "-")
        raise because(reason="rule_unknown", found=options.id, nearest=nearest)
    if options.json:
        print_json(plain_rule(rules[wanted]))
        return ExitCode.DONE
    for line in _lines(rules[wanted], language):
        print_result(line)
    return ExitCode.DONE


def _lines(rule: Rule, language: Language) -> Iterator[str]:
    yield text("explain.says", language, ident=rule.ident, says=rule_text(rule, language))
    if language == "fr":
        yield f"({FRENCH_MARK})"
    yield text("explain.standing", language, standing=standing_text(rule, language))
    if rule.rests_on_the_application_alone:
        yield text("explain.application_alone", language)
    certainty = certainty_text(rule.certainty, language)
    yield text("explain.certainty", language, certainty=certainty)
    for origin in rule.origins:
        yield text("explain.source", language, **origin_text(origin, language))
    for name, by_vintage in rule.values().items():
        values = ", ".join(f"{vintage} {value}" for vintage, value in by_vintage.items())
        yield text("explain.value", language, name=name, values=values)
    yield from _held(rule, language)
    for one in rule.questions:
        words = question_text(one, language)
        asked = {**words, "default": words["default"].replace("|", ", ")}
        yield text("explain.question", language, ident=one.ident, **asked)


def _held(rule: Rule, language: Language) -> Iterator[str]:
    """Say what enforces the rule and what shows it, or why nothing does."""
    for function in rule.enforced_by:
        yield text("explain.enforced", language, function=function)
    if not rule.enforced_by:
        yield text("explain.not_enforced", language)
    if rule.reason:
        yield text("explain.reason", language, reason=reason_text(rule, language))
    for test in rule.tests:
        yield text("explain.shown", language, test=test)
    for check in checks_by_requirement().get(rule.ident, ()):
        yield text("explain.checked", language, check=check)
