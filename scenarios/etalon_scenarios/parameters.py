"""A number of a scenario, with what is known about it.

Nothing numeric enters a scenario bare: a `Number` or a `Series` carries its unit, the range
within which it may lie, how certain it is and where it was read. `Expected` is what a key of
the scenario file asks of the parameter that stands there.

Certainty, in falling order:
    measured: counted and published;
    derived: arithmetic on published figures;
    calibrated: fitted by the calibration script, on the figure that is named;
    user: given by the user of this run;
    assumption: no source; the range is ours.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from etalon_scenarios.scenario_errors import cut, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

AGE_BANDS = (*(f"{age}-{age + 4}" for age in range(0, 95, 5)), "95+")
Certainty = Literal["measured", "derived", "calibrated", "user", "assumption"]
SMALLEST_STEP = Decimal("0.000000001")
LARGEST = Decimal(1_000_000_000)
"""No number of a scenario exceeds it: more than people on earth would be a misprint."""


def exact(value: object) -> object:
    """A whole number as a Decimal; anything else is left for the strict check."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Quantity = Annotated[Decimal, BeforeValidator(exact), WithJsonSchema({"type": "number"})]
Quantities = Annotated[
    tuple[Quantity, ...],
    Field(strict=False),
    WithJsonSchema({"type": "array", "items": {"type": "number"}}),
]


def not_accepted(
    *, found: object, accepted: str, key: str = "", nearest: str | None = None
) -> PydanticCustomError:
    """The refusal of a key below the one being read, as the loader turns it into a message."""
    return PydanticCustomError(
        "not_accepted",
        "accepted: {accepted}",
        {"key": key, "found": cut(str(found)), "accepted": accepted, "nearest": nearest},
    )


class _Known(BaseModel):
    """What a number and a series share: unit, certainty, source."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    unit: str = Field(description="unit; it must be the one that the key expects")
    certainty: Certainty = Field(
        description="measured, derived, calibrated, user or assumption",
    )
    source: str = Field(
        min_length=1,
        description='where the number was read; "none" for an assumption, and only then',
    )
    figure: str | None = Field(
        default=None,
        description="the measured figure that a calibrated number was fitted to (see targets)",
    )
    note: str | None = Field(default=None, description="anything a reader should know")

    @model_validator(mode="after")
    def _cited(self) -> Self:
        """A source is cited for every number but an assumption, which has none."""
        if (self.certainty == "assumption") != (self.source == "none"):
            accepted = (
                '"none", because the certainty is "assumption"'
                if self.certainty == "assumption"
                else f'a citation, because the certainty is "{self.certainty}"'
            )
            raise not_accepted(key="source", found=shown(self.source), accepted=accepted)
        if (self.certainty == "calibrated") != (self.figure is not None):
            raise not_accepted(
                key="figure",
                found=self.figure or "nothing",
                accepted='the figure fitted, for the certainty "calibrated" and for no other',
            )
        return self


class Number(_Known):
    """One number with its range.

    Attributes:
        value: The value used, exact.
        low: The smallest value that is thought possible.
        high: The largest one.
    """

    value: Quantity = Field(description="the value used")
    low: Quantity = Field(description="smallest value thought possible")
    high: Quantity = Field(description="largest value thought possible")

    @model_validator(mode="after")
    def _within_its_range(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise not_accepted(
                key="value",
                found=self.value,
                accepted=f"a value between low = {self.low} and high = {self.high}",
            )
        return self

    @property
    def whole(self) -> int:
        """The value as an integer, rounded down."""
        return int(self.value.to_integral_value(ROUND_FLOOR))

    def changed(self, value: Decimal, expected: "Expected") -> Self:
        """The same number at another value, brought within what the key accepts."""
        return self.model_copy(update={"value": expected.bounded(value)})


class Series(_Known):
    """Numbers by age band or by day of delay, known up to one common factor.

    What the factor does depends on the series. Rates and shares are multiplied by it. Relative
    values (unit `ratio`) are raised to that power, so that 0 is no gradient at all. Shares by day
    of delay are stretched in time by it.

    Attributes:
        values: One value per age band (20, from 0-4 to 95+) or per day of delay (from day 1).
        by: `age_band` or `delay_days`.
        low_factor: The smallest factor that is thought possible.
        high_factor: The largest one.
    """

    values: Quantities = Field(description="the values, in order")
    by: Literal["age_band", "delay_days"] = Field(
        description="age_band (20 values, 0-4 to 95+) or delay_days (from day 1)"
    )
    low_factor: Quantity = Field(ge=0, description="smallest common factor thought possible")
    high_factor: Quantity = Field(ge=1, description="largest common factor thought possible")

    @model_validator(mode="after")
    def _one_value_per_band(self) -> Self:
        if self.by == "age_band" and len(self.values) != len(AGE_BANDS):
            raise not_accepted(
                key="values",
                found=f"{len(self.values)} values",
                accepted="20 values, one per age band 0-4 … 95+",
            )
        if self.low_factor > 1:
            raise not_accepted(
                key="low_factor", found=self.low_factor, accepted="a factor between 0 and 1"
            )
        return self

    def changed(self, factor: Decimal, expected: "Expected") -> Self:
        """The same series under another common factor, within what the key accepts."""
        if self.by == "delay_days":
            stretch = factor.quantize(SMALLEST_STEP)
            return self.model_copy(update={"values": _stretched(self.values, stretch)})
        if self.unit == "ratio":
            changed = (_power(value, factor) for value in self.values)
        else:
            changed = (value * factor for value in self.values)
        return self.model_copy(update={"values": tuple(expected.bounded(v) for v in changed)})


def _power(value: Decimal, exponent: Decimal) -> Decimal:
    """A relative value raised to a power; zero stays zero, whatever the power."""
    return (value**exponent).quantize(SMALLEST_STEP) if value else value


def _stretched(shares: tuple[Decimal, ...], factor: Decimal) -> tuple[Decimal, ...]:
    """Shares by day whose delay is multiplied by `factor`, within the days of the series.

    What falls between two days is shared between them, so that the mean is multiplied exactly
    while nothing meets the first or the last day.
    """
    days = len(shares)
    stretched = [Decimal(0)] * days
    for day, share in enumerate(shares, start=1):
        moved = min(max(day * factor, Decimal(1)), Decimal(days))
        before = int(moved)
        rest = moved - before
        stretched[before - 1] += share * (1 - rest)
        if rest:
            stretched[before] += share * rest
    return tuple(stretched)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a key of the scenario file asks of the parameter that stands there.

    Attributes:
        unit: The only unit accepted.
        low: The smallest value accepted.
        high: The largest value accepted.
        whole: Whether values are whole numbers.
        by: `age_band` or `delay_days` for a series, None for a single number.
        sums_to_one: Whether the values of the series are all the parts of a whole.
    """

    unit: str
    low: Decimal = Decimal(0)
    high: Decimal = LARGEST
    whole: bool = False
    by: Literal["age_band", "delay_days"] | None = None
    sums_to_one: bool = False

    def bounded(self, value: Decimal) -> Decimal:
        """The accepted value nearest to `value`."""
        inside = min(max(value, self.low), self.high)
        return inside.to_integral_value() if self.whole else inside

    def in_words(self) -> str:
        """What is accepted, for a message or a reference page."""
        kind = "a whole number" if self.whole else "a number"
        if self.high == LARGEST:
            return f"{kind}, {self.low} or more"
        return f"{kind} between {self.low} and {self.high}"

    def checked(self, parameter: Number | Series) -> Number | Series:
        """The parameter, if the key accepts it.

        Raises:
            PydanticCustomError: Wrong unit, a value out of bounds, or shares that miss one.
        """
        if parameter.unit != self.unit:
            raise not_accepted(key="unit", found=shown(parameter.unit), accepted=f'"{self.unit}"')
        if isinstance(parameter, Number):
            self._check("value", [parameter.value])
            self._check("low", [parameter.low])
            self._check("high", [parameter.high])
            return parameter
        if parameter.by != self.by:
            raise not_accepted(key="by", found=shown(parameter.by), accepted=f'"{self.by}"')
        self._check("values", parameter.values)
        total = sum(parameter.values)
        if self.sums_to_one and total != 1:
            raise not_accepted(
                key="values", found=f"a sum of {total}", accepted="shares that sum to 1"
            )
        return parameter

    def _check(self, key: str, values: "Iterable[Decimal]") -> None:
        for value in values:
            if self.bounded(value) != value:
                accepted = f"{self.in_words()} (unit: {self.unit})"
                raise not_accepted(key=key, found=value, accepted=accepted)

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Check the parameter once it is built."""
        return core_schema.no_info_after_validator_function(self.checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        """State the unit and the bounds in the published schema."""
        bounds: dict[str, object] = {
            "type": "integer" if self.whole else "number",
            "minimum": float(self.low),
            "maximum": float(self.high),
        }
        properties: dict[str, object] = {"unit": {"const": self.unit}}
        if self.by is None:
            properties |= {"value": bounds, "low": bounds, "high": bounds}
        else:
            properties |= {"by": {"const": self.by}, "values": {"items": bounds}}
        return {"allOf": [handler(schema), {"properties": properties}]}
