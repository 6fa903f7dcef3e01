"""Records of before the space."""

from datetime import UTC, date, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    Actor,
    ActorKind,
    CreateLegacyRecord,
    FeedSpace,
    ReadSpace,
    RecordDeath,
    Route,
    State,
    holder,
    vintage,
)
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.sandbox import Sandbox

A_SECOND = timedelta(seconds=1)
A_DAY = timedelta(days=1)
DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
CHILD_BORN = date(2017, 9, 3)
OPEN = (State.OPEN_ACTIVE, State.OPEN_INACTIVE)


@pytest.mark.rule("LIF-20")
@pytest.mark.parametrize(
    ("at", "accepted"),
    [
        (datetime(2021, 6, 30, 21, 59, 59, tzinfo=UTC), True),
        (datetime(2021, 6, 30, 22, 0, tzinfo=UTC), False),
    ],
)
def test_no_legacy_record_is_created_from_july_2021(at: datetime, *, accepted: bool) -> None:
    """The day begins at midnight in Paris."""
    box = Sandbox(vintage("pilot-2021"), now=at)
    command = CreateLegacyRecord(at, DOCTOR, box.person(), 3, Route.COUNTER)

    if accepted:
        box.do(command)
    else:
        assert box.refusal(command) == ("LIF-20", "LEGACY_CREATION_ENDED")


@pytest.mark.rule("LIF-29")
def test_no_legacy_record_is_created_for_the_dead() -> None:
    """Even while records were still created."""
    box = Sandbox(vintage("pilot-2021"), now=datetime(2019, 3, 1, tzinfo=UTC))
    ins = box.person()
    box.do(RecordDeath(box.now, INSURER, ins))

    record = CreateLegacyRecord(box.now, DOCTOR, ins, 1, Route.COUNTER)

    assert box.refusal(record) == ("LIF-29", "DECEASED_INDIVIDUAL")


@pytest.mark.rule("REP-01")
def test_no_legacy_record_is_created_by_a_stranger() -> None:
    """The holder or a professional asks for it."""
    box = Sandbox(vintage("pilot-2021"), now=datetime(2019, 3, 1, tzinfo=UTC))

    record = CreateLegacyRecord(box.now, holder("x"), box.person(), 1, Route.WEB)

    assert box.refusal(record) == ("REP-01", "NOT_THE_HOLDER")


@pytest.fixture
def heir(request: pytest.FixtureRequest) -> tuple[Sandbox, str]:
    """Return somebody with a legacy record of three documents, on 1 February 2022."""
    del request
    box = Sandbox(vintage("launch-2022"), now=datetime(2019, 3, 1, tzinfo=UTC))
    ins = box.person()
    record = CreateLegacyRecord(box.now, holder(ins), ins, 3, Route.WEB)
    box.do(record)
    assert box.refusal(record) == ("LIF-20", "LEGACY_RECORD_EXISTS")
    box.now = datetime(2022, 2, 1, 9, tzinfo=UTC)
    return box, ins


@pytest.mark.rule("LIF-21")
@pytest.mark.parametrize("state", OPEN)
def test_a_legacy_record_is_integrated_at_opening(heir: tuple[Sandbox, str], state: State) -> None:
    """The same three documents, whichever way the space opens, and once."""
    box, ins = heir
    box.bring(ins, state)
    box.do(JoinCareTeam(box.now, DOCTOR, ins, informed=True))

    assert box.do(ReadSpace(box.now, DOCTOR, ins)) == 3


@pytest.mark.rule("LIF-22")
@pytest.mark.parametrize(
    ("at", "readable"),
    [
        (datetime(2023, 6, 1, tzinfo=UTC), True),
        (datetime(2024, 12, 31, 22, 59, tzinfo=UTC), True),
        (datetime(2024, 12, 31, 23, 0, tzinfo=UTC), False),
    ],
)
def test_an_opponents_legacy_record_stays_with_professionals_until_2024(
    heir: tuple[Sandbox, str], at: datetime, *, readable: bool
) -> None:
    """The holder never reads it."""
    box, ins = heir
    box.bring(ins, State.OPPOSED)

    assert box.refusal(ReadSpace(at, holder(ins), ins)) == ("LIF-12", "NO_OPEN_SPACE")
    if readable:
        assert box.do(ReadSpace(at, DOCTOR, ins)) == 3
    else:
        assert box.refusal(ReadSpace(at, DOCTOR, ins)) == ("LIF-12", "NO_OPEN_SPACE")


@pytest.mark.rule("LIF-17")
def test_objecting_touches_nothing_but_the_space(heir: tuple[Sandbox, str]) -> None:
    """Identity, contacts and legacy record stay; feeding is refused, not an error."""
    box, ins = heir
    before = box.service.person(ins)
    identity, contacts = before.identity, before.contacts
    box.bring(ins, State.OPPOSED)

    after = box.service.person(ins)

    assert (after.identity, after.contacts) == (identity, contacts)
    assert after.dossier is not None
    assert after.dossier.legacy_documents == 3
    assert box.refusal(FeedSpace(box.now, DOCTOR, ins)) == ("LIF-19", "NO_OPEN_SPACE")
