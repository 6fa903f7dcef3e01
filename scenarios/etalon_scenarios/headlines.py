"""The figures whose dependence on the parameters is measured, and where a summary holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.run_directory import Json

RATES: Final = ("opt_out_rate", "activation_rate", "closure_rate", "opened_uninformed_rate")
AMOUNTS: Final = ("calls", "cost_eur")
HEADLINE_NAMES: Final = RATES + AMOUNTS


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of one run.

    Attributes:
        value: In the unit of the summary; None when the run cannot tell.
        events: How many events it rests on.
    """

    value: float | None
    events: int


def headlines_of(summary: Mapping[str, Json]) -> dict[str, Headline]:
    """Read the headlines in a summary.

    Raises:
        KeyError: The summary lacks a key.
    """
    rates = {row["key"]: row for row in cast("Sequence[Mapping[str, Json]]", summary["rates"])}
    calls = cast("int", cast("Mapping[str, Json]", summary["hotline"])["calls"])
    cost = cast("float", cast("Mapping[str, Json]", summary["cost_eur"])["total"])
    amounts = {
        "calls": Headline(float(calls), calls),
        "cost_eur": Headline(cost, cast("int", summary["notified"])),
    }
    return {name: _rate(rates.get(name)) for name in RATES} | amounts | _of_lives(summary)


def _of_lives(summary: Mapping[str, Json]) -> dict[str, Headline]:
    """Read the headlines of open spaces, in a summary that has any."""
    if "usage" not in summary:
        return {}
    usage = cast("Mapping[str, Json]", summary["usage"])
    documents = cast("int", usage["documents_of_care"])
    shares = cast("Sequence[Mapping[str, Json]]", usage["shares"])
    return {
        "documents": Headline(float(documents), documents),
        **{str(row["key"]): _rate(row) for row in shares},
    }


def _rate(row: Mapping[str, Json] | None) -> Headline:
    if row is None:
        return Headline(None, 0)
    return Headline(cast("float | None", row["value"]), cast("int", row["numerator"]))
