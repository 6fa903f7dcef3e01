"""The walk: the next command from a seed and what the service has become.

Households come one after the other into one service, whose clock never goes back. Most commands
are apt: of somebody who may, on a space in a state where they are possible; the others are of
anybody on anybody. Which command is apt for whom is `data/walk.csv`. Nothing here is a rule.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Reversible
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final, cast

from etalon_model.access import OPERATIONS
from etalon_model.access_log import ENTRY_WIDTH, RECENT_ROWS, rows_of_person
from etalon_model.activation import Activate
from etalon_model.actors import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    caregiver,
    holder,
)
from etalon_model.affiliation import Affiliate
from etalon_model.catalogue.catalogue import ServiceState
from etalon_model.catalogue.referencing import MINISTER, publisher
from etalon_model.catalogue.rehearsal import SOLUTION, put_online, request
from etalon_model.codes import provisional_code
from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.handlers import CATALOGUE_HANDLERS
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.notification import RegenerateCode, SendNotice
from etalon_model.opposition import Oppose
from etalon_model.outcomes import Outcome
from etalon_model.parameters import Parameters
from etalon_model.people import Channel, Person, Route
from etalon_model.periods import paris_date
from etalon_model.rights.consultation import ReportAccess
from etalon_model.sandbox import Sandbox
from etalon_model.service import Service
from etalon_model.states import State
from etalon_model.walks.acts import CARERS, NAMED, NEAR, READERS, SUPPORT, Act, acts_by_state
from etalon_model.walks.agenda import AgendaPools
from etalon_model.walks.chance import Chance, Mix, mixed
from etalon_model.walks.contents import Contents
from etalon_model.walks.messages import Messages, address_of_sender
from etalon_model.walks.values import Draw, Values

_FIRST_INSTANT: Final = datetime(2021, 4, 6, 9, 0, tzinfo=UTC)
_SECOND_INSTANT: Final = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
_APT: Final = 0.88
_COMMANDS_BEFORE: Final = 60
_COMMANDS_A_HOUSEHOLD: Final = 1_500
_A_YEAR: Final = timedelta(days=365)
_AGREED_FOR: Final = 5 * _A_YEAR
_WAITS: Final = tuple(timedelta(seconds=one) for one in (0, 1, 30, 300, 3_600, 40_000))
_LONG_WAIT: Final = 0.6
# What a household may wait in all beside the hours of its commands, for millions of commands to end
# before the last year that a date can have.
_LAST_LONG_YEAR: Final = 6000
_SPARE: Final = (2 * _A_YEAR, 11 * _A_YEAR)
_KNOWN_READER: Final = 0.6
_SAME_PERSON: Final = 0.6
_GIVEN: Final = 3
"""How many fields all commands share: the instant, the actor and the matricule."""

_AT_FIRST: Final = (*(State.OPEN_ACTIVE,) * 5, State.OPEN_INACTIVE, None, None)
"""Where members of a household stand at first; most are in, so that most commands find a space."""

_CARING: Final = frozenset(CARERS)
ADDRESSES: Final = tuple(address_of_sender(actor) for actor in CARERS)
_SERVICES_KNOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a walk.

    Attributes:
        command: The command.
        outcome: What the service answered.
    """

    command: Command
    outcome: Outcome


class Walk(Sandbox):
    """Households that live one after the other in one service.

    Attributes:
        household: Matricules of the household that lives now.
    """

    now: datetime

    def __init__(
        self,
        parameters: Parameters,
        *,
        seed: int,
        journal: Callable[[Command], object] | None = None,
        service: Service | None = None,
        mix: Mix = mixed,
    ) -> None:
        """Start with a directory and nobody, before the first spaces opened; see `Service`.

        Args:
            parameters: Values of a vintage.
            seed: Seed of the walk and of its service.
            journal: Called with each accepted command.
            service: An empty service of these parameters and this seed, instead of a new one.
            mix: What makes the numbers of its chance.
        """
        super().__init__(parameters, seed=seed, now=_FIRST_INSTANT)
        if service is None:
            service = Service(parameters, seed=seed, journal=journal)
        self.service = service
        self.household: list[str] = []
        self._chance = Chance(seed, mix)
        self._ins = ""
        self._contents = Contents(self._chance)
        self._messages = Messages(self._chance, self._moment, self._contents.fresh)
        self._agenda = AgendaPools(
            self._chance,
            lambda: self._contents.actor,
            lambda: self.service.snapshot(copied=False).register.diaries,
        )
        self._values = Values(self._chance, self.now, self._pools())
        self._table = acts_by_state()
        self._everything = tuple(Act(one, "", 1, timedelta()) for one in command_types().values())
        self._members: list[Person] = []
        self._everybody: tuple[Actor, ...] = ()
        self._special = self._specials()
        self._makers: dict[type[Command], Callable[[Actor], Command]] = {}
        self._left = 0
        self._spare = timedelta()
        self._services = 0
        for actor, address in zip(CARERS, ADDRESSES, strict=True):
            box = MailboxType.PER if actor.kind is ActorKind.PROFESSIONAL else MailboxType.ORG
            self.do(PublishMailbox(self.now, actor, "", address, box))

    def steps(self, count: int) -> Iterator[Step]:
        """Yield that many steps, each applied before it is yielded."""
        for _ in range(count):
            command = self.next_command()
            yield Step(command, self.service.apply(command))

    def next_command(self) -> Command:
        """Return the next command, not applied; affiliations of new households are applied."""
        if self._left == 0:
            self._move_in()
        self._left -= 1
        chance = self._chance
        if self._ins not in self.household or not chance.happens(_SAME_PERSON):
            self._ins = chance.pick(self.household)
        apt = chance.happens(_APT)
        act = self._drawn(self.service.state(self._ins)) if apt else chance.pick(self._everything)
        self._pass_time(act)
        actor = self._actor(act.actor) if apt else chance.pick(self._everybody)
        self._contents.actor = actor
        return self._made(act.kind, actor)

    def _pass_time(self, act: Act) -> None:
        """Wait a little, or as long as the act needs to come when it is due."""
        wait = self._chance.pick(_WAITS)
        if act.wait and act.wait <= self._spare and self._chance.happens(_LONG_WAIT):
            wait = act.wait
            self._spare -= wait
        self.now += wait
        self._values.now = self.now

    def _made(self, kind: type[Command], actor: Actor) -> Command:
        make = self._makers.get(kind)
        if make is None:
            make = self._makers[kind] = self._special.get(kind.__name__) or self._maker(kind)
        return make(actor)

    def _maker(self, kind: type[Command]) -> Callable[[Actor], Command]:
        """Return how a command is made of which each field is drawn by itself."""
        make = cast("Callable[..., Command]", self._values.maker(kind, _GIVEN))
        if kind in CATALOGUE_HANDLERS:
            return lambda actor: make(self.now, actor, "")
        return lambda actor: make(self.now, actor, self._ins)

    def _drawn(self, state: State) -> Act:
        acts, bounds = self._table[state]
        lot = self._chance.below(bounds[-1])
        return acts[bisect_right(bounds, lot)]

    def _move_in(self) -> None:
        """Bring the next household, with a new service on line.

        The first one lives some commands before the spaces exist, when records were still made.
        """
        early = not self.household
        if early or self.now >= _SECOND_INSTANT:
            self.household = self._newcomers()
        self._left = _COMMANDS_BEFORE if early else _COMMANDS_A_HOUSEHOLD
        if not early:
            self._settle()
        self._members = [self.service.person(ins) for ins in self.household]
        self._everybody = self._people_about()

    def _settle(self) -> None:
        """Put a new service on line, and take the household to where its members stand at first."""
        chance = self._chance
        self.now = max(self.now, _SECOND_INSTANT)
        spare = chance.pick(_SPARE)
        self._spare = spare if self.now.year < _LAST_LONG_YEAR else timedelta()
        self._services += 1
        self._contents.solution = f"{SOLUTION}.{self._services}"
        until_on = paris_date(self.now + _AGREED_FOR)
        put_online(self, self._contents.solution, until_on=until_on)
        for ins in self.household:
            state = chance.pick(_AT_FIRST)
            waits = self.service.state(ins) is State.NOT_NOTIFIED
            if state is not None and waits and self._decider_lives(ins):
                self.bring(ins, state)

    def _decider_lives(self, ins: str) -> bool:
        return not self.service.person(self.decider(ins).ident).is_dead

    def _newcomers(self) -> list[str]:
        """Affiliate a parent, two children, an adult in their charge and a friend."""
        chance = self._chance
        today = paris_date(self.now)
        near_majority = date(today.year - 18, today.month, 28) + timedelta(days=200)
        grown = date(today.year - 30 - chance.below(40), 1 + chance.below(12), 1 + chance.below(28))
        parent = self.person(born=grown, email=chance.happens(0.5))
        return [
            parent,
            self.person(parent, born=near_majority),
            self.person(parent, born=today - 10 * _A_YEAR),
            self.person(born=grown, sex="M", protected_by=parent),
            self.person(born=grown, department="80"),
        ]

    def _actor(self, tag: str) -> Actor:
        chance, ins = self._chance, self._ins
        named = NAMED.get(tag)
        if named is not None:
            return chance.pick(named)
        if tag in {"app", "party"}:
            app = publisher(self._contents.solution)
            return app if tag == "app" else chance.pick((MINISTER, INSURER, app))
        if tag == "reader":
            tag = chance.pick(READERS)
        if tag == "depositor":
            return self._contents.depositor(self._person()) or chance.pick(CARERS)
        if tag == "care":
            return self._carer()
        # Drawn whoever acts, so that a walk stays what it was.
        caring = chance.pick(self.household)
        make = NEAR.get(tag)
        return self.decider(ins) if make is None else make(self._near(tag, caring))

    def _near(self, tag: str, caring: str) -> str:
        """Return the matricule of somebody of the household."""
        if tag in {"guest", "invited"}:
            return self._friend()
        if tag == "parent":
            return self.household[0]
        return caring if tag == "caregiver" else self._ins

    def _carer(self) -> Actor:
        """Return somebody of the care team most often, else anybody."""
        chance = self._chance
        if chance.happens(_KNOWN_READER):
            held = self._person().holdings
            known = {} if held is None or held.rights is None else held.rights.standings
            team = [one for one in CARERS if one.ident in known and known[one.ident].in_team]
            if team:
                return chance.pick(team)
        return chance.pick(CARERS)

    def _friend(self) -> str:
        """Return the friend of everybody but themselves, who has the parent."""
        return self.household[-1] if self._ins != self.household[-1] else self.household[0]

    def _people_about(self) -> tuple[Actor, ...]:
        """Return whoever may act though it is not apt."""
        people = (actor for ins in self.household for actor in (holder(ins), caregiver(ins)))
        parent = Actor(ActorKind.REPRESENTATIVE, self.household[0])
        app = publisher(self._contents.solution)
        return (*people, parent, INSURER, SYSTEM, SUPPORT, app, *CARERS)

    def _moment(self) -> tuple[datetime, Person]:
        return self.now, self._person()

    def _person(self) -> Person:
        return self.service.person(self._ins)

    def _pools(self) -> dict[str, Draw]:
        chance = self._chance
        operations, doctors = tuple(OPERATIONS), CARERS[:2]
        states = (ServiceState.ONLINE, *ServiceState)
        pools = self._contents.pools(lambda: self._person(), self._seed)  # noqa: PLW0108 (later)
        return pools | {
            "guest": lambda: chance.pick((self._friend(), self._friend(), *self.household)),
            "professional": lambda: chance.pick(CARERS).ident,
            "depositor": lambda: chance.pick(doctors).ident,
            "operation": partial(chance.pick, operations),
            "terms_version": self._terms,
            "service": self._service,
            "MoveService.to": partial(chance.pick, states),
            "PublishVersion.service": lambda: self._contents.solution,
            "version": lambda: f"{1 + chance.below(100)}.{chance.below(10)}",
            "identifier": self._appointment,
            **self._agenda.pools(lambda: self.now),
            "sender": partial(chance.pick, ADDRESSES),
            "address": partial(chance.pick, ADDRESSES),
        }

    def _report(self, actor: Actor) -> Command:
        """Report an access of the log when there is one."""
        entries = self._person().entries[-RECENT_ROWS * ENTRY_WIDTH :]
        rows = [
            (row.actor.ident, row.at)
            for row in rows_of_person(self._ins, entries)
            if not row.deed.refused and row.actor in _CARING
        ]
        ident, at = self._chance.pick(rows or [(CARERS[0].ident, self.now)])
        return ReportAccess(self.now, actor, self._ins, ident, at)

    def _request(self, actor: Actor) -> Command:
        self._services += 1
        service = f"{SOLUTION}.{self._services}"
        asked = request(self, service)
        return asked if actor.kind is ActorKind.APP else replace(asked, actor=actor)

    def _appointment(self) -> str:
        """Return the identifier of an appointment of the person, or any word."""
        held = self._person().holdings
        known = () if held is None or held.agenda is None else tuple(held.agenda.appointments)
        return self._chance.pick((*known, "a", "b"))

    def _service(self) -> str:
        """Return the service of the household most often, else another or one of nobody."""
        every = cast("Reversible[str]", self.service.catalogue)
        known = tuple(islice(reversed(every), _SERVICES_KNOWN))[::-1]
        return self._chance.pick((*(self._contents.solution,) * _SERVICES_KNOWN, SOLUTION, *known))

    def _terms(self) -> str:
        return self._parameters.terms_on(paris_date(self.now))

    def _specials(self) -> dict[str, Callable[[Actor], Command]]:
        """Return how the commands are made whose fields depend on one another."""
        return {
            "Affiliate": self._affiliate_again,
            "SendNotice": lambda actor: SendNotice(self.now, actor, self._ins, self._channel()),
            "RegenerateCode": lambda actor: RegenerateCode(
                self.now, actor, self._ins, self.service.inputs(self._ins, self.now), "sms"
            ),
            "Activate": self._activate,
            "Oppose": self._oppose,
            "DeliverMessage": self._deliver,
            "ReportAccess": self._report,
            "RequestReferencing": self._request,
            **self._contents.makers(self._moment, self._seed),
            **self._messages.makers(),
        }

    def _channel(self) -> Channel:
        person = self._person()
        by_email = person.contacts.email and not person.bounced
        return Channel.EMAIL if by_email else Channel.LETTER

    def _affiliate_again(self, actor: Actor) -> Command:
        """Return an affiliation of somebody known, which is refused."""
        person = self._person()
        return Affiliate(self.now, actor, self._ins, person.identity, person.contacts)

    def _last_code(self) -> str:
        return provisional_code(self._seed, self._ins, self._person().codes - 1)

    def _activate(self, actor: Actor) -> Command:
        if self._chance.happens(0.5):
            inputs, code = None, None
        else:
            inputs, code = self.service.inputs(self._ins, self.now), self._last_code()
        return Activate(self.now, actor, self._ins, inputs, code, inputs is None, self._terms())

    def _oppose(self, actor: Actor) -> Command:
        inputs = self.service.inputs(self._ins, self.now)
        if self._chance.happens(0.5):
            return Oppose(self.now, actor, self._ins, Route.PHONE, inputs)
        return Oppose(self.now, actor, self._ins, Route.WEB, inputs, self._last_code())

    def _deliver(self, actor: Actor) -> Command:
        sender = address_of_sender(actor)
        drawn = self._values.made(DeliverMessage, self.now, actor, self._ins, sender)
        return cast("Command", drawn)
