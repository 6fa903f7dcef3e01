"""Wishes that hospital software sends: the segment ZFA of PAM-FR, read from a message of HL7 v2.

Only what says whose message it is and what the person told is read: MSH, the INS of PID-3 and ZFA.
ZFA-9 tells whether the person was informed and objects to being fed (`INO`, `IO`, `NA`), ZFA-11
whether they consent to being read (`IC`, `INC`, `NA`); dates stand beside them.

Readings: the wish is about whoever sends it, for the segment names nobody; `INO` and `NA` ask for
nothing; a date is checked and not kept, the log holding when the message came.

Sources: Interop'Santé, PAM-FR 2.11 (segment ZFA); HL7 v2.5, chapter 2 (encoding, MSA, ERR, table
0357); CSP art. R. 1111-46 and R. 1111-47.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Literal

from etalon_model.records.feeding import Ground
from etalon_wire.consents import Wish
from etalon_wire.malformed import STRUCTURE, Malformed
from etalon_wire.records.parties import INS_TYPES

Acknowledgement = Literal["AA", "AE", "AR"]
"""Accepted, an error in what is asked, or a message that is not taken."""

MISSING: Final = "101"
WRONG_TYPE: Final = "102"
NOT_IN_TABLE: Final = "103"
UNSUPPORTED: Final = "200"
UNKNOWN_KEY: Final = "204"
APPLICATION: Final = "207"
"""Codes of the table 0357."""

_FEEDING: Final = frozenset({"INO", "IO", "NA", ""})
_CONSULTATION: Final = frozenset({"IC", "INC", "NA", ""})
_SEGMENT_END: Final = re.compile(r"\r\n|\r|\n")
_BEGINNING: Final = r"MSH|^~\&|"
_STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d{2,6}(?:\.\d{1,4})?(?:[+-]\d{4})?)?")


class WrongMessage(Exception):  # noqa: N818 (the message is, the program is not)
    """A message that can be answered, and not carried out.

    Attributes:
        head: What its answer needs.
        code: Code of the table 0357.
        at: Segment and field, like `ZFA-9`.
        message: What was found and what to send instead.
    """

    def __init__(self, head: "Head", code: str, at: str, message: str) -> None:
        """Keep the four parts."""
        super().__init__(message)
        self.head = head
        self.code = code
        self.at = at
        self.message = message


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer repeats of a message.

    Attributes:
        sender: Application and facility that sent it.
        receiver: Those it was sent to.
        trigger: Event, like `A31`.
        control_id: Its number, which the answer bears.
        processing: `P`, `T` or `D`.
        version: Version of HL7.
    """

    sender: tuple[str, str]
    receiver: tuple[str, str]
    trigger: str
    control_id: str
    processing: str
    version: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a person told the sender of a message.

    Attributes:
        head: What the answer repeats.
        ins: Matricule INS.
        feeding: `INO`, `IO`, `NA`, or empty.
        consultation: `IC`, `INC`, `NA`, or empty.
    """

    head: Head
    ins: str
    feeding: str
    consultation: str

    def wishes(self, sender: str) -> tuple[Wish, ...]:
        """Return the wishes, about whoever sent them under the identifier `sender`."""
        found: list[Wish] = []
        if self.feeding == "IO":
            ground = Ground.RELAYED.value
            found.append(Wish("feeding-opposition", "deny", sender, ground=ground))
        if self.consultation == "IC":
            found.append(Wish("consultation-consent", "permit", sender, collector=sender))
        elif self.consultation == "INC":
            found.append(Wish("consultation-consent", "deny", sender))
        return tuple(found)


def read_message(body: bytes) -> Told:
    """Return what a message tells.

    Raises:
        Malformed: It is no message of HL7 v2: it cannot even be answered as one.
        WrongMessage: It lacks the INS or the segment ZFA, or holds a code of no table.
    """
    segments = [one for one in _SEGMENT_END.split(body.decode("latin-1")) if one]
    if not segments or not segments[0].startswith(_BEGINNING):
        message = f"the body is no message of HL7 v2: it begins with {_BEGINNING}"
        raise Malformed(STRUCTURE, "", message)
    # The separator is MSH-1 itself, so that the fields of MSH are numbered one more.
    msh = ["|", *segments[0].split("|")]
    head = _head(msh)
    if _component(_field(msh, 9), 1) != "ADT":
        message = "only messages of patient administration (ADT) are read here"
        raise WrongMessage(head, UNSUPPORTED, "MSH-9", message)
    named = {one[:3]: one.split("|") for one in reversed(segments[1:])}
    if "ZFA" not in named:
        raise WrongMessage(head, MISSING, "ZFA", "the message has no segment ZFA")
    zfa = named["ZFA"]
    for rank in (2, 10, 12):
        _check_date(head, _field(zfa, rank), f"ZFA-{rank}")
    return Told(
        head,
        _ins_of(head, named.get("PID", [])),
        _code(head, zfa, 9, _FEEDING),
        _code(head, zfa, 11, _CONSULTATION),
    )


def _head(msh: list[str]) -> Head:
    """Return what the answer repeats."""
    return Head(
        sender=(_field(msh, 3), _field(msh, 4)),
        receiver=(_field(msh, 5), _field(msh, 6)),
        trigger=_component(_field(msh, 9), 2),
        control_id=_field(msh, 10),
        processing=_field(msh, 11) or "P",
        version=_field(msh, 12) or "2.5",
    )


def _ins_of(head: Head, pid: list[str]) -> str:
    """Return the first identifier whose authority is that of the INS, named by its OID."""
    for one in _field(pid, 3).split("~"):
        authority = _component(one, 4).split("&")
        if INS_TYPES.keys() & set(authority) and _component(one, 1):
            return _component(one, 1)
    message = "PID-3 holds no INS: give it under its OID, like 1.2.250.1.213.1.4.8"
    raise WrongMessage(head, MISSING, "PID-3", message)


def _component(field: str, rank: int) -> str:
    parts = field.split("^")
    return parts[rank - 1] if rank <= len(parts) else ""


def _code(head: Head, zfa: list[str], rank: int, known: frozenset[str]) -> str:
    code = _field(zfa, rank)
    if code in known:
        return code
    names = ", ".join(sorted(known - {""}))
    raise WrongMessage(head, NOT_IN_TABLE, f"ZFA-{rank}", f"one of {names} is asked")


def _check_date(head: Head, stamp: str, at: str) -> None:
    match = _STAMP.fullmatch(stamp)
    try:
        if match is not None:
            date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        match = None
    if match is not None or not stamp:
        return
    raise WrongMessage(head, WRONG_TYPE, at, "a day like 20220203 is asked")


def _field(segment: list[str], rank: int) -> str:
    return segment[rank] if rank < len(segment) else ""


def acknowledgement(
    head: Head, at: datetime, said: Acknowledgement, wrong: tuple[str, str, str] | None = None
) -> bytes:
    """Return the message that answers another.

    Args:
        head: Of the message answered.
        at: The present instant (UTC), which also numbers the answer.
        said: Whether it was accepted.
        wrong: Code of the table 0357, segment and field, and what was wrong; or None.
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%d%H%M%S+0000")
    number = f"{int(at.timestamp() * 1_000_000)}"
    ours, theirs = "|".join(head.receiver), "|".join(head.sender)
    trigger = f"ACK^{head.trigger}^ACK" if head.trigger else "ACK"
    segments = [
        rf"MSH|^~\&|{ours}|{theirs}|{stamp}||{trigger}|{number}|{head.processing}|{head.version}",
        f"MSA|{said}|{head.control_id}",
    ]
    if wrong is not None:
        code, place, message = wrong
        segment, _, field = place.partition("-")
        location = f"{segment}^1^{field}" if field else segment
        segments.append(f"ERR||{location}|{code}^^HL70357|E||||{_escaped(message)}")
    return ("\r".join(segments) + "\r").encode("latin-1", "replace")


_ESCAPES: Final = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}


def _escaped(text: str) -> str:
    """Write a text so that no separator stands in it."""
    return " ".join("".join(_ESCAPES.get(sign, sign) for sign in text).split())
