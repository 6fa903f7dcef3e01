"""The kinds of measures as Observations: profile, codes, units, extensions.

A measure of the model has one unit for each kind; on the wire it has that of its profile, and a few
others are read (`data/measure_units.csv`). The API still shows profiles and extensions under the
addresses of an older guide (`ENS_…`): they are read as those of today, which take their place.

Sources: measures API v1.5.2, 2.1.1 (profiles, extensions), 2.2.6 (glucose); value set JDV_J164.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from etalon_wire.tables import rows_of

PROFILES: Final = "https://fhir.monespacesante.fr/ref/mesure/StructureDefinition/"
EXTENSIONS: Final = "https://interop.esante.gouv.fr/ig/fhir/mesures/StructureDefinition/"
OLDER: Final = "http://esante.gouv.fr/ci-sis/fhir/StructureDefinition/"
"""Where the profiles of the eleven kinds stand, their extensions, and both in the older guide."""

REASON: Final = f"{EXTENSIONS}mesures-reason-for-measurement"
MOMENT: Final = f"{EXTENSIONS}mesures-moment-of-measurement"
DAYS: Final = f"{EXTENSIONS}mesures-number-of-days"
UCUM: Final = "http://unitsofmeasure.org"
OTHER_DAYS: Final = 0
"""What the model keeps of `another number of days`."""

_OLDER_EXTENSIONS: Final = {
    f"{OLDER}ENS_ReasonForMeasurement": REASON,
    f"{OLDER}ENS_MomentOfMeasurement": MOMENT,
    f"{OLDER}ENS_NumberOfDays": DAYS,
    f"{OLDER}ENS_DiabetisType": f"{EXTENSIONS}mesures-diabetis-type",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and how its values become those of the model: times the scale, plus the offset."""

    scale: Decimal
    offset: Decimal


@dataclass(frozen=True, slots=True)
class WireKind:
    """A kind of measure on the wire.

    Attributes:
        code: Its code.
        profile: Canonical address of its profile.
        system: System of its code.
        display: French name of its code.
        category: What its profile wants its category to be called, or an empty string.
        unit: Name of its unit.
        ucum: Code of its unit.
        units: Units it is read in, by code.
    """

    code: str
    profile: str
    system: str
    display: str
    category: str
    unit: str
    ucum: str
    units: Mapping[str, Unit]

    def in_its_unit(self, value: float) -> int | Decimal:
        """Return a value of the model in the unit of the profile, with the digits it has."""
        unit = self.units[self.ucum]
        number = (Decimal(str(value)) - unit.offset) / unit.scale
        whole = int(number)
        return whole if number == whole else Decimal(f"{number.normalize():f}")


@cache
def wire_kinds() -> Mapping[str, WireKind]:
    """Return the kinds by code."""
    units: dict[str, dict[str, Unit]] = {}
    for row in rows_of("measure_units.csv"):
        unit = Unit(Decimal(row["scale"]), Decimal(row["offset"]))
        units.setdefault(row["code"], {})[row["ucum"]] = unit
    return {
        row["code"]: WireKind(
            row["code"],
            PROFILES + row["profile"],
            row["system"],
            row["display"],
            row["category"],
            row["unit"],
            row["ucum"],
            units[row["code"]],
        )
        for row in rows_of("measure_kinds.csv")
    }


@cache
def renamed() -> Mapping[str, str]:
    """Return the addresses of today by those of the older guide."""
    profiles = {
        OLDER + older: PROFILES + row["profile"]
        for row in rows_of("measure_kinds.csv")
        for older in row["older"].split()
    }
    return {**profiles, **_OLDER_EXTENSIONS}


@cache
def profile_addresses() -> frozenset[str]:
    """Return the canonical addresses of the eleven profiles."""
    return frozenset(kind.profile for kind in wire_kinds().values())


@cache
def days_of_codes() -> Mapping[str, int]:
    """Return how many days each code of JDV_J164 says; `OTHER_DAYS` for another number."""
    return {row["code"]: int(row["days"]) for row in rows_of("measure_days.csv")}


@cache
def systems_of_moments() -> Mapping[str, str]:
    """Return the system of each code of JDV_J157, of two that of its French edition."""
    found: dict[str, str] = {}
    for row in rows_of("valuesets/jdv_j157.csv"):
        found.setdefault(row["code"], row["system"])
    return found


@cache
def codes_of_days() -> Mapping[int, tuple[str, str]]:
    """Return the code and its name for a number of days."""
    return {int(row["days"]): (row["code"], row["display"]) for row in rows_of("measure_days.csv")}
