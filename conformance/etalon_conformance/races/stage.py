"""The stage of a history: its people, on the target and in the model, standing where they start.

What the model knows of a test person is what the target told: their identity, and the state they
were brought to. A code that the target sent stands for the one that the model sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import sleep
from typing import TYPE_CHECKING, Final, cast
from weakref import WeakKeyDictionary

from etalon_conformance.bench import Bench
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.races.scene import Scene
from etalon_conformance.record_scene import (
    DOCUMENTS,
    UNIQUE_IDS,
    content_of,
    found,
    place_of,
    sent,
)
from etalon_conformance.seeing import SEEN_BY_ALL
from etalon_conformance.specimens import Specimen, specimen
from etalon_model.actors import Actor, ActorKind, caregiver, holder, professional
from etalon_model.catalogue.catalogue import Use
from etalon_model.catalogue.rehearsal import USES, put_online
from etalon_model.codes import provisional_code
from etalon_model.command import Command
from etalon_model.identities import Identity
from etalon_model.parameters import Parameters, vintage
from etalon_model.people import Contacts
from etalon_model.periods import paris_date
from etalon_model.policies import Policies
from etalon_model.records.deposit import Means
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.matrix import profession_of_role
from etalon_model.sandbox import Sandbox
from etalon_model.service import Service
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson, TestProfessional
from etalon_target.targets import Target
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.records.addresses import Named
from etalon_wire.records.plans import Depositing
from etalon_wire.records.provide_bundles import plan_of

if TYPE_CHECKING:
    from etalon_model.identities import Sex

SOLUTION: Final = "1.2.250.1.999.7.90"
"""Object identifier of the first referenced service of scenes: nobody owns it."""
USE: Final[Use] = USES[0]
_SEED: Final = 1
_HOUR: Final = timedelta(hours=1)
AGREED_FOR: Final = timedelta(days=3 * 365)
"""How long a service of scenes stays on line."""
_SOON: Final = timedelta(days=365)
_PROFESSIONALS: Final = frozenset({"author", "reader"})
_VINTAGE: Final = "steady-2023"
"""The vintage of a target that does not tell its own: the law as it stands."""
_TAKEN: Final = frozenset({200, 201})
_FIRST_WAIT: Final = 0.02
_LAST_WAIT: Final = 1.0
_ONLINE: Final[WeakKeyDictionary[Target, list[datetime]]] = WeakKeyDictionary()
"""Of each target, when the services of scenes were put on line on it."""


@dataclass(frozen=True, slots=True)
class Deposit:
    """A document that is to be deposited, as it goes over the wire and as the model is told.

    Attributes:
        body: The transaction, written.
        commands: What it asks of the model.
    """

    body: bytes
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A document that is there before the history.

    Attributes:
        unique_id: Its unique identifier.
        place: Address of its description, below the base.
        content: Address of its bytes.
        rank: Rank of its code of visibility among its labels, or -1.
    """

    unique_id: str
    place: str
    content: str
    rank: int


@dataclass(kw_only=True)
class Stage:
    """Where a history starts.

    Attributes:
        bench: What the people were asked for with.
        person: Whose space it is.
        whos: Who each role is, for the target.
        actors: Who each role is, for the model.
        now: The instant of the target (UTC).
        readings: The service of the model, once for each reading of the texts that is right.
        shelved: The documents that are there before.
        deposits: Documents to deposit, by client and rank.
        code: The code that the model sent.
        friend: Somebody whom the holder may ask for help, or None.
        parent: Who represents the holder, a minor, or None.
        cast: The professionals of the scene.
        solution: Object identifier of the referenced service, or empty.
    """

    bench: Bench
    person: TestPerson
    whos: Mapping[str, Who]
    actors: Mapping[str, Actor]
    now: datetime
    readings: tuple[Service, ...]
    cast: Mapping[str, TestProfessional]
    friend: TestPerson | None = None
    shelved: tuple[Shelved, ...] = ()
    deposits: dict[tuple[str, int], Deposit] = field(default_factory=dict[tuple[str, int], Deposit])
    code: str = ""
    solution: str = ""
    parent: TestPerson | None = None

    @property
    def ins(self) -> str:
        """Matricule of the person."""
        return self.person.ins

    def deposit_of(self, client: str, rank: int, role: str) -> Deposit:
        """Return the document that a client deposits at a rank, always the same."""
        known = self.deposits.get((client, rank))
        if known is None:
            one = specimen(self.bench, self.person, self.cast[role], kind=SEEN_BY_ALL)
            known = self.deposits[client, rank] = self.prepared([one], role)
        return known

    def prepared(self, specimens: Sequence[Specimen], role: str) -> Deposit:
        """Return a deposit, ready to be sent.

        Raises:
            CannotTest: The model makes nothing of it.
        """
        whole = bundle(self.bench, specimens)
        return Deposit(write_json(whole), self._commands(whole, self.actors[role]))

    def _commands(self, whole: Resource, actor: Actor) -> tuple[Command, ...]:
        identity = self.readings[0].person(self.ins).identity

        def find(named: Named) -> Identity | None:
            return identity if named.ins == identity.ins else None

        who = Depositing(self.now, actor, Means.PRO_SANTE_CONNECT, find, lambda _: "")
        plan = plan_of(whole, who)
        if isinstance(plan, list):
            raise CannotTest(key="cause.no_model", problem=plan[0].message)
        return tuple(step.command for step in plan.steps)


def staged(bench: Bench, scene: Scene, cast: dict[str, TestProfessional]) -> Stage:
    """Make the people of a history and bring them where it starts.

    Args:
        bench: What they are asked for with.
        scene: The scene.
        cast: Professionals met before, by role; those that lack are added.

    Raises:
        CannotTest: The target makes nobody like that, or does not take what is there before.
    """
    person = bench.person(scene.state)
    team = sorted(_PROFESSIONALS & (scene.roles | ({"author"} if scene.documents else set())))
    for role in team:
        if role not in cast:
            cast[role] = bench.professional()
        if scene.state is State.OPEN_ACTIVE:
            bench.relate("care_team", person, cast[role])
    friend = bench.person(age=35) if "friend" in scene.roles else None
    stage = _opened(bench, person, friend, {role: cast[role] for role in team}, scene)
    if scene.state is State.NOTIFIED:
        codes = stage.readings[0].person(person.ins).codes
        stage.code = model_code(person.ins, codes - 1)
    if scene.documents:
        _shelve(stage, scene)
    for role in scene.roles:
        _logged_in(bench, stage.whos[role])
    return stage


def _opened(
    bench: Bench,
    person: TestPerson,
    friend: TestPerson | None,
    cast: Mapping[str, TestProfessional],
    scene: Scene,
) -> Stage:
    """Return the stage with its people in the model, where they stand on the target."""
    now = bench.now()
    boxes = [brought((person, friend), made, now, cast) for made in _readings(bench, scene)]
    solution = ""
    if any("pair" in menu for menu in scene.clients.values()):
        solution = online_service(bench, now)
        for box in boxes:
            put_online(box, solution, until_on=paris_date(now + AGREED_FOR))
    whos = {"holder": person.who, **{role: one.who for role, one in cast.items()}}
    actors = {"holder": holder(person.ins), **{role: actor_of(one) for role, one in cast.items()}}
    if friend is not None:
        whos["friend"] = bench.acting(ActorKind.CAREGIVER, friend, person)
        actors["friend"] = caregiver(friend.ins)
    return Stage(
        bench=bench,
        person=person,
        whos=whos,
        actors=actors,
        now=now,
        readings=tuple(box.service for box in boxes),
        cast=cast,
        friend=friend,
        solution=solution,
    )


def _logged_in(bench: Bench, who: Who) -> None:
    """Have a token at hand, so that no client waits for one; who gets none is refused later."""
    try:
        bench.token(who)
    except CannotTest:
        if who.kind is not ActorKind.CAREGIVER:
            raise


def model_code(ins: str, rank: int) -> str:
    """Return the code number `rank`, from 0, that the model sends to somebody."""
    return provisional_code(_SEED, ins, rank)


def actor_of(one: TestProfessional) -> Actor:
    """Return a professional as the model names them (ID-03: 8 and the RPPS number)."""
    return professional(f"8{one.rpps}", profession_of_role(one.profession))


def _readings(bench: Bench, scene: Scene) -> tuple[Parameters, ...]:
    """Return what the model goes by, once for each answer to who still sees what is masked (C1)."""
    told = str((bench.target.sandbox or {}).get("vintage") or _VINTAGE)
    known = vintage(told)
    acts = {act.partition(" ")[0] for menu in scene.clients.values() for act in menu}
    if not acts & {"mask", "unmask"}:
        return (known,)
    return known, replace(known, policies=Policies(masking_policy="product"))


def brought(
    people: Sequence[TestPerson | None],
    parameters: Parameters,
    now: datetime,
    cast: Mapping[str, TestProfessional],
) -> Sandbox:
    """Return a service of the model in which everybody stands where they stand on the target."""
    known = [one for one in people if one is not None]
    start = now - _HOUR
    while True:
        box = Sandbox(parameters, seed=_SEED, now=start)
        for one in known:
            above = (one.guardian,) if one.guardian else ()
            box.admit(identity_of(one), Contacts(email=True, mobile=True), *above)
            box.bring(one.ins, State(one.state))
        if box.now <= now:
            break
        start -= box.now - now
    box.now = now
    if State(known[0].state) is State.OPEN_ACTIVE:
        for each in cast.values():
            box.do(JoinCareTeam(now, actor_of(each), known[0].ins, informed=True))
    return box


def identity_of(one: TestPerson) -> Identity:
    """Return who a test person is, for the model.

    Raises:
        CannotTest: The target told too little of them.
    """
    if one.birth_date is None or not one.sex:
        raise CannotTest(key="cause.no_card", person=one.label or "-")
    serial = one.vitale_serial or "00000000000"
    sex = cast("Sex", one.sex)
    return Identity(0, one.ins, one.oid, one.birth_date, sex, one.department or "75", serial)


def _shelve(stage: Stage, scene: Scene) -> None:
    """Deposit what is there before, and find where it is."""
    bench, author = stage.bench, stage.cast["author"]
    those = [
        specimen(bench, stage.person, author, kind=SEEN_BY_ALL, labels=(label,) if label else ())
        for label in scene.documents
    ]
    deposit = stage.prepared(those, "author")
    if not _in_time(lambda: sent(bench, author.who, deposit.body).status in _TAKEN):
        raise CannotTest(key="cause.refused", operation="deposit")
    for service in stage.readings:
        for command in deposit.commands:
            service.apply(command)
    names = {one.unique_id for one in those}
    pages: list[Exchange] = []

    def is_found() -> bool:
        pages[:] = found(bench, author.who, stage.person)
        return names <= {name for page in pages for name in page.value(UNIQUE_IDS)}

    if not _in_time(is_found):
        raise CannotTest(key="cause.refused", operation="search")
    stage.shelved = tuple(
        _shelved(bench, pages, one, label)
        for one, label in zip(those, scene.documents, strict=True)
    )


def _in_time(is_so: Callable[[], bool]) -> bool:
    """Ask until something is so: where people stand may be known late, and clients come after."""
    waits = _FIRST_WAIT
    while not is_so():
        if waits > _LAST_WAIT:
            return False
        sleep(waits)
        waits *= 2
    return True


def _shelved(bench: Bench, pages: Sequence[Exchange], one: Specimen, label: str) -> Shelved:
    for page in pages:
        place = place_of(page, one.unique_id)
        if place:
            chosen = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}]"
            labels = page.value(f"{chosen}.securityLabel.coding.code")
            rank = labels.index(label) if label in labels else -1
            return Shelved(one.unique_id, place, content_of(bench, page, one.unique_id), rank)
    raise CannotTest(key="cause.refused", operation="search")


def online_service(bench: Bench, now: datetime) -> str:
    """Return the object identifier of a service that stays on line for years on the target.

    It is referenced where none is yet, and anew once the clock was moved past the first of them.

    Raises:
        CannotTest: The target has no such control.
    """
    since = _ONLINE.setdefault(bench.target, [])
    if since and now < since[-1] + AGREED_FOR - _SOON:
        return _solution(len(since))
    if not bench.target.sandbox_address:
        raise CannotTest(key="target.no_sandbox", control="services")
    address, solution = f"{bench.target.sandbox_address}/services", _solution(len(since) + 1)
    uses: list[Json] = [
        {"purpose": use.purpose, "family": use.family.value, "direction": use.direction.value}
        for use in USES
    ]
    body: Json = {"id": solution, "redirect_uris": ["https://service.example/back"], "uses": uses}
    answer = bench.call(None, "POST", address, body=body, content_type="application/json")
    if answer.status not in _TAKEN:
        raise CannotTest(key="cause.refused", operation="services")
    since.append(now)
    return solution


def _solution(rank: int) -> str:
    return SOLUTION if rank == 1 else f"{SOLUTION}.{rank}"
