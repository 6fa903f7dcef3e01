"""Services at the start of a day, one per vintage."""

import pytest

from etalon_model import vintage
from etalon_model.sandbox import Sandbox


@pytest.fixture
def launch() -> Sandbox:
    """Return the national service on 1 February 2022, with nobody in it."""
    return Sandbox(vintage("launch-2022"))
