"""Reports of unauthorised accesses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from etalon_model import State, caregiver, holder, vintage
from etalon_model.actors import professional
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.consultation import OpenRecord, ReportAccess
from etalon_model.rights.rights import AccessReport
from etalon_model.sandbox import Sandbox

GP = professional("810000000017", "doctor")


def read_once(box: Sandbox, ins: str) -> None:
    """Have the doctor read, a minute later."""
    box.wait(timedelta(minutes=1))
    box.do(OpenRecord(box.now, GP, ins))


@pytest.mark.rule("ACC-11")
def test_an_access_of_the_log_is_reported_once(launch: Sandbox, ins: str) -> None:
    """The answer carries the date; what the log does not have is no access."""
    launch.do(JoinCareTeam(launch.now, GP, ins, informed=True))
    read_once(launch, ins)
    accessed_at = launch.now
    launch.wait(timedelta(days=1))
    report = ReportAccess(launch.now, holder(ins), ins, GP.ident, accessed_at)

    assert launch.do(report) == AccessReport(launch.now, GP.ident, accessed_at)
    assert launch.refusal(report) == ("ACC-11", "ACCESS_ALREADY_REPORTED")
    for wrong in (
        replace(report, professional="810000000025"),
        replace(report, accessed_at=accessed_at + timedelta(seconds=1)),
        replace(report, professional=ins, accessed_at=launch.now),
    ):
        assert launch.refusal(wrong) == ("ACC-11", "NO_SUCH_ACCESS")


@pytest.mark.rule("ACC-11")
def test_a_refused_access_is_none(launch: Sandbox, ins: str) -> None:
    """Nothing was read."""
    assert launch.refusal(OpenRecord(launch.now, GP, ins)) == ("ACC-01", "NO_CONSENT")
    report = ReportAccess(launch.now, holder(ins), ins, GP.ident, launch.now)
    assert launch.refusal(report) == ("ACC-11", "NO_SUCH_ACCESS")


@pytest.mark.rule("ACC-11")
def test_reports_are_limited_in_number() -> None:
    """The limit is a value of the vintage, an assumption."""
    box = Sandbox(replace(vintage("launch-2022"), access_reports=2))
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    box.do(JoinCareTeam(box.now, GP, ins, informed=True))
    for _ in range(2):
        read_once(box, ins)
        box.do(ReportAccess(box.now, holder(ins), ins, GP.ident, box.now))
    read_once(box, ins)

    report = ReportAccess(box.now, holder(ins), ins, GP.ident, box.now)
    assert box.refusal(report) == ("ACC-11", "TOO_MANY_REPORTS")
    stranger = replace(report, actor=caregiver(box.person()))
    assert box.refusal(stranger) == ("REP-11", "NO_SHARING")
