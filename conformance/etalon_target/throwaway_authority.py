"""An authority of one use: the certificate of a server, and two of clients.

Its own key is written nowhere, so that nobody can sign anything else with it, and it may sign for
the names of that server, and the domains of test mailboxes, alone: a machine that is told to trust
it trusts nothing more.

Sources: RFC 5280 (4.2: extensions; 4.2.1.10: name constraints), RFC 8705 (client certificates).
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_NAME: Final = "Etalon throw-away authority"
"""What systems list it under, in letters that every command line takes."""

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
"""The names of a server that this machine alone reaches."""

MAIL_DOMAINS: Final = tuple(
    f"{one}.etalon-test.mssante.fr" for one in ("medecin", "infirmier", "pharmacien")
)
"""Where the professionals of our sandbox have their mailboxes: nobody's domains."""

_SKEW: Final = timedelta(days=1)
"""How far the clock of another machine may be behind."""

_EVERY: Final = ("0.0.0.0/0", "::/0")
_NAME_MOST: Final = 64
"""Characters of a common name (X.520)."""


@dataclass(frozen=True, slots=True)
class AuthorityFiles:
    """Files in PEM; the certificates of `server`, `first` and `second` stand with their keys.

    Attributes:
        authority: Certificate of the authority.
        server: Of a server on this machine.
        first: Of a client, who answers for the domains of the test mailboxes.
        second: Of another one.
    """

    authority: Path
    server: Path
    first: Path
    second: Path

    @property
    def environment(self) -> dict[str, str]:
        """What scripts that speak to such a server have to know, as they are told it."""
        return {
            "CURL_OPTIONS": f"--cacert {self.authority}",
            "SSL_CERT_FILE": str(self.authority),
            "CERT_FIRST": str(self.first),
            "CERT_SECOND": str(self.second),
        }


def authority_in(folder: Path, names: Sequence[str] = LOOPBACK, days: int = 1) -> AuthorityFiles:
    """Make an authority and its certificates, and write them to a folder.

    Args:
        folder: Where to.
        names: Host names and IP addresses under which the server is reached.
        days: How long the certificates hold.

    Raises:
        OSError: They cannot be written.
    """
    key = generate_private_key(SECP256R1())
    life = timedelta(days=days)
    name = _name(AUTHORITY_NAME)
    authority = _signed(
        _begun(name, key, life)
        .issuer_name(name)
        .public_key(key.public_key())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_constraint((*names, *MAIL_DOMAINS)), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True),
        key,
    )
    files = AuthorityFiles(
        *(folder / f"{one}.pem" for one in ("authority", "server", "first", "second"))
    )
    files.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    server = _issued(names[0], key, life).add_extension(_alternatives(names), critical=False)
    _write(files.server, server, authority, key, ExtendedKeyUsageOID.SERVER_AUTH)
    first = _issued("first client", key, life).add_extension(
        _alternatives(MAIL_DOMAINS), critical=False
    )
    second = _issued("second client", key, life)
    for file, begun in ((files.first, first), (files.second, second)):
        _write(file, begun, authority, key, ExtendedKeyUsageOID.CLIENT_AUTH)
    return files


def address_of(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that a name is, or None when it is the name of a host."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _issued(
    name: str, signing: EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    """Begin a certificate that signs no others; its key is added when it is written."""
    return (
        _begun(_name(name), signing, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
    )


def _write(
    file: Path,
    begun: x509.CertificateBuilder,
    authority: x509.Certificate,
    signing: EllipticCurvePrivateKey,
    use: x509.ObjectIdentifier,
) -> None:
    """Write a certificate and its key to a file of its owner's alone."""
    key = generate_private_key(SECP256R1())
    whole = (
        begun.issuer_name(authority.subject)
        .public_key(key.public_key())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    )
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + _signed(whole, signing).public_bytes(Encoding.PEM)
    )


def _begun(
    subject: x509.Name, signing: EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + life)
        .add_extension(issuer, critical=False)
    )


def _alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    addresses = [x509.IPAddress(one) for one in map(address_of, names) if one is not None]
    return x509.SubjectAlternativeName([*_hosts(names), *addresses])


def _constraint(names: Sequence[str]) -> x509.NameConstraints:
    """Return what keeps an authority to some names; without an address, from every address."""
    addresses = [one for one in map(address_of, names) if one is not None]
    permitted = [x509.IPAddress(ipaddress.ip_network(str(one))) for one in addresses]
    excluded = [x509.IPAddress(ipaddress.ip_network(one)) for one in _EVERY]
    return x509.NameConstraints([*_hosts(names), *permitted], None if addresses else excluded)


def _hosts(names: Sequence[str]) -> list[x509.DNSName]:
    return [x509.DNSName(name) for name in names if address_of(name) is None]


def _signed(begun: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> x509.Certificate:
    return begun.sign(key, SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:_NAME_MOST])])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
