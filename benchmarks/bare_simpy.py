"""What SimPy itself costs: a bare process a person that sleeps until its day and counts.

The yardstick of the agents engine: no rules, no draws beyond a day for each person, no ledger.
"""

from collections.abc import Generator

import simpy

from stopwatch import cpu_seconds

DAYS = 113
"""Days that the pilot lasts, from 30 August to 21 December 2021."""


def bare_people_per_second(people: int, sleeps: int = 2) -> float:
    """Return how many bare persons SimPy carries in one CPU second.

    Args:
        people: Persons, each a process.
        sleeps: How often each of them sleeps before it ends.
    """
    counted: list[int] = [0] * (DAYS * sleeps + 1)

    def person(env: simpy.Environment, number: int) -> Generator[simpy.Event, None, None]:
        for sleep in range(sleeps):
            yield env.timeout((number * 7919 + sleep) % DAYS)
            counted[int(env.now)] += 1

    def everybody() -> None:
        env = simpy.Environment()
        for number in range(people):
            env.process(person(env, number))
        env.run()

    seconds = cpu_seconds(everybody)
    if sum(counted) != people * sleeps:
        message = f"{sum(counted)} wake-ups counted, {people * sleeps} expected"
        raise RuntimeError(message)
    return people / seconds
