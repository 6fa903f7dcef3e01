"""One load from its plan to what was measured: files, people, processes, faults, figures.

The target is reached already, and stays so: a search for capacity runs many loads on one.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from etalon_load.arrivals import Plan
from etalon_load.faults import AskedFault
from etalon_load.files.whole_files import named_when_whole
from etalon_load.journeys.table import on_our_wire, steps, wanted_of
from etalon_load.not_run import NotRunError
from etalon_load.objectives import Objective, bounds_of
from etalon_load.packed_journeys import pack_among, steps_of_pack
from etalon_load.people.people_file import write_people
from etalon_load.people.pool import demand
from etalon_load.people.preparing import prepare
from etalon_load.people.spending import spend
from etalon_load.processes import Line, Placing, Processes
from etalon_load.server_metrics import Course, watched
from etalon_load.switches import Switches
from etalon_load.target_spec import TargetSpec
from etalon_load.workload import (
    LONGEST_SECONDS,
    MEASURED_FILE,
    OWN_JOURNEYS,
    PEOPLE_FILE,
    PLAN_FILE,
    WORKLOAD_FILE,
    Workload,
    write_plan,
)
from etalon_target.connecting import NO_OVERRIDES, Overrides
from etalon_target.targets import Target

_DRAIN_SECONDS: Final = 60.0
_THOUGHT_SECONDS: Final = 900.0
"""As long as the longest journey may think, at the pace of life."""

_UNHURRIED: Final = 1_800.0
_OWNER_ONLY: Final = 0o700


class GeneratorFaultError(Exception):
    """A fault of ours in the processes that send; the message is its trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is to be sent.

    Attributes:
        plan: Who arrives when.
        profile: Whose arrivals these are: name, peak, window, source.
        objectives: What is asked of the target.
        objectives_name: Name or path they came from.
        retries: How often a request that is refused for now is sent again.
        is_steady: Latency and memory that rise make the run fail.
        memory_each: What the target may keep of what it is sent, for each answer (bytes).
        seed: What chance starts from.
        version: Of Étalon.
        people: File of test people, or None where the target makes them.
        sample: Share of people whose answers are held against the model.
        time_scale: What times of thinking and of tokens are divided by.
        max_rate: The most journeys a second that may be planned, or None.
        stop_rules: Rules that end the run, as they were typed.
        faults: Faults of the target.
        overrides: What the command line says of TLS.
        placing: Where the processes are.
        journeys: `module:function` that makes the journeys.
        command: What was typed.
    """

    plan: Plan
    profile: Mapping[str, str | float | None]
    objectives: tuple[Objective, ...]
    objectives_name: str
    seed: int
    version: str
    people: Path | None = None
    sample: float = 0.05
    time_scale: float = 1.0
    max_rate: float | None = None
    stop_rules: tuple[str, ...] = ()
    faults: tuple[AskedFault, ...] = ()
    overrides: Overrides = NO_OVERRIDES
    placing: Placing = field(default_factory=Placing)
    retries: int = 0
    is_steady: bool = False
    memory_each: float = 0.0
    journeys: str = OWN_JOURNEYS
    command: tuple[str, ...] = ()


def workload_of(load: Load, target: Target, started_at: datetime) -> Workload:
    """Return what workers are told of a load on a target that was reached."""
    plan = load.plan
    kinds = {one.kind for one in plan.arrivals}
    pack = pack_among(kinds)
    objectives = tuple(one for one in load.objectives if one.journey in kinds)
    bounds = bounds_of(objectives, steps() if pack is None else steps_of_pack(pack))
    pace = min(1.0, plan.seconds / _UNHURRIED) / load.time_scale
    return Workload(
        run_id=uuid.uuid4().hex,
        started_at=started_at.isoformat(timespec="milliseconds"),
        etalon_version=load.version,
        target={
            "kind": target.kind,
            "name": target.profile.name,
            "address": target.fhir_base,
        },
        speaking=TargetSpec.of(target, load.overrides).plain(),
        profile=load.profile,
        seed=load.seed,
        seconds=plan.seconds,
        workers=load.placing.workers,
        plan_digest=plan.digest,
        planned=plan.by_second(),
        objectives=objectives,
        objectives_name=load.objectives_name,
        bounds={str(step): bound for step, bound in bounds.items()},
        sample=load.sample,
        time_scale=load.time_scale,
        fault=" ".join(one.written for one in load.faults) or None,
        max_rate=load.max_rate,
        stop_if="; ".join(load.stop_rules) or None,
        stop_rules=load.stop_rules,
        pace=pace,
        drain_seconds=_drain_seconds(load, pace),
        retries=load.retries,
        is_steady=load.is_steady,
        memory_each=load.memory_each,
        journeys=load.journeys,
        command=load.command,
    )


def _drain_seconds(load: Load, pace: float) -> float:
    """Return how long journeys may take after the last one began."""
    waiting = load.retries * LONGEST_SECONDS / load.time_scale
    return _DRAIN_SECONDS + _THOUGHT_SECONDS * pace + waiting


def send(
    load: Load,
    target: Target,
    folder: Path,
    told: Callable[[Line], None],
    is_interrupted: Callable[[], bool],
) -> Mapping[str, object]:
    """Send a load, and return what was measured; it stands in the folder too.

    Args:
        load: What is to be sent.
        target: Reached.
        folder: Empty, or without files of a load.
        told: Told of the progress, second by second.
        is_interrupted: Whether to let no further journey begin.

    Raises:
        NotRunError: It could not begin.
        PeopleError: Test people are missing or cannot be made.
        GeneratorFaultError: A fault of ours.
        OSError: A file cannot be written.
    """
    refuse_unswitchable(load.faults, target)
    _refuse_foreign(load, target)
    _put_people(load, target, folder)
    workload = workload_of(load, target, datetime.now(UTC))
    write_plan(load.plan, folder / PLAN_FILE)
    written = json.dumps(workload.plain(), ensure_ascii=False, indent=1)
    (folder / WORKLOAD_FILE).write_text(written + "\n", encoding="utf-8")
    switches = Switches(target, load.faults, load.plan.seconds)
    with watched(target) as course, Processes(folder, load.placing) as processes:
        stopping = False

        def tick() -> None:
            nonlocal stopping
            switches.turn()
            if not stopping and is_interrupted():
                stopping = True
                processes.stop()

        def heard(line: Line) -> None:
            if "begins_in" in line:
                switches.begin(cast("float", line["begins_in"]))
            elif "progress" in line:
                told(cast("Line", line["progress"]))

        try:
            ended = processes.watched(heard, tick)
        finally:
            switches.end()
    switches.refuse_failed()
    if ended.refused:
        raise NotRunError(key=ended.refused, **ended.values)
    file = folder / MEASURED_FILE
    measured = cast("dict[str, object]", json.loads(file.read_bytes())) if file.exists() else {}
    faults = cast("list[str]", measured.get("faults", []))
    if ended.fault or faults or not measured:
        raise GeneratorFaultError(ended.fault or "\n".join(faults) or f"exit code {ended.code}")
    return _with_server(measured, course, switches, file)


def _with_server(
    measured: dict[str, object], course: Course, switches: Switches, file: Path
) -> Mapping[str, object]:
    """Add what the server told of itself and when it was away, in the file too."""
    told = course.plain(switches.began_at)
    measured["restarts"] = switches.restarts
    measured["server_memory"] = told.pop("memory") if told else []
    measured["server"] = told and {**told, "requests": told.pop("answers")}
    measured["server_problem"] = course.problem or None
    with named_when_whole(file) as unfinished:
        unfinished.write_text(json.dumps(measured), encoding="utf-8")
    return measured


def refuse_unswitchable(faults: tuple[AskedFault, ...], target: Target) -> None:
    """Refuse faults of a target that has no switches of ours.

    Raises:
        NotRunError: It has none.
    """
    if any(one.is_restart for one in faults) and not target.is_durable:
        raise NotRunError(key="no_restart", target=target.profile.name)
    if faults and target.sandbox is None:
        raise NotRunError(key="no_switches", target=target.profile.name)


def _refuse_foreign(load: Load, target: Target) -> None:
    """Refuse journeys that ask a target for what no published text describes, unless it is ours.

    Raises:
        NotRunError: Some of the plan do.
    """
    if load.journeys != OWN_JOURNEYS or target.speaks_own_wire:
        return
    asked = sorted({one.kind for one in load.plan.arrivals} & on_our_wire())
    if asked:
        name = target.profile.name
        raise NotRunError(key="own_wire", target=name, journeys=", ".join(asked))


def _put_people(load: Load, target: Target, folder: Path) -> None:
    """Put the test people of a run into its folder.

    Raises:
        PeopleError: There are too few, or they cannot be made.
    """
    needed = demand(load.plan.arrivals, wanted_of())
    if load.people is not None:
        held = spend(load.people, needed)
        people, origin = held.people, held.origin
    else:
        prepared = prepare(target, needed, f"load-{uuid.uuid4().hex[:8]}")
        people, origin = prepared.people, prepared.origin
    private = folder / PEOPLE_FILE
    private.parent.mkdir(mode=_OWNER_ONLY, exist_ok=True)
    write_people(private, people, origin)
