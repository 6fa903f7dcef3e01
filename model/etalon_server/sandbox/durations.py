"""Durations as ISO 8601 writes them, civil periods and hours together."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from etalon_model.periods import Period

_TIME: Final = re.compile(r"(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?")


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration: `P6W` and `P42D` count in Paris civil time, `PT30S` in seconds.

    Attributes:
        text: As written.

    Raises:
        ValueError: `text` is no duration.
    """

    text: str
    _period: Period | None = field(init=False, compare=False, repr=False)
    _rest: timedelta = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Read the text once."""
        days, has_time, time = self.text.partition("T")
        found = _TIME.fullmatch(time)
        parts = found.groups() if found else ()
        if not found or bool(has_time) != any(parts) or not self.text.isascii():
            message = f"duration {self.text!r} is not understood: write it like P42D or PT30S"
            raise ValueError(message)
        hours, minutes, seconds = (float(part or 0) for part in parts)
        rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        period = None if has_time and days == "P" else Period(days)
        object.__setattr__(self, "_period", period)
        object.__setattr__(self, "_rest", rest)

    @property
    def seconds(self) -> float | None:
        """How many seconds it lasts, or None when that depends on the calendar."""
        return self._rest.total_seconds() if self._period is None else None

    def after(self, at: datetime) -> datetime:
        """Return the instant (UTC) at which a duration that starts at `at` ends.

        Raises:
            OverflowError: That is beyond the year 9999.
            ValueError: That is beyond the year 9999.
        """
        return (at if self._period is None else self._period.after(at)) + self._rest
