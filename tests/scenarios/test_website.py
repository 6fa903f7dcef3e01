"""Admission to the web site: so many a minute, by number."""

import simpy

from etalon_scenarios.agents.website import Website


def admitted_of(visits: list[tuple[int, int]], admissions: int) -> dict[int, bool]:
    """Let people visit at minutes; return who was admitted."""
    env, counted = simpy.Environment(), list[tuple[int, str]]()
    site = Website(
        env,
        lambda _: admissions,
        lambda person, name: counted.append((person, name)),
        lambda person: person != 13,
    )
    events = {person: site.visit(person, minute) for person, minute in visits}
    env.run()
    turned_away = sorted(person for person, name in counted if name == "web_turned_away")
    came = {person for person, name in counted if name == "web_visits"}
    result = {person: bool(event.value) for person, event in events.items()}
    assert turned_away == sorted(person for person in came if not result[person])
    return result


def test_the_lowest_numbers_of_a_minute_are_admitted_whatever_the_order_of_booking() -> None:
    """Two places in minute 5: persons 1 and 4 of 9, 4, 1."""
    assert admitted_of([(9, 5), (4, 5), (1, 5)], 2) == {9: False, 4: True, 1: True}


def test_each_minute_has_places_of_its_own() -> None:
    """One place a minute serves one visitor in each of two minutes."""
    assert admitted_of([(1, 5), (2, 6)], 1) == {1: True, 2: True}


def test_somebody_who_died_takes_no_place() -> None:
    """Person 13 is dead: the visit is not counted, the place goes to the next."""
    assert admitted_of([(13, 5), (20, 5)], 1) == {13: False, 20: True}
