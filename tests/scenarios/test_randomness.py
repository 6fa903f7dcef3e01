"""The random functions: known answers, one form for a person and one for many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import REPETITIONS, Slot
from etalon_scenarios.philox import Variant, philox
from etalon_scenarios.randomness import RANDOM_FUNCTIONS
from etalon_scenarios.randomness_arrays import ARRAY_FUNCTIONS

SEEDS = st.integers(0, 2**63 - 1)
PEOPLE = st.integers(0, 2**31 - 1)
PHILOX4X64 = Variant(
    64,
    (0xD2E7470EE14C6C93, 0xCA5A826395121157),
    (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B),
)

KNOWN = (
    (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
)
"""Counter, key and answer of Philox4x32-10, from the test vectors of Random123."""


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_answers_its_authors_publish(counter: str, key: str, answer: str) -> None:
    """Zeros, ones, and the digits of pi."""
    a, b, c, d = (int(word, 16) for word in counter.split())
    one, other = (int(word, 16) for word in key.split())

    assert philox((a, b, c, d), (one, other)) == tuple(int(word, 16) for word in answer.split())


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(1, 2**64 - 1))
def test_philox_in_words_of_64_bits_is_that_of_numpy(one: int, other: int, low: int) -> None:
    """The same rounds with the constants of the larger words give NumPy's generator."""
    generator = np.random.Philox(
        counter=np.array([low - 1, 0, 0, 0], dtype=np.uint64),
        key=np.array([one, other], dtype=np.uint64),
    )

    assert philox((low, 0, 0, 0), (one, other), PHILOX4X64) == tuple(
        generator.random_raw(4).tolist()
    )


@pytest.mark.parametrize("name", RANDOM_FUNCTIONS)
@given(SEEDS, st.sampled_from(list(Slot)), st.lists(PEOPLE, min_size=1, max_size=40))
def test_arrays_draw_the_bits_of_each_person(
    name: str, seed: int, slot: Slot, people: list[int]
) -> None:
    """One key for everybody, or the same key for each."""
    alone, together = RANDOM_FUNCTIONS[name](seed), ARRAY_FUNCTIONS[name](seed)
    key, persons = alone.key(slot), np.array(people, dtype=np.int64)
    expected = [alone.draw(key, person) for person in people]

    assert together.key(slot) == key
    assert together.draw_many(key, persons).tolist() == expected
    each = np.full(len(people), key, dtype=np.uint64)
    assert together.draw_many(each, persons).tolist() == expected
    places, bits = together.find_below(key, persons, ONE // 2)
    assert bits.tolist() == [one for one in expected if one >> 32 < ONE // 2]
    assert [expected[place] for place in places.tolist()] == bits.tolist()


@pytest.mark.parametrize("name", RANDOM_FUNCTIONS)
def test_a_range_draws_the_bits_of_its_people(name: str) -> None:
    """Across the blocks that arrays are cut into."""
    alone, together = RANDOM_FUNCTIONS[name](7), ARRAY_FUNCTIONS[name](7)
    key = alone.key(Slot.CALL, 3)
    drawn = together.draw_range(key, 16_000, 50_000)

    assert len(drawn) == 34_000
    assert [int(drawn[person - 16_000]) for person in (16_000, 16_384, 33_000, 49_999)] == [
        alone.draw(key, person) for person in (16_000, 16_384, 33_000, 49_999)
    ]


@pytest.mark.parametrize("name", RANDOM_FUNCTIONS)
def test_decisions_and_seeds_draw_apart(name: str) -> None:
    """Another slot, repetition, person or seed gives other bits."""
    one = RANDOM_FUNCTIONS[name](1)
    drawn = {
        one.draw(one.key(slot, repetition), person)
        for slot, repetition in ((Slot.OPPOSE, 0), (Slot.CALL, 0), (Slot.CALL, 1))
        for person in (0, 1, 2**32)
    }
    other = RANDOM_FUNCTIONS[name](2)

    assert len(drawn) == 9
    assert other.draw(other.key(Slot.OPPOSE), 0) not in drawn


@pytest.mark.parametrize("name", RANDOM_FUNCTIONS)
@pytest.mark.parametrize(("slot", "repetition"), [(Slot.OPPOSE, 1), (Slot.CALL, REPETITIONS)])
def test_a_repetition_that_a_slot_does_not_own_is_refused(
    name: str, slot: Slot, repetition: int
) -> None:
    """The next numbers belong to another decision."""
    with pytest.raises(ValueError, match="has no repetition"):
        RANDOM_FUNCTIONS[name](1).key(slot, repetition)


@pytest.mark.parametrize("name", RANDOM_FUNCTIONS)
def test_bits_of_a_function_are_even(name: str) -> None:
    """Each of the 64 bits is set for half of 20 000 people, within five standard errors."""
    function = ARRAY_FUNCTIONS[name](3)
    bits = function.draw_range(function.key(Slot.OPPOSE), 0, 20_000)

    for rank in range(64):
        ones = int((bits >> np.uint64(rank) & np.uint64(1)).sum())
        assert abs(ones - 10_000) < 5 * 71
