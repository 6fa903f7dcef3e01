"""The controls of a sandbox lead where they say, by the rules, and refuse all else."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from etalon_model import (
    INSURER,
    Accepted,
    AccessMode,
    Activate,
    ActorKind,
    Affiliate,
    State,
    caregiver,
    holder,
)
from etalon_model.parameters import VINTAGES
from etalon_model.people import Contacts
from etalon_model.periods import is_younger
from etalon_model.professionals import professional_of
from etalon_model.rights.blocks import SetAdministrator
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.rights import standing_of
from etalon_model.sandbox import REHEARSED_STATES
from etalon_server.clock import RealClock
from etalon_server.exchange import Answer, Desk, Refused, Request
from etalon_server.routes.sandbox import HANDLERS
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.sandbox.form import read_form
from etalon_server.sandbox.people import populate
from etalon_server.sandbox.tokens import caller_asked
from etalon_wire.claims import Caller, scopes_for
from etalon_wire.interactions import interactions
from etalon_wire.malformed import LIMITS, Malformed
from etalon_wire.operation_outcomes import Fault
from hostile_scene import deposit, uuid_of
from sandbox_scene import SEED, ask, asked, desk_of, refusal
from served_town import served

LAUNCH: Final = FIRST_INSTANTS["launch-2022"]


@pytest.mark.parametrize(
    ("host", "public", "is_near"),
    [
        ("127.0.0.1:8080", "", True),
        ("[::1]:8080", "", True),
        ("localhost:8080", "", True),
        ("etalon:8080", "", True),
        ("health.localhost", "", True),
        ("reference.example.org", "https://reference.example.org", True),
        ("", "", True),
        ("reference.example.org", "", False),
        ("etalon.test", "", True),
        ("127.0.0.1.elsewhere.example.com:8080", "", False),
    ],
)
def test_controls_answer_to_no_name_of_the_web(host: str, public: str, *, is_near: bool) -> None:
    """A page whose name was made to point at this machine reaches no control."""
    desk = desk_of()
    desk.settings = replace(desk.settings, public_address=public)

    async def asked_under() -> Answer:
        row = interactions()["sandbox_state"]
        request = Request(
            row, row.verb, row.path, {}, (), {"host": host}, b"", None, "", "r1", "http://x/fhir"
        )
        return await HANDLERS["sandbox_state"](desk, request)

    if is_near:
        assert asyncio.run(asked_under()).status == 200
    else:
        with pytest.raises(Refused) as refused:
            asyncio.run(asked_under())
        assert isinstance(refused.value.reason, Fault)
        assert refused.value.reason.code == "CONTROL_UNAVAILABLE"


def test_a_key_that_is_not_known_is_told_those_that_are() -> None:
    """Those that may be left out as well; null is as good as left out."""
    desk = desk_of()
    with pytest.raises(Refused) as caught:
        ask(desk, "sandbox_people", {"cuont": 2, "sex": None})
    reason = caught.value.reason

    assert isinstance(reason, Fault)
    assert reason.expression == "cuont"
    keys = "age, count, department, documents, email, guardian, guardians, mobile, sex, state"
    assert reason.message.endswith(f"; keys are {keys}")
    assert len(ask(desk, "sandbox_people", {"sex": None, "guardian": None})) == 1


def test_every_control_of_the_table_has_its_handler_and_no_other() -> None:
    """By the names of the interaction table."""
    named = {row.name for row in interactions().values() if row.family == "sandbox"}

    assert set(HANDLERS) == named


@pytest.mark.parametrize("name", VINTAGES)
@pytest.mark.parametrize("state", REHEARSED_STATES)
@pytest.mark.parametrize("age", [9, 42])
def test_people_stand_where_they_were_asked_to_in_every_vintage(
    name: str, state: State, age: int
) -> None:
    """Adults and minors, from the first instant of the clock; nothing lies in the future."""
    desk = desk_of(name)

    made = ask(desk, "sandbox_people", {"state": state.value, "age": age})[0]

    service, now = desk.host.service, desk.host.clock.now()
    person = service.person(made["ins"])
    assert (made["state"], service.state(made["ins"])) == (state.value, state)
    assert person.seen_at <= now
    assert is_younger(person.identity.birth_on, age + 1, now)
    assert not is_younger(person.identity.birth_on, age, now)
    assert (made["guardian"] is None) == (age == 42)
    assert service.turned_away == ()


def test_people_under_the_real_clock_stand_there_too() -> None:
    """Whatever takes six weeks lies in their past."""
    desk = desk_of(clock=RealClock())
    before = datetime.now(UTC)

    made = ask(desk, "sandbox_people", {"state": "OPEN_INACTIVE"})[0]

    person = desk.host.service.person(made["ins"])
    assert person.opened_at is not None
    assert person.sent_at is not None
    assert before - timedelta(hours=2) < person.opened_at <= desk.host.clock.now()
    assert person.opened_at - person.sent_at >= timedelta(days=42, hours=-1)


def test_the_code_of_somebody_notified_opens_their_space() -> None:
    """The answer has what a person would have in hand."""
    desk = desk_of()
    made = ask(desk, "sandbox_people", {"state": "NOTIFIED"})[0]
    service, now, ins = desk.host.service, desk.host.clock.now(), made["ins"]
    inputs = service.inputs(ins, now)
    terms = desk.host.parameters.terms_on(now.date())

    outcome = service.apply(
        Activate(now, holder(ins), ins, inputs, made["provisional_code"], terms_version=terms)
    )

    assert isinstance(outcome, Accepted)
    assert inputs.vitale_serial == made["vitale_serial"]
    assert ask(desk, "sandbox_people", {"state": "OPEN_ACTIVE"})[0]["provisional_code"] is None


def test_a_code_that_is_no_longer_valid_is_not_answered() -> None:
    """Six weeks after the notice the space is open and the code is over."""
    assert (
        ask(desk_of(), "sandbox_people", {"state": "OPEN_INACTIVE"})[0]["provisional_code"] is None
    )


def test_a_matricule_that_somebody_has_is_passed_over() -> None:
    """Whoever comes next takes another, and those who are made together each their own."""
    asked_for = {"count": 3, "sex": "F", "state": "NOT_NOTIFIED"}
    twin = desk_of()
    listed = ask(twin, "sandbox_people", asked_for)
    second = twin.host.service.person(listed[1]["ins"]).identity
    desk = desk_of()
    reachable = Contacts(email=True, mobile=True)
    desk.host.service.apply(
        Affiliate(LAUNCH - timedelta(days=1), INSURER, second.ins, second, reachable)
    )

    made = ask(desk, "sandbox_people", asked_for)

    assert len({second.ins, *(one["ins"] for one in made)}) == 4


def test_many_people_are_all_different_even_when_asked_for_at_once() -> None:
    """In one call and in concurrent ones."""
    desk = desk_of()

    async def run() -> list[Answer]:
        body = {"count": 40, "sex": "F", "state": "NOT_NOTIFIED"}
        return await asyncio.gather(*(asked(desk, "sandbox_people", body) for _ in range(5)))

    made = [one["ins"] for answer in asyncio.run(run()) for one in json.loads(answer.body)]

    assert len(set(made)) == len(made) == len(desk.host.service) == 200


def test_a_guardian_may_be_named_and_represents_the_child() -> None:
    """The child counts among the profiles of the account."""
    desk = desk_of()
    guardian = ask(desk, "sandbox_people")[0]["ins"]

    child = ask(desk, "sandbox_people", {"age": 3, "guardian": guardian})[0]

    assert child["guardian"] == guardian
    assert desk.host.service.profiles(guardian) == (child["ins"],)


def test_what_the_rules_do_not_allow_is_refused_and_leaves_nobody() -> None:
    """Before the service was national, only the pilot départements were told."""
    desk = desk_of("pilot-2021")

    assert refusal(desk, "sandbox_people", {"department": "75", "count": 3}) == "OUT_OF_SCOPE"
    assert len(desk.host.service) == 0


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("sandbox_people", {"count": 0}, "PARAMETER_WRONG"),
        ("sandbox_people", {"count": 1_001}, "PARAMETER_WRONG"),
        ("sandbox_people", {"count": True}, "PARAMETER_WRONG"),
        ("sandbox_people", {"count": 1.5}, "PARAMETER_WRONG"),
        ("sandbox_people", {"state": "NOT_ELIGIBLE"}, "PARAMETER_WRONG"),
        ("sandbox_people", {"age": 111}, "PARAMETER_WRONG"),
        ("sandbox_people", {"sex": "X"}, "PARAMETER_WRONG"),
        ("sandbox_people", {"department": "20"}, "PARAMETER_WRONG"),
        ("sandbox_people", {"guardian": "180053191000228"}, "PARAMETER_WRONG"),
        ("sandbox_people", {"age": 3, "guardians": ["1"]}, "PARAMETER_WRONG"),
        ("sandbox_people", {"age": 3, "guardian": "1", "guardians": ["1"]}, "PARAMETER_WRONG"),
        ("sandbox_people", {"documents": 101}, "PARAMETER_WRONG"),
        ("sandbox_people", {"documents": 1, "state": "NOTIFIED"}, "PARAMETER_WRONG"),
        ("sandbox_people", {"email": "yes"}, "PARAMETER_WRONG"),
        ("sandbox_people", {"cuont": 2}, "PARAMETER_UNKNOWN"),
        ("sandbox_professionals", {"profession": "doctor"}, "PARAMETER_WRONG"),
        ("sandbox_professionals", {"count": 1_001}, "PARAMETER_WRONG"),
        ("sandbox_relations", {"kind": "care_team"}, "PARAMETER_MISSING"),
        ("sandbox_relations", {"kind": "friend"}, "PARAMETER_WRONG"),
        ("sandbox_relations", {"kind": "block", "holders": []}, "PARAMETER_WRONG"),
        (
            "sandbox_relations",
            {"kind": "block", "holder": "1", "holders": ["1"]},
            "PARAMETER_WRONG",
        ),
        ("sandbox_clock", {}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"set": "2030-01-01T00:00:00Z", "advance": "P1D"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"set": "2030-01-01T00:00:00"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"set": "tomorrow"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"set": "2020-01-01T00:00:00Z"}, "CONTROL_UNAVAILABLE"),
        ("sandbox_clock", {"advance": "P9999Y"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"advance": "P7000Y"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"set": "9000-01-01T00:00:00Z"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"advance": "PT999999999H"}, "PARAMETER_WRONG"),
        ("sandbox_clock", {"advance": "42"}, "PARAMETER_WRONG"),
        ("sandbox_notifications", {"people": []}, "PARAMETER_WRONG"),
        ("sandbox_notifications", {"people": [7]}, "PARAMETER_WRONG"),
        ("sandbox_notifications", {}, "PARAMETER_MISSING"),
        ("sandbox_faults", {"stall": True}, "PARAMETER_MISSING"),
        ("sandbox_faults", {"stall": 1, "for": "PT1S"}, "PARAMETER_WRONG"),
        ("sandbox_faults", {"error_share": 1.1}, "PARAMETER_WRONG"),
        ("sandbox_faults", {"error_share": -0.1}, "PARAMETER_WRONG"),
        ("sandbox_faults", {"slow_share": 0.5}, "PARAMETER_MISSING"),
        ("sandbox_faults", {"slow_share": 0.5, "by": "P1D"}, "PARAMETER_WRONG"),
        ("sandbox_faults", {"error_share": 0.5, "for": "PT25H"}, "PARAMETER_WRONG"),
        ("sandbox_faults", {"error_share": 0.5, "routes": "/fhir"}, "PARAMETER_WRONG"),
        ("sandbox_faults", {"errors": 0.5}, "PARAMETER_UNKNOWN"),
        ("sandbox_reset", {"all": True}, "PARAMETER_UNKNOWN"),
        ("sandbox_tokens", {"actor": {"kind": "holder"}}, "PARAMETER_MISSING"),
        ("sandbox_tokens", {"actor": {"kind": "holder", "ins": "1"}}, "PARAMETER_WRONG"),
        ("sandbox_tokens", {"actor": {"kind": "professional", "rpps": "1"}}, "PARAMETER_WRONG"),
        ("sandbox_tokens", {"actor": {"kind": "king"}}, "PARAMETER_WRONG"),
        ("sandbox_tokens", {"actor": "holder"}, "PARAMETER_WRONG"),
        ("sandbox_tokens", {"actor": {"kind": "insurer", "scope": "all"}}, "PARAMETER_WRONG"),
        ("sandbox_tokens", {"actor": {"kind": "insurer", "age": 3}}, "PARAMETER_UNKNOWN"),
    ],
)
def test_a_body_that_says_something_else_is_refused_and_changes_nothing(
    name: str, body: object, code: str
) -> None:
    """With the key in the message, and the same state as before."""
    desk = desk_of()
    before = desk.host.service.digest(traces=True), desk.host.clock.now()

    assert refusal(desk, name, body) == code

    assert before == (desk.host.service.digest(traces=True), desk.host.clock.now())
    assert desk.faults is not None
    assert desk.faults.of("/fhir") is None


@pytest.mark.parametrize("body", [b"[]", b"1", b"{", b'{"count": 1, "count": 2}', b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """Read as strictly as a resource."""
    with pytest.raises(Malformed):
        read_form(body, LIMITS)


def test_a_body_that_is_not_said_to_be_json_is_refused() -> None:
    """A form of a page in a browser, for one."""
    with pytest.raises(Refused) as caught:
        asyncio.run(asked(desk_of(), "sandbox_people", {}, "text/plain"))

    assert caught.value.reason == Fault(
        "UNSUPPORTED_MEDIA_TYPE",
        "a body of the sandbox is read as application/json: send it with that Content-Type",
        "Content-Type",
    )


def test_professionals_are_given_once_each_and_are_known_by_their_number() -> None:
    """With the profession asked for."""
    desk = desk_of()

    nurses = ask(desk, "sandbox_professionals", {"count": 3, "profession": "60"})
    nurses += ask(desk, "sandbox_professionals", {"profession": "60"})

    assert len({one["rpps"] for one in nurses}) == 4
    found = [professional_of(SEED, one["rpps"]) for one in nurses]
    assert {one.profession for one in found} == {"nurse"}
    assert [one.idnps for one in found] == [one["idnps"] for one in nurses]


def related(kind: str, *, age: int = 40, active_guest: bool = True) -> tuple[Desk, str, str]:
    """A relation made between somebody and a doctor or another person."""
    desk = desk_of()
    ins = ask(desk, "sandbox_people", {"age": age})[0]["ins"]
    if kind in {"caregiver", "representative"}:
        who = ask(desk, "sandbox_people")[0]["ins"] if active_guest else ins
    else:
        who = ask(desk, "sandbox_professionals")[0]["rpps"]
    ask(desk, "sandbox_relations", {"kind": kind, "holder": ins, "who": who})
    return desk, ins, who


def opens(desk: Desk, ins: str, rpps: str) -> bool:
    """Whether a professional may open the record."""
    actor = professional_of(SEED, rpps).actor()
    return isinstance(
        desk.host.service.apply(OpenRecord(desk.host.clock.now(), actor, ins)), Accepted
    )


@pytest.mark.parametrize(
    ("kind", "opened"),
    [("care_team", True), ("attending_doctor", True), ("consent", True), ("block", False)],
)
def test_a_relation_with_a_professional_decides_whether_they_read(
    kind: str, *, opened: bool
) -> None:
    """By the rules of the model."""
    assert opens(*related(kind)) is opened


def test_a_consent_takes_nobody_into_the_care_team() -> None:
    """It opens one consultation outside the team (decision 0041)."""
    desk, ins, rpps = related("consent")
    standing = standing_of(desk.host.service.person(ins), professional_of(SEED, rpps).idnps)

    assert standing is not None
    assert standing.consent is not None
    assert not standing.in_team


def test_a_block_ends_what_a_care_team_opened() -> None:
    """And an administrator cannot be made of somebody blocked."""
    desk, ins, rpps = related("care_team")
    ask(desk, "sandbox_relations", {"kind": "block", "holder": ins, "who": rpps})
    ident = professional_of(SEED, rpps).idnps

    assert not opens(desk, ins, rpps)
    made = SetAdministrator(desk.host.clock.now(), holder(ins), ins, ident)
    assert not isinstance(desk.host.service.apply(made), Accepted)


def test_a_caregiver_helps_and_a_second_representative_represents() -> None:
    """By invitation and answer."""
    desk, ins, who = related("caregiver")
    helped = desk.host.service.person(ins).dossier
    assert helped is not None
    assert helped.caregivers == (who,)

    desk, ins, who = related("representative", age=8)
    assert desk.host.service.person(ins).representatives[1:] == (who,)


def test_a_relation_that_the_rules_refuse_is_refused_under_its_code() -> None:
    """An adult has no representative; a professional nobody made is nobody."""
    desk = desk_of()
    ins, other = (ask(desk, "sandbox_people")[0]["ins"] for _ in range(2))

    body = {"kind": "representative", "holder": ins, "who": other}
    assert refusal(desk, "sandbox_relations", body) == "NOT_A_MINOR"
    body = {"kind": "care_team", "holder": ins, "who": "10000000001"}
    assert refusal(desk, "sandbox_relations", body) == "PARAMETER_WRONG"


def test_the_clock_is_set_and_advanced_in_civil_time() -> None:
    """Six weeks over the change of the hour keep the hour of Paris."""
    desk = desk_of()

    told = ask(desk, "sandbox_clock", {"set": "2022-02-20T09:00:00+01:00"})
    assert told == {"now": "2022-02-20T08:00:00Z"}
    told = ask(desk, "sandbox_clock", {"advance": "P42D"})
    assert told == {"now": "2022-04-03T07:00:00Z"}
    told = ask(desk, "sandbox_clock", {"advance": "PT90M0.5S"})
    assert told == {"now": "2022-04-03T08:30:00.500000Z"}


def test_the_real_clock_is_not_moved() -> None:
    """409, with what to do."""
    desk = desk_of(clock=RealClock())

    assert refusal(desk, "sandbox_clock", {"advance": "P1D"}) == "CONTROL_UNAVAILABLE"


def test_notices_are_sent_with_their_codes_or_say_why_not() -> None:
    """One who has an e-mail address gets no letter first."""
    desk = desk_of()
    by_mail = ask(desk, "sandbox_people", {"state": "NOT_NOTIFIED"})[0]["ins"]
    by_post = ask(desk, "sandbox_people", {"state": "NOT_NOTIFIED", "email": False})[0]["ins"]

    sent = ask(
        desk, "sandbox_notifications", {"people": [by_mail, by_post, "1"], "channel": "letter"}
    )

    assert [one.get("refused") for one in sent] == ["EMAIL_COMES_FIRST", None, "UNKNOWN_PERSON"]
    assert sent[1]["addressee"] == by_post
    assert len(sent[1]["code"]) == 12
    assert desk.host.service.state(by_post) is State.NOTIFIED
    assert desk.host.service.state(by_mail) is State.NOT_NOTIFIED


def test_what_was_told_about_somebody_is_read_again() -> None:
    """The closing of a space sends an acknowledgement, dated like it."""
    desk = desk_of()
    ins = ask(desk, "sandbox_people", {"state": "CLOSED_ARCHIVED"})[0]["ins"]
    opened = ask(desk, "sandbox_people", {})[0]["ins"]

    told = ask(desk, "sandbox_told", {"about": ins})["told"]

    assert [(one["code"], one["to"]) for one in told] == [("CLOSURE_ACK", ins)]
    assert datetime.fromisoformat(told[0]["at"]) <= desk.host.clock.now()
    assert ask(desk, "sandbox_told", {"about": opened}) == {"told": []}
    assert refusal(desk, "sandbox_told", {"about": "1"}) == "PARAMETER_WRONG"


def test_the_state_of_a_sandbox_says_what_it_is() -> None:
    """Without mail or mailboxes, since none is served."""
    told = ask(desk_of(), "sandbox_state")

    assert told["vintage"] == "launch-2022"
    assert (told["now"], told["clock"], told["seed"]) == ("2022-02-01T09:00:00Z", "manual", SEED)
    assert (told["smtp"], told["mailboxes"]) == (None, [])
    assert {"records", "consents", "identity", "life_cycle"} <= set(told["wires"])
    assert told["policies"]


def test_a_reset_leaves_nobody_and_the_clock_where_it_began() -> None:
    """And the same people come again, since they follow from the seed."""
    desk = desk_of()
    first = ask(desk, "sandbox_people")
    ask(desk, "sandbox_clock", {"advance": "P1D"})
    ask(desk, "sandbox_faults", {"error_share": 1})

    ask(desk, "sandbox_reset")

    assert len(desk.host.service) == 0
    assert desk.host.clock.now() == LAUNCH
    assert desk.faults is not None
    assert desk.faults.of("/fhir") is None
    assert ask(desk, "sandbox_people") == first


def test_a_service_with_a_directory_is_not_emptied(tmp_path: Path) -> None:
    """What was answered for is never dropped."""

    async def run() -> str:
        desk = desk_of(directory=tmp_path)
        await asked(desk, "sandbox_people")
        with pytest.raises(Refused) as caught:
            await asked(desk, "sandbox_reset")
        assert len(desk.host.service) == 1
        await desk.host.close()
        assert isinstance(caught.value.reason, Fault)
        return caught.value.reason.code

    assert asyncio.run(run()) == "CONTROL_UNAVAILABLE"


def test_without_a_sandbox_no_control_has_an_address() -> None:
    """As if the route were not there."""
    desk = desk_of()
    desk.faults = None

    for name in HANDLERS:
        assert refusal(desk, name, {}) == "NO_SUCH_ADDRESS"


def test_a_token_says_who_was_asked_for() -> None:
    """Kind, space, scopes, mode, level, certificate; for an hour."""
    desk = desk_of()
    ins, guest = (ask(desk, "sandbox_people")[0]["ins"] for _ in range(2))
    rpps = ask(desk, "sandbox_professionals")[0]["rpps"]

    def caller(**actor: object) -> Caller:
        body = json.dumps({"actor": actor}).encode()
        return caller_asked(read_form(body, LIMITS), desk.host, "thumb")

    own = caller(kind="holder", ins=ins)
    assert (own.actor, own.patient, own.thumbprint) == (holder(ins), ins, "thumb")
    assert own.expires_at == LAUNCH + timedelta(hours=1)
    assert own.scopes == frozenset(scopes_for(ActorKind.HOLDER))
    helping = caller(kind="caregiver", ins=guest, on_behalf_of=ins, level="high")
    assert (helping.actor, helping.patient) == (caregiver(guest), ins)
    assert helping.level == "high"
    doctor = caller(kind="professional", rpps=rpps, role="regulator", access_mode="samu")
    assert doctor.actor == professional_of(SEED, rpps).actor("regulator")
    assert (doctor.patient, doctor.mode, doctor.level) == ("", AccessMode.SAMU, "substantial")
    narrow = caller(kind="insurer", scope="system/Patient.r system/Patient.s")
    assert narrow.actor == INSURER
    assert narrow.scopes == {"system/Patient.r", "system/Patient.s"}


def test_after_a_reset_no_token_of_before_is_good_and_nothing_old_is_shown() -> None:
    """The same person comes again, and a document under the same identifier."""
    with served() as town:
        shown: list[tuple[str, str]] = []
        for title in ("Avant", "Après"):
            ins = town.person()
            rpps = town.doctor(ins)
            token = town.token("professional", rpps=rpps)
            body = json.dumps(deposit(ins, uuid_of(1), rpps, title)).encode()
            made = town.ask("POST", "/fhir/DocumentReference", body, token=token)
            place = f"/fhir/DocumentReference/{made.json['id']}"
            read = town.ask("GET", place, token=token).json
            shown.append((place, read["content"][0]["attachment"]["title"]))
            town.control("reset")
            assert town.ask("GET", place, token=token).status == 401

    (before, old), (after, new) = shown
    assert before == after
    assert (old, new) == ("Avant", "Après")


@pytest.mark.parametrize("name", VINTAGES)
def test_the_population_of_a_seed_is_served_and_only_added_to(name: str) -> None:
    """The same people whatever the order; minors are represented by the adult before them."""
    desk = desk_of(name)
    host = desk.host

    assert asyncio.run(populate(host, 10)) == 10
    assert asyncio.run(populate(host, 60)) == 50
    assert asyncio.run(populate(host, 60)) == 0

    other = desk_of(name).host
    asyncio.run(populate(other, 60))
    assert host.service.digest() == other.service.digest()
    assert len(host.service) == 60
    opened = host.service.transitions["T05"]
    assert (opened < 10) if name == "pilot-2021" else (opened == 60)
