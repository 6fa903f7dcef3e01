"""The page of reference says what the tables say."""

from wire_reference import REFERENCE, reference


def test_the_page_is_what_the_tables_make() -> None:
    """Run `python scripts/wire_reference.py` after a change of the tables."""
    assert REFERENCE.read_text(encoding="utf-8") == reference()
