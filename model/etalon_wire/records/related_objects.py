"""Identifiers of related objects: an order, an accession, an imaging study.

The model keeps them as XDS does, `value^^^&assigner&kind^type` (data type CXi), so that what the
sender wrote comes back whole. An object named by an address alone is kept as that address.

Sources: IHE ITI TF-3, 4.2.3.1.7 (CXi) and 4.2.3.2.28 (referenceIdList); HL7 v2 (escapes);
PDSm 3.1.1 (`context.related`, JDV_J231).
"""

import re
from typing import Final

from etalon_wire.json_body import Json, Resource
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import part, parts, text

RFC_3986: Final = "urn:ietf:rfc:3986"
_CXI: Final = re.compile(
    r"(?P<value>[^^&]*)\^\^\^(?:&(?P<assigner>[^^&]*)&(?P<kind>ISO|URI))?\^(?P<type>[^^&]*)"
)
_OID: Final = "urn:oid:"
# The escape character first when writing, last when reading.
_ESCAPES: Final = (("\\", "\\E\\"), ("^", "\\S\\"), ("&", "\\T\\"))


def reference_types() -> tuple[str, ...]:
    """Return the types of related objects that a record knows (JDV_J231)."""
    return tuple(row["code"] for row in rows_of("valuesets/jdv_j231.csv"))


def kept_reference(related: Resource) -> str:
    """Return what the model keeps of one `context.related`, empty when it names nothing."""
    identifier = part(related, "identifier")
    if not text(identifier, "value"):
        return text(related, "reference")
    codings = parts(part(identifier, "type"), "coding")
    kind = next((text(one, "code") for one in codings if text(one, "system") == RFC_3986), "")
    return cxi(text(identifier, "system"), text(identifier, "value"), kind)


def cxi(system: str, value: str, kind: str) -> str:
    """Return an identifier as XDS writes it.

    Args:
        system: Its system, or an empty string.
        value: Its value.
        kind: Code of the kind of object, or an empty string.
    """
    assigner = ""
    if system.startswith(_OID):
        assigner = f"&{_escaped(system.removeprefix(_OID))}&ISO"
    elif system:
        assigner = f"&{_escaped(system)}&URI"
    return f"{_escaped(value)}^^^{assigner}^{_escaped(kind)}"


def related_of(kept: str) -> Resource:
    """Return the `context.related` of what the model keeps."""
    match = _CXI.fullmatch(kept)
    if match is None:
        return {"reference": kept}
    identifier: dict[str, Json] = {}
    if match["type"]:
        kind: Json = {"system": RFC_3986, "code": _plain(match["type"])}
        identifier["type"] = {"coding": [kind]}
    if match["assigner"]:
        prefix = _OID if match["kind"] == "ISO" else ""
        identifier["system"] = prefix + _plain(match["assigner"])
    identifier["value"] = _plain(match["value"])
    return {"identifier": identifier}


def _escaped(written: str) -> str:
    for sign, escape in _ESCAPES:
        written = written.replace(sign, escape)
    return written


def _plain(written: str) -> str:
    for sign, escape in reversed(_ESCAPES):
        written = written.replace(escape, sign)
    return written
