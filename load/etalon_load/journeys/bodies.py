"""What journeys send: documents alone (ITI-105) and in bundles (ITI-65), patches, parameters.

A document follows from whose it is and its number, so that whoever knows both knows its identifier,
its words and its digest: workers, the model they ask, and the preparation before a run.

Sources: IHE MHD 4.2, ITI-65 and ITI-105; PDSm 3.1.1, flux 01 to 04, 09 and 10; RFC 6902.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from etalon_load.people.credential import Credential
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.operations import OperationParameter, operation_parameters
from etalon_wire.records.document_encoding import COMPREHENSIVE
from etalon_wire.records.instants import written
from etalon_wire.records.parties import (
    FINESS,
    IDNST,
    INS_TYPES,
    PROFESSIONS,
    RPPS,
    TYPES,
)
from etalon_wire.records.related_objects import RFC_3986

Value = str | bool

MASKED: Final = "MASQUE_PS"
RESULTS: Final = "11502-2"
"""Type of a report of laboratory results."""

NOTE: Final = "11488-4"
"""Type of a note of a consultation."""

OF_THE_PATIENT: Final = "EXPPAT_2"
"""Type of another document of the patient."""

MADE_AT: Final = datetime(2022, 1, 17, 9, 30, tzinfo=UTC)
"""When every document was written: before any run, so that it follows from nothing else."""

_PDSM: Final = COMPREHENSIVE.rpartition("/")[0]
_IHE: Final = "https://profiles.ihe.net/ITI/MHD"
_ACTIVITIES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite"
)
_NAMESPACE: Final = hashlib.sha256(b"etalon-load").digest()
_FACILITIES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
)
_SETTINGS: Final = "https://mos.esante.gouv.fr/NOS/TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice"
_FORMATS: Final = "https://mos.esante.gouv.fr/NOS/TRE_A11-IheFormatCode/FHIR/TRE-A11-IheFormatCode"
_TEXT: Final = "urn:ihe:iti:xds-sd:text:2008"
_GENDERS: Final = {"F": "female", "M": "male"}
_SOMEWHERE: Final = "750712184"
"""A FINESS number, where who deposits names no structure."""
_SOURCE: Final = "urn:oid:1.2.250.1.999.1.1"
_BYTES: Final = 1_500


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document to deposit.

    Attributes:
        whose: The person.
        number: Of the document among those of the person, from 0.
        kind: Code of its type.
    """

    whose: Credential
    number: int
    kind: str = NOTE

    @property
    def unique_id(self) -> str:
        """Its unique identifier."""
        return _unique("document", self.whose.ins, self.number)

    @property
    def content(self) -> bytes:
        """Its words, which say whose it is."""
        line = f"Document {self.number} de la personne {self.whose.ins}.\n".encode()
        return line * (_BYTES // len(line))

    @property
    def title(self) -> str:
        """Its title."""
        return f"Document {self.number}"


def digest_of(content: bytes) -> str:
    """Return the SHA-1 of bytes, in base64, as attachments bear it."""
    return base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def simplified(one: Sheet) -> Resource:
    """Return the simplified publication of a document (ITI-105)."""
    attachment = {**_attachment(one), "data": base64.b64encode(one.content).decode()}
    return {
        "resourceType": "DocumentReference",
        "meta": {"profile": [f"{_PDSM}/pdsm-simplified-publish"]},
        "masterIdentifier": {"system": RFC_3986, "value": one.unique_id},
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": one.kind}]},
        "subject": _subject(one.whose),
        "date": written(MADE_AT),
        "author": [{"identifier": {"system": RPPS, "value": one.whose.rpps}}],
        "custodian": {"identifier": _structure(one.whose)},
        "securityLabel": [_label(V3_CONFIDENTIALITY, "N")],
        "content": [{"attachment": attachment}],
    }


def uploaded(one: Sheet) -> Resource:
    """Return the publication of a document that the person adds to their own space."""
    made = simplified(one)
    kind: Resource = {"system": "urn:oid:1.2.250.1.213.1.1.4.12", "code": OF_THE_PATIENT}
    author: Resource = {"identifier": {"system": one.whose.system, "value": one.whose.ins}}
    changed: Resource = {"type": {"coding": [kind]}, "author": [author]}
    kept = {name: value for name, value in made.items() if name != "securityLabel"}
    return {**kept, **changed}


def provided(documents: Sequence[Sheet]) -> Resource:
    """Return the transaction that deposits documents of one person (ITI-65).

    Its first entry is the submission set, then each reference with its bytes.
    """
    first = documents[0]
    urls = [_unique("reference", one.whose.ins, one.number) for one in documents]
    entries = [_entry(_unique("set", first.whose.ins, first.number), _set(first, urls), "List")]
    for one, url in zip(documents, urls, strict=True):
        content_url = _unique("content", one.whose.ins, one.number)
        data = base64.b64encode(one.content).decode()
        binary: Resource = {"resourceType": "Binary", "contentType": "text/plain", "data": data}
        entries.append(_entry(url, _comprehensive(one, content_url), "DocumentReference"))
        entries.append(_entry(content_url, binary, "Binary"))
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{_PDSM}/pdsm-comprehensive-provide-document-bundle"]},
        "type": "transaction",
        "entry": entries,
    }


def mask() -> Json:
    """Return the JSON Patch that masks a document from professionals."""
    return [{"op": "add", "path": "/securityLabel/-", "value": _label(VISIBILITY, MASKED)}]


def parameters(operation: str, values: Mapping[str, Value]) -> Resource:
    """Return the Parameters that a request gives an operation.

    Args:
        operation: Its name, without its sign.
        values: By name; a matricule goes with its system as `system|value`.

    Raises:
        KeyError: There is no such operation.
    """
    known = _parameters_in(operation)
    parts: list[Json] = [
        {"name": one.name, one.element: _value(one, values[one.name])}
        for one in known
        if one.name in values
    ]
    return {"resourceType": "Parameters", "parameter": parts}


def body_of(resource: Json) -> bytes:
    """Return the bytes of a body."""
    return write_json(resource)


@lru_cache
def _parameters_in(operation: str) -> tuple[OperationParameter, ...]:
    return tuple(one for one in operation_parameters(operation) if one.use == "in")


def _value(one: OperationParameter, value: Value) -> Json:
    if one.type == "Identifier":
        system, _, number = str(value).rpartition("|")
        return {"system": system, "value": number}
    return value


def _comprehensive(one: Sheet, content_url: str) -> Resource:
    """Return the reference of a document as bundles bear it."""
    attachment = {**_attachment(one), "url": content_url}
    entry_id = _unique("entry", one.whose.ins, one.number)
    return {
        **simplified(one),
        "meta": {"profile": [COMPREHENSIVE]},
        "contained": [_patient(one.whose), *_parties(one)],
        "identifier": [{"use": "official", "system": RFC_3986, "value": entry_id}],
        "masterIdentifier": {"use": "usual", "system": RFC_3986, "value": one.unique_id},
        "category": [_coded("https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument", "10")],
        "author": [{"reference": "#author"}],
        "custodian": {"reference": "#organization"},
        "content": [
            {"attachment": attachment, "format": {"system": _FORMATS, "code": _TEXT}},
        ],
        "context": {
            "period": {"start": written(MADE_AT)},
            "facilityType": _coded(_FACILITIES, "SA07"),
            "practiceSetting": _coded(_SETTINGS, "AMBULATOIRE"),
            "sourcePatientInfo": {"reference": "#patient"},
        },
    }


def _patient(whose: Credential) -> Resource:
    """Return the contained Patient that says the identity a document bears."""
    kind = _coded(TYPES, INS_TYPES[whose.oid])
    made: Resource = {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [
            {"use": "official", "type": kind, "system": whose.system, "value": whose.ins}
        ],
    }
    if whose.family:
        made["name"] = [{"use": "official", "family": whose.family, "given": [whose.given]}]
    if whose.sex:
        made["gender"] = _GENDERS[whose.sex]
    if whose.birth_date:
        made["birthDate"] = whose.birth_date
    return made


def _set(first: Sheet, urls: Sequence[str]) -> Resource:
    """Return the submission set of documents: whose, by whom."""
    designation: Resource = {
        "url": f"{_IHE}/StructureDefinition/ihe-designationType",
        "valueCodeableConcept": _coded(_ACTIVITIES, "03"),
    }
    source: Resource = {
        "url": f"{_IHE}/StructureDefinition/ihe-sourceId",
        "valueIdentifier": {"system": RFC_3986, "value": _SOURCE},
    }
    return {
        "resourceType": "List",
        "meta": {"profile": [f"{_PDSM}/pdsm-submissionset-comprehensive"]},
        "contained": _parties(first),
        "extension": [designation, source],
        "identifier": [
            {"use": "usual", "system": RFC_3986, "value": _oid("set", first)},
            {
                "use": "official",
                "system": RFC_3986,
                "value": _unique("list", first.whose.ins, first.number),
            },
        ],
        "status": "current",
        "mode": "working",
        "title": f"Lot de soumission : {first.title}",
        "code": _coded(f"{_IHE}/CodeSystem/MHDlistTypes", "submissionset"),
        "subject": _subject(first.whose),
        "date": written(MADE_AT),
        "source": {"reference": "#author"},
        "entry": [{"item": {"reference": url}} for url in urls],
    }


def _parties(one: Sheet) -> list[Json]:
    """Return who wrote a document and where, as contained resources."""
    role: Resource = {
        "resourceType": "PractitionerRole",
        "id": "author",
        "practitioner": {"reference": "#practitioner"},
        "organization": {"reference": "#organization"},
        "code": [_coded(PROFESSIONS, one.whose.profession or "10")],
    }
    author: Resource = {
        "resourceType": "Practitioner",
        "id": "practitioner",
        "identifier": [{"system": RPPS, "value": one.whose.rpps}],
        "name": [{"family": "ESSAI", "given": ["Dominique"]}],
    }
    place: Resource = {
        "resourceType": "Organization",
        "id": "organization",
        "identifier": [_structure(one.whose)],
        "name": "Structure d'essai",
    }
    return [author, place, role]


def _attachment(one: Sheet) -> Resource:
    content = one.content
    return {
        "contentType": "text/plain",
        "language": "fr-FR",
        "size": len(content),
        "hash": digest_of(content),
        "title": one.title,
        "creation": written(MADE_AT),
    }


def _subject(whose: Credential) -> Resource:
    named: Resource = {"identifier": {"system": whose.system, "value": whose.ins}}
    return {"reference": f"Patient/{whose.patient_id}", **named} if whose.patient_id else named


def _structure(whose: Credential) -> Resource:
    if whose.structure:
        return {"system": IDNST, "value": whose.structure}
    return {"system": FINESS, "value": _SOMEWHERE}


def _entry(url: str, resource: Resource, target: str) -> Json:
    return {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": target}}


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _label(system: str, code: str) -> Resource:
    return _coded(system, code)


def _unique(what: str, ins: str, number: int) -> str:
    """Return an address `urn:uuid:…` that nothing else has."""
    return f"urn:uuid:{_uuid(what, ins, number)}"


def _oid(what: str, one: Sheet) -> str:
    """Return an address `urn:oid:…` that nothing else has."""
    return f"urn:oid:2.25.{_uuid(what, one.whose.ins, one.number).int}"


def _uuid(what: str, ins: str, number: int) -> UUID:
    digest = hashlib.blake2b(f"{what}/{ins}/{number}".encode(), digest_size=16, key=_NAMESPACE)
    return UUID(bytes=digest.digest(), version=4)
