"""Keys that sign: an Ed25519 key and who holds it, the file it is kept in, whom one trusts.

A private key is a PEM file (PKCS#8) with its holder above it, as RFC 7468 allows. What is given to
others is a list of one signer, in TOML; lists are joined end to end, and a list of trusted signers
is no more than that. The fingerprint is the SHA-256 of the public key as SubjectPublicKeyInfo, so
that `openssl pkey -in KEY -pubout -outform DER | sha256sum` gives it too.
"""

import base64
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from pydantic import BaseModel, ConfigDict, ValidationError

from etalon_conformance.bad_files import BadFileError, first_error, not_toml

LONGEST_NAME: Final = 200
"""Characters of a name or a role."""

_HOLDER: Final = "Holder: "
_FINGERPRINT: Final = "Fingerprint: "


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who signs, as far as a key tells.

    Attributes:
        holder: Whose key it is, as its holder says, or as the list of who trusts it says.
        public_key: SubjectPublicKeyInfo in base64, on one line.
    """

    holder: str
    public_key: str

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the public key, as `sha256:` and 64 hexadecimal digits."""
        return f"sha256:{sha256(base64.b64decode(self.public_key)).hexdigest()}"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its holder."""

    holder: str
    private: Ed25519PrivateKey

    @property
    def signer(self) -> Signer:
        """What others know of it."""
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Signer(self.holder, _base64(self.private.public_key().public_bytes(*form)))

    def sign(self, content: bytes) -> str:
        """Return the signature of `content`, in base64."""
        return _base64(self.private.sign(content))


def new_key(holder: str) -> SigningKey:
    """Return a fresh key.

    Args:
        holder: Whose it is; one line.

    Raises:
        BadFileError: The name is empty, too long, or holds what no name does.
    """
    check_name(holder)
    return SigningKey(holder, Ed25519PrivateKey.generate())


def check_name(name: str, place: str = "") -> None:
    """Accept the name or the role of somebody.

    Raises:
        BadFileError: It is empty, too long, or more than a line.
    """
    if not name.strip():
        raise BadFileError(problem="empty", place=place)
    if len(name) > LONGEST_NAME:
        raise BadFileError(problem="long", place=place, found=len(name), most=LONGEST_NAME)
    if not name.isprintable():
        raise BadFileError(problem="lines", place=place)


def written_key(key: SigningKey, passphrase: str = "") -> bytes:
    """Return the private file of a key, protected by a passphrase when one is given."""
    protection: KeySerializationEncryption = (
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    )
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
    head = f"{_HOLDER}{key.holder}\n{_FINGERPRINT}{key.signer.fingerprint}\n"
    return head.encode() + pem


def read_key(content: bytes, passphrase: str = "") -> SigningKey:
    """Return the key of a private file.

    Raises:
        BadFileError: It is no private Ed25519 key with its holder, or the passphrase that protects
            it is missing or wrong.
    """
    lines = content.decode("utf-8", "replace").splitlines()
    named = (line.removeprefix(_HOLDER) for line in lines if line.startswith(_HOLDER))
    holder = next(named, "")
    try:
        private = load_pem_private_key(content, passphrase.encode() if passphrase else None)
    except TypeError as error:
        problem = "passphrase_needless" if passphrase else "passphrase_missing"
        raise BadFileError(problem=problem) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        protected = passphrase and b"ENCRYPTED" in content
        raise BadFileError(problem="passphrase_wrong" if protected else "no_key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadFileError(problem="other_key")
    if not holder:
        raise BadFileError(problem="no_holder")
    check_name(holder, "Holder")
    return SigningKey(holder, private)


def holds(signer: Signer, content: bytes, signature: str) -> bool:
    """Tell whether `signature` is the one of `content` by `signer`."""
    key = _public(signer.public_key)
    if key is None:
        return False
    try:
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def written_signers(*signers: Signer) -> str:
    """Return a list of signers as its file holds it, in TOML."""
    return "\n".join(
        "[[signer]]\n"
        f"# {one.fingerprint}\n"
        f"holder = {_quoted(one.holder)}\n"
        f"public_key = {_quoted(one.public_key)}\n"
        for one in signers
    )


class _SignerRow(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    holder: str
    public_key: str


class _SignerList(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    signer: list[_SignerRow] = []


def read_signers(content: bytes) -> tuple[Signer, ...]:
    """Return the signers of a list.

    Raises:
        BadFileError: It is no such list, or a key in it is none.
    """
    if b"PRIVATE KEY" in content:
        raise BadFileError(problem="private_key")
    try:
        read = _SignerList.model_validate(tomllib.loads(content.decode("utf-8-sig")))
    except ValidationError as error:
        raise first_error(error) from error
    except (ValueError, RecursionError) as error:
        raise not_toml(error) from error
    for rank, row in enumerate(read.signer, start=1):
        check_name(row.holder, f"signer {rank}, holder")
        if _public(row.public_key) is None:
            raise BadFileError(problem="no_public_key", place=f"signer {rank}, public_key")
    return tuple(Signer(row.holder, row.public_key) for row in read.signer)


def _public(written: str) -> Ed25519PublicKey | None:
    """Return a public key, or None when it is none of Ed25519."""
    try:
        read = load_der_public_key(base64.b64decode(written, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return read if isinstance(read, Ed25519PublicKey) else None


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _quoted(text: str) -> str:
    """Return a text of one printable line as a basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
