"""Copies of a state: what may change is copied, what cannot is shared.

Frozen dataclasses, texts, numbers, dates and enumerations never change and are shared; lists,
dictionaries, sets and objects with slots are copied, each once, so that what two of them share
stays shared in the copy.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final, TypeVar, cast

from etalon_model.parts import attributes_of, is_frozen

T = TypeVar("T")
Copy = Callable[[object], object]
Held = Iterable[object]

_ATOMS: Final = (bool, int, float, str, bytes, type(None), date, datetime, timedelta, type)


def copy_of(value: T) -> T:
    """Return an independent copy of `value`.

    Raises:
        TypeError: Something that is neither a collection nor an object of the model was reached.
    """
    return cast("T", _Copies().copied(value))


def _same(value: object) -> object:
    return value


class _Copies:
    """The copies made so far, by the identity of what they copy."""

    __slots__ = ("_by_type", "_made")

    def __init__(self) -> None:
        self._by_type: dict[type[object], Copy] = dict.fromkeys(_ATOMS, _same)
        self._made: dict[int, object] = {}

    def copied(self, value: object) -> object:
        """Return the copy of `value`, or `value` itself when it cannot change."""
        kind = type(value)
        copy = self._by_type.get(kind)
        if copy is None:
            copy = self._by_type[kind] = self._copier(kind)
        return copy(value)

    def _copier(self, kind: type[object]) -> Copy:
        if issubclass(kind, Enum) or is_frozen(kind):
            return _same
        collections: dict[type[object], Copy] = {
            tuple: self._tuple,
            frozenset: lambda value: frozenset(map(self.copied, cast("Held", value))),
            list: self._list,
            dict: self._table,
            set: lambda value: self._kept(value, set(map(self.copied, cast("Held", value)))),
            bytearray: lambda value: self._kept(value, bytearray(cast("bytearray", value))),
        }
        copy = collections.get(kind)
        return self._object_copier(kind) if copy is None else self._once(copy)

    def _once(self, copy: Copy) -> Copy:
        """Return what copies a value the first time it is met, and gives that copy afterwards."""

        def first(value: object) -> object:
            made = self._made.get(id(value))
            return copy(value) if made is None else made

        return first

    def _kept(self, value: object, copy: object) -> object:
        self._made[id(value)] = copy
        return copy

    def _tuple(self, value: object) -> object:
        row = cast("tuple[object, ...]", value)
        copies = tuple(map(self.copied, row))
        same = all(new is old for new, old in zip(copies, row, strict=True))
        return row if same else copies

    def _list(self, value: object) -> object:
        copies: list[object] = []
        self._kept(value, copies)
        copies.extend(map(self.copied, cast("list[object]", value)))
        return copies

    def _table(self, value: object) -> object:
        table: dict[object, object] = {}
        self._kept(value, table)
        for key, held in cast("dict[object, object]", value).items():
            table[self.copied(key)] = self.copied(held)
        return table

    def _object_copier(self, kind: type[object]) -> Copy:
        names = attributes_of(kind)

        def copy(value: object) -> object:
            made = self._kept(value, object.__new__(kind))
            for name in names:
                if hasattr(value, name):
                    setattr(made, name, self.copied(getattr(value, name)))
            return made

        return self._once(copy)
