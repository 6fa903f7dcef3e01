"""Sets of requirements that no longer change, beside the one that the tables give.

A set is frozen when reports are to cite it: `data/sets/NAME.json` holds every requirement in full,
so that a verdict made under it can be read, and compared, after the tables have moved on. Why a
version does not test a requirement is no part of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter

from etalon_conformance.requirement import Requirement, words
from etalon_conformance.tables import DATA

_SETS: Final = TypeAdapter(list[Requirement])
_SET_ROW: Final = TypeAdapter(Requirement)


def frozen_names() -> tuple[str, ...]:
    """Return the names of the frozen sets, oldest first: each is the month it was frozen in."""
    folder = DATA / "sets"
    names = (file.name for file in folder.iterdir()) if folder.is_dir() else ()
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def frozen_requirements(name: str) -> Iterator[Requirement]:
    """Give the requirements of a frozen set, in its order.

    Raises:
        FileNotFoundError: No set has this name.
    """
    yield from read_set((DATA / "sets" / f"{name}.json").read_bytes())


def read_set(written: bytes) -> list[Requirement]:
    """Return the requirements of a set as written by `written_set`.

    Raises:
        ValueError: It is no such file; the message says where.
    """
    return _SETS.validate_json(written)


def written_set(requirements: Iterable[Requirement]) -> bytes:
    """Return a set as its file holds it: JSON, one requirement a line, in UTF-8."""
    held = (replace(one, untested=words()) for one in requirements)
    return b"[\n" + b",\n".join(map(_SET_ROW.dump_json, held)) + b"\n]\n"
