"""The life of a space on the wire: operations, their answers, and what they refuse."""

import json
from collections.abc import Generator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from fhir.resources.R4B.patient import Patient

from etalon_model import State, holder, representative
from etalon_model.periods import paris_date
from etalon_wire.claims import actor_of
from etalon_wire.json_body import Json
from etalon_wire.records.addresses import person_id
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml
from in_process import Reply
from rights_scene import (
    FIRST,
    INSURER_ACTOR,
    LAUNCH,
    RightsScene,
    identified,
    said,
    state_of,
    treating,
)

VALIDATOR = Validator()
LAUNCH_DELAY = timedelta(seconds=LAUNCH.code_delay_seconds)
TERMS = LAUNCH.terms_on(paris_date(FIRST))


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """A server for the tests of this file, each with people of its own."""
    opened = RightsScene()
    yield opened
    opened.close()


def inputs(scene: RightsScene, ins: str) -> tuple[Json, ...]:
    """What the person with their card in hand types."""
    typed = scene.service.inputs(ins, scene.clock.now())
    return (
        said("nir", valueString=typed.nir),
        said("birthDate", valueDate=typed.birth_on.isoformat()),
        said("vitaleSerial", valueString=typed.vitale_serial),
    )


def code_in(reply: Reply) -> str:
    """The provisional code that an answer tells."""
    told = [one for one in reply.json["extension"] if one["url"].endswith(":provisional-code")]
    return str(told[0]["valueString"]) if told else ""


def informed(scene: RightsScene) -> tuple[str, str]:
    """Affiliate somebody and send them the notice; return their matricule and the code."""
    ins = scene.people.person()
    channel = said("channel", valueCode="email")
    reply = scene.operate(INSURER_ACTOR, "mes-notify-creation", identified(ins), channel)
    assert reply.status == 200, reply.body
    assert state_of(reply) == State.NOTIFIED
    return ins, code_in(reply)


def test_a_notice_answers_the_person_and_the_code_to_the_insurer_who_sends_it(
    scene: RightsScene,
) -> None:
    """The answer is a valid Patient, and others read it."""
    ins, code = informed(scene)
    reply = scene.operate(
        INSURER_ACTOR, "mes-report-undelivered", identified(ins), said("channel", valueCode="email")
    )

    assert code
    Patient.model_validate_json(reply.body)
    findings = VALIDATOR.validate(reply.json, "fr-core-patient-ins", "pdsm-strict")
    assert [one for one in findings if one.severity in {"fatal", "error", "warning"}] == []
    assert reply.json["active"] is False
    assert ins not in reply.json["id"]


@pytest.mark.requirement("W-CON-04")
def test_an_objection_needs_the_code_and_lasts(scene: RightsScene) -> None:
    """Without the code 422; with it the space is opposed; a second time 409 (W-CON-04)."""
    ins, code = informed(scene)
    typed = inputs(scene, ins)

    without = scene.operate(holder(ins), "mes-oppose", *typed)
    done = scene.operate(holder(ins), "mes-oppose", *typed, said("code", valueString=code))
    again = scene.operate(holder(ins), "mes-oppose", *typed, said("code", valueString=code))

    assert (without.status, done.status, again.status) == (422, 200, 409)
    assert state_of(done) == State.OPPOSED
    assert scene.service.state(ins) is State.OPPOSED
    assert again.json["issue"][0]["details"]["coding"][0]["code"] == "ALREADY_OPPOSED"


@pytest.mark.requirement("W-CON-03", "W-CON-04")
def test_a_space_is_activated_closed_and_told_to_be_erased(scene: RightsScene) -> None:
    """Every step answers where it stands; a code asked for is told to whoever sends it."""
    ins, code = informed(scene)
    terms = said("termsVersion", valueString=TERMS)
    mine = holder(ins)
    steps: list[tuple[str, tuple[Json, ...], State]] = [
        (
            "mes-activate",
            (*inputs(scene, ins), said("code", valueString=code), terms),
            State.OPEN_ACTIVE,
        ),
        ("mes-close", (said("passwordReentered", valueBoolean=True),), State.CLOSED_ARCHIVED),
        ("mes-request-erasure", (), State.DELETION_REQUESTED),
    ]

    for operation, parts, state in steps:
        reply = scene.operate(mine, operation, *parts)
        assert reply.status == 200, reply.body
        assert state_of(reply) == state
        assert reply.json["active"] is (state is State.OPEN_ACTIVE)

    scene.wait(LAUNCH_DELAY)
    asked = scene.operate(
        mine, "mes-regenerate-code", *inputs(scene, ins), said("by", valueCode="sms")
    )
    assert asked.status == 200, asked.body
    assert code_in(asked) == ""
    assert scene.service.person(ins).codes == 2


def test_franceconnect_stands_for_the_card_and_the_code(scene: RightsScene) -> None:
    """The means of the token counts, not what the parameters say."""
    ins, _ = informed(scene)
    terms = said("termsVersion", valueString=TERMS)
    path = "/fhir/Patient/$mes-activate"
    body: Json = {"resourceType": "Parameters", "parameter": [terms]}

    plain = scene.send(holder(ins), "POST", path, body)
    caller = replace(scene.caller(holder(ins)), means="franceconnect")
    connected = scene.ask(caller, "POST", path, json.dumps(body).encode())

    assert (plain.status, connected.status) == (422, 200)


def test_a_space_nobody_entered_is_closed_by_telephone(scene: RightsScene) -> None:
    """And the web closes only an activated one."""
    ins = scene.person(state=State.OPEN_INACTIVE)

    on_the_web = scene.operate(
        holder(ins), "mes-close", said("passwordReentered", valueBoolean=True)
    )
    by_phone = scene.operate(holder(ins), "mes-close", said("through", valueCode="phone"))

    assert (on_the_web.status, by_phone.status) == (409, 200)
    assert state_of(by_phone) == State.CLOSED_ARCHIVED


def test_the_insurer_suspends_and_gives_back_and_records_a_death(scene: RightsScene) -> None:
    """Three acts of the insurer, and the holder's objection."""
    ins = scene.person()
    fraud = said("reason", valueCode="fraud")

    suspended = scene.operate(INSURER_ACTOR, "mes-suspend", identified(ins), fraud)
    objected = scene.operate(holder(ins), "mes-object-to-suspension")
    scene.operate(INSURER_ACTOR, "mes-suspend", identified(ins), fraud)
    reinstated = scene.operate(INSURER_ACTOR, "mes-reinstate", identified(ins))
    dead = scene.operate(INSURER_ACTOR, "mes-record-death", identified(ins))

    assert [state_of(one) for one in (suspended, objected, reinstated, dead)] == [
        State.SUSPENDED,
        State.OPEN_ACTIVE,
        State.OPEN_ACTIVE,
        State.DECEASED,
    ]


def test_the_system_erases_and_closes_what_time_asks_for(scene: RightsScene) -> None:
    """In two steps where it was asked for; not before its time where it was not."""
    system = actor_of("system", "system")
    erased, archived = (scene.person() for _ in range(2))
    again = said("passwordReentered", valueBoolean=True)
    scene.operate(holder(erased), "mes-close", again, said("erase", valueBoolean=True))
    scene.operate(holder(archived), "mes-close", again)
    suspended = scene.person()
    fraud = said("reason", valueCode="fraud")
    scene.operate(INSURER_ACTOR, "mes-suspend", identified(suspended), fraud)
    early = [
        scene.operate(system, "mes-end-archive", identified(archived)),
        scene.operate(system, "mes-close-suspended", identified(suspended)),
        scene.operate(system, "mes-finish-erasure", identified(erased)),
    ]
    started = scene.operate(system, "mes-start-erasure", identified(erased))
    finished = scene.operate(system, "mes-finish-erasure", identified(erased))
    scene.clock.advance(timedelta(weeks=7))
    closed = scene.operate(system, "mes-close-suspended", identified(suspended))

    assert [one.status for one in early] == [409, 409, 409]
    assert [state_of(one) for one in (started, finished, closed)] == [
        State.DELETION_RUNNING,
        State.PURGED,
        State.CLOSED_ARCHIVED,
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"resourceType":"Patient"}', 400),
        (b'{"resourceType":"Parameters"}', 400),
        (b'{"resourceType":"Parameters","parameter":[{"name":"who"}]}', 400),
    ],
)
def test_parameters_that_are_none_are_refused_and_change_nothing(
    scene: RightsScene, body: bytes, status: int
) -> None:
    """An OperationOutcome says where; nothing is stored."""
    ins = scene.person()
    before = scene.service.digest(traces=True)
    reply = scene.ask(scene.caller(INSURER_ACTOR), "POST", "/fhir/Patient/$mes-suspend", body)

    assert reply.json["resourceType"] == "OperationOutcome"
    assert reply.status == status
    assert scene.service.digest(traces=True) == before
    assert scene.service.state(ins) is State.OPEN_ACTIVE


def test_a_token_for_one_space_does_nothing_to_another(scene: RightsScene) -> None:
    """Whatever the parameters say (W-COM-04)."""
    mine, other = scene.person(), scene.person()
    before = scene.service.digest(traces=True)

    reply = scene.operate(
        holder(mine), "mes-close", identified(other), said("passwordReentered", valueBoolean=True)
    )

    assert reply.status == 403
    assert other.encode() not in reply.body
    assert scene.service.digest(traces=True) == before


def test_somebody_nobody_knows_is_not_found_and_fills_no_memory(scene: RightsScene) -> None:
    """Asking for people who do not exist leaves nothing behind."""
    before = len(scene.service.turned_away)

    reply = scene.operate(INSURER_ACTOR, "mes-reinstate", identified("180017599999972"))

    assert reply.status == 404
    assert len(scene.service.turned_away) == before


def test_a_representative_acts_for_a_child_and_a_stranger_does_not(scene: RightsScene) -> None:
    """The relation decides, not the token's words."""
    parent = scene.person()
    child = scene.person(parent, born=date(2015, 5, 17))
    stranger = scene.person()
    again = said("passwordReentered", valueBoolean=True)

    refused = scene.operate(representative(stranger), "mes-close", again, of=child)
    closed = scene.operate(representative(parent), "mes-close", again, of=child)

    assert (refused.status, closed.status) == (403, 200)


def test_a_professional_may_not_suspend(scene: RightsScene) -> None:
    """A capacity that is not in the row is turned away before anything is read."""
    ins = scene.person()

    reply = scene.operate(
        treating(), "mes-suspend", identified(ins), said("reason", valueCode="fraud")
    )

    assert reply.status == 403
    assert scene.service.state(ins) is State.OPEN_ACTIVE


def test_an_operation_answers_in_xml_to_who_asks_for_it(scene: RightsScene) -> None:
    """Both forms (W-COM-01)."""
    ins = scene.person()
    body: Json = {
        "resourceType": "Parameters",
        "parameter": [identified(ins), said("reason", valueCode="fraud")],
    }

    sent = json.dumps(body).encode()
    path = "/fhir/Patient/$mes-suspend"
    reply = scene.ask(
        scene.caller(INSURER_ACTOR), "POST", path, sent, accept="application/fhir+xml"
    )

    assert reply.status == 200
    assert read_xml(reply.body)["id"] == person_id(ins)
