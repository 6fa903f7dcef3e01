"""The service: one register and one door, `Service.apply`."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from etalon_model import (
    access,
    activation,
    closing,
    delegation,
    erasure,
    legacy,
    notification,
    opening,
    opposition,
    preferences,
    suspension,
    vital_events,
)
from etalon_model.access_log import RECENT_MOST, Deed, LogRow, deed_of, rows_of_person, sifted
from etalon_model.actors import Actor, ActorKind
from etalon_model.affiliation import Affiliate, affiliate
from etalon_model.agenda import announcements, appointments, prevention, reminders, schedules
from etalon_model.catalogue import exchange, measuring, pairing, referencing
from etalon_model.catalogue.catalogue import Catalogue, ReferencedService
from etalon_model.command import Command
from etalon_model.copies import copy_of
from etalon_model.digests import digest_of
from etalon_model.duties import Duty, duties
from etalon_model.handlers import CATALOGUE_HANDLERS, HANDLERS, CatalogueHandler
from etalon_model.identification import IdentityInputs, inputs_of
from etalon_model.messaging import delivery, directory, transmission, writing
from etalon_model.messaging import reading as mailbox_reading
from etalon_model.notices import Notification
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.parameters import Parameters
from etalon_model.people import Person
from etalon_model.records import (
    automatic,
    changes,
    deposit,
    feeding,
    folders,
    hiding,
    indicators,
    masking,
    search,
    sections,
    uploads,
    vaccinations,
    wishes,
)
from etalon_model.records import reading as document_reading
from etalon_model.register import Register
from etalon_model.representation import addressee_of, attached_profiles
from etalon_model.rights import blocks, consents, consultation, emergencies, traces
from etalon_model.rules import enforces
from etalon_model.snapshot import Snapshot
from etalon_model.states import State

# Importing a domain registers its handlers; naming it here says that this is why.
DOMAINS: Final = (
    access,
    activation,
    announcements,
    appointments,
    automatic,
    blocks,
    changes,
    closing,
    consents,
    consultation,
    delegation,
    delivery,
    deposit,
    directory,
    document_reading,
    emergencies,
    erasure,
    exchange,
    feeding,
    folders,
    hiding,
    indicators,
    legacy,
    mailbox_reading,
    masking,
    measuring,
    notification,
    opening,
    opposition,
    pairing,
    preferences,
    prevention,
    referencing,
    reminders,
    schedules,
    search,
    sections,
    suspension,
    traces,
    transmission,
    uploads,
    vaccinations,
    vital_events,
    wishes,
    writing,
)

_NO_OFFSET: Final = timedelta(0)
# Reading a member of an enumeration through its class costs as much as the question asked.
_HOLDER: Final = ActorKind.HOLDER

_TRACES: Final[Mapping[type, frozenset[str]]] = {
    Person: frozenset({"log", "older", "seen_at"}),
    Catalogue: frozenset({"acts"}),
}
"""What refused commands leave behind too, so that a journal without them does not lead there."""


class Service:
    """The national service, as its rules say.

    Everything that happens is a command given to `apply`; everything read here changes nothing.
    The same commands under the same parameters and seed give the same answers.
    """

    __slots__ = ("_actors", "_archive", "_journal", "_known", "_register", "_turned_away")

    def __init__(
        self,
        parameters: Parameters,
        *,
        seed: int,
        journal: Callable[[Command], object] | None = None,
        archive: Callable[[LogRow], object] | None = None,
    ) -> None:
        """Start with nobody affiliated.

        Args:
            parameters: Values of a vintage.
            seed: Seed of the provisional codes.
            journal: Called with each accepted command, once it is carried out: the `append` of a
                list, or the `write` of a `JournalWriter`.
            archive: Called with each row of an access log that leaves memory.
        """
        self._register = Register(parameters, seed)
        self._journal = journal
        self._archive = archive
        self._turned_away: list[LogRow] = []
        self._actors: dict[str, Actor] = {}
        self._known: dict[Actor, Actor] = {}

    @enforces("TRC-01")
    def apply(self, command: Command) -> Outcome:
        """Carry out `command`, or refuse it; either way the access log has one row more.

        A refusal changes nothing else. Commands on one person come in the order of their
        instants; those of different people may interleave.

        Raises:
            TypeError: `command` is not a command of the service.
            ValueError: Its instant is not in UTC.
        """
        handler = HANDLERS.get(type(command))
        if handler is None:
            return self._apply_to_nobody(command)
        at = command.at
        if at.tzinfo is not UTC:
            _check_utc(command)
        actor, register = command.actor, self._register
        person = register.people.get(command.ins)
        if person is None or at < person.seen_at or not actor.ident:
            return self._turn_away(command)
        outcome = handler(register, person, command)
        if type(outcome) is Accepted:
            deed = command.deed()
            if self._journal is not None:
                self._journal(command)
        else:
            deed = _refused(command, outcome)
        person.seen_at = at
        log = person.log
        log += (at, self._shared(actor, command.ins), deed)
        if len(log) > RECENT_MOST:
            self._sift(person)
        return outcome

    def _apply_to_nobody(self, command: Command) -> Outcome:
        """Carry out what concerns nobody affiliated yet, or the catalogue."""
        decide = CATALOGUE_HANDLERS.get(type(command))
        if decide is None and not isinstance(command, Affiliate):
            message = f"{type(command).__name__} is not a command of the service"
            raise TypeError(message)
        _check_utc(command)
        if not command.actor.ident:
            return self._turn_away(command)
        return self._admit(command) if decide is None else self._decide(command, decide)

    def _shared(self, actor: Actor, ins: str) -> Actor | None:
        """Return the actor of a row: none for the holder, else one that equal rows share."""
        if actor.kind is _HOLDER and actor.ident == ins:
            return None
        known = self._actors.get(actor.ident)
        if known is not actor:
            known = self._actors[actor.ident] = self._known.setdefault(actor, actor)
        return known

    def _sift(self, person: Person) -> None:
        """Let go of the older rows of a log that no rule asks about."""
        parts = sifted(person.log)
        person.log = parts.recent
        if parts.asked:
            person.older = person.older or []
            person.older += parts.asked
        if self._archive is not None:
            for row in rows_of_person(person.ins, parts.others):
                self._archive(row)

    def _admit(self, command: Command) -> Outcome:
        """Carry out an affiliation."""
        if not isinstance(command, Affiliate):
            return self._turn_away(command)
        admitted = affiliate(self._register, command)
        if isinstance(admitted, Refusal):
            return self._keep_apart(command, admitted)
        admitted.log += (command.at, self._shared(command.actor, command.ins), command.deed())
        if self._journal is not None:
            self._journal(command)
        return ACCEPTED

    def _decide(self, command: Command, decide: CatalogueHandler) -> Outcome:
        """Carry out what concerns the catalogue and nobody's space."""
        acts = self._register.catalogue.acts
        if acts and command.at < acts[-1].at:
            late = Refusal("TRC-01", "OUT_OF_ORDER", command.ins, (command.at, acts[-1].at))
            return self._keep_apart(command, late)
        outcome = decide(self._register, command)
        if isinstance(outcome, Refusal):
            deed = _refused(command, outcome)
        else:
            deed = command.deed()
            if self._journal is not None:
                self._journal(command)
        acts.append(LogRow(command.at, command.ins, command.actor, deed))
        return outcome

    def _turn_away(self, command: Command) -> Refusal:
        """Refuse what no person's log can hold: of nobody, on nobody, before the last act."""
        if not command.actor.ident:
            return self._keep_apart(command, _nobody(command))
        person = self._register.people.get(command.ins)
        if person is None:
            return self._keep_apart(command, Refusal("ID-02", "UNKNOWN_PERSON", command.ins))
        facts = (command.at, person.seen_at)
        return self._keep_apart(command, Refusal("TRC-01", "OUT_OF_ORDER", command.ins, facts))

    def _keep_apart(self, command: Command, refusal: Refusal) -> Refusal:
        deed = _refused(command, refusal)
        self._turned_away.append(LogRow(command.at, command.ins, command.actor, deed))
        return refusal

    def snapshot(self, *, copied: bool = True) -> Snapshot:
        """Return the memory of the service as it is now; what happens next does not reach it.

        Unless it is `copied`, it must be read before anything else happens.
        """
        register = copy_of(self._register) if copied else self._register
        return Snapshot(register, tuple(self._turned_away))

    def restore(self, snapshot: Snapshot, *, copied: bool = True) -> None:
        """Go back to `snapshot`, which may be restored again if `copied`; journals stay as is."""
        self._register = copy_of(snapshot.register) if copied else snapshot.register
        self._turned_away = list(snapshot.turned_away)

    def fork(self) -> "Service":
        """Return a service that stands where this one does; it keeps no journal."""
        other = Service(self._register.parameters, seed=self._register.seed)
        other.restore(self.snapshot())
        return other

    def digest(self, *, traces: bool = False) -> str:
        """Return the digest of the state: equal states have equal digests, in every process.

        Args:
            traces: Count what refusals leave too: access logs, turned-away calls, last instants.
                Without them, replaying the accepted commands gives the same digest.
        """
        if traces:
            return digest_of((self._register, self._turned_away))
        return digest_of(self._register, without=_TRACES)

    def state(self, ins: str) -> State:
        """Return where `ins` stands; `NOT_ELIGIBLE` when nobody affiliated has that matricule."""
        person = self._register.people.get(ins)
        return State.NOT_ELIGIBLE if person is None else person.state

    def person(self, ins: str) -> Person:
        """Return what the service remembers of `ins`; read it, and change it by commands only.

        Raises:
            LookupError: Nobody affiliated has that matricule.
        """
        person = self._register.people.get(ins)
        if person is None:
            message = f"nobody affiliated has the matricule {ins}"
            raise LookupError(message)
        return person

    def inputs(self, ins: str, at: datetime) -> IdentityInputs:
        """Return what somebody with the right carte Vitale in hand types for `ins`.

        Raises:
            LookupError: Nobody affiliated has that matricule.
        """
        return inputs_of(self._register, self.person(ins), at)

    def duties(self, at: datetime) -> tuple[Duty, ...]:
        """Return the duties missed at `at` (UTC), in the order of affiliation."""
        return tuple(
            duty
            for person in self._register.people.values()
            for duty in duties(self._register, person)
            if duty.due_at < at
        )

    def profiles(self, account: str) -> tuple[str, ...]:
        """Return the matricules of the minors that the account of `account` shows, at most 19."""
        return attached_profiles(self._register, account)

    def notifications(self, ins: str) -> tuple[Notification, ...]:
        """Return what the service told people about `ins`, in order of time.

        Raises:
            LookupError: Nobody affiliated has that matricule.
        """
        person = self.person(ins)
        notices = [
            Notification(row.at, "OPENING_INFO", ins, addressee_of(person, row.at) or ins)
            for row in self.log(ins)
            if row.deed.action == "SendNotice" and not row.deed.refused
        ]
        others = [] if person.dossier is None else person.dossier.told
        return tuple(sorted((*notices, *others), key=lambda told: told.at))

    def log(self, ins: str) -> tuple[LogRow, ...]:
        """Return what memory holds of the access log of `ins`, oldest first.

        That is every row until there are two hundred; then the last hundred at least, and of the
        older ones those that a rule asks about.

        Raises:
            LookupError: Nobody affiliated has that matricule.
        """
        return rows_of_person(ins, self.person(ins).entries)

    @property
    def catalogue(self) -> Mapping[str, ReferencedService]:
        """The services that asked to be referenced, by object identifier; read it only."""
        return self._register.catalogue.services

    @property
    def catalogue_log(self) -> tuple[LogRow, ...]:
        """Acts on the catalogue, refused ones too, oldest first."""
        return tuple(self._register.catalogue.acts)

    @property
    def turned_away(self) -> tuple[LogRow, ...]:
        """Calls that no person's log can hold: unknown people, instants out of order."""
        return tuple(self._turned_away)

    @property
    def transitions(self) -> dict[str, int]:
        """How many times each transition was taken, by identifier."""
        return dict(self._register.taken)

    def __len__(self) -> int:
        """Return how many people are affiliated."""
        return len(self._register.people)


def _check_utc(command: Command) -> None:
    at = command.at
    if at.utcoffset() != _NO_OFFSET:
        message = f"{type(command).__name__}.at must be in UTC, found {at.isoformat()}"
        raise ValueError(message)


@enforces("TRC-04")
def _nobody(command: Command) -> Refusal:
    """Refuse a call whose row could not say who acted."""
    return Refusal("TRC-04", "NOBODY_ACTS", command.ins, (command.actor.kind.value,))


def _refused(command: Command, outcome: Outcome) -> Deed:
    code = outcome.code if isinstance(outcome, Refusal) else ""
    return deed_of(type(command).__name__, command.family, command.detail(), code)
