"""What is wrong with an answer: its status, whose it is, its shape."""

import base64
import hashlib
from collections.abc import Callable
from typing import NamedTuple, cast

import orjson
import pytest

from etalon_load.journeys import judging
from etalon_load.journeys.judging import Found, Page
from etalon_load.measures import Wrong
from etalon_load.people.credential import Credential

INS, OTHER = "289033191000240", "190043191000288"
ONE = Credential("open-with-documents", INS, patient_id="p-1")


class Answer(NamedTuple):
    """An answer, as the client of loads gives it."""

    status: int
    body: bytes
    location: str = ""
    kind: str = ""

    def header(self, name: str) -> str:
        """Return one of the two headers that are looked at."""
        return {"location": self.location, "content-type": self.kind}[name]


def told(status: int, value: object, location: str = "") -> Answer:
    """An answer that holds a value in JSON, or text."""
    body = value.encode() if isinstance(value, str) else orjson.dumps(value)
    return Answer(status, body, location)


def document(ins: str = INS, ident: str = "d-1") -> dict[str, object]:
    """A document of somebody."""
    return {
        "resourceType": "DocumentReference",
        "id": ident,
        "masterIdentifier": {"value": f"urn:uuid:{ident}"},
        "subject": {"identifier": {"value": ins}},
        "content": [{"attachment": {"url": f"Binary/{ident}", "hash": "aGFzaA=="}}],
    }


def bundle(*resources: object, total: int | None = None, following: str = "") -> dict[str, object]:
    """A page of a search."""
    links: list[dict[str, str]] = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": one} for one in resources]
    count = len(resources) if total is None else total
    return {"type": "searchset", "total": count, "link": links, "entry": entries}


def uncounted(*resources: object, following: str = "") -> dict[str, object]:
    """A page that does not say how many there are."""
    page = bundle(*resources, following=following)
    return {name: value for name, value in page.items() if name != "total"}


def patient(ins: str) -> dict[str, object]:
    """Somebody."""
    return {"resourceType": "Patient", "identifier": [{"value": ins}]}


def token(**claims: str) -> dict[str, str]:
    """A token that says something."""
    parts = [base64.urlsafe_b64encode(orjson.dumps(one)).decode() for one in (HEAD, claims)]
    return {"access_token": ".".join([*parts, "signature"])}


LOCAL = {"system": "urn:local", "value": "7"}
HEAD: dict[str, str] = {}
FOUND = Found("d-1", "urn:uuid:d-1", "Binary/d-1", "aGFzaA==")
WORDS = b"some words"
DIGEST = base64.b64encode(hashlib.sha1(WORDS).digest()).decode()  # noqa: S324 (as FHIR has it)
RESOURCE = orjson.dumps({"data": base64.b64encode(WORDS).decode()})
PENDING = '<input type="hidden" name="pending" value="abc">'
Judged = Callable[[Answer], object]


def of(judge: Callable[..., object], *more: object, **named: object) -> Judged:
    """A judge with what it asks beside the answer."""
    return lambda answer: judge(cast("object", answer), *more, **named)


PAGE, DOCUMENT = of(judging.page_of, ONE), of(judging.document_of, ONE)
SOUGHT, ALONE = (of(judging.patient_wrong, ONE, bundled=one) for one in (True, False))
CONTENT = of(judging.content_wrong, Found("d", "u", "b", DIGEST))
STATUS = of(judging.parameter_of, "status")
DONE = of(judging.transaction_wrong, 3)
CODE, LOGIN = of(judging.code_of), of(judging.pending_of)
OF_PERSON, OF_DOCTOR = of(judging.token_wrong, "patient", INS), of(judging.token_wrong, "sub", "42")
OPENED = of(judging.opened_wrong)
CREATED = {"type": "transaction-response", "entry": [{"response": {"status": "201 Created"}}] * 3}
ANSWERS: tuple[tuple[str, Judged, Answer, object], ...] = (
    ("a page", PAGE, told(200, bundle(document())), Page(1, (FOUND,), "")),
    ("with a next", PAGE, told(200, bundle(total=9, following="/n")), Page(9, (), "/n")),
    (
        "with a warning",
        PAGE,
        told(200, bundle({"resourceType": "OperationOutcome"}, total=0)),
        Page(0, (), ""),
    ),
    ("of another", PAGE, told(200, bundle(document(OTHER))), "person"),
    ("half of another", PAGE, told(200, bundle(document(), document(OTHER))), "person"),
    ("of nobody", PAGE, told(200, bundle({**document(), "subject": {}})), "person"),
    (
        "by reference",
        PAGE,
        told(200, bundle({**document(), "subject": {"reference": "x/Patient/p-1"}})),
        Page(1, (FOUND,), ""),
    ),
    (
        "by another's",
        PAGE,
        told(200, bundle({**document(), "subject": {"reference": "x/Patient/p-2"}})),
        "person",
    ),
    ("without a count", PAGE, told(200, uncounted(document())), Page(1, (FOUND,), "")),
    (
        "half, without",
        PAGE,
        told(200, uncounted(document(), following="/n")),
        Page(None, (FOUND,), "/n"),
    ),
    (
        "by a local number",
        PAGE,
        told(
            200,
            bundle({**document(), "subject": {"identifier": LOCAL, "reference": "Patient/p-1"}}),
        ),
        Page(1, (FOUND,), ""),
    ),
    (
        "by another's local number",
        PAGE,
        told(
            200,
            bundle({**document(), "subject": {"identifier": LOCAL, "reference": "Patient/p-2"}}),
        ),
        "person",
    ),
    ("no searchset", PAGE, told(200, {"type": "batch"}), "shape"),
    ("no resource", PAGE, told(200, {"type": "searchset", "total": 1, "entry": [HEAD]}), "shape"),
    ("a web page", PAGE, told(200, "<html>"), "shape"),
    ("a list", PAGE, told(200, []), "shape"),
    ("cut", PAGE, Answer(200, orjson.dumps(bundle(document()))[:-9]), "shape"),
    ("refused", PAGE, told(403, {}), "status"),
    ("a document", DOCUMENT, told(200, document()), FOUND),
    ("another's", DOCUMENT, told(200, document(OTHER)), "person"),
    ("a patient", DOCUMENT, told(200, patient(INS)), "shape"),
    ("created", DOCUMENT, told(201, document()), "status"),
    ("somebody", SOUGHT, told(200, bundle(patient(INS))), ""),
    ("somebody else", SOUGHT, told(200, bundle(patient(OTHER))), "person"),
    ("both", SOUGHT, told(200, bundle(patient(INS), patient(OTHER))), "person"),
    ("nobody", SOUGHT, told(200, bundle()), "shape"),
    ("somebody alone", ALONE, told(200, patient(INS)), ""),
    ("somebody else alone", ALONE, told(200, patient(OTHER)), "person"),
    ("an outcome", ALONE, told(200, {"resourceType": "OperationOutcome"}), "shape"),
    ("words in FHIR", CONTENT, Answer(200, RESOURCE, kind="application/fhir+json"), ""),
    ("no words in FHIR", CONTENT, Answer(200, b"{}", kind="application/fhir+json"), "shape"),
    ("words", CONTENT, Answer(200, WORDS), ""),
    ("other words", CONTENT, Answer(200, b"other words"), "content"),
    ("no words", CONTENT, told(404, ""), "status"),
    (
        "a parameter",
        STATUS,
        told(200, {"parameter": [{"name": "status", "valueCode": "valid"}]}),
        "valid",
    ),
    (
        "another parameter",
        STATUS,
        told(200, {"parameter": [{"name": "a", "valueCode": "b"}]}),
        "shape",
    ),
    ("no parameter", STATUS, told(200, {"parameter": [{"name": "status"}]}), "shape"),
    ("a transaction", DONE, told(200, CREATED), ""),
    ("two of three", DONE, told(200, {**CREATED, "entry": []}), "shape"),
    ("a login page", LOGIN, told(200, PENDING), "abc"),
    ("an empty page", LOGIN, told(200, "<html></html>"), "shape"),
    ("a way back", CODE, told(303, "", "http://a/?code=Xy_9&state=s"), "Xy_9"),
    ("another way back", CODE, told(302, "", "http://a/?code=Xy"), "Xy"),
    ("a refusal", CODE, told(303, "", "http://a/?error=access_denied"), "shape"),
    ("no way back", CODE, told(200, PENDING), "status"),
    ("a token", OF_PERSON, told(200, token(patient=INS)), ""),
    ("another's token", OF_PERSON, told(200, token(patient=OTHER)), "person"),
    ("an opaque token", OF_PERSON, told(200, {"access_token": "opaque"}), ""),
    ("no JWT", OF_PERSON, told(200, {"access_token": "a.b.c"}), ""),
    ("a doctor's", OF_DOCTOR, told(200, token(sub="842")), ""),
    ("another doctor's", OF_DOCTOR, told(200, token(sub="843")), "person"),
    ("no token", OF_PERSON, told(200, {"access_token": 1}), "shape"),
    ("an error", OF_PERSON, told(400, {"error": "invalid_grant"}), "status"),
    ("opened", OPENED, told(200, "<html>Bienvenue</html>"), ""),
    ("a fault", OPENED, told(200, '<p class="fault">Non</p></html>'), "shape"),
    ("the form again", OPENED, told(200, '<input name="vitale_serial"></html>'), "shape"),
)


@pytest.mark.parametrize(
    ("judge", "answer", "expected"), [one[1:] for one in ANSWERS], ids=[one[0] for one in ANSWERS]
)
def test_what_is_wrong_with_an_answer(judge: Judged, answer: Answer, expected: object) -> None:
    """The key of what is wrong, or what was asked for."""
    found = judge(answer)

    assert (found.key if isinstance(found, Wrong) else found) == expected


def test_a_page_of_a_sandbox_shows_its_code() -> None:
    """Six digits in the message of the telephone, and nowhere else."""
    shown = cast("object", told(200, '<strong id="phone-message">012345</strong>'))
    other = cast("object", told(200, "<strong>012345</strong>"))

    assert judging.one_time_code_of(shown) == "012345"  # type: ignore[arg-type]
    assert judging.one_time_code_of(other) == ""  # type: ignore[arg-type]
