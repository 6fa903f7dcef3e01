"""Rules that end a run before its time: `errors > 5 % for 30 s`.

A rule holds when each of the last seconds in which answers came, as many as it says, was beyond its
limit. `errors` are failures, `wrong` wrong answers, `late` right answers beyond their bound.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from etalon_load.live import Tick

_RULE: Final = re.compile(
    r"(?P<what>[a-z]+)\s*>\s*(?P<limit>\d+(?:\.\d+)?)\s*%\s+for\s+(?P<count>\d+)\s*(?P<unit>s|m)"
)
_COUNTED: Final[Mapping[str, Callable[[Tick], int]]] = {
    "errors": lambda tick: tick.failed,
    "late": lambda tick: tick.late,
    "wrong": lambda tick: tick.wrong,
}
_ALL: Final = 100.0
_MINUTE: Final = 60


class RuleError(ValueError):
    """A rule that is none; the message says what was found and what is expected."""


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """When a run is to end.

    Attributes:
        written: As it was typed.
        what: `errors`, `wrong` or `late`.
        limit: The share of answers beyond which a second counts, from 0 to below 1.
        seconds: How many such seconds in a row end the run.
    """

    written: str
    what: str
    limit: float
    seconds: int

    def holds(self, ticks: Mapping[int, Tick], now: int) -> bool:
        """Tell whether the run is to end.

        Args:
            ticks: What came in each second.
            now: The second that is under way, of which nothing is said yet.
        """
        window = [ticks.get(second) for second in range(now - self.seconds, now)]
        seen = [tick for tick in window if tick is not None and tick.answered]
        if now < self.seconds or not seen or len(seen) < self.seconds / 2:
            return False
        count = _COUNTED[self.what]
        return all(count(tick) > self.limit * tick.answered for tick in seen)


def rule_of(written: str) -> StoppingRule:
    """Read a rule.

    Raises:
        RuleError: It is none.
    """
    match = _RULE.fullmatch(written.strip())
    if match is None or match["what"] not in _COUNTED:
        known = ", ".join(sorted(_COUNTED))
        message = f"{written!r}: expected one of {known}, as in 'errors > 5 % for 30 s'"
        raise RuleError(message)
    limit, seconds = float(match["limit"]) / _ALL, int(match["count"])
    seconds *= _MINUTE if match["unit"] == "m" else 1
    if not 0 <= limit < 1 or seconds < 1:
        message = f"{written!r}: expected a limit below 100 % and a second at least"
        raise RuleError(message)
    return StoppingRule(written.strip(), match["what"], limit, seconds)
