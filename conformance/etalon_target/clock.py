"""The clock of a target: what it tells, and whether it can be moved."""

from datetime import UTC, datetime

from etalon_target.cannot import CannotTest
from etalon_target.operations import Operations, Performed

_MANUAL = "manual"


class TargetClock:
    """The clock that a target follows; the real one when it does not tell."""

    def __init__(self, operations: Operations) -> None:
        """Read nothing yet."""
        self._operations = operations

    @property
    def can_move(self) -> bool:
        """Whether there is a way to move it; a sandbox that follows the real time refuses."""
        if not self._operations.can("advance_clock"):
            return False
        if "advance_clock" in self._operations.names():
            return True
        try:
            told = self._operations.perform("tell_clock").captures
        except CannotTest:
            return False
        return told.get("clock", _MANUAL) == _MANUAL

    def now(self) -> datetime:
        """Return the instant it tells (UTC).

        Raises:
            CannotTest: It was asked and told no instant.
        """
        if not self._operations.can("tell_clock"):
            return datetime.now(UTC)
        return _instant(self._operations.perform("tell_clock"))

    def advance(self, period: str) -> None:
        """Let a period pass, like `P42D`.

        Raises:
            CannotTest: It cannot be moved.
        """
        self._moved(self._operations.perform("advance_clock", period=period))

    def set(self, at: datetime) -> None:
        """Move it to an instant that is to come.

        Raises:
            CannotTest: It cannot be moved there.
        """
        self._moved(self._operations.perform("set_clock", at=at.isoformat()))

    def _moved(self, done: Performed) -> None:
        if not done.accepted:
            raise CannotTest(key="target.clock_stands")


def _instant(done: Performed) -> datetime:
    told = done.captures.get("now")
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        at = None
    if not done.accepted or at is None or at.tzinfo is None:
        raise CannotTest(key="target.clock_silent", found=told)
    return at.astimezone(UTC)
