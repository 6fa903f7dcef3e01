"""The transactions of the DMP: which need a right to read, and which an open record."""

from collections.abc import Callable
from datetime import date
from typing import Final

import pytest

from etalon_model import (
    SYSTEM,
    Command,
    FinishErasure,
    Outcome,
    Refusal,
    StartErasure,
    State,
    vintage,
)
from etalon_model.closing import CloseSpace
from etalon_model.people import Route
from etalon_model.records.changes import ArchiveDocument, DeleteDocument, ReplaceDocument
from etalon_model.records.deposit import Means
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    HideFromRepresentatives,
    MaskDocument,
    UnmaskDocument,
)
from etalon_model.records.reading import ReadDocument
from etalon_model.records.rehearsal import DOCTOR, RecordRehearsal
from etalon_model.records.search import SearchDocuments
from etalon_model.rights.consultation import AskAuthorisation
from etalon_model.tables import rows_of

Made = Callable[[RecordRehearsal, str], Command]


def _replacement(care: RecordRehearsal, where: str) -> Command:
    deposit = care.deposit()
    return ReplaceDocument(
        care.now, DOCTOR, care.ins, deposit.sheet, deposit.subject, deposit.means, replaced=where
    )


MADE: Final[dict[str, Made]] = {
    "AskAuthorisation": lambda c, _: AskAuthorisation(c.now, DOCTOR, c.ins),
    "DepositDocument": lambda c, _: c.deposit(),
    "ReplaceDocument": _replacement,
    "SearchDocuments": lambda c, _: SearchDocuments(c.now, DOCTOR, c.ins),
    "ReadDocument": lambda c, d: ReadDocument(c.now, DOCTOR, c.ins, d),
    "MaskDocument": lambda c, d: MaskDocument(c.now, DOCTOR, c.ins, d),
    "UnmaskDocument": lambda c, d: UnmaskDocument(c.now, DOCTOR, c.ins, d),
    "HideFromPatient": lambda c, d: HideFromPatient(c.now, DOCTOR, c.ins, d),
    "Announce": lambda c, d: Announce(c.now, DOCTOR, c.ins, d),
    "HideFromRepresentatives": lambda c, d: HideFromRepresentatives(c.now, DOCTOR, c.ins, d),
    "DeleteDocument": lambda c, d: DeleteDocument(c.now, DOCTOR, c.ins, d, Means.CPS),
    "ArchiveDocument": lambda c, d: ArchiveDocument(c.now, DOCTOR, c.ins, d, Means.CPS),
}
CASES = [
    (row, command)
    for row in rows_of("dmp_transactions.csv")
    for command in row["commands"].split("|")
]


@pytest.mark.rule("REC-07")
@pytest.mark.parametrize(("row", "command"), CASES, ids=lambda case: str(case)[:20])
def test_a_transaction_asks_for_a_right_to_read_or_for_none(
    row: dict[str, str], command: str
) -> None:
    """Whoever deposited acts on their document without it; reading always needs it."""
    care = RecordRehearsal(vintage("launch-2022"), born=date(2007, 1, 15))
    document = care.put()

    outcome: Outcome = care.sandbox.service.apply(MADE[command](care, document.unique_id))

    if row["needs_read_authorisation"] == "yes":
        assert isinstance(outcome, Refusal)
        assert outcome.code == "NO_CONSENT"
    else:
        assert not isinstance(outcome, Refusal)


@pytest.mark.rule("REC-07")
@pytest.mark.parametrize(("row", "command"), CASES, ids=lambda case: str(case)[:20])
def test_a_transaction_asks_for_an_open_record_or_not(row: dict[str, str], command: str) -> None:
    """After the closing nothing is fed, read or changed; one may still ask whether it exists."""
    care = RecordRehearsal(vintage("launch-2022"))
    document = care.put()
    care.sandbox.do(CloseSpace(care.now, care.holder, care.ins, Route.WEB, password_reentered=True))
    assert care.sandbox.service.state(care.ins) is State.CLOSED_ARCHIVED

    outcome: Outcome = care.sandbox.service.apply(MADE[command](care, document.unique_id))

    assert isinstance(outcome, Refusal) is (row["needs_active_record"] == "yes")


def test_an_archive_comes_back_with_its_documents_and_an_erasure_leaves_none() -> None:
    """Ten years or a new activation for the one, nothing for the other."""
    care = RecordRehearsal(vintage("launch-2022"))
    care.put()
    box = care.sandbox
    box.close(care.ins)
    box.activate(care.ins)
    assert not isinstance(
        box.service.apply(SearchDocuments(care.now, care.holder, care.ins)), Refusal
    )
    holdings = box.service.person(care.ins).holdings
    assert holdings is not None
    assert holdings.record is not None
    assert len(holdings.record.documents) == 1

    box.close(care.ins, erase=True)
    box.do(StartErasure(care.now, SYSTEM, care.ins))
    box.do(FinishErasure(care.now, SYSTEM, care.ins))

    assert box.service.state(care.ins) is State.PURGED
    assert box.service.person(care.ins).holdings is None
