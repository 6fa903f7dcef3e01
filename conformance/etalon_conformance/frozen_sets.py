"""Sets of requirements that no longer change, beside the one that the tables give.

A set is frozen when reports are to cite it: `data/sets/NAME.json` holds every requirement in full,
so that a verdict made under it can be read, and compared, after the tables have moved on. Why a
version does not test a requirement is no part of it. Packs bring sets of the same form.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from pydantic import TypeAdapter

from etalon_conformance.requirement import Requirement, Words, words
from etalon_conformance.tables import DATA
from etalon_text.packs import (
    BETWEEN,
    Kind,
    PackError,
    folder_of,
    pack_named,
    pack_names,
    parted,
)

_SETS: Final = TypeAdapter(list[Requirement])
_SET_ROW: Final = TypeAdapter(Requirement)


def frozen_names() -> tuple[str, ...]:
    """Return the names of the frozen sets: ours by the month they were frozen in, then packs'."""
    brought: list[str] = []
    for pack in pack_names(Kind.REQUIREMENT_SETS):
        with suppress(PackError):
            brought += _names_in(pack)
    folder = DATA / "sets"
    names = (file.name for file in folder.iterdir()) if folder.is_dir() else ()
    own = sorted(name.removesuffix(".json") for name in names if name.endswith(".json"))
    return (*own, *brought)


def _names_in(pack: str) -> list[str]:
    folder = folder_of(pack_named(Kind.REQUIREMENT_SETS, pack))
    return sorted(f"{pack}{BETWEEN}{file.stem}" for file in folder.glob("*.json"))


def frozen_requirements(name: str) -> Iterator[Requirement]:
    """Give the requirements of a frozen set, in its order.

    Raises:
        FileNotFoundError: No set has this name.
        PackError: The pack that brings it cannot be used, or its file holds no requirements.
    """
    named = parted(name)
    if named is None:
        yield from read_set((DATA / "sets" / f"{name}.json").read_bytes())
        return
    pack, held = named
    file = folder_of(pack_named(Kind.REQUIREMENT_SETS, pack)) / f"{held}.json"
    try:
        yield from read_set(file.read_bytes())
    except ValueError as error:
        line = " ".join(str(error).split())
        raise PackError(pack, f"a set {held} that cannot be read ({line})") from error


def read_set(written: bytes) -> list[Requirement]:
    """Return the requirements of a set as written by `written_set`.

    Raises:
        ValueError: It is no such file; the message says where.
    """
    return [_in_print(one) for one in _SETS.validate_json(written)]


def _in_print(one: Requirement) -> Requirement:
    """Return a requirement, frozen maybe long ago, with the typography of this version."""
    return replace(
        one,
        text=_typeset(one.text),
        certain_part=_typeset(one.certain_part),
        condition=_typeset(one.condition),
        sources=tuple(replace(each, title=_typeset(each.title)) for each in one.sources),
    )


def _typeset(said: Words) -> Words:
    return words(said["fr"], said["en"])


def written_set(requirements: Iterable[Requirement]) -> bytes:
    """Return a set as its file holds it: JSON, one requirement a line, in UTF-8."""
    held = (replace(one, untested=words()) for one in requirements)
    return b"[\n" + b",\n".join(map(_SET_ROW.dump_json, held)) + b"\n]\n"
