"""The agenda: appointments, reminders and prevention items of a space."""
