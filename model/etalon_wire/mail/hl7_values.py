"""Values of HL7 in metadata: instants, identifiers, people and structures, parts between carets.

Sources: IHE ITI TF-3 4.2.3.1 (DTM, CX, XCN, XON, escapes of HL7 v2), ANS EEDS (authorities of
national identifiers); HL7 v3 data types (TS). Limit: instants are kept to the second in UTC.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final

from etalon_model.records.record import Author
from etalon_wire.malformed import REQUIRED, VALUE, Malformed
from etalon_wire.records.parties import IDNPS, IDNST, INS_TYPES, kind_of

_URN: Final = "urn:oid:"
PROFESSIONALS: Final = IDNPS.removeprefix(_URN)
"""Object identifier under which professionals are numbered."""
STRUCTURES: Final = IDNST.removeprefix(_URN)
"""Object identifier under which structures are numbered."""

_ESCAPES: Final = {"\\": "\\E\\", "^": "\\S\\", "&": "\\T\\", "|": "\\F\\", "~": "\\R\\"}
_ESCAPED: Final = re.compile(r"\\([ESTFR])\\")
_MEANT: Final = {escape[1]: meant for meant, escape in _ESCAPES.items()}
_WRITTEN: Final = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,9})?)?)?)?)?)?([+-]\d{4})?",
    re.ASCII,
)
_DAY: Final = re.compile(r"\d{8}(\d\d){0,3}([+-]\d{4})?", re.ASCII)
_OID: Final = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_AUTHORITY: Final = 8


def write_instant(at: datetime) -> str:
    """Return an instant (UTC) as XDS writes it, to the second."""
    wall = at.astimezone(UTC)
    return f"{wall.year:04}{wall:%m%d%H%M%S}"


def read_instant(text: str, at: str, zone: tzinfo = UTC) -> datetime:
    """Return the first instant (UTC) that a text names.

    Args:
        text: Year, month, day, hours, minutes, seconds, as far as they are known, and an offset.
        at: Where it stands.
        zone: What it is in where it says no offset.

    Raises:
        Malformed: `required` for an empty text, `value` for one that names no instant.
    """
    if not text:
        raise Malformed(REQUIRED, at, "a date is missing: say when")
    match = _WRITTEN.fullmatch(text)
    try:
        if match is None:
            raise ValueError  # noqa: TRY301 (as any other date that is none)
        year, month, day, hour, minute, second, offset = match.groups()
        return datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=_zone(offset) if offset else zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"{text[:40]!r} is no date: write one like 20220302090500"
        raise Malformed(VALUE, at, message) from None


def read_day(text: str) -> date | None:
    """Return the day that a text names, None when it names none."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def write_day(day: date) -> str:
    """Return a day as HL7 writes it."""
    return day.isoformat().replace("-", "")


def join_parts(*parts: str) -> str:
    """Join parts with carets; those left empty at the end are left out."""
    return "^".join("".join(_ESCAPES.get(one, one) for one in part) for part in parts).rstrip("^")


def split_parts(value: str) -> tuple[str, ...]:
    """Return the parts between carets, without escapes."""
    return tuple(_unescaped(part) for part in value.split("^"))


def write_identifier(ident: str, oid: str, kind: str = "") -> str:
    """Return an identifier under its authority (CX)."""
    return f"{join_parts(ident)}^^^&{oid}&ISO{f'^{kind}' if kind else ''}"


def read_identifier(value: str) -> tuple[str, str]:
    """Return the identifier that a CX holds, and its authority or an empty text."""
    parts = value.split("^")
    return _unescaped(parts[0]), _oid_of(parts[3]) if len(parts) > 3 else ""  # noqa: PLR2004 (CX-4)


def write_person(author: Author) -> str:
    """Return a person, or what stands for one, as XCN."""
    kind = kind_of(author.ident, author.given)
    named = join_parts(author.ident, author.family, author.given)
    if kind != "Practitioner":
        return named
    gap = "^" * (_AUTHORITY - named.count("^"))
    return f"{named}{gap}&{PROFESSIONALS}&ISO^D^^^IDNPS"


def read_person(value: str, role: str = "") -> Author:
    """Return the person of an XCN."""
    ident, family, given = (*split_parts(value), "", "", "")[:3]
    return Author(ident, family, given, role)


def write_structure(ident: str) -> str:
    """Return a structure as XON: its identifier stands for its name, which is not known."""
    return f"{join_parts(ident)}^^^^^&{STRUCTURES}&ISO^IDNST^^^{join_parts(ident)}"


def read_structure(value: str) -> str:
    """Return the identifier of a structure in XON, or its name when that is all there is."""
    name, *others = split_parts(value)
    return "".join(others[8:9]) or name


def unique_uri(ident: str) -> str:
    """Return an identifier of XDS or CDA as the record writes it: an OID as `urn:oid:…`."""
    return f"{_URN}{ident}" if _OID.fullmatch(ident.partition("^")[0]) else ident


def plain_id(uri: str) -> str:
    """Return an identifier of the record as XDS writes it."""
    return uri.removeprefix(_URN)


def is_oid(text: str) -> bool:
    """Whether a text has the shape of an object identifier."""
    return _OID.fullmatch(text) is not None


def is_ins_authority(oid: str) -> bool:
    """Whether matricules INS stand under this object identifier."""
    return oid in INS_TYPES


def _zone(offset: str) -> timezone:
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _unescaped(part: str) -> str:
    return _ESCAPED.sub(lambda match: _MEANT[match[1]], part)


def _oid_of(authority: str) -> str:
    """Return the object identifier of `name&oid&ISO`."""
    return authority.partition("&")[2].partition("&")[0]
