"""Digests: one number for everything that is reachable from an object.

Two states are equal when their digests are. A digest depends on values only: not on the process,
the order of sets and dictionaries (`PYTHONHASHSEED`), identities in memory or the Python version.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from hashlib import blake2b
from operator import attrgetter
from typing import Final, cast

from etalon_model.parts import compared_attributes_of

_ENTRY_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
_REMEMBERED: Final = 4096
"""Texts and instants whose encoding one walk remembers: most come many times."""

Without = Mapping[type, frozenset[str]]
Encode = Callable[[object], bytes]


def digest_of(value: object, *, without: Without | None = None) -> str:
    """Return the digest of `value`, 64 hexadecimal digits.

    Args:
        value: Built of None, numbers, texts, bytes, dates, enumerations, collections, dataclasses
            and classes with slots.
        without: Attributes to leave out, by class.

    Raises:
        TypeError: Something else was reached, or an object holds itself.
    """
    return blake2b(_Walk(without or {}).encoded(value), digest_size=_DIGEST_BYTES).hexdigest()


def _tagged(tag: bytes, content: bytes) -> bytes:
    return b"%b%d:%b" % (tag, len(content), content)


def _instant(value: object) -> bytes:
    instant = cast("datetime", value)
    aware = instant if instant.tzinfo is None else instant.astimezone(UTC)
    return _tagged(b"i", aware.isoformat().encode())


def _duration(value: object) -> bytes:
    length = cast("timedelta", value)
    return _tagged(b"t", b"%d,%d,%d" % (length.days, length.seconds, length.microseconds))


_ATOMS: Final[dict[type, Encode]] = {
    type(None): lambda _: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: _tagged(b"n", str(value).encode()),
    float: lambda value: _tagged(b"f", repr(value).encode()),
    str: lambda value: _tagged(b"s", cast("str", value).encode("utf-8", "surrogatepass")),
    bytes: lambda value: _tagged(b"b", cast("bytes", value)),
    bytearray: lambda value: _tagged(b"b", bytes(cast("bytearray", value))),
    datetime: _instant,
    date: lambda value: _tagged(b"d", cast("date", value).isoformat().encode()),
    timedelta: _duration,
    type: lambda value: _tagged(b"c", cast("type", value).__qualname__.encode()),
}


class _Encoders(dict[type, Encode]):
    """How the objects of each class are encoded, found when the first is met."""

    def __init__(self, find: Callable[[type], Encode]) -> None:
        super().__init__(_ATOMS)
        self._find = find

    def __missing__(self, kind: type) -> Encode:
        encode = self[kind] = self._find(kind)
        return encode


class _Walk:
    """One walk: the encoding of each class is found once, objects on the way are remembered."""

    __slots__ = ("_by_type", "_on_the_way", "_without")

    def __init__(self, without: Without) -> None:
        self._by_type = _Encoders(self._encoder)
        self._by_type[str] = _remembering(_ATOMS[str])
        self._by_type[datetime] = _remembering_utc(_ATOMS[datetime])
        self._on_the_way: set[int] = set()
        self._without = without

    def encoded(self, value: object) -> bytes:
        """Return bytes that only equal values share."""
        return self._by_type[type(value)](value)

    def _encoder(self, kind: type[object]) -> Encode:
        if issubclass(kind, str):
            # A word of a closed list equals the text it is written as.
            return _remembering(lambda value: _ATOMS[str](str(cast("Enum", value).value)))
        if issubclass(kind, Enum):
            head = kind.__qualname__
            return lambda value: _tagged(b"e", f"{head}.{cast('Enum', value).name}".encode())
        if kind is tuple or kind is list:
            return self._row
        if kind is dict:
            return self._table
        if kind is set or kind is frozenset:
            return self._set
        return self._object_encoder(kind)

    def _each(self, values: Iterable[object]) -> list[bytes]:
        by_type = self._by_type
        return [by_type[type(value)](value) for value in values]

    def _row(self, value: object) -> bytes:
        return _tagged(b"r", b"".join(self._each(cast("Collection[object]", value))))

    def _set(self, value: object) -> bytes:
        return self._sorted(b"u", self._each(cast("set[object]", value)))

    def _table(self, value: object) -> bytes:
        by_type, items = self._by_type, cast("dict[object, object]", value).items()
        entries = (by_type[type(key)](key) + by_type[type(held)](held) for key, held in items)
        # The entries are digested one by one: a register of a million people fits.
        return self._sorted(
            b"m", [blake2b(entry, digest_size=_ENTRY_BYTES).digest() for entry in entries]
        )

    @staticmethod
    def _sorted(tag: bytes, entries: list[bytes]) -> bytes:
        return _tagged(tag, b"".join(sorted(entries)))

    def _object_encoder(self, kind: type[object]) -> Encode:
        left_out = self._without.get(kind, frozenset())
        names = tuple(name for name in compared_attributes_of(kind) if name not in left_out)
        head = _tagged(b"c", kind.__qualname__.encode())
        parts_of = _parts_of(names)
        on_the_way, each = self._on_the_way, self._each

        def encode(value: object) -> bytes:
            if id(value) in on_the_way:
                message = f"{kind.__qualname__} holds itself: it has no digest"
                raise TypeError(message)
            on_the_way.add(id(value))
            parts = each(parts_of(value))
            on_the_way.discard(id(value))
            return _tagged(b"o", head + b"".join(parts))

        return encode


def _parts_of(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """Return what reads these attributes of an object."""
    if len(names) > 1:
        return cast("Callable[[object], tuple[object, ...]]", attrgetter(*names))
    return lambda value: tuple(getattr(value, name) for name in names)


def _remembering(encode: Encode) -> Encode:
    """Return the same encoding of texts, which remembers some."""
    known: dict[object, bytes] = {}

    def remembered(value: object) -> bytes:
        found = known.get(value)
        if found is None:
            found = encode(value)
            if len(known) < _REMEMBERED:
                known[value] = found
        return found

    return remembered


def _remembering_utc(encode: Encode) -> Encode:
    """Return the same encoding of instants, which remembers some of those in UTC.

    Elsewhere two instants may be equal, and yet differ once they are in UTC: `fold`.
    """
    remembered = _remembering(encode)
    return lambda value: (
        remembered(value) if cast("datetime", value).tzinfo is UTC else encode(value)
    )
