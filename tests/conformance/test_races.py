"""Clients side by side on a target: right servers are explained, wrong ones are found."""

import json
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_cli.inside import application
from etalon_conformance.bench import Bench
from etalon_conformance.checking import registry
from etalon_conformance.concluding import Cut, Examined
from etalon_conformance.exchanges import OPERATION
from etalon_conformance.histories.history_lines import history_from
from etalon_conformance.histories.judging import judged
from etalon_conformance.histories.shrinking import Violation
from etalon_conformance.impostors import impostors, transform_of
from etalon_conformance.planning import Choice, planned
from etalon_conformance.races.acts import ACTS, told
from etalon_conformance.races.after_checks import raced_after
from etalon_conformance.races.evidence import write_races
from etalon_conformance.races.scene import FEWEST, Scene, role_of, scenes
from etalon_conformance.races.searching import searched
from etalon_conformance.races.trying import Tally, Trying, shown
from etalon_conformance.recording import Recording
from etalon_conformance.running import RunOutcome
from etalon_conformance.transforms.exchanges import Asked, Onward, Told, exchanging
from etalon_conformance.verdicts import Verdict
from etalon_target.cannot import CannotTest
from etalon_target.messages import (
    Answer,
    FailureKind,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_target.targets import Options, Target, target_of
from etalon_wire.parts import Transform
from etalon_wire.validation.validator import Validator

LONGEST: Final = 24
ENOUGH: Final = 40
"""Histories in which every race impostor is found: one to five as a rule."""
SERVICES: Final = "P6M"
LONG: Final = 60.0
"""Seconds that nobody waits: the race is found before."""
SAMPLE: Final = (
    "deposit-into-closing",
    "code-spent-twice",
    "mask-reaches-replica-late",
    "block-acknowledged-first",
    "deposit-overwritten",
    "searches-share-an-answer",
)
"""One for each way of being stale; `make prove ITEMS=power` tries all of them."""


@pytest.fixture(scope="module")
def validator() -> Validator:
    """One validator for all servers: compiling the profiles takes longer than a history."""
    return Validator()


@contextmanager
def opened(validator: Validator, transform: Transform | None = None) -> Generator[Target]:
    """A server of this process, late enough for referenced services."""
    inside = application(1, transform, validator)
    with target_of("inprocess", Options(inprocess=inside)) as target:
        target.clock.advance(SERVICES)
        yield target


@pytest.fixture(scope="module")
def reference(validator: Validator) -> Generator[Target]:
    """The reference."""
    with opened(validator) as target:
        yield target


def trying(target: Target, scene: Scene, seed: int = 1) -> Trying:
    """Histories of a scene on a target, none yet."""
    return Trying(Bench(target, registry()[scene.check], seed), scene)


@pytest.mark.parametrize("scene", scenes().values(), ids=lambda one: one.name)
def test_a_scene_says_what_can_be_done(scene: Scene) -> None:
    """Its check exists, its acts are known, its documents are there, and the rest repeats."""
    acts = {act for menu in scene.clients.values() for act in menu}

    assert scene.check in registry()
    assert {act.partition(" ")[0] for act in acts} <= ACTS.keys()
    assert scene.once <= acts
    assert {role_of(one) for one in scene.clients} <= {"holder", "author", "reader", "friend"}
    ranks = {int(about) for act in acts if (about := act.partition(" ")[2]).isdecimal()}
    assert ranks <= set(range(len(scene.documents)))
    assert all(set(menu) - scene.once for menu in scene.clients.values())


def test_every_check_of_races_has_its_scene() -> None:
    """And no two scenes share one."""
    module = "etalon_conformance.checks.races"
    checks = {one.name for one in registry().values() if one.function.__module__ == module}

    assert sorted(one.check for one in scenes().values()) == sorted(checks)


@settings(max_examples=settings().max_examples // 4)
@given(st.sampled_from(sorted(scenes())), st.integers(0, 2**32))
def test_a_history_is_short_and_does_what_is_done_once(name: str, seed: int) -> None:
    """Twelve to twenty-four operations of two to four clients; a scene is never empty."""
    scene = scenes()[name]
    drawn = scene.drawn(Random(seed))  # noqa: S311 (tests, no secret)

    assert 2 <= len(drawn) <= 4
    assert FEWEST <= sum(map(len, drawn.values())) <= LONGEST
    for client, menu in scene.clients.items():
        assert all(drawn[client].count(one) == 1 for one in scene.once.intersection(menu))


CUT: Final = TransportFailure(FailureKind.DROPPED, "cut", 0.0, maybe_applied=True)
UNSENT: Final = TransportFailure(FailureKind.REFUSED, "refused", 0.0, maybe_applied=False)


@pytest.mark.parametrize(
    ("answer", "accepted", "never"),
    [
        (HttpResponse(200, (), b"", 0.0, ""), True, False),
        (HttpResponse(204, (), b"", 0.0, ""), True, False),
        (HttpResponse(403, (), b"", 0.0, ""), False, False),
        (HttpResponse(404, (), b"", 0.0, ""), False, False),
        (HttpResponse(408, (), b"", 0.0, ""), None, False),
        (HttpResponse(429, (), b"", 0.0, ""), None, False),
        (HttpResponse(500, (), b"", 0.0, ""), None, False),
        (HttpResponse(503, (), b"", 0.0, ""), None, False),
        (CUT, None, False),
        (replace(CUT, kind=FailureKind.TIMEOUT), None, False),
        (UNSENT, None, True),
    ],
)
def test_what_nobody_can_tell_stays_open(
    answer: Answer,
    accepted: bool | None,  # noqa: FBT001 (a parameter of pytest)
    never: bool,  # noqa: FBT001 (a parameter of pytest)
) -> None:
    """A fault, a time-out and a connection cut say neither done nor refused."""
    exchange = Recording().add(None, HttpRequest("GET", "/"), answer, control=False)

    found = told(exchange)

    assert (None if found.answer is None else found.answer.accepted) is accepted
    assert found.never is never


@pytest.mark.parametrize("scene", scenes().values(), ids=lambda one: one.name)
def test_the_reference_is_explained(scene: Scene, reference: Target) -> None:
    """`make prove ITEMS=no-false-race` records ten thousand."""
    tried = trying(reference, scene)
    tried.go_on(2)

    race = tried.tally.race
    assert race is None or race.drawn("en") == ""
    assert tried.tally.histories == 2
    assert not tried.tally.says_nothing
    assert tried.bench.exchanges == ()


@pytest.mark.parametrize("name", SAMPLE)
def test_a_server_right_to_one_client_at_a_time_is_found(name: str, validator: Validator) -> None:
    """In the scene whose check claims what it breaks."""
    requirement = impostors()[name].requirement
    (scene,) = [
        one for one in scenes().values() if requirement in registry()[one.check].requirements
    ]
    with opened(validator, transform_of(name)) as target:
        tried = trying(target, scene)
        tried.go_on(ENOUGH)

    assert tried.tally.race is not None


def test_a_race_is_written_so_that_it_can_be_judged_again(
    validator: Validator, tmp_path: Path
) -> None:
    """The history as JSON lines, and what contradicts the model drawn in both languages."""
    scene = scenes()["depositing-twice"]
    with opened(validator, transform_of("document-taken-twice")) as target:
        tried = trying(target, scene)
        tried.go_on(ENOUGH)
        exchange = shown(tried.bench, scene, tried.tally)
    write_races(tmp_path, [exchange])
    race = tried.tally.race
    assert race is not None

    history = history_from((tmp_path / "history.jsonl").read_text("utf-8").splitlines())
    again = judged(history, race.stage.readings)

    assert exchange.request.verb == OPERATION
    assert exchange.accepted is False
    assert len(tried.bench.exchanges) > len(race.exchanges)
    assert any(isinstance(one.verdict, Violation) for one in again)
    assert "DepositDocument" in (tmp_path / "race.txt").read_text("utf-8")
    assert "acceptée" in (tmp_path / "race.fr.txt").read_text("utf-8")


def losing(every: int) -> Transform:
    """A server that does what it is asked for, and answers 500 to some of it."""
    count = 0

    async def exchange(asked: Asked, onward: Onward) -> Told:
        nonlocal count
        told = await onward(asked)
        count += asked.path.startswith("/fhir")
        return told if count % every or not told.is_success else Told(500, (), b"")

    return exchanging(exchange)


def test_answers_lost_accuse_nobody(validator: Validator) -> None:
    """What was done and not answered may have been done."""
    scene = scenes()["depositing-side-by-side"]
    with opened(validator, losing(4)) as target:
        bench = Bench(target, registry()[scene.check], 1)
        tried = Trying(bench, scene)
        for _ in range(6):
            # The answer to what makes its people may be lost too.
            with suppress(CannotTest):
                tried.go_on(4)

    assert tried.tally.race is None
    assert tried.tally.unanswered > 0


def test_a_target_that_answers_too_little_is_not_said_to_be_right() -> None:
    """Nor one of which every history was given up."""
    tally = Tally()
    tally.histories, tally.operations, tally.unanswered = 4, 60, 40
    silent = tally.says_nothing
    tally.unanswered = 4
    answered = tally.says_nothing
    tally.not_known = 4

    assert (silent, answered, tally.says_nothing) == (True, False, True)


def test_a_search_goes_through_the_scenes_and_says_where_it_found_something(
    validator: Validator,
) -> None:
    """What it found is an assertion like any other."""
    with opened(validator, transform_of("code-spent-twice")) as target:
        found = searched(target, 4.0, 1)

    told = found.plain()
    assert "entering-beside-opposing" in json.dumps(told["found"])
    assert told["histories"] == found.histories > 0
    for one in found.found:
        assert one.examined is not None
        assert [each.seen.holds for each in one.examined.asserted] == [False]
        assert one.requirement in one.examined.check.requirements


def test_a_search_that_is_cut_ends_without_a_word(reference: Target) -> None:
    """The budget of the run ends it."""

    def cut() -> None:
        raise Cut

    found = searched(reference, 5.0, 1, cut)

    assert (found.histories, found.found) == (0, ())


def test_a_run_with_time_left_concludes_on_the_races_it_finds(validator: Validator) -> None:
    """As a check does, beside the others; a run that was cut, or has no time, is left as it is."""
    scene = scenes()["depositing-twice"]
    plan = planned(Choice(requirements=frozenset({registry()[scene.check].requirements[0]})))
    before = RunOutcome(plan=plan, concluded=())
    kept: list[Examined] = []
    with opened(validator, transform_of("document-taken-twice")) as target:
        found = raced_after(before, target, LONG, kept.append, lambda: False)
        without = raced_after(before, target, 0.0, kept.append, lambda: False)
        cut = raced_after(replace(before, cut="budget"), target, LONG, kept.append, lambda: False)

    (one,) = found.results
    assert (one.requirement, one.verdict) == ("REC-10", Verdict.FINDING)
    assert [each.check.name for each in kept] == [one.check] == ["raced_depositing_twice"]
    assert found.races is not None
    assert found.races["found"] == [scene.name]
    assert without is before
    assert cut.races is None


def test_a_service_of_scenes_is_on_line_however_far_the_clock_was_moved(
    validator: Validator,
) -> None:
    """An agreement ends after some years: nobody is accused of a race because ours did."""
    scene = scenes()["parting-beside-pairing"]
    with opened(validator) as target:
        for _ in range(2):
            trying = Trying(Bench(target, registry()[scene.check], 1), scene)
            trying.go_on(1)
            assert trying.tally.race is None, trying.tally.race.drawn("en")
            target.clock.advance("P4Y")
