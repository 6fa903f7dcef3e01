"""The text of a command in the journal: quickly written, and what its codec writes."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Literal, cast, get_args, get_origin, get_type_hints

import pytest

from etalon_model.command import Command
from etalon_model.command_codec import command_types, plain_command
from etalon_server.durable.encoding import command_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2022, 9, 5, 8, 1, 2, 30, tzinfo=UTC)
VALUES: dict[object, tuple[object, ...]] = {
    str: ("", 'é"\\\n\x1f\x7f\u2028\U0001f600', "279035121518989"),
    int: (0, -(1 << 62), 1 << 80),
    bool: (False, True),
    float: (0.0, 1e22),
    bytes: (b"", b"\x00\xff"),
    Decimal: (Decimal("1.50"), Decimal("2E+3")),
    datetime: (AT, AT.replace(microsecond=0), AT.astimezone(timezone(timedelta(hours=2)))),
    date: (date(1979, 3, 12), date(1, 1, 1)),
    timedelta: (timedelta(0), timedelta(seconds=1.5)),
    NoneType: (None,),
}


def value_of(kind: object, rank: int) -> object:
    """Return a value of the type of a field: another for another rank."""
    if get_args(kind):
        return composed(get_origin(kind), get_args(kind), rank)
    if kind in VALUES:
        return VALUES[kind][rank % len(VALUES[kind])]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[rank % len(kind)]
    assert isinstance(kind, type)
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    given = {one.name: value_of(hints[one.name], rank) for one in fields(kind) if one.init}
    return cast("Callable[..., object]", kind)(**given)


def composed(origin: object, arguments: tuple[object, ...], rank: int) -> object:
    """Return a value of a type made of others."""
    if origin is tuple:
        alike = arguments[1:] == (Ellipsis,)
        kinds = arguments[:1] * (rank % 3) if alike else arguments
        return tuple(value_of(one, rank) for one in kinds)
    if origin is frozenset:
        return frozenset([value_of(arguments[0], rank)])
    if origin is dict:
        return {"key": value_of(arguments[1], rank)}
    chosen = arguments[rank % len(arguments)]
    return chosen if origin is Literal else value_of(chosen, rank)


@pytest.mark.parametrize("kind", command_types().values(), ids=command_types())
def test_a_command_is_written_as_its_codec_writes_it(kind: type[Command]) -> None:
    """Whatever writes it: signs, great numbers, other offsets, nothing and several of a thing."""
    written = 0
    for rank in range(6):
        try:
            command = cast("Command", value_of(kind, rank))
        except ValueError:
            continue  # Some refuse values that make no sense.
        text = text_of(command)
        plain = json.dumps(plain_command(command), ensure_ascii=False, separators=(",", ":"))
        assert text == plain
        assert text_of(command_of(text)) == text
        written += 1
    assert written
