"""What is sent to deposit specimens: simplified publications, bundles, lists, replacements.

Sources: IHE MHD 4.2, ITI-65 and ITI-105; PDSm 3.1.1, flux 01, 02, 09 and 10; FR Core (systems of
identifiers).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from etalon_conformance.specimens import Giver, Specimen, specimen
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.records.parties import FINESS, IDNST, INS_TYPES, PROFESSIONS, RPPS, TYPES

RFC_3986: Final = "urn:ietf:rfc:3986"
PDSM: Final = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition"
ORDERS: Final = "urn:oid:1.2.250.1.999.2"
LIST_TYPES: Final = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
_IHE: Final = "https://profiles.ihe.net/ITI/MHD/StructureDefinition"
_ORDER: Final = "urn:ihe:iti:xds:2013:order"
_ACTIVITIES: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite"
)
_A_STRUCTURE: Final = "750712184"
"""A FINESS number, where who deposits says no structure."""
_SOURCE: Final = "urn:oid:1.2.250.1.999.1.1"


def instant(at: datetime) -> str:
    """Return an instant as FHIR writes it, in its own time zone, to the second."""
    return at.isoformat(timespec="seconds")


def subject_of(person: TestPerson) -> Resource:
    """Return the reference to a person: logical, and literal too where the target says theirs.

    Who follows `patient.identifier` as FHIR chains do needs the literal one.
    """
    named: Resource = {"identifier": {"system": person.system, "value": person.ins}}
    return {"reference": f"Patient/{person.patient_id}", **named} if person.patient_id else named


def patient_of(person: TestPerson) -> Resource:
    """Return the contained Patient that says the identity a document bears."""
    kind: Resource = {"coding": [{"system": TYPES, "code": INS_TYPES[person.oid]}]}
    made: Resource = {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [
            {"use": "official", "type": kind, "system": person.system, "value": person.ins}
        ],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
    }
    if person.sex:
        made["gender"] = "female" if person.sex == "F" else "male"
    if person.birth_date is not None:
        made["birthDate"] = person.birth_date.isoformat()
    return made


def parties_of(one: Specimen) -> list[Json]:
    """Return who wrote a document and where, as contained resources."""
    kind: Resource = {"coding": [{"system": TYPES, "code": "RPPS"}]}
    structure = one.author.structure
    # A national identifier of a structure begins with a digit that says its kind.
    system, value = (IDNST, structure) if structure else (FINESS, _A_STRUCTURE)
    return [
        {
            "resourceType": "Practitioner",
            "id": "practitioner",
            "identifier": [
                {"use": "official", "type": kind, "system": RPPS, "value": one.author.rpps}
            ],
            "name": [{"use": "official", "family": one.family, "given": [one.given]}],
        },
        {
            "resourceType": "Organization",
            "id": "organization",
            "identifier": [{"use": "official", "system": system, "value": value}],
            "name": one.structure,
        },
        {
            "resourceType": "PractitionerRole",
            "id": "author",
            "practitioner": {"reference": "#practitioner"},
            "organization": {"reference": "#organization"},
            "code": [{"coding": [{"system": PROFESSIONS, "code": one.author.profession}]}],
        },
    ]


def labels_of(level: str, labels: Sequence[str]) -> list[Json]:
    """Return a level of confidentiality and codes of visibility as security labels."""
    codes = [(V3_CONFIDENTIALITY, level), *((VISIBILITY, label) for label in labels)]
    return [{"coding": [{"system": system, "code": code}]} for system, code in codes]


def reference_of(one: Specimen) -> Resource:
    """Return what both ways of depositing say of a document in the same words."""
    kind: Resource = {"coding": [{"system": RFC_3986, "code": _ORDER}]}
    order: Resource = {"type": kind, "system": ORDERS, "value": one.order}
    made: Resource = {
        "resourceType": "DocumentReference",
        "contained": [patient_of(one.person), *parties_of(one)],
        "masterIdentifier": {"use": "usual", "system": RFC_3986, "value": one.unique_id},
        "status": "current",
        "type": one.kind.concept,
        "category": [one.class_.concept],
        "subject": subject_of(one.person),
        "date": instant(one.dated),
        "author": [{"reference": "#author"}],
        "authenticator": {"reference": "#practitioner"},
        "custodian": {"reference": "#organization"},
        "description": one.comment,
        "securityLabel": labels_of(one.level, one.labels),
        "context": {
            "event": [one.act.concept],
            "period": {"start": instant(one.started), "end": instant(one.ended)},
            "facilityType": one.facility.concept,
            "practiceSetting": one.setting.concept,
            "sourcePatientInfo": {"reference": "#patient"},
            "related": [{"type": "ServiceRequest", "identifier": order}],
        },
    }
    if one.archived:
        made["extension"] = [{"url": IS_ARCHIVED, "valueBoolean": True}]
    if one.replaces:
        target: Resource = {"reference": f"DocumentReference/{one.replaces}"}
        made["relatesTo"] = [{"code": "replaces", "target": target}]
    return made


def attachment_of(one: Specimen) -> Resource:
    """Return what a document reference says of the bytes; where they are is left to add."""
    return {
        "contentType": one.media_type,
        "language": "fr-FR",
        "size": one.size,
        "hash": one.hash,
        "title": one.title,
        "creation": instant(one.created),
    }


def simplified(one: Specimen) -> Resource:
    """Return the simplified publication of a document (ITI-105)."""
    attachment = attachment_of(one)
    attachment["data"] = one.base64
    return {
        **reference_of(one),
        "meta": {"profile": [f"{PDSM}/pdsm-simplified-publish"]},
        "content": [{"attachment": attachment, "format": one.form.coding}],
    }


def publication(  # noqa: PLR0913 (what the checks of rights say of a document)
    bench: Giver,
    person: TestPerson,
    author: TestProfessional,
    *,
    labels: Sequence[str] = (),
    kind: str = "11488-4",
    title: str = "",
    **changed: Json,
) -> Resource:
    """Return the simplified publication of a document that is varied where nothing is said.

    Args:
        bench: What gives random numbers, the instant and identifiers.
        person: Whose it is.
        author: Who writes it.
        labels: Codes of visibility; the level is normal.
        kind: Code of its type.
        title: Its title; any when empty.
        changed: Elements of the resource, as they are to be; None leaves one out.
    """
    one = specimen(bench, person, author, kind=kind, labels=tuple(labels))
    made = simplified(one)
    if title:
        attachment: Json = {**_attachment(made), "title": title}
        made["content"] = [{"attachment": attachment, "format": one.form.coding}]
    whole = {**made, **changed}
    return {name: value for name, value in whole.items() if value is not None}


def _attachment(resource: Resource) -> Resource:
    contents = resource["content"]
    first = contents[0] if isinstance(contents, list) else None
    held = first.get("attachment") if isinstance(first, dict) else None
    return held if isinstance(held, dict) else {}


Entry = tuple[str, Resource, str, str]
"""An entry of a bundle: its address, its resource, verb and target of its request."""


def entries_of(one: Specimen, random_url: str, content_url: str) -> list[Entry]:
    """Return the entries of a document: its reference, its bytes, what it replaces.

    Args:
        one: The document.
        random_url: Address of its reference in the bundle.
        content_url: Address of its bytes in the bundle.
    """
    attachment = attachment_of(one)
    attachment["url"] = content_url
    reference: Resource = {
        **reference_of(one),
        "meta": {"profile": [f"{PDSM}/pdsm-comprehensive-document-reference"]},
        "identifier": [{"use": "official", "system": RFC_3986, "value": one.entry_id}],
        "content": [{"attachment": attachment, "format": one.form.coding}],
    }
    content: Resource = {
        "resourceType": "Binary",
        "contentType": one.media_type,
        "data": one.base64,
    }
    return [
        (random_url, reference, "POST", "DocumentReference"),
        (content_url, content, "POST", "Binary"),
    ]


def superseding(replaced: str, url: str) -> Entry:
    """Return the entry that makes a document superseded."""
    parts: list[Json] = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "DocumentReference.status"},
        {"name": "value", "valueCode": "superseded"},
    ]
    patch: Resource = {
        "resourceType": "Parameters",
        "parameter": [{"name": "operation", "part": parts}],
    }
    return url, patch, "PATCH", f"DocumentReference/{replaced}"


def submission_set(bench: Giver, specimens: Sequence[Specimen], urls: Sequence[str]) -> Resource:
    """Return the submission set of documents: whose, by whom, in which circumstances."""
    first = specimens[0]
    return {
        **_list_of(first.person, "submissionset", bench, urls),
        "meta": {"profile": [f"{PDSM}/pdsm-submissionset-comprehensive"]},
        "contained": parties_of(first),
        "extension": [
            {
                "url": f"{_IHE}/ihe-designationType",
                "valueCodeableConcept": {"coding": [{"system": _ACTIVITIES, "code": "03"}]},
            },
            {
                "url": f"{_IHE}/ihe-sourceId",
                "valueIdentifier": {"system": RFC_3986, "value": _SOURCE},
            },
        ],
        "title": f"Lot de soumission : {first.title}",
        "source": {
            "extension": [
                {
                    "url": f"{_IHE}/ihe-authorOrg",
                    "valueReference": {"reference": "#organization"},
                }
            ],
            "reference": "#author",
        },
    }


def folder(bench: Giver, person: TestPerson, title: str, urls: Sequence[str]) -> Resource:
    """Return a folder of documents."""
    designation: Json = {
        "url": f"{_IHE}/ihe-designationType",
        "valueCodeableConcept": {
            "coding": [{"system": "http://snomed.info/sct", "code": "73211009"}]
        },
    }
    return {
        **_list_of(person, "folder", bench, urls),
        "meta": {"profile": [f"{PDSM}/pdsm-folder-comprehensive"]},
        "extension": [designation],
        "title": title,
    }


def _list_of(person: TestPerson, code: str, bench: Giver, urls: Sequence[str]) -> Resource:
    return {
        "resourceType": "List",
        "identifier": [
            {"use": "usual", "system": RFC_3986, "value": bench.unique_oid()},
            {"use": "official", "system": RFC_3986, "value": f"urn:uuid:{bench.unique_uuid()}"},
        ],
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": LIST_TYPES, "code": code}]},
        "subject": subject_of(person),
        "date": instant(bench.now()),
        "entry": [{"item": {"reference": url}} for url in urls],
    }


def bundle(bench: Giver, specimens: Sequence[Specimen], *, folder_title: str = "") -> Resource:
    """Return the transaction that deposits documents with their submission set (ITI-65).

    Args:
        bench: What gives random numbers, the instant and identifiers.
        specimens: The documents, in their order.
        folder_title: Title of a folder that holds them too; none when empty.

    Returns:
        The bundle; its entries are the submission set, the folder if any, then each reference
        with its bytes, then what makes those replaced superseded.
    """
    urls = [f"urn:uuid:{bench.unique_uuid()}" for _ in specimens]
    listed = urls
    entries: list[Entry] = []
    if folder_title:
        url = f"urn:uuid:{bench.unique_uuid()}"
        made = folder(bench, specimens[0].person, folder_title, urls)
        entries.append((url, made, "POST", "List"))
        listed = [*urls, url]
    whole = submission_set(bench, specimens, listed)
    entries.insert(0, (f"urn:uuid:{bench.unique_uuid()}", whole, "POST", "List"))
    for one, url in zip(specimens, urls, strict=True):
        entries += entries_of(one, url, f"urn:uuid:{bench.unique_uuid()}")
    replaced = [one.replaces for one in specimens if one.replaces]
    entries += [superseding(each, f"urn:uuid:{bench.unique_uuid()}") for each in replaced]
    return bundle_of(entries)


def bundle_of(entries: Sequence[Entry]) -> Resource:
    """Return a transaction of entries."""
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{PDSM}/pdsm-comprehensive-provide-document-bundle"]},
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": resource, "request": {"method": verb, "url": target}}
            for url, resource, verb, target in entries
        ],
    }
