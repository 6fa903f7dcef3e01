"""What is refused before anything of a request is believed: its size, its parameters, its pace.

The pace of a connection is watched where connections are (`listening.py`).
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from starlette.types import Receive

from etalon_wire.bundles import Query
from etalon_wire.malformed import TOO_LONG, Malformed
from etalon_wire.operation_outcomes import Fault

PARAMETERS_MOST: Final = 256
_NOTHING: Final[Query] = ()


class ClientGone(Exception):  # noqa: N818 (it is no error of ours)
    """The client left before its request was whole: nobody waits for an answer."""


class ParametersRefused(ValueError):  # noqa: N818 (they are, the program is not)
    """The parameters of an address or of a form cannot be read.

    Attributes:
        fault: What the answer says.
    """

    def __init__(self, found: str) -> None:
        """State what is wrong with them."""
        self.fault = Fault("PARAMETER_WRONG", f"the parameters cannot be read: {found}")
        super().__init__(self.fault.message)


def parameters_of(text: bytes) -> Query:
    """Return the parameters of an address or of a form, in order, empty ones too.

    Raises:
        ParametersRefused: They are too many, or not UTF-8.
    """
    if not text:
        return _NOTHING
    parts = text.split(b"&")
    if len(parts) > PARAMETERS_MOST:
        found = f"there are more than {PARAMETERS_MOST}"
        raise ParametersRefused(found)
    try:
        pairs = [part.decode("ascii").partition("=") for part in parts if part]
        return [(_unquoted(name), _unquoted(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        found = "they are not UTF-8 written with percent signs"
        raise ParametersRefused(found) from None


def _unquoted(written: str) -> str:
    """Return a text without its escapes.

    Raises:
        UnicodeDecodeError: What is escaped is not UTF-8.
    """
    spaced = written.replace("+", " ") if "+" in written else written
    return unquote(spaced, errors="strict") if "%" in spaced else spaced


async def body_of(receive: Receive, headers: Mapping[str, str], most: int) -> bytes:
    """Return the body of a request, read no further than the most that may be.

    Raises:
        Malformed: `too-long`: it is announced or found longer.
        ClientGone: The client left first.
    """
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise _too_long(most)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_long(most)
        if not message.get("more_body", False):
            return b"".join([*parts, part]) if parts else part
        parts.append(part)


def _too_long(most: int) -> Malformed:
    return Malformed(TOO_LONG, "", f"the body is longer than the {most} bytes that are read")
