"""Scenes: who acts on one space at the same time, and what they may do, as data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter

from etalon_conformance.tables import text_of
from etalon_model.states import State

FEWEST: Final = 12
"""Operations of a history at least: fewer seldom meet."""
MOST: Final = 18
"""And at most: what a search looks at grows fast with what overlaps."""


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    check: str
    state: str
    documents: list[str]
    once: list[str]
    clients: dict[str, list[str]]


_ROWS: Final = TypeAdapter(dict[str, _Row])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What clients may do at the same time.

    Attributes:
        name: Its name.
        check: Name of the check that tries it.
        state: Where the space of the person stands before.
        documents: Of each document that is there before, its code of visibility, or empty.
        once: Acts that each client who may does once in a history.
        clients: By client, the acts drawn from; the first word of a client is who they are.
    """

    name: str
    check: str
    state: State
    documents: tuple[str, ...]
    once: frozenset[str]
    clients: Mapping[str, tuple[str, ...]]

    @property
    def roles(self) -> frozenset[str]:
        """Who the clients are: `holder`, `author`, `reader`, `friend`."""
        return frozenset(role_of(one) for one in self.clients)

    def drawn(self, random: Random) -> Mapping[str, tuple[str, ...]]:
        """Return what each client does in one history, in order."""
        each = random.randint(FEWEST, MOST) // len(self.clients)
        acts: dict[str, tuple[str, ...]] = {}
        for client, menu in self.clients.items():
            own = [one for one in menu if one in self.once]
            again = [one for one in menu if one not in self.once]
            chosen = [random.choice(again) for _ in range(max(0, each - len(own)))] + own
            random.shuffle(chosen)
            acts[client] = tuple(chosen)
        return acts


def role_of(client: str) -> str:
    """Return who a client is: `holder` of `holder again`."""
    return client.partition(" ")[0]


@cache
def scenes() -> Mapping[str, Scene]:
    """Return the scenes by name, in the order of their table."""
    rows = _ROWS.validate_python(tomllib.loads(text_of("races.toml")))
    return MappingProxyType(
        {
            name: Scene(
                name=name,
                check=row.check,
                state=State(row.state),
                documents=tuple(row.documents),
                once=frozenset(row.once),
                clients={client: tuple(acts) for client, acts in row.clients.items()},
            )
            for name, row in rows.items()
        }
    )
