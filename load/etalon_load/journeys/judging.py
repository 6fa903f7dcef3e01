"""What is wrong with an answer, seen without the model: status, whose it is, its shape.

Every answer is judged here, so that it must cost little: bodies are looked at for what must stand
in them, and parsed only where something of them is needed. An answer about somebody else is the
gravest there is, and never passes for a slow or a failed one.
"""

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qs, urlsplit

import orjson

from etalon_load.measures import FORGOTTEN, Wrong

if TYPE_CHECKING:
    from etalon_load.http_client import Answer
    from etalon_load.people.credential import Credential

Judge = Callable[["Answer"], str | Wrong]
"""Says what is wrong with an answer: a key of `load.wrong.KEY`, or an empty string."""

RIGHT: Final = ""
ANOTHER: Final = "person"
"""The answer is about somebody else."""

_PENDING: Final = re.compile(rb'name="pending" value="([^"]+)"')
_CODE: Final = re.compile(rb'id="phone-message">([0-9]{6})<')
_FAULT: Final = b'class="fault"'
_ASIDE: Final = 303
_MULTIPLE: Final = (302, 303)
_OK: Final = 200
_REFUSED: Final = 400


@dataclass(frozen=True, slots=True)
class Found:
    """A document that a list holds.

    Attributes:
        ident: Identifier of its DocumentReference.
        unique_id: Its unique identifier.
        content: Path of its bytes, as the list says it.
        digest: SHA-1 of its bytes in base64, or empty.
    """

    ident: str
    unique_id: str
    content: str
    digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list of documents.

    Attributes:
        total: How many documents there are in all; None where the page does not tell.
        documents: Those of the page.
        following: Address of the next page, or empty.
    """

    total: int | None
    documents: tuple[Found, ...]
    following: str


def unless_forgotten(judge: Judge) -> Judge:
    """Return what judges a request of a login that went well so far.

    That the login is over is no wrong answer: whoever served it was started again, and the person
    begins anew (RFC 6749, 5.2).
    """
    return lambda answer: Wrong(FORGOTTEN, {}) if answer.status == _REFUSED else judge(answer)


def status_of(answer: "Answer", expected: int) -> Wrong | None:
    """Say that a status is another one than that of a success."""
    if answer.status == expected:
        return None
    return Wrong("status", {"found": str(answer.status), "expected": str(expected)})


def page_of(answer: "Answer", one: "Credential") -> Page | Wrong:
    """Return the documents that a search found, or what is wrong with it."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    try:
        bundle = orjson.loads(answer.body)
        if bundle["type"] != "searchset":
            return _shape("searchset")
        documents: list[Found] = []
        for entry in bundle.get("entry", ()):
            resource = entry["resource"]
            if resource["resourceType"] == "OperationOutcome":
                continue
            if not is_about(resource, one):
                return Wrong(ANOTHER, {})
            documents.append(found_in(resource))
        following = [link["url"] for link in bundle.get("link", ()) if link["relation"] == "next"]
        # Whether a search counts is its own choice (FHIR R4, 3.1.1.4.1); one page counts itself.
        total = bundle.get("total", None if following else len(documents))
        counted = None if total is None else int(total)
        return Page(counted, tuple(documents), following[0] if following else "")
    except (ValueError, KeyError, TypeError, IndexError):
        return _shape("Bundle")


def document_of(answer: "Answer", one: "Credential", expected: int = _OK) -> Found | Wrong:
    """Return the document that an answer is, or what is wrong with it."""
    wrong = status_of(answer, expected)
    if wrong is not None:
        return wrong
    try:
        resource = orjson.loads(answer.body)
        if resource["resourceType"] != "DocumentReference":
            return _shape("DocumentReference")
        return found_in(resource) if is_about(resource, one) else Wrong(ANOTHER, {})
    except (ValueError, KeyError, TypeError, IndexError):
        return _shape("DocumentReference")


def is_about(resource: dict[str, object], one: "Credential") -> bool:
    """Whether the subject of a resource is the person, as far as it says so in words we know.

    By matricule, else by the reference of the Patient, where it is known.
    """
    subject = cast("dict[str, object]", resource["subject"])
    identifier = cast("dict[str, object]", subject.get("identifier") or {})
    if identifier.get("system", one.system) == one.system and "value" in identifier:
        return identifier["value"] == one.ins
    if not one.patient_id:
        return True
    return str(subject.get("reference", "")).rpartition("/")[2] == one.patient_id


def found_in(resource: dict[str, object]) -> Found:
    """Return what a DocumentReference says that a journey needs."""
    master = cast("dict[str, str]", resource["masterIdentifier"])
    contents = cast("list[dict[str, dict[str, str]]]", resource["content"])
    attachment = contents[0]["attachment"]
    digest = attachment.get("hash", "")
    return Found(str(resource["id"]), master["value"], attachment["url"], digest)


def content_wrong(answer: "Answer", document: Found) -> str | Wrong:
    """Say what is wrong with the bytes of a document: those of another have another digest."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    content = answer.body
    if answer.header("content-type").startswith("application/fhir+json"):
        try:
            content = base64.b64decode(orjson.loads(content)["data"])
        except (ValueError, KeyError, TypeError):
            return _shape("Binary")
    digest = base64.b64encode(sha1(content, usedforsecurity=False).digest()).decode()
    return RIGHT if document.digest in {"", digest} else Wrong("content", {})


def patient_wrong(answer: "Answer", one: "Credential", *, bundled: bool) -> str | Wrong:
    """Say what is wrong with a Patient, alone or as the one entry of a search."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    try:
        told = orjson.loads(answer.body)
        patients = [entry["resource"] for entry in told["entry"]] if bundled else [told]
        values = [
            identifier.get("value")
            for patient in patients
            if patient["resourceType"] == "Patient"
            for identifier in patient["identifier"]
        ]
    except (ValueError, KeyError, TypeError):
        return _shape("Patient")
    if not values:
        return _shape("Patient")
    return RIGHT if len(patients) == 1 and one.ins in values else Wrong(ANOTHER, {})


def parameter_of(answer: "Answer", name: str) -> object | Wrong:
    """Return the value of a parameter that an operation answers, or what is wrong with it."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    try:
        for part in orjson.loads(answer.body)["parameter"]:
            if part["name"] == name:
                held = [value for key, value in part.items() if key.startswith("value")]
                return cast("object", held[0])
    except (ValueError, KeyError, TypeError, IndexError):
        pass
    return _shape("Parameters")


def transaction_wrong(answer: "Answer", entries: int) -> str | Wrong:
    """Say what is wrong with the answer to a transaction: each entry was created."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    body = answer.body
    whole = b'"transaction-response"' in body and body.count(b'"201') == entries
    return RIGHT if whole else _shape("transaction-response")


def pending_of(answer: "Answer") -> str | Wrong:
    """Return the identifier of a login that a page goes on with, or what is wrong with it."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    found = _PENDING.search(answer.body)
    return found[1].decode("ascii", "replace") if found else _shape("form")


def one_time_code_of(answer: "Answer") -> str:
    """Return the one-time code that a page of a sandbox shows, empty when it shows none."""
    found = _CODE.search(answer.body)
    return found[1].decode() if found else ""


def code_of(answer: "Answer") -> str | Wrong:
    """Return the code that a person comes back with, or what is wrong with where they are sent."""
    if answer.status not in _MULTIPLE:
        wrong = status_of(answer, _ASIDE)
        return wrong or RIGHT
    codes: Sequence[str] = parse_qs(urlsplit(answer.header("location")).query).get("code", ())
    return codes[0] if codes else _shape("code")


def token_wrong(answer: "Answer", claim: str, whose: str) -> str | Wrong:
    """Say what is wrong with a token, and whether it is somebody else's, where it tells whose.

    Args:
        answer: Of the token endpoint.
        claim: Of a token that is a JWT: `patient` for a person's, `sub` for a professional's.
        whose: What that claim says, or how it ends.
    """
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    try:
        token = orjson.loads(answer.body)["access_token"]
    except (ValueError, KeyError, TypeError):
        return _shape("access_token")
    if not isinstance(token, str):
        return _shape("access_token")
    told = str(_claims(token).get(claim, whose))
    return RIGHT if told.endswith(whose) else Wrong(ANOTHER, {})


def opened_wrong(answer: "Answer") -> str | Wrong:
    """Say what is wrong with the page that says that a space is open."""
    wrong = status_of(answer, _OK)
    if wrong is not None:
        return wrong
    body = answer.body
    asks_again = _FAULT in body or b'name="vitale_serial"' in body
    return RIGHT if b"</html>" in body and not asks_again else _shape("opened")


def _claims(token: str) -> dict[str, object]:
    """Return what a token says, nothing when it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 (RFC 7519: header, claims, signature)
        return {}
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except ValueError:
        return {}
    return cast("dict[str, object]", claims) if isinstance(claims, dict) else {}


def _shape(expected: str) -> Wrong:
    return Wrong("shape", {"expected": expected})
