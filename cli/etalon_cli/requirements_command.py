"""`etalon conformance requirements`, and its `diff`."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.help_texts import value_name
from etalon_cli.packed_suites import requirements_named, suite_named
from etalon_cli.requirement_answer import (
    change_text,
    plain_change,
    plain_requirement,
    plain_suite,
    requirement_lines,
    requirement_row,
)
from etalon_cli.stopping import because
from etalon_conformance.requirement_changes import Kind, changes, digests_in, stale
from etalon_conformance.requirements import CURRENT
from etalon_conformance.suites import denominator, requirements_of, suites
from etalon_model.rulebook import FRENCH_MARK
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from etalon_conformance.requirements import Requirement
    from etalon_conformance.suites import Suite
    from etalon_text.language import Language

_COLUMNS: Final = ("ident", "level", "actor", "standing", "may_fail", "says")
_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of a file of verdicts; a larger one is none of ours."""


def run(verb: str, options: Namespace, language: Language) -> int:
    """Carry out one verb and give its exit code."""
    return _diff(options, language) if verb == "diff" else _requirements(options, language)


def _requirements(options: Namespace, language: Language) -> int:
    name = options.requirement_set or CURRENT
    known = requirements_named(name, "--requirement-set")
    suite = suite_named(options.suite) if options.suite else None
    held = tuple(known.values()) if suite is None else requirements_of(suite.name, known)
    if options.requirement:
        held = (_one(str(options.requirement), {one.ident: one for one in held}),)
    if options.json:
        shown = suites().values() if suite is None else (suite,)
        print_json(
            {
                "set": name,
                "suites": [plain_suite(one, requirements_of(one.name, known)) for one in shown],
                "requirements": [plain_requirement(one) for one in held],
            }
        )
        return ExitCode.DONE
    if options.requirement:
        for line in requirement_lines(held[0], language):
            print_result(line)
        return ExitCode.DONE
    if suite is not None:
        _print_suite(suite, held, language)
    if language == "fr":
        print_result(f"({FRENCH_MARK})")
    heads = [text(f"requirements.{column}", language) for column in _COLUMNS]
    print_columns([heads, *(requirement_row(one, language) for one in held)])
    if suite is None:
        _print_suites(known, language)
    return ExitCode.DONE


def _print_suite(suite: Suite, held: Sequence[Requirement], language: Language) -> None:
    print_result(f"{suite.name} · {suite.title[language]}")
    print_result(_counts(held, language))
    if suite.thin[language]:
        print_result(suite.thin[language])
    print_result("")
    print_result(text("requirements.prerequisites", language))
    for wanted in suite.prerequisites:
        print_result(f"- {wanted[language]}")
    print_result("")
    print_result(text("requirements.profile", language))
    for line in suite.profile.splitlines():
        print_result(f"    {line}".rstrip())
    print_result("")


def _print_suites(known: Mapping[str, Requirement], language: Language) -> None:
    print_result("")
    print_result(text("requirements.suites", language))
    rows = [
        (one.name, _counts(requirements_of(one.name, known), language), one.title[language])
        for one in suites().values()
    ]
    print_columns(rows)


def _counts(held: Sequence[Requirement], language: Language) -> str:
    counts = denominator(tuple(held))
    return text(
        "requirements.counts",
        language,
        requirements=counts.requirements,
        binding=counts.binding,
        untested=counts.untested,
    )


def _diff(options: Namespace, language: Language) -> int:
    old = requirements_named(options.old, value_name("OLD", language))
    new = requirements_named(options.new, value_name("NEW", language))
    found = changes(old, new)
    outdated = stale(_digests(Path(options.verdicts)), new) if options.verdicts else ()
    if options.json:
        print_json(
            {
                "old": options.old,
                "new": options.new,
                "changes": [plain_change(change) for change in found],
                "stale": list(outdated) if options.verdicts else None,
            }
        )
    else:
        for change in found:
            print_result(change_text(change, old, new, language))
        tally = {kind.name.lower(): sum(one.kind is kind for one in found) for kind in Kind}
        print_result(text("requirements.changed", language, **tally))
        if options.verdicts:
            listed = ", ".join(outdated) or text("requirements.nothing", language)
            print_result(text("requirements.stale", language, listed=listed))
    return ExitCode.NO if outdated else ExitCode.DONE


def _one(typed: str, known: Mapping[str, Requirement]) -> Requirement:
    # Assertions end in a small letter now and then: W-REC-05a.
    found = {ident.casefold(): one for ident, one in known.items()}.get(typed.casefold())
    if found is None:
        nearest = next(iter(get_close_matches(typed.upper(), known, n=1)), "-")
        raise because(reason="requirement_unknown", found=typed, nearest=nearest)
    return found


def _digests(file: Path) -> Mapping[str, str]:
    """Return what each requirement was when it was judged, as a file of verdicts holds it.

    Raises:
        Stopped: It cannot be read, or holds no digests.
    """
    try:
        with file.open("rb") as opened:
            return digests_in(opened.read(_LARGEST))
    except OSError as error:
        raise because(reason="verdicts_file", file=file, problem=error.strerror) from error
    except ValueError as error:
        raise because(reason="verdicts_shape", file=file) from error
