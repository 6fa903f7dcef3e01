"""What a simulation found, for people: simulated against measured, and where the report is."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_columns
from etalon_cli.console import print_result, sentence_of
from etalon_text.comparison_labels import comparison_label
from etalon_text.number_formats import number, percent, percent_interval, supported_decimals
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_SHARE_DECIMALS = 3


def print_outcome(summary: Mapping[str, Json], directory: Path, language: Language) -> None:
    """Print the table simulated / measured / source, the intervals and the path of the report.

    Args:
        summary: As `summary.json` holds it.
        directory: The run directory.
        language: Of the words and number formats.
    """
    print_result(sentence_of(summary, "title", language))
    population, full = cast("int", summary["population"]), cast("int", summary["full_population"])
    print_result(
        text(
            "outcome.population",
            language,
            population=number(population, language),
            full=number(full, language),
            seed=summary["seed"],
        )
    )
    comparisons = cast("Sequence[Mapping[str, Json]]", summary["comparisons"])
    if comparisons:
        heads = ("figure", "simulated", "measured", "accepted", "within", "source")
        table = [[text(f"outcome.{head}", language) for head in heads]]
        table += [_comparison_row(row, language) for row in comparisons]
        print_columns(table, right=frozenset({1, 2, 3}))
        if any(row["calibrated"] for row in comparisons):
            print_result(text("outcome.calibrated_note", language))
        if any(_is_undecided(row) for row in comparisons):
            print_result(text("comparison.undecided", language))
        if any(_is_of_others(row) for row in comparisons):
            print_result(text("comparison.of_others", language))
    for line in _interval_lines(summary, language):
        print_result(line)
    print_result(text("outcome.report", language, file=(directory / "report.html").resolve()))


def _is_undecided(row: Mapping[str, Json]) -> bool:
    """Tell whether a figure lies outside, and the noise of the sample reaches what agrees."""
    noise = cast("Sequence[float] | None", row.get("sample_noise"))
    if row["within"] is not False or noise is None:
        return False
    return noise[0] <= cast("float", row["high"]) and cast("float", row["low"]) <= noise[1]


def _is_of_others(row: Mapping[str, Json]) -> bool:
    """Tell whether a figure was measured on other people than those of the run."""
    return row["within"] is None and None not in (row["simulated"], row["low"], row["high"])


def _comparison_row(row: Mapping[str, Json], language: Language) -> list[str]:
    day, on = cast("int | None", row.get("day")), cast("str | None", row.get("on"))
    label = comparison_label(str(row["key"]), language, day=day, on=on)
    low, high = row["low"], row["high"]
    accepted = "" if low is None or high is None else _bounds(row, language)
    said = {True: "outcome.yes", False: "outcome.no", None: "outcome.unknown"}
    verdict = said[cast("bool | None", row["within"])]
    return [
        label + (" *" if row["calibrated"] else ""),
        _figure(row["simulated"], row["unit"], language),
        _figure(row["measured"], row["unit"], language),
        accepted,
        text("report.undecided" if _is_undecided(row) else verdict, language),
        str(row["source"]),
    ]


def _bounds(row: Mapping[str, Json], language: Language) -> str:
    low, high = (_figure(row[end], row["unit"], language) for end in ("low", "high"))
    return text("show.range_number", language, low=low, high=high)


def _figure(value: Json, unit: Json, language: Language) -> str:
    if value is None:
        return "-"
    figure = cast("float", value)
    if unit == "share":
        return percent(figure, language, _decimals_of(figure))
    return number(figure, language)


def _decimals_of(share: float) -> int:
    """Give a small share three decimals, a large one a single decimal."""
    return 1 if share >= 0.1 else _SHARE_DECIMALS if share < 0.01 else 2  # noqa: PLR2004 (10 %, 1 %)


def _interval_lines(summary: Mapping[str, Json], language: Language) -> list[str]:
    """Say both intervals of the opt-out rate, apart: they answer different questions."""
    value = summary["opt_out_rate"]
    intervals = cast("Mapping[str, Sequence[float] | None]", summary["opt_out_rate_interval"])
    levels = cast("Mapping[str, float]", summary["interval_levels"])
    if value is None:
        return []
    return [
        text(
            f"outcome.{kind}",
            language,
            level=percent(levels[kind], language, 0),
            interval=_written(bounds, language),
        )
        for kind in ("chance", "sample_noise", "knowledge")
        if (bounds := intervals[kind]) is not None
    ]


def _written(bounds: Sequence[float], language: Language) -> str:
    low, high = bounds
    decimals = min(max(supported_decimals(low * 100, high * 100), 0), 4)
    return percent_interval(low, high, language, decimals)
