"""What appointments show: statuses, hours, and who takes part.

Source: GAP 3.0.0 (managing appointments, profile of an appointment).
"""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.places import steps, values_at
from etalon_conformance.witness.seeing_traffic import Point, Scene, point
from etalon_conformance.witness.traffic import Witnessed, resources_in
from etalon_wire.json_body import Resource

BOOKINGS: Final = frozenset({"make_appointment", "change_appointment", "put_appointment"})
_WITHOUT_HOURS: Final = frozenset({"proposed", "cancelled", "waitlist"})
_ROLE: Final = "PractitionerRole"
_PERSON: Final = "Practitioner"


def appointments(scene: Scene) -> Iterator[Point]:
    """Yield what each appointment that is sent shows (W-AGD-08, W-AGD-09)."""
    for read in scene.reads:
        if read.one.interaction in BOOKINGS:
            for one in resources_in(read.one.sent, "Appointment"):
                yield from _appointment(read.one, one)


def _appointment(sent: Witnessed, one: Resource) -> Iterator[Point]:
    status = _at(one, "status")
    lacking = [] if status else ["status"]
    if not set(status) & _WITHOUT_HOURS:
        lacking += [name for name in ("start", "end") if not _at(one, name)]
    held = one.get("participant")
    for each in held if isinstance(held, list) else ():
        if isinstance(each, dict) and "status" not in each:
            lacking.append("participant.status")
    told = ", ".join(dict.fromkeys(lacking))
    yield point("W-AGD-08", "appointment", sent, holds=not told, lacking=told)
    kinds = {_kind(value) for value in _kinds(one)}
    if kinds & {_ROLE, _PERSON}:
        twice = {_ROLE, _PERSON} <= kinds
        yield point("W-AGD-09", "referred_once", sent, holds=twice, found=", ".join(sorted(kinds)))


def _kinds(one: Resource) -> tuple[str, ...]:
    return (*_at(one, "participant.actor.type"), *_at(one, "participant.actor.reference"))


def _kind(value: str) -> str:
    return value.rpartition("/")[0].rpartition("/")[2] or value


def _at(one: Resource, path: str) -> tuple[str, ...]:
    return values_at(one, steps(path))
