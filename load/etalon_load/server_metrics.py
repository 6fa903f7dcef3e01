"""How much a server works during a run, as it tells itself: CPU seconds, memory, answers.

Read from pages in the text format of Prometheus, those of several processes added up, or from a
Prometheus server. What cannot be read is not known: a run does not end for it.

Sources: Prometheus, exposition formats, text format 0.0.4; HTTP API, instant queries. A counter
that became less began again from 0, as `increase()` takes it.
"""

import re
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Final
from urllib.parse import quote

from etalon_target.messages import Answer, HttpRequest, HttpResponse
from etalon_target.profile_sections import MetricsSection
from etalon_target.secrecy import SecretError, Secrets
from etalon_target.targets import Target
from etalon_wire.validation.reading import part, parts

EVERY_SECONDS: Final = 2.0
_QUERY: Final = "/api/v1/query"
_OK: Final = 200
_SAMPLE: Final = re.compile(
    r"([A-Za-z_:][A-Za-z0-9_:]*)(?:\{(?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*\})?"
    r"[ \t]+(\S+)(?:[ \t]+-?\d+)?"
)
_OURS: Final = "etalon_answers_total"

Sends = Callable[[HttpRequest], Answer]


class MetricsError(Exception):
    """Metrics that cannot be read; the message says where and why, and nothing secret."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server told at one moment; None where it told nothing.

    Attributes:
        at: When, on the monotonic clock (s).
        cpu_seconds: CPU seconds since its processes began.
        memory_bytes: Memory in use.
        answers: Requests answered since its processes began.
    """

    at: float
    cpu_seconds: float | None
    memory_bytes: float | None
    answers: float | None


@dataclass(slots=True)
class Course:
    """What a server told in the course of a run.

    Attributes:
        readings: In their order.
        problem: Why something could not be read, the last time; empty when it could.
    """

    readings: list[Reading] = field(default_factory=list[Reading])
    problem: str = ""

    @property
    def cpu_seconds(self) -> float | None:
        """CPU seconds from the first to the last reading, None when that is not known."""
        return _increase([one.cpu_seconds for one in self.readings])

    @property
    def answers(self) -> float | None:
        """Requests answered from the first to the last reading, None when that is not known."""
        return _increase([one.answers for one in self.readings])

    def memory(self, start: float) -> list[tuple[float, float]]:
        """Return the memory in use (bytes) by second from `start`, on the monotonic clock."""
        return [
            (one.at - start, one.memory_bytes)
            for one in self.readings
            if one.memory_bytes is not None
        ]

    def plain(self, start: float) -> dict[str, object] | None:
        """Return it as `measured.json` holds it, None when nothing was told."""
        if self.cpu_seconds is None:
            return None
        span = self.readings[-1].at - self.readings[0].at
        return {
            "cpu_seconds": self.cpu_seconds,
            "seconds": span,
            "answers": self.answers,
            "memory": [[second, held] for second, held in self.memory(start)],
        }


def metrics_of(target: Target) -> MetricsSection | None:
    """Return where a target tells how much it works: by its profile, or as servers of ours do."""
    if target.profile.metrics is not None:
        return target.profile.metrics
    if target.sandbox_address and target.kind != "profile":
        return MetricsSection(addresses=(f"{target.root}/metrics",), answers=_OURS)
    return None


def read_metrics(told_by: MetricsSection, send: Sends, secrets: Secrets) -> Reading:
    """Read what a server tells now.

    Args:
        told_by: Where.
        send: Sends a request.
        secrets: Where its token comes from.

    Raises:
        MetricsError: Nothing that is metrics comes back, or the CPU seconds are not among it.
    """
    headers: tuple[tuple[str, str], ...] = ()
    if told_by.token:
        try:
            token = secrets.read(told_by.token)
        except SecretError as error:
            raise MetricsError(str(error)) from error
        headers = (("Authorization", f"Bearer {token}"),)
    names = (told_by.cpu, told_by.memory, told_by.answers)
    values: list[float | None] = [None, None, None]
    for address in told_by.addresses:
        read = _asked if address.endswith(_QUERY) else _scraped
        for rank, value in enumerate(read(address, names, headers, send)):
            before = values[rank]
            values[rank] = value if before is None or value is None else before + value
    if values[0] is None:
        message = f"{told_by.addresses[0]}: {told_by.cpu} is not told"
        raise MetricsError(message)
    return Reading(time.monotonic(), values[0], values[1], values[2])


@contextmanager
def watched(target: Target) -> Generator[Course]:
    """Read what a target tells while the block lasts, at its beginning and its end too.

    Args:
        target: It, reached.
    """
    course, told_by, over = Course(), metrics_of(target), threading.Event()
    secrets = Secrets(target.redaction, target.profile.folder)
    if told_by is None:
        yield course
        return

    def read() -> None:
        try:
            course.readings.append(read_metrics(told_by, target.send, secrets))
        except MetricsError as error:
            course.problem = target.redaction.text(str(error))

    def watch() -> None:
        while not over.wait(EVERY_SECONDS):
            read()

    read()
    watching = threading.Thread(target=watch, name="etalon-server-metrics", daemon=True)
    watching.start()
    try:
        yield course
    finally:
        over.set()
        watching.join()
        read()


def _scraped(
    address: str, names: Sequence[str], headers: tuple[tuple[str, str], ...], send: Sends
) -> list[float | None]:
    """Return the sums of metrics on a page, None for those that are not there."""
    page = _body(address, send(HttpRequest("GET", address, (*headers, ("Accept", "text/plain")))))
    sums: dict[str, float] = {}
    for line in page.decode("utf-8", "replace").splitlines():
        match = _SAMPLE.fullmatch(line.strip())
        if match is not None and match[1] in names:
            value = _number(match[2])
            if value is not None:
                sums[match[1]] = sums.get(match[1], 0.0) + value
    return [sums.get(name) for name in names]


def _asked(
    address: str, names: Sequence[str], headers: tuple[tuple[str, str], ...], send: Sends
) -> list[float | None]:
    """Return the sums of what expressions lead to on a Prometheus server."""
    return [_evaluated(address, name, headers, send) if name else None for name in names]


def _evaluated(
    address: str, expression: str, headers: tuple[tuple[str, str], ...], send: Sends
) -> float | None:
    url = f"{address}?query={quote(expression, safe='')}"
    answer = send(HttpRequest("GET", url, (*headers, ("Accept", "application/json"))))
    _body(address, answer)
    told = answer.json() if isinstance(answer, HttpResponse) else None
    if not isinstance(told, dict):
        message = f"{address}: no answer of a Prometheus server"
        raise MetricsError(message)
    found = [one.get("value") for one in parts(part(told, "data"), "result")]
    values = [_number(str(one[1])) for one in found if isinstance(one, list) and len(one) > 1]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _body(address: str, answer: Answer) -> bytes:
    if not isinstance(answer, HttpResponse):
        message = f"{address}: {answer.kind}: {answer.detail}"
        raise MetricsError(message)
    if answer.status != _OK:
        message = f"{address}: HTTP {answer.status}"
        raise MetricsError(message)
    return answer.body


def _number(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _increase(told: Sequence[float | None]) -> float | None:
    """Return by how much a counter grew, None when fewer than two values are known."""
    known = [value for value in told if value is not None]
    if len(known) < 2:  # noqa: PLR2004 (a first and a last)
        return None
    return sum(after - before if after >= before else after for before, after in pairwise(known))
