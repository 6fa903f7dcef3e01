"""Invariants about appointments and schedules, by key.

Sources: FHIR R4, Appointment; GAP 3.0.0 (flux-gestion-ressources: a professional in activity is
named twice). Reading: app-4 says `no-show` in its expression, which is no status of R4; its words,
and ours, are about what was missed (`noshow`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from etalon_wire.json_body import Resource
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.reading import part, parts, text
from etalon_wire.validation.resource_rules import holds

_WITHOUT_TIMES: Final = frozenset({"proposed", "cancelled", "waitlist"})
_NOT_KEPT: Final = frozenset({"cancelled", "noshow"})
_PAIR: Final = ("PractitionerRole", "Practitioner")


def _named_twice(actors: Sequence[Resource]) -> bool:
    """Whether a professional who is named is named in both ways."""
    kinds = {
        text(actor, "type") or text(actor, "reference").rpartition("/")[0].rpartition("/")[2]
        for actor in actors
    }
    return not kinds.intersection(_PAIR) or kinds.issuperset(_PAIR)


def _participants(value: Resource) -> list[Resource]:
    return [part(one, "actor") for one in parts(value, "participant")]


AGENDA_RULES: Final[Mapping[str, Callable[[Resource, Scope], Sequence[tuple[str, str]]]]] = {
    "app-1": holds(lambda value: "type" in value or "actor" in value),
    "app-2": holds(lambda value: ("start" in value) is ("end" in value)),
    "app-3": holds(
        lambda value: {"start", "end"} <= value.keys() or text(value, "status") in _WITHOUT_TIMES
    ),
    "app-4": holds(
        lambda value: "cancelationReason" not in value or text(value, "status") in _NOT_KEPT
    ),
    "gap-actor-twice": holds(lambda value: _named_twice(parts(value, "actor"))),
    "gap-participant-twice": holds(lambda value: _named_twice(_participants(value))),
}
