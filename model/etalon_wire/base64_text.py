"""Base64 of FHIR: one line, padded as it should. Source: FHIR R4, `base64Binary`."""

import binascii
from functools import lru_cache
from typing import Final

_SHORT: Final = 64 * 1024
_REMEMBERED: Final = 32


def bytes_of(encoded: str) -> bytes | None:
    """Return what base64 encodes, None when the text is none."""
    # A validator reads a content before whoever keeps it: short ones are decoded once for both.
    return _short_bytes(encoded) if len(encoded) <= _SHORT else _decoded(encoded)


def _decoded(encoded: str) -> bytes | None:
    try:
        return binascii.a2b_base64(encoded, strict_mode=True) if encoded else b""
    except ValueError:
        return None


_short_bytes: Final = lru_cache(_REMEMBERED)(_decoded)
