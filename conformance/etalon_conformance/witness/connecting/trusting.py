"""How a machine is told to find the witness and to trust it, system by system."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from etalon_conformance.tables import rows_of
from etalon_target.throwaway_authority import AUTHORITY_NAME, address_of

HOSTS_FILES: Final = (
    ("Windows", "C:\\Windows\\System32\\drivers\\etc\\hosts"),
    ("macOS, Linux", "/etc/hosts"),
)
"""Where names are written that no server of names knows."""

_OWN: Final = "localhost"


@dataclass(frozen=True, slots=True)
class TrustCommand:
    """How one system is told to trust the witness.

    Attributes:
        system: Key of the system, as in `witness.trust.SYSTEM`.
        trust: The line to type.
        undo: The line that takes it back, or empty when nothing stays.
    """

    system: str
    trust: str
    undo: str


def hosts_lines(names: Sequence[str], address: str) -> list[str]:
    """Return the lines that lead names to the witness; addresses and this machine need none."""
    return [f"{address} {name}" for name in names if address_of(name) is None and name != _OWN]


def trust_commands(file: str) -> list[TrustCommand]:
    """Return what to type on each system.

    Args:
        file: The certificate of the authority, as the machine of the client finds it.
    """
    lines: dict[str, dict[str, str]] = {}
    for row in rows_of("witness/trust_commands.csv"):
        line = row["command"].format(file=file, authority=AUTHORITY_NAME)
        lines.setdefault(row["system"], {})[row["does"]] = line
    return [TrustCommand(system, of["trust"], of.get("undo", "")) for system, of in lines.items()]
