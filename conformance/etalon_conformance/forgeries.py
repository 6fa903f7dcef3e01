"""Tokens that nobody issued, made of one that somebody did; none can be turned back into it.

Sources: RFC 7519, RFC 8725 (2.1 and 3.1: `none`, and a public key taken for a shared one).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from random import Random
from typing import Final

from etalon_wire.json_body import Json

_PARTS: Final = 3


def claims_of(token: str) -> Mapping[str, Json]:
    """Return the claims of a token, none when it says them in no known form."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        read: Json = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def forgeries(token: str, random: Random, key: bytes, **claims: Json) -> Mapping[str, str]:
    """Return forged tokens by what is wrong with them.

    Args:
        token: A good token.
        random: Random numbers.
        key: Bytes that somebody might take for a shared key: what the server publishes.
        claims: Claims that a forger would change.
    """
    forged = {"made-up": random.randbytes(48).hex(), "a-word": "null"}
    parts = token.split(".")
    if len(parts) != _PARTS:
        return forged
    said = dict(claims_of(token))
    noise = _coded(random.randbytes(64))
    forged["unsigned"] = f"{parts[0]}.{parts[1]}."
    forged["signed-by-chance"] = f"{parts[0]}.{parts[1]}.{noise}"
    forged["other-claims"] = f"{parts[0]}.{_json({**said, **claims})}.{noise}"
    for name in ("none", "None", "NONE"):
        forged[f"algorithm-{name}"] = f"{_json({'alg': name, 'typ': 'at+jwt'})}.{parts[1]}."
    for name, secret in (("published", key), ("empty", b""), ("word", b"secret")):
        head = f"{_json({'alg': 'HS256', 'typ': 'at+jwt'})}.{parts[1]}"
        seal = hmac.new(secret, head.encode(), hashlib.sha256).digest()
        forged[f"shared-key-{name}"] = f"{head}.{_coded(seal)}"
    return forged


def _json(value: Mapping[str, Json]) -> str:
    return _coded(json.dumps(value, separators=(",", ":")).encode())


def _coded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
