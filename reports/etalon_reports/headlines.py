"""The headline rates of a run with their intervals, and what makes the interval of knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etalon_reports.comparisons import measured_at_end
from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import percent, percent_interval, supported_decimals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

HEADLINES: Final = (
    "opt_out_rate",
    "activation_rate",
    "closure_rate",
    "opened_uninformed_rate",
)
INTERVALS: Final = ("knowledge", "chance", "sample_noise")
_EXPLAINED: Final = 0.8


@dataclass(frozen=True, slots=True)
class Headline:
    """One rate of the summary.

    Attributes:
        key: Name of the rate.
        value: Share between 0 and 1.
        numerator: Count above the line.
        denominator: Count below the line.
        denominator_name: Key of the string that names the denominator.
        intervals: Kind -> bounds, for the kinds that were computed.
        measured: The measured share, when there is one.
    """

    key: str
    value: float
    numerator: int
    denominator: int
    denominator_name: str
    intervals: Mapping[str, tuple[float, float]]
    measured: float | None

    def written(self, language: Language) -> str:
        """Return the value, rounded to what its widest interval supports."""
        return percent(self.value, language, self._decimals())

    def _decimals(self) -> int:
        """Count the decimals that the widest of what is unsure supports."""
        bounds = self.intervals.get("knowledge") or self.intervals.get("sample_noise")
        bounds = bounds or self.intervals.get("chance")
        if bounds is None or bounds[0] == bounds[1]:
            return percent_decimals(self.value)
        return max(supported_decimals(bounds[0] * 100, bounds[1] * 100), 0)


@dataclass(frozen=True, slots=True)
class Driver:
    """A parameter and its part of an interval of knowledge, with how it is known."""

    path: str
    share: float
    certainty: str


def headlines(files: RunFiles) -> list[Headline]:
    """Return the headline rates that have a value, in a fixed order: nobody, no rate."""
    rates = ((key, files.rate(key)) for key in HEADLINES)
    return [
        _headline(files, key, rate)
        for key, rate in rates
        if rate is not None and rate.optional_figure("value") is not None
    ]


def life_shares(files: RunFiles) -> list[Headline]:
    """Return the shares of open spaces that a run gives when it counts their life, or nothing."""
    life = files.summary.optional_record("usage")
    if life is None:
        return []
    return [
        _headline(files, row.text("key"), row)
        for row in life.rows("shares")
        if row.optional_figure("value") is not None
    ]


def _headline(files: RunFiles, key: str, rate: Record) -> Headline:
    bounds = {kind: files.interval(key, kind) for kind in INTERVALS}
    return Headline(
        key=key,
        value=rate.figure("value"),
        numerator=rate.count("numerator"),
        denominator=rate.count("denominator"),
        denominator_name=rate.text("denominator_name"),
        intervals={kind: pair for kind, pair in bounds.items() if pair is not None},
        measured=measured_at_end(files, key),
    )


def written_interval(bounds: tuple[float, float], language: Language) -> str:
    """Return an interval of shares with the decimals that its own width supports."""
    if bounds[0] == bounds[1]:
        return percent(bounds[0], language, percent_decimals(bounds[0]))
    decimals = max(supported_decimals(bounds[0] * 100, bounds[1] * 100), 0)
    return percent_interval(*bounds, language, min(decimals, 4))


def main_drivers(files: RunFiles, headline: str) -> list[Driver]:
    """Return the parameters that together make 80% of the interval of knowledge, largest first."""
    if files.knowledge is None or headline not in files.knowledge.record("drivers").values:
        return []
    certainties = {
        row.text("path"): row.text("certainty") for row in files.scenario.rows("parameters")
    }
    found: list[Driver] = []
    explained = 0.0
    for row in files.knowledge.record("drivers").rows(headline):
        if explained >= _EXPLAINED:
            break
        path, share = row.text("path"), row.figure("share")
        found.append(Driver(path, share, certainties.get(path, "assumption")))
        explained += share
    return found
