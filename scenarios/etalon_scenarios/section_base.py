"""What the sections of a scenario file are made of: periods, times, shares, and the table itself.

Instants of the day are civil times of Europe/Paris; dates are civil dates; periods are ISO 8601
with one unit (`P6W`, `P30D`, `P1M`). "Full scale" marks a capacity that serves the whole
population of the scenario: a run on a part of it scales the capacity down.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from etalon_scenarios.department_lists import known_departments, known_departments_or_all
from etalon_scenarios.parameters import Expected, Number, Series

ONE = Decimal(1)
PERIOD = r"^P[1-9][0-9]{0,3}[DWMY]$"
LARGEST_SEED = 2**63 - 1
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
NAME = r"^[a-z0-9][a-z0-9-]{0,63}$"

Period = Annotated[str, Field(pattern=PERIOD)]
TimeOfDay = Annotated[str, Field(pattern=TIME_OF_DAY)]
Departments = Annotated[tuple[str, ...], BeforeValidator(known_departments)]
DepartmentsOrAll = Annotated[
    Literal["all"] | tuple[str, ...], BeforeValidator(known_departments_or_all)
]

Share = Annotated[Number, Expected("share", high=ONE)]
SharePerDay = Annotated[Number, Expected("share/day", high=ONE)]
SharePerYear = Annotated[Number, Expected("share/year", high=ONE)]
Ratio = Annotated[Number, Expected("ratio", high=Decimal(1000))]
Days = Annotated[Number, Expected("day", high=Decimal(3650))]
WholeDays = Annotated[Number, Expected("day", high=Decimal(365), whole=True)]
Minutes = Annotated[Number, Expected("minute", high=Decimal(100_000))]
SharesByAge = Annotated[Series, Expected("share", high=ONE, by="age_band")]
RatiosByAge = Annotated[Series, Expected("ratio", high=Decimal(1000), by="age_band")]
AgeBandStart = Annotated[int, Field(ge=0, le=95, multiple_of=5)]
"""First year of age of a band."""


class Section(BaseModel):
    """A table of a scenario file: unknown keys are refused, nothing changes once read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=False)
