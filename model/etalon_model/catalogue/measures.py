"""Measures: what the space keeps of weight, glucose and the like, and what each kind allows.

Sources: measures API v1.5.2 (codes, units, who writes, extensions of glucose); official
application (body mass index computed, comment of 150 characters).
Reading: the ranges of the table are wide and ours (gap G14); the policy `measure_ranges` sets
them aside.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from etalon_model.outcomes import Refusal
from etalon_model.policies import MeasureRanges
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

COMMENT_LENGTH: Final = 150


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """A kind of measure.

    Attributes:
        name: Its name in the application.
        code: Its code, of LOINC or local.
        unit: Unit of its values (UCUM).
        components: Codes of what it is made of, in order; none for a single quantity.
        app_writes: A service may write it.
        moment: `mandatory`, `forbidden` or `free`: the moment it was taken at.
        days: Likewise: the number of days it covers.
        range: Lowest and highest plausible value, or None when it is computed.
    """

    name: str
    code: str
    unit: str
    components: tuple[str, ...]
    app_writes: bool
    moment: str
    days: str
    range: tuple[float, float] | None


def _kind(row: dict[str, str]) -> MeasureKind:
    return MeasureKind(
        row["measure"],
        row["code"],
        row["unit"],
        tuple(filter(None, row["components"].split("|"))),
        row["appwrites"] == "yes",
        row["moment"],
        row["days"],
        (float(row["low"]), float(row["high"])) if row["low"] else None,
    )


KINDS: Final = {kind.code: kind for kind in map(_kind, rows_of("measures.csv"))}
"""Kinds of measures by code, from `data/measures.csv`."""

WEIGHT: Final = "29463-7"
HEIGHT: Final = "8302-2"
BODY_MASS_INDEX: Final = "39156-5"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure kept in a space.

    Attributes:
        code: Code of its kind.
        taken_at: When it was taken (UTC).
        values: Its value in the unit of its kind, or those of its components in order.
        source: Identifier under which a service signed it, or an empty string for the holder.
        moment: Moment of a blood glucose, or an empty string.
        days: Number of days it covers, or None.
        comment: A comment, or an empty string.
        device: Number of the device in the space, from 1, or None.
    """

    code: str
    taken_at: datetime
    values: tuple[float, ...]
    source: str = ""
    moment: str = ""
    days: int | None = None
    comment: str = ""
    device: int | None = None


@dataclass(slots=True)
class Measures:
    """The measures of one space.

    Attributes:
        rows: Measures, in the order they came.
        devices: Numbers of the devices, from 1, by the condition that identifies each.
    """

    rows: list[Measure] = field(default_factory=list[Measure])
    devices: dict[str, int] = field(default_factory=dict[str, int])

    @enforces("MEA-02")
    def device(self, condition: str) -> tuple[int, bool]:
        """Return the number of a device, and whether it is new: the same one is never twice."""
        known = self.devices.get(condition)
        if known is not None:
            return known, False
        self.devices[condition] = len(self.devices) + 1
        return len(self.devices), True

    @enforces("MEA-03")
    def of_kind(self, code: str) -> list[Measure]:
        """Return the measures of a kind, newest first; a body mass index is computed here."""
        if code == BODY_MASS_INDEX:
            return self._indices()
        found = [row for row in self.rows if row.code == code]
        return sorted(found, key=_taken_at, reverse=True)

    def _indices(self) -> list[Measure]:
        heights = self.of_kind(HEIGHT)
        found: list[Measure] = []
        for weight in self.of_kind(WEIGHT):
            height = next((row for row in heights if row.taken_at <= weight.taken_at), None)
            if height is not None:
                index = round(weight.values[0] / height.values[0] ** 2, 1)
                found.append(Measure(BODY_MASS_INDEX, weight.taken_at, (index,)))
        return found


def _taken_at(row: Measure) -> datetime:
    return row.taken_at


def refuse_instant(ins: str, taken_at: datetime, at: datetime) -> Refusal | None:
    """Refuse a measure taken in the future, or at an instant that names no zone."""
    if taken_at.utcoffset() is None:
        return Refusal("MEA-01", "INSTANT_WITHOUT_ZONE", ins)
    if taken_at > at:
        return Refusal("MEA-01", "MEASURE_IN_FUTURE", ins, (taken_at,))
    return None


@enforces("MEA-10")
def refuse_comment(ins: str, comment: str) -> Refusal | None:
    """Refuse a comment of more than 150 characters."""
    if len(comment) <= COMMENT_LENGTH:
        return None
    return Refusal("MEA-10", "COMMENT_TOO_LONG", ins, (len(comment), COMMENT_LENGTH))


def refuse_values(
    ins: str, kind: MeasureKind, values: tuple[float, ...], ranges: MeasureRanges
) -> Refusal | None:
    """Refuse a value out of the range of its kind, unless no range is applied (gap G14)."""
    if ranges == "none" or kind.range is None:
        return None
    low, high = kind.range
    for value in values:
        if not low <= value <= high:
            return Refusal("MEA-01", "IMPLAUSIBLE_VALUE", ins, (str(value), kind.name))
    return None


@enforces("MEA-05")
def refuse_extensions(ins: str, kind: MeasureKind, moment: str, days: int | None) -> Refusal | None:
    """Refuse a moment or a number of days missing where it must be, or given where it must not."""
    if kind.moment == "mandatory" and not moment:
        return Refusal("MEA-05", "MOMENT_MISSING", ins, (kind.name,))
    if kind.moment == "forbidden" and moment:
        return Refusal("MEA-05", "MOMENT_FORBIDDEN", ins, (kind.name,))
    if kind.days == "mandatory" and days is None:
        return Refusal("MEA-05", "DAYS_MISSING", ins, (kind.name,))
    if kind.days == "forbidden" and days is not None:
        return Refusal("MEA-05", "DAYS_FORBIDDEN", ins, (kind.name,))
    return None
