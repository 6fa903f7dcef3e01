"""Elements of the resources and datatypes that the wire carries, in the base order of FHIR R4.

Source: `data/elements.csv`, written by `scripts/elements_table.py` from published models of FHIR;
`data/element_corrections.csv` lists where the models of R4B were brought back to R4.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from etalon_wire.tables import rows_of


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a resource, a datatype or a component of one.

    Attributes:
        owner: Whose it is, as a type (`Period`) or a path (`DocumentReference.content`).
        name: Its name in JSON, choices spelt out (`valueString`).
        type: Its FHIR type, the path of a component, `xhtml`, or `Resource` for any.
        repeats: True when there may be several.
        is_attribute: True when XML writes it as an attribute of its owner.
        rank: Its place among the elements of its owner, from 0.
    """

    owner: str
    name: str
    type: str
    repeats: bool
    is_attribute: bool
    rank: int

    @property
    def is_primitive(self) -> bool:
        """True for a type that is one value: those whose name is in lower case."""
        return self.type[0].islower() and self.type != "xhtml"


PARTS_OF_A_PRIMITIVE: Final = "Element"
"""Owner of what may stand beside a primitive value: its identifier and its extensions."""


_PARTS: Final = {
    "id": Element(PARTS_OF_A_PRIMITIVE, "id", "string", repeats=False, is_attribute=True, rank=0),
    "extension": Element(
        PARTS_OF_A_PRIMITIVE, "extension", "Extension", repeats=True, is_attribute=False, rank=1
    ),
}


@cache
def _elements() -> dict[str, dict[str, Element]]:
    found: dict[str, dict[str, Element]] = {PARTS_OF_A_PRIMITIVE: _PARTS}
    for row in rows_of("elements.csv"):
        owned = found.setdefault(row["owner"], {})
        owned[row["element"]] = Element(
            owner=row["owner"],
            name=row["element"],
            type=row["type"],
            repeats=row["repeats"] == "yes",
            is_attribute=row["written"] == "attribute",
            rank=len(owned),
        )
    return found


@cache
def resource_types() -> frozenset[str]:
    """Return the names of the resources that are carried: those whose `id` is an element."""
    return frozenset(
        owner
        for owner, elements in _elements().items()
        if "id" in elements and not elements["id"].is_attribute
    )


def elements_of(owner: str) -> dict[str, Element]:
    """Return the elements of a type or a component, by name, in base order.

    Raises:
        KeyError: The table has no such type.
    """
    return _elements()[owner]
