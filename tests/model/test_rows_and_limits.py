"""Rows that name whom they concern; what happens on the very day or at the very instant."""

from datetime import UTC, date, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    CloseSuspended,
    EndArchive,
    Period,
    ReadSpace,
    Refusal,
    Service,
    State,
    Suspend,
    holder,
    vintage,
)
from etalon_model.access import UseFeature
from etalon_model.access_log import RECENT_MOST, LogRow
from etalon_model.catalogue.referencing import COMMISSION, GiveOpinion
from etalon_model.catalogue.rehearsal import SOLUTION, request
from etalon_model.records.automatic import FeedReimbursement
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_model.sandbox import Sandbox
from etalon_model.sessions import transport_standing

A_SECOND = timedelta(seconds=1)


@pytest.mark.rule("TRC-01")
def test_a_row_that_leaves_memory_names_the_person() -> None:
    """The archive holds the rows of everybody, side by side."""
    archive: list[LogRow] = []
    box = Sandbox(vintage("launch-2022"))
    box.service = Service(vintage("launch-2022"), seed=1, archive=archive.append)
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    for _ in range(RECENT_MOST):
        box.do(UseFeature(box.now, holder(ins), ins, "read_documents"))

    assert {row.ins for row in archive} == {ins}


@pytest.mark.rule("TRC-01")
def test_a_call_turned_away_names_whom_it_was_about(launch: Sandbox) -> None:
    """Even somebody nobody knows."""
    launch.refusal(ReadSpace(launch.now, INSURER, "nobody"))

    assert launch.service.turned_away[-1].ins == "nobody"


@pytest.mark.rule("TRC-01")
def test_an_act_on_the_catalogue_comes_after_the_last_one() -> None:
    """The refusal tells both instants, the last act's and not the first's."""
    box = Sandbox(vintage("steady-2023"), now=datetime(2023, 11, 6, 9, tzinfo=UTC))
    box.do(request(box))
    box.wait(timedelta(days=2))
    last = box.now
    box.do(GiveOpinion(last, COMMISSION, "", SOLUTION, favourable=True))
    early = GiveOpinion(last - A_SECOND, COMMISSION, "", SOLUTION, favourable=True)

    outcome = box.service.apply(early)

    assert outcome == Refusal("TRC-01", "OUT_OF_ORDER", "", (early.at, last))


@pytest.mark.rule("LIF-24")
def test_the_suspension_of_a_child_s_space_is_told_to_the_parent(launch: Sandbox) -> None:
    """Who reads the notices of the child hears of it."""
    parent = launch.person()
    child = launch.person(parent, born=date(2017, 9, 3))
    launch.bring(child, State.OPEN_ACTIVE)

    launch.do(Suspend(launch.now, INSURER, child, "fraud"))

    assert launch.service.notifications(child)[-1].to == parent


@pytest.mark.rule("LIF-24", "LIF-12")
def test_the_archive_of_a_suspended_space_runs_from_its_closing(launch: Sandbox) -> None:
    """Ten years to the second, not from the suspension."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    launch.do(Suspend(launch.now, INSURER, ins, "fraud"))
    launch.wait(Period("P7W"))
    launch.do(CloseSuspended(launch.now, SYSTEM, ins))
    launch.wait(Period("P10Y"))

    early = EndArchive(launch.now - A_SECOND, SYSTEM, ins)

    assert launch.refusal(early) == ("LIF-12", "ARCHIVE_RUNNING")
    launch.do(EndArchive(launch.now, SYSTEM, ins))


@pytest.mark.rule("REC-26")
@pytest.mark.parametrize(("day", "accepted"), [(1, True), (2, False)])
def test_an_act_of_today_is_fed_and_one_of_tomorrow_is_not(
    care: RecordRehearsal, day: int, *, accepted: bool
) -> None:
    """Days of Paris."""
    fed = FeedReimbursement(care.now, INSURER, care.ins, "visit", date(2022, 2, day))

    assert isinstance(care.sandbox.service.apply(fed), Refusal) is not accepted


@pytest.fixture
def care() -> RecordRehearsal:
    """Return an adult's open record on 1 February 2022."""
    return RecordRehearsal(vintage("launch-2022"))


@pytest.mark.rule("ID-12")
def test_the_versions_of_tls_are_listed_to_the_letter() -> None:
    """The advised one first."""
    with pytest.raises(LookupError) as raised:
        transport_standing("TLS 2.0")

    assert str(raised.value) == (
        "no version 'TLS 2.0' of TLS; versions are "
        "TLS 1.3, TLS 1.2, SSL 2.0, SSL 3.0, TLS 1.0, TLS 1.1 (ID-12)"
    )
