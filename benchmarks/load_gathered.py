"""The figures of load, gathered from what the other items measured, beside what is asked of each.

Nothing is measured here: each figure is read from the sealed result of its item in `results`,
beside when that ended and which of its files have changed since. A result that is missing, or that
was edited, has no figures; a figure that is not reached is named.
"""

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from stopwatch import Figure, write_figures

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
sys.path.insert(0, str(ROOT / "scripts"))

from results import State, state  # noqa: E402 (found where the line above says)

ASKED: Final = HERE / "load_figures.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A figure that is asked for, or one that stands beside it.

    Attributes:
        says: What it is.
        item: Which item measures it.
        path: Where it stands among the figures of that item.
        least: What it has to reach, or None.
        most: What it may not exceed, or None.
    """

    says: str
    item: str
    path: Sequence[str]
    least: float | None = None
    most: float | None = None

    def holds(self, value: Figure) -> bool | None:
        """Tell whether a value is as asked; None where nothing is asked."""
        if self.least is None and self.most is None:
            return None
        if not isinstance(value, int | float):
            return False
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)


def asked_figures() -> list[Asked]:
    """Read the table of figures."""
    rows = tomllib.loads(ASKED.read_text(encoding="utf-8"))["figure"]
    return [Asked(**row) for row in cast("list[dict[str, str]]", rows)]  # type: ignore[arg-type]


def result_of(item: str, folder: Path) -> tuple[State | None, dict[str, Figure]]:
    """Return how the result of an item stands beside its files, and what it holds."""
    file = folder / f"{item}.json"
    if not file.is_file():
        return None, {}
    items = tomllib.loads((HERE / "items.toml").read_text(encoding="utf-8"))
    found = state(file, items[item]["files"], ROOT)
    return found, {} if found.edited else json.loads(file.read_bytes())


def value_at(figures: Figure, path: Sequence[str]) -> Figure:
    """Return a figure by its path, places of a list counted from 0; None when there is none."""
    for part in path:
        if isinstance(figures, dict):
            figures = figures.get(part)
        elif isinstance(figures, list) and part.isdecimal() and int(part) < len(figures):
            figures = figures[int(part)]
        else:
            return None
    return figures


def gathered(folder: Path) -> dict[str, Figure]:
    """Return every figure with what is asked of it, and the results that they stand in."""
    asked = asked_figures()
    parts = {item: result_of(item, folder) for item in dict.fromkeys(one.item for one in asked)}
    rows, missed = list[Figure](), list[Figure]()
    for one in asked:
        value = value_at(parts[one.item][1].get("figures"), one.path)
        holds = one.holds(value)
        rows.append(
            {
                "figure": one.says,
                "value": value,
                "at_least": one.least,
                "at_most": one.most,
                "reached": holds,
                "item": one.item,
            }
        )
        if holds is False:
            missed.append(one.says)
    return {
        "figures": rows,
        "missed": missed,
        "results": {item: _told(*found) for item, found in parts.items()},
    }


def _told(found: State | None, body: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return what is to be said of a result itself."""
    if found is None or found.edited:
        return {"there": False, "why": "never run" if found is None else "edited without a run"}
    return {
        "there": True,
        "ended_at": body["ended_at"],
        "seal": body["seal"],
        "machine": body["machine"],
        "changed_since": list[Figure](found.changed),
    }


def main() -> int:
    """Gather; exit 1 when a figure is missing or not reached."""
    figures = gathered(HERE / "results")
    write_figures(figures)
    return 1 if figures["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
