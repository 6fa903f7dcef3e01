"""Signing keys: one signs, those before it stay published while a token of theirs may live.

Signatures are those of joserfc over cryptography; nothing of them is made here. The algorithm is
the ring's, never the token's, and a key is found by its identifier among the ring's own.

Sources: RFC 7515, RFC 7517, RFC 8725 (3.1 and 3.2: one algorithm per key, chosen by the verifier).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, GuestProtocol, Key, KeyFlexible, RSAKey

from etalon_server.identity.failures import refuse_token
from etalon_wire.json_body import Json

Algorithm = Literal["ES256", "RS256"]
"""FranceConnect+ signs with the first, Pro Santé Connect with the second."""

ACCESS: Final = "at+jwt"
"""Type of an access token in its header (RFC 9068)."""
IDENTITY: Final = "JWT"
"""Type of an identity token."""

ROTATED_AFTER: Final = timedelta(days=1)
LONGEST_TOKEN: Final = timedelta(hours=1)
_LONGEST_TEXT: Final = 8192
_RSA_BITS: Final = 2048


class KeyRing:
    """The keys of one issuer; the first is made when first needed."""

    __slots__ = ("_algorithm", "_keys", "_made_at", "_retired_at", "_signing")

    def __init__(self, algorithm: Algorithm) -> None:
        """Start with no key."""
        self._algorithm: Algorithm = algorithm
        self._keys: dict[str, Key] = {}
        self._retired_at: dict[str, datetime] = {}
        self._signing: Key | None = None
        self._made_at: datetime | None = None

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm of the ring."""
        return self._algorithm

    def sign(self, claims: Mapping[str, Json], kind: str, now: datetime) -> str:
        """Return the compact token that says `claims`, of the type `kind`."""
        key = self._current(now)
        header = {"alg": self._algorithm, "kid": key.kid, "typ": kind}
        return jwt.encode(header, dict(claims), key, algorithms=[self._algorithm])

    def claims_of(self, token: str, kind: str) -> dict[str, Json]:
        """Return the claims of a token whose signature and type are right.

        Raises:
            TokenError: They are not.
        """
        return verified_claims(token, self._key_of, (self._algorithm,), kind)

    def rotate(self, now: datetime) -> None:
        """Sign with a new key from now on, and let go of those that no living token needs."""
        if self._signing is not None and self._signing.kid is not None:
            self._retired_at[self._signing.kid] = now
        for ident, retired_at in list(self._retired_at.items()):
            if now - retired_at > LONGEST_TOKEN:
                del self._keys[ident], self._retired_at[ident]
        key = new_key(self._algorithm)
        self._signing = key
        self._made_at = now
        self._keys[str(key.kid)] = key

    def published(self, now: datetime) -> dict[str, Json]:
        """Return the public keys as a set, the one that signs last."""
        self._current(now)
        keys: list[Json] = []
        for key in self._keys.values():
            public = cast("dict[str, Json]", key.as_dict(private=False))
            keys.append({**public, "use": "sig", "alg": self._algorithm})
        return {"keys": keys}

    def _current(self, now: datetime) -> Key:
        if self._made_at is None or now - self._made_at >= ROTATED_AFTER:
            self.rotate(now)
        return cast("Key", self._signing)

    def _key_of(self, token: GuestProtocol) -> Key:
        """Find a key by its identifier; a key that the token brings along is never looked at."""
        ident = token.headers().get("kid")
        key = self._keys.get(ident) if isinstance(ident, str) else None
        if key is None:
            raise InvalidKeyIdError
        return key


def verified_claims(
    token: str, key: KeyFlexible, algorithms: Sequence[str], kind: str
) -> dict[str, Json]:
    """Return the claims of a token signed under a key, with one of `algorithms`, of one type.

    Raises:
        TokenError: The token is none, or its signature, algorithm, key or type is another.
    """
    if len(token) > _LONGEST_TEXT:
        refuse_token(f"a token has at most {_LONGEST_TEXT} characters")
    try:
        read = jwt.decode(token, key, algorithms=list(algorithms))
    except (JoseError, ValueError, RecursionError):
        refuse_token("the token is not one that this server signed")
    if read.header.get("typ") != kind:
        refuse_token(f"the token is of another type than {kind}")
    return cast("dict[str, Json]", read.claims)


def check_life(claims: Mapping[str, Json], now: datetime) -> None:
    """Check that a verified token is good now.

    At the very end of its life a token is no longer good (ID-10).

    Raises:
        TokenError: It is not good yet, or no longer.
    """
    second = now.timestamp()
    if not _is_number(claims.get("exp")) or second >= cast("int", claims["exp"]):
        refuse_token("the token has expired: ask for another", expired=True)
    if _is_number(claims.get("nbf")) and second < cast("int", claims["nbf"]):
        refuse_token("the token is not good yet")


def check_parties(claims: Mapping[str, Json], issuer: str, audience: str) -> None:
    """Check who issued a verified token, and for whom.

    Raises:
        TokenError: It was issued by or for somebody else.
    """
    if claims.get("iss") != issuer:
        refuse_token("the token was issued by somebody else")
    heard = claims.get("aud")
    if audience not in (heard if isinstance(heard, list) else [heard]):
        refuse_token("the token was issued for somebody else")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def new_key(algorithm: Algorithm) -> Key:
    """Make a signing key."""
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", private=True, auto_kid=True)
    return RSAKey.generate_key(_RSA_BITS, private=True, auto_kid=True)
