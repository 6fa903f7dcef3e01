"""Clients of one space side by side: is there an order that explains what they were answered?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.races.trying import explained
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire

_SERVICES_SINCE: Final = datetime(2023, 11, 1, tzinfo=UTC)
"""Since when services that exchange data are referenced (CAT-03)."""


@check(requirements=("LIF-12",), needs=(*NEEDS, "close_space"), wire=Wire.OWN)
def closing_stands_beside_deposits(bench: Bench) -> Iterator[Assertion]:
    """A closing and the deposits, searches and readings beside it have an order."""
    yield from explained(bench, "LIF-12")


@check(requirements=("REC-09",), needs=(*NEEDS, "give_consent"), wire=Wire.OWN)
def objection_stands_beside_deposits(bench: Bench) -> Iterator[Assertion]:
    """An objection to feeding and the deposits beside it have an order."""
    yield from explained(bench, "REC-09")


@check(
    requirements=("LIF-07",),
    needs=("create_person", "create_professional", "activate", "oppose"),
    wire=Wire.OWN,
)
def code_is_spent_once_whoever_comes_first(bench: Bench) -> Iterator[Assertion]:
    """Of two who use one code at the same time, one is refused."""
    yield from explained(bench, "LIF-07")


@check(requirements=("VIS-01",), needs=NEEDS)
def masking_stands_beside_readings(bench: Bench) -> Iterator[Assertion]:
    """Once a masking is answered, nobody reads by what was before."""
    yield from explained(bench, "VIS-01")


@check(requirements=("ACC-04",), needs=(*NEEDS, "give_consent"), wire=Wire.OWN)
def block_stands_beside_readings(bench: Bench) -> Iterator[Assertion]:
    """Once a block is answered, the professional reads nothing more."""
    yield from explained(bench, "ACC-04")


@check(requirements=("W-REC-02",), needs=NEEDS)
def deposits_side_by_side_are_all_kept(bench: Bench) -> Iterator[Assertion]:
    """Each deposit that was acknowledged is found, whatever is deposited beside it."""
    yield from explained(bench, "W-REC-02")


@check(requirements=("REC-10",), needs=NEEDS)
def document_sent_twice_at_once_is_taken_once(bench: Bench) -> Iterator[Assertion]:
    """Of two who deposit one document at the same time, one is refused."""
    yield from explained(bench, "REC-10")


@check(requirements=("REP-08",), needs=(*NEEDS, "caregiver", "close_space"), wire=Wire.OWN)
def sharing_is_made_once_whoever_asks(bench: Bench) -> Iterator[Assertion]:
    """Of two who make one delegation at the same time, one is refused."""
    yield from explained(bench, "REP-08")


@check(requirements=("CAT-07",), needs=(*NEEDS, "advance_clock"), wire=Wire.OWN, alone=True)
def parting_stands_beside_pairing(bench: Bench) -> Iterator[Assertion]:
    """Once a service is parted from, nothing of the pairing is left."""
    now = bench.now()
    if now < _SERVICES_SINCE:
        bench.advance(f"P{(_SERVICES_SINCE - now).days + 1}D")
    yield from explained(bench, "CAT-07")
