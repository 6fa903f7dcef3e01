"""Statements of people about a run: what they say, sealed with a key or not.

Each statement is a file of its own, written once: `signatures/0001.json`, `contests/0001.json`.
What a seal covers is the statement as canonical JSON (keys sorted, no space, ASCII), after one line
that says what kind of statement it is, so that one is never taken for another.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from etalon_conformance.keys import Signer, SigningKey, holds

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What a statement may hold."""

FORMAT: Final = 1
LARGEST: Final = 67_108_864
"""Bytes of a statement; a larger file is none of ours."""


class StatementError(ValueError):
    """A file that holds no statement of the kind it should."""


class Seal(StrEnum):
    """What is known of who made a statement."""

    TRUSTED = "trusted"
    """Sealed by a key of the list of who asks."""
    UNKNOWN = "unknown"
    """Sealed by a key that the list does not hold."""
    BROKEN = "broken"
    """The seal is not the one of this text by this key."""
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as its file holds it.

    Attributes:
        content: What is said.
        signature: The seal in base64, or None when nobody sealed it.
    """

    content: Mapping[str, Json]
    signature: str | None

    @property
    def signer(self) -> Signer | None:
        """Who it says sealed it, or None."""
        holder, key = self.content.get("holder"), self.content.get("public_key")
        return Signer(holder, key) if isinstance(holder, str) and isinstance(key, str) else None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1]
    statement: dict[str, object]
    signature: str | None


def sealed(content: Mapping[str, Json], key: SigningKey | None) -> Statement:
    """Return what is said with who holds the key, and sealed by it; unsealed without a key."""
    signer = key.signer if key else None
    named: dict[str, Json] = {
        **content,
        "holder": signer.holder if signer else None,
        "fingerprint": signer.fingerprint if signer else None,
        "public_key": signer.public_key if signer else None,
    }
    return Statement(named, key.sign(_covered(named)) if key else None)


def seal_of(statement: Statement, trusted: Sequence[Signer]) -> Seal:
    """Say what is known of who made a statement."""
    signer = statement.signer
    if statement.signature is None:
        # A statement that names a key and lost its seal is not one that nobody sealed.
        return Seal.UNSIGNED if signer is None else Seal.BROKEN
    if signer is None or not holds(signer, _covered(statement.content), statement.signature):
        return Seal.BROKEN
    if statement.content.get("fingerprint") != signer.fingerprint:
        return Seal.BROKEN
    known = any(one.public_key == signer.public_key for one in trusted)
    return Seal.TRUSTED if known else Seal.UNKNOWN


def trusted_name(statement: Statement, trusted: Sequence[Signer]) -> str:
    """Return the holder of the key as the list of trusted signers names it, or an empty text."""
    signer = statement.signer
    found = (one.holder for one in trusted if signer and one.public_key == signer.public_key)
    return next(found, "")


def written_statement(statement: Statement) -> bytes:
    """Return the file of a statement."""
    plain = {
        "format": FORMAT,
        "statement": statement.content,
        "signature": statement.signature,
    }
    return (json.dumps(plain, ensure_ascii=True, indent=1) + "\n").encode("ascii")


def read_statement(content: bytes) -> Statement:
    """Return the statement of a file, whatever it says.

    Raises:
        StatementError: It is no statement.
    """
    try:
        read = _File.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError) as error:
        message = "no statement"
        raise StatementError(message) from error
    return Statement(cast("dict[str, Json]", read.statement), read.signature)


def _covered(content: Mapping[str, Json]) -> bytes:
    """Return the bytes that a seal is made over."""
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return f"etalon {content.get('kind')} {FORMAT}\n{canonical}".encode("ascii")
