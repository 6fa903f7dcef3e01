"""Journeys that other distributions bring, on the arrivals of ours.

The entry point of a pack names a `Journeys`. Each is asked for as `PACK:JOURNEY`, and so it is
called in the plan, the measures and the reports of a run; all of a run come from one pack.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from etalon_load.arrivals import Plan
from etalon_load.objectives import Objective, ObjectivesError, read_objectives
from etalon_load.workload import Workload
from etalon_text.packs import BETWEEN, Kind, PackError, object_of, pack_named, parted

if TYPE_CHECKING:
    from etalon_load.dispatching import Journey

MAKER: Final = "etalon_load.packed_journeys:made"
"""How the workload of a run names what makes such journeys."""


class Maker(Protocol):
    """Makes the journeys of a pack, in a worker."""

    def __call__(self, workload: Workload, plan: Plan, rank: int) -> "Mapping[str, Journey]":
        """Return them by name, the name of the pack left out.

        Args:
            workload: What is asked; `workload.target["address"]` is where.
            plan: All arrivals of the run.
            rank: Of the worker.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Journeys:
    """What a pack brings.

    Attributes:
        mix: How much of the arrivals each journey has, in any unit; all above 0.
        steps: The steps of each journey, in their order.
        objectives: File of what is asked where nothing else is said (`--objectives default`).
        made: Makes them.
    """

    mix: Mapping[str, float]
    steps: Mapping[str, tuple[str, ...]]
    objectives: Path
    made: Maker


def journeys_of_pack(name: str) -> Journeys:
    """Return what a pack brings.

    Raises:
        PackError: There is no such pack, or it breaks its contract.
    """
    brought = object_of(pack_named(Kind.JOURNEYS, name))
    if not isinstance(brought, Journeys):
        raise PackError(name, f"a {type(brought).__name__}, no {Journeys.__name__}")
    if not brought.mix or brought.mix.keys() != brought.steps.keys():
        raise PackError(name, "a mix and steps that are not of the same journeys")
    if not all(weight > 0 for weight in brought.mix.values()):
        raise PackError(name, "a mix with a share that is not above 0")
    return brought


def pack_among(asked: Collection[str]) -> str | None:
    """Return the pack from which journeys are asked, None for our own.

    Raises:
        PackError: They come from several, or from one and from us.
    """
    found = {named[0] if (named := parted(one)) else None for one in asked}
    if len(found) > 1:
        names = sorted(one for one in found if one is not None)
        raise PackError(names[0], f"journeys beside others, {', '.join(sorted(asked))}")
    return found.pop() if found else None


def mix_of_pack(pack: str, asked: Collection[str]) -> dict[str, float]:
    """Return the share of each journey that is asked from a pack, by its full name.

    Raises:
        PackError: There is no such pack, it breaks its contract, or it has no such journey.
    """
    weights = {
        f"{pack}{BETWEEN}{one}": weight for one, weight in journeys_of_pack(pack).mix.items()
    }
    for one in sorted(asked):
        if one not in weights:
            raise PackError(pack, f"no journey {one} (there are {', '.join(weights)})")
    whole = sum(weights[one] for one in asked)
    return {one: weights[one] / whole for one in weights if one in asked}


def steps_of_pack(pack: str) -> dict[str, tuple[str, ...]]:
    """Return the steps of the journeys of a pack, by their full names.

    Raises:
        PackError: There is no such pack, or it breaks its contract.
    """
    return {f"{pack}{BETWEEN}{one}": steps for one, steps in journeys_of_pack(pack).steps.items()}


def objectives_of_pack(pack: str, asked: Collection[str]) -> tuple[Objective, ...]:
    """Return what a pack asks of its journeys where nothing else is said, those asked for alone.

    Raises:
        PackError: There is no such pack, it breaks its contract, or its file cannot be read.
    """
    brought = journeys_of_pack(pack)
    try:
        read = read_objectives(brought.objectives, brought.steps)
    except ObjectivesError as error:
        raise PackError(pack, f"objectives that cannot be read ({error})") from error
    named = (replace(one, journey=f"{pack}{BETWEEN}{one.journey}") for one in read)
    return tuple(one for one in named if one.journey in asked)


def made(
    workload: Workload, plan: Plan, people: Sequence[str], rank: int
) -> "Mapping[str, Journey]":
    """Return the journeys of a worker, by their full names.

    Args:
        workload: What is asked.
        plan: All arrivals of the run, on journeys of one pack.
        people: Lines of the file of test people; such journeys want none.
        rank: Of the worker.

    Raises:
        PackError: The pack is not installed on this machine, or breaks its contract.
    """
    del people
    pack = pack_among({arrival.kind for arrival in plan.arrivals}) or ""
    journeys = journeys_of_pack(pack).made(workload, plan, rank)
    return {f"{pack}{BETWEEN}{name}": journey for name, journey in journeys.items()}
