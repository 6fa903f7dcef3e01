"""Revisions of what an agenda holds, as entity tags.

Source: FHIR R4, 3.1.0.5 (a change names the version it was made for).
"""

import re
from typing import Final

from etalon_server.exchange import Refused, Request
from etalon_wire.bundles import etag
from etalon_wire.operation_outcomes import Fault

_TAG: Final = re.compile(r'(?:W/)?"([1-9]\d{0,8})"', re.ASCII)


def expected_revision(request: Request) -> int | None:
    """Return the revision that `If-Match` names, None when it names none.

    Raises:
        Refused: It is no tag of a revision.
    """
    written = request.headers.get("if-match", "").strip()
    if written in {"", "*"}:
        return None
    match = _TAG.fullmatch(written)
    if match is None:
        message = 'If-Match is the tag of the revision that was read: W/"1"'
        raise Refused(Fault("VERSION_MISMATCH", message, "If-Match"))
    return int(match[1])


def revision_headers(revision: int) -> tuple[tuple[str, str], ...]:
    """Return the headers that tell a revision."""
    return (("ETag", etag(str(revision))), ("Cache-Control", "private, no-cache"))
