"""The page of journeys says what the table says."""

from journey_reference import REFERENCE, reference


def test_the_page_of_journeys_is_fresh() -> None:
    """Run `python scripts/journey_reference.py` after a change of the table."""
    assert REFERENCE.read_text(encoding="utf-8") == reference()
