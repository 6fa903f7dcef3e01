"""What every test run shares: how deep chance digs."""

import os

import pytest
from hypothesis import settings

EFFORT = int(os.environ.get("ETALON_EFFORT", "1"))

settings.register_profile(
    "etalon", max_examples=100 * EFFORT, derandomize=True, deadline=None, database=None
)
settings.load_profile("etalon")


@pytest.fixture(scope="session")
def effort() -> int:
    """Factor on random depth: 1 in `make test`, 20 in `make prove`."""
    return EFFORT
