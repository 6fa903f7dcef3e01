"""Measures of a space for whoever decides for it: entered by hand, and read (MEA-10).

The wire is ours: no public text tells how the application of Mon espace santé asks for them.
"""

from typing import TYPE_CHECKING, Final, cast

from etalon_model.catalogue.measuring import EnterMeasure, ReadMeasures
from etalon_model.people import Person
from etalon_server.asking import changed, known_caller, known_person, told
from etalon_server.exchange import (
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    received_resource,
)
from etalon_server.measures.places import measures_in
from etalon_server.measures.showing import Showing
from etalon_server.records.reading import nothing_here
from etalon_server.records.searching import person_searched
from etalon_server.routes.life_cycle import asked
from etalon_wire.consents import named_patient
from etalon_wire.json_body import Json, Resource
from etalon_wire.measures.feeding import measure_of, read_entered
from etalon_wire.measures.kinds import profile_addresses
from etalon_wire.measures.showing import decider
from etalon_wire.operation_outcomes import Fault, gravest

if TYPE_CHECKING:
    from etalon_model.catalogue.measures import Measure

_GRAVE: Final = frozenset({"fatal", "error"})
_CREATED: Final = 201
_OBSERVATION: Final = "Observation"


async def enter_measure(desk: Desk, request: Request) -> Answer:
    """Keep a measure that somebody enters, and answer it as it now stands.

    Raises:
        Refused: It is not valid, is of somebody else, or the model refuses it.
        Malformed: It cannot be read.
    """
    sent = received_resource(request, desk)
    if sent.get("resourceType") != _OBSERVATION:
        raise Refused(Fault("PARAMETER_WRONG", "send one Observation", _OBSERVATION))
    person = _person(desk, request, sent)
    held, draft, findings = read_entered(sent, _OBSERVATION)
    if draft.profile in profile_addresses():
        findings += desk.validator.validate(held, draft.profile, desk.mode)
    if gravest(findings) in _GRAVE:
        raise Refused([one for one in findings if one.severity in _GRAVE])
    said = measure_of(draft)
    at, actor = desk.host.clock.now(), known_caller(request).actor
    command = EnterMeasure(
        at,
        actor,
        person.ins,
        said.code,
        said.taken_at,
        said.values,
        said.moment,
        said.days,
        said.comment,
    )
    entered = cast("Measure", await changed(desk, command))
    shown = next(_showing(desk, request, person).resources([entered]))
    address = f"{request.base}/{_OBSERVATION}/{shown['id']}"
    return answer_resource(request, desk, shown, _CREATED, (("Location", address),))


def _showing(desk: Desk, request: Request, person: Person) -> Showing:
    return Showing(desk, person.ins, decider(person.identity), request.base)


def _person(desk: Desk, request: Request, sent: Resource) -> Person:
    """Return whose measure it is.

    Raises:
        Refused: It names nobody, or somebody the token is not for.
    """
    asked_of: Resource = {"patient": sent.get("subject")}
    named = named_patient(asked_of, request.base)
    if named is None:
        message = "say whose measure it is, by matricule INS"
        raise Refused(Fault("PARAMETER_MISSING", message, "Observation.subject"))
    person = person_searched(desk, known_caller(request), named)
    if person is None:
        raise nothing_here()
    return person


async def read_measures(desk: Desk, request: Request) -> Answer:
    """Answer the measures of a kind, newest first, and the devices that took them.

    Raises:
        Refused: The model refuses it.
        Malformed: The parameters are not those of the operation.
    """
    command = cast("ReadMeasures", asked(desk, request))
    rows = cast("tuple[Measure, ...]", await told(desk, command))
    showing = _showing(desk, request, known_person(desk, command.ins))
    numbers = dict.fromkeys(row.device for row in rows if row.device is not None)
    devices = (shown for _, shown in showing.device_resources(numbers))
    entries = [_entry(request, one) for one in (*showing.resources(rows), *devices)]
    bundle: Resource = {"resourceType": "Bundle", "type": "collection"}
    if entries:
        bundle["entry"] = entries
    return answer_resource(request, desk, bundle)


def _entry(request: Request, one: Resource) -> Json:
    return {"fullUrl": f"{request.base}/{one['resourceType']}/{one['id']}", "resource": one}


async def read_measure(desk: Desk, request: Request) -> Answer:
    """Answer one measure at its address.

    Raises:
        Refused: There is none that who asks may read.
    """
    caller = known_caller(request)
    person = known_person(desk, caller.patient)
    reader = decider(person.identity)
    for rank, row in enumerate(measures_in(person).rows):
        if reader.observation_id(str(rank)) == request.places["id"]:
            at = desk.host.clock.now()
            await told(desk, ReadMeasures(at, caller.actor, person.ins, row.code))
            shown = next(_showing(desk, request, person).resources([row]))
            return answer_resource(request, desk, shown)
    raise nothing_here()
