"""What `etalon serve` was asked for, checked as far as it can be before anything is opened."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.serve_mail import MailAsked, mail_asked_for
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_model.parameters import VINTAGES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080
DEFAULT_VINTAGE: Final = "steady-2023"
DEFAULT_SEED: Final = 1
_HIGHEST_PORT: Final = 65_535
_MOST_PEOPLE: Final = 1_000_000
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\-_\[\]:]+")


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of TLS.

    Attributes:
        certificate: Of the server, with its chain.
        key: Its private key.
        authorities: Whose client certificates are taken, or None.
    """

    certificate: Path
    key: Path
    authorities: Path | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.
        public_address: Address under which clients reach the server, or empty.
        directory: Where what happens is kept, or None.
        vintage: Name of the vintage.
        seed: Of codes and of test people.
        is_manual: The clock moves by hand.
        people: How many test people are there at the start.
        sandbox: The controls are offered.
        is_exposed: Other machines reach the address.
        certificates: The files of TLS, or None.
        package: Official package of profiles, or None.
        clinical_kit: Folder of the ANS that judges clinical documents, or None.
        impostor: Name of the server to be in the place of the reference, or empty.
        mail: What was asked of mail, or None for none.
    """

    host: str
    port: int
    public_address: str
    directory: Path | None
    vintage: str
    seed: int
    is_manual: bool
    people: int
    sandbox: bool
    is_exposed: bool
    certificates: Certificates | None
    package: Path | None
    clinical_kit: Path | None
    impostor: str
    mail: MailAsked | None


def asked_for(options: Namespace) -> Asked:
    """Read the options.

    Raises:
        Stopped: One of them cannot be what it says, or does not go with the others.
    """
    host = options.host or DEFAULT_HOST
    exposed = not is_loopback(host)
    if options.sandbox and exposed and not options.force:
        raise because(reason="serve_exposed", found=host)
    if options.force and not options.sandbox:
        raise because(reason="serve_alone", option="--force", missing="--sandbox")
    if options.impostor and not options.sandbox:
        raise because(reason="serve_alone", option="--impostor", missing="--sandbox")
    if options.public_address and not _ADDRESS.fullmatch(options.public_address.rstrip("/")):
        raise because(reason="serve_address", found=options.public_address)
    return Asked(
        host=host,
        port=whole_number("--port", options.port, DEFAULT_PORT, 0, _HIGHEST_PORT),
        public_address=(options.public_address or "").rstrip("/"),
        directory=Path(options.data) if options.data else None,
        vintage=_vintage(options.vintage),
        seed=whole_number("--seed", options.seed, DEFAULT_SEED, 0, LARGEST_SEED),
        is_manual=(options.clock or _usual_clock(options)) == "manual",
        people=whole_number("--people", options.people, 0, 0, _MOST_PEOPLE),
        sandbox=options.sandbox,
        is_exposed=exposed,
        certificates=_certificates(options),
        package=Path(options.ig) if options.ig else None,
        clinical_kit=Path(options.cda_kit) if options.cda_kit else None,
        impostor=options.impostor or "",
        mail=mail_asked_for(options),
    )


def _usual_clock(options: Namespace) -> str:
    """Return the clock followed when none is asked for: some impostors show once days go by."""
    return "manual" if options.impostor else "real"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address.

    Raises:
        Stopped: The name leads nowhere.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise because(reason="serve_host", found=host, problem=why(error)) from error
    addresses = {str(entry[4][0]).partition("%")[0] for entry in found}
    return all(ipaddress.ip_address(address).is_loopback for address in addresses)


def _vintage(typed: str | None) -> str:
    name = typed or DEFAULT_VINTAGE
    if name not in VINTAGES:
        accepted = ", ".join(VINTAGES)
        reason = "unknown_option_value"
        raise because(reason=reason, option="--vintage", found=name, accepted=accepted)
    return name


def _certificates(options: Namespace) -> Certificates | None:
    """Read the files of TLS once, so that what is wrong with them is said at once."""
    for option, missing in (
        ("--tls-cert", "--tls-key"),
        ("--tls-key", "--tls-cert"),
        ("--client-ca", "--tls-cert"),
    ):
        if _given(options, option) and not _given(options, missing):
            raise because(reason="serve_alone", option=option, missing=missing)
    if not options.tls_cert:
        return None
    files = Certificates(
        Path(options.tls_cert),
        Path(options.tls_key),
        Path(options.client_ca) if options.client_ca else None,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _check(
        "--tls-cert", files.certificate, lambda: context.load_verify_locations(files.certificate)
    )
    # A key with a password would ask for it on the terminal: an empty one is tried instead.
    _check(
        "--tls-key",
        files.key,
        lambda: context.load_cert_chain(files.certificate, files.key, password=""),
    )
    if files.authorities is not None:
        _check(
            "--client-ca",
            files.authorities,
            lambda: context.load_verify_locations(files.authorities),
        )
    return files


def _given(options: Namespace, option: str) -> bool:
    return bool(getattr(options, option.removeprefix("--").replace("-", "_")))


def _check(option: str, file: Path, load: Callable[[], object]) -> None:
    try:
        load()
    except (OSError, ValueError) as error:
        raise because(reason="serve_tls", option=option, file=file, problem=why(error)) from error


def why(error: Exception) -> str:
    """Say what went wrong without the number of the error."""
    return str(getattr(error, "strerror", None) or error)
