"""Clients: the software that sends people to log in, and how it proves which one it is.

One public client is there from the start; others register themselves, with a secret or a client
certificate of their own.

Sources: RFC 6749 (2.3, 3.1.2), RFC 7591 (registration), RFC 8252 (7.3: the port of a loopback
address is free), RFC 8705 (2.2: self-signed certificates in `x5c` of the registered keys).
"""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, NoReturn, cast, get_args
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet, KeySetSerialization

from etalon_model.identifiers import structure_identifier
from etalon_server.identity.failures import refuse, refuse_client
from etalon_server.identity.grants import digest
from etalon_server.identity.store import Store
from etalon_wire.json_body import Json

Proof = Literal["none", "client_secret_basic", "client_secret_post", "self_signed_tls_client_auth"]
"""How a client proves which one it is, in the words of RFC 7591 and RFC 8705."""

SANDBOX_CLIENT: Final = "sandbox-app"
"""The public client that is there from the start: it logs people in on a loopback address."""

CLIENTS_MOST: Final = 10_000
_KIND: Final = "client"
_UNREADABLE: Final = (
    JoseError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
"""What joserfc and cryptography say of keys and certificates that are none."""

_STRUCTURE_KINDS: Final = {
    "0": "adeli",
    "1": "finess",
    "2": "siren",
    "3": "siret",
    "4": "rpps-rank",
}
_OBJECT_IDENTIFIER: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]{0,17})){2,20}")
_KEY_TYPES: Final = ("EC", "RSA")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_TEXT_MOST: Final = 500
_REDIRECTS_MOST: Final = 20
_CERTIFICATES_MOST: Final = 5
_OPENED_BY_BROWSERS: Final = frozenset({"javascript", "data", "file", "vbscript", "blob", "about"})
_OF_OTHER_PROTOCOLS: Final = frozenset({"ftp", "ftps", "sftp", "ws", "wss", "mailto", "tel", "sms"})
_NEVER_A_REDIRECT: Final = _OPENED_BY_BROWSERS | _OF_OTHER_PROTOCOLS


@dataclass(frozen=True, slots=True)
class Client:
    """One client.

    Attributes:
        ident: Its identifier.
        name: What people read on the login page.
        proof: How it proves which one it is.
        redirects: Where people may be sent back.
        secret_digest: Digest of its secret, or empty.
        certificates: Thumbprints (`x5t#S256`) of its certificates.
        keys: Public keys under which it signs `actor_token`s.
        structure: National identifier of the structure it acts for without anybody logged in, or
            empty when it does not.
        solution: Object identifier of the referenced service it is, or empty when it is none.
    """

    ident: str
    name: str
    proof: Proof
    redirects: tuple[str, ...] = ()
    secret_digest: bytes = b""
    certificates: frozenset[str] = frozenset()
    keys: KeySet | None = None
    structure: str = ""
    solution: str = ""

    @property
    def is_public(self) -> bool:
        """It cannot keep a secret: PKCE alone ties a code to it."""
        return self.proof == "none"

    def may_be_sent_to(self, address: str) -> bool:
        """Tell whether an address is registered; on a loopback address the port is free."""
        if address in self.redirects:
            return True
        asked = _portless(address)
        return asked is not None and asked in map(_portless, self.redirects)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brings to say which client it comes from.

    Attributes:
        ident: Identifier, from the header or the form.
        secret: Secret, or empty.
        by_header: They came in the `Authorization` header.
        certificate: Thumbprint of the certificate of the connection, or empty.
    """

    ident: str
    secret: str
    by_header: bool
    certificate: str


class Clients:
    """Every client this server knows."""

    __slots__ = ("_clients", "_store")

    def __init__(self, store: Store) -> None:
        """Know the one that is there from the start, and those that were kept.

        Raises:
            DirectoryRefusedError: They cannot be read.
        """
        self._store = store
        self._clients: dict[str, Client] = {}
        self.forget()
        self._clients |= store.kept(_KIND, _kept_client)

    def find(self, ident: str) -> Client | None:
        """Return a client, or None."""
        return self._clients.get(ident)

    def authenticated(self, given: Credentials) -> Client:
        """Return the client that a request comes from.

        Raises:
            OAuthError: It is not known, or does not prove which one it is.
        """
        client = self._clients.get(given.ident)
        if client is None:
            refuse_client("no client of that identifier: register it (/oauth2/register)")
        if client.certificates and given.certificate not in client.certificates:
            refuse_client("the connection does not present a certificate of this client")
        if client.proof == "self_signed_tls_client_auth":
            return client
        if client.is_public:
            return client
        wanted = "client_secret_basic" if given.by_header else "client_secret_post"
        if client.proof != wanted:
            refuse_client(f"this client is registered for {client.proof}: authenticate in that way")
        if not hmac.compare_digest(digest(given.secret), client.secret_digest):
            refuse_client("the secret is not that of this client")
        return client

    def register(self, metadata: Mapping[str, Json]) -> dict[str, Json]:
        """Register a client and return what is said of it, its secret included, once.

        Blocks until it is kept.

        Raises:
            OAuthError: `invalid_client_metadata` or `invalid_redirect_uri`.
            StoreError: It cannot be kept.
        """
        if len(self._clients) >= CLIENTS_MOST:
            message = f"at most {CLIENTS_MOST} clients are registered: start with an empty sandbox"
            refuse("invalid_client_metadata", message)
        kept = self.check(metadata)
        ident = f"client-{secrets.token_urlsafe(9)}"
        secret = secrets.token_urlsafe(32) if str(kept[_METHOD]).startswith("client_secret") else ""
        client = _client(ident, kept, digest(secret) if secret else b"")
        written = base64.b64encode(client.secret_digest).decode()
        self._store.put(_KIND, ident, {**kept, "secret_digest": written})
        self._clients[ident] = client
        told: dict[str, Json] = {"client_id": ident, **kept}
        if secret:
            told |= {"client_secret": secret, "client_secret_expires_at": 0}
        return told

    def check(self, metadata: Mapping[str, Json]) -> dict[str, Json]:
        """Return what would be kept of what a client says of itself.

        Raises:
            OAuthError: `invalid_client_metadata` or `invalid_redirect_uri`.
        """
        kept = _checked(metadata)
        solution = kept.get("solution")
        if solution and any(one.solution == solution for one in self._clients.values()):
            _refuse_metadata("another client is registered for that solution")
        return kept

    def forget(self) -> None:
        """Know only the client that is there from the start."""
        redirects = ("http://127.0.0.1/callback", "http://[::1]/callback")
        public = Client(SANDBOX_CLIENT, "Étalon", "none", redirects)
        self._clients = {SANDBOX_CLIENT: public}


def certificate_thumbprint(der: bytes) -> str:
    """Return the thumbprint `x5t#S256` of a certificate: SHA-256, base64url without padding."""
    return base64.urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode()


_METHOD: Final = "token_endpoint_auth_method"


def _client(ident: str, metadata: Mapping[str, Json], secret_digest: bytes) -> Client:
    redirects = cast("list[str]", metadata["redirect_uris"])
    keys, certificates = _keys(metadata.get("jwks"))
    return Client(
        ident=ident,
        name=str(metadata["client_name"]),
        proof=cast("Proof", metadata[_METHOD]),
        redirects=tuple(redirects),
        secret_digest=secret_digest,
        certificates=certificates,
        keys=keys,
        structure=str(metadata.get("structure", "")),
        solution=str(metadata.get("solution", "")),
    )


def _kept_client(ident: str, kept: Mapping[str, Json]) -> Client:
    return _client(ident, kept, base64.b64decode(str(kept["secret_digest"])))


def _checked(metadata: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is kept of what a client says of itself."""
    method = metadata.get(_METHOD, "client_secret_basic")
    if method not in get_args(Proof):
        _refuse_metadata(f"{_METHOD} is one of {', '.join(get_args(Proof))}")
    name = metadata.get("client_name", "")
    if not isinstance(name, str) or len(name) > _TEXT_MOST:
        _refuse_metadata(f"client_name is a text of at most {_TEXT_MOST} characters")
    redirects = metadata.get("redirect_uris", [])
    if not isinstance(redirects, list) or len(redirects) > _REDIRECTS_MOST:
        _refuse_metadata(f"redirect_uris is a list of at most {_REDIRECTS_MOST} addresses")
    for one in redirects:
        _check_redirect(one)
    kept: dict[str, Json] = {"client_name": name, _METHOD: method, "redirect_uris": redirects}
    certificates = _keys(metadata.get("jwks"))[1]
    if method == "self_signed_tls_client_auth" and not certificates:
        _refuse_metadata("jwks holds the client's certificate: a key with x5c (RFC 8705, 2.2.2)")
    if "structure" in metadata:
        _check_structure(metadata["structure"], method)
    if "solution" in metadata:
        _check_solution(metadata, method)
    more = ("jwks", "structure", "solution")
    return kept | {name: metadata[name] for name in more if name in metadata}


def _check_structure(ident: Json, method: Json) -> None:
    """Check the structure that a client acts for: a claim of ours, that it alone vouches for."""
    written = ident if isinstance(ident, str) else ""
    try:
        structure_identifier(_STRUCTURE_KINDS.get(written[:1], ""), written[1:])
    except ValueError:
        _refuse_metadata("structure is a national identifier: 1 and a FINESS number, 3 and a SIRET")
    if method == "none":
        _refuse_metadata("a public client acts for no structure: register one with a secret")


def _check_solution(metadata: Mapping[str, Json], method: Json) -> None:
    """Check the referenced service that a client is: a claim of ours, that it alone vouches for."""
    solution = metadata["solution"]
    if not isinstance(solution, str) or _OBJECT_IDENTIFIER.fullmatch(solution) is None:
        _refuse_metadata("solution is the object identifier of a referenced service: 1.2.250.1.…")
    if method == "none" or "structure" in metadata:
        _refuse_metadata("a solution has a secret or a certificate, and acts for no structure")


def _check_redirect(address: Json) -> None:
    if not _is_redirect(address):
        message = (
            "a redirect_uri is https, http on a loopback address, or a scheme of the application's "
            "own; it is whole and has no fragment"
        )
        refuse("invalid_redirect_uri", message)


def _is_redirect(address: Json) -> bool:
    """Tell whether people may ever be sent to an address."""
    if not isinstance(address, str) or len(address) > _TEXT_MOST:
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not (address.isascii() and address.isprintable()) or set(address) & set(' #"<>\\'):
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in _LOOPBACK
    return parts.scheme not in {"", *_NEVER_A_REDIRECT} and bool(parts.netloc or parts.path)


def _keys(jwks: Json) -> tuple[KeySet | None, frozenset[str]]:
    """Return the public keys a client registers, and the thumbprints of the certificates in them.

    Raises:
        OAuthError: They are none, or hold a private key.
    """
    if jwks is None:
        return None, frozenset()
    found = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(found, list) or not 0 < len(found) <= _CERTIFICATES_MOST:
        _refuse_metadata(f"jwks is an object with 1 to {_CERTIFICATES_MOST} keys")
    if not all(isinstance(one, dict) and one.get("kty") in _KEY_TYPES for one in found):
        _refuse_metadata(f"a key of jwks is of the type {' or '.join(_KEY_TYPES)}")
    try:
        keys = KeySet.import_key_set(cast("KeySetSerialization", jwks))
        certificates = frozenset(_thumbprint(one) for one in found if _has_certificate(one))
    except _UNREADABLE:
        _refuse_metadata("jwks holds a key or a certificate that cannot be read")
    if any(key.is_private for key in keys):
        _refuse_metadata("jwks holds a private key: keep it, and register the public one")
    return keys, certificates


def _has_certificate(key: Json) -> bool:
    return isinstance(key, dict) and bool(key.get("x5c"))


def _thumbprint(key: Json) -> str:
    """Return the thumbprint of the certificate of a key, having seen that it is of that key.

    Raises:
        OAuthError: It is another's.
    """
    written = cast("dict[str, str | list[str]]", key)
    der = base64.b64decode(written["x5c"][0], validate=True)
    certificate = x509.load_der_x509_certificate(der)
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    certified = JWKRegistry.import_key(pem, str(written["kty"]))
    if certified.thumbprint() != JWKRegistry.import_key(written).thumbprint():
        _refuse_metadata("jwks holds a certificate (x5c) of another key than the one it stands in")
    return certificate_thumbprint(certificate.public_bytes(Encoding.DER))


def _refuse_metadata(description: str) -> NoReturn:
    refuse("invalid_client_metadata", description)


def _portless(address: str) -> str | None:
    """Return a loopback address without its port, or None for any other address."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or "@" in parts.netloc:
        return None
    return parts._replace(netloc=parts.hostname or "").geturl()
