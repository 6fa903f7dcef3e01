"""The agenda: schedules, slots and appointments of GAP, and what only a holder has of it."""

from collections.abc import Mapping
from typing import Final

from etalon_server.agenda.appointments import (
    change_appointment,
    delete_appointment,
    find_appointments,
    make_appointment,
    put_appointment,
    read_one,
)
from etalon_server.agenda.holding import change_agenda, export_calendar, read_agenda
from etalon_server.agenda.schedules import (
    change_schedule,
    delete_schedule,
    find_schedules,
    find_slots,
    make_schedule,
    read_one_schedule,
    read_one_slot,
)
from etalon_server.exchange import Handler

HANDLERS: Final[Mapping[str, Handler]] = {
    "make_schedule": make_schedule,
    "read_schedule": read_one_schedule,
    "change_schedule": change_schedule,
    "delete_schedule": delete_schedule,
    "find_schedules": find_schedules,
    "find_schedules_by_form": find_schedules,
    "find_slots": find_slots,
    "find_slots_by_form": find_slots,
    "read_slot": read_one_slot,
    "make_appointment": make_appointment,
    "put_appointment": put_appointment,
    "read_appointment": read_one,
    "change_appointment": change_appointment,
    "delete_appointment": delete_appointment,
    "find_appointments": find_appointments,
    "find_appointments_by_form": find_appointments,
    "read_agenda": read_agenda,
    "add_reminder": change_agenda,
    "delete_reminder": change_agenda,
    "declare_prevention": change_agenda,
    "export_calendar": export_calendar,
}
