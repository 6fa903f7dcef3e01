"""Whom a connection trusts, and the certificate it shows: PEM or PKCS#12.

Sources: RFC 8705 (client certificates), RFC 7292 (PKCS#12).
"""

import os
import secrets
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    pkcs12,
)

Loaded = TypeVar("Loaded")


class TlsError(Exception):
    """A file of TLS that cannot be used.

    Attributes:
        path: The file.
        problem: Why, in English; nothing secret.
    """

    def __init__(self, path: Path, problem: str) -> None:
        """Keep both."""
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The files of TLS.

    Attributes:
        ca_bundle: Authorities trusted instead of the system's, PEM, or None.
        certificate: Client certificate with its chain, PEM or PKCS#12, or None.
        key: Its private key in PEM, or None when the file of the certificate holds it.
        password: Password of the key or of the PKCS#12 file, or empty.
        verified: The server's certificate is verified; False for a test bench alone.
    """

    ca_bundle: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    password: str = ""
    verified: bool = True


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Return what connections are secured with.

    Raises:
        TlsError: A file cannot be read, or is not what it should be.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.ca_bundle is not None:
        bundle = files.ca_bundle
        context = _checked(bundle, lambda: ssl.create_default_context(cafile=str(bundle)))
    if not files.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if files.certificate is not None:
        _show(context, files.certificate, files)
    return context


def _show(context: ssl.SSLContext, certificate: Path, files: TlsFiles) -> None:
    """Load the client certificate."""
    content = _checked(certificate, certificate.read_bytes)
    if b"-----BEGIN" in content:
        # An empty password is given rather than none, which would ask for it on the terminal.
        _checked(
            files.key or certificate,
            lambda: context.load_cert_chain(certificate, files.key, files.password),
        )
    else:
        _checked(certificate, lambda: _show_pkcs12(context, content, files.password))


def _show_pkcs12(context: ssl.SSLContext, content: bytes, password: str) -> None:
    """Load a PKCS#12 file, through a file that a password of one use protects."""
    key, own, others = pkcs12.load_key_and_certificates(content, password.encode() or None)
    if key is None or own is None:
        message = "the PKCS#12 file holds no certificate with its key"
        raise ValueError(message)
    once = secrets.token_hex(32)
    written = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(once.encode())
    )
    chain = b"".join(one.public_bytes(Encoding.PEM) for one in (own, *others))
    handle, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(written + chain)
        context.load_cert_chain(name, password=once)
    finally:
        Path(name).unlink()


def _checked(path: Path, load: Callable[[], Loaded]) -> Loaded:
    """Return what is loaded.

    Raises:
        TlsError: It cannot be.
    """
    try:
        return load()
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise TlsError(path, str(said)) from error
