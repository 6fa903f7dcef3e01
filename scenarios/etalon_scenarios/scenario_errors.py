"""What is said when a scenario, or a file it names, cannot be used.

One problem gives one message: the file, the key or the line, the value found, what is
accepted, and the nearest valid name when a name was misspelt.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_VALUE_SHOWN = 80


class ScenarioError(ValueError):
    """A scenario, or a file that it names, that the user can mend.

    Attributes:
        file: File name as the user gave it, or the name of a shipped scenario.
        path: Dotted key path in a scenario file, `line N` in a table, or empty for the whole file.
        found: The value found, as text, or empty when something is missing.
        accepted: What is accepted there.
        nearest: The valid name nearest to the one found, or None.
    """

    def __init__(
        self, file: str, path: str, *, found: str, accepted: str, nearest: str | None = None
    ) -> None:
        self.file = file
        self.path = path
        self.found = found
        self.accepted = accepted
        self.nearest = nearest
        super().__init__(file, path, found, accepted, nearest)

    def __str__(self) -> str:
        """The one-line message."""
        where = f"{self.file}: {self.path}" if self.path else self.file
        found = f"found {self.found}; " if self.found else ""
        hint = f" (nearest valid name: {self.nearest})" if self.nearest else ""
        return f"{where}: {found}accepted: {self.accepted}{hint}"

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild across processes: keyword-only arguments do not survive the default pickling."""
        return _rebuilt, (self.file, self.path, self.found, self.accepted, self.nearest)


class StudyFileError(ScenarioError):
    """An experiment, a table of targets or an observed series that the user can mend."""

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild as what it is."""
        return _rebuilt_study, (self.file, self.path, self.found, self.accepted, self.nearest)


def _rebuilt_study(
    file: str, path: str, found: str, accepted: str, nearest: str | None
) -> StudyFileError:
    return StudyFileError(file, path, found=found, accepted=accepted, nearest=nearest)


def _rebuilt(file: str, path: str, found: str, accepted: str, nearest: str | None) -> ScenarioError:
    return ScenarioError(file, path, found=found, accepted=accepted, nearest=nearest)


def nearest_name(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that looks most like `name`, or None when none is close."""
    matches = get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return matches[0] if matches else None


def shown(value: object) -> str:
    """A value as a message shows it: text in quotes, long values cut."""
    return cut(f'"{value}"' if isinstance(value, str) else str(value))


def cut(text: str) -> str:
    """A text on one line of a message, cut when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_VALUE_SHOWN else line[: LONGEST_VALUE_SHOWN - 1] + "…"
