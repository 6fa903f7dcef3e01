"""One expectation that follows from several requirements, held under each of them."""

from collections.abc import Iterator, Sequence

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import Expectation


def under(
    bench: Bench,
    requirements: tuple[str, ...],
    looked: Exchange | Sequence[Exchange],
    expectation: Expectation,
    *,
    certain: bool = True,
) -> Iterator[Assertion]:
    """Hold an expectation under each requirement that it follows from.

    Args:
        bench: What the check works with.
        requirements: Identifiers, each named by the check.
        looked: What was seen.
        expectation: What is expected of it.
        certain: It is about the part of each requirement that is certain.
    """
    for one in requirements:
        yield bench.expects(one, looked, expectation, certain=certain)
