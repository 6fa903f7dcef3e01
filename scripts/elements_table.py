# pyright: standard
"""Write the table of FHIR elements that the XML codec follows: names, types and base order.

The order comes from the R4B models of `fhir.resources`, the set of elements from the R4 models of
`fhirclient` (generated from FHIR 4.0.1). Where the two differ the correction stands in
`data/element_corrections.csv`; a difference that is not there stops the script.
"""

import csv
import io
import sys
import types
import typing
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fhir.resources.R4B import get_fhir_model_class
from fhirclient.models import fhirelementfactory  # type: ignore[import-untyped]
from fhirclient.models.fhirabstractbase import FHIRAbstractBase  # type: ignore[import-untyped]

from generated import write_or_compare

DATA = Path(__file__).resolve().parent.parent / "model" / "etalon_wire" / "data"
TABLE = DATA / "elements.csv"
CORRECTIONS = DATA / "element_corrections.csv"
RESOURCES = (
    *("Appointment", "AuditEvent", "Binary", "Bundle", "CapabilityStatement", "Communication"),
    *("Consent", "Device", "DocumentReference", "Endpoint", "HealthcareService", "List"),
    *("Location", "Observation", "OperationOutcome", "Organization", "Parameters", "Patient"),
    *("Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "Schedule"),
    *("SearchParameter", "Slot", "StructureDefinition"),
)
"""Resources that the wire carries, in the order of the alphabet."""

PRIMITIVES = {"EncodedBytes": "base64Binary", "UuidVersion": "uuid"}
"""Names of primitive types in the models, where they are not FHIR's."""

R4_NAMES = {
    "FHIRReference": "Reference",
    **dict.fromkeys(("str", "int", "float", "bool"), ""),
    **dict.fromkeys(("FHIRDate", "FHIRDateTime", "FHIRInstant", "FHIRTime"), ""),
}
"""Names of types in the R4 models, where they are not FHIR's; primitives have none."""

R4B_ONLY = frozenset({"CodeableReference", "RatioRange"})
"""Datatypes that R4 lacks; the corrections take out the elements that name them."""

HEADER = ("owner", "element", "type", "repeats", "written")


class Element(NamedTuple):
    """One row: who owns the element, its name in JSON, its type, and how XML writes it."""

    owner: str
    element: str
    type: str
    repeats: str
    written: str


class UnlistedDifferenceError(Exception):
    """R4B and R4 differ where no correction is listed."""


def main() -> int:
    """Write the table, or compare it; 2 when a difference between R4 and R4B is not listed."""
    try:
        return write_or_compare(__doc__, {TABLE: table})
    except UnlistedDifferenceError as error:
        print(f"elements_table: {error}; list it in {CORRECTIONS.name}", file=sys.stderr)
        return 2


def table() -> str:
    """Return the text of the table, owners in the order in which they are met."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(elements())
    return out.getvalue()


def elements() -> Iterator[Element]:
    """Yield the elements of the resources and of every type they reach."""
    corrections = _corrections()
    used = set[tuple[str, str]]()
    waiting = deque((name, name) for name in RESOURCES)
    met = dict(waiting)
    while waiting:
        owner, model = waiting.popleft()
        rows = list(_rows(owner, model, met, waiting))
        kept, applied = _as_r4(rows, corrections.get(owner, {}))
        used |= {(owner, name) for name in applied}
        _compare(owner, model, kept, met)
        yield from kept
    unused = {(owner, name) for owner, names in corrections.items() for name in names} - used
    if unused:
        message = f"corrections that correct nothing: {sorted(unused)}"
        raise UnlistedDifferenceError(message)


def _corrections() -> dict[str, dict[str, dict[str, str]]]:
    """Read the corrections, by owner and element."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in csv.DictReader(CORRECTIONS.read_text(encoding="utf-8").splitlines()):
        found.setdefault(row["owner"], {})[row["element"]] = row
    return found


def _rows(
    owner: str, model: str, met: dict[str, str], waiting: deque[tuple[str, str]]
) -> Iterator[Element]:
    """Yield the elements of one R4B model in base order; put the types it names in the queue."""
    described = get_fhir_model_class(model)
    for name in described.elements_sequence():
        field = described.model_fields.get(name) or described.model_fields[f"{name}_fhir"]
        kind, repeats = _kind(field.annotation)
        target = kind.removeprefix("*")
        known = next((path for path, other in met.items() if other == target), target)
        path = f"{owner}.{name}" if known == target and kind != target else known
        if path[0].isupper() and path not in {*met, *R4B_ONLY, "Resource"}:
            met[path] = target
            waiting.append((path, target))
        yield Element(owner, name, path, "yes" if repeats else "no", _written(owner, name))


def _written(owner: str, name: str) -> str:
    """Tell how XML writes an element: identifiers of parts and addresses are attributes."""
    if name == "id" and owner not in RESOURCES:
        return "attribute"
    return "attribute" if (owner, name) == ("Extension", "url") else "element"


def _kind(annotation: object) -> tuple[str, bool]:
    """Return the FHIR type an annotation means, a component's with a star, and if it repeats."""
    for part in _parts(annotation):
        if part is bool:
            return "boolean", False
        origin = typing.get_origin(part)
        if origin is list:
            (inner,) = typing.get_args(part)
            return _kind(inner)[0], True
        if origin is typing.Annotated:
            named = type(typing.get_args(part)[1]).__name__
            return PRIMITIVES.get(named, named[0].lower() + named[1:]), False
        klass = getattr(part, "_model_klass", None)
        if isinstance(klass, str):
            module, _, name = klass.rpartition(".")
            component = module.rpartition(".")[2] != name.lower()
            return ("*" if component else "") + name, False
    message = f"what type is {annotation}?"
    raise UnlistedDifferenceError(message)


def _parts(annotation: object) -> list[object]:
    """Return the members of a union, or the annotation alone."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [part for part in typing.get_args(annotation) if part is not type(None)]
    return [annotation]


def _as_r4(
    rows: list[Element], corrections: dict[str, dict[str, str]]
) -> tuple[list[Element], set[str]]:
    """Take out what R4 lacks and put in what it has more, each as the corrections say."""
    applied = set[str]()
    kept = list[Element]()
    for row in rows:
        if row.element in corrections and corrections[row.element]["action"] == "remove":
            applied.add(row.element)
        else:
            kept.append(row)
        for name, correction in corrections.items():
            if correction["action"] == "add" and correction["after"] == row.element:
                applied.add(name)
                kept.append(Element(row.owner, name, correction["type"], "no", "element"))
    return kept, applied


def _compare(owner: str, model: str, kept: list[Element], met: dict[str, str]) -> None:
    """Stop when names, types or repetition are not those of the R4 model of the same name."""
    theirs = {
        (entry[1], R4_NAMES.get(entry[2].__name__, entry[2].__name__), bool(entry[3]))
        for entry in _r4_model(model).elementProperties()
    }
    models = {**met, "Resource": "Resource"}
    ours = {(row.element, models.get(row.type, ""), row.repeats == "yes") for row in kept}
    if theirs != ours:
        message = f"{owner}: R4B has {sorted(ours - theirs)}, R4 has {sorted(theirs - ours)}"
        raise UnlistedDifferenceError(message)


def _r4_model(name: str) -> FHIRAbstractBase:
    """Return an empty R4 model of `fhirclient`."""
    found = fhirelementfactory.FHIRElementFactory.instantiate(name, None)
    if type(found).__name__ != name:
        message = f"fhirclient has no {name}"
        raise UnlistedDifferenceError(message)
    return found


if __name__ == "__main__":
    sys.exit(main())
