"""What structured documents show: the reference says what the header of the document says.

Source: CI-SIS, structuration minimale des documents de santé; PDSm 3.1.1 (metadata).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from etalon_conformance.places import steps, values_at
from etalon_conformance.structured import Header, header_of
from etalon_conformance.witness.depositing import content_of
from etalon_conformance.witness.seeing_traffic import DEPOSITS, Point, Scene, point
from etalon_conformance.witness.traffic import resources_in
from etalon_wire.json_body import Resource

_XML: Final = frozenset({"text/xml", "application/xml"})


def headings(scene: Scene) -> Iterator[Point]:
    """Yield whether references say what headers say (W-CDA-03)."""
    for read in scene.reads:
        if read.one.interaction not in DEPOSITS:
            continue
        for document in resources_in(read.one.sent, "DocumentReference"):
            if not set(_at(document, "content.attachment.contentType")) & _XML:
                continue
            content = content_of(read.one, document)
            header = None if content is None else header_of(content)
            if header is None:
                continue
            wrong = ", ".join(_differing(document, header))
            yield point("W-CDA-03", "heading", read.one, holds=not wrong, wrong=wrong)


def _differing(document: Resource, header: Header) -> Iterator[str]:
    """Yield the elements of a reference that say something else than the header."""
    said = {
        "masterIdentifier.value": header.unique_id,
        "type.coding.code": header.kind,
        "securityLabel.coding.code": header.level,
        "context.facilityType.coding.code": header.facility,
        "contained[resourceType=Patient].identifier.value": header.ins,
        "contained[resourceType=Practitioner].name.family": header.family,
    }
    for path, value in said.items():
        if value not in _at(document, path):
            yield path
    for name, at in (("start", header.started), ("end", header.ended)):
        told = [_instant(value) for value in _at(document, f"context.period.{name}")]
        if at not in told:
            yield f"context.period.{name}"


def _instant(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _at(document: Resource, path: str) -> tuple[str, ...]:
    return values_at(document, steps(path))
