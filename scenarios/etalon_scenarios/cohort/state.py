"""The state of a run between two days, as named arrays: what a checkpoint holds.

Everything that a nation keeps from one day to the next is written, whatever its class, but for
what follows from law, layout and seed (`FROM_THE_LAW`): that is built afresh, so that another law
may hold from the next day on. Small arrays are packed together; their places, and plain numbers,
stand in one text, `skeleton`, kept as bytes. No code is kept: reading makes none of but the
classes named here.
"""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np

from etalon_scenarios.cohort.attention import Sleepers
from etalon_scenarios.cohort.opening import Turn
from etalon_scenarios.cohort.people import WAITING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation

State: TypeAlias = "Mapping[str, NDArray[Any]]"
Node: TypeAlias = "dict[str, Any]"

SKELETON: Final = "skeleton"
PACKED_BELOW: Final = 1 << 16
"""Arrays of fewer bytes are packed together."""

FROM_THE_LAW: Final[Mapping[str, frozenset[str]]] = {
    "Nation": frozenset(
        {
            *(
                "law",
                "timetable",
                "crew",
                "observer",
                "counts",
                "random",
                "keys",
                "response",
            ),
            *(
                "may_branch",
                "compiled",
                "mail_days",
                "email",
                "accounts",
                "by_phone",
                "code_ends",
                "web_minutes",
                "services",
                "patience",
                "day",
                "_repeated",
            ),
        }
    ),
    "Printer": frozenset({"_stored"}),
    "People": frozenset({"layout", "size", "never"}),
    "Attention": frozenset({"keep", "compiled", "_law", "_oppose", "_activate", "_window_ends"}),
    "PostOffice": frozenset({"_law", "_longest", "delays"}),
    "Exchange": frozenset({"agents", "lines", "compiled"}),
    "Batch": frozenset({"_nation"}),
    "Ledger": frozenset({"departments", "days", "day_width"}),
    "Diary": frozenset({"_columns"}),
}
"""By class, what is built from law, layout and seed."""

MADE: Final[Mapping[str, type[object]]] = {"Sleepers": Sleepers, "Turn": Turn}
"""Classes of which reading makes new ones; others are filled where they stand."""


def state_of(nation: Nation) -> dict[str, NDArray[Any]]:
    """Write the state of a nation at the end of a day.

    Raises:
        TypeError: Something is kept that no checkpoint could hold: a fault of ours.
    """
    return _Writer().write(nation)


def restore(nation: Nation, state: State, day: int) -> None:
    """Bring a nation, just built, to the state in which a day begins.

    What is planned for that day and later follows from its own law: notices of those still
    waiting, openings that have not begun.

    Raises:
        KeyError, ValueError: The state is not one of such a nation.
    """
    people, mailings, batch = nation.people, nation.mailings, nation.batch
    planned: NDArray[np.int64] = people.sent.astype(np.int64)
    touched = mailings.touched.copy()
    begins = {} if batch is None else batch.begins
    _Reader(state).fill(nation)
    nation.day = day
    later = ((people.standing == WAITING) & (planned >= day)).nonzero()[0]
    later = later[people.sent[later].astype(np.int64) >= day]
    people.sent[later] = planned[later]
    mailings.touched |= touched
    nation.printer.sort_again(len(nation.law.reminders))
    if batch is not None:
        batch.go_on(day, begins)


class _Writer:
    """Turns objects into nodes of the skeleton, and keeps their arrays."""

    def __init__(self) -> None:
        self._large: dict[str, NDArray[Any]] = {}
        self._small: dict[str, list[NDArray[Any]]] = {}
        self._reached: dict[str, int] = {}

    def write(self, nation: Nation) -> dict[str, NDArray[Any]]:
        text = json.dumps(self._object(nation), separators=(",", ":"))
        packed = {f"packed-{kind}": np.concatenate(parts) for kind, parts in self._small.items()}
        skeleton = np.frombuffer(text.encode(), np.uint8)
        return {SKELETON: skeleton, **packed, **self._large}

    def _node(self, value: object) -> Node:  # noqa: PLR0911 (one line a kind)
        if value is None or isinstance(value, bool | str):
            return {"plain": value}
        if isinstance(value, int):
            return {"plain": int(value)}
        if isinstance(value, np.ndarray):
            return self._array(cast("NDArray[Any]", value))
        if isinstance(value, array):
            return {"words": self._array(np.array(cast("array[int]", value), np.int64))}
        if isinstance(value, bytearray):
            return {"bytes": self._array(np.frombuffer(bytes(value), np.uint8))}
        if isinstance(value, list | tuple):
            kind = "list" if isinstance(value, list) else "tuple"
            return {kind: [self._node(item) for item in cast("list[object]", value)]}
        if isinstance(value, dict):
            pairs = cast("dict[object, object]", value).items()
            return {"pairs": [[self._node(key), self._node(item)] for key, item in pairs]}
        return self._object(value)

    def _object(self, value: object) -> Node:
        name = type(value).__name__
        if not type(value).__module__.startswith("etalon_scenarios."):
            message = f"a checkpoint cannot hold a {name}"
            raise TypeError(message)
        kept = set(_attributes(value)) - FROM_THE_LAW.get(name, frozenset())
        fields = {attribute: self._node(getattr(value, attribute)) for attribute in sorted(kept)}
        return {"object": name, "fields": fields}

    def _array(self, value: NDArray[Any]) -> Node:
        flat, kind = np.ascontiguousarray(value).ravel(), value.dtype.name
        if flat.nbytes >= PACKED_BELOW:
            name = f"array-{len(self._large)}"
            self._large[name] = flat
            return {"array": name, "shape": value.shape}
        at = self._reached.get(kind, 0)
        self._small.setdefault(kind, []).append(flat)
        self._reached[kind] = at + len(flat)
        return {"packed": kind, "at": at, "shape": value.shape}


class _Reader:
    """Turns nodes of the skeleton back into values."""

    def __init__(self, state: State) -> None:
        self._state = state

    def fill(self, nation: Nation) -> None:
        skeleton = self._state[SKELETON]
        self._fill(nation, cast("Node", json.loads(skeleton.tobytes().decode())))

    def _fill(self, value: object, node: Node) -> None:
        if node["object"] != type(value).__name__:
            message = f"a {node['object']} in place of a {type(value).__name__}"
            raise ValueError(message)
        for attribute, inner in cast("dict[str, Node]", node["fields"]).items():
            before: object = getattr(value, attribute)
            if "object" in inner and inner["object"] not in MADE:
                self._fill(before, inner)
            elif "shape" not in inner or not _overwritten(before, self._array(inner)):
                setattr(value, attribute, self._value(inner))

    def _value(self, node: Node) -> object:  # noqa: PLR0911 (one line a kind)
        if "plain" in node:
            return node["plain"]
        if "shape" in node:
            return self._array(node)
        if "words" in node:
            return array("q", self._array(node["words"]).tolist())
        if "bytes" in node:
            return bytearray(self._array(node["bytes"]).tobytes())
        if "list" in node:
            return [self._value(item) for item in node["list"]]
        if "tuple" in node:
            return tuple(self._value(item) for item in node["tuple"])
        if "pairs" in node:
            return {self._value(key): self._value(item) for key, item in node["pairs"]}
        kind = MADE[node["object"]]
        made = object.__new__(kind)
        for attribute, inner in cast("dict[str, Node]", node["fields"]).items():
            setattr(made, attribute, self._value(inner))
        return made

    def _array(self, node: Node) -> NDArray[Any]:
        shape = tuple(cast("list[int]", node["shape"]))
        if "array" in node:
            return self._state[node["array"]].reshape(shape).copy()
        size = int(np.prod(shape))
        packed = self._state[f"packed-{node['packed']}"]
        return packed[node["at"] : node["at"] + size].reshape(shape).copy()


def _overwritten(before: object, after: NDArray[Any]) -> bool:
    """Write over an array that others may hold too, if it has the same shape."""
    if not isinstance(before, np.ndarray):
        return False
    held = cast("NDArray[Any]", before)
    same = held.shape == after.shape
    if same:
        np.copyto(held, after)
    return same


def _attributes(value: object) -> list[str]:
    slots = cast("tuple[str, ...]", getattr(type(value), "__slots__", ()))
    return [*slots, *getattr(value, "__dict__", {})]
