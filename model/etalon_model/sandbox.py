"""A rehearsed service: test people brought to a state by the commands that lead there.

For tests, demonstrations and the sandbox of a reference server. It holds a service and an instant,
and issues commands at that instant in the name of whoever may; nothing here is a rule.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, cast

from etalon_model.activation import Activate
from etalon_model.actors import INSURER, SYSTEM, Actor, holder, representative
from etalon_model.affiliation import Affiliate
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.erasure import FinishErasure, StartErasure
from etalon_model.identities import Identity, Sex, Traits, identity
from etalon_model.notification import Notice, RegenerateCode, SendNotice
from etalon_model.opening import OpenAutomatically
from etalon_model.opposition import Oppose
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.parameters import Parameters
from etalon_model.people import Channel, Contacts, Route
from etalon_model.periods import Period, paris_date
from etalon_model.representation import is_minor
from etalon_model.service import Service
from etalon_model.states import State
from etalon_model.suspension import Suspend
from etalon_model.vital_events import RecordDeath

FIRST_INSTANT: Final = datetime(2022, 2, 1, 9, 0, tzinfo=UTC)
_A_MINUTE: Final = timedelta(minutes=1)
_PATHS: Final[dict[State, tuple[str, ...]]] = {
    State.NOT_NOTIFIED: (),
    State.NOTIFIED: ("notify",),
    State.OPPOSED: ("notify", "oppose"),
    State.OPEN_INACTIVE: ("notify", "open"),
    State.OPEN_ACTIVE: ("notify", "activate"),
    State.SUSPENDED: ("notify", "activate", "suspend"),
    State.CLOSED_ARCHIVED: ("notify", "activate", "close"),
    State.DELETION_REQUESTED: ("notify", "activate", "close_for_good"),
    State.DELETION_RUNNING: ("notify", "activate", "close_for_good", "start_erasure"),
    State.PURGED: (
        "notify",
        "activate",
        "close_for_good",
        "start_erasure",
        "finish_erasure",
    ),
    State.DECEASED: ("notify", "activate", "die"),
}


REHEARSED_STATES: Final = tuple(_PATHS)
"""The states to which `Sandbox.bring` leads."""


class UnexpectedOutcomeError(Exception):
    """A rehearsed command was refused where it had to be accepted, or the reverse.

    Attributes:
        refusal: Why it was refused, or None when it was accepted.
    """

    def __init__(self, message: str, refusal: Refusal | None = None) -> None:
        """State what happened."""
        super().__init__(message)
        self.refusal = refusal


class Sandbox:
    """A service, an instant and test people.

    Attributes:
        service: The service.
        now: Instant of the next command (UTC); set it, or move it with `wait`.
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        seed: int = 1,
        now: datetime = FIRST_INSTANT,
        journal: Callable[[Command], object] | None = None,
    ) -> None:
        """Start with nobody; `journal` is called with each accepted command."""
        self.service = Service(parameters, seed=seed, journal=journal)
        self.now = now
        self._parameters = parameters
        self._seed = seed
        self._people = 0

    def wait(self, period: Period | timedelta) -> None:
        """Let a civil period or a duration pass."""
        self.now = period.after(self.now) if isinstance(period, Period) else self.now + period

    def do(self, command: Command) -> object:
        """Apply a command that must be accepted; return its answer.

        Raises:
            UnexpectedOutcomeError: It was refused.
        """
        outcome = self.service.apply(command)
        if isinstance(outcome, Refusal):
            raise UnexpectedOutcomeError(outcome.message, outcome)
        return outcome.answer

    def person(  # noqa: PLR0913 (traits of a person, all by name)
        self,
        *representatives: str,
        born: date = date(1980, 5, 17),
        sex: Sex = "F",
        department: str = "31",
        email: bool = True,
        mobile: bool = True,
        protected_by: str | None = None,
        newcomer: bool = False,
        state_aid: bool = False,
    ) -> str:
        """Affiliate a new test person, a minor with representatives or an adult; return the INS."""
        self._people += 1
        traits = Traits(born, sex, department, self._people, state_aid=state_aid)
        who = identity(self._seed, self._people, traits)
        self.do(
            Affiliate(
                self.now,
                INSURER,
                who.ins,
                who,
                Contacts(email, mobile),
                representatives,
                protected_by,
                newcomer=newcomer,
            )
        )
        return who.ins

    def admit(self, who: Identity, contacts: Contacts, *representatives: str) -> None:
        """Affiliate somebody whose identity was made elsewhere."""
        self.do(Affiliate(self.now, INSURER, who.ins, who, contacts, representatives))

    def bring(self, ins: str, state: State) -> None:
        """Take somebody not yet notified to `state`, minute after minute and window included."""
        for step in _PATHS[state]:
            self.wait(_A_MINUTE)
            self._steps()[step](ins)

    def _steps(self) -> dict[str, Callable[[str], object]]:
        return {
            "notify": self.notify,
            "oppose": self.oppose,
            "open": self.open_by_silence,
            "activate": self.activate,
            "suspend": lambda ins: self.do(Suspend(self.now, INSURER, ins, "fraud")),
            "close": self.close,
            "close_for_good": lambda ins: self.close(ins, erase=True),
            "start_erasure": lambda ins: self.do(StartErasure(self.now, SYSTEM, ins)),
            "finish_erasure": lambda ins: self.do(FinishErasure(self.now, SYSTEM, ins)),
            "die": lambda ins: self.do(RecordDeath(self.now, INSURER, ins)),
        }

    def decider(self, ins: str) -> Actor:
        """Return who decides for `ins` now: the holder, or a minor's first representative."""
        person = self.service.person(ins)
        if is_minor(person, self.now) and person.representatives:
            return representative(person.representatives[0])
        return holder(ins)

    def notify(self, ins: str) -> Notice:
        """Send the notice by the channel that is due."""
        person = self.service.person(ins)
        by_email = person.contacts.email and not person.bounced
        channel = Channel.EMAIL if by_email else Channel.LETTER
        return cast("Notice", self.do(SendNotice(self.now, INSURER, ins, channel)))

    def new_code(self, ins: str, by: Literal["sms", "email"] = "sms") -> str:
        """Have a code sent again, and return it."""
        inputs = self.service.inputs(ins, self.now)
        return str(self.do(RegenerateCode(self.now, self.decider(ins), ins, inputs, by)))

    def fresh_code(self, ins: str) -> str:
        """Wait out the delay between two codes, then have one sent."""
        self.wait(timedelta(seconds=self._parameters.code_delay_seconds))
        return self.new_code(ins)

    def oppose(self, ins: str, through: Route = Route.WEB) -> object:
        """Object, with a new code on the web site."""
        code = self.fresh_code(ins) if through is Route.WEB else None
        inputs = self.service.inputs(ins, self.now)
        return self.do(Oppose(self.now, self.decider(ins), ins, through, inputs, code))

    def activation(self, ins: str, code: str | None) -> Activate:
        """Return the activation that would be accepted with the right code."""
        inputs = self.service.inputs(ins, self.now)
        terms = self._parameters.terms_on(paris_date(self.now))
        return Activate(
            self.now, self.decider(ins), ins, inputs, code, franceconnect=False, terms_version=terms
        )

    def activate(self, ins: str) -> object:
        """Activate with a new code."""
        code = self.fresh_code(ins)
        return self.do(self.activation(ins, code))

    def open_by_silence(self, ins: str) -> object:
        """Wait for the end of the window, if it is still to come, and open."""
        ends_at = self.service.person(ins).window_ends_at
        self.now = max(self.now, ends_at or self.now)
        return self.do(OpenAutomatically(self.now, SYSTEM, ins))

    def close(self, ins: str, *, erase: bool = False) -> object:
        """Close on the web site, with the password."""
        return self.do(
            CloseSpace(
                self.now, self.decider(ins), ins, Route.WEB, password_reentered=True, erase=erase
            )
        )

    def refusal(self, command: Command) -> tuple[str, str]:
        """Apply a command that must be refused; return the rule and the code.

        Raises:
            UnexpectedOutcomeError: It was accepted.
        """
        outcome: Outcome = self.service.apply(command)
        if isinstance(outcome, Accepted):
            message = f"{type(command).__name__} on {command.ins} was accepted"
            raise UnexpectedOutcomeError(message)
        return outcome.rule, outcome.code
