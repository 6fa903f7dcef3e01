# pyright: standard
"""Requests drawn from the OpenAPI document, good and bad, meet no fault and documented answers."""

from collections.abc import Generator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from etalon_wire.interactions import interactions
from hostile_scene import Scene, check_sober, hostile_scene
from in_process import Reply

schemathesis.serializer.alias("application/hl7-v2", "text/plain")
EXAMPLES: Final = settings().max_examples // 2
CHECKS: Final = [status_code_conformance, content_type_conformance]


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with hostile_scene() as one:
        yield one


@pytest.fixture(scope="module")
def operations(scene: Scene) -> list[Any]:
    """What the document of the server describes, the sandbox apart."""
    document = scene.town.ask("GET", "/openapi.json").json
    described = schemathesis.openapi.from_dict(document).get_all_operations()
    offered = [found.ok() for found in described if isinstance(found, Ok)]
    return [one for one in offered if not one.path.startswith("/sandbox")]


@pytest.fixture(scope="module")
def tokens(scene: Scene) -> list[str]:
    """Of a holder, a doctor, the insurer, and none."""
    return [scene.token, scene.doctors_token, scene.town.token("insurer"), ""]


def test_the_document_describes_every_interaction(operations: list[Any]) -> None:
    """By verb and path."""
    rows = [row for row in interactions().values() if row.family != "sandbox"]

    assert {(one.method.upper(), one.path) for one in operations} == {
        (row.verb, row.path) for row in rows
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_no_request_drawn_from_the_document_meets_a_fault(
    scene: Scene, operations: list[Any], tokens: list[str], mode: GenerationMode
) -> None:
    """Whoever asks; the status and the media type are among those that the document names."""
    drawn = st.sampled_from(operations).flatmap(lambda one: one.as_strategy(generation_mode=mode))

    @given(case=drawn, token=st.sampled_from(tokens))
    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    def ask(case: Any, token: str) -> None:  # noqa: ANN401 (the library has no name for it)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = case.call(base_url=scene.town.address, headers=headers, allow_redirects=False)
        check_sober(Reply(answer.status_code, {}, answer.content))
        case.validate_response(answer, checks=CHECKS if answer.content else CHECKS[:1])

    ask()
