"""The baseline: breaches that somebody accepts, each for a reason and until a day.

An accepted breach keeps its verdict and stays in every count; it only ceases to end a run with
exit code 1. A run that has a baseline fails on any other breach, findings included. An entry that
has expired, or that nothing needs any more, is an error: what is accepted is always what is there.

The file is TOML (`[[accepted]]` tables) or a CSV with the same names as columns, parted by commas
or semicolons.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etalon_conformance.bad_files import BadFileError, first_error, not_toml
from etalon_conformance.statements import Json
from etalon_conformance.verdicts import Result, Status, Verdict

Breach: TypeAlias = tuple[str, str]
"""A requirement and the check that found it broken."""

LONGEST_REASON: Final = 10_000
_BREACHES: Final = frozenset({Verdict.FAIL, Verdict.FINDING})
_REACHED: Final = _BREACHES | {Verdict.PASS, Verdict.MANUAL}
_COLUMNS: Final = ("requirement", "check", "verdict", "reason", "until", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One accepted breach.

    Attributes:
        requirement: Which requirement.
        check: By which check, or an empty text for any.
        verdict: `finding`, or `fail` where that alone is accepted.
        reason: Why it is accepted.
        until: The last day on which it is.
        by: Who accepts it, or an empty text.
    """

    requirement: str
    check: str
    verdict: Verdict
    reason: str
    until: date
    by: str = ""

    def accepts(self, result: Result) -> bool:
        """Tell whether it is about what a check concluded."""
        return (
            result.requirement == self.requirement
            and result.verdict is self.verdict
            and self.check in {"", result.check}
        )


@dataclass(frozen=True, slots=True)
class Baseline:
    """A file of accepted breaches.

    Attributes:
        file: As the user gave it.
        digest: SHA-256 of its bytes, in hexadecimal.
        entries: In the order of the file.
    """

    file: str
    digest: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a baseline makes of a run.

    Attributes:
        entries: Breach -> the entry that accepts it.
        unused: Entries about a requirement that was judged, and is not broken so any more.
    """

    entries: Mapping[Breach, Entry]
    unused: tuple[Entry, ...]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    requirement: str
    check: str = ""
    verdict: Literal["finding", "fail"] = "finding"
    reason: str = Field(default="", max_length=LONGEST_REASON)
    until: date | None = None
    by: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accepted: list[dict[str, object]] = []


def read_baseline(path: Path, known: Iterable[str], today: date) -> Baseline:
    """Read a baseline.

    Args:
        path: A TOML file, or a CSV when its name ends so.
        known: Identifiers of the requirements there are.
        today: Entries of an earlier day have expired.

    Raises:
        BadFileError: It is no baseline, or an entry lacks reason or expiry, has expired, stands
            twice, or is about no requirement.
        OSError: It cannot be read.
    """
    content = path.read_bytes()
    rows = _rows_of_csv if path.suffix.lower() == ".csv" else _rows_of_toml
    identifiers = frozenset(known)
    entries: dict[tuple[str, str, Verdict], Entry] = {}
    for place, row in rows(content):
        entry = _entry(place, row, identifiers, today)
        key = (entry.requirement, entry.check, entry.verdict)
        if key in entries:
            raise BadFileError(problem="twice", place=place, found=entry.requirement)
        entries[key] = entry
    return Baseline(str(path), sha256(content).hexdigest(), tuple(entries.values()))


def _rows_of_toml(content: bytes) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        read = _File.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except ValidationError as error:
        raise first_error(error) from error
    except (ValueError, RecursionError) as error:
        raise not_toml(error) from error
    for rank, row in enumerate(read.accepted, start=1):
        yield f"accepted {rank}", _filled(row)


def _rows_of_csv(content: bytes) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeError as error:
        raise BadFileError(problem="no_utf8") from error
    head = lines[0] if lines else ""
    reader = csv.DictReader(lines, delimiter=";" if ";" in head else ",", strict=True)
    names = reader.fieldnames or ()
    if unknown := [name for name in names if name not in _COLUMNS]:
        listed = ", ".join(_COLUMNS)
        raise BadFileError(problem="column", place="line 1", found=unknown[0], known=listed)
    try:
        for row in reader:
            place = f"line {reader.line_num}"
            if None in row or None in row.values():
                raise BadFileError(problem="cells", place=place, expected=len(names))
            yield place, _filled(row)
    except csv.Error as error:
        line = f"line {reader.reader.line_num}"
        raise BadFileError(problem="no_csv", place=line, why=error) from error


def _filled(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return a row without what was left empty."""
    return {name: value for name, value in row.items() if value != ""}


def _entry(place: str, row: Mapping[str, object], known: frozenset[str], today: date) -> Entry:
    try:
        read = _Row.model_validate(row)
    except ValidationError as error:
        found = first_error(error)
        raise BadFileError(
            problem=found.problem, place=f"{place} {found.place}", **found.values
        ) from error
    if read.requirement not in known:
        near = next(iter(get_close_matches(read.requirement.upper(), known, n=1)), "-")
        raise BadFileError(
            problem="no_requirement",
            place=f"{place} requirement",
            found=read.requirement,
            nearest=near,
        )
    if not read.reason.strip():
        raise BadFileError(problem="no_reason", place=f"{place} reason", found=read.requirement)
    if read.until is None:
        raise BadFileError(problem="no_until", place=f"{place} until", found=read.requirement)
    if read.until < today:
        raise BadFileError(
            problem="expired",
            place=f"{place} until",
            found=read.requirement,
            until=read.until,
            today=today,
        )
    return Entry(
        requirement=read.requirement,
        check=read.check,
        verdict=Verdict(read.verdict),
        reason=read.reason.strip(),
        until=read.until,
        by=read.by,
    )


def accepted_by(baseline: Baseline, results: Sequence[Result]) -> Accepted:
    """Return what a baseline accepts of a run, and which of its entries nothing needs any more.

    An entry is unused when its requirement was judged, by its check where it names one, and every
    verdict was reached: what was cut, could not be tested or is not in the run leaves it alone.
    """
    entries = {
        (result.requirement, result.check): entry
        for entry in baseline.entries
        for result in results
        if entry.accepts(result)
    }
    used = set(entries.values())
    unused = (one for one in baseline.entries if one not in used and _is_over(one, results))
    return Accepted(entries, tuple(unused))


def _is_over(entry: Entry, results: Sequence[Result]) -> bool:
    """Tell whether a run concluded about what an entry is about."""
    about = [
        result
        for result in results
        if result.requirement == entry.requirement and entry.check in {"", result.check}
    ]
    return bool(about) and all(
        one.verdict in _REACHED and one.status is Status.FINISHED for one in about
    )


def written_baseline(
    results: Iterable[Result], *, reason: str = "", until: date | None = None, by: str = ""
) -> str:
    """Return a baseline of the findings of a run, in TOML.

    A finding is accepted by whoever writes a reason and a day; left empty, they are refused when
    the file is read. A failure is written as a comment: accepting one is an act of its own.

    Args:
        results: What the run concluded.
        reason: Why all of them are accepted, or an empty text.
        until: The last day on which they are, or None.
        by: Who accepts them, or an empty text.
    """
    broken = {
        (one.requirement, one.check): one.verdict for one in results if one.verdict in _BREACHES
    }
    day = until.isoformat() if until else '""'
    parts = [_HEAD]
    for (requirement, check), verdict in sorted(broken.items()):
        lines = [
            "[[accepted]]",
            f"requirement = {_quoted(requirement)}",
            f"check = {_quoted(check)}",
            f"verdict = {_quoted(verdict)}",
            f"reason = {_quoted(reason)}",
            f"until = {day}",
            f"by = {_quoted(by)}",
        ]
        mark = "# " if verdict is Verdict.FAIL else ""
        parts.append("\n".join(f"{mark}{line}".rstrip() for line in lines))
    return "\n\n".join(parts) + "\n"


_HEAD: Final = """\
# Accepted findings. Each needs a reason, and `until`: the last day on which it is accepted, as
# 2027-03-31. A failure is written as a comment: take the marks away to accept it all the same."""


def _quoted(text: str) -> str:
    """Return a text as a basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def plain_baseline(baseline: Baseline, accepted: Accepted) -> dict[str, Json]:
    """Return a baseline as `verdicts.json` holds it."""
    return {
        "file": baseline.file,
        "sha256": baseline.digest,
        "accepted": len(accepted.entries),
        "unused": [
            {
                "requirement": one.requirement,
                "check": one.check,
                "verdict": one.verdict,
                **plain_acceptance(one),
            }
            for one in accepted.unused
        ],
    }


def plain_acceptance(entry: Entry) -> dict[str, Json]:
    """Return why and how long a breach is accepted, as `verdicts.json` holds it beside it."""
    plain: dict[str, Json] = {"reason": entry.reason, "until": entry.until.isoformat()}
    return {**plain, "by": entry.by} if entry.by else plain
