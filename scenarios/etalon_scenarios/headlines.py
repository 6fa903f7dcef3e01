"""The figures whose dependence on the parameters is measured, and where a summary holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_scenarios.run_directory import Json

_PLACES: Final = {
    "opt_out_rate": (("opt_out_rate",), ("opposed",)),
    "activation_rate": (("activation_rate",), ("activated",)),
    "closure_rate": (("closure_rate",), ("closed",)),
    "calls": (("hotline", "calls"), ("hotline", "calls")),
    "cost_eur": (("cost_eur", "total"), ("notified",)),
}
"""Name -> key path of the figure, key path of the number of events that make it."""

HEADLINE_NAMES: Final = tuple(_PLACES)


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
    return {name: _headline(summary, *places) for name, places in _PLACES.items()}


def _headline(
    summary: Mapping[str, Json], value_at: tuple[str, ...], events_at: tuple[str, ...]
) -> Headline:
    value, events = _number_at(summary, value_at), _number_at(summary, events_at)
    return Headline(value, int(events or 0))


def _number_at(summary: Mapping[str, Json], path: tuple[str, ...]) -> float | None:
    found: Json = summary
    for key in path:
        found = cast("Mapping[str, Json]", found)[key]
    return None if found is None else float(cast("float", found))
