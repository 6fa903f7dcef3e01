"""Searching what the log of a space tells: its rows, and the traces that came from elsewhere.

Sources: ANS, Traçabilité des évènements 2.0.0 (flux 4; IHE ITI-81: a date is asked for); FHIR R4,
search parameters of AuditEvent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from etalon_model import Identity
from etalon_wire.bundles import Query
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.list_searching import folded
from etalon_wire.records.parties import national_identifier
from etalon_wire.records.search_parameters import (
    Asked,
    WrongError,
    dated,
    plain,
    required,
    tokens,
    understand,
)
from etalon_wire.validation.reading import parts, text

NEWEST: Final = "newest"
PARAMETER_OF_NEWEST: Final = "_newest"
"""Meaning and name of what the links of a search add to it."""
_NEWEST_FIRST: Final = ("-date",)

Code = tuple[str, str]
"""System and code of a coding."""


class Told(Protocol):
    """What the log of a space tells: a row of its own, or a trace that came from elsewhere."""

    @property
    def event_id(self) -> str:
        """Its `id`."""
        ...

    @property
    def recorded_at(self) -> datetime:
        """When it was noted (UTC)."""
        ...

    @property
    def started_at(self) -> datetime:
        """When what it tells of began (UTC)."""
        ...

    @property
    def type(self) -> Code:
        """What kind of event it is."""
        ...

    @property
    def subtype(self) -> Code:
        """Of which transaction or command."""
        ...

    @property
    def outcome(self) -> str:
        """Code of how it ended."""
        ...

    @property
    def parties(self) -> frozenset[str]:
        """National identifiers of whoever took part."""
        ...

    @property
    def agents(self) -> list[Resource]:
        """Whoever took part, as an AuditEvent says."""
        ...

    def resource(self, identity: Identity) -> Resource:
        """Return it as an AuditEvent of somebody's space."""
        ...


Test = Callable[[Told], bool]


@dataclass(frozen=True, slots=True)
class EventSearch:
    """What is searched in a log.

    Attributes:
        search: What a row must meet, and its page.
        newest: Address of the newest event to tell, so that what happens between two pages of a
            search moves nothing; empty on the first.
    """

    search: Search[Told]
    newest: str

    def among(self, events: Sequence[Told]) -> list[Told]:
        """Return the events searched for among those of a log in the order they came to it.

        The newest come first: what came late about an early event stands where it belongs.
        """
        ranks = [rank for rank, one in enumerate(events, 1) if one.event_id == self.newest]
        told = events[: ranks[0]] if ranks else events
        found = [one for one in reversed(told) if self.search.matches(one)]
        return sorted(found, key=lambda one: one.recorded_at, reverse=True)


def read_event_search(query: Query, *, strict: bool, base: str = "") -> EventSearch | Fault:
    """Return what a search of AuditEvent asks for, or what is wrong with it.

    A bound on `date` is asked for (W-AUD-01).

    Args:
        query: Its parameters, in their order.
        strict: Refuse parameters that are not known.
        base: Public address of the server, without a slash at its end.
    """
    try:
        understood = understand("AuditEvent", query, strict=strict, sorts=_NEWEST_FIRST)
        required(understood, "date", name="date")
        search = search_of(understood, base, _TESTS)
    except WrongError as wrong:
        return wrong.fault
    newest = next((one.values[0] for one in understood.asked if one.means == NEWEST), "")
    return EventSearch(search, newest)


def _dated(asked: Asked) -> Test:
    within = dated(asked).within
    return lambda event: within.holds(event.recorded_at)


def _started(asked: Asked) -> Test:
    within = dated(asked).within
    return lambda event: within.holds(event.started_at)


def _coded(asked: Asked, coding_of: Callable[[Told], Code]) -> Test:
    wanted = tokens(asked)
    return lambda event: any(one.is_met(*coding_of(event)) for one in wanted)


def _typed(asked: Asked) -> Test:
    return _coded(asked, lambda event: event.type)


def _subtyped(asked: Asked) -> Test:
    return _coded(asked, lambda event: event.subtype)


def _outcome(asked: Asked) -> Test:
    return _coded(asked, lambda event: ("", event.outcome))


def _took_part(asked: Asked) -> Test:
    """Test for identifiers of who took part; the system is one that leads to the same number."""
    wanted = {one.code.rpartition("/")[2] for one in tokens(asked)}
    wanted |= {
        national_identifier({"system": one.system or "", "value": one.code})
        for one in tokens(asked)
    }
    wanted.discard("")
    return lambda event: not wanted.isdisjoint(event.parties)


def _in_role(asked: Asked) -> Test:
    wanted = tokens(asked)

    def holds(event: Told) -> bool:
        roles = [role for agent in event.agents for role in parts(agent, "role")]
        codings = [coding for role in roles for coding in parts(role, "coding")]
        found = [(text(one, "system"), text(one, "code")) for one in codings]
        return any(one.is_met(*pair) for one in wanted for pair in found)

    return holds


def _named(asked: Asked) -> Test:
    wanted = tuple(folded(plain(value)) for value in asked.values)
    return lambda event: any(
        folded(text(agent, "name")).startswith(wanted) for agent in event.agents
    )


def _otherwise_known(asked: Asked) -> Test:
    wanted = tokens(asked)
    return lambda event: any(
        one.is_met("", text(agent, "altId")) for one in wanted for agent in event.agents
    )


_TESTS: Final[Mapping[str, Callable[[Asked], Test]]] = {
    "date": _dated,
    "started": _started,
    "type": _typed,
    "subtype": _subtyped,
    "outcome": _outcome,
    "agent": _took_part,
    "role": _in_role,
    "name": _named,
    "alternative": _otherwise_known,
}
