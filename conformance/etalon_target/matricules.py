"""A matricule with an OID of production never leaves: it may be somebody's.

Source: ANS, INS guide (OIDs of the NIR, the NIA, and those of tests).
"""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from etalon_model.identifiers import InsOid
from etalon_target.messages import FailureKind, HttpRequest, TransportFailure

PRODUCTION: Final = (InsOid.NIR, InsOid.NIA)

_PRODUCTION: Final = re.compile(
    rb"(?<![0-9.])(?:"
    + b"|".join(re.escape(oid.encode()) for oid in PRODUCTION)
    + rb")(?!\.?[0-9])"
)
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]{32,}")


def names_production(*parts: bytes) -> bool:
    """Whether an OID of production stands in an address, a header or a body.

    It is looked for as written, percent-encoded, and inside base64.
    """
    return any(
        _PRODUCTION.search(form) for part in parts for form in (part, unquote_to_bytes(part))
    ) or any(_PRODUCTION.search(decoded) for part in parts for decoded in _decoded(part))


def _decoded(part: bytes) -> list[bytes]:
    found: list[bytes] = []
    for match in _BASE64.finditer(part):
        held = match.group()
        try:
            found.append(base64.b64decode(held[: len(held) // 4 * 4]))
        except binascii.Error:
            continue
    return found


def withheld(request: HttpRequest) -> TransportFailure | None:
    """Return what is answered instead of sending a request that names an OID of production."""
    parts = (request.url, *(text for pair in request.headers for text in pair))
    if not names_production(*(part.encode() for part in parts), request.body):
        return None
    detail = "the request names an OID of production: only test matricules are sent"
    return TransportFailure(FailureKind.WITHHELD, detail, 0.0, maybe_applied=False)
