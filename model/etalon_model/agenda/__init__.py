"""Appointments, reminders and prevention items."""
