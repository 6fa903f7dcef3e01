"""Which interaction a request asks for: two look-ups, however many rows the table has.

Starlette tries its routes one after the other, which costs more with every route. Here the whole
path is looked up first, then the path without its last segment.
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

    __slots__ = ("_under", "_whole")

    def __init__(self, rows: Iterable[Interaction]) -> None:
        """Take the rows that are offered.

        Raises:
            ValueError: A path has a name in braces elsewhere than at its end.
        """
        self._whole: dict[str, dict[str, Match]] = {}
        self._under: dict[str, tuple[str, dict[str, Interaction]]] = {}
        for row in rows:
            head, brace, name = row.path.partition("{")
            if not brace:
                self._whole.setdefault(row.path, {})[row.verb] = Match(row, _NOWHERE)
            elif name.endswith("}") and "/" not in name and head.endswith("/"):
                _, verbs = self._under.setdefault(head, (name[:-1], {}))
                verbs[row.verb] = row
            else:
                message = f"{row.name}: {row.path} has a place elsewhere than at its end"
                raise ValueError(message)

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
            message = "nothing is offered at this address: see /fhir/metadata"
            raise NoSuchRoute(Fault("NO_SUCH_ADDRESS", message))
        name, verbs = found
        row = verbs.get(verb)
        if row is None:
            raise _not_allowed(verbs)
        return Match(row, {name: last})


def _not_allowed(verbs: Mapping[str, object]) -> NoSuchRoute:
    allowed = tuple(sorted(verbs))
    message = f"this address takes {', '.join(allowed)}"
    return NoSuchRoute(Fault("METHOD_NOT_ALLOWED", message), allowed)
