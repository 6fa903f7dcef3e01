"""The CapabilityStatement of the server, made from the tables of interactions and parameters.

What the server declares is the union of what the text of PDSm asks for and what its published
CapabilityStatement lists: the second leaves out the simplified publication and the parameters
`facility`, `date` and `related`. What is a draft's, or ours, says so in an extension.

Sources: FHIR R4, CapabilityStatement; PDSm 3.1.1, text and CapabilityStatement of the server;
SMART App Launch (`oauth-uris`); FHIR R5 (`conditionalPatch`, as an extension).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, Literal, cast, get_args

from etalon_wire.interactions import FHIR, Interaction, Standing, interactions
from etalon_wire.json_body import Json, Resource
from etalon_wire.measures.kinds import profile_addresses
from etalon_wire.tables import rows_of

Origin = Literal["narrative", "statement", "both", "own"]
"""Where a search parameter is asked for: the text of a guide, its statement, both, or by us."""

STANDING: Final = "urn:mes-etalon:StructureDefinition:standing"
"""Extension that says of a part whether it is a draft's or ours; what bears none is official."""

OPERATIONS: Final = "urn:mes-etalon:OperationDefinition:"
SERVER_OF_PDSM: Final = (
    "https://interop.esante.gouv.fr/ig/fhir/pdsm/CapabilityStatement/"
    "PDSm-GestionnaireDePartageDeDocuments"
)
_GUIDE: Final = "https://interop.esante.gouv.fr/ig/fhir/pdsm/ImplementationGuide/ans.fhir.fr.pdsm"
_CONDITIONAL_PATCH: Final = (
    "http://hl7.org/fhir/5.0/StructureDefinition/"
    "extension-CapabilityStatement.rest.resource.conditionalPatch"
)
_OAUTH_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SECURITY_SERVICES: Final = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_PATCHES: Final = ("application/json-patch+json", "application/fhir+json")
_UNION: Final = (
    "The union of what the text of PDSm asks for and what its CapabilityStatement lists; "
)
_STANDING_SAID: Final = f"what is a draft's or ours bears the extension {STANDING}."
_BINARY: Final = "http://hl7.org/fhir/StructureDefinition/Binary"


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter of a search.

    Attributes:
        resource: Type that is searched.
        name: As it stands in an address; with a dot when it is chained.
        type: Type of FHIR: `token`, `date`, `string`, `reference`.
        definition: Canonical address, or empty for a chained one.
        origin: Where it is asked for.
        standing: Official, draft or ours.
        requirement: Identifier of a requirement (`W-…`).
        text: What it finds.
    """

    resource: str
    name: str
    type: str
    definition: str
    origin: Origin
    standing: Standing
    requirement: str
    text: str

    @property
    def is_chained(self) -> bool:
        """True when it goes through a reference."""
        return "." in self.name


@cache
def search_parameters() -> Mapping[str, tuple[SearchParameter, ...]]:
    """Return the parameters of each type that is searched."""
    found: dict[str, tuple[SearchParameter, ...]] = {}
    for row in rows_of("search_parameters.csv"):
        one = SearchParameter(
            resource=row["resource"],
            name=row["name"],
            type=row["type"],
            definition=row["definition"],
            origin=cast("Origin", row["origin"]),
            standing=cast("Standing", row["standing"]),
            requirement=row["requirement"],
            text=row["text"],
        )
        found[one.resource] = (*found.get(one.resource, ()), one)
    return found


def capability_statement(
    base: str,
    version: str,
    at: datetime,
    rows: Iterable[Interaction] | None = None,
    under: str = FHIR,
) -> Resource:
    """Return what the server at `base` can do (W-COM-03).

    Args:
        base: Public address of the FHIR base, without a slash at its end.
        version: Version of the software.
        at: Since when it is so (UTC).
        rows: The interactions it offers; those of the whole table when None.
        under: Where the base stands below the root: of several bases each tells of itself alone.
    """
    offered = [
        row
        for row in (interactions().values() if rows is None else rows)
        if row.path.startswith(under)
    ]
    records = under == FHIR
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": at.isoformat(timespec="seconds"),
        "publisher": "Étalon",
        "kind": "instance",
        **({"instantiates": [SERVER_OF_PDSM]} if records else {}),
        "software": {"name": "Étalon", "version": version},
        "implementation": {
            "description": "Executable reference of Mon espace santé: fictitious people only",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "application/fhir+xml", "json", "xml"],
        **({"patchFormat": [*_PATCHES], "implementationGuide": [_GUIDE]} if records else {}),
        "rest": [_rest(offered, base.removesuffix(under), records=records)],
    }


def _rest(offered: list[Interaction], root: str, *, records: bool) -> Json:
    kinds = dict.fromkeys(row.resource for row in offered if _is_of_a_type(row))
    rest: dict[str, Json] = {
        "mode": "server",
        "documentation": f"{_UNION if records else ''}{_STANDING_SAID}",
        "security": _security(root),
        "resource": [
            _resource(kind, [row for row in offered if row.resource == kind]) for kind in kinds
        ],
    }
    whole = [_interaction(row) for row in offered if row.kind == "transaction"]
    if whole:
        rest["interaction"] = whole
    return rest


_VERSIONED: Final = frozenset({"Appointment", "Schedule"})
"""Types whose resources bear the tag of their revision, though none is patched."""


def _is_of_a_type(row: Interaction) -> bool:
    return row.kind not in {"capabilities", "transaction", "own"}


def _security(root: str) -> Json:
    uris: list[Json] = [
        {"url": name, "valueUri": f"{root}/oauth2/{name}"}
        for name in ("authorize", "token", "introspect", "revoke")
    ]
    coding: Json = {"system": _SECURITY_SERVICES, "code": "SMART-on-FHIR"}
    return {
        "extension": [{"url": _OAUTH_URIS, "extension": uris}],
        "cors": False,
        "service": [{"coding": [coding]}],
        "description": (
            "Bearer tokens, those of Pro Santé Connect exchanged under RFC 8693 and bound to a "
            "client certificate under RFC 8705 where certificates are used."
        ),
    }


def _resource(kind: str, rows: list[Interaction]) -> Json:
    """Describe what can be asked about one type."""
    read_first = sorted(rows, key=lambda row: row.kind != "read")
    profiles = list(dict.fromkeys(_profiles()[row.profile] for row in read_first if row.profile))
    said: dict[str, Json] = _marked({"type": kind}, _standing_of_all(rows))
    if kind == "Binary":
        profiles = [_BINARY]
    if kind == "Observation":
        said["supportedProfile"] = [*sorted(profile_addresses())]
    if profiles:
        said["profile"] = profiles[0]
    if profiles[1:]:
        said["supportedProfile"] = cast("list[Json]", profiles[1:])
    plain: dict[str, Json] = {}
    for row in rows:
        if row.kind != "operation":
            plain.setdefault(row.kind, _interaction(row))
    if plain:
        said["interaction"] = list(plain.values())
        is_versioned = kind in _VERSIONED or any(row.body == "patch" for row in rows)
        said["versioning"] = "versioned" if is_versioned else "no-version"
        said |= {"readHistory": True} if "vread" in plain else {}
    said |= {"conditionalCreate": True} if any(row.is_conditional for row in rows) else {}
    said |= _conditional(said, {row.kind for row in rows if "{id}" not in row.path})
    if any(row.kind == "search-type" for row in rows):
        said["searchParam"] = [
            _search_parameter(one)
            for one in search_parameters().get(kind, ())
            if not one.is_chained
        ]
    operations = [_operation(row) for row in rows if row.kind == "operation"]
    if operations:
        said["operation"] = operations
    return said


def _conditional(said: Mapping[str, Json], kinds: set[str]) -> dict[str, Json]:
    """Describe what is changed by what it meets rather than at its address."""
    if "patch" in kinds:
        # The statement of PDSm says a conditional patch so, R4 having no word of its own for it.
        extension: Json = {"url": _CONDITIONAL_PATCH, "valueBoolean": True}
        extensions = [*cast("list[Json]", said.get("extension", [])), extension]
        return {"conditionalUpdate": True, "extension": extensions}
    return {"conditionalUpdate": True} if "update" in kinds else {}


def _interaction(row: Interaction) -> Json:
    said: dict[str, Json] = {"code": row.kind}
    if row.requirements:
        said["documentation"] = " ".join(row.requirements)
    return _marked(said, row.standing)


def _search_parameter(one: SearchParameter) -> Json:
    said: dict[str, Json] = {"name": one.name, "definition": one.definition, "type": one.type}
    said["documentation"] = f"{one.text} ({one.requirement})"
    return _marked(said, one.standing)


def _operation(row: Interaction) -> Json:
    return _marked({"name": row.operation, "definition": OPERATIONS + row.operation}, row.standing)


@cache
def _profiles() -> Mapping[str, str]:
    return {row["profile"]: row["url"] for row in rows_of("profiles/index.csv")}


def _standing_of_all(rows: list[Interaction]) -> Standing:
    """Return the best standing among rows: a type is official once one thing about it is."""
    found = {row.standing for row in rows}
    return next(standing for standing in get_args(Standing) if standing in found)


def _marked(said: dict[str, Json], standing: Standing) -> dict[str, Json]:
    """Mark what no published text describes; R4 puts extensions before the rest."""
    if standing == "official":
        return said
    return {"extension": [{"url": STANDING, "valueCode": standing}], **said}
