"""Whose turn it is: each session waits with its newest request alone, all are served in turn."""

from __future__ import annotations

from typing import Generic, TypeVar

Request = TypeVar("Request")


class Turns(Generic[Request]):
    """A queue of sessions.

    A request of a session that waits already takes the place of the older one, and stands where
    that stood; a session that was served goes to the end of the line when it asks again. Nobody
    is served twice while another one waits.
    """

    def __init__(self) -> None:
        """Begin with nobody."""
        self._waiting: dict[str, Request] = {}

    def ask(self, session: str, request: Request) -> None:
        """Let a session wait for something, in place of what it was waiting for."""
        self._waiting[session] = request

    def leave(self, session: str) -> None:
        """Let a session wait no more."""
        self._waiting.pop(session, None)

    def next(self) -> tuple[str, Request] | None:
        """Take who has waited longest; None when nobody waits."""
        if not self._waiting:
            return None
        session = next(iter(self._waiting))
        return session, self._waiting.pop(session)

    def before(self, session: str) -> int:
        """Count the sessions that are served first; 0 for one that does not wait."""
        waiting = list(self._waiting)
        return waiting.index(session) if session in waiting else 0
