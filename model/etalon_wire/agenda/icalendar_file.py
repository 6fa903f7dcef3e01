# pyright: standard
"""An agenda as iCalendar: appointments as events, reminders and prevention items as tasks.

Sources: RFC 5545; GAP 3.0.0 (what an Appointment is in iCalendar: VEVENT, STATUS, ATTENDEE with
PARTSTAT). Reading: what has no end lasts no time; a prevention item is due on its last day.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event, Todo, vCalAddress, vText

from etalon_model.agenda.agenda import Appointment, AppointmentState, PreventionState, Reminder
from etalon_model.agenda.prevention import AgendaView, PreventionItem
from etalon_wire.json_body import Resource
from etalon_wire.validation.reading import part, parts, text

PRODUCT: Final = "-//Étalon//Agenda//FR"

_STATUSES: Final = {
    **dict.fromkeys(AppointmentState, "CONFIRMED"),
    AppointmentState.PROPOSED: "TENTATIVE",
    AppointmentState.PENDING: "TENTATIVE",
    AppointmentState.WAITLIST: "TENTATIVE",
    AppointmentState.CANCELLED: "CANCELLED",
    AppointmentState.NOSHOW: "CANCELLED",
    AppointmentState.ENTERED_IN_ERROR: "CANCELLED",
}
_PARTICIPATIONS: Final = {
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "needs-action": "NEEDS-ACTION",
}
_DONE: Final = {
    PreventionState.DONE: "COMPLETED",
    PreventionState.NOT_DONE: "CANCELLED",
    PreventionState.TO_PLAN: "NEEDS-ACTION",
    PreventionState.NOT_SPECIFIED: "NEEDS-ACTION",
}


def calendar_of(
    view: AgendaView, appointments: Sequence[tuple[Appointment, Resource]], at: datetime
) -> bytes:
    """Return an agenda as an iCalendar file.

    Args:
        view: The agenda.
        appointments: Its appointments, each as FHIR shows it to the holder.
        at: When it is exported (UTC).
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for appointment, shown in appointments:
        calendar.add_component(_event(appointment, shown, at))
    for reminder in view.reminders:
        calendar.add_component(_reminder(reminder, at))
    for item in view.prevention:
        calendar.add_component(_prevention(item, at))
    return bytes(calendar.to_ical())


def _event(appointment: Appointment, shown: Resource, at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{text(shown, 'id')}@etalon")
    event.add("dtstamp", at)
    event.add("sequence", appointment.revision - 1)
    event.add("dtstart", appointment.starts_at)
    if appointment.ends_at is not None:
        event.add("dtend", appointment.ends_at)
    event.add("summary", appointment.title)
    if appointment.note:
        event.add("description", appointment.note)
    event.add("status", _STATUSES[appointment.state])
    for attendee in _attendees(shown):
        event.add("attendee", attendee, encode=False)
    return event


def _attendees(shown: Resource) -> Iterator[vCalAddress]:
    """Yield who takes part, but the person whose agenda it is; a name where one is given."""
    for one in parts(shown, "participant"):
        actor = part(one, "actor")
        if text(actor, "type") == "Patient":
            continue
        identifier = part(actor, "identifier")
        system, value = text(identifier, "system"), text(identifier, "value")
        named = f"urn:mes-etalon:{system}:{value}" if value else text(actor, "reference")
        if named:
            # What a URI may not hold is written as RFC 3986 has it: nothing ends the line here.
            attendee = vCalAddress(_escaped(named))
            status = _PARTICIPATIONS.get(text(one, "status"), "NEEDS-ACTION")
            attendee.params["PARTSTAT"] = vText(status)
            display = "".join(char for char in text(actor, "display") if char.isprintable())
            if display:
                attendee.params["CN"] = vText(display.replace('"', "'"))
            yield attendee


def _escaped(uri: str) -> str:
    return "".join(
        char if char.isascii() and char.isprintable() and char not in ' "<>\\' else "_"
        for char in uri
    )


def _reminder(reminder: Reminder, at: datetime) -> Todo:
    task = _task(f"reminder-{reminder.number}@etalon", reminder.title, at)
    task.add("due", reminder.due_on)
    if reminder.comment:
        task.add("description", reminder.comment)
    return task


def _prevention(item: PreventionItem, at: datetime) -> Todo:
    window = item.window
    task = _task(f"prevention-{window.key}@etalon", window.rule.title, at)
    task.add("dtstart", window.from_on)
    last_on: date = window.until_on - timedelta(days=1)
    if last_on > window.from_on:
        task.add("due", last_on)
    task.add("status", _DONE[item.state])
    task.add("categories", [window.rule.kind])
    return task


def _task(uid: str, title: str, at: datetime) -> Todo:
    task = Todo()
    task.add("uid", uid)
    task.add("dtstamp", at)
    task.add("summary", title)
    return task
