"""Age bands gathered until each class holds enough objections to be worth drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.proportions import Proportion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record

_ENOUGH: Final = ((4000, 1), (500, 2), (0, 4))
"""Objections in all, from which so many five-year bands are put together."""


def opt_out_by_age_and_sex(summary: Record) -> dict[str, dict[str, Proportion]]:
    """Return sex -> age class -> objections of the people notified.

    Classes span five, ten or twenty years: with few objections, narrower ones would show noise.
    """
    rows = summary.rows("by_age_and_sex")
    objections = sum(row.count("opposed") for row in rows)
    width = next(width for enough, width in _ENOUGH if objections >= enough)
    return {sex: _gathered([row for row in rows if row.text("sex") == sex], width) for sex in "FM"}


def _gathered(rows: Sequence[Record], width: int) -> dict[str, Proportion]:
    groups = [rows[start : start + width] for start in range(0, len(rows), width)]
    return {
        _name(group[0].text("band"), group[-1].text("band")): Proportion(
            sum(row.count("opposed") for row in group), sum(row.count("notified") for row in group)
        )
        for group in groups
    }


def _name(first: str, last: str) -> str:
    """Name the class from the band `first` to the band `last`: 10-14 and 15-19 give 10-19."""
    if first == last:
        return first
    start = first.partition("-")[0]
    return f"{start}+" if last.endswith("+") else f"{start}-{last.partition('-')[2]}"
