"""A service can be copied, kept and taken up again."""

import copy
import pickle
from collections.abc import Callable
from typing import cast

import pytest

from etalon_model import ReadSpace, Service, State, holder
from etalon_model.sandbox import Sandbox


def pickled(service: Service) -> Service:
    """Return the service written to bytes and read again."""
    return cast("Service", pickle.loads(pickle.dumps(service)))  # noqa: S301 (our own bytes)


@pytest.mark.parametrize("copied", [copy.deepcopy, pickled])
def test_a_copy_answers_alike_and_lives_apart(
    launch: Sandbox, copied: Callable[[Service], Service]
) -> None:
    """Same state, log and codes; what happens to the copy does not happen to the original."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    original = launch.service

    launch.service = copied(original)

    assert launch.service.log(ins) == original.log(ins)
    assert launch.service.state(ins) is State.OPEN_ACTIVE
    launch.close(ins)
    assert launch.service.state(ins) is State.CLOSED_ARCHIVED
    assert original.state(ins) is State.OPEN_ACTIVE
    assert original.apply(ReadSpace(launch.now, holder(ins), ins)) is not None
    assert original.transitions["T12"] == 0
