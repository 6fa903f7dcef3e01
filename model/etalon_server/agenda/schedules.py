"""Schedules and slots: written by editors, found by whoever has a token (GAP 2a to 4a, 5a).

They hold nothing of anybody's health: no space has a trace of who looked for a slot. A schedule is
its editor's alone to change; another finds nothing there.

Sources: GAP 3.0.0 (flux-gestion-agenda, flux-demande-consultation); FHIR R4 (Schedule, Slot).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from etalon_model import Command, Refusal
from etalon_model.agenda.agenda import LIMITS
from etalon_model.agenda.openings import Slot
from etalon_model.agenda.schedules import (
    DeleteSchedule,
    PutSchedule,
    Schedule,
    SlotStatus,
    named_slot,
    slot_status,
    slots_of,
)
from etalon_model.register import Register
from etalon_server.agenda.actors import actor_entries
from etalon_server.agenda.editors import diaries_of, register_of
from etalon_server.agenda.receiving import received_valid
from etalon_server.agenda.versions import expected_revision, revision_headers
from etalon_server.asking import known_caller
from etalon_server.contents import key_of as content_key
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
)
from etalon_server.records.paging import answer_entries_of, answer_page_of, included_entry
from etalon_server.records.reading import nothing_here
from etalon_wire.agenda.places import ScheduleName, schedule_id
from etalon_wire.agenda.schedules import SentSchedule, read_schedule, shown_schedule, shown_slot
from etalon_wire.agenda.searching import (
    SPAN,
    Open,
    SlotSearch,
    read_schedule_search,
    read_slot_search,
)
from etalon_wire.json_body import Resource, read_json, write_json
from etalon_wire.malformed import TOO_COSTLY, Malformed
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.document_encoding import KEPT_LIMITS
from etalon_wire.records.pages import write_entry
from etalon_wire.records.search_parameters import is_strict

_SHORTEST: Final = timedelta(microseconds=1)
_Found = tuple[Schedule, Slot, SlotStatus]
"""A slot of a schedule, and how it stands."""


async def make_schedule(desk: Desk, request: Request) -> Answer:
    """Write a new schedule (W-AGD-01, flow 2a)."""
    resource, sent = _received(desk, request)
    number = await _put(desk, request, resource, sent, 0)
    schedule = _schedules(desk, request)[number]
    name = ScheduleName(schedule.author.ident, number)
    headers = (
        ("Location", f"{request.base}/Schedule/{schedule_id(name)}"),
        *revision_headers(schedule.revision),
    )
    return answer_resource(
        request, desk, shown_schedule(schedule, resource), HTTPStatus.CREATED, headers
    )


async def change_schedule(desk: Desk, request: Request) -> Answer:
    """Write a schedule anew, its availabilities too (W-AGD-02, flows 2b and 3a)."""
    resource, sent = _received(desk, request)
    number = _own_number(desk, request)
    if resource.get("id") not in {None, request.places["id"]}:
        message = "the id of the Schedule is not that of the address"
        raise Refused(Fault("PARAMETER_WRONG", message, "Schedule.id"))
    await _put(desk, request, resource, sent, number)
    schedule = _schedules(desk, request).get(number)
    if schedule is None:
        raise nothing_here()
    headers = revision_headers(schedule.revision)
    return answer_resource(request, desk, shown_schedule(schedule, resource), 200, headers)


async def delete_schedule(desk: Desk, request: Request) -> Answer:
    """Take a schedule away (W-AGD-01, flow 2c); what was given of it stays given."""
    number = _own_number(desk, request)
    at, actor = desk.host.clock.now(), known_caller(request).actor
    await _written(desk, DeleteSchedule(at, actor, "", number, expected_revision(request)))
    return Answer(HTTPStatus.NO_CONTENT)


async def read_one_schedule(desk: Desk, request: Request) -> Answer:
    """Answer a schedule."""
    diaries = diaries_of(desk)
    name = desk.editors.schedule_named(diaries, request.places["id"])
    if name is None:
        raise nothing_here()
    schedule = diaries[name.editor].schedules[name.number]
    headers = revision_headers(schedule.revision)
    return answer_resource(request, desk, _shown(desk, schedule), 200, headers)


async def find_schedules(desk: Desk, request: Request) -> Answer:
    """Answer a page of the schedules of an actor."""
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_schedule_search(request.query, strict=strict, base=request.base)
    if isinstance(search, Fault):
        raise Refused(search)
    found = [one for one in _every_schedule(desk) if search.matches(one)]
    return answer_page_of(desk, request, search, found, lambda one: _shown(desk, one))


async def find_slots(desk: Desk, request: Request) -> Answer:
    """Answer a page of the slots of some schedules in a span, and the schedules if asked for.

    Slots are matches, schedules are included (W-AGD-04).
    """
    strict = is_strict(request.headers.get("prefer", ""))
    asked = read_slot_search(request.query, strict=strict, base=request.base)
    if isinstance(asked, Fault):
        raise Refused(asked)
    found = _open(desk, asked)
    if asked.search.tests:
        found = [one for one in found if asked.search.matches(Open(*one))]

    def entries_of(page: Sequence[_Found]) -> list[bytes]:
        entries = [_slot_entry(desk, request, *one) for one in page]
        if "Slot:schedule" in asked.includes:
            schedules = {id(schedule): schedule for schedule, _, _ in page}
            shown = [_shown(desk, one) for one in schedules.values()]
            entries += [included_entry(desk, request, one) for one in shown]
            if "Schedule:actor" in asked.includes:
                entries += actor_entries(desk, request, shown)
        return entries

    return answer_entries_of(desk, request, asked.search, found, entries_of)


def _slot_entry(
    desk: Desk, request: Request, schedule: Schedule, slot: Slot, status: SlotStatus
) -> bytes:
    """Return the entry of a slot; what it shows follows from its schedule as it was written."""
    shape = (request.base, slot.starts_at, slot.service, status)
    entry = desk.cache.get(schedule, shape)
    if entry is None:
        shown = shown_slot(schedule, slot, status, _received_of(desk, schedule), request.base)
        body = write_json(desk.codec.leaving(shown))
        entry = write_entry(f"{request.base}/Slot/{shown['id']}", body)
        desk.cache.put(schedule, shape, entry)
    return entry


async def read_one_slot(desk: Desk, request: Request) -> Answer:
    """Answer a slot, as long as its schedule has it."""
    register = register_of(desk)
    name = desk.editors.slot_named(register.diaries, request.places["id"])
    found = None if name is None else named_slot(register, name)
    if found is None:
        raise nothing_here()
    schedule, slot = found
    status = slot_status(register, schedule, slot)
    received = _received_of(desk, schedule)
    shown = shown_slot(schedule, slot, status, received, request.base)
    return answer_resource(request, desk, shown)


def _open(desk: Desk, asked: SlotSearch) -> list[_Found]:
    """Return the slots of the schedules asked for that stand as asked, by time.

    Raises:
        Malformed: There are more than one search finds.
    """
    register = register_of(desk)
    since = asked.since or desk.host.clock.now()
    until = since + SPAN if asked.until is None else asked.until + _SHORTEST
    if until - since > SPAN + _SHORTEST:
        message = f"start: {LIMITS['slot_days']} days at most, search again for more"
        raise Refused(Fault("PARAMETER_WRONG", message, "start"))
    found: list[_Found] = []
    schedules = 0
    for schedule in _every_schedule(desk):
        if not asked.schedules.matches(schedule):
            continue
        slots = slots_of(schedule, since, until)
        if len(found) + len(slots) > LIMITS["slots_found"]:
            message = f"more than {LIMITS['slots_found']} slots: ask for a shorter time"
            raise Malformed(TOO_COSTLY, "", message)
        found += _standing(register, schedule, slots, asked.statuses)
        schedules += 1
    if schedules > 1:
        found.sort(key=lambda one: (one[1].starts_at, one[0].author.ident, one[1].service))
    return found


def _standing(
    register: Register, schedule: Schedule, slots: Iterable[Slot], wanted: frozenset[str]
) -> Iterator[_Found]:
    """Yield the slots of a schedule that stand in one of the ways wanted, any when empty."""
    if not schedule.taken:
        if not wanted or "free" in wanted:
            for slot in slots:
                yield schedule, slot, "free"
        return
    for slot in slots:
        status = slot_status(register, schedule, slot)
        if not wanted or status in wanted:
            yield schedule, slot, status


def _every_schedule(desk: Desk) -> Iterator[Schedule]:
    for diary in diaries_of(desk).values():
        yield from diary.schedules.values()


def _schedules(desk: Desk, request: Request) -> dict[int, Schedule]:
    """Return the schedules of whoever asks, by number."""
    diary = diaries_of(desk).get(known_caller(request).actor.ident)
    return {} if diary is None else diary.schedules


def _own_number(desk: Desk, request: Request) -> int:
    """Return the number of the schedule at an address.

    Raises:
        Refused: It leads to nothing, or to another editor's.
    """
    name = desk.editors.schedule_named(diaries_of(desk), request.places["id"])
    if name is None or name.editor != known_caller(request).actor.ident:
        raise nothing_here()
    return name.number


def _received(desk: Desk, request: Request) -> tuple[Resource, SentSchedule]:
    """Return a Schedule that was sent, and what the model needs of it.

    Raises:
        Refused: Something grave is wrong with it.
        Malformed: It cannot be read.
    """
    resource = received_valid(desk, request)
    return resource, read_schedule(resource)


async def _put(
    desk: Desk, request: Request, resource: Resource, sent: SentSchedule, number: int
) -> int:
    """Write a schedule; return its number."""
    body = write_json(resource)
    received = sha256(body).hexdigest()
    actor = known_caller(request).actor
    command = PutSchedule(
        desk.host.clock.now(),
        actor,
        "",
        number,
        sent.actors,
        sent.services,
        sent.openings,
        sent.from_at,
        sent.until_at,
        sent.is_active,
        expected_revision(request) if number else None,
        received,
    )
    answer = await _written(desk, command, (Kept(_key(actor.ident, received), body),))
    return answer if isinstance(answer, int) else number


async def _written(desk: Desk, command: Command, kept: Sequence[Kept] = ()) -> object:
    """Carry out a change, and return its answer.

    Raises:
        Refused: The model refuses it.
    """
    outcome = await desk.host.write(command, kept)
    if isinstance(outcome, Refusal):
        if outcome.code == "NO_SUCH_ITEM":
            raise nothing_here()
        raise Refused(outcome)
    return outcome.answer


def _key(editor: str, received: str) -> bytes:
    """Return what a received schedule is kept under."""
    return content_key("Schedule", editor, received)


def _received_of(desk: Desk, schedule: Schedule) -> Resource:
    kept = desk.contents.body(_key(schedule.author.ident, schedule.received))
    return {} if kept is None else read_json(kept, KEPT_LIMITS)


def _shown(desk: Desk, schedule: Schedule) -> Resource:
    return shown_schedule(schedule, _received_of(desk, schedule))
