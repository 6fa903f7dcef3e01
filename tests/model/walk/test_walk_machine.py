"""A small town as a state machine: what chance breaks, Hypothesis shrinks to few commands."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from etalon_model import Actor, ReadSpace, Refusal, Service, State, holder, vintage
from etalon_model.command import Command
from etalon_model.digests import digest_of
from etalon_model.records.confidentiality import ALL
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    MaskDocument,
    SetConfidentialityDefault,
    UnmaskDocument,
)
from etalon_model.records.reading import ReadDocument
from etalon_model.records.record import Document, documents_of
from etalon_model.records.rehearsal import DOCTOR, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.search import DocumentPage, SearchDocuments
from etalon_model.rights.blocks import BlockProfessional, UnblockProfessional
from etalon_model.rights.consents import JoinCareTeam, LeaveCareTeam
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.modes import AccessMode

PARAMETERS = vintage("launch-2022")
MARKS = st.sampled_from([one.codes for one in ALL])
CARERS = st.sampled_from([DOCTOR, OTHER_DOCTOR])
MODES = st.sampled_from([AccessMode.NORMAL, AccessMode.BREAK_GLASS])
WAITS = st.sampled_from([timedelta(0), timedelta(hours=5), timedelta(days=32)])
ON_A_DOCUMENT = st.sampled_from([MaskDocument, UnmaskDocument, HideFromPatient, Announce])


class Record(RuleBasedStateMachine):
    """One record, its holder and two doctors."""

    @initialize()
    def open(self) -> None:
        """Open the space."""
        self.care = RecordRehearsal(PARAMETERS)
        self.ins = self.care.ins
        self.documents = 0

    def give(self, command: Command) -> object:
        """Apply a command; a refusal leaves no change, and either way there is one row more."""
        service = self.care.sandbox.service
        person = service.person(self.ins)
        rows = len(service.log(self.ins))
        before = digest_of((person.state, person.dossier, person.holdings))
        got = service.apply(command)
        assert len(service.log(self.ins)) == rows + 1
        if isinstance(got, Refusal):
            assert digest_of((person.state, person.dossier, person.holdings)) == before
            return None
        return got.answer

    @rule(period=WAITS)
    def wait(self, period: timedelta) -> None:
        """Let time pass."""
        self.care.sandbox.wait(period)

    @rule(codes=MARKS, by=CARERS)
    def deposit(self, codes: tuple[str, ...], by: Actor) -> None:
        """Deposit a document, which from then on stays."""
        if self.give(self.care.deposit(*codes, by=by)) is not None:
            self.documents += 1

    @rule(kind=ON_A_DOCUMENT, by=CARERS | st.none(), rank=st.integers(0, 3))
    def mark(self, kind: type[MaskDocument], by: Actor | None, rank: int) -> None:
        """Mask, show, hide or announce a document."""
        self.give(kind(self.care.now, by or self.care.holder, self.ins, self.identifier(rank)))

    @rule(masked=st.booleans())
    def choose(self, *, masked: bool) -> None:
        """Mask everything, or show it."""
        self.give(SetConfidentialityDefault(self.care.now, self.care.holder, self.ins, masked))

    @rule(by=CARERS, joins=st.booleans())
    def team(self, by: Actor, *, joins: bool) -> None:
        """Join the care team, or leave it."""
        if joins:
            self.give(JoinCareTeam(self.care.now, by, self.ins, informed=True))
        else:
            self.give(LeaveCareTeam(self.care.now, by, self.ins))

    @rule(of=CARERS, blocks=st.booleans())
    def block(self, of: Actor, *, blocks: bool) -> None:
        """Block a doctor, or no longer."""
        kind = BlockProfessional if blocks else UnblockProfessional
        self.give(kind(self.care.now, self.care.holder, self.ins, of.ident))

    @rule(by=CARERS)
    def break_the_glass(self, by: Actor) -> None:
        """Open the record in an emergency."""
        glass = AccessMode.BREAK_GLASS
        self.give(OpenRecord(self.care.now, by, self.ins, glass, incapable=True))

    @rule(by=CARERS, mode=MODES, rank=st.integers(0, 3))
    def read(self, by: Actor, mode: AccessMode, rank: int) -> None:
        """Read one document: never a masked one of somebody else, in whatever mode."""
        found = self.give(ReadDocument(self.care.now, by, self.ins, self.identifier(rank), mode))
        if isinstance(found, Document):
            assert found.depositor == by or not found.confidentiality.masked

    @rule(by=CARERS | st.none(), mode=MODES)
    def search(self, by: Actor | None, mode: AccessMode) -> None:
        """List the record: what is hidden from the patient is not in the patient's list."""
        actor = by or self.care.holder
        page = self.give(SearchDocuments(self.care.now, actor, self.ins, mode=mode))
        if isinstance(page, DocumentPage):
            assert page.total == len(page.documents)
            for one in page.documents:
                assert by is not None or not one.is_hidden(self.care.now)
                assert by in {None, one.depositor} or not one.confidentiality.masked

    def identifier(self, rank: int) -> str:
        """Return the identifier of a document, or of none."""
        known = tuple(documents_of(self.care.sandbox.service.person(self.ins)))
        return known[rank] if rank < len(known) else "urn:oid:1.2.3"

    @invariant()
    def documents_stay(self) -> None:
        """No document vanishes; the space is as open as it was."""
        service = self.care.sandbox.service
        assert len(documents_of(service.person(self.ins))) == self.documents
        assert service.state(self.ins) is State.OPEN_ACTIVE


@pytest.mark.rule("VIS-01", "VIS-04", "ACC-01")
def test_a_record_shows_and_keeps_what_it_must() -> None:
    """Whatever a holder and two doctors do, in any order."""
    # A run of the machine is many steps: half as many runs as a property has examples.
    run_state_machine_as_test(Record, settings=settings(max_examples=settings().max_examples // 2))


@pytest.mark.rule("LIF-12")
def test_a_space_never_opened_answers_nothing() -> None:
    """Not even to its holder."""
    care = RecordRehearsal(PARAMETERS)
    other = care.sandbox.person()
    service: Service = care.sandbox.service

    assert isinstance(service.apply(ReadSpace(care.now, holder(other), other)), Refusal)
