"""Fault switches do what they are called for, to those they name, for as long as they are on."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_server.disturbances import Disturbance
from etalon_server.sandbox.durations import Duration
from etalon_server.sandbox.faults import FaultSwitches
from etalon_server.sandbox.form import read_form
from etalon_wire.malformed import LIMITS


def switched(body: object, seconds: float = 0.0) -> Callable[[str], Disturbance | None]:
    """What faults do to paths so many seconds after they were put on."""
    now = [100.0]
    switches = FaultSwitches(1, lambda: now[0])
    switches.put_on(read_form(json.dumps(body).encode(), LIMITS))
    now[0] += seconds
    return switches.of


@pytest.mark.parametrize(
    ("body", "met"),
    [
        ({"stall": True, "for": "PT5S"}, Disturbance(wait_seconds=4.0)),
        ({"slow_share": 1, "by": "PT0.5S"}, Disturbance(wait_seconds=0.5)),
        ({"error_share": 1.0}, Disturbance(status=500)),
        (
            {"too_many_share": 1, "retry_after": 7},
            Disturbance(status=429, retry_after_seconds=7),
        ),
        ({"reset_share": 1}, Disturbance(resets=True)),
        ({"slow_body_share": 1, "by": "PT2S"}, Disturbance(slow_body_seconds=2.0)),
        (
            {"slow_share": 1, "reset_share": 1, "by": "PT2S"},
            Disturbance(wait_seconds=2.0, resets=True),
        ),
        ({"stall": False}, None),
        ({"error_share": 0}, None),
        ({}, None),
    ],
)
def test_each_fault_does_what_it_is_called_for(body: object, met: Disturbance | None) -> None:
    """One second after it was put on; never to the sandbox, to health or to the figures."""
    of = switched(body, 1.0)

    assert of("/fhir/Patient") == met
    spared = ("/sandbox/faults", "/health", "/health/ready", "/metrics")
    assert [of(path) for path in spared] == [None] * len(spared)


@pytest.mark.parametrize(("seconds", "met"), [(29.9, True), (30.0, False), (31.0, False)])
def test_a_fault_ends_when_its_time_is_over(seconds: float, *, met: bool) -> None:
    """And meets only the routes it names, by their beginning."""
    body = {"error_share": 1, "for": "PT30S", "routes": ["/fhir/List", "/oauth2"]}
    of = switched(body, seconds)

    assert (of("/fhir/List/1") is not None) is met
    assert (of("/oauth2/token") is not None) is met
    assert of("/fhir/DocumentReference") is None


@given(share=st.floats(0.05, 0.95))
def test_a_share_meets_that_share_of_the_requests(share: float) -> None:
    """Within five standard deviations of a thousand draws; the same seed draws the same."""
    of, again = switched({"error_share": share}), switched({"error_share": share})

    met = [of("/fhir") is not None for _ in range(1000)]

    assert abs(sum(met) - 1000 * share) < 5 * (1000 * share * (1 - share)) ** 0.5
    assert met == [again("/fhir") is not None for _ in range(1000)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PT\u0661S",
        "P",
        "PT",
        "P1",
        "1D",
        "P1DT",
        "PT1D",
        "T1S",
        "PTS",
        "PT1.S",
        "P-1D",
        "PT1S ",
        "p1d",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    """A designator without a number, or a number without one."""
    with pytest.raises(ValueError, match="not understood"):
        Duration(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT1H1M1.5S", 3661.5), ("PT0S", 0.0), ("PT2M", 120.0), ("P1D", None), ("P1DT1S", None)],
)
def test_a_duration_of_days_has_no_fixed_number_of_seconds(
    text: str, seconds: float | None
) -> None:
    """A day of Paris has 23 to 25 hours."""
    assert Duration(text).seconds == seconds


def test_an_empty_body_puts_every_fault_out() -> None:
    """Whatever was on."""
    switches = FaultSwitches(1)
    for body in (b'{"error_share": 1}', b'{"reset_share": 1, "for": "PT1H"}', b"{}"):
        switches.put_on(read_form(body, LIMITS))

    assert switches.of("/fhir") is None
