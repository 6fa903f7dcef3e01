"""Rights: wishes as Consent, and the operations on who reads a record.

A Consent is not kept as it came: it is the state of the model, read again at each request. Whoever
decides for a space reads them all; a professional or a structure, only those about themselves. A
wish that is taken back has no address any more.
"""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from etalon_model import (
    AskAuthorisation,
    OpenRecord,
    Person,
    ReportAccess,
    UseFeature,
)
from etalon_model.rights.rights import standing_of
from etalon_server.asking import changed, known_caller, known_person, told
from etalon_server.exchange import (
    Answer,
    Desk,
    Handler,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_server.exporting import export_space
from etalon_server.records.paging import answer_page_of, page_asked
from etalon_server.records.reading import nothing_here
from etalon_server.records.searching import person_searched
from etalon_server.routes.life_cycle import asked, carry_out
from etalon_server.wish_messages import import_wishes
from etalon_wire.claims import Caller
from etalon_wire.consents import (
    Wish,
    consent_id,
    consent_resource,
    named_patient,
    wish_of,
)
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault, gravest
from etalon_wire.operations import Value, written_parameters
from etalon_wire.records.addresses import Named, key_of, record_key
from etalon_wire.records.search_parameters import is_strict
from etalon_wire.wish_search import read_wish_search
from etalon_wire.wishes import CARERS, command_of, concerns, wishes_of

if TYPE_CHECKING:
    from etalon_model import AccessReport, Authorisation

_READS_WISHES: Final = "manage_sharing"
_SHARES: Final = "connect_service"
_SHARING: Final = "app-sharing"
_PROFILE: Final = "mes-consent"
_GRAVE: Final = frozenset({"fatal", "error"})


async def give_consent(desk: Desk, request: Request) -> Answer:
    """Carry out what a Consent wishes, and answer it as it now stands."""
    wish, person, resource = await _wished(desk, request)
    address = f"{request.base}/Consent/{consent_id(person.ins, wish)}"
    return answer_resource(request, desk, resource, HTTPStatus.CREATED, (("Location", address),))


async def change_consent(desk: Desk, request: Request) -> Answer:
    """Carry out what the Consent at an address wishes now; `inactive` takes it back.

    Wishes have no versions: one that is asked for by its tag is never the one that stands.
    """
    if request.headers.get("if-match", "*").strip() != "*":
        message = "wishes have no versions: send it without the condition"
        raise Refused(Fault("VERSION_MISMATCH", message, "If-Match"))
    wish, person = _read(desk, request)
    if consent_id(person.ins, wish) != request.places["id"]:
        message = (
            "the Consent sent is not the one at this address: its patient, kind or party differ"
        )
        raise Refused(Fault("PARAMETER_WRONG", message, "Consent"))
    _, _, resource = await _wished(desk, request)
    return answer_resource(request, desk, resource)


async def _wished(desk: Desk, request: Request) -> tuple[Wish, Person, Resource]:
    """Carry out a wish; return it, whose it is, and the Consent that now stands for it."""
    wish, person = _read(desk, request)
    at, actor = desk.host.clock.now(), known_caller(request).actor
    policies = desk.host.parameters.policies
    command = command_of(wish, at, actor, person, policies)
    if isinstance(command, list):
        if wish.kind == _SHARING:
            # What is wrong depends on what is shared: who may not share is not told.
            await told(desk, UseFeature(at, actor, person.ins, _SHARES))
        raise Refused(command)
    await changed(desk, command)
    address = consent_id(person.ins, wish)
    standing = [
        one for one in wishes_of(person, policies) if consent_id(person.ins, one) == address
    ]
    now = standing[0] if standing else _taken_back(wish, at)
    return wish, person, consent_resource(person.identity, now)


def _taken_back(wish: Wish, at: datetime) -> Wish:
    """Return a wish that is no longer there."""
    return Wish(wish.kind, "withdrawn", wish.about, at)


def _read(desk: Desk, request: Request) -> tuple[Wish, Person]:
    """Return the wish that a request brings, and whose it is.

    Raises:
        Refused: It is not valid, names nobody, or somebody the token is not for.
        Malformed: It cannot be read.
    """
    resource = received_resource(request, desk)
    findings = desk.validator.validate(resource, _PROFILE, desk.mode)
    if gravest(findings) in _GRAVE:
        raise Refused([one for one in findings if one.severity in _GRAVE])
    named = named_patient(resource, request.base)
    if named is None:
        message = "say whose wish it is, by matricule INS"
        raise Refused(Fault("PARAMETER_MISSING", message, "Consent.patient"))
    return wish_of(resource), _person(desk, known_caller(request), named)


def _person(desk: Desk, caller: Caller, named: Named) -> Person:
    """Return the person whom a message names.

    Raises:
        Refused: Nobody, or somebody the token is not for.
    """
    person = person_searched(desk, caller, named)
    if person is None:
        raise nothing_here()
    return person


async def read_consent(desk: Desk, request: Request) -> Answer:
    """Answer one wish, to whoever may know of it."""
    key = key_of(request.places["id"])
    caller = known_caller(request)
    if key is None or (caller.patient and record_key(caller.patient) != key):
        raise nothing_here()
    person = desk.people.find(desk.host.service, key)
    if person is None:
        raise nothing_here()
    for wish in await _seen(desk, caller, person):
        if consent_id(person.ins, wish) == request.places["id"]:
            return answer_resource(request, desk, consent_resource(person.identity, wish))
    raise nothing_here()


async def find_consents(desk: Desk, request: Request) -> Answer:
    """Answer a page of the wishes of a person that their reader may know of."""
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_wish_search(request.query, base=request.base, strict=strict)
    if isinstance(search, Fault):
        raise Refused(search)
    caller = known_caller(request)
    person = person_searched(desk, caller, search.who)
    if person is None:
        # Nobody affiliated is answered like somebody without wishes about who asks.
        return answer_page_of(desk, request, search, (), dict)
    page_asked(desk, request, search)
    matching = [one for one in await _seen(desk, caller, person) if search.matches(one)]

    def resource_of(wish: Wish) -> Resource:
        return consent_resource(person.identity, wish)

    return answer_page_of(desk, request, search, matching, resource_of)


async def _seen(desk: Desk, caller: Caller, person: Person) -> list[Wish]:
    """Return the wishes that a caller may know of; that they asked leaves its trace.

    Raises:
        Refused: The model refuses the question.
    """
    at, actor = desk.host.clock.now(), caller.actor
    policies = desk.host.parameters.policies
    if actor.kind in CARERS:
        await told(desk, AskAuthorisation(at, actor, person.ins))
        return [one for one in wishes_of(person, policies) if concerns(one, actor.ident)]
    await told(desk, UseFeature(at, actor, person.ins, _READS_WISHES))
    return wishes_of(person, policies)


async def ask_authorisation(desk: Desk, request: Request) -> Answer:
    """Answer whether there is a record, and whether whoever asks may read it."""
    answer = cast("Authorisation", await told(desk, asked(desk, request)))
    return _answered(
        desk,
        request,
        {
            "exists": answer.exists,
            "status": answer.status.value,
            "attendingDoctor": answer.attending_doctor,
        },
    )


async def open_record(desk: Desk, request: Request) -> Answer:
    """Open a consultation and answer until when it lasts."""
    command = cast("OpenRecord", asked(desk, request))
    await changed(desk, command)
    standing = standing_of(known_person(desk, command.ins), command.actor.ident)
    until = None
    if standing is not None:
        until = standing.emergency_until if standing.emergency is command.mode else standing.until
    return _answered(desk, request, {"mode": command.mode.value, "until": until})


async def report_access(desk: Desk, request: Request) -> Answer:
    """Receive the report of an access, and answer when it was received."""
    command = cast("ReportAccess", asked(desk, request))
    answer = cast("AccessReport", await changed(desk, command))
    return _answered(desk, request, {"reportedAt": answer.at})


def _answered(desk: Desk, request: Request, values: Mapping[str, Value | None]) -> Answer:
    parameters = written_parameters(request.interaction.operation, values)
    return answer_resource(request, desk, parameters)


HANDLERS: Final[Mapping[str, Handler]] = {
    "export_space": export_space,
    "ask_authorisation": ask_authorisation,
    "open_record": open_record,
    "report_access": report_access,
    "join_care_team": carry_out,
    "leave_care_team": carry_out,
    "set_administrator": carry_out,
    "give_consent": give_consent,
    "find_consents": find_consents,
    "find_consents_by_form": find_consents,
    "read_consent": read_consent,
    "change_consent": change_consent,
    "import_wishes": import_wishes,
}
