"""What a later search of a record may ask from: what changed, a day back at most."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from etalon_conformance.witness.consulting import asks_for_changes


@pytest.mark.parametrize(
    ("bound", "asks"),
    [
        (datetime(2022, 2, 10, tzinfo=UTC), True),
        (datetime(2022, 2, 9, tzinfo=UTC), True),
        (datetime(2022, 2, 8, 23, 59, tzinfo=UTC), False),
        (datetime(2020, 2, 10, tzinfo=UTC), False),
    ],
)
def test_a_search_just_after_midnight_may_ask_from_the_day_before(
    bound: datetime, *, asks: bool
) -> None:
    """Twenty past midnight, an hour back is yesterday: its day begins more than a day before."""
    assert asks_for_changes(bound, datetime(2022, 2, 10, 0, 20, tzinfo=UTC)) is asks
