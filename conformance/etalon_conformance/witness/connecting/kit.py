"""The kit of a witness: what it listens under, its certificates, and who its test people are.

A kit is a folder. Whoever runs the witness and whoever runs the client work from the same one.
"""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etalon_target.throwaway_authority import AuthorityFiles, address_of, authority_in
from etalon_text.language import Language
from etalon_text.refusals import values_in
from etalon_text.strings import text

SETTINGS: Final = "kit.toml"
IDENTITIES: Final = "identities.csv"
CERTIFICATES: Final = "certificates"
PKCS12_PASSWORD: Final = "etalon"  # noqa: S105 (of a file whose holders are test software)
DAYS: Final = 365
"""How long the certificates hold; systems refuse those of more than 825 days."""

_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*")
_FORMAT: Final = 1


class KitError(Exception):
    """A kit that cannot be used.

    Attributes:
        key: Why, as `witness.kit.KEY`.
        values: What fills the placeholders.
    """

    def __init__(self, *, key: str, **values: object) -> None:
        """Keep why."""
        super().__init__(key, values)
        self.key = key
        self.values = values

    def told(self, language: Language) -> str:
        """Say why."""
        return text(f"witness.kit.{self.key}", language, **values_in(self.values, language))


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: int = Field(ge=_FORMAT, le=_FORMAT)
    names: list[str] = Field(min_length=1)
    address: str
    port: int = Field(ge=1, le=65_535)
    profile: str = Field(min_length=1)
    seed: int = Field(ge=0)
    day: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """A kit.

    Attributes:
        folder: Where it is.
        names: Under which the client reaches the witness; the first stands in its addresses.
        address: IP address on which the witness listens and to which names lead.
        port: Its port.
        profile: Name of the profile of the client; it says who the test people are.
        seed: Of test people.
        day: When they are made (UTC); their ages hold for it.
    """

    folder: Path
    names: tuple[str, ...]
    address: str
    port: int
    profile: str
    seed: int
    day: datetime

    @property
    def root(self) -> str:
        """Address of the witness, without a slash at the end."""
        host = self.names[0]
        return f"https://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def certificates(self) -> AuthorityFiles:
        """Its certificates."""
        names = ("authority", "server", "first", "second")
        return AuthorityFiles(*(self.folder / CERTIFICATES / f"{one}.pem" for one in names))


def check_names(names: Sequence[str]) -> None:
    """Make sure that names are host names or IP addresses.

    Raises:
        KitError: One is neither.
    """
    for name in names:
        if address_of(name) is None and _HOST.fullmatch(name) is None:
            raise KitError(key="name", name=name[:60])


def check_address(address: str) -> None:
    """Make sure that an address is an IP address.

    Raises:
        KitError: It is none.
    """
    if address_of(address) is None:
        raise KitError(key="address", address=address[:60])


def write_kit(kit: Kit) -> None:
    """Make the certificates of a kit and write its settings; its folder is made when needed.

    Raises:
        KitError: A name is none.
        OSError: Something cannot be written.
    """
    check_names(kit.names)
    folder = kit.folder / CERTIFICATES
    folder.mkdir(parents=True, exist_ok=True)
    files = authority_in(folder, kit.names, DAYS)
    for pem in (files.first, files.second):
        _write_pkcs12(pem, files.authority)
    settings = {
        "format": _FORMAT,
        "names": list(kit.names),
        "address": kit.address,
        "port": kit.port,
        "profile": kit.profile,
        "seed": kit.seed,
    }
    # Numbers, texts and lists of texts are written the same in TOML as in JSON.
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    lines.append(f"day = {kit.day.isoformat()}\n")
    (kit.folder / SETTINGS).write_text("".join(lines), encoding="utf-8", newline="\n")


def read_kit(folder: Path) -> Kit:
    """Read the kit in a folder.

    Raises:
        KitError: There is none, or it cannot be used.
    """
    file = folder / SETTINGS
    try:
        read = _Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise KitError(key="none", folder=folder) from None
    except OSError as error:
        raise KitError(key="unreadable", file=file, problem=error.strerror or error) from error
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise KitError(key="unreadable", file=file, problem=f"{at}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise KitError(key="unreadable", file=file, problem=error) from error
    check_names(read.names)
    check_address(read.address)
    kit = Kit(
        folder=folder,
        names=tuple(read.names),
        address=read.address,
        port=read.port,
        profile=read.profile,
        seed=read.seed,
        day=read.day.replace(tzinfo=read.day.tzinfo or UTC),
    )
    files = kit.certificates
    for one in (files.authority, files.server, files.first, files.second):
        if not one.is_file():
            raise KitError(key="certificate", file=one)
        try:
            one.open("rb").close()
        except OSError as error:
            problem = error.strerror or error
            raise KitError(key="unreadable", file=one, problem=problem) from error
    return kit


def _write_pkcs12(pem: Path, authority: Path) -> None:
    """Write a certificate and its key as Windows, macOS and Java import them."""
    content = pem.read_bytes()
    key = load_pem_private_key(content, None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KitError(key="certificate", file=pem)
    chain = [x509.load_pem_x509_certificate(authority.read_bytes())]
    own = x509.load_pem_x509_certificate(content)
    protection = BestAvailableEncryption(PKCS12_PASSWORD.encode())
    file = pem.with_suffix(".p12")
    file.touch(mode=0o600)
    name = pem.stem.encode()
    file.write_bytes(pkcs12.serialize_key_and_certificates(name, key, own, chain, protection))
