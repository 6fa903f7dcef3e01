"""Measures of every kind as services send them, right in all they say, and bundles as they are.

Source: measures API v1.5.2 (profiles, codes and units of the kinds; moment and number of days).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from etalon_conformance.app_scene import LOINC, Paired, called, changed, measure
from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_wire.json_body import Json, Resource

CISIS: Final = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
EXTENSIONS: Final = "https://interop.esante.gouv.fr/ig/fhir/mesures/StructureDefinition/mesures"
MOMENT: Final = f"{EXTENSIONS}-moment-of-measurement"
DAYS: Final = f"{EXTENSIONS}-number-of-days"
PRESSURE: Final = "85354-9"
SYSTOLIC: Final = "8480-6"
DIASTOLIC: Final = "8462-4"
HEIGHT: Final = "8302-2"
INDEX: Final = "39156-5"
GLUCOSE: Final = "2345-7"
MATCHES: Final = "entry[search.mode=match].resource"
VALUES: Final = f"{MATCHES}.valueQuantity.value"
TAKEN: Final = (200, 201)
_SIGNS: Final = "Signes vitaux"
_MILLIMETRES: Final = "mm[Hg]"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of measure.

    Attributes:
        profile: Name of its profile.
        unit: Its unit.
        value: A usual value.
        system: The system of its code.
        display: Label of its category.
        named: Name of its unit, where it is another than the code.
    """

    profile: str
    unit: str
    value: float
    system: str = LOINC
    display: str = ""
    named: str = ""


KINDS: Final[Mapping[str, Kind]] = {
    "29463-7": Kind("mes-observation-bodyweight", "kg", 70.25),
    HEIGHT: Kind("mes-observation-bodyheight", "cm", 175),
    "8310-5": Kind("mes-observation-bodytemperature", "Cel", 37.5),
    "72514-3": Kind("mes-observation-painseverity", "1", 4, display=_SIGNS, named="Level"),
    "41950-7": Kind("mes-observation-stepsbyday", "1/(24.h)", 8250, named="steps/day"),
    "8280-0": Kind("mes-observation-waistcircumference", "cm", 88),
    "8287-5": Kind("mes-observation-headcircumference", "cm", 56),
    "8867-4": Kind("mes-observation-heartrate", "/min", 62),
    GLUCOSE: Kind("mes-observation-glucose", "mg/dL", 96, display=_SIGNS),
    "4548-4": Kind("mes-observation-glucose", "%", 6.5, display=_SIGNS),
    "MED-969": Kind("mes-observation-glucose", "mg/dL", 118, CISIS, _SIGNS),
    "MED-972": Kind("mes-observation-glucose", "%", 6.75, CISIS, _SIGNS),
}
"""Those of one quantity that services write, by code."""


def marked(name: str, system: str, code: str) -> Json:
    """Return an extension that bears a code: its whole address, system and code."""
    concept: Resource = {"coding": [{"system": system, "code": code}]}
    return {"url": name, "valueCodeableConcept": concept}


FASTING: Final = marked(MOMENT, LOINC, "53049-3")
WEEK: Final = marked(DAYS, CISIS, "GEN-275")
_MARKS: Final[Mapping[str, tuple[Json, ...]]] = {
    GLUCOSE: (FASTING,),
    "MED-969": (WEEK,),
    "MED-972": (WEEK,),
}


def right(who: Paired, at: datetime, code: str, value: float | None = None) -> Resource:
    """Return a measure of a kind with the marks that it has to bear."""
    kind = KINDS[code]
    return of_kind(who, at, code, _MARKS.get(code, ()), kind.value if value is None else value)


def of_kind(
    who: Paired, at: datetime, code: str, marks: Sequence[Json], value: float | None = None
) -> Resource:
    """Return a measure of a kind that bears some marks."""
    kind = KINDS[code]
    quantity = (kind.unit, kind.value if value is None else value)
    made = measure(
        who,
        at,
        code,
        kind.profile,
        quantity,
        system=kind.system,
        display=kind.display,
        extensions=marks,
    )
    held = made["valueQuantity"]
    if kind.named and isinstance(held, dict):
        made["valueQuantity"] = {**held, "unit": kind.named}
    return made


def pressure(
    who: Paired, at: datetime, *parts: tuple[str, int], value: float | None = None
) -> Resource:
    """Return a blood pressure of some components, with a value of its own or without."""
    own = None if value is None else (_MILLIMETRES, value)
    made = measure(who, at, PRESSURE, "mes-observation-bp", own, display="vital-signs")
    components: list[Json] = [
        {
            "code": {"coding": [{"system": LOINC, "code": code}]},
            "valueQuantity": {
                "value": Decimal(amount),
                "unit": _MILLIMETRES,
                "system": "http://unitsofmeasure.org",
                "code": _MILLIMETRES,
            },
        }
        for code, amount in parts
    ]
    if components:
        made["component"] = components
    return made


def index(who: Paired, at: datetime, profile: str = "mes-observation-bmi") -> Resource:
    """Return a body mass index, which nobody sends."""
    return measure(who, at, INDEX, profile, ("kg/m2", 23.5))


def meta_of(one: Resource, **values: Json) -> Resource:
    """Return a measure whose source or profile is another; None takes it away."""
    held = one["meta"]
    meta: Resource = held if isinstance(held, dict) else {}
    return changed(one, {"meta": changed(meta, values)})


def bundled(
    bench: Bench, who: Paired, *entries: Json, kind: str = "transaction", **headers: str
) -> Exchange:
    """Send entries as they stand, in a bundle of a type."""
    body: Resource = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
    if not entries:
        del body["entry"]
    return called(bench, who, "POST", "", body, **headers)
