"""What a client does by habit, and what is changed in what it sends.

`data/witness/impostors.csv` holds clients known to be wrong: each breaks one requirement, by one
habit given up or by one change. `data/witness/variants.csv` holds clients that differ and are
right.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl, urlencode

from etalon_conformance.places import Step, steps, values_at
from etalon_conformance.requirement import Words, words
from etalon_conformance.tables import rows_of
from etalon_target.messages import HttpRequest
from etalon_wire.json_body import Json, read_value, write_json
from etalon_wire.records.search_parameters import PAGE

_HEADER: Final = "header:"
_QUERY: Final = "query:"
_PAGES: Final = (PAGE, "_offset")
_EVERY: Final = "*"


class UnknownClientError(LookupError):
    """No client of the tables has that name.

    Attributes:
        name: The name asked for.
        nearest: The name nearest to it.
    """

    def __init__(self, name: str, nearest: str) -> None:
        """Say which, and what it may have meant."""
        super().__init__(name, nearest)
        self.name = name
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed in requests.

    Attributes:
        calls: Names of the interactions concerned; `*` for all.
        path: Where: a path into the body, `header:NAME` or `query:NAME`.
        value: What is put there, as JSON in a body; None takes away what is there.
    """

    calls: frozenset[str]
    path: str
    value: str | None

    def applied(self, request: HttpRequest, interaction: str) -> HttpRequest:
        """Return the request as it is sent then."""
        if not self.calls & {interaction, _EVERY}:
            return request
        if self.path.startswith(_HEADER):
            return _with_header(request, self.path.removeprefix(_HEADER), self.value)
        if self.path.startswith(_QUERY):
            return _with_parameter(request, self.path.removeprefix(_QUERY), self.value)
        if not request.body:
            return request
        tree = read_value(request.body)
        value: Json = None if self.value is None else json.loads(self.value)
        _put(tree, steps(self.path), value, removes=self.value is None)
        return replace(request, body=write_json(tree))


@dataclass(frozen=True, slots=True)
class Habits:
    """How a client behaves.

    Attributes:
        broken: Names of the habits of a right client that it does not have.
        taken: Names of the ways in which it differs from ours and is right.
        changes: What is changed in what it sends.
    """

    broken: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()

    def keeps(self, name: str) -> bool:
        """Whether it has a habit of a right client."""
        return name not in self.broken

    def takes(self, name: str) -> bool:
        """Whether it does something in a way of its own."""
        return name in self.taken


GOOD: Final = Habits()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClient:
    """A client that is not ours.

    Attributes:
        name: Its name.
        profile: The profile that it plays.
        requirement: What it breaks; empty where it is right.
        habits: How it behaves.
        story: What its vendor did.
    """

    name: str
    profile: str
    requirement: str
    habits: Habits = field(default=GOOD)
    story: Words


@cache
def wrong_clients() -> Mapping[str, OtherClient]:
    """Return the clients known to be wrong, by name, in the order of their table."""
    rows = rows_of("witness/impostors.csv")
    return MappingProxyType({row["name"]: _client(row) for row in rows})


@cache
def right_clients() -> Mapping[str, OtherClient]:
    """Return the clients that differ from ours and are right, by name."""
    rows = rows_of("witness/variants.csv")
    return MappingProxyType({row["name"]: _client(row) for row in rows})


def client_named(name: str) -> OtherClient:
    """Return a client of either table.

    Raises:
        UnknownClientError: There is none of that name.
    """
    known = {**wrong_clients(), **right_clients()}
    found = known.get(name)
    if found is None:
        raise UnknownClientError(name, get_close_matches(name, known, n=1, cutoff=0)[0])
    return found


def _client(row: Mapping[str, str]) -> OtherClient:
    changes: tuple[Change, ...] = ()
    if row["path"]:
        value = row["value"] or None
        changes = (Change(frozenset(row["calls"].split()), row["path"], value),)
    is_wrong = "requirement" in row
    named = frozenset(row["habit"].split())
    return OtherClient(
        name=row["name"],
        profile=row["profile"],
        requirement=row.get("requirement", ""),
        habits=Habits(
            named if is_wrong else frozenset(), frozenset() if is_wrong else named, changes
        ),
        story=words(row["story_fr"], row["story_en"]),
    )


def _with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    kept = tuple(one for one in request.headers if one[0].lower() != name.lower())
    return replace(request, headers=kept if value is None else (*kept, (name, value)))


def _with_parameter(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """Return a request with another parameter; a link that was told is followed as it stands."""
    place, _, query = request.url.partition("?")
    asked = parse_qsl(query, keep_blank_values=True)
    if any(key in _PAGES for key, _ in asked):
        return request
    pairs = [one for one in asked if one[0] != name]
    pairs += [] if value is None else [(name, value)]
    return replace(request, url=f"{place}?{urlencode(pairs)}" if pairs else place)


def _put(tree: Json, path: tuple[Step, ...], value: Json, *, removes: bool) -> None:
    """Put a value at a path, wherever it leads, or take away what is there."""
    if isinstance(tree, list):
        for item in tree:
            _put(item, path, value, removes=removes)
        return
    if not isinstance(tree, dict) or not path:
        return
    name, chosen = path[0].name, path[0].chosen
    held = tree.get(name)
    if len(path) > 1:
        for item in held if isinstance(held, list) else [held]:
            if _is_chosen(item, chosen):
                _put(item, path[1:], value, removes=removes)
        return
    if chosen and isinstance(held, list):
        tree[name] = [one for one in held if not _is_chosen(one, chosen)]
    elif removes:
        tree.pop(name, None)
    elif name in tree:
        tree[name] = value


def _is_chosen(item: Json, chosen: "tuple[int | tuple[str, str], ...]") -> bool:
    return all(
        not isinstance(one, int) and one[1] in values_at(item, steps(one[0])) for one in chosen
    )
