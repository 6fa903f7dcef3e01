"""An open space and its people, on 1 February 2022."""

import pytest

from etalon_model import State
from etalon_model.sandbox import Sandbox


@pytest.fixture
def ins(launch: Sandbox) -> str:
    """Return an adult whose space is activated."""
    adult = launch.person()
    launch.bring(adult, State.OPEN_ACTIVE)
    return adult
