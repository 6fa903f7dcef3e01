"""Test people are dealt out to a plan: alike for any number of workers, and to nobody twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.arrivals import Arrival, worker_of
from etalon_load.journeys.table import wanted_of
from etalon_load.people.credential import Credential
from etalon_load.people.pool import Pool, PoolDry, demand, shared_out
from etalon_load.people.wanted import kinds_wanted

WANTED = {
    "activate": "notified-with-code",
    "oppose": "notified-with-code",
    "visit": "open-with-password",
}
PLANS = st.lists(st.tuples(st.sampled_from(sorted(WANTED)), st.integers(0, 12)), max_size=40).map(
    lambda rows: [Arrival(at, kind, person) for at, (kind, person) in enumerate(rows)]
)


def people(needed: dict[str, int]) -> list[Credential]:
    """As many as are needed, each with a name of their own."""
    return [Credential(kind, f"{kind}/{rank}") for kind in needed for rank in range(needed[kind])]


def taken(pool: Pool, plan: list[Arrival]) -> list[str]:
    """Who comes, arrival by arrival."""
    return [pool.take(one.person, WANTED[one.kind]).ins for one in plan]


@given(PLANS, st.integers(1, 5))
def test_workers_together_take_whom_one_alone_would(plan: list[Arrival], workers: int) -> None:
    """Each of them sees the whole plan, and keeps its own."""
    everybody = people(demand(plan, WANTED))
    alone = taken(Pool(everybody, plan, WANTED), plan)

    together: dict[int, str] = {}
    for rank in range(workers):
        pool = Pool(everybody, plan, WANTED, rank, workers)
        own = [one for one in plan if worker_of(one.person, workers) == rank]
        together |= dict(zip((one.at_microsecond for one in own), taken(pool, own), strict=True))

    assert [together[one.at_microsecond] for one in plan] == alone


@given(PLANS)
def test_who_is_left_changed_is_taken_once_and_anybody_else_stays_the_same(
    plan: list[Arrival],
) -> None:
    """By the column `once` of the kinds of people."""
    names = taken(Pool(people(demand(plan, WANTED)), plan, WANTED), plan)

    once = [name for name, one in zip(names, plan, strict=True) if one.kind != "visit"]
    stays = {
        (name, one.person) for name, one in zip(names, plan, strict=True) if one.kind == "visit"
    }
    assert len(set(once)) == len(once)
    assert len({name for name, _ in stays}) == len({person for _, person in stays}) == len(stays)


@given(PLANS.filter(bool))
def test_one_person_fewer_than_demanded_runs_the_pool_dry(plan: list[Arrival]) -> None:
    """And the message names the kind."""
    needed = demand(plan, WANTED)
    kind = min(needed)

    with pytest.raises(PoolDry, match=kind):
        taken(Pool(people(needed | {kind: needed[kind] - 1}), plan, WANTED), plan)


def test_every_journey_wants_a_kind_there_is() -> None:
    """And every kind is wanted by a journey."""
    assert set(wanted_of().values()) == set(kinds_wanted())


@given(
    st.dictionaries(st.sampled_from(sorted(WANTED)), st.floats(0.01, 1), min_size=1),
    st.integers(2, 5_000),
)
def test_people_are_shared_out_as_a_mix_wants_them(mix: dict[str, float], count: int) -> None:
    """All of them, and of each kind one at least."""
    made = shared_out(count, mix, WANTED)

    kinds = {WANTED[journey] for journey in mix}
    shares = {
        kind: sum(part for journey, part in mix.items() if WANTED[journey] == kind)
        for kind in kinds
    }
    whole = sum(shares.values())
    assert sum(made.values()) == count
    assert set(made) == kinds
    assert all(made[kind] >= 1 for kind in kinds)
    assert all(abs(made[kind] - count * shares[kind] / whole) <= len(kinds) for kind in kinds)


def test_fewer_people_than_kinds_cannot_be_shared_out() -> None:
    """Some journey would find nobody."""
    with pytest.raises(ValueError, match="2 kinds"):
        shared_out(1, {"activate": 1.0, "visit": 1.0}, WANTED)
