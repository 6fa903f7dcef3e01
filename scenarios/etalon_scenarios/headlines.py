"""The figures whose dependence on the parameters is measured, and where a summary holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from etalon_scenarios.run_directory import Json

RATES: Final = ("opt_out_rate", "activation_rate", "closure_rate", "opened_uninformed_rate")
AMOUNTS: Final = ("calls", "cost_eur")
HEADLINE_NAMES: Final = RATES + AMOUNTS

FIGURES_OF_LIVES: Final = (
    "documents",
    "with_one_document",
    "with_five_documents",
    "entered",
    "reminders_followed",
    "apps_paired",
)
"""Further figures of a sweep whose runs count the life of spaces."""


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


def swept_figures(summary: Mapping[str, Json]) -> dict[str, Headline]:
    """Read the figures of a run of a sweep: its headlines, and what happened in open spaces.

    Raises:
        KeyError: The summary lacks a key.
    """
    found = headlines_of(summary)
    if "usage" in summary:
        usage = cast("Mapping[str, Json]", summary["usage"])
        months = cast("Sequence[Mapping[str, Json]]", usage["months"])
        followed = sum(
            cast("int", reminder["followed"])
            for month in months
            for reminder in cast("Sequence[Mapping[str, Json]]", month["reminders"])
        )
        paired = sum(cast("int", month["app_paired"]) for month in months)
        found["reminders_followed"] = Headline(float(followed), followed)
        found["apps_paired"] = Headline(float(paired), paired)
    return found


def names_of(figures: Collection[str]) -> tuple[str, ...]:
    """Name the figures of a sweep in order: headlines, and those of lives that a run has."""
    return (*HEADLINE_NAMES, *(name for name in FIGURES_OF_LIVES if name in figures))


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
