"""Processes that share a run: who belongs to which, what they tell each other, how they end."""

import os
import threading
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from etalon_scenarios import cohort
from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.cohort.crew import (
    CHUNK,
    EVERYBODY,
    WORTH_SHARING,
    Crew,
    CrewError,
    processes_for,
)
from etalon_scenarios.cohort.shared_memory import LARGE_PAGE
from etalon_scenarios.loading import load_scenario


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize(("first", "last"), [(0, 1_000), (7, 93), (10, 10), (13, 13), (95, 401)])
def test_everybody_belongs_to_one_process(size: int, first: int, last: int) -> None:
    """Stretches of 10: those of all processes together are the range, each person once."""
    dealt: list[int] = []
    for rank in range(size):
        crew = Crew(size, 10)
        crew.rank = rank
        spans = crew.spans(first, last)
        persons = [person for span in spans for person in range(*span)]
        assert all(begin < end for begin, end in spans)
        assert all(crew.owns(person) for person in persons)
        assert crew.own(np.arange(first, last)).tolist() == persons
        dealt += persons

    assert sorted(dealt) == list(range(first, last))


@pytest.mark.parametrize("places", [1, 2, 9, 10, 11, 29, 30, 31])
def test_places_go_to_the_lowest_numbers_of_all_processes(places: int) -> None:
    """Thirty numbers, far and near, dealt to three processes as it comes."""
    numbers = np.array(
        [*range(10), *range(CHUNK - 5, CHUNK + 5), *range(3 * CHUNK, 3 * CHUNK + 10)]
    )
    crew = Crew(3, CHUNK)
    found = crew.together(lambda: crew.ration(numbers[crew.rank :: 3], places))

    assert found == ((places - 30, EVERYBODY) if places > 30 else (0, numbers[places - 1]))


def test_columns_of_all_processes_stand_one_after_the_other() -> None:
    """Each process finds its own part again, an empty one too."""
    crew = Crew(3, 10)

    def live() -> list[object]:
        own = np.arange(crew.rank * 2)
        (everybody,), part = crew.join(own)
        return crew.gather((everybody.tolist(), everybody[part].tolist() == own.tolist()))

    assert crew.together(live) == [([0, 1, 0, 1, 2, 3], True)] * 3


def test_work_entrusted_to_the_first_process_comes_back_to_each() -> None:
    """One rank among all a line; a process may have none, and one process has all."""
    crew = Crew(3, 10)

    def live() -> list[object]:
        def rank(numbers: NDArray[np.int64], weights: NDArray[np.int64]) -> NDArray[np.int64]:
            assert crew.rank == 0
            return np.argsort(np.argsort(numbers * weights))

        numbers = 10 - 3 * np.arange(crew.rank * 2) + crew.rank
        return crew.gather(crew.entrust(rank, numbers, np.ones_like(numbers)).tolist())

    assert crew.together(live) == [[], [4, 2], [5, 3, 1, 0]]
    assert Crew(1, 10).entrust(np.negative, np.arange(3)).tolist() == [0, -1, -2]


def test_what_one_process_writes_all_see() -> None:
    """Room that is shared, before any of them has begun."""
    crew = Crew(2, 10)
    room = crew.room(4, np.uint8)

    def live() -> list[int]:
        room[crew.rank] = 1 + crew.rank
        crew.meet()
        return [int(value) for value in room]

    assert crew.together(live) == [1, 2, 0, 0]


def test_room_sure_to_be_used_is_zeros_that_all_see() -> None:
    """Whether or not the system gathers it into large pages, and beyond the last whole one."""
    crew = Crew(2, 10)
    room = crew.room(4 * LARGE_PAGE, np.uint8, 3 * LARGE_PAGE + 5)
    everywhere = [
        at for page in range(4) for at in (page * LARGE_PAGE, (page + 1) * LARGE_PAGE - 2)
    ]

    def live() -> list[int]:
        before = int(room.sum())
        crew.meet()
        for at in everywhere:
            room[at + crew.rank] = 1 + crew.rank
        crew.meet()
        return [before, *(int(room[at]) for at in everywhere), int(room.sum())]

    assert crew.together(live) == [0, *[1] * len(everywhere), 3 * len(everywhere)]


def test_a_process_that_fails_ends_the_run_with_its_traceback() -> None:
    """Never a ledger with half of the people."""
    crew = Crew(2, 10)

    def live() -> list[None]:
        if crew.rank:
            message = "the second process has had enough"
            raise ValueError(message)
        return crew.gather(None)

    with pytest.raises(CrewError, match="the second process has had enough"):
        crew.together(live)


def test_a_process_ended_from_outside_ends_the_run() -> None:
    """As when the system is short of memory."""
    crew = Crew(2, 10)

    def live() -> list[None]:
        if crew.rank:
            os._exit(9)
        return crew.gather(None)

    with pytest.raises(CrewError, match="ended from outside"):
        crew.together(live)


def test_a_first_process_that_fails_leaves_nobody_behind() -> None:
    """The others wait for it in vain, and leave."""
    crew = Crew(3, 10)

    def live() -> list[None]:
        if crew.rank == 0:
            raise KeyboardInterrupt
        return crew.gather(None)

    with pytest.raises(KeyboardInterrupt):
        crew.together(live)


def test_one_process_serves_where_more_would_not_pay_or_could_not_be_copied() -> None:
    """Few people, or other threads at work; whoever asks for two has two."""
    assert processes_for(None, WORTH_SHARING - 1) == 1
    assert processes_for(2, 10) == 2
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    try:
        assert processes_for(None, WORTH_SHARING) == 1
    finally:
        waiting.set()
        thread.join()
    with pytest.raises(ValueError, match="0 processes"):
        processes_for(0, WORTH_SHARING)


def after(days: int) -> Callable[[], bool]:
    """Return what asks for a stop once so many days are done."""
    done = iter(range(1, 1_000))
    return lambda: next(done) == days


def test_a_stopped_run_of_two_processes_holds_the_days_done() -> None:
    """As that of one process does."""
    scenario, ledgers = load_scenario("pilot-2021"), list[str]()
    for processes in (1, 2):
        run = cohort.simulate(
            scenario,
            population=2_000,
            seed=2,
            processes=processes,
            chunk=100,
            stop=after(20),
        )
        assert run.days_done == 20
        ledgers.append(run.ledger.digest())

    assert ledgers[0] == ledgers[1]


def test_an_observer_hears_the_same_of_two_processes() -> None:
    """Visits, calls, births, and who used a space."""
    scenario, heard = load_scenario("pilot-2021"), list[list[list[int]]]()
    for processes in (1, 2):
        attendance = Attendance()
        cohort.simulate(
            scenario,
            population=2_000,
            seed=2,
            until=scenario.starts_on + timedelta(days=80),
            processes=processes,
            chunk=100,
            observer=attendance,
        )
        state = attendance.state()
        rows = [
            np.stack([state[name] for name in names])
            for names in (("minutes", "visitors", "objecting"), ("instants", "callers"))
        ] + [state["entered"], state["left"], state["newborns"]]
        heard.append([row[:, np.lexsort(row)].ravel().tolist() for row in rows])

    assert heard[0] == heard[1]
    assert all(len(row) for row in heard[0])
