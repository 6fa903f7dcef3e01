"""A national service once exchange of data has begun, and a service in its catalogue."""

from datetime import UTC, datetime

import pytest

from etalon_model import State, vintage
from etalon_model.catalogue.rehearsal import put_online
from etalon_model.sandbox import Sandbox


@pytest.fixture
def box() -> Sandbox:
    """Return the service on 6 November 2023, with an empty catalogue."""
    return Sandbox(vintage("steady-2023"), now=datetime(2023, 11, 6, 9, tzinfo=UTC))


@pytest.fixture
def online(box: Sandbox) -> Sandbox:
    """Return the same with a service on line."""
    put_online(box)
    return box


@pytest.fixture
def ins(online: Sandbox) -> str:
    """Return an adult with an activated space, in the service of `online`."""
    adult = online.person()
    online.bring(adult, State.OPEN_ACTIVE)
    return adult
