"""Seeded walks: families whose lives are commands, apt most often, for journals and vectors.

A family is a parent, a minor nearly grown up, a protected adult and a friend; each acts and is
acted upon some sixty times, then another family comes. The same seed gives the same commands on
every platform. Nothing here is a rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from etalon_model.access import FeedSpace, LogIn, ReadLog, ReadSpace
from etalon_model.activation import Activate
from etalon_model.actors import INSURER, SYSTEM, Actor, ActorKind, caregiver
from etalon_model.closing import CloseSpace, CloseThroughSupport
from etalon_model.codes import provisional_code
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, InviteCaregiver
from etalon_model.erasure import EndArchive, FinishErasure, RequestErasure, StartErasure
from etalon_model.legacy import CreateLegacyRecord
from etalon_model.notification import (
    RegenerateCode,
    ReportBounce,
    ReportUndelivered,
    SendNotice,
)
from etalon_model.opening import DeclareNotRepresentative, OpenAutomatically, ReportOpeningFailure
from etalon_model.opposition import Oppose
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.parameters import Parameters
from etalon_model.people import Channel, Route
from etalon_model.periods import paris_date
from etalon_model.sandbox import FIRST_INSTANT, Sandbox
from etalon_model.service import Service
from etalon_model.states import State
from etalon_model.suspension import CloseSuspended, ObjectToSuspension, Reinstate, Suspend
from etalon_model.vital_events import ComeOfAge, RecordDeath

_DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "899700366240")
_STEPS: Final = 60
_APT_SHARE: Final = 0.85
_DEATH_SHARE: Final = 0.01
_FAMILIES_A_YEAR: Final = 9_000
_YEARS: Final = 60
_SHORT_WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 30, 300, 86_400))
_WAITS: Final = {
    "open": timedelta(days=43),
    "close_suspended": timedelta(days=43),
    "end_archive": timedelta(days=3660),
    "come_of_age": timedelta(days=366),
}

ActMaker = Callable[["Walk", str, Actor], Command]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a walk.

    Attributes:
        command: The command.
        before: State of the person concerned before it.
        outcome: What the service answered.
    """

    command: Command
    before: State
    outcome: Outcome


class Walk(Sandbox):
    """Families that live one after the other in one service.

    Attributes:
        family: Matricules of the family that lives now.
        lived: Commands of that family that were accepted so far.
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        seed: int,
        journal: Callable[[Command], object] | None = None,
    ) -> None:
        """Start with nobody; the journal is that of the service."""
        super().__init__(parameters, seed=seed)
        self.service = Service(parameters, seed=seed, journal=journal)
        self.family: list[str] = []
        self.lived: list[Command] = []
        self._chance = Random(seed)  # noqa: S311 (reproducible, not secret)
        self._families = 0

    def do(self, command: Command) -> object:
        """Apply what must be accepted, and remember it as lived."""
        answer = super().do(command)
        self.lived.append(command)
        return answer

    def steps(self) -> Iterator[Step]:
        """Yield step after step, without end; affiliations are lived but not yielded."""
        while True:
            self._next_family()
            for _ in range(_STEPS):
                yield self._step()

    def _next_family(self) -> None:
        self.now = FIRST_INSTANT
        self.lived.clear()
        block, rank = divmod(self._families, _FAMILIES_A_YEAR)
        # Serials start again with another year of birth, so that no matricule comes twice.
        self._people = 4 * rank
        self._families += 1
        born = date(2000 - block % _YEARS, 1 + block // _YEARS, 17)
        parent = self.person(born=born, email=self._chance.random() < 0.5)  # noqa: PLR2004
        minor = self.person(parent, born=date(2005, born.month, born.day % 28 + block % _YEARS % 9))
        protected = self.person(born=born, sex="M", protected_by=parent)
        self.family = [parent, minor, protected, self.person(born=born, department="80")]

    def _step(self) -> Step:
        ins = self._chance.choice(self.family)
        before = self.service.state(ins)
        name = self._act(before)
        self.now += _WAITS.get(name) or self._chance.choice(_SHORT_WAITS)
        command = _ACTS[name](self, ins, self._actor(name, ins))
        outcome = self.service.apply(command)
        if isinstance(outcome, Accepted):
            self.lived.append(command)
        return Step(command, before, outcome)

    def _act(self, state: State) -> str:
        draw = self._chance.random()
        if draw < _DEATH_SHARE:
            return "die"
        return self._chance.choice(_APT[state] if draw < _APT_SHARE else _NAMES)

    def _actor(self, name: str, ins: str) -> Actor:
        if name in _SYSTEM_ACTS:
            return SYSTEM
        if name in _INSURER_ACTS:
            return INSURER
        if name in {"feed", "read"}:
            return _DOCTOR
        return caregiver(self.friend_of(ins)) if name == "accept" else self.decider(ins)

    def friend_of(self, ins: str) -> str:
        """Return the friend of everybody but themselves, who has the protected adult."""
        return self.family[-1] if ins != self.family[-1] else self.family[-2]

    def code(self, ins: str) -> str:
        """Return the last code of the person, as its addressee would read it."""
        return provisional_code(self._seed, ins, self.service.person(ins).codes - 1)

    def terms(self) -> str:
        """Return the version of the conditions of use in force."""
        return self._parameters.terms_on(paris_date(self.now))


_ACTS: Final[dict[str, ActMaker]] = {
    "email": lambda w, i, a: SendNotice(w.now, a, i, Channel.EMAIL),
    "letter": lambda w, i, a: SendNotice(w.now, a, i, Channel.LETTER),
    "bounce": lambda w, i, a: ReportBounce(w.now, a, i),
    "return": lambda w, i, a: ReportUndelivered(w.now, a, i),
    "code": lambda w, i, a: RegenerateCode(w.now, a, i, w.service.inputs(i, w.now), "sms"),
    "oppose": lambda w, i, a: Oppose(w.now, a, i, Route.WEB, w.service.inputs(i, w.now), w.code(i)),
    "call": lambda w, i, a: Oppose(w.now, a, i, Route.PHONE, w.service.inputs(i, w.now)),
    "activate": lambda w, i, a: Activate(
        w.now, a, i, w.service.inputs(i, w.now), w.code(i), terms_version=w.terms()
    ),
    "connect": lambda w, i, a: Activate(
        w.now, a, i, None, franceconnect=True, terms_version=w.terms()
    ),
    "open": lambda w, i, a: OpenAutomatically(w.now, a, i),
    "fail": lambda w, i, a: ReportOpeningFailure(w.now, a, i),
    "declare": lambda w, i, a: DeclareNotRepresentative(w.now, a, i),
    "close": lambda w, i, a: CloseSpace(w.now, a, i, Route.WEB, password_reentered=True),
    "close_for_good": lambda w, i, a: CloseSpace(
        w.now, a, i, Route.WEB, password_reentered=True, erase=True
    ),
    "close_by_phone": lambda w, i, a: CloseThroughSupport(w.now, a, i, Route.PHONE),
    "ask_erasure": lambda w, i, a: RequestErasure(w.now, a, i),
    "start_erasure": lambda w, i, a: StartErasure(w.now, a, i),
    "finish_erasure": lambda w, i, a: FinishErasure(w.now, a, i),
    "end_archive": lambda w, i, a: EndArchive(w.now, a, i),
    "suspend": lambda w, i, a: Suspend(w.now, a, i, "fraud"),
    "object": lambda w, i, a: ObjectToSuspension(w.now, a, i),
    "reinstate": lambda w, i, a: Reinstate(w.now, a, i),
    "close_suspended": lambda w, i, a: CloseSuspended(w.now, a, i),
    "die": lambda w, i, _: RecordDeath(w.now, INSURER, i),
    "come_of_age": lambda w, i, a: ComeOfAge(w.now, a, i),
    "invite": lambda w, i, a: InviteCaregiver(w.now, a, i, w.friend_of(i)),
    "accept": lambda w, i, a: AnswerInvitation(w.now, a, i, accept=True),
    "legacy": lambda w, i, a: CreateLegacyRecord(w.now, a, i, 2, Route.COUNTER),
    "feed": lambda w, i, a: FeedSpace(w.now, a, i),
    "read": lambda w, i, a: ReadSpace(w.now, a, i),
    "log_in": lambda w, i, a: LogIn(w.now, a, i),
    "read_log": lambda w, i, a: ReadLog(w.now, a, i),
}
_NAMES: Final = tuple(name for name in _ACTS if name != "die")
# What may well succeed in a state; an act named twice comes twice as often.
_APT: Final[dict[State, tuple[str, ...]]] = {
    State.NOT_NOTIFIED: ("email", "letter"),
    State.NOTIFIED: (
        *("bounce", "letter", "return", "code", "oppose", "call", "activate", "connect"),
        *("open", "open", "fail", "declare"),
    ),
    State.OPPOSED: ("code", "activate", "connect"),
    State.OPEN_INACTIVE: (
        *("code", "activate", "connect", "close_by_phone", "suspend", "feed", "read"),
        "come_of_age",
    ),
    State.OPEN_ACTIVE: (
        *("close", "close_for_good", "suspend", "invite", "accept", "log_in", "feed"),
        *("feed", "read", "read", "log_in", "read_log", "come_of_age"),
    ),
    State.SUSPENDED: ("object", "reinstate", "close_suspended"),
    State.CLOSED_ARCHIVED: ("code", "connect", "activate", "ask_erasure", "end_archive"),
    State.DELETION_REQUESTED: ("code", "activate", "connect", "start_erasure"),
    State.DELETION_RUNNING: ("finish_erasure",),
    State.PURGED: ("code", "activate", "connect"),
    State.DECEASED: ("end_archive",),
}
_SYSTEM_ACTS: Final = frozenset({"end_archive", "come_of_age"})
_INSURER_ACTS: Final = frozenset(
    {
        *("email", "letter", "bounce", "return", "open", "fail", "suspend", "reinstate", "die"),
        *("start_erasure", "finish_erasure", "close_suspended"),
    }
)
