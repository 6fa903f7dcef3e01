"""The profile of a target: a TOML file that says what it claims and how it is reached and driven.

No secret stands in it. Paths are relative to it.
"""  # noqa: A005 (imported by its full name)

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from etalon_model.actors import ActorKind
from etalon_target.operation_names import OPERATIONS
from etalon_target.profile_checks import place_of_secret
from etalon_target.profile_errors import ProfileError, first_error, nearest
from etalon_target.profile_sections import (
    About,
    Addresses,
    ClientToken,
    ExchangeToken,
    Limits,
    MailSection,
    MetricsSection,
    NamedPerson,
    NamedProfessional,
    ProxySection,
    Section,
    Step,
    TlsSection,
    TokenSource,
)

_SIZE_MOST: Final = 1_048_576


class ProfileFile(Section):
    """The whole file."""

    target: About
    addresses: Addresses
    limits: Limits = Limits()
    tls: TlsSection = TlsSection()
    proxy: ProxySection | None = None
    metrics: MetricsSection | None = None
    mail: MailSection | None = None
    authentication: Mapping[str, TokenSource] = {}
    operations: Mapping[str, Step | list[Step]] = {}
    people: list[NamedPerson] = Field(default=[])
    professionals: list[NamedProfessional] = Field(default=[])


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a target before it is spoken to.

    Attributes:
        file: The file it was read from, or what was asked for when there is none.
        folder: What its paths are relative to.
        digest: SHA-256 of the file, or empty.
        about: Its name and its claims.
        addresses: Where it answers.
        limits: How much an exchange may take.
        tls: Whom to trust, and the certificate to show.
        proxy: The proxy on the way; None for what the environment says.
        metrics: Where it tells how much it works, or None.
        mail: Where it takes mail, or None.
        authentication: Where tokens come from, by kind of actor or by a name of the file.
        operations: How each operation of the model is carried out, step after step.
        people: Test people it has.
        professionals: Test professionals it has.
    """

    file: str
    folder: Path
    digest: str
    about: About
    addresses: Addresses
    limits: Limits
    tls: TlsSection
    proxy: ProxySection | None
    metrics: MetricsSection | None
    mail: MailSection | None
    authentication: Mapping[str, TokenSource]
    operations: Mapping[str, tuple[Step, ...]]
    people: tuple[NamedPerson, ...]
    professionals: tuple[NamedProfessional, ...]

    @property
    def name(self) -> str:
        """What reports call the target."""
        return self.about.name

    @property
    def asked_addresses(self) -> tuple[str, ...]:
        """The addresses that requests go to: the target's own, and where tokens come from."""
        own = self.addresses
        sources = [*self.authentication.values()]
        sources += [one.token for one in self.people if one.token is not None]
        sources += [one.token for one in self.professionals if one.token is not None]
        endpoints = [one.token_endpoint for one in sources if isinstance(one, ClientToken)]
        return tuple(filter(None, (own.fhir, own.root, own.sandbox, *endpoints)))


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        ProfileError: It cannot be read, or a value in it is not what it should be.
    """
    file = str(path)
    content = _content(path, file)
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        # The message of tomllib gives line and column, and never what stands there.
        problem = "bytes that are no UTF-8" if isinstance(error, UnicodeError) else str(error)
        found = f"text that is not TOML: {problem}"
        raise ProfileError(file, "", found=found, expected="a complete TOML file") from None
    if secret_at := place_of_secret(table):
        raise ProfileError(
            file,
            secret_at,
            found="a key or a token (not shown)",
            expected="where it is: env:NAME, file:PATH or command:…",
        )
    try:
        read = ProfileFile.model_validate(table)
    except ValidationError as error:
        raise first_error(file, error, ProfileFile) from None
    _check_names(file, read)
    return _profile(path, content, read)


def profile_of_address(address: str, name: str = "") -> Profile:
    """Return the profile of a bare address: it claims nothing, its own description does.

    Args:
        address: Of its FHIR base.
        name: What reports call it; its address when empty.

    Raises:
        ProfileError: It is no address.
    """
    table = {"target": {"name": name or address}, "addresses": {"fhir": address}}
    try:
        read = ProfileFile.model_validate(table)
    except ValidationError as error:
        raise first_error(file="--target", error=error, model=ProfileFile) from None
    return _profile(Path(), b"", read, address)


def _profile(path: Path, content: bytes, read: ProfileFile, file: str = "") -> Profile:
    return Profile(
        file=file or str(path),
        folder=path.parent,
        digest=sha256(content).hexdigest() if content else "",
        about=read.target,
        addresses=read.addresses,
        limits=read.limits,
        tls=read.tls,
        proxy=read.proxy,
        metrics=read.metrics,
        mail=read.mail,
        authentication=read.authentication,
        operations={
            name: tuple(steps) if isinstance(steps, list) else (steps,)
            for name, steps in read.operations.items()
        },
        people=tuple(read.people),
        professionals=tuple(read.professionals),
    )


def _content(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as opened:
            content = opened.read(_SIZE_MOST + 1)
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
        raise ProfileError(file, "", found=found, expected="a profile in TOML") from error
    if len(content) > _SIZE_MOST:
        found = f"more than {_SIZE_MOST} bytes"
        raise ProfileError(file, "", found=found, expected="a profile in TOML")
    return content


def _check_names(file: str, read: ProfileFile) -> None:
    """Check what one table says of another.

    Raises:
        ProfileError: A name leads nowhere, or stands twice.
    """
    for name, steps in read.operations.items():
        _check_known(file, f"operations.{name}", name, OPERATIONS)
        if not steps:
            at = f"operations.{name}"
            raise ProfileError(file, at, found="an empty list", expected="at least one step")
    kinds = [kind.value for kind in ActorKind]
    named = set(read.authentication)
    for name, source in read.authentication.items():
        if not name.startswith("via-"):
            _check_known(file, f"authentication.{name}", name, kinds, ", or a name via-…")
        if isinstance(source, ExchangeToken):
            _check_known(file, f"authentication.{name}.subject", source.subject, named - {name})
    for name in read.authentication:
        _check_chain(file, name, read.authentication)
    everybody = [one.name for one in read.people] + [one.name for one in read.professionals]
    for rank, one in enumerate(read.people):
        if one.guardian:
            _check_known(file, f"people.{rank}.guardian", one.guardian, everybody)
    twice = next((name for name in everybody if everybody.count(name) > 1), None)
    if twice is not None:
        found = f"the name {twice!r} twice"
        raise ProfileError(file=file, path="people", found=found, expected="a name for each person")


def _check_chain(file: str, name: str, sources: Mapping[str, TokenSource]) -> None:
    """Check that exchanges begin with a source that is none.

    Raises:
        ProfileError: They go round in a circle.
    """
    seen = [name]
    while isinstance(source := sources[seen[-1]], ExchangeToken):
        if source.subject in seen:
            at = f"authentication.{name}.subject"
            found = " from ".join((*seen, source.subject))
            expected = "a chain of exchanges that ends"
            raise ProfileError(file, at, found=found, expected=expected)
        seen.append(source.subject)


def _check_known(
    file: str, path: str, name: str, known: "set[str] | frozenset[str] | list[str]", more: str = ""
) -> None:
    if name not in known:
        listed = ", ".join(sorted(known)) or "nothing: no other source is declared"
        raise ProfileError(
            file,
            path,
            found=repr(name),
            expected=f"one of {listed}{more}",
            nearest=nearest(name, known),
        )
