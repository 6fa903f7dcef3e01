"""Draws: pure, registered, and statistically plain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.draws import (
    BITS,
    FIELDS,
    GOLDEN,
    MASK,
    REPETITIONS,
    Field,
    Slot,
    clashes,
    draw,
    mix,
    stream,
)

PEOPLE = 20_000
BINS = 16
# Upper 1 in 10 million of chi-square with 15 degrees of freedom is about 61.
CHI_SQUARE_LIMIT = 61.0


def chi_square(counts: list[int]) -> float:
    """Distance of counts from an even spread."""
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


@given(st.integers(0, 2**40), st.sampled_from(list(Slot)), st.integers(0, 2**31))
def test_a_draw_is_the_mix_of_person_and_key(seed: int, slot: Slot, person: int) -> None:
    """The hot path spells out the same function as `mix`."""
    key = stream(seed, slot)

    assert draw(key, person) == mix((person * GOLDEN + key) & MASK)


def test_a_bit_read_by_two_fields_is_an_error() -> None:
    """The register refuses a field that overlaps another of its slot."""
    fields = {"first": Field(Slot.OPPOSE, 32, 32), "second": Field(Slot.OPPOSE, 40, 8)}

    assert clashes(fields) == ["second: bit 40 of OPPOSE already serves first"]


def test_a_field_beyond_the_draw_is_an_error() -> None:
    """A field must lie within the 64 bits."""
    assert clashes({"wide": Field(Slot.OPPOSE, 60, 8)}) == [
        f"wide: outside the {BITS} bits of a draw"
    ]


def test_the_register_in_use_has_no_clash() -> None:
    """No bit serves two decisions."""
    assert clashes(FIELDS) == []


@pytest.mark.parametrize(
    ("slot", "repetition", "allowed"),
    [
        (Slot.OPPOSE, 0, True),
        (Slot.OPPOSE, 1, False),
        (Slot.CALL, REPETITIONS - 1, True),
        (Slot.CALL, REPETITIONS, False),
        (Slot.CALL, -1, False),
    ],
)
def test_only_slots_that_repeat_have_repetitions(
    slot: Slot, repetition: int, *, allowed: bool
) -> None:
    """A repetition that a slot does not own is an error, not another decision's stream."""
    if allowed:
        assert stream(1, slot, repetition) >= 0
    else:
        with pytest.raises(ValueError, match="has no repetition"):
            stream(1, slot, repetition)


def test_streams_of_all_slots_and_repetitions_differ() -> None:
    """No two decisions share a key."""
    keys = [stream(7, slot) for slot in Slot if slot < Slot.WEB_VISIT]
    keys += [stream(7, slot, k) for slot in Slot if slot >= Slot.WEB_VISIT for k in range(20)]

    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("slot", list(Slot))
@pytest.mark.parametrize("shift", [0, 16, 32, 60])
def test_four_bit_windows_of_every_slot_are_uniform(slot: Slot, shift: int) -> None:
    """Chi-square over 16 values of consecutive people stays plain."""
    key, counts = stream(2021, slot), [0] * BINS
    for person in range(PEOPLE):
        counts[(draw(key, person) >> shift) & (BINS - 1)] += 1

    assert chi_square(counts) < CHI_SQUARE_LIMIT


@pytest.mark.parametrize(
    ("one", "other"), [(Slot.OPPOSE, Slot.ACTIVATE), (Slot.NOTICE, Slot.DELIVERY)]
)
def test_two_decisions_of_a_person_are_independent(one: Slot, other: Slot) -> None:
    """Pairs of leading bits over two slots fill a square evenly."""
    first, second, counts = stream(5, one), stream(5, other), [0] * BINS
    for person in range(PEOPLE):
        counts[(draw(first, person) >> 62) * 4 + (draw(second, person) >> 62)] += 1

    assert chi_square(counts) < CHI_SQUARE_LIMIT


def test_neighbouring_seeds_are_independent() -> None:
    """The same decision under seeds 1 and 2 fills a square evenly."""
    first, second, counts = stream(1, Slot.OPPOSE), stream(2, Slot.OPPOSE), [0] * BINS
    for person in range(PEOPLE):
        counts[(draw(first, person) >> 62) * 4 + (draw(second, person) >> 62)] += 1

    assert chi_square(counts) < CHI_SQUARE_LIMIT
