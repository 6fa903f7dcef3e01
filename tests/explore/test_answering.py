"""Answers are comparisons; what was studied is not run again, what is stopped leaves nothing."""

from __future__ import annotations

import asyncio
import os
import socket
from functools import partial
from typing import TYPE_CHECKING

from etalon_explore.answer_page import answer_page
from etalon_explore.answering import Bench, Question, answered, forget_oldest
from etalon_explore.desk import Lane, Request
from etalon_explore.documents import document
from etalon_explore.serving import HOST, opened_house, scenarios_offered, serve
from etalon_reports.comparison_files import read_comparison

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALONE = Question(policies=("launch-2022",), people=300, draws=0, seed=7)
BOTH = Question(policies=("launch-2022", "letters-to-seniors"), people=300, draws=0, seed=7)


def never() -> bool:
    """Let it run to its end."""
    return False


def bench(folder: Path, days: list[int], stop: Callable[[], bool] = never) -> Bench:
    """A place to answer, which notes the days simulated."""

    def told(stage: str, done: int, _total: int) -> None:
        if stage == "days":
            days.append(done)

    return Bench(folder, 1, stop, told)


def test_a_policy_that_was_studied_is_not_run_again(tmp_path: Path) -> None:
    """The reference alone, then beside another policy: as many days for one as for the other."""
    first: list[int] = []
    second: list[int] = []
    third: list[int] = []

    alone = answered(ALONE, bench(tmp_path, first))
    both = answered(BOTH, bench(tmp_path, second))
    again = answered(BOTH, bench(tmp_path, third))

    assert alone is not None
    assert both is not None
    assert len(first) == len(second) > 100
    assert (again, third) == (both, [])
    files = read_comparison(both)
    assert [policy.name for policy in files.policies] == ["launch-2022", "letters-to-seniors"]
    assert files.run.text("status") == "complete"
    before = read_comparison(alone)
    assert files.figure(files.base, "opposed") == before.figure(before.base, "opposed")
    lone, spoken = answer_page(alone, "fr")
    assert lone.count("<figure") == lone.count('class="image" tabindex="0"') == 4
    assert "référence" not in spoken
    assert lone.count("À droit constant") == 1
    assert "etalon simulate launch-2022 --engine cohort --population 300 --seed 7" in lone
    for kind in ("xlsx", "csv", "png"):
        assert document(alone, kind, "fr").read_bytes().startswith(b"PK")


def test_an_answer_that_is_stopped_leaves_no_study(tmp_path: Path) -> None:
    """Nothing half done is taken up by the next one."""
    days: list[int] = []

    assert answered(ALONE, bench(tmp_path, days, lambda: True)) is None

    assert days == [1]
    assert [path.suffix for path in (tmp_path / "studies").iterdir()] == [".unfinished"]


def test_the_oldest_answers_are_forgotten(tmp_path: Path) -> None:
    """The most recent ones stay."""
    for rank in range(4):
        made = tmp_path / "answers" / str(rank)
        made.mkdir(parents=True)
        (made / "run.json").write_text("{}", encoding="utf-8")
        os.utime(made / "run.json", (rank, rank))

    forget_oldest(tmp_path, 2)

    assert sorted(path.name for path in (tmp_path / "answers").iterdir()) == ["2", "3"]


def test_the_page_offers_what_can_be_compared() -> None:
    """Policies of the same days and people; the pilot is about others."""
    offered = scenarios_offered("launch-2022")

    assert next(iter(offered)) == "launch-2022"
    assert {"letters-to-seniors", "ten-week-window", "opt-in"} <= set(offered)
    assert "pilot-2021" not in offered


def test_a_worker_that_dies_takes_one_answer_with_it(tmp_path: Path) -> None:
    """A request that is dropped is never told; the next session is served by a new worker."""
    heard: list[tuple[str, object, str]] = []

    async def served() -> None:
        told = asyncio.Event()

        def hear(name: str, given: object, failure: str) -> None:
            heard.append((name, given, failure))
            if name == "b":
                told.set()

        lane = Lane(tmp_path)
        lane.ask("a", Request(partial(os._exit, 1), partial(hear, "a")))
        lane.ask("b", Request(partial(os._exit, 1), partial(hear, "b, superseded")))
        lane.ask("b", Request(partial(os.getcwd), partial(hear, "b")))  # type: ignore[arg-type]
        assert lane.progress("b") == ("waiting", 1, 0)
        await told.wait()
        lane.close()

    asyncio.run(served())

    assert heard == [("a", None, "memory"), ("b", str(tmp_path), "")]


def test_a_page_told_to_close_before_it_could_hear_does_not_stay() -> None:
    """A signal between its address and its first request is not lost."""
    with (
        opened_house("pilot-2021", 1_000, 1, "en") as house,
        socket.create_server((HOST, 0)) as listening,
    ):
        serve(house, listening, lambda: True)
        folder = house.folder

    assert not folder.exists()
