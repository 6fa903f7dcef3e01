"""Whatever is asked, by whomever, whenever: what stays true."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from etalon_model import (
    INSURER,
    SYSTEM,
    Accepted,
    Activate,
    Actor,
    ActorKind,
    AnswerInvitation,
    Channel,
    CloseSpace,
    CloseSuspended,
    CloseThroughSupport,
    ComeOfAge,
    Command,
    CreateLegacyRecord,
    DeclareNotRepresentative,
    Dossier,
    EndArchive,
    FeedSpace,
    FinishErasure,
    InviteCaregiver,
    LogIn,
    ObjectToSuspension,
    OpenAutomatically,
    Oppose,
    Outcome,
    Person,
    ReadSpace,
    RecordDeath,
    RegenerateCode,
    Reinstate,
    ReportBounce,
    ReportOpeningFailure,
    ReportUndelivered,
    RequestErasure,
    Route,
    SendNotice,
    StartErasure,
    State,
    Suspend,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.codes import provisional_code
from etalon_model.sandbox import Sandbox
from etalon_model.states import ACCESS, TRANSITIONS

DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
CLOSED = [state for state in State if not ACCESS[state].professionals_read]
SEED = 1
Maker = Callable[["Town", str, Actor], Command]


def last_code(box: Sandbox, ins: str) -> str:
    """Return the last code of the person, as its addressee would read it."""
    return provisional_code(SEED, ins, box.service.person(ins).codes - 1)


MAKERS: dict[str, Maker] = {
    "e-mail": lambda b, i, a: SendNotice(b.now, a, i, Channel.EMAIL),
    "letter": lambda b, i, a: SendNotice(b.now, a, i, Channel.LETTER),
    "bounce": lambda b, i, a: ReportBounce(b.now, a, i),
    "return": lambda b, i, a: ReportUndelivered(b.now, a, i),
    "code": lambda b, i, a: RegenerateCode(b.now, a, i, b.service.inputs(i, b.now), "sms"),
    "oppose": lambda b, i, a: Oppose(
        b.now, a, i, Route.WEB, b.service.inputs(i, b.now), last_code(b, i)
    ),
    "call": lambda b, i, a: Oppose(b.now, a, i, Route.PHONE, b.service.inputs(i, b.now)),
    "activate": lambda b, i, a: Activate(
        b.now, a, i, b.service.inputs(i, b.now), last_code(b, i), terms_version="1"
    ),
    "connect": lambda b, i, a: Activate(b.now, a, i, None, franceconnect=True, terms_version="1"),
    "open": lambda b, i, a: OpenAutomatically(b.now, a, i),
    "fail": lambda b, i, a: ReportOpeningFailure(b.now, a, i),
    "declare": lambda b, i, a: DeclareNotRepresentative(b.now, a, i),
    "close": lambda b, i, a: CloseSpace(b.now, a, i, Route.WEB, password_reentered=True),
    "close for good": lambda b, i, a: CloseSpace(
        b.now, a, i, Route.WEB, password_reentered=True, erase=True
    ),
    "close by phone": lambda b, i, a: CloseThroughSupport(b.now, a, i, Route.PHONE),
    "ask erasure": lambda b, i, a: RequestErasure(b.now, a, i),
    "start erasure": lambda b, i, a: StartErasure(b.now, a, i),
    "finish erasure": lambda b, i, a: FinishErasure(b.now, a, i),
    "end archive": lambda b, i, a: EndArchive(b.now, a, i),
    "suspend": lambda b, i, a: Suspend(b.now, a, i, "fraud"),
    "object": lambda b, i, a: ObjectToSuspension(b.now, a, i),
    "reinstate": lambda b, i, a: Reinstate(b.now, a, i),
    "close suspended": lambda b, i, a: CloseSuspended(b.now, a, i),
    "die": lambda b, i, a: RecordDeath(b.now, a, i),
    "come of age": lambda b, i, a: ComeOfAge(b.now, a, i),
    "invite": lambda b, i, a: InviteCaregiver(b.now, a, i, b.friend_of(i)),
    "accept": lambda b, i, a: AnswerInvitation(b.now, a, i, accept=True),
    "legacy": lambda b, i, a: CreateLegacyRecord(b.now, a, i, 2, Route.COUNTER),
    "feed": lambda b, i, a: FeedSpace(b.now, a, i),
    "log in": lambda b, i, a: LogIn(b.now, a, i),
}
# The acts most often possible come more often, so that walks go far.
# What may well succeed in a state; the others are tried too, more rarely.
APT = {
    State.NOT_NOTIFIED: ["e-mail", "letter"],
    State.NOTIFIED: [
        *["bounce", "letter", "return", "code", "oppose", "call", "activate", "connect"],
        *["open", "open", "fail", "declare"],
    ],
    State.OPPOSED: ["code", "activate", "connect"],
    State.OPEN_INACTIVE: ["code", "activate", "connect", "close by phone", "suspend", "feed"],
    State.OPEN_ACTIVE: [
        *["close", "close for good", "suspend", "invite", "accept", "log in", "feed"],
        *["come of age", "invite", "accept"],
    ],
    State.SUSPENDED: ["object", "reinstate", "close suspended"],
    State.CLOSED_ARCHIVED: ["code", "connect", "activate", "ask erasure", "end archive"],
    State.DELETION_REQUESTED: ["code", "activate", "connect", "start erasure"],
    State.DELETION_RUNNING: ["finish erasure"],
    State.PURGED: ["code", "activate", "connect"],
    State.DECEASED: ["end archive"],
}
SHORT_WAITS = [timedelta(0), timedelta(seconds=30), timedelta(minutes=5), timedelta(days=1)]
WAITS = {
    "open": timedelta(days=43),
    "close suspended": timedelta(days=43),
    "end archive": timedelta(days=3660),
    "come of age": timedelta(days=366),
}
SYSTEM_ACTS = {"end archive", "come of age"}
INSURER_ACTS = {
    *["e-mail", "letter", "bounce", "return", "open", "fail", "suspend", "reinstate", "die"],
    *["start erasure", "finish erasure", "close suspended"],
}
WALKS = st.integers(0, 2**32)
STEPS = 60


class Town(Sandbox):
    """A parent, two twins nearly grown up, a protected adult and a friend."""

    def __init__(self) -> None:
        """Affiliate them all."""
        super().__init__(vintage("launch-2022"), seed=SEED)
        parent = self.person(email=False)
        twins = [self.person(parent, born=date(2005, 2, 1)) for _ in range(2)]
        self.people = [parent, *twins, self.person(protected_by=parent), self.person()]

    def friend_of(self, ins: str) -> str:
        """Return the friend of everybody but themselves."""
        return self.people[-1] if ins != self.people[-1] else self.people[-2]


def right_actor(town: Town, name: str, ins: str) -> Actor:
    """Return who may do an act, as far as the act says."""
    if name in SYSTEM_ACTS:
        return SYSTEM
    if name in INSURER_ACTS:
        return INSURER
    if name == "feed":
        return DOCTOR
    if name == "accept":
        return caregiver(town.friend_of(ins))
    return town.decider(ins)


def next_act(chance: Random, state: State) -> str:
    """Return an act that is apt in the state, most often."""
    if chance.random() < 0.02:
        return "die"
    if chance.random() < 0.75:
        return chance.choice(APT[state])
    return chance.choice(sorted(MAKERS.keys() - {"die"}))


def memory(person: Person) -> dict[str, object]:
    """Return what the service remembers of somebody, the log apart."""
    kept: dict[str, object] = {
        field.name: getattr(person, field.name)
        for field in fields(Person)
        if field.name not in {"log", "seen_at", "dossier"}
    }
    dossier = person.dossier or Dossier()
    return kept | {field.name: repr(getattr(dossier, field.name)) for field in fields(Dossier)}


@dataclass(frozen=True, slots=True)
class Seen:
    """A step of a walk: the command, what stood before it, and its outcome."""

    box: Town
    ins: str
    command: Command
    before: dict[str, object]
    rows: int
    got: Outcome


def walked(seed: int, after_each: Callable[[Seen], object]) -> Town:
    """Walk the town by chance from `seed`; call back after each step."""
    chance = Random(seed)  # noqa: S311 (a walk, no secret)
    town = Town()
    for _ in range(STEPS):
        ins = chance.choice(town.people)
        name = next_act(chance, town.service.state(ins))
        town.wait(WAITS.get(name, timedelta(0)) if chance.random() < 0.7 else timedelta(0))
        town.wait(chance.choice(SHORT_WAITS))
        right = right_actor(town, name, ins)
        strangers = [INSURER, SYSTEM, DOCTOR, representative(town.people[0])]
        actor = right if chance.random() < 0.85 else chance.choice(strangers)
        command = MAKERS[name](town, ins, actor)
        before = memory(town.service.person(ins))
        rows = len(town.service.log(ins))
        outcome = town.service.apply(command)
        after_each(Seen(town, ins, command, before, rows, outcome))
    return town


@given(WALKS)
def test_a_refusal_changes_nothing_and_every_command_leaves_one_row(seed: int) -> None:
    """The row names the command, and the refusal's code when there is one."""

    def check(seen: Seen) -> None:
        box, ins, command, got = seen.box, seen.ins, seen.command, seen.got
        log = box.service.log(ins)
        assert len(log) == seen.rows + 1
        assert log[-1].deed.action == type(command).__name__
        assert log[-1].actor == command.actor
        if isinstance(got, Accepted):
            assert log[-1].deed.refused == ""
        else:
            assert log[-1].deed.refused == got.code
            assert memory(box.service.person(ins)) == seen.before
            assert got.rule in got.message

    walked(seed, check)


@given(WALKS)
def test_an_opposed_person_has_no_space_until_they_ask_for_one(seed: int) -> None:
    """Only an activation leads out of OPPOSED, or death."""

    def check(seen: Seen) -> None:
        if seen.before["state"] is State.OPPOSED:
            after = seen.box.service.state(seen.ins)
            ways_out = {State.OPEN_ACTIVE: Activate, State.DECEASED: RecordDeath}
            assert after is State.OPPOSED or isinstance(seen.command, ways_out[after])

    walked(seed, check)


@given(WALKS)
def test_a_space_that_is_not_open_is_read_by_nobody(seed: int) -> None:
    """Neither holder, representative, caregiver nor professional; opponents' old records apart."""

    def check(seen: Seen) -> None:
        box, ins = seen.box, seen.ins
        person = box.service.person(ins)
        legacy = person.dossier is not None and person.dossier.legacy_documents is not None
        if person.state not in CLOSED or (person.state is State.OPPOSED and legacy):
            return
        readers = [holder(ins), box.decider(ins), DOCTOR, INSURER]
        for reader in [*readers, *(caregiver(guest) for guest in _guests(person))]:
            assert box.refusal(ReadSpace(box.now, reader, ins))[0] == "LIF-12"

    walked(seed, check)


def _guests(person: Person) -> tuple[str, ...]:
    return person.dossier.caregivers if person.dossier is not None else ()


@given(WALKS)
def test_a_space_opens_by_silence_only_after_a_notice_and_its_whole_window(seed: int) -> None:
    """Whatever happened before."""

    def check(seen: Seen) -> None:
        command = seen.command
        if isinstance(command, OpenAutomatically) and isinstance(seen.got, Accepted):
            person = seen.box.service.person(seen.ins)
            assert seen.before["state"] is State.NOTIFIED
            assert person.sent_at is not None
            assert command.at >= person.sent_at + timedelta(days=42, hours=-1)

    walked(seed, check)


@given(WALKS)
def test_the_same_commands_give_the_same_answers(seed: int) -> None:
    """Two services with one seed agree on every outcome."""
    first: list[Outcome] = []
    second: list[Outcome] = []

    walked(seed, lambda seen: first.append(seen.got))
    walked(seed, lambda seen: second.append(seen.got))

    assert first == second


def test_walks_go_far(effort: int) -> None:
    """They are no empty proof: every transition is taken, and many commands accepted."""
    taken: Counter[str] = Counter()
    accepted: Counter[bool] = Counter()

    def count(seen: Seen) -> None:
        accepted[isinstance(seen.got, Accepted)] += 1

    for seed in range(200 * effort):
        taken.update(walked(seed, count).service.transitions)

    assert {ident for ident in TRANSITIONS if not taken[ident]} == set()
    assert accepted[True] > accepted.total() / 3
