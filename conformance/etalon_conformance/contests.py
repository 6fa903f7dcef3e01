"""Contests: somebody named says why a verdict should not stand. It stands all the same, beside it.

A contest never changes a verdict, a count or an exit code. It names the verdicts as they were and
the file that held them, so that it cannot be moved to another run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from etalon_conformance.keys import Signer, SigningKey
from etalon_conformance.signatures import instant
from etalon_conformance.statements import (
    Json,
    Seal,
    Statement,
    StatementError,
    read_statement,
    seal_of,
    sealed,
    trusted_name,
)

KIND = "contest"
LONGEST_REASON = 10_000
"""Characters of a reason."""


@dataclass(frozen=True, slots=True, order=True)
class Contested:
    """A verdict that is contested, as it stands in the run."""

    check: str
    wire: str
    verdict: str


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["contest"]
    requirement: str
    verdicts: list[Contested]
    verdicts_sha256: str
    by: str
    reason: str
    at: str
    holder: str | None
    fingerprint: str | None
    public_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One contest, as it is read again.

    Attributes:
        file: Where it stands, relative to the run.
        requirement: Whose verdict is contested.
        verdicts: What was concluded, check by check.
        by: Who contests.
        reason: Why.
        at: When, as they say; UTC.
        holder: Whose key sealed it, or an empty text.
        fingerprint: Of that key, or an empty text.
        seal: What is known of who made it.
        of_this_run: Whether it speaks of the verdicts that are there now.
    """

    file: str
    requirement: str
    verdicts: tuple[Contested, ...]
    by: str
    reason: str
    at: str
    holder: str
    fingerprint: str
    seal: Seal
    of_this_run: bool


def contest(  # noqa: PLR0913 (each part of what is said, by its name)
    requirement: str,
    verdicts: Iterable[Contested],
    *,
    verdicts_sha256: str,
    by: str,
    reason: str,
    at: datetime,
    key: SigningKey | None,
) -> Statement:
    """Contest the verdicts on a requirement; sealed when there is a key.

    Args:
        requirement: Its identifier.
        verdicts: What the run concluded about it.
        verdicts_sha256: Digest of the file that holds them.
        by: Who contests.
        reason: Why.
        at: When; aware.
        key: The key of who contests, or None.
    """
    content: Mapping[str, Json] = {
        "kind": KIND,
        "requirement": requirement,
        "verdicts": [
            {"check": one.check, "wire": one.wire, "verdict": one.verdict} for one in verdicts
        ],
        "verdicts_sha256": verdicts_sha256,
        "by": by,
        "reason": reason,
        "at": instant(at),
    }
    return sealed(content, key)


def contest_of(
    file: str, content: bytes, verdicts_sha256: str, trusted: Sequence[Signer]
) -> Contest:
    """Read a contest again.

    Args:
        file: Where it stands, relative to the run.
        content: Its bytes.
        verdicts_sha256: Digest of the verdicts that are there now.
        trusted: Whom one trusts.

    Raises:
        StatementError: It is no contest.
    """
    statement = read_statement(content)
    try:
        read = _Content.model_validate(statement.content)
    except ValidationError as error:
        message = "no contest"
        raise StatementError(message) from error
    return Contest(
        file=file,
        requirement=read.requirement,
        verdicts=tuple(read.verdicts),
        by=read.by,
        reason=read.reason,
        at=read.at,
        holder=trusted_name(statement, trusted) or read.holder or "",
        fingerprint=read.fingerprint or "",
        seal=seal_of(statement, trusted),
        of_this_run=read.verdicts_sha256 == verdicts_sha256,
    )
