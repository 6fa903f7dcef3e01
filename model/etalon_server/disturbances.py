"""What a fault switch of a sandbox does to requests."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What a fault switch does to one request.

    Attributes:
        wait_seconds: How long nothing happens first.
        status: The status answered instead of carrying out the request, or 0.
        retry_after_seconds: With it, when to come back, or 0.
        resets: The connection is cut without an answer.
        slow_body_seconds: How long the body takes to leave.
    """

    wait_seconds: float = 0.0
    status: int = 0
    retry_after_seconds: int = 0
    resets: bool = False
    slow_body_seconds: float = 0.0


class Faults(Protocol):
    """The fault switches of a sandbox."""

    def of(self, path: str) -> Disturbance | None:
        """Return what happens to a request for `path`, or None when nothing does."""
        ...
