"""Faults as they are typed become what the fault switches read, or say what is expected."""

import pytest

from etalon_load.faults import FaultError, fault_of, refuse_late


@pytest.mark.parametrize(
    ("written", "body", "begins"),
    [
        ("stall:2s", {"stall": True, "for": "PT2S"}, 8.0),
        ("stall:1500ms@30s", {"stall": True, "for": "PT1.5S"}, 30.0),
        ("slow:5%:500ms:10s", {"slow_share": 0.05, "by": "PT0.5S", "for": "PT10S"}, 8.0),
        ("error:100%:20s/oauth2@10s", {
            "error_share": 1.0, "for": "PT20S", "routes": ["/oauth2"]
        }, 10.0),
        ("refuse:10%:1m", {"too_many_share": 0.1, "for": "PT60S"}, 8.0),
        ("reset:10%:10s", {"reset_share": 0.1, "for": "PT10S"}, 8.0),
        ("slow-body:10%:1s:10s", {"slow_body_share": 0.1, "by": "PT1S", "for": "PT10S"}, 8.0),
    ],
)  # fmt: skip
def test_a_fault_becomes_what_the_switches_read(
    written: str, body: dict[str, object], begins: float
) -> None:
    """Left out, it begins at 40 % of the run."""
    fault = fault_of(written)

    assert fault.body() == body
    assert fault.begins(20.0) == begins


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("flood:2s", "one of error, refuse"),
        ("stall", "one of error, refuse"),
        ("stall:2", "a length such as"),
        ("stall:0s", "a length such as"),
        ("error:0%:2s", "a share above 0 %"),
        ("error:101%:2s", "a share above 0 %"),
        ("slow:5%:500ms", "its length last"),
        ("stall:2s:3s", "its length last"),
        ("stall:2s@soon", "a length such as"),
        ("restart", "one of error, refuse"),
        ("restart:2s/fhir", "no route"),
        ("restart:10%:2s", "its length last"),
    ],
)
def test_what_is_no_fault_says_what_is_expected(written: str, said: str) -> None:
    """The message repeats what was typed."""
    with pytest.raises(FaultError, match=said) as error:
        fault_of(written)

    assert repr(written) in str(error.value)


def test_a_restart_turns_no_switch() -> None:
    """It has a beginning and a length as the others."""
    fault = fault_of("restart:2s@30s")

    assert (fault.is_restart, fault.lasts, fault.begins(60.0)) == (True, 2.0, 30.0)
    assert not fault_of("stall:2s").is_restart


def test_a_fault_after_the_run_is_refused() -> None:
    """Else the run would tell of a fault that never was."""
    with pytest.raises(FaultError, match="before the run ends"):
        refuse_late([fault_of("stall:2s@20s")], 20.0)
