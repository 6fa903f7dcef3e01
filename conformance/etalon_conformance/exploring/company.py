"""The people of a sequence, on the target and in the model, where it starts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from etalon_conformance.asking import TransportSurprise
from etalon_conformance.bench import Bench
from etalon_conformance.directory_scene import mailbox_of
from etalon_conformance.races.stage import (
    AGREED_FOR,
    Deposit,
    Stage,
    actor_of,
    brought,
    online_service,
)
from etalon_conformance.rights_scene import BREAK_GLASS, REGULATOR, SAMU
from etalon_conformance.seeing import SEEN_BY_ALL, Kept
from etalon_conformance.specimens import Specimen, specimen
from etalon_model.actors import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    caregiver,
    holder,
    representative,
)
from etalon_model.catalogue.rehearsal import put_online
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.parameters import Parameters, vintage
from etalon_model.periods import paris_date
from etalon_model.sandbox import Sandbox, UnexpectedOutcomeError
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import ADULT, TestPerson, TestProfessional
from etalon_target.targets import Target

HOLDER: Final = "holder"
PHARMACIST: Final = "21"
PROFESSIONS: Final = {
    "author": "10",
    "reader": "10",
    "stranger": "10",
    "nurse": "60",
    "regulator": "10",
    "rescuer": "10",
    "pharmacist": PHARMACIST,
}
"""Profession of each professional of a sequence; nobody takes part in the care of anybody yet."""
_ROLES: Final = {"regulator": REGULATOR}
_MODES: Final = {"regulator": SAMU, "rescuer": BREAK_GLASS}
_OFFICES: Final = {"insurer": Who(ActorKind.INSURER), "system": Who(ActorKind.SYSTEM)}
"""Those who act for nobody."""
_AGES: Final = {"parent": 41, "child": 9, "friend": 35}
_OFFERING: Final[WeakKeyDictionary[Target, datetime]] = WeakKeyDictionary()
"""Targets on which no service came on line, and when: the criteria come into force later."""
_LATER: Final = timedelta(days=30)
_VINTAGE: Final = "steady-2023"


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a sequence starts.

    Attributes:
        state: Where the space of the person stands.
        has_friend: There is somebody whom the holder may ask for help.
        is_minor: The space is that of a child, for whom a parent decides.
        is_wide: More is done than with documents, and who may read them.
        age: Age of the person in years; 0 for that of most sequences.
    """

    state: State = State.OPEN_ACTIVE
    has_friend: bool = False
    is_minor: bool = False
    is_wide: bool = True
    age: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A conversation or a draft that was begun in a sequence.

    Attributes:
        ident: Its identifier on the target.
        number: Its number in the model.
        to: Address it goes to.
        subject: What it is about.
        text: What it says.
    """

    ident: str
    number: int
    to: str = ""
    subject: str = ""
    text: str = ""


@dataclass(slots=True)
class Company:
    """People before a sequence, and what they deposited and wrote in it.

    Attributes:
        stage: The people, and the model under each reading of the texts that is right.
        prepared: The documents that are deposited in it, by number, and their deposits.
        shelf: Those that the target took in, with where they are.
        is_wide: More is done than with documents, and who may read them.
        conversations: Those begun in it, in order.
        drafts: Those kept in it, in order.
        mailboxes: Addresses of the mailboxes of its professionals, by part.
        words: How many texts and values were made up in it.
        code: The last provisional code that the target told, or empty.
    """

    stage: Stage
    prepared: dict[int, tuple[Specimen, Deposit]] = field(
        default_factory=dict[int, "tuple[Specimen, Deposit]"]
    )
    shelf: dict[int, Kept] = field(default_factory=dict[int, Kept])
    is_wide: bool = True
    conversations: list[Written] = field(default_factory=list[Written])
    drafts: list[Written] = field(default_factory=list[Written])
    mailboxes: dict[str, str] = field(default_factory=dict[str, str])
    words: int = 0
    code: str = ""

    def mailbox(self, part: str) -> str:
        """Return the address of the mailbox of a professional, the model knowing it too.

        Raises:
            CannotTest: The directory of the target publishes none.
        """
        if part not in self.mailboxes:
            stage = self.stage
            one = stage.cast[part]
            try:
                address = mailbox_of(stage.bench, one)
            except TransportSurprise as error:
                raise CannotTest(key="cause.no_mailbox", rpps=one.rpps) from error
            is_pharmacy = one.profession == PHARMACIST
            actor, personal = stage.actors[part], MailboxType.PER
            for service in stage.readings:
                service.apply(PublishMailbox(stage.now, actor, "", address, personal, is_pharmacy))
            self.mailboxes[part] = address
        return self.mailboxes[part]

    def prepare(self, number: int, part: str, label: str) -> tuple[Specimen, Deposit]:
        """Return a document and its deposit, the same each time.

        Raises:
            CannotTest: The model makes nothing of it.
        """
        known = self.prepared.get(number)
        if known is None:
            stage, labels = self.stage, (label,) if label else ()
            author = stage.cast[part]
            one = specimen(stage.bench, stage.person, author, kind=SEEN_BY_ALL, labels=labels)
            known = self.prepared[number] = (one, stage.prepared([one], part))
        return known


def gathered(
    bench: Bench,
    opening: Opening,
    cast: dict[str, TestProfessional],
    parts: Collection[str] = tuple(PROFESSIONS),
) -> Company:
    """Make the people of a sequence.

    Args:
        bench: What they are asked for with.
        opening: Where it starts.
        cast: Professionals met before, by part; those that lack are added.
        parts: Which professionals there are.

    Raises:
        CannotTest: The target makes nobody like that.
    """
    parent = bench.person(age=_AGES["parent"]) if opening.is_minor else None
    age = opening.age or (ADULT if parent is None else _AGES["child"])
    person = bench.person(opening.state, age=age, guardian=parent)
    for part, profession in PROFESSIONS.items():
        if part in parts and part not in cast:
            cast[part] = bench.professional(profession)
    friend = bench.person(age=_AGES["friend"]) if opening.has_friend else None
    now = bench.now()
    those = [one for one in (parent, person, friend) if one is not None]
    boxes = [brought(those, one, now, {}) for one in readings_of(bench)]
    stage = Stage(
        bench=bench,
        person=person,
        whos=_whos(bench, person, parent, friend, cast),
        actors=_actors(person, parent, friend, cast),
        now=now,
        readings=tuple(box.service for box in boxes),
        cast=cast,
        friend=friend,
        parent=parent,
        solution=_solution(bench, boxes, now) if opening.has_friend else "",
    )
    return Company(stage, is_wide=opening.is_wide, code=person.provisional_code)


def _whos(
    bench: Bench,
    person: TestPerson,
    parent: TestPerson | None,
    friend: TestPerson | None,
    cast: Mapping[str, TestProfessional],
) -> dict[str, Who]:
    """Return who each part is, for the target; the parent of a child has the part of the holder."""
    holding = parent and bench.acting(ActorKind.REPRESENTATIVE, parent, person)
    found = {HOLDER: holding or person.who, **_OFFICES}
    if parent is not None:
        found["child"] = person.who
    for part, one in cast.items():
        found[part] = replace(one.who, role=_ROLES.get(part, ""), mode=_MODES.get(part, ""))
    if friend is not None:
        found["friend"] = bench.acting(ActorKind.CAREGIVER, friend, person)
        found["neighbour"] = friend.who
        found["pretender"] = bench.acting(ActorKind.REPRESENTATIVE, friend, person)
    return found


def _actors(
    person: TestPerson,
    parent: TestPerson | None,
    friend: TestPerson | None,
    cast: Mapping[str, TestProfessional],
) -> dict[str, Actor]:
    """Return who each part is, for the model."""
    found = {HOLDER: holder(person.ins) if parent is None else representative(parent.ins)}
    found |= {"insurer": INSURER, "system": SYSTEM}
    if parent is not None:
        found["child"] = holder(person.ins)
    for part, one in cast.items():
        found[part] = replace(actor_of(one), role=_ROLES.get(part, ""))
    if friend is not None:
        found["friend"] = caregiver(friend.ins)
        found["neighbour"] = holder(friend.ins)
        found["pretender"] = representative(friend.ins)
    return found


def _solution(bench: Bench, boxes: Sequence[Sandbox], now: datetime) -> str:
    """Return a service that is on line on the target and in the model, or nothing."""
    refused_at = _OFFERING.get(bench.target)
    if refused_at is not None and now < refused_at + _LATER:
        return ""
    try:
        solution = online_service(bench, now)
        for box in boxes:
            put_online(box, solution, until_on=paris_date(now + AGREED_FOR))
    except (CannotTest, UnexpectedOutcomeError):
        _OFFERING[bench.target] = now
        return ""
    return solution


def readings_of(bench: Bench) -> tuple[Parameters, ...]:
    """Return what the model goes by, once for each answer to who still sees what is masked (C1)."""
    known = vintage(str((bench.target.sandbox or {}).get("vintage") or _VINTAGE))
    other = replace(known.policies, masking_policy="product")
    return known, replace(known, policies=other)
