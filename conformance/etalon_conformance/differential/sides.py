"""One call on both targets: what each answered, what the model does, and who is wrong."""

from dataclasses import dataclass
from enum import StrEnum

from etalon_conformance.exploring.calls import Call
from etalon_conformance.exploring.company import Company
from etalon_conformance.exploring.sequence import Met


class Standing(StrEnum):
    """How two targets and the model stand to one another at a call."""

    ALIKE = "alike"
    """Both answer as the model does."""
    EITHER = "either"
    """They differ, and the model allows both."""
    FIRST_WRONG = "first-wrong"
    SECOND_WRONG = "second-wrong"
    BOTH_WRONG = "both-wrong"
    """They differ from one another and from the model."""
    MODEL_SUSPECT = "model-suspect"
    """They answer alike, and the model otherwise."""
    UNKNOWN = "unknown"
    """Nobody can tell what one of them did."""


DIFFERENCES = frozenset(
    {Standing.FIRST_WRONG, Standing.SECOND_WRONG, Standing.BOTH_WRONG, Standing.MODEL_SUSPECT}
)
"""Where somebody is wrong."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in words that two targets share.

    Attributes:
        accepted: It was done; None where nobody can tell.
        documents: Numbers of the documents listed, in the order of the sequence; None where the
            call lists none. What nobody deposited in the sequence is 0.
    """

    accepted: bool | None
    documents: tuple[int, ...] | None = None

    @property
    def shows(self) -> tuple[bool | None, tuple[int, ...]]:
        """What counts of it: a search that is refused shows as much as one that finds nothing."""
        if self.documents is not None or self.accepted is False:
            return (None, ()) if not self.documents else (None, self.documents)
        return self.accepted, ()


def said(met: Met, company: Company) -> Said:
    """Return what a target answered."""
    return Said(met.asked.accepted, _numbers(met.asked.listed, company))


def expected(met: Met, company: Company) -> Said:
    """Return what the model answers, under its first reading."""
    return Said(met.wanted[0].accepted, _numbers(met.wanted[0].listed, company))


def _numbers(listed: frozenset[str] | None, company: Company) -> tuple[int, ...] | None:
    if listed is None:
        return None
    numbers = {one.unique_id: number for number, (one, _) in company.prepared.items()}
    return tuple(sorted(numbers.get(one, 0) for one in listed))


@dataclass(frozen=True, slots=True)
class Pair:
    """A call made on both targets.

    Attributes:
        call: The call.
        standing: How they stand to one another and to the model.
        rule: The rule under which somebody is wrong, or empty.
        first: What the first target answered.
        second: What the second one did.
        model: What the model answers.
    """

    call: Call
    standing: Standing
    rule: str
    first: Said
    second: Said
    model: Said


def paired(first: Met, second: Met, companies: tuple[Company, Company]) -> Pair:
    """Hold the answers to one call against one another and against the model."""
    one, other = said(first, companies[0]), said(second, companies[1])
    return Pair(
        call=first.call,
        standing=_standing(first, second, alike=one.shows == other.shows),
        rule=first.rule or second.rule,
        first=one,
        second=other,
        model=expected(first, companies[0]),
    )


def _standing(first: Met, second: Met, *, alike: bool) -> Standing:
    match first.agrees, second.agrees:
        case (None, _) | (_, None):
            return Standing.UNKNOWN
        case True, True:
            return Standing.ALIKE if alike else Standing.EITHER
        case False, True:
            return Standing.FIRST_WRONG
        case True, False:
            return Standing.SECOND_WRONG
        case _:
            return Standing.MODEL_SUSPECT if alike else Standing.BOTH_WRONG
