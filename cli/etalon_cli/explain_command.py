"""`etalon explain`: one rule of the model, its sources and the functions that enforce it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.stopping import because
from etalon_model.rules import enforcers
from etalon_model.tables import rows_of
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    rules = {row["id"]: row for row in rows_of("rules.csv")}
    wanted = str(options.id).upper()
    if wanted not in rules:
        nearest = next(iter(get_close_matches(wanted, rules, n=1)), "-")
        raise because(reason="rule_unknown", found=options.id, nearest=nearest)
    rule, functions = rules[wanted], enforcers().get(wanted, ())
    sources = _sources(rule["source"])
    if options.json:
        print_json({**rule, "sources": sources, "enforced_by": list(functions)})
        return ExitCode.DONE
    print_result(f"{wanted}: {rule['text']}")
    for source in sources:
        print_result(text("explain.source", language, source=source))
    print_result(text("explain.certainty", language, certainty=rule["certainty"]))
    for function in functions:
        print_result(text("explain.enforced", language, function=function))
    if not functions:
        print_result(text("explain.not_enforced", language))
    return ExitCode.DONE


def _sources(keys: str) -> list[str]:
    """Write out the sources that a rule cites by key; what is no key stands as it is."""
    known = {row["key"]: f"{row['title']} ({row['dated']})" for row in rows_of("sources.csv")}
    return [known.get(key, key) for key in keys.split("; ")]
