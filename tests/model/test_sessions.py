"""Sessions of professionals, versions of TLS, the level of a login."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from etalon_model import LogIn, Refusal, State, holder
from etalon_model.sandbox import Sandbox
from etalon_model.sessions import (
    ProfessionalSession,
    SessionNeed,
    TransportStanding,
    session_need,
    transport_standing,
)

OPENED = datetime(2023, 12, 6, 8, tzinfo=UTC)


@pytest.mark.rule("ID-10")
@pytest.mark.parametrize(
    ("access", "refresh", "idle", "age", "need"),
    [
        (0, 0, 0, 0, SessionNeed.NOTHING),
        (119, 119, 119, 119, SessionNeed.NOTHING),
        (120, 120, 120, 120, SessionNeed.REFRESH),
        (180, 180, 180, 180, SessionNeed.REFRESH),
        (1799, 1799, 180, 1799, SessionNeed.REFRESH),
        (1800, 1800, 180, 1800, SessionNeed.LOG_IN),
        (60, 60, 1799, 7200, SessionNeed.NOTHING),
        (60, 60, 1800, 7200, SessionNeed.LOG_IN),
        (60, 60, 1860, 7200, SessionNeed.LOG_IN),
        (60, 60, 60, 14399, SessionNeed.NOTHING),
        (60, 60, 60, 14400, SessionNeed.LOG_IN),
    ],
    ids=str,
)
def test_tokens_and_sessions_end_when_they_must(
    *, access: int, refresh: int, idle: int, age: int, need: SessionNeed
) -> None:
    """Seconds since each was issued or used: the last second, then the end."""
    at = OPENED + timedelta(seconds=age)
    session = ProfessionalSession(
        OPENED,
        at - timedelta(seconds=idle),
        at - timedelta(seconds=access),
        at - timedelta(seconds=refresh),
    )

    assert session_need(session, at) is need


@pytest.mark.rule("ID-12")
@pytest.mark.parametrize(
    ("version", "standing"),
    [
        ("TLS 1.3", TransportStanding.ADVISED),
        ("TLS 1.2", TransportStanding.TOLERATED),
        ("TLS 1.1", TransportStanding.FORBIDDEN),
        ("TLS 1.0", TransportStanding.FORBIDDEN),
        ("SSL 3.0", TransportStanding.FORBIDDEN),
    ],
)
def test_each_version_of_tls_has_its_standing(version: str, standing: TransportStanding) -> None:
    """Nothing older than 1.2."""
    assert transport_standing(version) is standing


@pytest.mark.rule("ID-12")
def test_a_version_nobody_speaks_of_is_named_with_those_that_exist() -> None:
    """Rather than taken for a good one."""
    with pytest.raises(LookupError, match=r"no version 'TLS 2.0' of TLS; versions are TLS 1.3"):
        transport_standing("TLS 2.0")


@pytest.mark.rule("ID-08")
@pytest.mark.parametrize(
    ("at", "level", "accepted"),
    [
        ("2025-12-31T22:59", "low", True),
        ("2025-12-31T23:00", "low", False),
        ("2025-12-31T23:00", "substantial", True),
        ("2025-12-31T23:00", "high", True),
    ],
)
def test_the_substantial_level_is_needed_from_2026(
    launch: Sandbox, at: str, level: Literal["low", "substantial", "high"], *, accepted: bool
) -> None:
    """From midnight in Paris."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    outcome = launch.service.apply(LogIn(now, holder(ins), ins, "franceconnect", level=level))

    assert isinstance(outcome, Refusal) is not accepted
    assert accepted or getattr(outcome, "code", "") == "LEVEL_TOO_LOW"
