"""Trying servers one by one: each is opened, and the checks that concern it are run on it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from etalon_conformance.impostors import impostors, variants
from etalon_conformance.planning import Choice, Plan, planned
from etalon_conformance.power import Kind, Trial, trial_of
from etalon_conformance.running import RunOrder, run
from etalon_conformance.transforms.answers import refused_outright
from etalon_target.targets import Target
from etalon_wire.parts import Transform

if TYPE_CHECKING:
    from etalon_conformance.verdicts import Result

REFERENCE: Final = "reference"
CANARY: Final = "canary"
_OF_THE_CANARY: Final = "W-COM-03"


@dataclass(frozen=True, slots=True)
class Known:
    """A server, and what it is known to be.

    Attributes:
        name: Its name.
        kind: What it is known to be.
        requirement: What it breaks, or empty.
        transform: What makes it of the reference; None for the reference itself.
    """

    name: str
    kind: Kind
    requirement: str = ""
    transform: Transform | None = None

    def plan(self, seed: int) -> Plan:
        """Return what is run on it: what looks at the requirement it breaks, or every check."""
        asked = frozenset({self.requirement}) if self.requirement else None
        return planned(Choice(requirements=asked, seed=seed))


Opens = Callable[[Known], AbstractContextManager[Target]]
"""Opens a server and gives it as a target that was reached."""


def servers() -> Mapping[str, Known]:
    """Return all the servers there are to try; those on which every check runs come first."""
    return {one.name: one for one in _servers()}


def _servers() -> Iterator[Known]:
    yield Known(REFERENCE, Kind.REFERENCE)
    for variant in variants().values():
        yield Known(variant.name, Kind.VARIANT, transform=variant.transform)
    silent = refused_outright(verb="GET", path="/fhir/metadata", status="404")
    yield Known(CANARY, Kind.CANARY, _OF_THE_CANARY, silent)
    for impostor in impostors().values():
        yield Known(impostor.name, Kind.IMPOSTOR, impostor.requirement, impostor.transform)


def tried(known: Known, opens: Opens, seed: int) -> Trial:
    """Run the checks that concern a server on it; one that does not start has a problem."""
    results: tuple[Result, ...] = ()
    problem = ""
    try:
        with opens(known) as target:
            outcome = run(RunOrder(plan=known.plan(seed)), target)
        results, problem = outcome.results, outcome.unreachable
    except Exception as error:  # noqa: BLE001 (whatever keeps a server from starting)
        problem = f"{type(error).__name__}: {error}"
    return trial_of(known.name, known.kind, results, requirement=known.requirement, problem=problem)
