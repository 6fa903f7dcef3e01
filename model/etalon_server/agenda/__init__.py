"""The agenda as a server answers it: appointments, schedules, slots, what only a holder has."""
