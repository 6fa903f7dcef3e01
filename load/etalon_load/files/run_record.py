"""What is known of a run once it has ended: what was asked of it, and what it measured.

Two files of its directory tell: `workload.json`, written before it begins, and `measured.json`,
written when it has ended. Each may hold more than is read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter, ValidationError

from etalon_load.measures import Measures
from etalon_load.objectives import Objective
from etalon_load.silences import Silence
from etalon_load.verdicts import Conduct

WORKLOAD_FILE: Final = "workload.json"
MEASURED_FILE: Final = "measured.json"
_SHOWN: Final = 3

Read = TypeVar("Read")
_Measures = Annotated[
    Any, BeforeValidator(Measures.from_plain), PlainSerializer(lambda one: one.plain())
]


class RunRecordError(ValueError):
    """A directory that holds no run, or a file of it that is cut or none of ours."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was loaded: `embedded`, `address` or `profile`, its name, and where it is."""

    kind: str
    name: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Where arrivals came from.

    Attributes:
        name: Of the profile, or `recorded`.
        peak: Arrivals of the busiest second that were asked for.
        window: Of a recording.
        source: Where the curve comes from, in words.
    """

    name: str
    peak: float | None = None
    window: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a run.

    Attributes:
        run_id: Sent with every request.
        started_at: When its clock stood at 0 (ISO 8601, UTC).
        etalon_version: Of the generator.
        target: What was loaded.
        profile: Where arrivals came from.
        seed: Of the plan.
        seconds: How long people arrive.
        workers: How many share the plan.
        plan_digest: Of the planned arrivals.
        planned: Arrivals planned in each second.
        objectives: What had to be reached.
        objectives_name: Their file.
        sample: Share of people whose answers are held against the model.
        time_scale: By how much token and retry times were divided.
        fault: Asked of the sandbox of the target.
        max_rate: Journeys a second that are never exceeded.
        stop_if: What ends the run early.
        pace: By how much times of thought were multiplied; None when it is not told.
        retries: How often a request that is refused for now is sent again.
        is_steady: Latency and memory that rise make the run fail.
        memory_each: What the target may keep of what it is sent, for each answer (bytes).
        command: What was typed.
    """

    run_id: str
    started_at: str
    etalon_version: str
    target: Target
    profile: Arrivals
    seed: int
    seconds: float
    workers: int
    plan_digest: str
    planned: list[int]
    objectives: list[Objective]
    objectives_name: str
    sample: float = 0.0
    time_scale: float = 1.0
    fault: str | None = None
    max_rate: float | None = None
    stop_if: str | None = None
    pace: float | None = None
    retries: int = 0
    is_steady: bool = False
    memory_each: float = 0.0
    command: list[str] = field(default_factory=list[str])

    @property
    def length(self) -> int:
        """How many seconds are judged."""
        return max(1, ceil(self.seconds))


@dataclass(frozen=True, slots=True)
class Slow:
    """One of the slowest answers.

    Attributes:
        trace: Its trace id.
        journey: Of which journey.
        step: Of which step.
        at: When it was meant to leave (µs from the start of the run).
        response_us: From then to its end.
        status: Of the answer, None when none came.
    """

    trace: str
    journey: str
    step: str
    at: int
    response_us: int
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer: trace id, step, when it was meant to leave (µs), and a key of its reason."""

    trace: str
    journey: str
    step: str
    at: int
    reason: str
    values: dict[str, str | float] = field(default_factory=dict[str, str | float])


@dataclass(frozen=True, slots=True)
class Failed:
    """How often a step failed, or was sent again, for one reason."""

    journey: str
    step: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Absence:
    """A server that was killed: when (µs from the start of the run), until it answered again."""

    at_us: int
    length_us: int


@dataclass(frozen=True, slots=True)
class WorkerTold:
    """What a worker says of itself.

    Attributes:
        rank: From 0.
        host: Where it ran.
        offered: Journeys it began.
        busiest: Share of a core in its busiest second.
        cpu_seconds: It used in all.
        late_ms: Late at the start by so much.
        lost: Whether it went missing.
    """

    rank: int
    host: str = ""
    offered: int = 0
    busiest: float = 0.0
    cpu_seconds: float | None = None
    late_ms: float | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a run measured.

    Attributes:
        measures: Of all workers, merged.
        conduct: Of the generator.
        slowest: The slowest answers.
        wrong: All wrong answers.
        failed: How often each step failed for each reason, the most first.
        retried: How often each step was sent again for each reason, the most first.
        workers: Each worker.
        restarts: When the server was killed, and how long it was away.
        server: Figures of the target (`cpu_seconds`, `seconds`, `requests`), or None.
        server_memory: Second of the run and bytes that the target held, as they were sampled.
        server_problem: Why it told nothing of itself, though it was asked to.
        silences: Stretches in which nothing was answered, None when nobody listened for them.
        ended: complete, stopped by a rule, or interrupted.
        stop_rule: The rule.
        broken: Journeys that ended in a fault of their own, with what it was.
    """

    measures: _Measures
    conduct: Conduct
    slowest: list[Slow] = field(default_factory=list[Slow])
    wrong: list[Wrong] = field(default_factory=list[Wrong])
    failed: list[Failed] = field(default_factory=list[Failed])
    retried: list[Failed] = field(default_factory=list[Failed])
    workers: list[WorkerTold] = field(default_factory=list[WorkerTold])
    restarts: list[Absence] = field(default_factory=list[Absence])
    server: dict[str, float | None] | None = None
    server_memory: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    server_problem: str | None = None
    silences: list[Silence] | None = None
    ended: str = "complete"
    stop_rule: str | None = None
    broken: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run that has ended."""

    asked: Asked
    told: Told


_ASKED: Final = TypeAdapter(Asked)
_TOLD: Final = TypeAdapter(Told)


def read_run_record(directory: Path) -> RunRecord:
    """Read what was asked of a run and what it measured.

    Raises:
        RunRecordError: A file is missing, cut, or lacks what is expected; the message says where.
    """
    return RunRecord(
        _read(directory / WORKLOAD_FILE, _ASKED), _read(directory / MEASURED_FILE, _TOLD)
    )


def _read(file: Path, adapter: "TypeAdapter[Read]") -> Read:
    try:
        return adapter.validate_json(file.read_bytes())
    except OSError as error:
        message = f"{file}: {error.strerror}; expected the directory of a load run that has ended"
        raise RunRecordError(message) from error
    except ValidationError as error:
        found = "; ".join(map(_problem, error.errors()[:_SHOWN]))
        message = f"{file}: {found}; expected what `etalon load run` writes"
        raise RunRecordError(message) from error


def _problem(error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {error['msg']}" if place else str(error["msg"])
