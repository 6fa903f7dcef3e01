"""What a server tells of itself is read, added up, and never made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.server_metrics import (
    Course,
    MetricsError,
    Reading,
    metrics_of,
    read_metrics,
    watched,
)
from etalon_target.messages import Answer, FailureKind, HttpRequest, HttpResponse, TransportFailure
from etalon_target.profile_sections import MetricsSection
from etalon_target.secrecy import Secrets
from etalon_target.targets import target_of
from served_town import served

PAGE = b"""# HELP process_cpu_seconds_total CPU.
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 12.5
process_cpu_seconds_total{mode="a \\"b\\" }"} 1e1 1395066363000
process_resident_memory_bytes 1.5e+08
answers_total{code="200"} 3
answers_total{code="500"} +Inf
other 7
process_cpu_seconds_total_more 9
"""
ONE, TWO = "http://127.0.0.1:1/metrics", "http://127.0.0.1:2/metrics"
PROMETHEUS = "http://127.0.0.1:3/api/v1/query"
FOUND = b'{"data":{"result":[{"metric":{},"value":[1,"2.5"]},{"metric":{},"value":[1,"1.5"]}]}}'


class Pages:
    """A network that answers what it is told to."""

    def __init__(self, **pages: tuple[int, bytes]) -> None:
        self.pages = pages
        self.asked: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> Answer:
        """Answer a request."""
        self.asked.append(request)
        name = {"1": "one", "2": "two", "3": "prometheus"}[request.url[17]]
        if name not in self.pages:
            return TransportFailure(FailureKind.REFUSED, "nobody", 0.0, maybe_applied=False)
        status, body = self.pages[name]
        return HttpResponse(status, (), body, 0.0, request.url)


def read(pages: Pages, *addresses: str, **names: str) -> tuple[float | None, ...]:
    """What these pages tell."""
    environment = {"METRICS_TOKEN": "a-token-of-tests"}
    section = MetricsSection(addresses=addresses, **names)
    told = read_metrics(section, pages.send, Secrets(environment=environment))
    return told.cpu_seconds, told.memory_bytes, told.answers


def test_samples_of_a_metric_are_added_up_over_labels_and_processes() -> None:
    """And what is no number, or another metric, is not."""
    pages = Pages(one=(200, PAGE), two=(200, PAGE))

    assert read(pages, ONE, answers="answers_total") == (22.5, 1.5e8, 3.0)
    assert read(pages, ONE, TWO, memory="none") == (45.0, None, None)


def test_a_prometheus_server_is_asked_for_expressions() -> None:
    """With the token that it wants, and none for what is not asked."""
    pages = Pages(prometheus=(200, FOUND))

    told = read(pages, PROMETHEUS, cpu='sum(a{b="c"})', memory="", token="env:METRICS_TOKEN")  # noqa: S106 (where it is)

    assert told == (4.0, None, None)
    assert [one.url for one in pages.asked] == [f"{PROMETHEUS}?query=sum%28a%7Bb%3D%22c%22%7D%29"]
    assert pages.asked[0].header("authorization") == "Bearer a-token-of-tests"


@pytest.mark.parametrize(
    ("pages", "address", "said"),
    [
        (Pages(), ONE, "refused: nobody"),
        (Pages(one=(503, b"")), ONE, "HTTP 503"),
        (Pages(one=(200, b"<html>")), ONE, "process_cpu_seconds_total is not told"),
        (Pages(prometheus=(200, b"<html>")), PROMETHEUS, "no answer of a Prometheus server"),
        (Pages(prometheus=(200, b'{"data": []}')), PROMETHEUS, "is not told"),
    ],
)
def test_what_cannot_be_read_is_said(pages: Pages, address: str, said: str) -> None:
    """Where and why."""
    with pytest.raises(MetricsError, match=said):
        read(pages, address)


@given(st.lists(st.lists(st.integers(0, 1000), min_size=1), min_size=1, max_size=4))
def test_a_counter_that_begins_again_loses_nothing_that_was_told(lives: list[list[int]]) -> None:
    """Each life of a process counts from 0, and from its first reading on for the first."""
    course, expected = Course(), 0
    for rank, life in enumerate(lives):
        # A process that begins again tells less than the one before did at its end.
        told = sorted(life) if rank == 0 else [0, *sorted(life)]
        expected += told[-1] - told[0]
        course.readings += [Reading(0.0, float(value), None, None) for value in told]

    if len(course.readings) < 2:
        assert course.cpu_seconds is None
    else:
        assert course.cpu_seconds == expected


def test_a_server_of_ours_tells_what_it_worked_while_it_was_watched() -> None:
    """Without a word in a profile."""
    with served() as town, target_of(f"{town.address}/fhir") as target:
        with watched(target) as course:
            for _ in range(5):
                target.send(HttpRequest("GET", "/metadata"))
        told = course.plain(course.readings[0].at)

    assert course.problem == ""
    assert told is not None
    assert course.cpu_seconds is not None
    assert course.cpu_seconds > 0
    assert course.answers is not None
    assert course.answers >= 5
    assert course.memory(course.readings[0].at)[0][0] == 0


def test_a_target_that_tells_nothing_is_not_asked() -> None:
    """And nothing is known of how much it works."""
    target = target_of("http://127.0.0.1:1/fhir")

    with watched(target) as course:
        pass

    assert metrics_of(target) is None
    assert course.plain(0.0) is None
