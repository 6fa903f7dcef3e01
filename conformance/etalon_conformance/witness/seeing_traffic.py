"""Traffic as the judge reads it: each exchange with whom it is about and what was known by then."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from etalon_conformance.witness.scenario import Profile, Step
from etalon_conformance.witness.traffic import Known, Witnessed, below, nothing_known

DEPOSITS: Final = frozenset({"provide_documents", "publish_document"})
SEARCHES: Final = frozenset({"find_documents", "find_documents_by_form"})
MEASURES: Final = frozenset({"find_measures", "find_measures_by_form"})
LISTS: Final = SEARCHES | MEASURES
"""Searches whose answers come in pages."""
CHANGES: Final = frozenset({"change_document", "change_document_found", "change_appointment"})
CREATIONS: Final = DEPOSITS | {"make_appointment", "make_schedule", "feed_measure"}
_REFRESH: Final = "refresh_token"
READINGS: Final = frozenset({"read_content", "read_document", "read_list", "find_lists"}) | LISTS


@dataclass(frozen=True, slots=True)
class Read:
    """An exchange with what was known when it came.

    Attributes:
        one: The exchange.
        patient: Matricule of whom it is about, or empty.
        status: Status that the document of a content was said to have, or empty.
    """

    one: Witnessed
    patient: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """What one exchange or a few of them show of a requirement.

    Attributes:
        requirement: Its identifier.
        holds: Whether it is kept.
        key: `witness.broken.KEY` tells what was seen where it is not.
        exchanges: Their numbers.
        values: What fills the sentence.
    """

    requirement: str
    holds: bool
    key: str
    exchanges: tuple[int, ...]
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the judge looks at: the traffic of one step, and what came before.

    Attributes:
        step: The step, or None for traffic that no step was announced for.
        reads: Its exchanges, in order.
        before: Those of earlier steps.
        matricules: Name of a person -> matricule.
        treated: Matricules of the people whom the client's professional treats.
    """

    step: Step | None
    reads: Sequence[Read]
    before: Sequence[Read] = ()
    matricules: Mapping[str, str] = field(default_factory=dict[str, str])
    treated: frozenset[str] = frozenset()

    def asks(self, requirement: str) -> bool:
        """Whether the step is there to show a requirement."""
        return self.step is not None and requirement in self.step.requirements

    def plays(self, *names: str) -> tuple[Witnessed, ...]:
        """Return the exchanges in which one of these misbehaviours was played."""
        wanted = set(names)
        return tuple(read.one for read in self.reads if wanted & set(read.one.played.split()))

    @property
    def about(self) -> str:
        """Matricule of whom the step is about, or empty."""
        name = "" if self.step is None else self.step.about
        return self.matricules.get(name, "")

    def after(self, one: Witnessed) -> Iterator[Read]:
        """Yield what came after an exchange, in the step."""
        return (read for read in self.reads if read.one.number > one.number)


def point(requirement: str, key: str, *ones: Witnessed, holds: bool, **values: str) -> Point:
    """Return what exchanges show of a requirement."""
    return Point(requirement, holds, key, tuple(one.number for one in ones), values)


def is_refresh(one: Witnessed) -> bool:
    """Whether an exchange asks for a new token by a refresh token."""
    return one.interaction == "oauth2_token" and dict(one.form).get("grant_type") == _REFRESH


def read_traffic(traffic: Iterable[Witnessed]) -> tuple[Read, ...]:
    """Return exchanges with what was known when each came."""
    known, found = nothing_known(), list[Read]()
    for one in traffic:
        found.append(_read(one, known))
        known.learn(one)
    return tuple(found)


def _read(one: Witnessed, known: Known) -> Read:
    address = below(one.base, one.exchange.request.url.partition("?")[0])
    return Read(one, known.patient_of(one), known.statuses.get(address, ""))


def scenes_of(
    profile: Profile, traffic: Iterable[Witnessed], matricules: Mapping[str, str]
) -> Iterator[Scene]:
    """Yield the scene of each step of a profile, in order."""
    reads = read_traffic(traffic)
    treated = frozenset(
        matricules[name]
        for name, one in profile.people.items()
        if one.treated_by and profile.steps[0].people[0] in one.treated_by and name in matricules
    )
    for step in profile.steps:
        mine = [read for read in reads if read.one.step == step.name]
        first = mine[0].one.number if mine else 0
        yield Scene(
            step=step,
            reads=mine,
            before=[read for read in reads if read.one.number < first],
            matricules=matricules,
            treated=treated,
        )
