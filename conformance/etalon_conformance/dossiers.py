"""A run directory as a dossier that people sign, contest and verify: what is read and written.

Statements are files of their own, numbered; one is made under a number that nobody has, and never
written over.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from etalon_conformance.bad_files import BadFileError
from etalon_conformance.contests import Contest, Contested, contest_of
from etalon_conformance.keys import Signer
from etalon_conformance.manifest import CONTESTS, SIGNATURES, FileDigest, files_of
from etalon_conformance.signatures import Signature, signature_of
from etalon_conformance.statements import (
    LARGEST,
    Seal,
    Statement,
    StatementError,
    written_statement,
)

RUN_FILE: Final = "run.json"
VERDICTS_FILE: Final = "verdicts.json"

_Read = TypeVar("_Read")


class _Result(BaseModel):
    requirement: str
    check: str
    wire: str
    verdict: str


class _Target(BaseModel):
    name: str = ""


class _Verdicts(BaseModel):
    results: list[_Result]
    target: _Target = _Target()
    suite: str | None = None
    status: str = ""
    exit_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What a run concluded.

    Attributes:
        digest: SHA-256 of the file, in hexadecimal.
        target: What the run calls its target, or an empty text.
        suite: Name of the suite, or an empty text.
        status: `complete` or `partial`, or an empty text.
        exit_code: What the run exited with, or None when it does not say.
        by_requirement: Requirement -> its verdicts, check by check.
    """

    digest: str
    target: str
    suite: str
    status: str
    exit_code: int | None
    by_requirement: Mapping[str, tuple[Contested, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What became of a run since people signed it.

    Attributes:
        signatures: Each signature, in the order they were made.
        contests: Each contest, likewise.
        unreadable: Files that stand where statements do, and are none.
    """

    signatures: tuple[Signature, ...]
    contests: tuple[Contest, ...]
    unreadable: tuple[str, ...]

    @property
    def altered(self) -> bool:
        """Whether anything that was signed is not what it was."""
        broken = any(one.seal is Seal.BROKEN for one in self.contests)
        return broken or bool(self.unreadable) or any(not one.intact for one in self.signatures)

    @property
    def trusted(self) -> bool:
        """Whether somebody whom one trusts answers for all of it."""
        return not self.altered and any(one.seal is Seal.TRUSTED for one in self.signatures)


def is_run(directory: Path) -> bool:
    """Tell whether a directory is one of a run."""
    return (directory / RUN_FILE).is_file()


def run_around(path: Path) -> Path | None:
    """Return the run directory in which a path lies, or None."""
    return next((folder for folder in path.resolve().parents if is_run(folder)), None)


def read_verdicts(directory: Path) -> Verdicts:
    """Return what a run concluded.

    Raises:
        BadFileError: What it holds is no verdicts.
        OSError: The file cannot be read.
    """
    file = directory / VERDICTS_FILE
    content = file.read_bytes()
    try:
        read = _Verdicts.model_validate_json(content)
    except ValidationError as error:
        raise BadFileError(problem="no_verdicts") from error
    found: dict[str, tuple[Contested, ...]] = {}
    for one in read.results:
        before = found.get(one.requirement, ())
        found[one.requirement] = (*before, Contested(one.check, one.wire, one.verdict))
    return Verdicts(
        digest=sha256(content).hexdigest(),
        target=read.target.name,
        suite=read.suite or "",
        status=read.status,
        exit_code=read.exit_code,
        by_requirement=found,
    )


def add_statement(directory: Path, folder: str, statement: Statement) -> Path:
    """Write a statement under the next number that nobody has; return its file.

    Args:
        directory: Of the run.
        folder: `signatures` or `contests`.
        statement: What is said.

    Raises:
        OSError: It cannot be written.
    """
    (directory / folder).mkdir(exist_ok=True)
    whole = written_statement(statement)
    for number in count(1):
        file = directory / folder / f"{number:04}.json"
        try:
            stream = file.open("xb")
        except FileExistsError:
            continue
        try:
            with stream:
                stream.write(whole)
        except OSError:
            file.unlink()
            raise
        return file
    raise AssertionError  # pragma: no cover - count() never ends


def verify(directory: Path, trusted: Sequence[Signer]) -> Verification:
    """Hold a run against its signatures, and read its contests.

    Args:
        directory: Of the run.
        trusted: Whom one trusts.

    Raises:
        OSError: A file of it cannot be read.
    """
    present = files_of(directory)
    by_path = {one.path: one for one in present}
    verdicts = by_path.get(VERDICTS_FILE, FileDigest(VERDICTS_FILE, 0, "")).sha256
    unreadable: list[str] = []

    def readable(folder: str, reader: Callable[[str, bytes], _Read]) -> Iterator[_Read]:
        for file in _statements(directory, folder):
            path = file.relative_to(directory).as_posix()
            try:
                yield reader(path, _content(file))
            except StatementError:
                unreadable.append(path)

    signatures = tuple(
        readable(SIGNATURES, lambda path, content: signature_of(path, content, present, trusted))
    )
    contests = tuple(
        readable(CONTESTS, lambda path, content: contest_of(path, content, verdicts, trusted))
    )
    return Verification(signatures=signatures, contests=contests, unreadable=tuple(unreadable))


def _statements(directory: Path, folder: str) -> Iterator[Path]:
    """Give the files of statements, in the order of their numbers."""
    yield from sorted((directory / folder).glob("[0-9][0-9][0-9][0-9].json"))


def _content(file: Path) -> bytes:
    """Return the bytes of a statement.

    Raises:
        StatementError: It is no file, or far too long.
        OSError: It cannot be read.
    """
    if file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST:
        message = "no file of a statement"
        raise StatementError(message)
    return file.read_bytes()
