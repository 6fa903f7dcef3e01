"""The people of a sequence, on the target and in the model, where it starts."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.races.stage import Deposit, Stage, actor_of, brought
from etalon_conformance.seeing import SEEN_BY_ALL, Kept
from etalon_conformance.specimens import Specimen, specimen
from etalon_model.actors import ActorKind, caregiver, holder
from etalon_model.parameters import Parameters, vintage
from etalon_model.states import State
from etalon_target.people import TestProfessional

PROFESSIONS: Final = {"author": "10", "reader": "10", "stranger": "10", "nurse": "60"}
"""Profession of each professional of a sequence; nobody takes part in the care of anybody yet."""
_VINTAGE: Final = "steady-2023"


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a sequence starts.

    Attributes:
        state: Where the space of the person stands.
        has_friend: There is somebody whom the holder may ask for help.
    """

    state: State = State.OPEN_ACTIVE
    has_friend: bool = False


@dataclass(slots=True)
class Company:
    """People before a sequence, and what they deposited in it.

    Attributes:
        stage: The people, and the model under each reading of the texts that is right.
        prepared: The documents that are deposited in it, by number, and their deposits.
        shelf: Those that the target took in, with where they are.
    """

    stage: Stage
    prepared: dict[int, tuple[Specimen, Deposit]] = field(
        default_factory=dict[int, "tuple[Specimen, Deposit]"]
    )
    shelf: dict[int, Kept] = field(default_factory=dict[int, Kept])

    def prepare(self, number: int, part: str, label: str) -> tuple[Specimen, Deposit]:
        """Return a document and its deposit, the same each time.

        Raises:
            CannotTest: The model makes nothing of it.
        """
        known = self.prepared.get(number)
        if known is None:
            stage, labels = self.stage, (label,) if label else ()
            author = stage.cast[part]
            one = specimen(stage.bench, stage.person, author, kind=SEEN_BY_ALL, labels=labels)
            known = self.prepared[number] = (one, stage.prepared([one], part))
        return known


def gathered(
    bench: Bench,
    opening: Opening,
    cast: dict[str, TestProfessional],
    parts: Collection[str] = tuple(PROFESSIONS),
) -> Company:
    """Make the people of a sequence.

    Args:
        bench: What they are asked for with.
        opening: Where it starts.
        cast: Professionals met before, by part; those that lack are added.
        parts: Which professionals there are.

    Raises:
        CannotTest: The target makes nobody like that.
    """
    person = bench.person(opening.state)
    for part, profession in PROFESSIONS.items():
        if part in parts and part not in cast:
            cast[part] = bench.professional(profession)
    friend = bench.person(age=35) if opening.has_friend else None
    now = bench.now()
    boxes = [brought((person, friend), one, now, {}) for one in readings_of(bench)]
    whos = {"holder": person.who, **{part: one.who for part, one in cast.items()}}
    actors = {"holder": holder(person.ins), **{part: actor_of(one) for part, one in cast.items()}}
    if friend is not None:
        whos["friend"] = bench.acting(ActorKind.CAREGIVER, friend, person)
        actors["friend"] = caregiver(friend.ins)
    stage = Stage(
        bench=bench,
        person=person,
        whos=whos,
        actors=actors,
        now=now,
        readings=tuple(box.service for box in boxes),
        cast=cast,
        friend=friend,
    )
    return Company(stage)


def readings_of(bench: Bench) -> tuple[Parameters, ...]:
    """Return what the model goes by, once for each answer to who still sees what is masked (C1)."""
    known = vintage(str((bench.target.sandbox or {}).get("vintage") or _VINTAGE))
    other = replace(known.policies, masking_policy="product")
    return known, replace(known, policies=other)
