"""Values as plain data and back, driven by the types of dataclass fields.

Known: texts, whole and decimal numbers, booleans, bytes (hexadecimal), instants (UTC, with a `Z`),
dates, durations in seconds, enumerations by value, literals, optional values, tuples, frozen sets
(sorted), dictionaries with text keys, and dataclasses; a value of several possible dataclasses
says which under `type`.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import NoneType, UnionType
from typing import Final, Literal, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_NO_OFFSET: Final = timedelta(0)
_TAG: Final = "type"
_SHOWN: Final = 80


class CommandFormatError(ValueError):
    """What was read is no value of the type expected.

    Attributes:
        path: Where, like `SendNotice.actor.kind`; empty for the whole.
        accepted: What would have been accepted.
        found: What was found.
    """

    def __init__(self, path: str, accepted: str, found: object) -> None:
        """State where, what is accepted and what was found."""
        shown = repr(found)
        shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."
        super().__init__(f"{path or 'command'}: expected {accepted}, found {shown}")
        self.path = path
        self.accepted = accepted
        self.found = found


@dataclass(frozen=True, slots=True)
class ValueCodec:
    """How values of one type are written and read.

    Attributes:
        kinds: The Python types of the values.
        plain: Writes a value.
        value: Reads one, given the path to it for messages.
    """

    kinds: tuple[type, ...]
    plain: Callable[[object], Json]
    value: Callable[[object, str], object]


def _atom(kind: type, accepted: str) -> ValueCodec:
    def read(found: object, path: str) -> object:
        # bool is an int in Python and must not pass for one.
        if type(found) is not kind:
            raise CommandFormatError(path, accepted, found)
        return found

    return ValueCodec((kind,), lambda value: cast("Json", value), read)


def _written(
    kind: type, accepted: str, write: Callable[[object], Json], parse: Callable[[str], object]
) -> ValueCodec:
    """Return the codec of a type written as a text that `parse` understands."""

    def read(found: object, path: str) -> object:
        if not isinstance(found, str):
            raise CommandFormatError(path, accepted, found)
        try:
            return parse(found)
        except (ValueError, InvalidOperation):
            raise CommandFormatError(path, accepted, found) from None

    return ValueCodec((kind,), write, read)


def _write_instant(value: object) -> Json:
    instant = cast("datetime", value)
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat()[:-6] + "Z"


def _parse_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.utcoffset() != _NO_OFFSET:
        raise ValueError(text)
    return instant.replace(tzinfo=UTC)


def _read_float(found: object, path: str) -> object:
    if type(found) not in (int, float):
        raise CommandFormatError(path, "a number", found)
    return float(cast("float", found))


def _read_seconds(found: object, path: str) -> object:
    return timedelta(seconds=cast("float", _read_float(found, path)))


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


_CODECS: Final[dict[object, ValueCodec]] = {
    str: _atom(str, "a text"),
    int: _atom(int, "a whole number"),
    bool: _atom(bool, "true or false"),
    NoneType: _atom(NoneType, "null"),
    float: ValueCodec((float, int), lambda value: cast("float", value), _read_float),
    bytes: _written(
        bytes, "hexadecimal digits", lambda value: cast("bytes", value).hex(), bytes.fromhex
    ),
    Decimal: _written(Decimal, "a decimal number in quotes", str, _decimal),
    datetime: _written(
        datetime, "an instant in UTC like 2022-02-01T09:00:00Z", _write_instant, _parse_instant
    ),
    date: _written(
        date,
        "a date like 2022-02-01",
        lambda value: cast("date", value).isoformat(),
        date.fromisoformat,
    ),
    timedelta: ValueCodec(
        (timedelta,), lambda value: cast("timedelta", value).total_seconds(), _read_seconds
    ),
}


def codec_of(kind: object) -> ValueCodec:
    """Return the codec of a type as written at a field.

    Raises:
        TypeError: The type cannot be written as plain data.
    """
    codec = _CODECS.get(kind)
    if codec is None:
        codec = _composed(get_origin(kind), get_args(kind)) or _named(kind)
        if codec is None:
            message = f"{kind} cannot be written as plain data"
            raise TypeError(message)
        _CODECS[kind] = codec
    return codec


def _composed(origin: object, arguments: tuple[object, ...]) -> ValueCodec | None:
    """Return the codec of a type made of others, None for another kind of type."""
    if origin is Literal:
        return _literal(arguments)
    if origin is Union or origin is UnionType:
        return _union(arguments)
    if origin is tuple or origin is frozenset:
        return _row(arguments, frozen_set=origin is frozenset)
    if isinstance(origin, type) and issubclass(origin, Mapping) and arguments[0] is str:
        return _table(codec_of(arguments[1]))
    return None


def _named(kind: object) -> ValueCodec | None:
    """Return the codec of an enumeration or a dataclass, None for another kind of type."""
    if not isinstance(kind, type):
        return None
    named = cast("type[object]", kind)
    if issubclass(named, Enum):
        return _enumeration(named)
    return _record(named) if is_dataclass(named) else None


def _literal(values: tuple[object, ...]) -> ValueCodec:
    def read(found: object, path: str) -> object:
        for value in values:
            if type(found) is type(value) and found == value:
                return value
        raise CommandFormatError(path, "one of " + ", ".join(map(repr, values)), found)

    kinds = tuple({type(value) for value in values})
    return ValueCodec(kinds, lambda value: cast("Json", value), read)


def _enumeration(kind: type[Enum]) -> ValueCodec:
    by_value = {member.value: member for member in kind}
    accepted = "one of " + ", ".join(map(str, by_value))

    def read(found: object, path: str) -> object:
        member = by_value.get(found) if isinstance(found, str | int) else None
        if member is None:
            raise CommandFormatError(path, accepted, found)
        return member

    return ValueCodec((kind,), lambda value: cast("Json", cast("Enum", value).value), read)


def _union(members: tuple[object, ...]) -> ValueCodec:
    """Return the codec of an optional value, or of one of several types that JSON tells apart."""
    codecs = [codec_of(member) for member in members]
    records = {
        member.__name__: member
        for member in members
        if isinstance(member, type) and is_dataclass(member)
    }
    tagged = len(records) > 1

    def write(value: object) -> Json:
        for codec in codecs:
            if isinstance(value, codec.kinds):
                plain = codec.plain(value)
                name = type(value).__name__
                if tagged and name in records and isinstance(plain, dict):
                    return {_TAG: name, **plain}
                return plain
        message = f"{value!r} is of none of the types {members}"
        raise TypeError(message)

    def read(found: object, path: str) -> object:
        if tagged and isinstance(found, dict):
            return _read_tagged(records, cast("dict[str, object]", found), path)
        failures: list[CommandFormatError] = []
        for codec in codecs:
            try:
                return codec.value(found, path)
            except CommandFormatError as failure:
                failures.append(failure)
        deepest = max(failures, key=lambda failure: len(failure.path))
        if deepest.path != path:
            raise deepest
        raise CommandFormatError(path, " or ".join(f.accepted for f in failures), found)

    kinds = tuple(kind for codec in codecs for kind in codec.kinds)
    return ValueCodec(kinds, write, read)


def _read_tagged(records: Mapping[str, type], found: dict[str, object], path: str) -> object:
    name = found.get(_TAG)
    kind = records.get(name) if isinstance(name, str) else None
    if kind is None:
        place = f"{path}.{_TAG}"
        raise CommandFormatError(place, "one of " + ", ".join(records), name)
    rest = {key: value for key, value in found.items() if key != _TAG}
    return codec_of(kind).value(rest, path)


def _row(arguments: tuple[object, ...], *, frozen_set: bool) -> ValueCodec:
    """Return the codec of a tuple, of one type throughout or of fixed width, or a frozen set."""
    alike = frozen_set or (len(arguments) > 1 and arguments[1] is Ellipsis)
    parts = [codec_of(part) for part in (arguments[:1] if alike else arguments)]

    def write(value: object) -> Json:
        if frozen_set:
            return sorted(map(parts[0].plain, cast("frozenset[object]", value)), key=repr)
        held = cast("tuple[object, ...]", value)
        columns = parts * len(held) if alike else parts
        return [codec.plain(part) for codec, part in zip(columns, held, strict=True)]

    def read(found: object, path: str) -> object:
        if not isinstance(found, list):
            raise CommandFormatError(path, "a list", found)
        held = cast("list[object]", found)
        columns = parts * len(held) if alike else parts
        if len(columns) != len(held):
            raise CommandFormatError(path, f"a list of {len(columns)}", held)
        values = (
            codec.value(part, f"{path}[{rank}]")
            for rank, (codec, part) in enumerate(zip(columns, held, strict=True))
        )
        return frozenset(values) if frozen_set else tuple(values)

    return ValueCodec((frozenset if frozen_set else tuple,), write, read)


def _table(values: ValueCodec) -> ValueCodec:
    def write(value: object) -> Json:
        held = cast("Mapping[str, object]", value)
        return {key: values.plain(held[key]) for key in sorted(held)}

    def read(found: object, path: str) -> object:
        if not isinstance(found, dict):
            raise CommandFormatError(path, "an object", found)
        held = cast("dict[str, object]", found)
        return {key: values.value(value, f"{path}.{key}") for key, value in held.items()}

    return ValueCodec((dict,), write, read)


def _record(kind: type) -> ValueCodec:
    """Return the codec of a dataclass: its fields by name, those it computes itself apart."""
    hints = get_type_hints(kind)
    given = [field for field in fields(kind) if field.init]
    codecs = {field.name: codec_of(hints[field.name]) for field in given}
    required = [
        field.name
        for field in given
        if field.default is MISSING and field.default_factory is MISSING
    ]

    def write(value: object) -> Json:
        return {name: codec.plain(getattr(value, name)) for name, codec in codecs.items()}

    def read(found: object, path: str) -> object:
        if not isinstance(found, dict):
            raise CommandFormatError(path, "an object", found)
        held = cast("dict[str, object]", found)
        for name in required:
            if name not in held:
                place = f"{path}.{name}"
                raise CommandFormatError(place, "a value", None)
        values: dict[str, object] = {}
        for name, value in held.items():
            codec = codecs.get(name)
            if codec is None:
                place = f"{path}.{name}"
                raise CommandFormatError(place, f"one of {', '.join(codecs)}", name)
            values[name] = codec.value(value, f"{path}.{name}")
        try:
            return cast("Callable[..., object]", kind)(**values)
        except ValueError as error:
            raise CommandFormatError(path, str(error), values) from None

    return ValueCodec((kind,), write, read)
