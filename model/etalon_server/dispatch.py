"""Which interaction a request asks for: two look-ups, however many rows the table has.

Starlette tries its routes one after the other, which costs more with every route. Here the whole
path is looked up first, then the path without its last segment; the few paths with a place before
their end (versions of a resource) are tried last, among those as long.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from etalon_wire.interactions import Interaction
from etalon_wire.operation_outcomes import Fault

_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
"""What FHIR takes for the logical id of a resource."""

_NOWHERE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Match:
    """The row that a request matched.

    Attributes:
        interaction: The row.
        places: Parts of its path, by name.
    """

    interaction: Interaction
    places: Mapping[str, str]


class NoSuchRoute(Exception):  # noqa: N818 (the request is, the program is not)
    """No row has this verb on this path.

    Attributes:
        fault: What the answer says.
        allowed: Verbs that the path has, or none.
    """

    def __init__(self, fault: Fault, allowed: tuple[str, ...] = ()) -> None:
        """Keep both."""
        super().__init__(fault.message)
        self.fault = fault
        self.allowed = allowed


class Dispatcher:
    """The rows of the interaction table by verb and path."""

    __slots__ = ("_deep", "_under", "_whole")

    def __init__(self, rows: Iterable[Interaction]) -> None:
        """Take the rows that are offered."""
        self._whole: dict[str, dict[str, Match]] = {}
        self._under: dict[str, tuple[str, dict[str, Interaction]]] = {}
        self._deep: dict[int, dict[tuple[str, ...], dict[str, Interaction]]] = {}
        for row in rows:
            head, brace, name = row.path.partition("{")
            if not brace:
                self._whole.setdefault(row.path, {})[row.verb] = Match(row, _NOWHERE)
            elif name.endswith("}") and "/" not in name and head.endswith("/"):
                _, verbs = self._under.setdefault(head, (name[:-1], {}))
                verbs[row.verb] = row
            else:
                parts = tuple(row.path.split("/"))
                self._deep.setdefault(len(parts), {}).setdefault(parts, {})[row.verb] = row

    def match(self, verb: str, path: str) -> Match:
        """Return the row for a request; a slash at the end of the path counts for nothing.

        Raises:
            NoSuchRoute: There is none.
        """
        path = path.removesuffix("/")
        verb = "GET" if verb == "HEAD" else verb
        matches = self._whole.get(path)
        if matches is not None:
            match = matches.get(verb)
            if match is None:
                raise _not_allowed(matches)
            return match
        head, slash, last = path.rpartition("/")
        found = self._under.get(head + slash)
        if found is None or _ID.fullmatch(last) is None:
            places, verbs = self._deeper(path)
        else:
            name, verbs = found
            places = {name: last}
        row = verbs.get(verb)
        if row is None:
            raise _not_allowed(verbs)
        return Match(row, places)

    def _deeper(self, path: str) -> tuple[dict[str, str], dict[str, Interaction]]:
        """Return the places of a path that has some before its end, and its verbs.

        Raises:
            NoSuchRoute: There is no such path.
        """
        written = path.split("/")
        for template, verbs in self._deep.get(len(written), {}).items():
            places = _places(template, written)
            if places is not None:
                return places, verbs
        message = "nothing is offered at this address: see /fhir/metadata"
        raise NoSuchRoute(Fault("NO_SUCH_ADDRESS", message))


def _places(template: tuple[str, ...], written: list[str]) -> dict[str, str] | None:
    """Return what stands in the places of a template, None where the two differ."""
    places: dict[str, str] = {}
    for part, found in zip(template, written, strict=True):
        if part.startswith("{") and _ID.fullmatch(found):
            places[part[1:-1]] = found
        elif part != found or part.startswith("{"):
            return None
    return places


def _not_allowed(verbs: Mapping[str, object]) -> NoSuchRoute:
    allowed = tuple(sorted(verbs))
    message = f"this address takes {', '.join(allowed)}"
    return NoSuchRoute(Fault("METHOD_NOT_ALLOWED", message), allowed)
