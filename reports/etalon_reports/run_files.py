"""The files of a run directory, read once, and the questions every page asks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etalon_reports.record import Record, RunFileError, read_record

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from etalon_text.language import Language

SINCE_NOTICE: Final = ("observed", "opposed", "activated", "opened_automatically", "closed")
"""Curves by day since each person's own notice."""

_PERIOD: Final = re.compile(r"P(\d+)([DWMY])")
_DAYS: Final = {"D": (1, 1), "W": (7, 7), "M": (28, 31), "Y": (365, 366)}


@dataclass(frozen=True, slots=True)
class RunFiles:
    """A run directory.

    Attributes:
        directory: Where it is.
        run: How it was made.
        summary: What it found.
        scenario: What ran, every change applied.
        knowledge: Draws behind the interval of knowledge; None when none was made.
    """

    directory: Path
    run: Record
    summary: Record
    scenario: Record
    knowledge: Record | None

    @property
    def daily(self) -> Path:
        """The table of counts by day and group."""
        return self.directory / "daily.parquet"

    @property
    def scope(self) -> float:
        """People simulated / people of the scope, above 0 and at most 1."""
        return self.summary.figure("scope")

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the scope was simulated."""
        return self.scope < 1

    @property
    def opens_by_silence(self) -> bool:
        """Whether the scenario opens spaces for those who say nothing (opt-out)."""
        return self.scenario.text("mode") == "opt-out"

    @property
    def draws(self) -> int:
        """Draws behind the interval of knowledge."""
        return self.knowledge.count("draws_done") if self.knowledge else 0

    @property
    def from_checkpoint(self) -> bool:
        """Whether the run went on from a checkpoint: no draw of the parameters is possible."""
        return any(row.text("role") == "checkpoint" for row in self.run.rows("inputs"))

    @property
    def last_day_on(self) -> date:
        """Last day simulated."""
        return self.summary.optional_day("last_day_on") or self.summary.day("starts_on")

    @property
    def window_days(self) -> tuple[int, int]:
        """Fewest and most civil days in the window to object (a month has 28 to 31)."""
        return period_days(self.scenario, "opposition_window")

    def knowledge_bounds(self, headline: str) -> tuple[float, float] | None:
        """Return the interval of knowledge of a headline, or None when none was drawn."""
        intervals = self.summary.record("intervals").optional_record(headline)
        bounds = intervals.bounds("knowledge") if intervals else None
        if bounds is None and self.draws and self.knowledge:
            return self.knowledge.record("intervals").bounds(headline)
        return bounds

    def level(self, kind: str) -> float:
        """Return the level of an interval of `kind`, such as 0.95."""
        if kind == "knowledge" and self.knowledge is not None:
            return self.knowledge.figure("level")
        return self.summary.record("interval_levels").figure(kind)

    def interval(self, headline: str, kind: str) -> tuple[float, float] | None:
        """Return the interval of `kind` (chance, sample_noise, knowledge) of a headline."""
        if kind == "knowledge":
            return self.knowledge_bounds(headline)
        intervals = self.summary.record("intervals").optional_record(headline)
        return intervals.bounds(kind) if intervals else None

    def fans(self) -> list[Record]:
        """Return the cumulative counts by date with their quantiles over the draws, if any."""
        if self.knowledge is None or "fans" not in self.knowledge.values:
            return []
        return self.knowledge.rows("fans")

    def departures(self, language: Language) -> list[str] | None:
        """Return the texts that the scenario supposes changed; None when it is not said."""
        if "legal_departures" not in self.summary.values:
            return None
        return [row.sentence("", language) for row in self.summary.rows("legal_departures")]

    def rate(self, key: str) -> Record | None:
        """Return the rate named `key`, with its two counts, or None."""
        rates = self.summary.rows("rates")
        return next((row for row in rates if row.text("key") == key), None)


def period_days(record: Record, key: str) -> tuple[int, int]:
    """Return the fewest and most civil days of an ISO 8601 period of one unit.

    Raises:
        RunFileError: The text is no such period.
    """
    found = _PERIOD.fullmatch(record.text(key))
    if found is None:
        raise RunFileError(record.file, key, record.text(key), "a period such as P6W")
    length, (fewest, most) = int(found[1]), _DAYS[found[2]]
    if found[2] == "M" and length > 1:
        # Twelve months never hold fewer than 365 days: only a run that crosses February is short.
        return length * 30 - 1, length * 31
    return length * fewest, length * most


def read_run(directory: Path) -> RunFiles:
    """Read the files of a run directory; `knowledge.json` may be absent.

    Raises:
        RunFileError: A file is missing or unreadable, or lists of it do not go side by side.
    """
    knowledge = directory / "knowledge.json"
    files = RunFiles(
        directory=directory,
        run=read_record(directory / "run.json"),
        summary=read_record(directory / "summary.json"),
        scenario=read_record(directory / "scenario.json"),
        knowledge=read_record(knowledge) if knowledge.exists() else None,
    )
    files.summary.record("curves").refuse_unequal(*SINCE_NOTICE)
    for fan in files.fans():
        fan.refuse_unequal("on", "central")
        fan.matrix("values", width=len(fan.items("on")))
    return files
