"""`etalon conformance verify`: whether a run is what was signed, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.key_places import default_list
from etalon_cli.signing import printable, the_run, told, trusted_signers
from etalon_conformance.bad_files import BadFileError
from etalon_conformance.dossiers import read_verdicts, verify
from etalon_conformance.manifest import REDRAWN
from etalon_conformance.statements import Seal
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator
    from pathlib import Path

    from etalon_conformance.contests import Contest
    from etalon_conformance.dossiers import Verdicts, Verification
    from etalon_conformance.manifest import Differences
    from etalon_conformance.signatures import Signature
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_MOST_NAMED = 20
"""Files named of each kind on the terminal; `--json` names all."""


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    directory = the_run(options.run)
    trusted = trusted_signers(options.trusted, language)
    with told(directory, language):
        found = verify(directory, trusted)
    answer = _answer(found)
    if options.json:
        print_json({"answer": answer, **_plain(found)})
    else:
        for line in _lines(directory, found, language):
            print_result(line)
        listed = options.trusted or default_list()
        print_result(text(f"verify.{answer}", language, file=listed))
    return _EXIT_CODES[answer]


_EXIT_CODES = {
    "intact": ExitCode.DONE,
    "altered": ExitCode.NO,
    "unsigned": ExitCode.NO,
    "unknown": ExitCode.NO_ANSWER,
}


def _answer(found: Verification) -> str:
    if found.altered:
        return "altered"
    if not found.signatures:
        return "unsigned"
    return "intact" if found.trusted else "unknown"


def _lines(directory: Path, found: Verification, language: Language) -> Iterator[str]:
    verdicts = _verdicts(directory)
    if verdicts is not None:
        yield text(
            "verify.run",
            language,
            run=directory,
            target=printable(verdicts.target) or "-",
            suite=printable(verdicts.suite) or "-",
            status=printable(verdicts.status) or "-",
            code="-" if verdicts.exit_code is None else verdicts.exit_code,
        )
    for path in found.unreadable:
        yield text("verify.unreadable", language, file=printable(path))
    for signature in found.signatures:
        yield from _signature_lines(signature, language)
    for contest in found.contests:
        yield from _contest_lines(contest, language)
    if found.signatures and (directory / REDRAWN).exists():
        yield text("verify.redrawn", language, folder=directory / REDRAWN)


def _verdicts(directory: Path) -> Verdicts | None:
    """Return what a run concluded; None where it is no run of conformance."""
    try:
        return read_verdicts(directory)
    except (BadFileError, OSError):
        return None


def _signature_lines(one: Signature, language: Language) -> Iterator[str]:
    said = {"file": one.file, "by": one.by, "role": one.role, "at": one.at}
    yield text("verify.signature", language, **{k: printable(v) for k, v in said.items()})
    yield _seal_line(one.seal, one.holder, one.fingerprint, language)
    differing = one.differing
    if not differing:
        yield text("verify.same", language, files=one.files)
    for kind, paths in _by_kind(differing).items():
        for path in paths[:_MOST_NAMED]:
            yield text(f"verify.{kind}", language, file=printable(path))
        if (more := len(paths) - _MOST_NAMED) > 0:
            yield text("verify.more", language, count=more)


def _contest_lines(one: Contest, language: Language) -> Iterator[str]:
    verdicts = ", ".join(f"{each.check}: {each.verdict}" for each in one.verdicts)
    yield text(
        "verify.contest",
        language,
        file=one.file,
        requirement=printable(one.requirement),
        verdicts=printable(verdicts),
        by=printable(one.by),
        at=printable(one.at),
        reason=printable(one.reason),
    )
    if one.seal is Seal.UNSIGNED:
        yield text("verify.contest_unsigned", language)
    else:
        yield _seal_line(one.seal, one.holder, one.fingerprint, language)
    if not one.of_this_run:
        yield text("verify.contest_elsewhere", language)


def _seal_line(seal: Seal, holder: str, fingerprint: str, language: Language) -> str:
    named = {"holder": printable(holder), "fingerprint": printable(fingerprint)}
    return text(f"verify.seal_{seal}", language, **named)


def _by_kind(differing: Differences) -> dict[str, tuple[str, ...]]:
    return {
        "changed": differing.changed,
        "added": differing.added,
        "removed": differing.removed,
    }


def _plain(found: Verification) -> dict[str, Json]:
    return {
        "signatures": [
            {
                "file": one.file,
                "by": one.by,
                "role": one.role,
                "at": one.at,
                "holder": one.holder,
                "fingerprint": one.fingerprint,
                "signer": one.seal,
                "files": one.files,
                "intact": one.intact,
                **{kind: list(paths) for kind, paths in _by_kind(one.differing).items()},
            }
            for one in found.signatures
        ],
        "contests": [
            {
                "file": one.file,
                "requirement": one.requirement,
                "verdicts": [
                    {"check": each.check, "wire": each.wire, "verdict": each.verdict}
                    for each in one.verdicts
                ],
                "by": one.by,
                "reason": one.reason,
                "at": one.at,
                "holder": one.holder or None,
                "fingerprint": one.fingerprint or None,
                "signer": one.seal,
                "of_this_run": one.of_this_run,
            }
            for one in found.contests
        ],
        "unreadable": list(found.unreadable),
    }
