"""Keys, trusted signers and statements at the command line: where they are, what is told."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.key_places import default_list
from etalon_cli.later_forms import of_a_known_form
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_conformance.bad_files import BadFileError
from etalon_conformance.dossiers import add_statement, is_run, run_around
from etalon_conformance.keys import check_name, read_key, read_signers
from etalon_target.secrecy import SecretError, Secrets
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Generator

    from etalon_conformance.keys import Signer, SigningKey
    from etalon_conformance.statements import Statement
    from etalon_text.language import Language

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
LARGEST: Final = 1_048_576
"""Bytes of a file of keys; a larger one is none."""


def the_run(typed: str) -> Path:
    """Return the directory of a run.

    Raises:
        Stopped: It is none, or of a later form.
    """
    directory = Path(typed)
    if not is_run(directory):
        raise because(reason="not_a_run", file=directory)
    return of_a_known_form(directory)


def needed(typed: str | None, option: str, program: str, language: Language) -> str:
    """Return the value of an option without which the command says nothing.

    Raises:
        Stopped: It was not typed.
    """
    if typed is None:
        problem = text("usage.required", language, program=program, found=option)
        raise because(reason="usage", problem=problem, program=program)
    return typed


def name_of(typed: str | None, option: str, program: str, language: Language) -> str:
    """Return the name or the role that an option gives.

    Raises:
        Stopped: It was not typed, or is no name.
    """
    name = needed(typed, option, program, language)
    try:
        check_name(name)
    except BadFileError as error:
        raise because(reason="bad_option", option=option, problem=error.told(language)) from error
    return name.strip()


def passphrase_at(where: str | None) -> str:
    """Return the passphrase that `--passphrase` leads to; empty without it.

    Raises:
        Stopped: There is none.
    """
    try:
        return Secrets().read(where or "")
    except SecretError as error:
        raise because(reason="passphrase", problem=str(error)) from error


def opened_key(file: Path, passphrase: str, language: Language) -> SigningKey:
    """Read a private key.

    Raises:
        Stopped: There is none, others may read it, it lies in a run, or it cannot be used.
    """
    if not file.is_file():
        raise because(reason="key_missing", file=file)
    outside_runs(file)
    with told(file, language):
        mode = file.stat().st_mode
        if os.name != "nt" and mode & _OTHERS:
            raise because(reason="key_open", file=file, mode=f"{stat.S_IMODE(mode):o}")
        with file.open("rb") as opened:
            return read_key(opened.read(LARGEST), passphrase)


def outside_runs(file: Path) -> None:
    """Accept the place of a private key.

    Raises:
        Stopped: It is the directory of a run, which is given away whole.
    """
    if run := run_around(file):
        raise because(reason="key_in_run", file=file, run=run)


def trusted_signers(typed: str | None, language: Language) -> tuple[Signer, ...]:
    """Return whom the user trusts; nobody while the usual list is not there.

    Raises:
        Stopped: The list cannot be used, or the one that was typed is not there.
    """
    file = Path(typed) if typed else default_list()
    if typed is None and not file.exists():
        return ()
    with told(file, language), file.open("rb") as opened:
        return read_signers(opened.read(LARGEST))


def add_to_run(directory: Path, folder: str, statement: Statement) -> Path:
    """Write a statement beside those that a run has; return its file.

    Raises:
        Stopped: It cannot be written.
    """
    try:
        return add_statement(directory, folder, statement)
    except OSError as error:
        raise cannot_write(directory, error, "unwritable") from error


@contextmanager
def told(file: Path, language: Language) -> Generator[None]:
    """Stop the command with what is wrong with a file that is being read."""
    try:
        yield
    except BadFileError as error:
        raise because(reason="bad_file", file=file, problem=error.told(language)) from error
    except FileNotFoundError as error:
        raise because(reason="file_missing", file=file) from error
    except OSError as error:
        raise because(reason="file_unreadable", file=file, problem=error.strerror) from error


def now() -> datetime:
    """Return the instant at which somebody says something."""
    return datetime.now(UTC)


def printable(said: str) -> str:
    """Return what somebody else wrote without what could move the cursor of a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in said)
