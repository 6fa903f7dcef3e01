"""How grave a flaw is, by rule set, mode and role: `severities.csv` and `departures.csv`.

A server may be robust to what only a profile asks (IHE MHD, ITI-65: it SHOULD check); a client
that sends it has failed. Strict mode refuses both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from etalon_wire.findings import Severity
from etalon_wire.modes import Mode
from etalon_wire.tables import rows_of
from etalon_wire.validation.flaws import Flaw

Role = Literal["server", "client"]


@dataclass(frozen=True, slots=True)
class Severities:
    """The two tables: by level, role and mode; and the departures of a mode, by element."""

    levels: Mapping[tuple[str, str, str], Severity]
    departures: Mapping[tuple[str, str, str, str], Severity]

    def of(self, flaw: Flaw, mode: Mode, role: Role) -> Severity:
        """Return how grave `flaw` is in `mode` for who plays `role`."""
        departure = self.departures.get((mode, role, flaw.element, flaw.rule))
        return departure or self.levels[flaw.level, role, mode]


@cache
def severities() -> Severities:
    """Return the tables shipped with the package."""
    levels: dict[tuple[str, str, str], Severity] = {
        (row["level"], row["role"], row["mode"]): cast("Severity", row["severity"])
        for row in rows_of("profiles/severities.csv")
    }
    departures: dict[tuple[str, str, str, str], Severity] = {
        (row["mode"], row["role"], row["element"], row["rule"]): cast("Severity", row["severity"])
        for row in rows_of("profiles/departures.csv")
    }
    return Severities(levels, departures)
