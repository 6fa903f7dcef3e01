"""Servers known to be wrong differ from the reference in what they say, and in nothing else."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import pytest

import impostor_story
from etalon_conformance.impostors import (
    Impostor,
    NotMadeError,
    UnknownServerError,
    Variant,
    impostors,
    transform_of,
    variants,
)
from etalon_conformance.requirements import can_fail, requirement_set
from etalon_conformance.transforms import MAKERS
from etalon_conformance.transforms.exchanges import objects_in
from etalon_model import Service
from etalon_server.application import create_app
from etalon_server.clock import ManualClock
from etalon_server.listening import running
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_server.transforming import transformed
from etalon_wire.json_body import Json
from etalon_wire.parts import FAITHFUL, Receive, Scope, Send
from impostor_probe import Probe
from in_process import Reply, asked
from rights_scene import FIRST, LAUNCH, SEED, TEST_INS, RightsScene
from served_town import Town

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HERE: Final = Path(__file__).parent
MADE: Final = [one for one in impostors().values() if one.transform is not None]
THEMES: Final = {
    "rights",
    "life cycle",
    "versions",
    "search",
    "paging",
    "atomicity",
    "tokens",
    "audit",
    "races",
    "messages",
    "mail",
    "directory",
    "agenda",
    "apps",
    "durability",
}
OF_SERVICES: Final = {"messages", "mail", "directory", "agenda", "apps", "durability"}
"""Themes that the story, one of records, has nothing to say of: `test_service_checks` does."""
RACES: Final = "races"
"""Theme of those that a story told by one client meets or not, as it happens: `test_races` does."""
TOLD: Final = [one for one in MADE if one.theme not in {*OF_SERVICES, RACES}]
UNTOLD: Final = {
    "long-lived-token",
    "expired-token-accepted",
    "closed-space-takes-appointments",
    "window-a-day-short",
    "objection-undone-by-a-code",
    "carer-blocks",
    "block-lifted-by-joining",
    "closed-agenda-still-read",
    "history-under-a-technical-account",
    "no-second-code",
    "password-asked-of-adults-only",
    "bytes-first-not-told",
    "bounced-email-taken-for-read",
    "opponent-never-comes-back",
    "suspension-in-name",
    "hold-forgotten",
    "death-not-heard-of",
    "consents-heard-and-lost",
    "administrator-in-name",
    "second-parent-in-name",
}
"""Impostors that the story does not meet: a test of their own does."""


def differing() -> Mapping[str, list[str]]:
    """The steps of the story in which each impostor differs from the reference."""
    lines = (HERE / "impostor_differences.txt").read_text(encoding="utf-8").splitlines()
    return {name: steps.split() for name, _, steps in (line.partition(": ") for line in lines)}


@pytest.fixture(scope="module")
def reference() -> dict[str, Reply]:
    """The story told to the reference."""
    return impostor_story.told()


def test_the_table_breaks_rules_of_every_kind_and_most_of_them_can_fail() -> None:
    """At least forty, over every theme; at least half on law or a specification."""
    requirements = requirement_set()
    enforceable = [one for one in MADE if can_fail(requirements[one.requirement], one.wire)]

    assert len(MADE) >= 40
    assert len(enforceable) * 2 >= len(impostors())
    assert {one.theme for one in MADE} == THEMES
    assert len(variants()) >= 8
    assert not impostors().keys() & variants().keys()


@pytest.mark.parametrize("one", impostors().values(), ids=lambda one: one.name)
def test_a_row_names_a_requirement_with_its_standing_and_tells_its_story(one: Impostor) -> None:
    """What the catalogue says and what the table says are the same."""
    requirement = requirement_set()[one.requirement]

    assert one.standing is requirement.standing
    assert requirement.wire in {None, one.wire}
    assert all(one.story.values())


def test_the_story_is_told_alike_twice(reference: dict[str, Reply]) -> None:
    """Were it not, a difference would say nothing."""
    assert impostor_story.told() == reference


@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.name)
def test_an_impostor_differs_in_what_it_says_and_in_nothing_else(
    one: Impostor, reference: dict[str, Reply]
) -> None:
    """The steps that differ are those that its breach touches, each seen to follow from it."""
    told = impostor_story.told(one.transform)

    found = [step for step, reply in reference.items() if told[step] != reply]

    assert found == differing().get(one.name, [])
    assert bool(found) is (one.name not in UNTOLD)


def test_every_transform_is_in_a_table_and_every_difference_of_an_impostor() -> None:
    """Nothing is left over."""
    named = {name for name in MAKERS if MAKERS[name].__module__.startswith("etalon_conformance")}

    assert named == set(MAKERS)
    assert differing().keys() == {one.name for one in TOLD} - UNTOLD


def _sober(reply: Reply) -> tuple[int, Json]:
    """What an answer says, whatever the form: its status and its resource or its bytes."""
    kind = reply.headers.get("content-type", "").lower()
    is_json = kind.startswith("application/fhir+json")
    said: Json = json.loads(reply.body) if is_json else reply.body.decode("latin-1")
    return reply.status, said


def _without(name: str) -> Callable[[Reply], object]:
    def sober(reply: Reply) -> object:
        status, said = _sober(reply)
        if isinstance(said, dict) and said.get("type") == "searchset":
            return status, {**said, name: None}
        return status, said

    return sober


def _plain_identifiers(reply: Reply) -> object:
    location = reply.headers.get("location", "").replace("/d.", "/")
    body = reply.body.replace(b"/d.", b"/").replace(b'"d.', b'"')
    return reply.status, location, body


def _unordered(reply: Reply) -> object:
    status, said = _sober(reply)
    if not isinstance(said, dict) or "entry" not in said:
        return status, said
    return status, sorted(json.dumps(one) for one in objects_in(said["entry"]))


def _undated(reply: Reply) -> object:
    status, said = _sober(reply)
    return status, _dateless(said)


def _dateless(said: Json) -> Json:
    if isinstance(said, list):
        return [_dateless(one) for one in said]
    if not isinstance(said, dict):
        return said
    return {name: _dateless(value) for name, value in said.items() if name != "lastUpdated"}


def _matches(reply: Reply) -> object:
    status, said = _sober(reply)
    if not isinstance(said, dict) or said.get("type") != "searchset":
        return status, said
    entries = objects_in(said.get("entry"))
    return status, [one for one in entries if one["search"] != {"mode": "outcome"}]


def _located(reply: Reply) -> object:
    return _sober(reply), urlsplit(reply.headers.get("location", "")).path


def _status_class(reply: Reply) -> object:
    return reply.status // 100, reply.body


SAYING: Final[Mapping[str, Callable[[Reply], object]]] = {
    "other-identifiers": _plain_identifiers,
    "other-order": _unordered,
    "small-pages": lambda reply: reply.status,
    "no-total": _without("total"),
    "not-found-for-forbidden": _status_class,
    "chunked": _sober,
    "clock-ahead": _undated,
    "media-type-spelt-otherwise": _sober,
    "indented-json": _sober,
    "outcome-among-entries": _matches,
    "relative-location": _located,
    "unprocessable-for-bad-request": _status_class,
}
"""What a variant must leave as it is, for each of them."""


TOLD_VARIANTS: Final = [one for one in variants().values() if one.name in SAYING]


@pytest.mark.parametrize("one", TOLD_VARIANTS, ids=lambda one: one.name)
def test_a_variant_differs_and_says_the_same(one: Variant, reference: dict[str, Reply]) -> None:
    """Apart from what its clause leaves free every answer is that of the reference."""
    saying = SAYING[one.name]

    told = impostor_story.told(one.transform)

    assert told != reference
    assert {step: saying(reply) for step, reply in told.items()} == {
        step: saying(reply) for step, reply in reference.items()
    }
    assert one.clause
    assert all(one.story.values())


def test_small_pages_join_to_the_page_of_the_reference() -> None:
    """What is on a page of the reference is on several of the variant, in the same order."""
    whole = impostor_story.pages_of()
    small = impostor_story.pages_of(transform_of("small-pages"))

    assert len(whole) == 1
    assert [len(one) for one in small] == [2, 2, 1]
    assert [*chain(*small)] == whole[0]


def test_a_token_announced_for_a_day_is_that_of_the_reference_otherwise() -> None:
    """The answer of the endpoint of tokens is changed in one value."""
    answer = {"access_token": "t", "expires_in": 120, "token_type": "Bearer"}

    async def provider(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    service = Service(LAUNCH, seed=1)
    *_, app = transform_of("long-lived-token")(service, FAITHFUL, provider)
    paths = ("/oauth2/psc/token", "/oauth2/token")
    said = [asyncio.run(asked(cast("ASGIApp", app), "POST", one, b"", {})).json for one in paths]

    assert said == [{**answer, "expires_in": 86400}, answer]


@pytest.mark.parametrize(("name", "status"), [("", 401), ("expired-token-accepted", 200)])
def test_a_token_that_has_ended_is_taken_by_the_impostor_alone(name: str, status: int) -> None:
    """The token is real and the clock goes past its end; a forged one is refused."""
    host = Host(LAUNCH, seed=SEED, clock=ManualClock(FIRST))
    desk = desk_of(host, Settings(sandbox=True))
    app = create_app(desk)
    served = transformed(desk, app, transform_of(name)) if name else app

    def control(what: str, **said: Json) -> Any:  # noqa: ANN401 (JSON, for a test)
        headers = {"content-type": "application/json"}
        body = json.dumps(said).encode()
        return asyncio.run(asked(served, "POST", f"/sandbox/{what}", body, headers)).json

    def found(token: str) -> int:
        headers = {"authorization": f"Bearer {token}", "accept": "application/fhir+json"}
        path = f"/fhir/DocumentReference?patient.identifier={TEST_INS}|{ins}&status=current"
        return asyncio.run(asked(served, "GET", path, b"", headers)).status

    ins = control("people")[0]["ins"]
    token = control("tokens", actor={"kind": "holder", "ins": ins})["access_token"]
    before = found(token)
    control("clock", advance="PT2H")

    assert (before, found(token), found(f"{token[:-4]}AAAA")) == (200, status, 401)


def test_a_server_that_listens_is_the_one_asked_for() -> None:
    """Over a real socket: a body in chunks, and no length."""
    scene = RightsScene()
    with running(scene.desk, transform=transform_of("chunked")) as server:
        reply = Town(scene.desk, server.address).ask("GET", "/fhir/metadata")

    assert reply.status == 200
    assert reply.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in reply.headers
    assert reply.json["resourceType"] == "CapabilityStatement"


def test_a_reset_keeps_the_impostor() -> None:
    """The service that begins again is behind the same transform."""
    with closing(Probe(transform_of("type-ignored"))) as probe:
        before = probe.desk.host.deciding
        probe.desk.host.reset()

        assert probe.desk.host.deciding is before
        assert before is not None
        assert before.snapshot().register.people == {}


def test_a_name_that_is_not_there_is_refused_with_the_nearest() -> None:
    """And a server that is told and not made is never the reference."""
    with pytest.raises(UnknownServerError) as unknown:
        transform_of("maskd-found")
    not_made = [one.name for one in impostors().values() if one.transform is None]
    for name in not_made:
        with pytest.raises(NotMadeError, match=name):
            transform_of(name)

    assert unknown.value.nearest == "masked-found"
