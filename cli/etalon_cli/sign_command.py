"""`etalon report sign`: somebody named answers for every file of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.key_places import default_key
from etalon_cli.signing import (
    add_to_run,
    name_of,
    now,
    opened_key,
    passphrase_at,
    the_run,
    told,
)
from etalon_cli.stopping import because
from etalon_conformance.dossiers import verify
from etalon_conformance.manifest import SIGNATURES, UnsignableError, files_of, signable
from etalon_conformance.signatures import run_signature
from etalon_scenarios.versions import installed_version
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from etalon_conformance.manifest import FileDigest
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_PROGRAM = "etalon report sign"


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    by = name_of(options.by, "--by", _PROGRAM, language)
    role = name_of(options.role, "--role", _PROGRAM, language)
    directory = the_run(options.run)
    key_file = Path(options.key) if options.key else default_key()
    key = opened_key(key_file, passphrase_at(options.passphrase), language)
    files = _files(directory, language)
    statement = run_signature(
        files, by=by, role=role, at=now(), version=installed_version(), key=key
    )
    written = add_to_run(directory, SIGNATURES, statement)
    found: dict[str, Json] = {
        "signature": str(written),
        "by": by,
        "role": role,
        "holder": key.holder,
        "fingerprint": key.signer.fingerprint,
        "files": len(files),
    }
    if options.json:
        print_json(found)
    else:
        for line in ("signed", "key", "next"):
            print_result(text(f"sign.{line}", language, run=directory, **found))
    return ExitCode.DONE


def _files(directory: Path, language: Language) -> Sequence[FileDigest]:
    """Return the files to sign.

    Raises:
        Stopped: Something in the directory cannot be signed or read, or what was signed before is
            not what is there.
    """
    with told(directory, language):
        if verify(directory, ()).altered:
            raise because(reason="signed_and_changed", file=directory)
        try:
            return signable(files_of(directory))
        except UnsignableError as error:
            raise because(reason="unsignable", file=directory, found=error.path) from error
