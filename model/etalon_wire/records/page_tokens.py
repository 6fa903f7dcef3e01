"""Tokens that lead to another page: they say a number, and are good for one search of one reader.

A token holds the number of the page, which its reader counted themselves, and a seal: it tells
nothing of what is hidden, and one that is made up or carried to another search is refused.

Source: FHIR R4, 3.1.1.6 (links of a page are opaque).
"""

import base64
import binascii
import hmac
from typing import Final

from etalon_wire.bundles import Query
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.search_parameters import PAGE

_NUMBER: Final = 6
_SEAL: Final = 12


class PageTokens:
    """Makes and reads tokens under one key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """Keep the key: random, and never shown."""
        self._key = key

    def token(self, page: int, query: Query, reader: str) -> str:
        """Return the token of a page.

        Args:
            page: Number of the page, from 1.
            query: What was searched; an earlier token in it counts for nothing.
            reader: Who searches.
        """
        number = page.to_bytes(_NUMBER)
        sealed = number + self._seal(number, query, reader)
        return base64.urlsafe_b64encode(sealed).decode()

    def page_of(self, token: str, query: Query, reader: str) -> int | Fault:
        """Return the number of the page that a token leads to: 1 for none."""
        if not token:
            return 1
        try:
            sealed = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            sealed = b""
        number, seal = sealed[:_NUMBER], sealed[_NUMBER:]
        if hmac.compare_digest(seal, self._seal(number, query, reader)):
            return int.from_bytes(number)
        message = f"{PAGE} is not of this search: follow the link, or search again"
        return Fault("PARAMETER_WRONG", message, PAGE)

    def following(self, page: int, pages: int, query: Query, reader: str) -> dict[str, str] | None:
        """Return the parameters that lead to the page after `page`, None after the last."""
        return {PAGE: self.token(page + 1, query, reader)} if page < pages else None

    def _seal(self, number: bytes, query: Query, reader: str) -> bytes:
        asked = [f"{len(one)}:{one}" for pair in query if pair[0] != PAGE for one in pair]
        text = "\n".join((reader, *asked)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, number + text, "sha256")[:_SEAL]
