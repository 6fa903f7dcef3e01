"""What holds whatever happens: invariants after every command of seeded walks.

Nearly two hundred thousand commands over the whole command set, half a million times the effort
where that is asked; half of the walks run under the other value of the policies that decide who
sees what. Who sees what is worked out again from the rows of the truth table, beside the model's
own way: the oracle reads the table and what the service remembers, and calls no function under
test.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final, cast

import pytest

from etalon_model import Actor, ActorKind, Outcome, Person, Refusal, Service, State, vintage
from etalon_model.access import LogPage
from etalon_model.access_log import ENTRY_WIDTH, rows_of_person
from etalon_model.catalogue.catalogue import ExchangeFamily
from etalon_model.catalogue.exchange import ReadThroughService
from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.digests import digest_of
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin
from etalon_model.messaging.reading import Conversation, MailboxPage
from etalon_model.policies import Policies
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.record import Document, Status, documents_of
from etalon_model.records.search import EVERYTHING, DocumentPage, SearchDocuments
from etalon_model.records.sections import ReadSection
from etalon_model.rights.matrix import types_read
from etalon_model.rights.modes import AccessMode
from etalon_model.states import TRANSITIONS
from etalon_model.tables import rows_of
from etalon_model.walks.walk import Walk

WALKS = 48
"""Three times as many as reach every command, transition and row."""
WALKS_OF_A_PROOF = 125
"""For each step of effort beyond the first: ten million commands at effort 20."""
COMMANDS = 4_000
WHOLE_DIGEST_EVERY = 2_000
PERSON_DIGEST_EVERY = 100
LAUNCH = vintage("launch-2022")
OTHER = replace(
    LAUNCH,
    policies=replace(LAUNCH.policies, masking_policy="product", matrix_policy="permissive"),
)
OPEN = {State.OPEN_ACTIVE, State.OPEN_INACTIVE}
WAYS_OUT_OF_OPPOSITION = {"Activate", "RecordDeath"}
LOSSES = {"FinishErasure", "EndArchive"}

ROWS = rows_of("visibility.csv")
READ_BY_PROFESSIONALS = {
    row["section"] for row in rows_of("record_sections.csv") if row["professionals_read"] == "yes"
}
DOCUMENT_READS = (SearchDocuments, ReadDocument, ReadVersions, ReadThroughService)
HIDDEN = "INVISIBLE_PATIENT"
CARE = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
SPACE = {
    ActorKind.HOLDER: "holder",
    ActorKind.REPRESENTATIVE: "representative",
    ActorKind.CAREGIVER: "caregiver",
    ActorKind.APP: "app",
}
FAMILY = {"holder", "representative", "caregiver"}
IN_EMERGENCY = {AccessMode.BREAK_GLASS: "emergency", AccessMode.SAMU: "regulator"}


class Oracle:
    """Says who sees a document, and counts the rows by which it does.

    Attributes:
        reached: How often each row spoke.
    """

    def __init__(self) -> None:
        """Start with no row reached."""
        self.reached: Counter[int] = Counter()

    def sees(  # noqa: PLR0913, PLR0917 (all that the table asks)
        self,
        person: Person,
        policies: Policies,
        actor: Actor,
        mode: AccessMode,
        at: datetime,
        document: Document,
        *,
        admitted: bool,
    ) -> bool:
        """Whether the table lets `actor` see that document at `at`."""
        stance = stance_of(person, actor, mode, document)
        marks = set(document.confidentiality.codes[1:])
        if document.hidden_until is not None and stance in FAMILY:
            marks.add(HIDDEN)  # once announced the code is gone, and rows of their own speak
        circumstances = {"", *_of_document(person, policies, actor, stance, at, document)}
        circumstances.add("admitted" if admitted and "type_denied" not in circumstances else "-")
        if not admitted:
            circumstances.add("not_admitted")
        visible, rows = spoken(
            stance, frozenset(marks), frozenset(circumstances), policies.masking_policy
        )
        self.reached.update(rows)
        return visible


@cache
def spoken(
    stance: str, marks: frozenset[str], circumstances: frozenset[str], policy: str
) -> tuple[bool, tuple[int, ...]]:
    """Return whether the rows that speak show a document, and the numbers of these rows."""
    said: dict[str, list[bool]] = {"ANY": [], "BASE": [], **{mark: [] for mark in marks}}
    numbers: list[int] = []
    for row in ROWS:
        if (
            row["viewer"] in {stance, "anyone"}
            and row["policy"] in {"", policy}
            and row["circumstance"] in circumstances
            and row["code"] in said
        ):
            said[row["code"]].append(row["visible"] == "yes")
            numbers.append(int(row["row"]))
    never = said.pop("ANY")
    return all(never) and all(rows and all(rows) for rows in said.values()), tuple(numbers)


def stance_of(  # noqa: PLR0911 (one return a quality)
    person: Person, actor: Actor, mode: AccessMode, document: Document
) -> str:
    """Return the viewer of the table whom `actor` is before that document."""
    if actor.kind not in CARE:
        return SPACE.get(actor.kind, "outsider")
    if actor.role in {"insurance", "bank", "employer"}:
        return "outsider"
    if document.depositor.ident == actor.ident:
        return "depositor"
    if mode in IN_EMERGENCY:
        return IN_EMERGENCY[mode]
    rights = None if person.holdings is None else person.holdings.rights
    if rights is not None:
        standing = rights.standings.get(actor.ident)
        if standing is not None and standing.administrator:
            return "administrator"
        if rights.attending == actor.ident:
            return "attending"
    return "occupational" if actor.role == "occupational" else "professional"


def _of_document(  # noqa: PLR0913, PLR0917 (all that the table asks)
    person: Person,
    policies: Policies,
    actor: Actor,
    stance: str,
    at: datetime,
    document: Document,
) -> Iterable[str]:
    if document.status is not Status.CURRENT:
        yield document.status.value
    if document.hidden_until is not None:
        over = at >= document.hidden_until
        yield "term_over" if over else "hidden" if document.confidentiality.hidden else "announced"
    choices = None if person.dossier is None else person.dossier.choices
    masked = policies.emergency_masked if choices is None else choices.masked
    yield "masked_permitted" if masked else "masked_refused"
    limited = stance in {"professional", "occupational", "attending"} or (
        stance == "administrator" and not _is_attending(person, actor)
    )
    if limited and document.kind.code not in types_read(policies.matrix_policy, actor.profession):
        yield "type_denied"


def _is_attending(person: Person, actor: Actor) -> bool:
    rights = None if person.holdings is None else person.holdings.rights
    return rights is not None and rights.attending == actor.ident


def may_read(  # noqa: PLR0911 (one return a reason)
    person: Person, policies: Policies, actor: Actor, mode: AccessMode
) -> bool:
    """Whether a professional could be let in at all: a bound from above, never from below."""
    if person.state not in {State.OPEN_ACTIVE, State.OPEN_INACTIVE}:
        return False
    if actor.role in {"insurance", "bank", "employer"}:
        return False
    rights = None if person.holdings is None else person.holdings.rights
    standing = None if rights is None else rights.standings.get(actor.ident)
    if standing is not None and standing.blocked:
        return False
    choices = None if person.dossier is None else person.dossier.choices
    if mode is AccessMode.BREAK_GLASS:
        return policies.emergency_break_glass if choices is None else choices.break_glass
    if mode is AccessMode.SAMU:
        return policies.emergency_samu if choices is None else choices.regulator
    if rights is not None and rights.attending == actor.ident:
        return True
    return standing is not None and (
        standing.in_team or standing.administrator or standing.consent is not None
    )


@dataclass
class Tally:
    """How often commands came, by name.

    Attributes:
        accepted: Those carried out, affiliations of new households included.
        refused: Those turned away.
    """

    accepted: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])


class Watch:
    """Watches one walk, command after command.

    Attributes:
        walk: The walk.
        oracle: Who sees what.
        tally: What came.
    """

    def __init__(self, seed: int, oracle: Oracle, tally: Tally) -> None:
        """Watch the walk of that seed; every second one under the other policies."""
        self.parameters = OTHER if seed % 2 else LAUNCH
        self.journal: list[Command] = []
        self.walk = Walk(self.parameters, seed=seed, journal=self.journal.append)
        self.oracle = oracle
        self.tally = tally
        self.seed = seed

    def go(self, commands: int) -> None:
        """Give that many commands, then replay those accepted."""
        for rank in range(commands):
            self.step(rank)
        self.tally.accepted.update(type(command).__name__ for command in self.journal)
        again = Service(self.parameters, seed=self.seed)
        for command in self.journal:
            assert not isinstance(again.apply(command), Refusal), command
        assert again.digest() == self.walk.service.digest()

    def step(self, rank: int) -> None:
        """Give one command, and check what must hold after it."""
        service = self.walk.service
        command = self.walk.next_command()
        person = service.person(command.ins) if command.ins else None
        state = State.NOT_ELIGIBLE if person is None else person.state
        kept = weighed(person)
        whole = service.digest() if rank % WHOLE_DIGEST_EVERY == 0 else ""
        part = digest_of(seen(person)) if rank % PERSON_DIGEST_EVERY == 0 else ""
        documents = () if person is None else tuple(documents_of(person).values())
        let_in = admission(person, self.parameters.policies, command)
        outcome = service.apply(command)
        name = type(command).__name__
        assert_traced(service, person, command, outcome)
        if isinstance(outcome, Refusal):
            self.tally.refused[name] += 1
            assert weighed(person) == kept, command
            assert not whole or service.digest() == whole, command
            assert not part or digest_of(seen(person)) == part, command
            assert outcome.rule in outcome.message, command
        if person is not None:
            self.check_person(person, state, command, outcome)
            self.check_reading(person, documents, let_in, command, outcome)
            if not isinstance(outcome, Refusal):
                self.check_paths(person, documents, command, outcome.answer)
            assert_nothing_lost(person, kept, name)

    def check_person(self, person: Person, before: State, command: Command, got: Outcome) -> None:
        """An opponent has no space until they ask for one; what is closed is read by nobody."""
        name = type(command).__name__
        if before is State.OPPOSED and person.state is not before:
            assert name in WAYS_OUT_OF_OPPOSITION, command
        if before not in OPEN:
            reads = name.startswith(("Read", "Search", "List", "Find", "OpenRecord"))
            assert not reads or name in CATALOGUE_READS or isinstance(got, Refusal), command

    def check_paths(
        self, person: Person, documents: tuple[Document, ...], command: Command, answer: object
    ) -> None:
        """Whatever the command, its answer names no document that the table keeps from the actor.

        The service itself sees everything, and depositors what they deposited.
        """
        actor, policies = command.actor, self.parameters.policies
        if answer is None or actor.kind is ActorKind.SYSTEM or isinstance(command, DOCUMENT_READS):
            return  # what is asked as documents is checked strictly, one by one, beside this
        by_id = {one.unique_id: one for one in documents if one.depositor.ident != actor.ident}
        mode = getattr(command, "mode", AccessMode.NORMAL)
        for unique_id in named_in(answer, by_id) if by_id else ():
            one = by_id[unique_id]
            if one.status is Status.SUPERSEDED:
                one = replace(one, status=Status.CURRENT)  # a past version is read as such
            assert self.oracle.sees(
                person, policies, actor, mode, command.at, one, admitted=True
            ), command
        if isinstance(answer, LogPage):
            self.check_log(person, documents, command, answer)
        if isinstance(answer, MailboxPage | Conversation):
            check_messages(person, actor, command, answer)

    def check_log(
        self, person: Person, documents: tuple[Document, ...], command: Command, page: LogPage
    ) -> None:
        """A row does not say of which type a document is that its reader does not see."""
        actor, policies = command.actor, self.parameters.policies
        assert actor.kind is not ActorKind.CAREGIVER, command
        alone = Counter((one.deposited_at, one.depositor) for one in documents)
        untouched = {
            (one.deposited_at, one.depositor): one
            for one in documents
            if one.revision == 1 and alone[one.deposited_at, one.depositor] == 1
        }
        for row in page.rows:
            one = untouched.get((row.at, row.actor))
            # A refused row of the same instant brought no document: what it says is its own.
            brought = not row.deed.refused and row.deed.action in _BRINGING
            if one is None or not brought:
                continue
            assert not row.deed.detail or self.oracle.sees(
                person, policies, actor, AccessMode.NORMAL, command.at, one, admitted=True
            ), command

    def check_reading(
        self,
        person: Person,
        documents: tuple[Document, ...],
        let_in: bool | None,  # noqa: FBT001 (private to the watch, an answer handed on)
        command: Command,
        got: Outcome,
    ) -> None:
        """What is answered is what the table lets the reader see, no less in a whole listing."""
        if let_in is None:
            return
        assert let_in or isinstance(got, Refusal), command
        if isinstance(command, ReadSection) and command.actor.kind in CARE:
            assert isinstance(got, Refusal) or command.section in READ_BY_PROFESSIONALS, command
        if not isinstance(command, DOCUMENT_READS):
            return
        policies, at, actor = self.parameters.policies, command.at, command.actor
        mode = getattr(command, "mode", AccessMode.NORMAL)
        admitted = not isinstance(got, Refusal) or got.code == "DOCUMENT_NOT_FOUND"
        assert let_in or not admitted, command
        answered = answers(got)
        ask = self.oracle.sees
        visible = {
            one.unique_id
            for one in documents
            if ask(person, policies, actor, mode, at, one, admitted=admitted)
        }
        past = {one.unique_id for one in documents if one.status is Status.SUPERSEDED}
        for one in answered:
            if isinstance(command, ReadVersions) and one.unique_id in past:
                now = replace(one, status=Status.CURRENT)
                assert ask(person, policies, actor, mode, at, now, admitted=True), command
            else:
                assert one.unique_id in visible, command
        if isinstance(got, Refusal):
            return
        answer = got.answer
        if isinstance(command, SearchDocuments) and command.criteria == EVERYTHING:
            assert isinstance(answer, DocumentPage)
            assert answer.total == len(visible), command
        if isinstance(command, ReadThroughService) and command.what is ExchangeFamily.DOCUMENTS:
            assert {one.unique_id for one in answered} == visible, command


CATALOGUE_READS = {"ReadExchanges", "ListServices", "FindContacts"}
OF_THE_SPACE = ("ListFolders", "ReadMailbox", "ReadThread", "FindContacts", "ReadLog")
OF_THE_RECORD = ("SearchDocuments", "ReadDocument", "ReadVersions", "ReadSection", "ReadSpace")


def named_in(answer: object, known: Mapping[str, object]) -> set[str]:
    """Return the identifiers of `known` that an answer holds, however deep."""
    found: set[str] = set()
    left = [answer]
    while left:
        one = left.pop()
        if isinstance(one, str):
            if one in known:
                found.add(one)
        elif isinstance(one, tuple | list | frozenset):
            left.extend(cast("Iterable[object]", one))
        elif isinstance(one, dict):
            left.extend(cast("dict[object, object]", one).items())
        elif not _is_a_file(one):
            kind: type = type(one)
            left.extend(getattr(one, name) for name in names_of(kind))
    return found


def _is_a_file(one: object) -> bool:
    """Whether it is attached from elsewhere than the record: what it says is its sender's."""
    return isinstance(one, Attachment) and one.origin is not AttachmentOrigin.DOCUMENT


@cache
def names_of(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass; none for another class."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def check_messages(
    person: Person, actor: Actor, command: Command, answer: MailboxPage | Conversation
) -> None:
    """A message kept from the representatives is neither shown to them, named nor counted."""
    held = person.holdings
    if actor.kind is not ActorKind.REPRESENTATIVE or held is None or held.mailbox is None:
        return
    if isinstance(answer, Conversation):
        assert not any(one.hidden_from_representatives for one in answer.messages), command
        return
    for row in answer.rows:
        messages = held.mailbox.threads[row.number].messages
        assert row.messages == sum(not one.hidden_from_representatives for one in messages)
        assert row.unread <= row.messages, command
        assert not (row.subject and messages[0].hidden_from_representatives), command


def answers(got: Outcome) -> tuple[Document, ...]:
    """Return the documents that an outcome answers."""
    answer = None if isinstance(got, Refusal) else got.answer
    if isinstance(answer, DocumentPage):
        return answer.documents
    found = cast("tuple[object, ...]", answer) if isinstance(answer, tuple) else (answer,)
    return tuple(one for one in found if isinstance(one, Document))


def admission(person: Person | None, policies: Policies, command: Command) -> bool | None:
    """Return whether the reader could be let in before the reading; None when nothing is read."""
    name = type(command).__name__
    if person is None or name not in {*OF_THE_RECORD, *OF_THE_SPACE, "ReadThroughService"}:
        return None
    actor = command.actor
    if actor.kind in CARE:
        mode = getattr(command, "mode", AccessMode.NORMAL)
        opponents = name == "ReadSpace" and person.state is State.OPPOSED  # LIF-22
        return name in OF_THE_RECORD and (opponents or may_read(person, policies, actor, mode))
    return person.state is State.OPEN_ACTIVE and actor.ident in admitted_idents(person, actor.kind)


def admitted_idents(person: Person, kind: ActorKind) -> Iterable[str]:
    """Return who may be let into the space in that capacity: a bound from above."""
    dossier, held = person.dossier, person.holdings
    if kind is ActorKind.HOLDER:
        return (person.ins,)
    if kind is ActorKind.REPRESENTATIVE:
        return person.representatives
    if kind is ActorKind.CAREGIVER and dossier is not None:
        return dossier.caregivers
    if kind is ActorKind.APP and held is not None and held.pairings is not None:
        pairings = held.pairings.by_service.values()
        return [pairing.service for pairing in pairings if pairing.consents]
    return ()


def assert_traced(service: Service, person: Person | None, command: Command, got: Outcome) -> None:
    """The last row of one log is that of the command, whoever gave it and whatever came of it."""
    rows = [*service.catalogue_log[-1:], *service.turned_away[-1:]]
    if person is not None:
        rows += rows_of_person(person.ins, person.log[-ENTRY_WIDTH:])
    deeds = [row.deed for row in rows if row.at is command.at and row.actor == command.actor]
    refused = got.code if isinstance(got, Refusal) else ""
    assert (type(command).__name__, refused) in [(deed.action, deed.refused) for deed in deeds]


def seen(person: Person | None) -> object:
    """Return what a refusal must leave as it was."""
    if person is None:
        return None
    return (person.state, person.since, person.dossier, person.holdings, person.codes)


def weighed(person: Person | None) -> tuple[object, ...]:
    """Return a cheap sign of what the service remembers of somebody."""
    if person is None:
        return ()
    told = 0 if person.dossier is None else len(person.dossier.told)
    return (person.state, person.since, person.codes, told, len(documents_of(person)))


_BRINGING: Final = frozenset({"DepositDocument", "ReplaceDocument"})


def assert_nothing_lost(person: Person, kept: tuple[object, ...], name: str) -> None:
    """Neither documents nor notices vanish but by an erasure or the end of an archive."""
    if name not in LOSSES:
        *_, told, documents = kept
        now = weighed(person)
        assert isinstance(told, int)
        assert isinstance(documents, int)
        assert len(documents_of(person)) >= documents, name
        assert now[-2] == told or (person.dossier is not None and len(person.dossier.told) > told)


@pytest.mark.rule("LIF-12", "REC-14", "TRC-01", "VIS-01")
def test_what_must_hold_holds_after_every_command(effort: int) -> None:
    """And the walks go everywhere: commands, transitions, rows of the truth table."""
    oracle = Oracle()
    tally = Tally()
    taken: Counter[str] = Counter()
    for seed in range(WALKS if effort == 1 else WALKS_OF_A_PROOF * effort):
        watch = Watch(seed, oracle, tally)
        watch.go(COMMANDS)
        taken.update(watch.walk.service.transitions)

    rows = {int(row["row"]): oracle.reached[int(row["row"])] for row in ROWS}
    accepted, refused = tally.accepted.total(), tally.refused.total()
    account = (
        f"{accepted + refused} commands, {accepted} accepted",
        f"least often accepted: {tally.accepted.most_common()[:-9:-1]}",
        f"least often refused: {tally.refused.most_common()[:-9:-1]}",
        f"transitions: {dict(sorted(taken.items()))}",
        f"rows of the truth table: {rows}",
    )
    sys.stdout.write("\n".join(("", *account, "")))
    assert command_types().keys() == tally.accepted.keys() == tally.refused.keys()
    assert {ident for ident in TRANSITIONS if not taken[ident]} == set()
    assert {row for row, times in rows.items() if not times} == set()
    assert accepted > (accepted + refused) / 3


def test_a_seed_gives_the_same_walk() -> None:
    """Command after command, and another seed gives another."""
    first, again, other = (
        [step.command for step in Walk(LAUNCH, seed=seed).steps(200)] for seed in (7, 7, 8)
    )

    assert first == again
    assert first != other
