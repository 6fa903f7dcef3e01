"""Values that come again in message after message: found right once, they are not checked again.

A software sends the same author, structure, types and settings with every document. A value is
known by its exact text, for one place of one profile, and only if it was right and nothing beside
it was looked at: its check would find the same. What was wrong is never remembered.
"""

from decimal import Decimal
from typing import Final

import orjson

from etalon_wire.json_body import Json
from etalon_wire.validation.flaws import NONE, Check, Flaws, Scope

RECURRING: Final = frozenset({"CodeableConcept", "Coding", "Extension", "Meta", "Reference"})
"""Types of which messages repeat values; an identifier or a period is rarely the same twice."""

LONGEST: Final = 4096
"""Bytes of the longest text that is remembered."""
BYTES_MOST: Final = 8 * 1024 * 1024
"""How much is remembered in all."""
_OVERHEAD_BYTES: Final = 96
"""What a text weighs besides its bytes."""


class RightValues:
    """The texts of values that were found right, by place; all are let go when there are many."""

    __slots__ = ("_bytes", "_places")

    def __init__(self) -> None:
        self._places: list[set[bytes]] = []
        self._bytes = 0

    def remembering(self, check: Check) -> Check:
        """Return `check`, passing what it found right before."""
        right: set[bytes] = set()
        self._places.append(right)

        def remembered(value: Json, scope: Scope) -> Flaws:
            try:
                written = orjson.dumps(value, default=_exactly)
            except TypeError:
                return check(value, scope)
            if written in right:
                return NONE
            looks = scope.looks
            flaws = check(value, scope)
            if not flaws and scope.looks == looks and len(written) <= LONGEST:
                self._remember(right, written)
            return flaws

        return remembered

    def _remember(self, right: set[bytes], written: bytes) -> None:
        weight = len(written) + _OVERHEAD_BYTES
        self._bytes += weight
        if self._bytes > BYTES_MOST:
            for place in self._places:
                place.clear()
            self._bytes = weight
        right.add(written)


def _exactly(value: object) -> orjson.Fragment:
    """Write a decimal so that no integer and no text is written alike."""
    if isinstance(value, Decimal):
        return orjson.Fragment(repr(value))
    message = f"{type(value).__name__} is no JSON"
    raise TypeError(message)
