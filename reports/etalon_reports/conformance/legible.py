"""Texts that a tested system sent, as any page or XML file can hold them.

A system under test answers what it likes: control characters, halves of surrogate pairs. XML
forbids them and UTF-8 cannot write the latter, so each is shown as U+FFFD.
"""

from __future__ import annotations

import re
from typing import Final, cast

_UNWRITABLE: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN: Final = "\ufffd"


def legible_text(found: str) -> str:
    """Return a text whose characters XML 1.0 allows."""
    return _UNWRITABLE.sub(_SHOWN, found)


def legible(found: object) -> object:
    """Return what JSON holds with all its texts legible."""
    if isinstance(found, str):
        return legible_text(found)
    if isinstance(found, list):
        return [legible(one) for one in cast("list[object]", found)]
    if isinstance(found, dict):
        held = cast("dict[str, object]", found)
        return {legible_text(key): legible(one) for key, one in held.items()}
    return found
