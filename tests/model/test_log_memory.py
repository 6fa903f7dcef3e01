"""What memory holds of an access log: the last hundred rows, and what rules ask about."""

from datetime import timedelta
from typing import cast

import pytest

from etalon_model import Actor, ActorKind, Refusal, Service, State, holder, vintage
from etalon_model.access import LogPage, ReadLog, UseFeature
from etalon_model.access_log import ENTRY_WIDTH, RECENT_ROWS, LogRow
from etalon_model.actors import professional
from etalon_model.catalogue.exchange import ReadExchanges
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_model.digests import digest_of
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.consultation import OpenRecord, ReportAccess
from etalon_model.rights.traces import RecordTrace
from etalon_model.sandbox import Sandbox

DOCTOR = professional("899700366240", "doctor")
APP = Actor(ActorKind.APP, SOLUTION)
LAUNCH = vintage("launch-2022")
ACTS = 1_000


def acting(box: Sandbox, ins: str, acts: int) -> None:
    """Have the holder do as many ordinary acts, a minute apart."""
    for _ in range(acts):
        box.wait(timedelta(minutes=1))
        box.do(UseFeature(box.now, holder(ins), ins, "read_documents"))


def opened(*, archive: list[LogRow] | None = None) -> tuple[Sandbox, str]:
    """Return a person with an open space, in a service that archives or not."""
    box = Sandbox(LAUNCH)
    box.service = Service(LAUNCH, seed=1, archive=None if archive is None else archive.append)
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    return box, ins


@pytest.mark.rule("TRC-01", "TRC-02")
def test_memory_holds_the_last_hundred_rows_and_never_two_hundred_more() -> None:
    """However much is done; the holder reads the last hundred on the first page."""
    box, ins = opened()
    for _ in range(10):
        acting(box, ins, ACTS // 10)
        held = len(box.service.person(ins).log) // ENTRY_WIDTH
        assert RECENT_ROWS <= held <= 2 * RECENT_ROWS

    page = box.do(ReadLog(box.now, holder(ins), ins))

    assert isinstance(page, LogPage)
    assert [row.at for row in page.rows] == [
        box.now - timedelta(minutes=minute) for minute in range(RECENT_ROWS)
    ]


@pytest.mark.rule("TRC-01")
def test_every_row_that_leaves_memory_goes_to_the_archive() -> None:
    """Archive and memory together hold every row once, refusals too."""
    archive: list[LogRow] = []
    box, ins = opened(archive=archive)
    first = len(box.service.log(ins))
    acting(box, ins, ACTS)
    box.refusal(UseFeature(box.now, holder("1"), ins, "read_documents"))
    acting(box, ins, ACTS)

    kept = box.service.log(ins)

    assert len(archive) + len(kept) == first + 2 * ACTS + 1
    assert not set(archive) & set(kept)
    assert sum(bool(row.deed.refused) for row in (*archive, *kept)) == 1
    assert [row.at for row in archive] == sorted(row.at for row in archive)


@pytest.mark.rule("ACC-11")
def test_an_access_is_reported_however_old() -> None:
    """A thousand acts later memory still knows the reading of a professional."""
    box, ins = opened()
    box.do(JoinCareTeam(box.now, DOCTOR, ins, informed=True))
    box.do(OpenRecord(box.now, DOCTOR, ins))
    read_at = box.now
    acting(box, ins, ACTS)

    box.do(ReportAccess(box.now, holder(ins), ins, DOCTOR.ident, read_at))

    row = box.service.log(ins)[-1]
    assert (row.actor, row.deed.refused) == (holder(ins), "")


@pytest.mark.rule("ACC-11")
def test_a_refused_access_is_not_kept_for_a_report() -> None:
    """What was refused is no access, in memory or out of it."""
    box, ins = opened()
    box.refusal(OpenRecord(box.now, DOCTOR, ins))
    refused_at = box.now
    acting(box, ins, ACTS)

    report = ReportAccess(box.now, holder(ins), ins, DOCTOR.ident, refused_at)

    assert box.refusal(report) == ("ACC-11", "NO_SUCH_ACCESS")
    assert refused_at not in [row.at for row in box.service.log(ins) if row.actor == DOCTOR]


@pytest.mark.rule("ACC-11", "TRC-01")
def test_a_trace_that_was_sent_is_no_access_to_report() -> None:
    """It tells of one; memory holds it no longer than another row."""
    box, ins = opened()
    box.do(RecordTrace(box.now, DOCTOR, ins, "ITI-67"))
    sent_at = box.now
    report = ReportAccess(box.now, holder(ins), ins, DOCTOR.ident, sent_at)
    assert box.refusal(report) == ("ACC-11", "NO_SUCH_ACCESS")

    acting(box, ins, ACTS)

    assert sent_at not in [row.at for row in box.service.log(ins) if row.actor == DOCTOR]


@pytest.mark.rule("CAT-07")
def test_what_a_service_called_is_read_however_old() -> None:
    """Calls refused to it too."""
    box, ins = opened()
    box.wait(timedelta(days=400))
    called_at = box.now
    box.refusal(UseFeature(box.now, APP, ins, "read_documents"))
    acting(box, ins, ACTS)

    answer = box.do(ReadExchanges(box.now, holder(ins), ins, SOLUTION))

    rows = cast("tuple[LogRow, ...]", answer)
    assert [row.at for row in rows] == [called_at]


@pytest.mark.rule("LIF-05")
def test_the_notice_that_told_of_the_space_is_not_forgotten() -> None:
    """It is among the notifications for good."""
    box, ins = opened()
    before = box.service.notifications(ins)
    acting(box, ins, ACTS)

    assert box.service.notifications(ins) == before
    assert before[0].code == "OPENING_INFO"


@pytest.mark.rule("TRC-05")
def test_rows_share_their_actors_and_tell_them_apart() -> None:
    """Equal actors are one object, and one identifier in two capacities is two actors."""
    box, ins = opened()
    for _ in range(2):
        box.refusal(OpenRecord(box.now, professional(DOCTOR.ident, "doctor"), ins))
        box.refusal(OpenRecord(box.now, professional(DOCTOR.ident, "nurse"), ins))

    *_, doctor, nurse, again, other = box.service.log(ins)

    assert doctor.actor is again.actor
    assert nurse.actor is other.actor
    assert [row.actor.profession for row in (doctor, nurse)] == ["doctor", "nurse"]


def test_what_left_memory_is_no_part_of_the_state() -> None:
    """A fork goes on alike, and the digest of the state knows nothing of logs."""
    box, ins = opened()
    acting(box, ins, ACTS)
    fork = box.service.fork()
    command = UseFeature(box.now, holder(ins), ins, "read_documents")

    assert not isinstance(fork.apply(command), Refusal)
    assert not isinstance(box.service.apply(command), Refusal)
    assert fork.log(ins) == box.service.log(ins)
    assert digest_of(fork.log(ins)) == digest_of(box.service.log(ins))
    assert fork.digest(traces=True) == box.service.digest(traces=True)
