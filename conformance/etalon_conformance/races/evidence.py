"""Files that show a race: the history as JSON lines, and its drawing in each language."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from etalon_conformance.exchanges import OPERATION, Exchange

HISTORY: Final = "history.jsonl"
DRAWINGS: Final = {"en": "race.txt", "fr": "race.fr.txt"}


def tells_race(exchange: Exchange) -> bool:
    """Whether an exchange tells of a history that no order explains."""
    return exchange.request.verb == OPERATION and bool(exchange.first("history"))


def write_races(folder: Path, exchanges: Iterable[Exchange]) -> None:
    """Write the race that an exchange tells of, if one does.

    Raises:
        OSError: A file cannot be written.
    """
    for one in exchanges:
        if not tells_race(one):
            continue
        (folder / HISTORY).write_text(one.first("history"), encoding="utf-8")
        for language, name in DRAWINGS.items():
            (folder / name).write_text(one.first(f"drawing.{language}"), encoding="utf-8")
