"""A rehearsed record under the vintage of the launch."""

import pytest

from etalon_model import vintage
from etalon_model.records.rehearsal import RecordRehearsal


@pytest.fixture
def care() -> RecordRehearsal:
    """Return an adult's open and activated record."""
    return RecordRehearsal(vintage("launch-2022"))
