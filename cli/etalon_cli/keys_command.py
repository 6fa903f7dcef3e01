"""`etalon keys new` and `etalon keys trust`."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.key_places import default_key, default_list
from etalon_cli.signing import (
    LARGEST,
    name_of,
    outside_runs,
    passphrase_at,
    printable,
    told,
    trusted_signers,
)
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.whole_files import whole_file
from etalon_conformance.keys import new_key, read_signers, written_key, written_signers
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_OWNER_ALONE = 0o600


def run(verb: str, options: Namespace, language: Language) -> int:
    """Carry out one verb and give its exit code."""
    return _new(options, language) if verb == "new" else _trust(options, language)


def _new(options: Namespace, language: Language) -> int:
    typed = options.holder if options.holder is not None else _account()
    holder = name_of(typed, "--holder", "etalon keys new", language)
    file = Path(options.out) if options.out else default_key()
    outside_runs(file)
    if not file.name:
        raise because(reason="key_exists", file=file)
    public = file.with_suffix(".pub.toml")
    for one in (file, public):
        if one.exists() or one.is_symlink():
            raise because(reason="key_exists", file=one)
    key = new_key(holder)
    content = written_key(key, passphrase_at(options.passphrase))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The public part first: a key that is there is whole, and so is what others need of it.
        with whole_file(public, 0o644, is_new=True) as stream:
            stream.write(written_signers(key.signer))
        try:
            with whole_file(file, _OWNER_ALONE, is_new=True) as stream:
                stream.write(content.decode("utf-8"))
        except BaseException:
            public.unlink()
            raise
    except OSError as error:
        raise cannot_write(file, error) from error
    found = {
        "key": str(file),
        "public": str(public),
        "holder": key.holder,
        "fingerprint": key.signer.fingerprint,
    }
    if options.json:
        print_json(found)
    else:
        for line in ("made", "holder", "fingerprint", "public"):
            print_result(text(f"keys.{line}", language, **found))
    return ExitCode.DONE


def _account() -> str | None:
    """Return the name of the account, or None where the system has none."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return None


def _trust(options: Namespace, language: Language) -> int:
    file, listed = Path(options.file), Path(options.trusted or default_list())
    with told(file, language), file.open("rb") as opened:
        given = read_signers(opened.read(LARGEST))
    if not given:
        raise because(reason="no_signers", file=file)
    before = trusted_signers(str(listed) if listed.exists() else None, language)
    known = {one.public_key: one for one in before}
    fresh = {one.public_key: one for one in given if one.public_key not in known}
    try:
        listed.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = listed.read_text(encoding="utf-8") if listed.exists() else ""
        with whole_file(listed) as stream:
            stream.write(there)
            stream.writelines(f"\n{written_signers(one)}" for one in fresh.values())
    except OSError as error:
        raise cannot_write(listed, error, "unwritable") from error
    if options.json:
        told_signers: list[Json] = [
            {
                "holder": known.get(one.public_key, one).holder,
                "fingerprint": one.fingerprint,
                "added": one.public_key in fresh,
            }
            for one in given
        ]
        print_json({"trusted": str(listed), "signers": told_signers})
        return ExitCode.DONE
    for one in given:
        key = "keys.trusted" if one.public_key in fresh else "keys.known"
        holder = printable(known.get(one.public_key, one).holder)
        print_result(text(key, language, holder=holder, fingerprint=one.fingerprint, file=listed))
    return ExitCode.DONE
