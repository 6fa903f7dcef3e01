"""What the model expects for people of the sampled share.

Each of them lives in a service of the model of their own, brought to where they stood when the run
began and fed with the commands that this worker sends for them: a person stays with one worker.
What the target answers is then held against what the model answers. A surprise, such as an answer
that never came, leaves open what the target did: nothing more is expected of that person.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from etalon_load.measures import Wrong
from etalon_load.people.known_documents import deposits_of
from etalon_load.people.wanted import kinds_wanted
from etalon_model.actors import Actor, ActorKind, holder, professional, representative
from etalon_model.codes import provisional_code
from etalon_model.identities import Identity
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.parameters import vintage
from etalon_model.people import Contacts
from etalon_model.periods import paris_date
from etalon_model.records.deposit import Means
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.search import DocumentPage, SearchDocuments
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.matrix import profession_of_role
from etalon_model.rights.modes import AccessMode
from etalon_model.sandbox import Sandbox, UnexpectedOutcomeError
from etalon_model.states import State
from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource
from etalon_wire.records.addresses import Named
from etalon_wire.records.plans import Depositing, Plan
from etalon_wire.records.provide_bundles import plan_of
from etalon_wire.records.simplified import simplified_plan

if TYPE_CHECKING:
    from etalon_load.people.credential import Credential
    from etalon_model.command import Command
    from etalon_model.identification import IdentityInputs
    from etalon_model.identities import Sex
    from etalon_model.parameters import Parameters

_SEED: Final = 1
_AN_HOUR: Final = timedelta(hours=1)
_TEAM: Final = "care_team"
_GROWN: Final = date(1985, 6, 15)
"""A birth date of representatives, of whom nothing but the matricule is known."""

_REFUSED: Final = 400
_MOST: Final = 10_000
"""People of whom something is expected, some five kilobytes each."""

_NO_MODEL: Final = ""


class Expecting:
    """The people of the sampled share of one worker.

    Attributes:
        count: Of whom something was expected.
    """

    def __init__(self, vintage_name: str, now: datetime) -> None:
        """Expect nothing yet.

        Args:
            vintage_name: Of the target; empty where nobody knows it, and nothing is expected.
            now: The instant of the target when the run began.
        """
        self._parameters = None if vintage_name == _NO_MODEL else vintage(vintage_name)
        self._began = now.astimezone(UTC)
        self._known: dict[str, Expectation | None] = {}
        self.count = 0

    def begin(self, one: "Credential") -> "Expectation | None":
        """Return what is expected of somebody whose journey begins, None when nothing can be.

        While another journey of theirs is under way nobody knows which of two requests comes first:
        nothing is expected of them any more.
        """
        if self._parameters is None:
            return None
        if kinds_wanted()[one.wanted].once:
            return self._begun(one)
        if one.ins not in self._known:
            if len(self._known) >= _MOST:
                return None
            self._known[one.ins] = self._begun(one)
        known = self._known[one.ins]
        if known is None or known.is_over:
            return None
        if known.is_busy:
            known.give_up()
            return None
        known.is_busy = True
        return known

    def _begun(self, one: "Credential") -> "Expectation | None":
        parameters = self._parameters
        begun = None if parameters is None else expectation(one, parameters, self._began)
        self.count += begun is not None
        return begun


def expectation(
    one: "Credential", parameters: "Parameters", began: datetime
) -> "Expectation | None":
    """Return what is expected of somebody from the beginning of a run on.

    None when too little is known of the person to bring them where they stand.
    """
    identity = _identity(one)
    if identity is None:
        return None
    start = began - _AN_HOUR
    try:
        while True:
            made = _brought(one, identity, parameters, start)
            if made.now <= began:
                break
            start -= made.now - began
        made.now = began
        for deposit in deposits_of(one, began):
            made.do(deposit)
    except (UnexpectedOutcomeError, ValueError):
        return None
    return Expectation(one, made, parameters)


def _identity(one: "Credential") -> Identity | None:
    if not (one.birth_date and one.sex):
        return None
    born = date.fromisoformat(one.birth_date)
    serial = one.vitale_serial or "00000000000"
    return Identity(0, one.ins, one.oid, born, cast("Sex", one.sex), one.department, serial)


def _brought(
    one: "Credential", identity: Identity, parameters: "Parameters", start: datetime
) -> Sandbox:
    """Return a service in which somebody stands where they stood when the run began."""
    kind = kinds_wanted()[one.wanted]
    made = Sandbox(parameters, seed=_SEED, now=start)
    reachable = Contacts(email=True, mobile=True)
    represented: Sequence[str] = ()
    if one.representative:
        # Only the matricule of a representative is known; the card that is shown is theirs.
        grown = Identity(0, one.representative, one.oid, _GROWN, "F", "31", identity.vitale_serial)
        made.admit(grown, reachable)
        made.bring(grown.ins, State.OPEN_ACTIVE)
        represented = (grown.ins,)
    made.admit(identity, reachable, *represented)
    made.bring(one.ins, kind.state)
    if kind.relation == _TEAM:
        made.do(JoinCareTeam(made.now, doctor_of(one), one.ins, informed=True))
    return made


def doctor_of(one: "Credential") -> Actor:
    """Return the professional of somebody, as the model names them (ID-03: 8 and the RPPS)."""
    return professional(f"8{one.rpps}", profession_of_role(one.profession))


class Expectation:
    """What is expected of the answers to one person.

    Attributes:
        is_over: Nothing is, since a surprise.
        is_busy: A journey of theirs is under way.
    """

    __slots__ = ("_box", "_one", "_parameters", "is_busy", "is_over")

    def __init__(self, one: "Credential", box: Sandbox, parameters: "Parameters") -> None:
        """Begin with somebody who stands where they stood when the run began."""
        self._one = one
        self._box = box
        self._parameters = parameters
        self.is_over = self.is_busy = False

    def give_up(self) -> None:
        """Expect nothing from now on."""
        self.is_over = True

    @property
    def at(self) -> datetime:
        """The instant of the next command (UTC)."""
        return self._box.now

    @property
    def terms(self) -> str:
        """The version of the conditions of use in force."""
        return self._parameters.terms_on(paris_date(self.at))

    @property
    def inputs(self) -> "IdentityInputs":
        """What somebody with the right card in hand types."""
        return self._box.service.inputs(self._one.ins, self.at)

    @property
    def code(self) -> str:
        """The last code the model sent: it stands for the one that the target sent."""
        codes = self._box.service.person(self._one.ins).codes
        return provisional_code(_SEED, self._one.ins, codes - 1)

    def moved_to(self, now: datetime) -> "Expectation":
        """Let time pass until an instant, never back; return this expectation."""
        self._box.now = max(self._box.now, now)
        return self

    def judge(self, command: "Command", status: int) -> Wrong | None:
        """Say what is wrong with how a command was answered, None when it is as expected."""
        return disagreement(self._box.service.apply(command), status)

    def judge_deposit(self, resource: Resource, actor: Actor, status: int) -> Wrong | None:
        """Say what is wrong with how a deposit was answered.

        Args:
            resource: A publication, or a bundle.
            actor: Who deposits.
            status: Of the answer.
        """
        plan = self._plan(resource, actor)
        if isinstance(plan, list):
            told = {"rule": plan[0].requirement, "code": plan[0].code, "status": str(status)}
            return None if status >= _REFUSED else Wrong("model_refuses", told)
        for step in plan.steps:
            wrong = self.judge(step.command, status)
            if wrong is not None:
                return wrong
        return None

    def judge_list(
        self,
        actor: Actor,
        found: Collection[str],
        total: int | None,
        mode: AccessMode = AccessMode.NORMAL,
    ) -> Wrong | None:
        """Say what is wrong with a list of documents.

        Args:
            actor: Who reads.
            found: Unique identifiers of the documents of a page.
            total: How many the reader sees in all, as the list says; None when it does not.
            mode: How they come to the record.
        """
        service, ins = self._box.service, self._one.ins
        outcome = service.apply(SearchDocuments(self.at, actor, ins, mode=mode, page_size=_PAGE))
        if isinstance(outcome, Refusal):
            return disagreement(outcome, 200)
        page = cast("DocumentPage", outcome.answer)
        if total is not None and total != page.total:
            told = {"expected": str(page.total), "found": str(total)}
            return Wrong("documents_counted", told)
        if page.total > len(page.documents):
            return None
        expected = {one.sheet.unique_id for one in page.documents}
        if unknown := set(found) - expected:
            return Wrong("documents_unknown", {"count": str(len(unknown))})
        return None

    def _plan(self, resource: Resource, actor: Actor) -> Plan | list[Finding]:
        identity = self._box.service.person(self._one.ins).identity

        def find(named: Named) -> Identity | None:
            return identity if named.ins == identity.ins else None

        who = Depositing(self.at, actor, _means_of(actor), find, lambda _: "")
        bundled = resource.get("resourceType") == "Bundle"
        return plan_of(resource, who) if bundled else simplified_plan(resource, who)


_PAGE: Final = LIMITS["search_page_most"]


def disagreement(outcome: Outcome, status: int) -> Wrong | None:
    """Say how an answer disagrees with what the model answers; None when it does not."""
    if isinstance(outcome, Refusal):
        if status >= _REFUSED:
            return None
        told = {"rule": outcome.rule, "code": outcome.code, "status": str(status)}
        return Wrong("model_refuses", told)
    if status < _REFUSED:
        return None
    return Wrong("model_accepts", {"status": str(status)})


def person_acting(one: "Credential") -> Actor:
    """Return who acts on a space: the representative of a minor, else its holder."""
    return representative(one.representative) if one.representative else holder(one.ins)


def laboratory_of(one: "Credential") -> Actor:
    """Return the laboratory of somebody."""
    return Actor(ActorKind.STRUCTURE, one.structure)


def _means_of(actor: Actor) -> Means:
    if actor.kind is ActorKind.PROFESSIONAL:
        return Means.PRO_SANTE_CONNECT
    return Means.STRUCTURE_CERTIFICATE if actor.kind is ActorKind.STRUCTURE else Means.NONE
