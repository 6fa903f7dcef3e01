"""The state of a service as lines of JSON, and back: what a snapshot holds.

A line is a value, or the definition of a class that the lines after it use. A value of JSON stands
for itself; any other is a list whose first number says how to read the rest. An object is the tag
of its class, then its attributes in order. What many places share is written once and then named by
its rank, so that reading gives back the sharing. As copies and digests do, this goes by what
objects are made of: a new part of a space is covered without a word here.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from importlib import import_module
from operator import attrgetter
from types import MemberDescriptorType
from typing import Final, TypeAlias, cast

from etalon_model.parts import attributes_of, is_frozen

Coded: TypeAlias = "bool | int | float | str | list[Coded] | None"
Held = Iterable[object]

_MODEL: Final = "etalon_model."
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TRIED: Final = 1000
_INSTANTS_MOST: Final = 200_000

(
    _KNOWN,
    _NEW,
    _ABSENT,
    _INSTANT,
    _DATE,
    _DURATION,
    _BYTES,
    _BYTE_ARRAY,
    _DECIMAL,
    _TUPLE,
    _LIST,
    _SET,
    _FROZEN_SET,
    _TABLE,
    _FIRST_CLASS,
) = range(15)

_encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class StateFormatError(ValueError):
    """What was read is no state, or one of another shape than the classes of this version."""


_NO_STATE: Final = (LookupError, TypeError, ValueError, AttributeError, ImportError)


class StateWriter:
    """Writes values, one after the other; those written later may name what came before."""

    __slots__ = ("_by_type", "_classes", "_ranks", "_shared")

    def __init__(self) -> None:
        self._by_type: dict[type, Callable[[object], Coded]] = {
            **dict.fromkeys((type(None), bool, int, float, str), _as_is),
            datetime: _coded_instant,
            date: lambda value: [_DATE, cast("date", value).toordinal()],
            timedelta: lambda value: [_DURATION, cast("timedelta", value) // _MICROSECOND],
            bytes: lambda value: [_BYTES, cast("bytes", value).hex()],
            bytearray: lambda value: [_BYTE_ARRAY, cast("bytearray", value).hex()],
            Decimal: lambda value: [_DECIMAL, str(value)],
            tuple: partial(self._row, _TUPLE),
            list: partial(self._row, _LIST),
            set: lambda value: self._row(_SET, sorted(cast("set[str]", value), key=repr)),
            frozenset: lambda value: self._row(
                _FROZEN_SET, sorted(cast("frozenset[str]", value), key=repr)
            ),
            dict: self._table,
        }
        self._classes: list[str] = []
        self._shared: dict[object, list[Coded]] = {}
        self._ranks = 0

    def lines(self, value: object) -> Iterator[str]:
        """Yield the lines of a value: the classes met for the first time, then itself.

        Raises:
            TypeError: It holds something that is no part of a state.
        """
        coded = _encoded(self._coded(value))
        yield from self._classes
        self._classes.clear()
        yield coded

    def _coded(self, value: object) -> Coded:
        kind = type(value)
        write = self._by_type.get(kind)
        if write is None:
            write = self._by_type[kind] = self._class_writer(kind)
        return write(value)

    def _row(self, tag: int, value: object) -> Coded:
        return [tag, *map(self._coded, cast("Held", value))]

    def _table(self, value: object) -> Coded:
        coded: list[Coded] = [_TABLE]
        for key, held in cast("dict[object, object]", value).items():
            coded += (self._coded(key), self._coded(held))
        return coded

    def _class_writer(self, kind: type[object]) -> Callable[[object], Coded]:
        if not kind.__module__.startswith(_MODEL):
            message = f"{kind.__module__}.{kind.__qualname__} is no part of a state"
            raise TypeError(message)
        names = ("value",) if issubclass(kind, Enum) else attributes_of(kind)
        tag = _FIRST_CLASS + len(self._by_type)
        defined = {"class": [tag, kind.__module__, kind.__qualname__, *names]}
        self._classes.append(_encoded(defined))

        def write(value: object) -> Coded:
            coded: list[Coded] = [tag]
            for name in names:
                held = getattr(value, name, _Absent)
                coded.append([_ABSENT] if held is _Absent else self._coded(held))
            return coded

        may_be_shared = issubclass(kind, Enum) or is_frozen(kind)
        return self._sharing(kind, write) if may_be_shared else write

    def _sharing(
        self, kind: type[object], write: Callable[[object], Coded]
    ) -> Callable[[object], Coded]:
        """Return what names equal values by their rank, as long as that is worth it."""
        met = named = 0

        def share(value: object) -> Coded:
            nonlocal met, named
            try:
                known = self._shared.get(value)
            except TypeError:  # it holds a dictionary, and has no hash
                self._by_type[kind] = write
                return write(value)
            if known is not None:
                named += 1
                return cast("Coded", known)
            met += 1
            if met > _TRIED and named < met:
                self._by_type[kind] = write
                return write(value)
            coded = write(value)
            self._shared[value] = [_KNOWN, self._ranks]
            self._ranks += 1
            return [_NEW, coded]

        return share


class _Absent:
    """An attribute that was never set."""


def _as_is(value: object) -> Coded:
    return cast("Coded", value)


def _coded_instant(value: object) -> Coded:
    return [_INSTANT, (cast("datetime", value) - _EPOCH) // _MICROSECOND]


class StateReader:
    """Reads what a writer wrote, line after line in the same order."""

    __slots__ = ("_instants", "_readers", "_shared", "_texts")

    def __init__(self) -> None:
        self._shared: list[object] = []
        self._instants: dict[int, datetime] = {}
        self._texts: dict[str, str] = {}
        self._readers: dict[object, Callable[[list[Coded]], object]] = {
            _KNOWN: lambda coded: self._shared[cast("int", coded[1])],
            _NEW: self._new,
            _ABSENT: lambda _: _Absent,
            _INSTANT: self._instant,
            _DATE: lambda coded: date.fromordinal(cast("int", coded[1])),
            _DURATION: lambda coded: timedelta(microseconds=cast("int", coded[1])),
            _BYTES: lambda coded: bytes.fromhex(cast("str", coded[1])),
            _BYTE_ARRAY: lambda coded: bytearray.fromhex(cast("str", coded[1])),
            _DECIMAL: lambda coded: Decimal(cast("str", coded[1])),
            _TUPLE: lambda coded: tuple(map(self._value, coded[1:])),
            _LIST: lambda coded: list(map(self._value, coded[1:])),
            _SET: lambda coded: set(map(self._value, coded[1:])),
            _FROZEN_SET: lambda coded: frozenset(map(self._value, coded[1:])),
            _TABLE: self._table,
        }

    def values(self, lines: Iterable[str]) -> Iterator[object]:
        """Yield the values of the lines.

        Raises:
            StateFormatError: A line is none, or of a class that this version makes otherwise.
        """
        for line in lines:
            try:
                coded = json.loads(line)
                if isinstance(coded, dict):
                    self._define(cast("dict[str, list[object]]", coded)["class"])
                    continue
                value = self._value(coded)
            except StateFormatError:
                raise
            except _NO_STATE as error:
                message = f"no line of a state: {error!r}"
                raise StateFormatError(message) from error
            self._texts.clear()
            if len(self._instants) > _INSTANTS_MOST:
                self._instants.clear()
            yield value

    def _value(self, coded: Coded) -> object:
        if type(coded) is list:
            return self._readers[coded[0]](coded)
        if type(coded) is str:
            return self._texts.setdefault(coded, coded)
        return coded

    def _new(self, coded: list[Coded]) -> object:
        value = self._value(coded[1])
        self._shared.append(value)
        return value

    def _instant(self, coded: list[Coded]) -> object:
        count = cast("int", coded[1])
        at = self._instants.get(count)
        if at is None:
            at = self._instants[count] = _EPOCH + timedelta(microseconds=count)
        return at

    def _table(self, coded: list[Coded]) -> object:
        values = list(map(self._value, coded))
        return dict(zip(values[1::2], values[2::2], strict=True))

    def _define(self, defined: list[object]) -> None:
        tag, module, name, *attributes = defined
        if not isinstance(module, str) or not module.startswith(_MODEL):
            message = f"{module}.{name} is no class of the model"
            raise StateFormatError(message)
        kind = cast("type[object]", attrgetter(str(name))(import_module(module)))
        if issubclass(kind, Enum):
            members = {member.value: member for member in kind}
            self._readers[tag] = lambda coded: members[self._value(coded[1])]
            return
        if list(attributes_of(kind)) != attributes:
            message = f"{name} was made of {attributes}, and is of {list(attributes_of(kind))}"
            raise StateFormatError(message)
        self._readers[tag] = self._object_reader(kind, [_setter(kind, str(n)) for n in attributes])

    def _object_reader(
        self, kind: type[object], setters: list[Callable[[object, object], object]]
    ) -> Callable[[list[Coded]], object]:
        readers, texts, blank = self._readers, self._texts, object.__new__

        def read(coded: list[Coded]) -> object:
            made = blank(kind)
            parts = iter(coded)
            next(parts)
            for put, part in zip(setters, parts, strict=True):
                if type(part) is list:
                    value = readers[part[0]](part)
                    if value is not _Absent:
                        put(made, value)
                elif type(part) is str:
                    put(made, texts.setdefault(part, part))
                else:
                    put(made, part)
            return made

        return read


def _setter(kind: type[object], name: str) -> Callable[[object, object], object]:
    """Return what sets an attribute of a new object, frozen or not."""
    slot: object = getattr(kind, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__
    return lambda made, value: object.__setattr__(made, name, value)
