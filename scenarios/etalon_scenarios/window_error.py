"""A window of arrivals that cannot be."""

from __future__ import annotations


class WindowError(ValueError):
    """A window that cannot be read, or that the run does not hold.

    Attributes:
        reason: `form`, `start`, `duration` or `outside`.
        found: The part at fault, as given.
    """

    def __init__(self, found: str, *, reason: str) -> None:
        """State what is wrong and where."""
        super().__init__(f"{reason}: {found}")
        self.reason = reason
        self.found = found
