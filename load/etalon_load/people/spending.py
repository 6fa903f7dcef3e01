"""Test people whom a load leaves changed are spent: the next load with their file takes others.

Whose code was used, whose space was closed, cannot come again. Their matricules stand beside the
file of people, in a file of the same name that ends in `.spent`; who begins afresh deletes it.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from etalon_load.people.credential import Credential
from etalon_load.people.people_errors import PeopleError
from etalon_load.people.people_file import PeopleFile, read_people
from etalon_load.people.wanted import kinds_wanted

_SUFFIX: Final = ".spent"


def spend(path: Path, needed: Mapping[str, int]) -> PeopleFile:
    """Return the people of a file for a load, and note those whom it will leave changed.

    Args:
        path: The file.
        needed: How many of each kind, of `pool.demand`.

    Raises:
        PeopleError: The file cannot be used, or there are too few people who were not spent.
    """
    held = read_people(path)
    spent = _spent(path)
    fresh = tuple(one for one in held.people if one.ins not in spent)
    _check_enough(path, held.people, fresh, needed)
    gone = [
        one.ins
        for wanted, count in needed.items()
        if kinds_wanted()[wanted].once
        for one in [each for each in fresh if each.wanted == wanted][:count]
    ]
    _note(path, gone)
    return PeopleFile(fresh, held.origin)


def _check_enough(
    path: Path,
    people: Sequence[Credential],
    fresh: Sequence[Credential],
    needed: Mapping[str, int],
) -> None:
    there, left = (Counter(one.wanted for one in each) for each in (people, fresh))
    for wanted, count in sorted(needed.items()):
        found: dict[str, object] = {"file": path, "wanted": wanted, "needed": count}
        if there[wanted] < count:
            raise PeopleError(key="too_few", there=there[wanted], **found)
        if left[wanted] < count:
            spent = there[wanted] - left[wanted]
            raise PeopleError(
                key="too_few_left", there=left[wanted], spent=spent, list=_list(path), **found
            )


def _list(path: Path) -> Path:
    return path.with_name(path.name + _SUFFIX)


def _spent(path: Path) -> frozenset[str]:
    """Return the matricules of who was spent.

    Raises:
        PeopleError: The list cannot be read.
    """
    try:
        return frozenset(_list(path).read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()
    except (OSError, UnicodeError) as error:
        problem = getattr(error, "strerror", None) or "?"
        raise PeopleError(key="unreadable", file=_list(path), problem=problem) from error


def _note(path: Path, gone: Sequence[str]) -> None:
    """Note who is spent from now on.

    Raises:
        PeopleError: The list cannot be written.
    """
    if not gone:
        return
    try:
        opened = os.open(_list(path), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(opened, "w", encoding="ascii") as file:
            file.write("".join(f"{ins}\n" for ins in gone))
    except OSError as error:
        raise PeopleError(key="unwritable", file=_list(path), problem=error.strerror) from error
