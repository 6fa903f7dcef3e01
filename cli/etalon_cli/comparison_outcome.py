"""What a comparison found, for people: each policy beside the first, measure by measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_columns
from etalon_cli.console import print_result, sentence_of
from etalon_cli.reporting import comparison_remarks
from etalon_text.language import semicolons
from etalon_text.number_formats import number, percent, supported_decimals
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

    Row = Mapping[str, Json]

PRINTED: Final = (
    "informed",
    "opposed",
    "opt_out_rate",
    "activated",
    "opened_uninformed",
    "opened_uninformed_rate",
    "spaces_open",
    "coverage",
    "letters",
    "calls",
    "wait_p95_seconds",
    "cost_eur",
    "documents",
    "with_one_document",
    "with_five_documents",
    "reminders_followed",
    "apps_paired",
)
_DIGITS: Final = 3
"""Significant digits of a number that has no interval to bound them."""

_MOST: Final = 9
_SCALE: Final = {"share": 100, "points": 100}
_DECIMALS: Final = {"share": 4, "points": 4, "seconds": 1, "each": 2}
"""Unit -> most decimals; counts and totals in euros have none."""


def print_comparison(result: Row, directory: Path, language: Language) -> None:
    """Print one table a policy, each against the first, and where it all is.

    Args:
        result: As `comparison.json` holds it.
        directory: The directory of the comparison.
        language: Of the words and number formats.
    """
    policies = cast("Sequence[Row]", result["policies"])
    units = {row["key"]: str(row["unit"]) for row in cast("Sequence[Row]", result["measures"])}
    print_result(_policy_line(policies[0], language))
    for policy in policies[1:]:
        print_result("")
        print_result(_policy_line(policy, language))
        if policy[f"question_{language}"] is not None:
            print_result(f"  {sentence_of(policy, 'question', language)}")
        _print_differences(result, policy, units, language)
        for line in _cost_lines(result, policy, language):
            print_result(line)
    print_result("")
    for remark in comparison_remarks(directory, language):
        print_result(remark)
    print_result(_levels(result, language))
    print_result(text("outcome.report", language, file=(directory / "report.html").resolve()))


def _policy_line(policy: Row, language: Language) -> str:
    departures = cast("Sequence[Row]", policy["legal_departures"])
    law = semicolons((sentence_of(row, "", language) for row in departures), language)
    return text(
        "compare.policy",
        language,
        name=policy["name"],
        title=sentence_of(policy, "title", language),
        law=law or text("compare.current_law", language),
    )


def _print_differences(
    result: Row, policy: Row, units: Mapping[Json, str], language: Language
) -> None:
    rows = {
        row["measure"]: row
        for row in cast("Sequence[Row]", result["differences"])
        if row["policy"] == policy["name"] and row["by"] == "all"
    }
    shown = [measure for measure in PRINTED if measure in rows]
    noisy = any(rows[measure]["sample_noise"] is not None for measure in shown)
    luck = "sample_noise" if noisy else "chance"
    heads = ("measure", "from", "to", "difference", luck, "knowledge")
    table = [[text(f"compare.{head}", language) for head in heads]]
    table += [_difference_row(rows[measure], units[measure], luck, language) for measure in shown]
    print_columns(table, right=frozenset({1, 2, 3, 4}))


def _difference_row(row: Row, unit: str, luck: str, language: Language) -> list[str]:
    """Write one line: a run of fewer people shows the noise of its sample, which hides chance."""
    by = "points" if unit == "share" else unit
    known, bounds = text("compare.not_known", language), row[luck]
    if row["distinguishable"] is False:
        unmoved = row["difference"] == 0 and row["knowledge"] in (None, [0, 0])
        known = text("difference.same" if unmoved else "compare.not_distinguishable", language)
    elif row["knowledge"] is not None:
        bounds = row["knowledge"]
        known = _interval(bounds, by, language)
    moved = "" if row[luck] is None else _interval(row[luck], by, language)
    return [
        text(f"measure.{row['measure']}", language),
        _figure(cast("float", row["from"]), unit, language),
        _figure(cast("float", row["to"]), unit, language),
        _figure(cast("float", row["difference"]), by, language, bounds),
        moved,
        known,
    ]


def _figure(value: float, unit: str, language: Language, bounds: Json = None) -> str:
    """Write a value with as many digits as its interval supports, or as a reader can use."""
    scaled = value * _SCALE.get(unit, 1)
    decimals = min(max(_DIGITS - 1 - _magnitude(scaled), -_MOST), _DECIMALS.get(unit, 0))
    if bounds:
        decimals = min(decimals, _places(bounds, unit))
    if unit == "share":
        return percent(value, language, max(decimals, 0))
    written = _without_idle_zeros(number(scaled, language, decimals))
    return text("compare.points", language, value=written) if unit == "points" else written


def _without_idle_zeros(written: str) -> str:
    """Write what rounds to nothing as 0."""
    return written if any(digit in written for digit in "123456789") else "0"


def _magnitude(value: float) -> int:
    """Give the power of ten of a value; 0 for none."""
    return int(f"{abs(value):e}".partition("e")[2]) if value else 0


def _interval(bounds: Json, unit: str, language: Language) -> str:
    """Write an interval with as many digits as its width supports."""
    low, high = _scaled(bounds, unit)
    if low == high:
        return _figure(cast("Sequence[float]", bounds)[0], unit, language)
    decimals = _places(bounds, unit)
    first, last = (_without_idle_zeros(number(end, language, decimals)) for end in (low, high))
    if first == last:
        return first
    return text("compare.interval", language, low=first, high=last)


def _scaled(bounds: Json, unit: str) -> tuple[float, float]:
    low, high = (bound * _SCALE.get(unit, 1) for bound in cast("Sequence[float]", bounds))
    return low, high


def _places(bounds: Json, unit: str) -> int:
    """Count the decimals that an interval supports; negative for tens, hundreds and so on."""
    return min(supported_decimals(*_scaled(bounds, unit)), _DECIMALS.get(unit, 0))


def _cost_lines(result: Row, policy: Row, language: Language) -> list[str]:
    """Say what each person informed or spared costs, where money informs or spares anybody."""
    lines: list[str] = []
    for row in cast("Sequence[Row]", result["cost_effect"]):
        each = cast("float | None", row["eur_per_person"])
        gained = cast("float", row["extra_people"]) > 0 and row["distinguishable"] is not False
        if row["policy"] != policy["name"] or each is None or each <= 0 or not gained:
            continue
        known = "" if row["knowledge"] is None else _interval(row["knowledge"], "each", language)
        lines.append(
            text(
                f"compare.cost_{row['effect']}",
                language,
                each=_figure(each, "each", language, row["knowledge"]),
                range=known and text("compare.range", language, interval=known),
            )
        )
    return lines


def _levels(result: Row, language: Language) -> str:
    chance, knowledge = (cast("Row", result[kind]) for kind in ("chance", "knowledge"))
    return text(
        "compare.levels" if knowledge["draws"] else "compare.levels_undrawn",
        language,
        chance=percent(cast("float", chance["level"]), language, 0),
        knowledge=percent(cast("float", knowledge["level"]), language, 0),
        draws=knowledge["draws"],
        people=number(cast("int", knowledge["population_per_draw"]), language),
    )
