"""Simulated figures set beside measured ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from etalon_text.comparison_labels import comparison_label
from etalon_text.strings import text

if TYPE_CHECKING:
    from datetime import date

    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language


class Comparison(NamedTuple):
    """One measured figure and what the run gave.

    Attributes:
        key: Quantity compared.
        day: Day since each person's own notice, or None.
        on: Date, or None for the end of the run.
        unit: share, people, spaces, EUR or day.
        simulated: What the run gave; None when it did not reach it.
        measured: What was measured; None when only a range is known.
        low: Lowest simulated value that agrees; None when there is no range.
        high: Highest one.
        within: Whether the simulated value lies in the range; None when it cannot be said.
        calibrated: Whether a parameter was calibrated on this figure.
        source: Where the measure was read.
        row: The record in the summary.
    """

    key: str
    day: int | None
    on: date | None
    unit: str
    simulated: float | None
    measured: float | None
    low: float | None
    high: float | None
    within: bool | None
    calibrated: bool
    source: str
    row: Record

    @property
    def is_undecided(self) -> bool:
        """Whether it lies outside, and the noise of the sample reaches what agrees."""
        noise = self.row.bounds("sample_noise")
        if self.within is not False or noise is None or self.low is None or self.high is None:
            return False
        return noise[0] <= self.high and self.low <= noise[1]

    @property
    def of_others(self) -> bool:
        """Whether it was measured on other people than those of the run: it judges nothing."""
        bounded = self.low is not None and self.high is not None
        return bounded and self.simulated is not None and self.within is None

    def label(self, language: Language) -> str:
        """Return what is compared, when, and of whom."""
        on = None if self.on is None else self.on.isoformat()
        label = self.row.optional_sentence("label", language)
        label = label or comparison_label(self.key, language, day=self.day, on=on)
        name = self.row.optional_text("denominator_name")
        if name is None:
            return label
        return text("comparison.of", language, label=label, denominator=text(name, language))


def comparisons(files: RunFiles) -> list[Comparison]:
    """Return the comparisons of a summary, in its order."""
    return [_comparison(row) for row in files.summary.rows("comparisons")]


def measured_at_end(files: RunFiles, key: str) -> float | None:
    """Return the value of a rate measured on the people of the run at its end, or None."""
    ends_on = files.summary.day("ends_on")
    return next(
        (
            found.measured
            for found in comparisons(files)
            if found.key == key
            and found.day is None
            and found.on in (None, ends_on)
            and not found.of_others
        ),
        None,
    )


def _comparison(row: Record) -> Comparison:
    day = row.optional_figure("day")
    return Comparison(
        key=row.text("key"),
        day=None if day is None else int(day),
        on=row.optional_day("on"),
        unit=row.text("unit"),
        simulated=row.optional_figure("simulated"),
        measured=row.optional_figure("measured"),
        low=row.optional_figure("low"),
        high=row.optional_figure("high"),
        within=row.flag("within"),
        calibrated=row.flag("calibrated") or False,
        source=row.text("source"),
        row=row,
    )
