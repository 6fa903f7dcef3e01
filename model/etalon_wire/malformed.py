"""What a body is refused for before anything in it is believed, and how large it may be."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Codes of the value set `issue-type` that a reader answers.
STRUCTURE: Final = "structure"
TOO_LONG: Final = "too-long"
TOO_COSTLY: Final = "too-costly"
VALUE: Final = "value"
NOT_SUPPORTED: Final = "not-supported"
REQUIRED: Final = "required"


class Malformed(Exception):  # noqa: N818 (the body is, the program is not)
    """A body that is no resource of FHIR.

    Attributes:
        code: Code of the value set `issue-type` of FHIR, such as `structure` or `too-long`.
        expression: Where in the resource, as FHIRPath, or an empty string when nothing could be
            read.
        message: What was found, where in the bytes when that is known, and what to send instead.
    """

    def __init__(self, code: str, expression: str, message: str) -> None:
        """Keep the three parts."""
        super().__init__(message)
        self.code = code
        self.expression = expression
        self.message = message


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a body may be before it is refused unread, or read no further.

    Attributes:
        bytes: Most bytes of a body.
        depth: Most objects and arrays of JSON, or elements of XML, one inside the other.
        digits: Most digits of a decimal, and the largest power of ten it may be written with.
    """

    bytes: int = 16 * 1024 * 1024
    depth: int = 64
    digits: int = 32


LONGEST_INTEGER: Final = 20
"""Characters of the longest integer of 64 bits, its sign included."""

LIMITS: Final = Limits()
"""The limits where nobody asks for others."""


def check_size(body: bytes, limits: Limits) -> None:
    """Refuse a body of more bytes than may be, or of none.

    Raises:
        Malformed: `too-long`, or `structure` for an empty body.
    """
    if len(body) > limits.bytes:
        message = f"the body has {len(body)} bytes and at most {limits.bytes} are read"
        raise Malformed(TOO_LONG, "", message)
    if not body.strip():
        raise Malformed(STRUCTURE, "", "the body is empty: send a resource")


def check_text(body: bytes) -> None:
    """Refuse a body that is not UTF-8, or starts with a byte order mark.

    Raises:
        Malformed: `structure`, with the offset of the first byte that is wrong.
    """
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        message = "the body starts with a byte order mark: send UTF-8 without one"
        raise Malformed(STRUCTURE, "", message)
    if body.isascii():
        return
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"the byte at offset {error.start} is not UTF-8: send UTF-8"
        raise Malformed(STRUCTURE, "", message) from None


def decimal_of(written: str, expression: str, limits: Limits) -> Decimal:
    """Return the decimal that a text writes, with every digit.

    Raises:
        Malformed: `value`: more digits, or a larger power of ten, than may be.
    """
    mantissa, _, power = written.lower().partition("e")
    long = len(mantissa) > limits.digits + len("-.") or len(power) > LONGEST_INTEGER
    if long or abs(int(power or "0")) > limits.digits:
        message = f"a number of {len(written)} characters: at most {limits.digits} digits are read"
        raise Malformed(VALUE, expression, message)
    return Decimal(written)


def integer_of(written: str, expression: str) -> int:
    """Return the integer that a text writes.

    Raises:
        Malformed: `value`: the integer has more than 64 bits.
    """
    number = int(written) if len(written) <= LONGEST_INTEGER else None
    if number is None or not -(1 << 63) <= number < 1 << 64:
        message = f"an integer of {len(written)} characters: at most 64 bits are read"
        raise Malformed(VALUE, expression, message)
    return number
