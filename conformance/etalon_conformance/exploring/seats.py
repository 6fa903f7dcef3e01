"""A call and those who are there; what a target answered to it, as far as that is sure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.exchanges import Exchange
from etalon_conformance.exploring.calls import Call
from etalon_conformance.exploring.company import Company
from etalon_conformance.record_scene import UNIQUE_IDS
from etalon_conformance.seeing import Kept
from etalon_model.actors import Actor
from etalon_model.command import Command
from etalon_model.rights.modes import AccessMode
from etalon_target.actors import Who

_DONE: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_LATER: Final = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a target answered to a call.

    Attributes:
        looked: The exchanges that say so; none where no token was given out.
        accepted: It did what it was asked for; None where nobody can tell.
        listed: What is listed: unique identifiers of documents, subjects of conversations, texts of
            messages, values of measures; or None.
        lacks: A code of visibility that was to be lifted, and is not shown; or empty.
        where: Path to what is listed.
        is_ranked: What is listed may be there several times: each bears its rank.
    """

    looked: tuple[Exchange, ...]
    accepted: bool | None
    listed: frozenset[str] | None = None
    lacks: str = ""
    where: str = UNIQUE_IDS
    is_ranked: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """A call and those who are there.

    Attributes:
        company: The people.
        call: What is done.
    """

    company: Company
    call: Call

    @property
    def bench(self) -> Bench:
        """What is asked with."""
        return self.company.stage.bench

    @property
    def who(self) -> Who:
        """Who asks, for the target."""
        return self.company.stage.whos[self.call.who]

    @property
    def actor(self) -> Actor:
        """Who asks, for the model."""
        return self.company.stage.actors[self.call.who]

    @property
    def ins(self) -> str:
        """Matricule of the person."""
        return self.company.stage.ins

    @property
    def given(self) -> tuple[datetime, Actor, str]:
        """Instant, actor and person of a command."""
        return self.company.stage.now, self.actor, self.ins

    @property
    def mode(self) -> AccessMode:
        """How whoever asks comes to the record, as their token says."""
        return AccessMode(self.who.mode or AccessMode.NORMAL)

    @property
    def kept(self) -> Kept:
        """The document it is about."""
        return self.company.shelf[self.call.document]


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done.

    Attributes:
        commands: What it asks of the model, in order; none where the model takes no such thing.
        ask: Asks it of the target.
        lists: What the model lists of its answer, where that is not what it always lists.
    """

    commands: Callable[[Seat], tuple[Command, ...]]
    ask: Callable[[Seat], Asked]
    lists: Callable[[Seat, object], frozenset[str] | None] | None = None


def ranked(names: Iterable[str]) -> frozenset[str]:
    """Return names of which one may be there several times, each with its rank."""
    counts: Counter[str] = Counter()
    found: set[str] = set()
    for name in names:
        counts[name] += 1
        found.add(f"{counts[name]} {name}")
    return frozenset(found)


def told(*exchanges: Exchange) -> Asked:
    """Return what the last of exchanges that were to be done says."""
    statuses = [one.status for one in exchanges]
    if all(one in _DONE for one in statuses):
        return Asked(exchanges, accepted=True)
    last = statuses[-1]
    refused = last in _REFUSED and last not in _LATER
    return Asked(exchanges, accepted=False if refused else None)


def operated(done: Operated) -> Asked:
    """Return what an operation of the model came to."""
    return Asked((done.exchange,), accepted=done.accepted)
