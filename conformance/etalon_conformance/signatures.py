"""The signature of a run: somebody named answers for every file of its directory.

A signature lists each file with its digest. Several people may sign: the later signature covers
the earlier ones. Whoever signs says their name, their role and the instant; the key proves that its
holder said so, and nothing proves the instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from etalon_conformance.keys import Signer, SigningKey
from etalon_conformance.manifest import Differences, FileDigest, differences
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

KIND = "run"


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["run"]
    by: str
    role: str
    at: str
    etalon_version: str
    files: list[FileDigest]
    holder: str
    fingerprint: str
    public_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of a run, held against what is there now.

    Attributes:
        file: Where it stands, relative to the run.
        by: Who says to have signed.
        role: In what role.
        at: When, as they say; UTC.
        holder: Whose key it is, as the list of who asks says, else as the key itself does.
        fingerprint: Of the key.
        files: How many files it covers.
        seal: What is known of who made it.
        differing: What became of the files since.
    """

    file: str
    by: str
    role: str
    at: str
    holder: str
    fingerprint: str
    files: int
    seal: Seal
    differing: Differences

    @property
    def intact(self) -> bool:
        """Whether it is the one that was made, over what is there."""
        return self.seal is not Seal.BROKEN and not self.differing


def run_signature(  # noqa: PLR0913 (each part of what is said, by its name)
    files: Sequence[FileDigest], *, by: str, role: str, at: datetime, version: str, key: SigningKey
) -> Statement:
    """Sign the files of a run.

    Args:
        files: All of them.
        by: Who signs.
        role: In what role.
        at: When; aware.
        version: Of Étalon.
        key: The key of who signs.
    """
    content: Mapping[str, Json] = {
        "kind": KIND,
        "by": by,
        "role": role,
        "at": instant(at),
        "etalon_version": version,
        "files": [cast("Mapping[str, Json]", asdict(one)) for one in files],
    }
    return sealed(content, key)


def instant(at: datetime) -> str:
    """Return an instant as statements write it: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signature_of(
    file: str, content: bytes, present: Sequence[FileDigest], trusted: Sequence[Signer]
) -> Signature:
    """Hold a signature against the files that are there.

    Args:
        file: Where it stands, relative to the run.
        content: Its bytes.
        present: The files of the run now.
        trusted: Whom one trusts.

    Raises:
        StatementError: It is no signature of a run.
    """
    statement = read_statement(content)
    try:
        read = _Content.model_validate(statement.content)
    except ValidationError as error:
        message = "no signature of a run"
        raise StatementError(message) from error
    return Signature(
        file=file,
        by=read.by,
        role=read.role,
        at=read.at,
        holder=trusted_name(statement, trusted) or read.holder,
        fingerprint=read.fingerprint,
        files=len(read.files),
        seal=seal_of(statement, trusted),
        differing=differences(read.files, present),
    )
