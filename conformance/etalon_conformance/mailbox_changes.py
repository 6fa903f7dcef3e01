"""Changes of mailboxes in the directory, as FHIRPath Patches.

Source: draft guide of the ANS on mailboxes (conditional patch; address and type never change).
"""

from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_target.actors import Who
from etalon_wire.json_body import Json, Resource

METADATA: Final = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"


def element_of(address: str, rest: str) -> str:
    """Return the FHIRPath of an element of the mailbox with an address."""
    return f"Practitioner.telecom.where(value='{address}'){rest}"


def replaced(path: str) -> Resource:
    """Return a replacement; its value is left to add, as `value[x]`."""
    return {"op": "replace", "fhirpath": path}


def patched(bench: Bench, who: Who, where: str, *operations: Resource) -> Exchange:
    """Change the entries that a condition finds, `name=value`, or the one at `/id`."""
    body: Resource = {
        "resourceType": "Parameters",
        "parameter": [{"name": "operation", "part": _parts(one)} for one in operations],
    }
    name, _, wanted = where.partition("=")
    address = where if where.startswith("/") else f"?{urlencode({name: wanted})}"
    return bench.call(who, "PATCH", f"Practitioner{address}", body=body)


def _parts(operation: Resource) -> list[Json]:
    value = {name: one for name, one in operation.items() if name.startswith("value")}
    return [
        {"name": "type", "valueCode": str(operation["op"])},
        {"name": "path", "valueString": str(operation["fhirpath"])},
        {"name": "value", **value},
    ]
