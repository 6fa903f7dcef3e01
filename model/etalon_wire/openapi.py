"""The OpenAPI 3.1 document of the server, made from the same tables as its router.

It says of each interaction what it takes, what it answers and who may be accepted, in enough
detail to generate requests from. Shapes of bodies stand in `data/schemas.json` (resources, no more
of them than is asked for everywhere) and `data/body_schemas.json` (forms and JSON that are not
FHIR); the validator checks resources far beyond these.

Sources: OpenAPI 3.1.0; RFC 6749, 6902, 7636; FHIR R4, 3.1.0 (media types, errors).
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, cast

from etalon_wire.capability import SearchParameter, search_parameters
from etalon_wire.interactions import Interaction, interactions
from etalon_wire.json_body import Json
from etalon_wire.operations import RETURN, OperationParameter, operation_parameters
from etalon_wire.tables import text_of

FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
HL7: Final = "application/hl7-v2"

_REF: Final = "#/components/schemas/"
_ID: Final[Json] = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
_TOKEN_SCHEMAS: Final[Mapping[str, Json]] = {
    "date": {"type": "string", "pattern": r"^(eq|ne|gt|lt|ge|le|sa|eb)?\d{4}(-\d{2}(-\d{2})?)?$"},
    "token": {"type": "string", "minLength": 1},
    "string": {"type": "string", "minLength": 1},
    "reference": {"type": "string", "minLength": 1},
}
_TYPES: Final[Mapping[str, Json]] = {
    "Identifier": {"$ref": _REF + "Identifier"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "dateTime": {"type": "string", "format": "date-time"},
    "instant": {"type": "string", "format": "date-time"},
    "string": {"type": "string", "minLength": 1},
    "code": {"type": "string", "minLength": 1},
}
_ASKED: Final = (
    *("client_id", "redirect_uri", "response_type", "scope", "state", "nonce"),
    *("code_challenge", "code_challenge_method"),
)
_LOGIN: Final[Mapping[str, tuple[str, ...]]] = {
    "oauth2_authorize": _ASKED,
    "psc_authorize": (*_ASKED, "acr_values"),
}
"""What the address of a login holds (RFC 6749, 7636, OpenID Connect)."""

_BUNDLES: Final[Mapping[str, str]] = {
    "search-type": "Searchset",
    "history-instance": "History",
    "transaction": "TransactionResponse",
}
_CONSTANTS: Final[Mapping[str, str]] = {
    "response_type": "code",
    "code_challenge_method": "S256",
    "acr_values": "eidas1",
}
_PAGES: Final = frozenset({"find_documents_of_app"})
"""What answers a page and is no search of FHIR."""

_SENT: Final[Mapping[str, str]] = {
    "Bundle": "Transaction",
    "feed_measure": "MeasureTransaction",
    "Observation": "Observation",
    "Patient": "Parameters",
    "DocumentReference": "DocumentReference",
    "Consent": "Consent",
    "AuditEvent": "TraceSent",
    "Appointment": "Appointment",
    "Schedule": "Schedule",
    "Communication": "CommunicationWritten",
}
"""Schema of what is sent, by name of the interaction or else by resource."""


def openapi_document(
    root: str, version: str, rows: Iterable[Interaction] | None = None
) -> dict[str, Json]:
    """Return the description of the server whose root is at `root`, without a slash at its end.

    Args:
        root: Public address, without a path.
        version: Version of the software.
        rows: The interactions it offers; those of the whole table when None.
    """
    paths: dict[str, dict[str, Json]] = {}
    for row in interactions().values() if rows is None else rows:
        paths.setdefault(row.path, {})[row.verb.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Étalon, reference server of Mon espace santé",
            "version": version,
            "description": "Fictitious people only. What no public text describes is ours: "
            "`x-standing` says official, draft or own.",
        },
        "servers": [{"url": root}],
        "paths": cast("dict[str, Json]", paths),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(row: Interaction) -> Json:
    """Describe one interaction."""
    said: dict[str, Json] = {
        "operationId": row.name,
        "tags": [row.family],
        "x-standing": row.standing,
        "x-requirements": cast("list[Json]", list(row.requirements)),
        "x-journey": row.journey,
    }
    if row.actors:
        said["x-actors"] = cast("list[Json]", sorted(actor.value for actor in row.actors))
        said["x-scopes"] = cast("list[Json]", list(row.scopes))
        said["security"] = [{"token": []}]
    else:
        said["security"] = []
    parameters = _parameters(row)
    if parameters:
        said["parameters"] = parameters
    if row.body:
        said["requestBody"] = {"required": True, "content": _content_sent(row)}
    said["responses"] = _responses(row)
    return said


def _parameters(row: Interaction) -> list[Json]:
    """Return what stands in the address and the headers."""
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": _ID}
        for name in re.findall(r"\{(\w+)\}", row.path)
    ]
    if row.kind == "search-type" and row.verb == "GET":
        found += [_in_query(one) for one in search_parameters()[row.resource]]
        found.append({"name": "_count", "in": "query", "schema": {"type": "integer", "minimum": 0}})
    if row.kind in {"patch", "update"} and "{id}" not in row.path:
        found.append(
            {
                "name": "identifier",
                "in": "query",
                "required": True,
                "schema": {"type": "string", "minLength": 1},
            }
        )
    if row.is_conditional:
        criterion: Json = {"type": "string", "pattern": r"^identifier=[!-~]+$"}
        found.append({"name": "If-None-Exist", "in": "header", "schema": criterion})
    if row.body == "patch":
        entity_tag: Json = {"type": "string", "pattern": r'^W/"[0-9]+"$'}
        found.append({"name": "If-Match", "in": "header", "schema": entity_tag})
    if row.kind == "history-instance":
        found += [_date_in_query(name) for name in ("_since", "_at")]
        found.append({"name": "_count", "in": "query", "schema": {"type": "integer", "minimum": 0}})
    found += [_in_address(name) for name in _LOGIN.get(row.name, ())]
    if row.answer in {"fhir", "raw"}:
        forms: Json = {"enum": ["json", "xml"]}
        found.append({"name": "_format", "in": "query", "schema": forms})
    return found


def _date_in_query(name: str) -> Json:
    schema: Json = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
    return {"name": name, "in": "query", "schema": schema}


def _in_address(name: str) -> Json:
    schema: Json = {"const": _CONSTANTS[name]} if name in _CONSTANTS else {"type": "string"}
    return {"name": name, "in": "query", "schema": schema}


def _in_query(one: SearchParameter) -> Json:
    return {
        "name": one.name,
        "in": "query",
        "description": one.text,
        "schema": _TOKEN_SCHEMAS[one.type],
    }


def _content_sent(row: Interaction) -> Json:
    """Return what a request may bring, by media type."""
    if row.body == "form" and row.kind == "search-type":
        return {FORM: {"schema": _form_of_search(row.resource)}}
    if row.body in {"form", "json"}:
        return {FORM if row.body == "form" else JSON: {"schema": _body_schemas()[row.name]}}
    if row.body == "patch":
        return {
            "application/json-patch+json": {"schema": {"$ref": _REF + "JsonPatch"}},
            FHIR_JSON: {"schema": {"$ref": _REF + "FhirPathPatch"}},
        }
    if row.body == "hl7":
        return {HL7: {"schema": {"type": "string"}}}
    return {FHIR_JSON: {"schema": _resource_sent(row)}}


def _resource_sent(row: Interaction) -> Json:
    """Return the schema of the resource that a request brings."""
    if row.kind == "operation":
        return _parameters_sent(row.operation)
    return {"$ref": _REF + ("FhirPathPatch" if row.body == "fhirpath" else _SENT[row.resource])}


def _form_of_search(resource: str) -> Json:
    properties: dict[str, Json] = {
        one.name: _TOKEN_SCHEMAS[one.type] for one in search_parameters()[resource]
    }
    return {"type": "object", "properties": properties}


def _parameters_sent(operation: str) -> Json:
    """Return the schema of the Parameters that an operation takes."""
    known = [one for one in operation_parameters(operation) if one.use == "in"]
    listed: dict[str, Json] = {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [_parameter_sent(one) for one in known]},
    }
    held: list[Json] = [_holds(one.name) for one in known if one.is_required]
    if held:
        listed["allOf"] = held
    return {
        "type": "object",
        "required": ["resourceType", "parameter"],
        "properties": {"resourceType": {"const": "Parameters"}, "parameter": listed},
    }


def _parameter_sent(one: OperationParameter) -> Json:
    value: Json = {"enum": list(one.codes)} if one.codes else _TYPES[one.type]
    if one.is_ins:
        value = {"$ref": _REF + "Ins"}
    return {
        "type": "object",
        "description": one.text,
        "required": ["name", one.element],
        "properties": {"name": {"const": one.name}, one.element: value},
        "additionalProperties": False,
    }


def _holds(name: str) -> Json:
    return {"contains": {"properties": {"name": {"const": name}}}}


def _responses(row: Interaction) -> Json:
    """Return what success answers, and what a refusal does."""
    answer: dict[str, Json] = {"description": "Done"}
    content = _content_answered(row)
    if content is not None:
        answer["content"] = content
    refused: Json = {"description": "Refused: the body says why", "content": _content_refused(row)}
    responses: dict[str, Json] = {str(row.status): answer, "4XX": refused}
    if row.answer == "redirect":
        responses["200"] = {"description": "The page again", "content": _text("text/html")}
    if row.answer == "html":
        responses["3XX"] = {"description": "Back to the client, which reads why"}
    return responses


def _content_answered(row: Interaction) -> Json:
    if row.answer == "fhir":
        schema: Json = {"$ref": _REF + _answered(row)}
        return {FHIR_JSON: {"schema": schema}, FHIR_XML: {"schema": {"type": "string"}}}
    if row.answer == "raw":
        return {"*/*": {"schema": {}}}
    if row.answer == "json":
        return {JSON: {"schema": {}}}
    if row.answer in _TEXTS:
        return _text(_TEXTS[row.answer])
    return None


_TEXTS: Final = {
    "text": "text/plain",
    "html": "text/html",
    "hl7": HL7,
    "calendar": "text/calendar",
}


def _answered(row: Interaction) -> str:
    if row.name in _PAGES:
        return "Searchset"
    if row.kind in _BUNDLES:
        return _BUNDLES[row.kind]
    if row.kind == "operation":
        told = [one for one in operation_parameters(row.operation) if one.use == "out"]
        if told and told[0].name == RETURN:
            return told[0].type
        return "Parameters" if told else "Patient"
    return row.resource


def _content_refused(row: Interaction) -> Json:
    outcome: Json = {"schema": {"$ref": _REF + "OperationOutcome"}}
    said: dict[str, Json] = {FHIR_JSON: outcome, FHIR_XML: {"schema": {"type": "string"}}}
    if row.family in {"identity", "sandbox"}:
        said[JSON] = {"schema": {"type": "object"}}
        said.update(cast("dict[str, Json]", _text("text/html")))
    if row.body == "hl7":
        said.update(cast("dict[str, Json]", _text(HL7)))
    return said


def _text(media_type: str) -> Json:
    return {media_type: {"schema": {"type": "string"}}}


@cache
def _schemas() -> Json:
    return cast("Json", json.loads(text_of("schemas.json")))


@cache
def _body_schemas() -> Mapping[str, Json]:
    return cast("Mapping[str, Json]", json.loads(text_of("body_schemas.json")))
