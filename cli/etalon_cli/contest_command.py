"""`etalon conformance contest`: say why a verdict should not stand."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.key_places import default_key
from etalon_cli.signing import (
    add_to_run,
    name_of,
    needed,
    now,
    opened_key,
    passphrase_at,
    the_run,
    told,
)
from etalon_cli.stopping import because
from etalon_conformance.contests import LONGEST_REASON, contest
from etalon_conformance.dossiers import VERDICTS_FILE, is_run, read_verdicts
from etalon_conformance.manifest import CONTESTS
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

    from etalon_conformance.contests import Contested
    from etalon_conformance.dossiers import Verdicts
    from etalon_conformance.keys import SigningKey
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_PROGRAM = "etalon conformance contest"


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    by = name_of(options.by, "--by", _PROGRAM, language)
    reason = _reason(needed(options.reason, "--reason", _PROGRAM, language), language)
    typed, place = str(options.id), str(options.run)
    if is_run(Path(typed)) and not is_run(Path(place)):
        # The other way round is as clear.
        typed, place = place, typed
    directory = the_run(place)
    with told(directory / VERDICTS_FILE, language):
        verdicts = read_verdicts(directory)
    ident = _judged(typed, verdicts, directory)
    key = _key(options, language)
    contested = verdicts.by_requirement[ident]
    statement = contest(
        ident,
        contested,
        verdicts_sha256=verdicts.digest,
        by=by,
        reason=reason,
        at=now(),
        key=key,
    )
    written = add_to_run(directory, CONTESTS, statement)
    if options.json:
        print_json(_plain(written, ident, contested, key))
    else:
        for line in _lines(written, ident, contested, key, language):
            print_result(line)
    return ExitCode.DONE


def _plain(
    written: Path, ident: str, contested: Sequence[Contested], key: SigningKey | None
) -> dict[str, Json]:
    return {
        "contest": str(written),
        "requirement": ident,
        "verdicts": [{"check": one.check, "verdict": one.verdict} for one in contested],
        "signed": key is not None,
        "fingerprint": key.signer.fingerprint if key else None,
    }


def _lines(
    written: Path,
    ident: str,
    contested: Sequence[Contested],
    key: SigningKey | None,
    language: Language,
) -> Iterator[str]:
    listed = ", ".join(sorted({text(f"verdict.{one.verdict}", language) for one in contested}))
    yield text("contest.made", language, ident=ident, verdicts=listed, file=written)
    if key is None:
        yield text("contest.unsigned", language)
    else:
        holder, fingerprint = key.holder, key.signer.fingerprint
        yield text("sign.key", language, holder=holder, fingerprint=fingerprint)


def _reason(typed: str, language: Language) -> str:
    """Return why a verdict is contested.

    Raises:
        Stopped: Nothing is said, or far too much.
    """
    reason = typed.strip()
    if reason and len(reason) <= LONGEST_REASON:
        return reason
    problem = (
        text("bad_file.long", language, found=len(reason), most=LONGEST_REASON)
        if reason
        else text("contest.no_reason", language)
    )
    raise because(reason="bad_option", option="--reason", problem=problem)


def _judged(typed: str, verdicts: Verdicts, directory: Path) -> str:
    """Return the requirement whose verdict is contested.

    Raises:
        Stopped: The run concludes nothing about it.
    """
    known = {ident.casefold(): ident for ident in verdicts.by_requirement}
    found = known.get(typed.casefold())
    if found is None:
        near = next(iter(get_close_matches(typed.upper(), verdicts.by_requirement, n=1)), "-")
        raise because(reason="not_judged", file=directory, found=typed, nearest=near)
    return found


def _key(options: Namespace, language: Language) -> SigningKey | None:
    """Return the key that signs, or None when the contest is to be unsigned."""
    if options.unsigned:
        return None
    if options.key is None and not default_key().exists():
        return None
    file = Path(options.key) if options.key else default_key()
    return opened_key(file, passphrase_at(options.passphrase), language)
