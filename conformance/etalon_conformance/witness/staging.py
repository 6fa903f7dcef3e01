"""Who a session needs, made before it begins: people, professionals, documents, wishes, a client.

All of it is asked of the witness like of any target, before the recorder is on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, Check
from etalon_conformance.deposits import bundle
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import BLOCK, wished
from etalon_conformance.seeing import SEEN_BY_ALL
from etalon_conformance.specimens import Specimen, specimen
from etalon_conformance.witness.scenario import Cast, Profile
from etalon_model.states import State
from etalon_target.cannot import CannotTest
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.people import TestPerson, TestProfessional
from etalon_target.targets import Target
from etalon_wire.json_body import Json, Resource, write_json

WRONG_KEY: Final = "unknown-ins"
"""Kind of a person whose matricule has a wrong key: nobody's."""
_OLD: Final = timedelta(days=1500)
_RECENT: Final = timedelta(days=40)
_CREATED: Final = frozenset({200, 201})
_OF_SERVICE: Final = ("client_id", "client_secret", "solution")

Player = TestPerson | TestProfessional


@dataclass(frozen=True, slots=True)
class Client:
    """The client that the software speaks as: registered for the session.

    Attributes:
        ident: Its identifier.
        secret: What it proves who it is with.
        solution: Object identifier of the referenced service that it is, or empty.
    """

    ident: str
    secret: str
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everybody of a session.

    Attributes:
        people: By the name that steps call them.
        client: The client that was registered.
        mailboxes: Name of a professional -> address of their mailbox, where mail is sent.
    """

    people: Mapping[str, Player]
    client: Client
    mailboxes: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def matricules(self) -> Mapping[str, str]:
        """Name of a person -> matricule."""
        held = self.people.items()
        return {name: one.ins for name, one in held if isinstance(one, TestPerson)}

    def identities(self) -> list[dict[str, Json]]:
        """Return everybody as `session.json` and drivers are told of them."""
        found = [_plain(name, one) for name, one in self.people.items()]
        named = ((one, self.mailboxes.get(str(one["name"]))) for one in found)
        return [one | ({"mailbox": mailbox} if mailbox else {}) for one, mailbox in named]


def _nothing(_bench: Bench) -> Iterator[Assertion]:
    return iter(())


def stage(profile: Profile, target: Target, seed: int, redirects: Sequence[str]) -> Stage:
    """Make everybody that a profile needs.

    Args:
        profile: The profile.
        target: The witness, reached.
        seed: Of every draw.
        redirects: Addresses that the client is to be sent back to after a login.

    Raises:
        CannotTest: Somebody cannot be made.
    """
    name = f"witness-{profile.name}"
    check = Check(
        name=name,
        requirements=("W-REC-03",),
        wire=Wire.OFFICIAL,
        needs=(),
        alone=True,
        suites=None,
        function=_nothing,
    )
    bench = Bench(target, check, seed)
    people: dict[str, Player] = {}
    for each in profile.people.values():
        people[each.name] = _made(bench, each, people)
    for each in profile.people.values():
        _related(bench, each, people)
    mailboxes = {
        name: mailbox_of(bench, one)
        for name, one in people.items()
        if profile.mails and isinstance(one, TestProfessional)
    }
    return Stage(people, registered(target, bench.tag, redirects, profile.uses), mailboxes)


def _made(bench: Bench, one: Cast, people: Mapping[str, Player]) -> Player:
    if one.kind == "professional":
        return bench.professional(one.profession)
    guardian = people.get(one.guardian)
    state = State(one.state)
    if one.kind == WRONG_KEY:
        person = bench.person(age=one.age)
        key = (int(person.ins[13:]) + 1) % 97 + 1
        return replace(person, ins=f"{person.ins[:13]}{key:02}", patient_id="")
    held = guardian if isinstance(guardian, TestPerson) else None
    return bench.person(state, age=one.age, guardian=held)


def _related(bench: Bench, one: Cast, people: Mapping[str, Player]) -> None:
    person = people[one.name]
    if not isinstance(person, TestPerson):
        return
    for name in one.treated_by:
        bench.relate("care_team", person, people[name])
    author = people.get(one.author)
    if isinstance(author, TestProfessional):
        for rank in range(one.documents + one.old_documents):
            _deposited(bench, _specimen(bench, person, author, is_old=rank >= one.documents))
    for kind in one.permits:
        wished(bench, person.who, person, kind, "permit")
    for name in one.blocks:
        blocked = people[name]
        if isinstance(blocked, TestProfessional):
            wished(bench, person.who, person, BLOCK, "deny", about=blocked)


def _specimen(
    bench: Bench, person: TestPerson, author: TestProfessional, *, is_old: bool
) -> Specimen:
    started = bench.now().replace(microsecond=0) - (_OLD if is_old else _RECENT)
    started -= timedelta(days=bench.random.randint(1, 200))
    return specimen(
        bench,
        person,
        author,
        kind=SEEN_BY_ALL,
        started=started,
        ended=started + timedelta(minutes=30),
        created=started + timedelta(minutes=45),
        dated=started + timedelta(hours=1),
    )


def _deposited(bench: Bench, one: Specimen) -> None:
    answer = bench.call(one.author.who, "POST", "", body=bundle(bench, [one]))
    if answer.status not in _CREATED:
        raise CannotTest(key="cause.refused", operation="provide_documents")


def registered(
    target: Target, name: str, redirects: Sequence[str], uses: Sequence[str] = ()
) -> Client:
    """Register the client that the software speaks as.

    Args:
        target: The witness, reached.
        name: What it is called.
        redirects: Addresses that it is to be sent back to after a login.
        uses: What a service of the catalogue asks for; with them it is referenced and put on line.

    Raises:
        CannotTest: It is refused.
    """
    if uses:
        return _referenced(target, redirects, uses)
    body: Resource = {
        "client_name": name,
        "redirect_uris": list(redirects),
        "token_endpoint_auth_method": "client_secret_post",
    }
    read = _told(target, "oauth2/register", body)
    if "client_id" not in read:
        raise CannotTest(key="cause.no_professional_login")
    return Client(str(read["client_id"]), str(read.get("client_secret") or ""))


def _referenced(target: Target, redirects: Sequence[str], uses: Sequence[str]) -> Client:
    asked: list[Json] = []
    for one in uses:
        purpose, family, direction = one.rsplit(maxsplit=2)
        asked.append({"purpose": purpose, "family": family, "direction": direction})
    read = _told(target, "sandbox/services", {"redirect_uris": list(redirects), "uses": asked})
    if "solution" not in read:
        raise CannotTest(key="cause.refused", operation="create_service")
    ident, secret, solution = (str(read[name]) for name in _OF_SERVICE)
    return Client(ident, secret, solution)


def _told(target: Target, path: str, body: Resource) -> Resource:
    headers = (("Content-Type", "application/json"), ("Accept", "application/json"))
    answer = target.send(HttpRequest("POST", f"root:/{path}", headers, write_json(body)))
    read = answer.json() if isinstance(answer, HttpResponse) else None
    return read if isinstance(read, dict) else {}


def restored(identities: Sequence[Mapping[str, Json]], client: Client) -> Stage:
    """Return the stage of a session that was stopped, from what it told of everybody."""
    mailboxes = {str(one["name"]): str(one["mailbox"]) for one in identities if "mailbox" in one}
    return Stage({str(one["name"]): _player(one) for one in identities}, client, mailboxes)


def _player(one: Mapping[str, Json]) -> Player:
    told = {name: str(value) for name, value in one.items()}
    if told["kind"] == "professional":
        return TestProfessional(
            rpps=told["ident"],
            idnps="",
            profession=told["profession"],
            family=told["family"],
            given=told["given"],
            structure=told["structure"],
            tag="",
        )
    return TestPerson(
        ins=told["ident"],
        oid=told["oid"],
        patient_id=told["patient_id"],
        family=told["family"],
        given=told["given"],
        sex=told["sex"],
        birth_date=date.fromisoformat(told["birth_date"]) if told["birth_date"] else None,
        department="",
        state=told["state"],
        vitale_serial=told["vitale_serial"],
        provisional_code=told["provisional_code"],
        guardian=told["guardian"],
        tag="",
    )


def _plain(name: str, one: Player) -> dict[str, Json]:
    if isinstance(one, TestProfessional):
        return {
            "name": name,
            "kind": "professional",
            "ident": one.rpps,
            "family": one.family,
            "given": one.given,
            "profession": one.profession,
            "structure": one.structure,
        }
    born = "" if one.birth_date is None else one.birth_date.isoformat()
    return {
        "name": name,
        "kind": "person",
        "ident": one.ins,
        "oid": one.oid,
        "patient_id": one.patient_id,
        "family": one.family,
        "given": one.given,
        "sex": one.sex,
        "birth_date": born,
        "state": one.state,
        "provisional_code": one.provisional_code,
        "vitale_serial": one.vitale_serial,
        "guardian": one.guardian,
    }
