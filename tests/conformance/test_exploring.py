"""The explorer reaches what the model can do, accuses nobody who is right and finds who is not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_conformance.exploring.chance_arrays import mixed_in_arrays
from etalon_conformance.exploring.inside import (
    Divergence,
    MakeTarget,
    explored,
    replayed,
    service_of,
    shortened,
)
from etalon_conformance.exploring.machine import Effort, found
from etalon_conformance.exploring.reached import plain_reached
from etalon_conformance.exploring.shortening import shortest
from etalon_conformance.impostors import impostors
from etalon_model import vintage
from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_model.parameters import Parameters
from etalon_model.records.masking import MaskDocument
from etalon_model.records.reading import ReadDocument
from etalon_model.records.search import SearchDocuments
from etalon_model.service import Service
from etalon_model.walks.chance import FIRST, GOLDEN, MASK, Chance, mixed
from etalon_wire.parts import Application, Codec, Deciding

LAUNCH: Final = vintage("launch-2022")
PRODUCT: Final = replace(LAUNCH, policies=replace(LAUNCH.policies, masking_policy="product"))
FOUND: Final = {
    "masking-lost": "VIS-02",
    "stranger-reads": "ACC-01",
    "masked-read": "VIS-01",
    "deleted-by-another": "REC-14",
    "closing-lost": "LIF-",
}
LOOKS: Final = (ReadDocument, SearchDocuments)
CALLS: Final = 8_000
PUBLISHED: Final = [6457827717110365317, 3203168211198807973, 9817491932198370423]
"""The first numbers of SplitMix64 from 1234567, as its implementations give them."""


def making(name: str) -> MakeTarget:
    """What makes the service of an impostor of the table."""
    transform = impostors()[name].transform
    assert transform is not None
    nothing = object()

    def made(parameters: Parameters, seed: int) -> Deciding:
        service = Service(parameters, seed=seed)
        return transform(service, cast("Codec", nothing), cast("Application", nothing))[0]

    return made


def test_a_walk_reaches_every_state_and_transition_and_names_what_it_never_reached() -> None:
    """It goes on finding new situations, and tells how many it had after how many calls."""
    reached = explored(service_of, [LAUNCH], seed=2, calls=CALLS).reached
    plain = plain_reached(reached)
    assert plain["states"] == {"reached": 12, "known": 12, "never": []}
    assert plain["transitions"] == {"reached": 26, "known": 26, "never": []}
    for part in ("commands", "rules"):
        told = cast("dict[str, object]", plain[part])
        never = cast("list[str]", told["never"])
        assert told["reached"] == cast("int", told["known"]) - len(never)
        assert told["reached"] == pytest.approx(told["known"], rel=0.2)
    curve = cast("list[list[int]]", plain["curve"])
    assert curve == sorted(curve)
    assert curve[-1] == [CALLS, len(reached.situations)]


def test_the_same_seed_explores_the_same_way() -> None:
    """Nothing but the seed decides."""
    once, again = (explored(service_of, [LAUNCH], seed=7, calls=500).reached for _ in "ab")
    assert once == again


@settings(max_examples=settings().max_examples // 4)
@given(st.integers(0, 1 << 80), st.integers(0, 1 << 40))
def test_numbers_made_many_at_a_time_are_those_made_one_after_the_other(
    seed: int, draws: int
) -> None:
    """A walk is the same whichever way its chance is mixed, from any place in it."""
    assert mixed(1234567)[:-4:-1] == PUBLISHED
    plain, ahead = Chance(seed), Chance(seed, mixed_in_arrays)
    plain.draws = ahead.draws = draws
    assert [plain.number() for _ in range(300)] == [ahead.number() for _ in range(300)]
    assert plain.draws == ahead.draws == draws + 300
    counter = (seed * FIRST + draws * GOLDEN) & MASK
    assert mixed_in_arrays(counter)[:-17:-1] == mixed(counter)[::-1]


@pytest.mark.parametrize("name", FOUND)
def test_an_impostor_is_found_and_shown_in_few_commands(name: str) -> None:
    """The shortest sequence still shows it, at its last command alone, under the model's rule."""
    make = making(name)
    walks = (explored(make, [LAUNCH], seed=seed, calls=CALLS) for seed in range(1, 4))
    divergence = next(one.divergence for one in walks if one.divergence is not None)
    short = shortened(divergence, make, [LAUNCH])
    assert short.rule.startswith(FOUND[name])
    assert len(short.commands) <= 12
    again = replayed(short.commands, make, [LAUNCH], seed=short.seed)
    assert again == short
    assert replayed(short.commands, service_of, [LAUNCH], seed=short.seed) is None
    assert replayed(short.commands[:-1], make, [LAUNCH], seed=short.seed) is None


def product(_: Parameters, seed: int) -> Deciding:
    """A service that keeps masked documents from the attending doctor, as the application does."""
    return Service(PRODUCT, seed=seed)


def other_reading() -> Divergence:
    """What tells the two readings apart in few commands."""
    walks = (explored(product, [LAUNCH], seed=one, calls=4_000) for one in (30, 17, *range(11, 40)))
    divergences = (one.divergence for one in walks if one.divergence is not None)
    # What is asked again later must be answered as before: a look is, an act may not be.
    looks = (one for one in divergences if isinstance(one.commands[-1], LOOKS))
    return shortened(next(looks), product, [LAUNCH])


class Changing(Service):
    """A service that follows the other reading, then ours."""

    def __init__(self, parameters: Parameters, seed: int, asked: type[Command]) -> None:
        """Change after a command of that kind."""
        super().__init__(parameters, seed=seed)
        self.before = Service(PRODUCT, seed=seed)
        self.asked = asked
        self.is_past = False

    def apply(self, command: Command) -> Outcome:
        """Answer by one, and afterwards by the other."""
        later, sooner = super().apply(command), self.before.apply(command)
        outcome = later if self.is_past else sooner
        self.is_past = self.is_past or isinstance(command, self.asked)
        return outcome


def test_a_reading_that_the_texts_leave_open_is_no_divergence_and_a_change_of_reading_is() -> None:
    """A service that follows another reading is right; a reading once contradicted is out."""
    short = other_reading().commands
    again = (*short, short[-1])
    both = [LAUNCH, PRODUCT]

    def changing(parameters: Parameters, seed: int) -> Deciding:
        return Changing(parameters, seed, type(short[-1]))

    assert explored(product, both, seed=1, calls=2_000).divergence is None
    assert replayed(again, product, both, seed=1) is None
    assert replayed(again, service_of, both, seed=1) is None
    assert replayed(short, changing, both, seed=1) is None
    assert replayed(again, changing, both, seed=1) is not None


def test_a_notification_that_is_not_sent_is_found_though_no_answer_tells() -> None:
    """What a service tells of somebody unasked is compared after each command."""
    make = making("first-access-not-told")
    divergence = explored(make, [LAUNCH], seed=2, calls=CALLS).divergence
    assert divergence is not None
    short = shortened(divergence, make, [LAUNCH])
    assert replayed(short.commands, service_of, [LAUNCH], seed=short.seed) is None
    assert len(short.commands) <= 12


def test_a_service_that_breaks_is_found() -> None:
    """An exception of the target is an answer that no reading allows, not an end of ours."""

    class Broken(Service):
        """A service that cannot mask."""

        def apply(self, command: Command) -> Outcome:
            """Break at a masking."""
            if isinstance(command, MaskDocument):
                raise KeyError(command.unique_id)
            return super().apply(command)

    def broken(parameters: Parameters, seed: int) -> Deciding:
        return Broken(parameters, seed=seed)

    divergence = explored(broken, [LAUNCH], seed=1, calls=2_000).divergence
    assert divergence is not None
    assert isinstance(shortened(divergence, broken, [LAUNCH]).commands[-1], MaskDocument)


def test_hypothesis_finds_a_stranger_who_reads_and_accuses_the_reference_of_nothing() -> None:
    """What it comes to shows the defect again."""
    divergence = found(making("stranger-reads"), [LAUNCH], Effort(examples=20))
    assert divergence is not None
    assert divergence.rule == "ACC-01"
    assert found(service_of, [LAUNCH], Effort(examples=3)) is None


@given(st.lists(st.integers(0, 30), min_size=1), st.data())
def test_the_shortest_part_shows_and_no_single_item_can_go(
    items: list[int], data: st.DataObject
) -> None:
    """Delta debugging keeps what it is asked to keep, in order, and nothing else."""
    needed = data.draw(st.sets(st.sampled_from(items)))

    def shows(part: Sequence[int]) -> bool:
        return needed <= set(part)

    short = shortest([*items, -1], shows)
    assert short[-1] == -1
    assert sorted(set(short[:-1])) == sorted(needed)
    assert len(short) == len(needed) + 1
