"""The agenda on the wire: GAP appointments, schedules and slots, reminders, iCalendar."""
