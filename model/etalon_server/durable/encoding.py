"""Commands as the text of a journal row, and the chain that binds each row to those before."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from hashlib import blake2b
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Final,
    Literal,
    NamedTuple,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import orjson

from etalon_model.command import Command
from etalon_model.command_codec import command_from, plain_command
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.value_codec import Json, codec_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LINK_BYTES: Final = 16

_PLAIN: Final = frozenset({str, int, bool, NoneType, date, datetime})
_ELSEWHERE: Final = re.compile(rb"T\d\d:\d\d:\d\d(?:\.\d+)?(?!\.?\d|Z)")
"""The time of an instant that is not in UTC, as orjson writes it."""
_WRITTEN_ALIKE: Final[dict[type, bool]] = {}
# Made once: `json.dumps` makes an encoder for each command.
_encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a journal.

    Attributes:
        sequence: Its rank, from 1.
        command: The command, as JSON.
        refused: Code of the refusal it met, or an empty string.
        kept: Digest of what was kept with it, or nothing.
        link: Digest of this row and of the link before it.
    """

    sequence: int
    command: str
    refused: str
    kept: bytes
    link: bytes


class Kept(NamedTuple):
    """Something received that the model does not hold, kept with the command that brought it.

    Attributes:
        key: What it is found by; of two with the same key, the later one counts.
        body: Its bytes.
        shelf: What it is found by together with others, in the order they came, or nothing.
    """

    key: bytes
    body: bytes
    shelf: bytes = b""


class Row(NamedTuple):
    """One command as it is handed to the journal.

    Attributes:
        command: The command, as JSON.
        refused: Code of the refusal it met, or an empty string.
        kept: What is kept with it.
    """

    command: str
    refused: str
    kept: Sequence[Kept] = ()


def text_of(command: Command) -> str:
    """Return a command as JSON on one line.

    Raises:
        TypeError: It is no command of the service, or holds what a command cannot.
    """
    kind = type(command)
    alike = _WRITTEN_ALIKE.get(kind)
    if alike is None:
        alike = _WRITTEN_ALIKE[kind] = _is_written_alike(kind)
    if alike:
        with suppress(TypeError):
            written = orjson.dumps(command, _plain, orjson.OPT_UTC_Z)
            if _ELSEWHERE.search(written) is not None:
                # Instants of another zone, or texts like them, are written in UTC one by one.
                written = orjson.dumps(command, _plain, orjson.OPT_PASSTHROUGH_DATETIME)
            return f'{{"command":"{kind.__name__}",{written[1:].decode()}'
    return _encoded(plain_command(command))


def _plain(value: object) -> Json:
    return codec_of(type(value)).plain(value)


def _is_written_alike(kind: object) -> bool:
    """Whether orjson writes values of a type as their codec does, but for instants and days."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return all(isinstance(one, str | int) for one in arguments)
    if origin in (Union, UnionType, tuple):
        # Of several dataclasses the codec says which it is.
        several = sum(map(is_dataclass, arguments)) > 1
        return not several and all(map(_is_written_alike, {*arguments} - {Ellipsis}))
    if not isinstance(kind, type) or kind in _PLAIN:
        return kind in _PLAIN
    named = cast("type[object]", kind)
    if issubclass(named, Enum):
        return all(isinstance(one.value, str | int) for one in named)
    return is_dataclass(named) and _is_written_by_field(named)


def _is_written_by_field(kind: "type[DataclassInstance]") -> bool:
    hints = get_type_hints(kind)
    return all(
        one.init and not one.name.startswith("_") and _is_written_alike(hints[one.name])
        for one in fields(kind)
    )


def command_of(text: str) -> Command:
    """Return the command that a text describes.

    Raises:
        ValueError: It describes none; the message says where.
    """
    return command_from(json.loads(text))


def code_of(outcome: Outcome) -> str:
    """Return the code of a refusal, or an empty string when the command was accepted."""
    return outcome.code if isinstance(outcome, Refusal) else ""


def sum_of(kept: Kept) -> bytes:
    """Return the digest of one thing kept."""
    key, shelf, body = kept.key, kept.shelf, kept.body
    sizes = [len(part).to_bytes(8, "big") for part in (key, shelf, body)]
    summed = blake2b(b"".join((sizes[0], key, sizes[1], shelf, sizes[2])), digest_size=LINK_BYTES)
    summed.update(body)
    return summed.digest()


def sum_of_all(sums: Sequence[bytes]) -> bytes:
    """Return the digest of what is kept with one command; nothing for nothing."""
    return blake2b(b"".join(sums), digest_size=LINK_BYTES).digest() if sums else b""


def link_after(link: bytes, sequence: int, command: str, refused: str, kept: bytes = b"") -> bytes:
    """Return the link of the row that follows the one whose link is given."""
    held = f"{sequence}\n{refused}\n{command}".encode() + kept
    return blake2b(held, digest_size=LINK_BYTES, key=link).digest()
