"""Requests and answers as handlers know them, whatever carries them.

A handler is a function of a desk and a request that gives an answer: no socket, no framework. What
goes wrong leaves it as `Refused` or `Malformed`, and becomes an OperationOutcome here.

Sources: FHIR R4, 3.1.0.1 (HTTP), 3.1.0.1.11 (content types and `_format`); RFC 9110, 12.5.1.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import lru_cache
from secrets import token_bytes
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from etalon_model import ActorKind, Refusal
from etalon_server.byte_cache import ByteCache
from etalon_server.contents import Contents
from etalon_server.directory.standing import Directory
from etalon_server.disturbances import Faults
from etalon_server.metrics import Metrics
from etalon_server.records.places import People, UniqueIdentifiers
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_wire.agenda.places import Editors
from etalon_wire.bundles import Query
from etalon_wire.claims import Caller
from etalon_wire.interactions import Interaction
from etalon_wire.json_body import Json, Resource, read_json, read_value, write_json
from etalon_wire.modes import Mode
from etalon_wire.operation_outcomes import Fault, Reason, operation_outcome, status_of
from etalon_wire.parts import FAITHFUL, Codec
from etalon_wire.records.searches_alike import SearchesAlike
from etalon_wire.xml_body import read_xml, write_xml

if TYPE_CHECKING:
    from etalon_server.mail.outbox import Outbox
    from etalon_wire.clinical_kit import ClinicalKit
    from etalon_wire.validation.validator import Validator

Form = Literal["json", "xml"]

FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"
JSON_PATCH: Final = "application/json-patch+json"
FORM: Final = "application/x-www-form-urlencoded"
MEDIA_TYPES: Final[Mapping[Form, str]] = {"json": FHIR_JSON, "xml": FHIR_XML}
REQUEST_ID: Final = "X-Request-Id"

_FORMS: Final[Mapping[str, Form]] = {
    "*/*": "json",
    "application/*": "json",
    FHIR_JSON: "json",
    "application/json": "json",
    "text/json": "json",
    "json": "json",
    FHIR_XML: "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/*": "xml",
    "xml": "xml",
}
_ANY: Final[Mapping[str, tuple[Form, ...]]] = {"*/*": ("xml",), "application/*": ("xml",)}
_LENIENT_FORMS: Final[Mapping[str, Form]] = {
    "application/json+fhir": "json",
    "application/xml+fhir": "xml",
}
_AS_IT_IS: Final = "identity"
_PAGE_KEY_BYTES: Final = 32
_NO_HEADERS: Final[tuple[tuple[str, str], ...]] = ()


class Request(NamedTuple):
    """One request.

    Attributes:
        interaction: The row of the interaction table that it matched.
        verb: Method, in capitals.
        path: Path below the root of the server, without its query.
        places: Parts of the path by the name they have in the row.
        query: Parameters of the address, in order, and of the form of a `_search`.
        headers: By name in lower case; of a header given twice, the values joined by a comma.
        body: Its bytes.
        caller: Who the token says, or None where the interaction needs nobody.
        certificate: Thumbprint (`x5t#S256`) of the client's certificate, or an empty string.
        request_id: What the answer and the log call this request.
        base: Public address of the FHIR base, without a slash at its end.
    """

    interaction: Interaction
    verb: str
    path: str
    places: Mapping[str, str]
    query: Query
    headers: Mapping[str, str]
    body: bytes
    caller: Caller | None
    certificate: str
    request_id: str
    base: str


class Answer(NamedTuple):
    """One answer.

    Attributes:
        status: HTTP status.
        body: Its bytes.
        media_type: Media type of the body, or an empty string when there is none.
        headers: Other headers, in order.
    """

    status: int
    body: bytes = b""
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = _NO_HEADERS


class Refused(Exception):  # noqa: N818 (the request is, the program is not)
    """Carries the reason why a request is refused out of a handler.

    Attributes:
        reason: What the OperationOutcome will say.
    """

    def __init__(self, reason: Reason) -> None:
        """Keep the reason."""
        super().__init__()
        self.reason = reason


class Identity(Protocol):
    """Knows callers by their tokens."""

    def caller_of(self, token: str, certificate: str, now: datetime) -> Caller | Fault:
        """Return who a bearer token says, or why it says nothing.

        Args:
            token: What follows `Bearer`.
            certificate: Thumbprint of the client's certificate, or an empty string.
            now: The present instant (UTC).
        """
        ...

    def close(self) -> None:
        """Let go of what it keeps on the disk."""
        ...


class Desk:
    """What handlers work with, one a server.

    Attributes:
        host: The service, its clock, its journal.
        settings: What the server was told at its start.
        validator: Checks resources against profiles.
        identity: Who knows callers, or None when the server has no provider.
        mode: Which official text holds where two differ.
        faults: The fault switches, or None where there is no sandbox.
        cache: Encoded documents, kept to be sent again.
        codec: Passes resources between the wire and handlers.
        metrics: What the server counts about itself.
        people: The people of the service by what their addresses begin with.
        editors: The editors of agendas by what the addresses of their schedules begin with.
        unique_identifiers: The records that hold each unique identifier.
        searches: Reads searches of documents, remembering what those alike ask for.
        directory: Who bears which professional mailboxes.
        clinical_kit: What judges clinical documents beyond their header, or None.
        page_key: Key of the tokens that lead to the next pages; they end with the process.
        outbox: Mail that leaves, or None where no mail was asked for.
        smtp: Where mail is received, `host:port`; empty where it is not.
    """

    __slots__ = (
        "cache",
        "clinical_kit",
        "codec",
        "directory",
        "editors",
        "faults",
        "host",
        "identity",
        "metrics",
        "mode",
        "outbox",
        "page_key",
        "people",
        "searches",
        "settings",
        "smtp",
        "unique_identifiers",
        "validator",
    )

    def __init__(
        self,
        host: Host,
        settings: Settings,
        validator: "Validator",
        identity: Identity | None = None,
        faults: Faults | None = None,
    ) -> None:
        self.host = host
        self.settings = settings
        self.validator = validator
        self.identity = identity
        self.faults = faults
        self.mode: Mode = settings.mode
        self.cache = ByteCache(settings.cache_megabytes)
        self.codec: Codec = FAITHFUL
        self.metrics = Metrics()
        self.people = People()
        self.editors = Editors()
        self.unique_identifiers = UniqueIdentifiers()
        self.searches = SearchesAlike()
        self.directory = Directory()
        self.clinical_kit: ClinicalKit | None = None
        self.page_key = token_bytes(_PAGE_KEY_BYTES)
        self.outbox: Outbox | None = None
        self.smtp = ""

    @property
    def contents(self) -> Contents:
        """Resources as they were received, bytes of documents."""
        return self.host.contents


Handler = Callable[[Desk, Request], Awaitable[Answer]]


def answer_resource(
    request: Request,
    desk: Desk,
    resource: Resource,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = _NO_HEADERS,
) -> Answer:
    """Answer a resource in the form that its reader accepts (W-COM-01).

    Raises:
        Refused: The reader accepts neither JSON nor XML.
    """
    form = form_accepted(request, desk.mode)
    body = encoded(desk.codec.leaving(resource), form)
    return Answer(status, body, MEDIA_TYPES[form], headers)


def answer_refusal(request: Request, desk: Desk, reason: Reason) -> Answer:
    """Answer why a request is refused, with its identifier, in a form that is read (W-COM-02).

    A referenced service is not told whose matricule it is (CAT-15).
    """
    caller = request.caller
    if caller is not None and caller.actor.kind is ActorKind.APP and isinstance(reason, Refusal):
        reason = Refusal(reason.rule, reason.code, "", reason.facts)
    try:
        form = form_accepted(request, desk.mode)
    except Refused:
        form = "json"
    return refusal_answer(reason, desk.mode, form, request.request_id)


def refusal_answer(reason: Reason, mode: Mode, form: Form, request_id: str) -> Answer:
    """Answer why a request is refused when there is no more of it than its identifier."""
    outcome = operation_outcome(reason, mode)
    outcome["id"] = request_id
    ordered: Resource = {"resourceType": outcome.pop("resourceType"), "id": outcome.pop("id")}
    ordered.update(outcome)
    status = status_of(reason, mode)
    return Answer(status, encoded(ordered, form), MEDIA_TYPES[form], _challenge(reason, status))


def _challenge(reason: Reason, status: int) -> tuple[tuple[str, str], ...]:
    """Return the header that says how to be known (RFC 6750, 3)."""
    if status != 401:  # noqa: PLR2004 (the status that asks for it)
        return _NO_HEADERS
    known = isinstance(reason, Fault) and reason.code != "TOKEN_MISSING"
    error = ', error="invalid_token"' if known else ""
    return (("WWW-Authenticate", f'Bearer realm="etalon"{error}'),)


def encoded(resource: Resource, form: Form) -> bytes:
    """Return the bytes of a resource."""
    return write_json(resource) if form == "json" else write_xml(resource)


def form_accepted(request: Request, mode: Mode) -> Form:
    """Return the form in which a request wants its answer; `_format` goes before `Accept`.

    Raises:
        Refused: Neither JSON nor XML.
    """
    asked = ""
    if request.query:
        asked = next((value for name, value in request.query if name == "_format"), "")
    form = _form_of(asked.replace(" ", "+") or request.headers.get("accept", ""), mode)
    if form is None:
        message = f"the answer is written as {FHIR_JSON} or {FHIR_XML}: accept one of them"
        raise Refused(Fault("NOT_ACCEPTABLE", message, "_format" if asked else "Accept"))
    return form


@lru_cache(maxsize=256)
def media_ranges(accept: str) -> tuple[str, ...]:
    """Return the media ranges of an `Accept` header, the one liked best first, refused ones not."""
    weighed = [_weighed(part) for part in (accept or "*/*").split(",")]
    liked = [one for one in weighed if one[1] > 0]
    return tuple(name for name, _ in sorted(liked, key=lambda one: -one[1]))


@lru_cache(maxsize=256)
def _form_of(accept: str, mode: Mode) -> Form | None:
    """Return the form liked best; of two liked as much, the one named first."""
    liked: list[tuple[float, Form]] = []
    refused: set[Form] = set()
    for part in (accept or "*/*").split(","):
        name, weight = _weighed(part)
        form = _form_named(name, mode)
        if form is not None and weight > 0:
            named: tuple[Form, ...] = (form, *_ANY.get(name, ()))
            liked.extend((weight, one) for one in named)
        elif form is not None and "*" not in name:
            refused.add(form)
    kept = [one for one in liked if one[1] not in refused]
    return max(kept, key=lambda one: one[0], default=(0.0, None))[1]


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (one.strip() for one in part.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.lower() == "q":
            try:
                return name.lower(), float(value)
            except ValueError:
                return name.lower(), 0.0
    return name.lower(), 1.0


def _form_named(name: str, mode: Mode) -> Form | None:
    return _FORMS.get(name) or (_LENIENT_FORMS.get(name) if mode == "lenient" else None)


def received_resource(request: Request, desk: Desk) -> Resource:
    """Return the resource that a request brings.

    Raises:
        Refused: Its media type is neither JSON nor XML of FHIR, or it makes a condition that is
            not taken here.
        Malformed: Its body is no resource.
    """
    if "if-none-exist" in request.headers and not request.interaction.is_conditional:
        message = "a condition is taken with a DocumentReference alone: leave it out"
        raise Refused(Fault("PARAMETER_UNKNOWN", message, "If-None-Exist"))
    form = _form_sent(request, desk.mode)
    bounds = desk.settings.bounds.body
    read = read_json if form == "json" else read_xml
    return desk.codec.arriving(read(request.body, bounds))


def received_patch(request: Request, desk: Desk) -> Json:
    """Return the patch that a request brings: operations of JSON Patch, or Parameters.

    Raises:
        Refused: Its media type is none of a patch.
        Malformed: Its body is no patch.
    """
    sent = _media_type(request)
    if sent == JSON_PATCH:
        return read_value(request.body, desk.settings.bounds.body)
    if _form_named(sent, desk.mode) is None:
        message = f"a patch is read as {JSON_PATCH}, {FHIR_JSON} or {FHIR_XML}: send one of them"
        raise Refused(Fault("UNSUPPORTED_MEDIA_TYPE", message, "Content-Type"))
    return received_resource(request, desk)


def _form_sent(request: Request, mode: Mode) -> Form:
    sent = _media_type(request)
    form = _form_named(sent, mode)
    if form is None or "/" not in sent or "*" in sent:
        message = f"a body is read as {FHIR_JSON} or {FHIR_XML}: send one of them"
        raise Refused(Fault("UNSUPPORTED_MEDIA_TYPE", message, "Content-Type"))
    return form


def _media_type(request: Request) -> str:
    """Return the media type of a body.

    Raises:
        Refused: The body is compressed.
    """
    if request.headers.get("content-encoding", _AS_IT_IS).strip().lower() != _AS_IT_IS:
        message = "a body is read as it is, not compressed: send it without Content-Encoding"
        raise Refused(Fault("UNSUPPORTED_MEDIA_TYPE", message, "Content-Encoding"))
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
