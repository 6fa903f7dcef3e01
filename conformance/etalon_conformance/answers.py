"""What no exchange shows, and a named person answers for: answers, their files, who attests.

*Yes* says that the requirement is kept, and reads "manual": nothing
was observed. *No* counts as a breach that was seen over an exchange which the vendor offers. Nobody
answered: "manual", waiting. A check that looks at a requirement comes before any answer.
"""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etalon_conformance.bad_files import BadFileError, first_error, not_toml
from etalon_conformance.keys import check_name
from etalon_conformance.questions import Question, asked, questions
from etalon_conformance.requirement import Requirement, Wire
from etalon_conformance.statements import Json
from etalon_conformance.verdicts import Message, Result, Status, Verdict, judged

CHECK: Final = "manual"
"""The name under which results of answers stand, beside those of checks."""

FOLDER: Final = "answers"
"""Folder of a run that keeps the files which answers name."""

MOST_BYTES: Final = 52_428_800
"""Bytes of a file that an answer names."""

_SHA256: Final = r"[0-9a-f]{64}"
_LONGEST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody answered.

    Attributes:
        keeps: Whether they say that the requirement is kept.
        author: Who answered.
        day: When.
        comment: What they add, or an empty text.
        file: The file they name, or None.
        sha256: Its digest, or an empty text.
    """

    keeps: bool
    author: str
    day: date
    comment: str = ""
    file: Path | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Who attests what the run cannot see, of which product; empty where it is left to the pen."""

    organisation: str = ""
    product: str = ""
    version: str = ""
    by: str = ""
    role: str = ""
    place: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """A file of answers.

    Attributes:
        by_requirement: Requirement -> its answer.
        attestation: Who attests, or None when the file does not say.
    """

    by_requirement: Mapping[str, Answer]
    attestation: Attestation | None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    answer: Literal["yes", "no", "oui", "non", ""]
    author: str = ""
    day: date | None = Field(default=None, alias="date")
    comment: str = Field(default="", max_length=_LONGEST)
    file: str = ""
    sha256: str = Field(default="", pattern=f"^(?:{_SHA256})?$")


class _Attestation(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    organisation: str = ""
    product: str = ""
    version: str = ""
    by: str = ""
    role: str = ""
    place: str = ""
    day: date | None = Field(default=None, alias="date")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    answers: dict[str, _Answer] = {}
    attestation: _Attestation | None = None


def read_answers(path: Path, today: date) -> Answers:
    """Read a file of answers, and the files that it names.

    Args:
        path: TOML; the files it names are relative to it.
        today: An answer cannot be of a later day.

    Raises:
        BadFileError: A value in it is not what it should be.
        OSError: It cannot be read.
    """
    try:
        read = _File.model_validate(tomllib.loads(path.read_bytes().decode("utf-8-sig")))
    except ValidationError as error:
        raise first_error(error) from error
    except (ValueError, RecursionError) as error:
        raise not_toml(error) from error
    if read.attestation is not None:
        _check_attestation(read.attestation, today)
    given = {
        ident: _answer(ident, row, path.parent, today)
        for ident, row in read.answers.items()
        if _is_answered(ident, row)
    }
    attestation = read.attestation
    return Answers(given, _attestation(attestation) if attestation is not None else None)


def _is_answered(ident: str, row: _Answer) -> bool:
    """Tell whether a row answers: one left as the template gives it is nobody's answer yet."""
    if ident not in questions():
        known = ", ".join(questions())
        raise BadFileError(problem="no_question", place=f"answers {ident}", known=known)
    return bool(row.answer)


def _answer(ident: str, row: _Answer, folder: Path, today: date) -> Answer:
    place = f"answers {ident}"
    check_name(row.author, f"{place} author")
    if row.day is None:
        raise BadFileError(problem="no_date", place=f"{place} date")
    if row.day > today:
        raise BadFileError(problem="later", place=f"{place} date", found=row.day, today=today)
    if row.sha256 and not row.file:
        raise BadFileError(problem="digest_alone", place=f"{place} sha256")
    file = folder / row.file if row.file else None
    return Answer(
        keeps=row.answer in {"yes", "oui"},
        author=row.author,
        day=row.day,
        comment=row.comment,
        file=file,
        sha256=_digest(file, row.sha256, f"{place} file") if file else "",
    )


def _digest(file: Path, said: str, place: str) -> str:
    """Return the digest of a file that an answer names."""
    try:
        if not file.is_file():
            raise BadFileError(problem="no_file", place=place, found=file)
        if (size := file.stat().st_size) > MOST_BYTES:
            raise BadFileError(problem="large", place=place, found=size, most=MOST_BYTES)
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadFileError(
            problem="unreadable", place=place, found=file, why=error.strerror
        ) from error
    if said and said != digest:
        raise BadFileError(problem="other_digest", place=place, found=digest, expected=said)
    return digest


def _check_attestation(row: _Attestation, today: date) -> None:
    for name in ("organisation", "product", "version", "by", "role", "place"):
        if value := str(getattr(row, name)):
            check_name(value, f"attestation {name}")
    if row.day is not None and row.day > today:
        raise BadFileError(problem="later", place="attestation date", found=row.day, today=today)


def _attestation(row: _Attestation) -> Attestation:
    return Attestation(
        organisation=row.organisation,
        product=row.product,
        version=row.version,
        by=row.by,
        role=row.role,
        place=row.place,
        day=row.day,
    )


def manual_results(
    requirements: Iterable[Requirement], answers: Answers | None, checked: Collection[str]
) -> tuple[Result, ...]:
    """Return what answers conclude, or leave waiting, in the order of the requirements.

    Args:
        requirements: Those that the run is about.
        answers: What was answered, or None when nobody was asked.
        checked: Requirements that a check of the run looks at.
    """
    given: Mapping[str, Answer] = answers.by_requirement if answers else {}
    held = {one.ident: one for one in requirements}
    return tuple(
        _result(held[one.requirement], given.get(one.requirement))
        for one in asked(held.values(), checked)
    )


def _result(requirement: Requirement, answer: Answer | None) -> Result:
    if answer is None:
        verdict, status, message = Verdict.MANUAL, Status.WAITING, Message("manual.waiting")
    else:
        said = {"author": answer.author, "date": answer.day.isoformat()}
        status = Status.FINISHED
        if answer.keeps:
            verdict, message = Verdict.MANUAL, Message("manual.yes", said)
        else:
            verdict = judged(requirement, Wire.VENDOR_MAPPED, holds=False)
            message = Message("manual.no", said)
    return Result(
        requirement=requirement.ident,
        check=CHECK,
        verdict=verdict,
        wire=Wire.VENDOR_MAPPED,
        message=message,
        status=status,
    )


def plain_manual(
    requirements: Iterable[Requirement], answers: Answers | None, checked: Collection[str]
) -> list[dict[str, Json]]:
    """Return questions and answers as `verdicts.json` holds them; what nobody said is null."""
    given: Mapping[str, Answer] = answers.by_requirement if answers else {}
    return [_plain(one, given.get(one.requirement)) for one in asked(requirements, checked)]


def _plain(question: Question, answer: Answer | None) -> dict[str, Json]:
    said: dict[str, Json] = {
        "answer": None,
        "author": None,
        "date": None,
        "comment": None,
        "file": None,
        "sha256": None,
    }
    if answer is not None:
        said = {
            "answer": "yes" if answer.keeps else "no",
            "author": answer.author,
            "date": answer.day.isoformat(),
            "comment": answer.comment or None,
            "file": str(kept_at(question.requirement, answer.file)) if answer.file else None,
            "sha256": answer.sha256 or None,
        }
    asks = {"fr": question.asks["fr"], "en": question.asks["en"]}
    return {"requirement": question.requirement, "question": asks, **said}


def plain_attestation(answers: Answers | None) -> dict[str, Json] | None:
    """Return who attests as `verdicts.json` holds it; what is left to the pen is null."""
    one = answers.attestation if answers else None
    if one is None:
        return None
    return {
        "organisation": one.organisation or None,
        "product": one.product or None,
        "version": one.version or None,
        "by": one.by or None,
        "role": one.role or None,
        "place": one.place or None,
        "date": one.day.isoformat() if one.day else None,
    }


def kept_at(requirement: str, file: Path) -> PurePosixPath:
    """Return where a run keeps the file that an answer names, relative to its directory."""
    return PurePosixPath(FOLDER, requirement, file.name)


def kept_files(answers: Answers, idents: Collection[str]) -> Iterator[tuple[Path, PurePosixPath]]:
    """Give each file that answers about `idents` name, and where a run keeps it."""
    for ident, answer in answers.by_requirement.items():
        if ident in idents and answer.file is not None:
            yield answer.file, kept_at(ident, answer.file)
