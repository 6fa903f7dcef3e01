"""An authority of one use: the certificate of a server on this machine, and two of clients.

Nobody else trusts it, its own key is written nowhere, and its certificates end after a day.

Sources: RFC 5280 (4.2: extensions), RFC 8705 (client certificates).
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
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE: Final = timedelta(days=1)
_NAMES: Final = (
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
)
_MAIL_DOMAINS: Final = tuple(
    x509.DNSName(f"{one}.etalon-test.mssante.fr") for one in ("medecin", "infirmier", "pharmacien")
)
"""Where the professionals of our sandbox have their mailboxes: nobody's domains."""


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


@dataclass(frozen=True, slots=True)
class _Signing:
    """What signs certificates."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey


def authority_in(folder: Path) -> AuthorityFiles:
    """Make an authority and its certificates, and write them to a folder.

    Raises:
        OSError: They cannot be written.
    """
    key = generate_private_key(SECP256R1())
    name = _name("Étalon throw-away authority")
    authority = _signed(
        _begun(name, key.public_key(), key)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True),
        key,
    )
    files = AuthorityFiles(
        *(folder / f"{one}.pem" for one in ("authority", "server", "first", "second"))
    )
    files.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    signing = _Signing(authority, key)
    _write(files.server, "localhost", signing, ExtendedKeyUsageOID.SERVER_AUTH, _NAMES)
    client = ExtendedKeyUsageOID.CLIENT_AUTH
    _write(files.first, "first client", signing, client, _MAIL_DOMAINS)
    _write(files.second, "second client", signing, client)
    return files


def _write(
    file: Path,
    name: str,
    authority: _Signing,
    use: x509.ObjectIdentifier,
    names: Sequence[x509.GeneralName] = (),
) -> None:
    """Write a certificate and its key to a file of its owner's alone."""
    key = generate_private_key(SECP256R1())
    begun = (
        _begun(_name(name), key.public_key(), authority.key)
        .issuer_name(authority.certificate.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    )
    if names:
        begun = begun.add_extension(x509.SubjectAlternativeName(names), critical=False)
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + _signed(begun, authority.key).public_bytes(Encoding.PEM)
    )


def _begun(
    subject: x509.Name, key: EllipticCurvePublicKey, signing: EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _LIFE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )


def _signed(begun: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> x509.Certificate:
    return begun.sign(key, SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


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
