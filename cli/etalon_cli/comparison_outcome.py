"""What a comparison found, for people: each policy beside the first, measure by measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_columns
from etalon_cli.console import print_result
from etalon_text.number_formats import number, percent, percent_interval, supported_decimals
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
    "spaces_open",
    "coverage",
    "letters",
    "calls",
    "wait_p95_seconds",
    "cost_eur",
)
_DIGITS: Final = 3
"""Significant digits of a number that has no interval to bound them."""


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
            print_result(f"  {policy[f'question_{language}']}")
        _print_differences(result, policy, units, language)
        for line in _cost_lines(result, policy, language):
            print_result(line)
    print_result("")
    print_result(_levels(result, language))
    print_result(text("compare.directory", language, file=directory.resolve()))


def _policy_line(policy: Row, language: Language) -> str:
    departures = cast("Sequence[Row]", policy["legal_departures"])
    law = "; ".join(str(departure[language]) for departure in departures)
    return text(
        "compare.policy",
        language,
        name=policy["name"],
        title=policy[f"title_{language}"],
        law=law or text("compare.current_law", language),
    )


def _print_differences(
    result: Row, policy: Row, units: Mapping[Json, str], language: Language
) -> None:
    heads = ("measure", "from", "to", "difference", "chance", "knowledge")
    table = [[text(f"compare.{head}", language) for head in heads]]
    rows = {
        row["measure"]: row
        for row in cast("Sequence[Row]", result["differences"])
        if row["policy"] == policy["name"] and row["by"] == "all"
    }
    shown = [measure for measure in PRINTED if measure in rows]
    table += [_difference_row(rows[measure], units[measure], language) for measure in shown]
    print_columns(table, right=frozenset({1, 2, 3, 4}))


def _difference_row(row: Row, unit: str, language: Language) -> list[str]:
    known = text("compare.not_known", language)
    if row["distinguishable"] is False:
        known = text("compare.not_distinguishable", language)
    elif row["knowledge"] is not None:
        known = _interval(row["knowledge"], unit, language)
    chance = "" if row["chance"] is None else _interval(row["chance"], unit, language)
    return [
        text(f"measure.{row['measure']}", language),
        _figure(cast("float", row["from"]), unit, language),
        _figure(cast("float", row["to"]), unit, language),
        _figure(cast("float", row["difference"]), unit, language),
        chance,
        known,
    ]


def _figure(value: float, unit: str, language: Language) -> str:
    """Write a value with as many digits as a reader can use."""
    scaled = value * 100 if unit == "share" else value
    decimals = _DIGITS - 1 - _magnitude(scaled)
    if unit == "share":
        return percent(value, language, min(max(decimals, 0), 4))
    return number(value, language, min(decimals, 2 if unit == "seconds" else 0))


def _magnitude(value: float) -> int:
    """Give the power of ten of a value; 0 for none."""
    return int(f"{abs(value):e}".partition("e")[2]) if value else 0


def _interval(bounds: Json, unit: str, language: Language) -> str:
    low, high = cast("Sequence[float]", bounds)
    scale = 100 if unit == "share" else 1
    decimals = supported_decimals(low * scale, high * scale)
    if low == high:
        return _figure(low, unit, language)
    if unit == "share":
        return percent_interval(low, high, language, min(max(decimals, 0), 4))
    first, last = (number(end, language, min(decimals, 0)) for end in (low, high))
    return text("compare.interval", language, low=first, high=last)


def _cost_lines(result: Row, policy: Row, language: Language) -> list[str]:
    """Say what each person informed or spared costs, where the policy does inform or spare."""
    lines: list[str] = []
    for row in cast("Sequence[Row]", result["cost_effect"]):
        each = cast("float | None", row["eur_per_person"])
        people = cast("float", row["extra_people"])
        if row["policy"] != policy["name"] or each is None or people <= 0:
            continue
        if row["distinguishable"] is False:
            continue
        known = "" if row["knowledge"] is None else _interval(row["knowledge"], "EUR", language)
        lines.append(
            text(
                f"compare.cost_{row['effect']}",
                language,
                each=_figure(each, "seconds", language),
                range=known and text("compare.range", language, interval=known),
            )
        )
    return lines


def _levels(result: Row, language: Language) -> str:
    chance, knowledge = (cast("Row", result[kind]) for kind in ("chance", "knowledge"))
    return text(
        "compare.levels",
        language,
        chance=percent(cast("float", chance["level"]), language, 0),
        knowledge=percent(cast("float", knowledge["level"]), language, 0),
        draws=knowledge["draws"],
        people=number(cast("int", knowledge["population_per_draw"]), language),
    )
