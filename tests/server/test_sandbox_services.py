"""The sandbox has a service referenced by the commands that exist, and registers its client."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from etalon_model.catalogue.catalogue import ServiceState
from etalon_model.catalogue.pairings import pairing_of
from etalon_server.clock import ManualClock
from etalon_server.exchange import Desk
from etalon_server.identity.provider import Identity
from sandbox_scene import ask, desk_of, refusal

CALLBACK: Final = "https://carnet.test/callback"
EXCHANGES: Final = datetime(2024, 3, 1, 9, tzinfo=UTC)
BODY: Final[dict[str, Any]] = {"redirect_uris": [CALLBACK]}


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A sandbox with a provider of identity, since data may be exchanged."""
    opened = desk_of("steady-2023", ManualClock(EXCHANGES))
    with closing(Identity(opened.host)) as identity:
        opened.identity = identity
        yield opened


def test_a_service_is_put_on_line_with_a_client_of_its_own(desk: Desk) -> None:
    """Each one another solution; what is not said is everything, for care."""
    first, second = (ask(desk, "sandbox_services", BODY) for _ in range(2))
    use = {"purpose": "prevention", "family": "agenda", "direction": "read"}
    named = {"id": "1.2.250.1.999.9", "title": "Rappels", "uses": [use], **BODY}
    third = ask(desk, "sandbox_services", named)

    assert isinstance(desk.identity, Identity)
    for told in (first, second, third):
        client = desk.identity.clients.find(told["client_id"])
        assert client is not None
        assert (client.solution, client.redirects) == (told["solution"], (CALLBACK,))
        service = desk.host.service.catalogue[told["solution"]]
        assert service.state_at(EXCHANGES) is ServiceState.ONLINE
    assert len({first["solution"], second["solution"], third["solution"]}) == 3
    assert (len(first["uses"]), third["uses"], third["title"]) == (6, [use], "Rappels")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect_uris": None}, "PARAMETER_MISSING"),
        ({"redirect_uris": []}, "PARAMETER_WRONG"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "PARAMETER_WRONG"),
        ({"id": "carnet"}, "PARAMETER_WRONG"),
        ({"id": ""}, "PARAMETER_WRONG"),
        ({"uses": "all"}, "PARAMETER_WRONG"),
        ({"uses": ["read"]}, "PARAMETER_WRONG"),
        ({"uses": [{"purpose": "research", "family": "agenda", "direction": "read"}]}, None),
        ({"uses": [{"purpose": "care", "family": "messages", "direction": "read"}]}, None),
        ({"uses": [{"purpose": "care", "family": "agenda"}]}, "PARAMETER_MISSING"),
        ({"state": "EN_LIGNE"}, "PARAMETER_UNKNOWN"),
    ],
)
def test_a_service_that_cannot_be_is_refused_whole(
    desk: Desk, changes: dict[str, object], code: str | None
) -> None:
    """Neither the catalogue nor the clients know it."""
    assert refusal(desk, "sandbox_services", BODY | changes) == (code or "PARAMETER_WRONG")
    assert dict(desk.host.service.catalogue) == {}


def test_a_solution_is_referenced_once(desk: Desk) -> None:
    """The second asks in vain, and the first stays."""
    named = BODY | {"id": "1.2.250.1.999.9"}
    first = ask(desk, "sandbox_services", named)

    assert refusal(desk, "sandbox_services", named) == "PARAMETER_WRONG"
    assert isinstance(desk.identity, Identity)
    assert desk.identity.clients.find(first["client_id"]) is not None


@pytest.mark.rule("CAT-09")
def test_a_service_that_stands_moves_by_the_table_of_states(desk: Desk) -> None:
    """From on line to suspended and back; a state it cannot come to is refused."""
    solution = ask(desk, "sandbox_services", BODY)["solution"]

    for state in ("SUSPENDUE", "EN_LIGNE", "HORS_LIGNE", "DEREFERENCEE"):
        moved = ask(desk, "sandbox_services", {"id": solution, "state": state})
        assert moved == {"solution": solution, "state": state}
    back = {"id": solution, "state": "EN_LIGNE"}
    assert refusal(desk, "sandbox_services", back) == "SERVICE_CANNOT_MOVE"


def test_before_the_second_criteria_nothing_is_exchanged() -> None:
    """The rules refuse it, in the sandbox too (CAT-03)."""
    desk = desk_of("steady-2023")
    with closing(Identity(desk.host)) as identity:
        desk.identity = identity

        assert refusal(desk, "sandbox_services", BODY) == "CRITERIA_NOT_PUBLISHED"


def test_a_sandbox_without_a_provider_registers_nobody(desk: Desk) -> None:
    """The control says so."""
    desk.identity = None

    assert refusal(desk, "sandbox_services", BODY) == "CONTROL_UNAVAILABLE"


def test_a_token_of_an_app_comes_with_its_identity_token(desk: Desk) -> None:
    """Both name the person by the same opaque identifier, and a holder's brings neither."""
    service = ask(desk, "sandbox_services", BODY)
    person = ask(desk, "sandbox_people", {})[0]
    actor = {"kind": "app", "id": service["solution"], "on_behalf_of": person["ins"]}

    told = ask(desk, "sandbox_tokens", {"actor": actor})
    own = ask(desk, "sandbox_tokens", {"actor": {"kind": "holder", "ins": person["ins"]}})

    assert isinstance(desk.identity, Identity)
    said = desk.identity.app_identities.said_by(told["id_token"], desk.host.clock.now())
    assert said is not None
    assert (said.id_pe, said.solution) == (told["patient"], service["solution"])
    assert {"id_token", "patient"} & own.keys() == set()
    assert person["ins"] not in str(told)


def test_a_holder_joins_a_service_by_a_relation_and_consents_to_all_it_asks_for(
    desk: Desk,
) -> None:
    """By the command that pairs; a service that nobody referenced is refused."""
    use = {"purpose": "care", "family": "measures", "direction": "read"}
    service = ask(desk, "sandbox_services", BODY | {"uses": [use]})
    ins = ask(desk, "sandbox_people", {})[0]["ins"]
    joining = {"kind": "pairing", "holder": ins}

    ask(desk, "sandbox_relations", joining | {"who": service["solution"]})

    pairing = pairing_of(desk.host.service.person(ins), service["solution"])
    assert pairing is not None
    assert [(one.family.value, one.direction.value) for one in pairing.consents] == [
        ("measures", "read")
    ]
    assert refusal(desk, "sandbox_relations", joining | {"who": "1.2.3"}) == "PARAMETER_WRONG"
