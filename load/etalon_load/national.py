"""From what one machine does to what a nation asks: on paper, assumption by assumption.

Cores follow from the utilisation law: requests a second, times the seconds of CPU of one, over how
busy a core may be. Nothing here says that many machines do together what they do apart: a system
whose machines wait for each other needs more, and only a measure of several tells how many more
(`capacity.fitted`, never beyond twice what was measured). The figures are a floor for a plan of
machines, and the order of magnitude of a dress rehearsal.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import ceil
from types import MappingProxyType
from typing import Final

from etalon_load.capacity import CapacityError, zones_for

LARGEST: Final = 1e9
"""Requests a second beyond which no peak is believed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that a sizing rests on.

    Attributes:
        key: Which; the name of a row, or of what was measured.
        low: The least it may be.
        value: What is reckoned with.
        high: The most it may be.
        unit: Of the three.
        certainty: `measured`, `published`, `derived` or `assumption`.
        source: Where from, by language.
    """

    key: str
    low: float
    value: float
    high: float
    unit: str
    certainty: str
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Amount:
    """A whole number of something, and between which it may lie."""

    low: int
    value: int
    high: int


@dataclass(frozen=True, slots=True)
class Sizing:
    """What a peak takes.

    Attributes:
        requests: Requests a second at the peak.
        figures: All that this rests on, in the order of the reckoning.
        busy_cores: Cores of the platform that the peak keeps wholly busy.
        cores: Cores so that none is busier than allowed, and a zone may be lost.
        machines: The same in machines.
        workers: Processes that send, a core each; None when what one sends was not measured.
        own_machines: Machines for them.
        addresses: Addresses they need for their connections; None when their number is not known.
    """

    requests: float
    figures: tuple[Figure, ...]
    busy_cores: Amount
    cores: Amount
    machines: Amount
    workers: Amount | None
    own_machines: Amount | None
    addresses: Amount | None

    def plain(self) -> dict[str, object]:
        """Return it as JSON holds it."""
        amounts = {
            "busy_cores": self.busy_cores,
            "cores": self.cores,
            "machines": self.machines,
            "workers": self.workers,
            "own_machines": self.own_machines,
            "addresses": self.addresses,
        }
        return {
            "requests": self.requests,
            **{
                key: None if one is None else [one.low, one.value, one.high]
                for key, one in amounts.items()
            },
            "figures": [
                {
                    "key": one.key,
                    "low": one.low,
                    "value": one.value,
                    "high": one.high,
                    "unit": one.unit,
                    "certainty": one.certainty,
                    "source_fr": one.source["fr"],
                    "source_en": one.source["en"],
                }
                for one in self.figures
            ],
        }


@cache
def assumptions() -> Mapping[str, Figure]:
    """Return what is assumed where nothing was measured, by key."""
    file = files("etalon_load").joinpath("data/national_assumptions.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines(), strict=True)
    return MappingProxyType({row["key"]: _figure(row) for row in rows})


def _figure(row: Mapping[str, str]) -> Figure:
    low, value, high = (float(row[key]) for key in ("low", "value", "high"))
    source = {"fr": row["source_fr"], "en": row["source_en"]}
    return Figure(row["key"], low, value, high, row["unit"], row["certainty"], source)


def sized(
    requests: Figure,
    cpu_seconds: Figure,
    *,
    sent_per_core: Figure | None = None,
    connections: Figure | None = None,
) -> Sizing:
    """Reckon what a peak takes.

    Args:
        requests: Requests a second at the peak.
        cpu_seconds: CPU of the platform for one request (s).
        sent_per_core: Requests a second that a core of the generator sends at most.
        connections: Connections open at the peak.

    Raises:
        CapacityError: A peak or a cost is none.
    """
    for figure in (requests, cpu_seconds, sent_per_core, connections):
        if figure is not None and not 0 < figure.low <= figure.value <= figure.high <= LARGEST:
            message = f"{figure.key}: {figure.low:g} ≤ {figure.value:g} ≤ {figure.high:g} expected"
            raise CapacityError(message)
    known = assumptions()
    busy = _times(requests, cpu_seconds)
    zones = int(known["zones"].value)
    in_a_zone = tuple(
        zones_for(ceil(one / used), zones)
        for one, used in zip(busy, _backwards(known["utilisation"]), strict=True)
    )
    figures = [requests, cpu_seconds, known["utilisation"], known["zones"], known["machine_cores"]]
    workers = own_machines = addresses = None
    if sent_per_core is not None:
        share, own = known["sending_share"].value, known["own_machine_cores"].value
        ends = zip(_ends(requests), _backwards(sent_per_core), strict=True)
        needed = tuple(ceil(one / (core * share)) for one, core in ends)
        workers, own_machines = Amount(*needed), _each(needed, own)
        figures += [sent_per_core, known["sending_share"], known["own_machine_cores"]]
    if connections is not None:
        addresses = _each(_ends(connections), known["source_ports"].value)
        figures += [connections, known["source_ports"]]
    return Sizing(
        requests=requests.value,
        figures=tuple(figures),
        busy_cores=Amount(*(ceil(one) for one in busy)),
        cores=Amount(*(one * zones for one in in_a_zone)),
        machines=Amount(*(ceil(one / known["machine_cores"].value) * zones for one in in_a_zone)),
        workers=workers,
        own_machines=own_machines,
        addresses=addresses,
    )


def _ends(figure: Figure) -> tuple[float, float, float]:
    return figure.low, figure.value, figure.high


def _backwards(figure: Figure) -> tuple[float, float, float]:
    """Return the ends of a figure that one divides by: its high end makes the least."""
    return figure.high, figure.value, figure.low


def _times(one: Figure, other: Figure) -> tuple[float, float, float]:
    return one.low * other.low, one.value * other.value, one.high * other.high


def _each(amounts: tuple[float, ...], size: float) -> Amount:
    return Amount(*(ceil(amount / size) for amount in amounts))
