"""The opaque identifier (idPe) by which a referenced service names a person on the wire.

Source: measures API v1.5.2 (`subject.identifier`, the pair of an assigning authority and an idPe).
Reading: the authority derives from the pairing in a way no public text tells; here it is the object
identifier of the solution. One below it is taken too, as in its example of writing, and the idPe
alone, as in its second example of searching.
"""

from typing import Final

from etalon_wire.json_body import Json

_OID: Final = "urn:oid:"


def id_pe_identifier(solution: str, id_pe: str) -> dict[str, Json]:
    """Return the Identifier by which the solution with an object identifier knows a person."""
    return {"system": f"{_OID}{solution}", "value": id_pe}


def id_pe_in(solution: str, named: str) -> str:
    """Return the idPe that a token parameter names, or an empty string: another authority's.

    Args:
        solution: Object identifier of the solution that asks.
        named: `system|value`, with or without `urn:oid:`; or the value alone.
    """
    system, bar, value = named.rpartition("|")
    authority = system.removeprefix(_OID)
    is_own = authority == solution or authority.startswith(f"{solution}.")
    return value if is_own or not bar else ""
