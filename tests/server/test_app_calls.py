"""A call of a referenced service passes with its own two tokens, or is refused and told."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_model import ActorKind, ChangeServiceConsent, UnpairService, Use, holder
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.rehearsal import SOLUTION, USES
from etalon_server.exchange import FORM
from etalon_server.identity.keys import new_key
from etalon_wire.interactions import Interaction, interactions
from identity_scene import SEED, Reply
from import_table import ROOT
from in_process import asked
from pairing_scene import FOREIGN, PairingScene, app_headers

READ: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)
WRITE: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
PREVENTION: Final = Use(Purpose.PREVENTION, ExchangeFamily.MEASURES, Direction.READ)
EXAMPLE: Final = ROOT / "tests" / "wire" / "examples" / "measure_feed.json"
EXAMPLES: Final = settings().max_examples // 4
Tokens = dict[str, Any]
Changed = Callable[[PairingScene, Tokens], Tokens]


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module: each test has people of its own."""
    with closing(PairingScene(uses=(*USES, PREVENTION))) as opened:
        yield opened


def search(tokens: Tokens, named: str = "") -> str:
    """The search of the last weight."""
    subject = named or f"urn:oid:{SOLUTION}%7C{tokens['patient']}"
    where = f"subject.identifier={subject}&code=29463-7&_sort=-date&_count=1"
    return f"/measures/fhir/Observation?{where}"


def feed(tokens: Tokens) -> bytes:
    """A measure to be written."""
    body = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    for entry in body["entry"]:
        if entry["resource"]["resourceType"] == "Observation":
            named = {"system": f"urn:oid:{SOLUTION}", "value": tokens["patient"]}
            entry["resource"]["subject"] = {"identifier": named}
    return json.dumps(body).encode()


def send(
    scene: PairingScene, tokens: Tokens, meanwhile: Callable[[], object] | None = None
) -> Reply:
    """Write a measure, while something happens."""
    headers = {**app_headers(tokens), "content-type": "application/fhir+json"}
    written = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = asked(scene.app, "POST", "/measures/fhir", feed(tokens), written, "", meanwhile)
    reply = asyncio.run(sent)
    return Reply(reply.status, reply.headers, reply.body)


def told(scene: PairingScene, ins: str) -> list[tuple[str, str]]:
    """What the log says of services: which one, and what was refused to it."""
    rows = scene.service.log(ins)
    return [(row.actor.ident, row.deed.refused) for row in rows if row.actor.kind == "app"]


def kept(scene: PairingScene, ins: str) -> int:
    """How many measures a space holds."""
    held = scene.service.person(ins).holdings
    return 0 if held is None or held.measures is None else len(held.measures.rows)


def test_a_call_with_both_tokens_passes(scene: PairingScene) -> None:
    """And what was written is found."""
    ins = scene.person()
    tokens = scene.pair(ins, READ, WRITE)

    written = send(scene, tokens)
    found = scene.called("GET", search(tokens), app_headers(tokens))

    assert (written.status, found.status, found.json["total"]) == (200, 200, 1)
    assert ins not in written.text + found.text
    assert told(scene, ins) == [(SOLUTION, ""), (SOLUTION, "")]


def part(token: str, place: int) -> dict[str, Any]:
    """The head or the body of a token."""
    text = token.split(".")[place]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def rewritten(token: str, head: dict[str, Any], body: dict[str, Any]) -> str:
    """The same token with another head and body under its old signature."""
    parts = [json.dumps(one).encode() for one in (head, body)]
    written = [base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts]
    return ".".join([*written, token.split(".")[2]])


def none_sent(_scene: PairingScene, tokens: Tokens) -> Tokens:
    """No identity token."""
    return tokens | {"id_token": ""}


def no_token(_scene: PairingScene, tokens: Tokens) -> Tokens:
    """Something that is no token."""
    return tokens | {"id_token": "\x7f..=" + "9" * 5000}


def unsigned(_scene: PairingScene, tokens: Tokens) -> Tokens:
    """The algorithm `none`."""
    token = tokens["id_token"]
    return tokens | {"id_token": rewritten(token, {"alg": "none"}, part(token, 1))}


def forged(_scene: PairingScene, tokens: Tokens) -> Tokens:
    """The identifier of somebody else under the old signature."""
    token = tokens["id_token"]
    other = {"sub": "0" * 32, "idPe": "0" * 32, "patient": "0" * 32}
    return tokens | {"id_token": rewritten(token, part(token, 0), part(token, 1) | other)}


def signed_by_another(_scene: PairingScene, tokens: Tokens) -> Tokens:
    """Signed, under a key that the service made, and that it brings along."""
    from joserfc import jwt  # noqa: PLC0415 (this case alone)

    key = new_key("ES256")
    head = {**part(tokens["id_token"], 0), "jwk": key.as_dict(private=False)}
    return tokens | {"id_token": jwt.encode(head, part(tokens["id_token"], 1), key)}


def access_for_identity(_scene: PairingScene, tokens: Tokens) -> Tokens:
    """The access token in the place of the identity token."""
    return tokens | {"id_token": tokens["access_token"]}


def of_a_person(scene: PairingScene, tokens: Tokens) -> Tokens:
    """An identity token of somebody's own login."""
    return tokens | {"id_token": scene.people_tokens(scene.person())["id_token"]}


def of_another_space(scene: PairingScene, tokens: Tokens) -> Tokens:
    """An identity token of the same service for somebody else."""
    return tokens | {"id_token": scene.pair(scene.person(), READ)["id_token"]}


def of_another_service(scene: PairingScene, tokens: Tokens) -> Tokens:
    """An identity token of another service."""
    other = scene.pair(scene.person(), READ, client=scene.foreign)
    return tokens | {"id_token": other["id_token"]}


@pytest.mark.rule("CAT-07", "MEA-09")
@pytest.mark.requirement("W-MEA-03")
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        (none_sent, 400, "INVALID_ID_TOKEN"),
        (no_token, 400, "INVALID_ID_TOKEN"),
        (unsigned, 400, "INVALID_ID_TOKEN"),
        (forged, 400, "INVALID_ID_TOKEN"),
        (signed_by_another, 400, "INVALID_ID_TOKEN"),
        (access_for_identity, 400, "INVALID_ID_TOKEN"),
        (of_a_person, 400, "INVALID_ID_TOKEN"),
        (of_another_space, 403, "ID_PE_MISMATCH"),
        (of_another_service, 403, "ID_PE_MISMATCH"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_an_identity_token_that_is_not_the_calls_own_is_refused_and_told(
    scene: PairingScene, changed: Changed, status: int, code: str
) -> None:
    """A reading and a writing: nothing is shown or kept, and each leaves its row."""
    ins = scene.person()
    tokens = changed(scene, scene.pair(ins, READ, WRITE))

    found = scene.called("GET", search(tokens), app_headers(tokens))
    written = send(scene, tokens)

    assert (found.status, written.status) == (status, status)
    assert told(scene, ins) == [(SOLUTION, code)] * 2
    assert kept(scene, ins) == 0


@pytest.mark.rule("MEA-09")
@pytest.mark.parametrize("whose", ["somebody", "nobody", "matricule", "foreign_authority"])
def test_an_identifier_of_somebody_else_opens_nothing(scene: PairingScene, whose: str) -> None:
    """Nor does a matricule, or the right identifier under another authority."""
    ins, other = scene.person(), scene.person()
    tokens = scene.pair(ins, READ)
    named = {
        "somebody": f"urn:oid:{SOLUTION}%7C{opaque_identifier(SEED, other, SOLUTION)}",
        "nobody": f"urn:oid:{SOLUTION}%7C{'0' * 32}",
        "matricule": ins,
        "foreign_authority": f"urn:oid:{FOREIGN}%7C{tokens['patient']}",
    }[whose]

    found = scene.called("GET", search(tokens, named), app_headers(tokens))

    assert found.status == 403
    assert told(scene, ins) == [(SOLUTION, "ID_PE_MISMATCH")]
    assert told(scene, other) == []


@pytest.mark.rule("CAT-07")
@pytest.mark.parametrize(
    ("deed", "status", "code"),
    [("withdrawn", 403, "CONSENT_NOT_GIVEN"), ("ended", 401, "UNAUTHORIZED")],
)
def test_a_consent_withdrawn_while_a_call_is_under_way_meets_that_call(
    scene: PairingScene, deed: str, status: int, code: str
) -> None:
    """The head of the request came before, its body after: nothing is kept, and the log says so."""
    ins = scene.person()
    tokens = scene.pair(ins, READ, WRITE)

    def meanwhile() -> None:
        now, who = scene.clock.now(), holder(ins)
        if deed == "withdrawn":
            scene.people.do(ChangeServiceConsent(now, who, ins, SOLUTION, WRITE, given=False))
        else:
            scene.people.do(UnpairService(now, who, ins, SOLUTION))

    refused = send(scene, tokens, meanwhile)

    assert (refused.status, told(scene, ins)) == (status, [(SOLUTION, code)])
    assert kept(scene, ins) == 0


@pytest.mark.rule("CAT-05", "CAT-06")
@pytest.mark.requirement("W-CAT-02")
def test_each_call_is_for_a_purpose_that_was_consented_to(scene: PairingScene) -> None:
    """The row of the log names it; a token for another purpose does not borrow it."""
    ins = scene.person()
    page = scene.consent_page(ins, scope="openid purpose/prevention patient/Observation.s")
    held = page.redeemed([PREVENTION])
    care = scene.consent_page(ins, scope="openid purpose/care patient/Observation.s").redeemed([])

    found = scene.called("GET", search(held), app_headers(held))
    row = scene.service.log(ins)[-1]
    borrowed = scene.called("GET", search(care), app_headers(care))

    assert (found.status, row.deed.detail) == (200, "read measures prevention")
    assert (borrowed.status, care["scope"]) == (403, "openid")


def test_an_access_token_that_is_over_is_refused_and_told(scene: PairingScene) -> None:
    """After an hour, 401 and a row; a forged one names nobody, and leaves none."""
    ins = scene.person()
    tokens = scene.pair(ins, READ)
    scene.wait(timedelta(hours=1))
    broken = tokens["access_token"][:-6] + "AAAAAA"

    late = scene.called("GET", search(tokens), app_headers(tokens))
    forgery = scene.called("GET", search(tokens), app_headers(tokens | {"access_token": broken}))

    assert (late.status, forgery.status) == (401, 401)
    assert told(scene, ins) == [(SOLUTION, "UNAUTHORIZED")]
    row = scene.service.log(ins)[-1]
    assert row.deed.detail == "read measures care"


@pytest.mark.rule("CAT-08")
@pytest.mark.requirement("W-CAT-03")
@pytest.mark.parametrize("state", ["SUSPENDUE", "HORS_LIGNE"])
def test_a_service_that_is_not_open_reads_nothing_and_gets_no_token(
    scene: PairingScene, state: str
) -> None:
    """Its calls are answered 403, refresh and logins refused; then all is good again."""
    ins = scene.person()
    tokens = scene.pair(ins, READ)
    page = scene.consent_page(ins)
    reply = page.choose([READ])

    scene.move(state)
    try:
        closed = scene.called("GET", search(tokens), app_headers(tokens))
        refused = [scene.refresh(tokens), page.login.redeem(reply, scene.client)]
        login = scene.first_page(client_id=scene.client["client_id"])
    finally:
        scene.move("EN_LIGNE")
    opened = scene.called("GET", search(tokens), app_headers(tokens))

    assert (closed.status, opened.status) == (403, 200)
    assert [one.json["error"] for one in refused] == ["invalid_grant"] * 2
    assert login.shown.answer["error"] == "unauthorized_client"
    assert scene.refresh(tokens).status == 200
    codes = [code for _, code in told(scene, ins)]
    assert codes == ["CONSENT_NOT_GIVEN", "UNAUTHORIZED", "UNAUTHORIZED", ""]


def open_to_apps() -> list[Interaction]:
    """The interactions that a service may ever be accepted for."""
    return [row for row in interactions().values() if ActorKind.APP in row.actors]


def resource_of(kind: str) -> bytes:
    """A resource that says its type and nothing else."""
    return json.dumps({"resourceType": kind}).encode()


JUNK: Final = st.one_of(
    st.just(b""),
    st.binary(max_size=40),
    st.sampled_from([b"{}", b"[]", b"null", b'{"resourceType":"Bundle"}', b"[" * 400]),
    st.builds(resource_of, st.text(max_size=12)),
)
WORDS: Final = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12
)


@pytest.fixture(scope="module")
def paired(scene: PairingScene) -> tuple[str, Tokens]:
    """Somebody who consented to everything, and what their service holds."""
    ins = scene.person()
    return ins, scene.pair(ins, *USES)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_nothing_that_a_service_sends_makes_a_fault_or_names_a_matricule(
    scene: PairingScene, paired: tuple[str, Tokens], data: st.DataObject
) -> None:
    """Whatever it asks for, and whatever stands in the address, the headers and the body."""
    ins, tokens = paired
    row = data.draw(st.sampled_from(open_to_apps()))
    named = st.sampled_from([tokens["patient"], ins, f"urn:oid:{SOLUTION}|{tokens['patient']}"])
    names = st.sampled_from(["subject.identifier", "code", "date", "_sort", "_count", "patient"])
    query = data.draw(st.lists(st.tuples(names, WORDS | named), max_size=5))
    place = data.draw(st.sampled_from(["1", tokens["patient"], "x" * 64, f"{SOLUTION}"]))
    path = f"{row.path.replace('{id}', place)}?{urlencode(query)}"
    sent = b"" if row.verb in {"GET", "DELETE"} else data.draw(JUNK)
    media = data.draw(st.sampled_from(["application/fhir+json", "text/plain", FORM]))
    headers = {"content-type": media, **app_headers(tokens)}
    written = {name.replace("_", "-"): value for name, value in headers.items()}

    reply = asyncio.run(asked(scene.app, row.verb, path, sent, written))

    assert reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    assert ins.encode() not in reply.body or ins in path
