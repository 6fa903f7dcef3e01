"""What a holder shares with a referenced service, as Consent, use by use."""

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from etalon_model import Actor, Use, holder, vintage
from etalon_model.catalogue.pairings import pairing_of
from etalon_model.catalogue.rehearsal import SOLUTION, USES, put_online
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Resource
from in_process import Reply
from rights_scene import INSURER_ACTOR, RightsScene, treating


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """A server of the years of the catalogue, with one service on line."""
    opened = RightsScene(vintage("steady-2023"), datetime(2024, 3, 4, 9, tzinfo=UTC))
    put_online(opened.people)
    yield opened
    opened.close()


def sharing(scene: RightsScene, ins: str, *uses: Use, status: str = "active") -> Resource:
    """A Consent to uses of data by the service."""
    wish = Wish("app-sharing", "permit", SOLUTION, scene.clock.now(), uses=frozenset(uses))
    return {**consent_resource(scene.service.person(ins).identity, wish), "status": status}


def give(scene: RightsScene, actor: Actor, ins: str, *uses: Use) -> Reply:
    """Send it."""
    return scene.send(actor, "POST", "/fhir/Consent", sharing(scene, ins, *uses))


def consented(scene: RightsScene, ins: str) -> frozenset[Use] | None:
    """What the model knows to be consented to, None when nothing is shared."""
    pairing = pairing_of(scene.service.person(ins), SOLUTION)
    return None if pairing is None else pairing.consents


def test_a_holder_shares_changes_one_use_and_parts(scene: RightsScene) -> None:
    """Each is one act; the Consent answered says what is consented to now."""
    ins = scene.person()
    first, second = USES[:2]

    paired = give(scene, holder(ins), ins, first)
    assert paired.status == 201, paired.body
    assert consented(scene, ins) == frozenset({first})
    address = urlsplit(paired.headers["location"]).path
    changed = scene.send(holder(ins), "PUT", address, sharing(scene, ins, first, second))
    assert consented(scene, ins) == frozenset({first, second})
    parted = scene.send(holder(ins), "PUT", address, sharing(scene, ins, status="inactive"))

    uses: list[dict[str, Any]] = changed.json["provision"]["provision"]
    assert len(uses) == 2
    assert {one["class"][0]["code"] for one in uses} == {first.family.value, second.family.value}
    assert (changed.status, parted.status) == (200, 200)
    assert consented(scene, ins) is None
    assert scene.send(holder(ins), "GET", address).status == 404


def test_two_uses_are_not_changed_at_once_and_only_the_holder_is_told(scene: RightsScene) -> None:
    """What differs from what is shared now is told to who may share, and to nobody else."""
    ins = scene.person()
    give(scene, holder(ins), ins, USES[0])
    change = USES[:3]

    own = give(scene, holder(ins), ins, *change)
    others = [give(scene, actor, ins, *change) for actor in (treating(), INSURER_ACTOR)]

    assert own.status == 422
    assert b"2 uses of data differ" in own.body
    assert [one.status for one in others] == [403, 403]
    assert b"uses of data" not in others[0].body + others[1].body
    assert consented(scene, ins) == frozenset({USES[0]})


def test_a_use_that_the_service_did_not_ask_for_is_refused(scene: RightsScene) -> None:
    """CAT-05: nothing else is ever exchanged."""
    ins = scene.person()

    reply = give(scene, holder(ins), ins, Use("prevention", USES[0].family, USES[0].direction))

    assert reply.status == 403
    assert consented(scene, ins) is None
