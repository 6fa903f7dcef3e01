"""A referenced service is paired in a login: use by use, under an opaque identifier."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any, Final

import pytest

from etalon_model import CloseSpace, InviteCaregiver, LogRow, Use, caregiver, holder, representative
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.pairings import opaque_identifier, pairing_of
from etalon_model.catalogue.rehearsal import SOLUTION, USES
from etalon_model.delegation import AnswerInvitation
from etalon_model.people import Route
from etalon_server.identity.authorisation import Pending
from etalon_wire.claims import Caller
from etalon_wire.consents import Wish, consent_id, consent_resource
from identity_scene import CALLBACK, SEED, Reply, basic, doctor
from pairing_scene import FOREIGN, STEADY, Page, PairingScene, app_headers

READ_MEASURES: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)
WRITE_MEASURES: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
PREVENTION: Final = Use(Purpose.PREVENTION, ExchangeFamily.AGENDA, Direction.READ)


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module: each test has people of its own."""
    with closing(PairingScene(uses=(*USES, PREVENTION))) as opened:
        yield opened


def claims(token: str) -> dict[str, Any]:
    """What anybody reads in a token."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def consents(scene: PairingScene, ins: str) -> frozenset[Use]:
    """What a person consented to."""
    pairing = pairing_of(scene.service.person(ins), SOLUTION)
    return frozenset() if pairing is None else pairing.consents


def refused(scene: PairingScene, ins: str) -> list[tuple[str, str]]:
    """What the log of a person says was refused to services: which one, and the code."""
    rows: list[LogRow] = list(scene.service.log(ins))
    return [(r.actor.ident, r.deed.refused) for r in rows if r.actor.kind == "app"]


def call(scene: PairingScene, tokens: dict[str, Any]) -> int:
    """The status of a call that asks the gate alone."""
    return scene.called("GET", "/oauth2/userinfo", app_headers(dict(tokens))).status


def own_caller(scene: PairingScene, ins: str) -> dict[str, str]:
    """The headers of the holder themself."""
    expires_at = scene.clock.now() + timedelta(hours=1)
    scopes = frozenset({"patient/Consent.rsu", "patient/AuditEvent.rs"})
    who = Caller(holder(ins), ins, scopes, "", "", expires_at)
    token = scene.identity.mint(who, scene.clock.now()).access_token
    return {"authorization": f"Bearer {token}"}


@pytest.mark.rule("CAT-05", "CAT-06")
def test_a_holder_consents_use_by_use_and_to_nothing_beforehand(scene: PairingScene) -> None:
    """One box a use, none ticked; the next login shows those that were."""
    ins = scene.person()
    page = scene.consent_page(ins)
    assert len(page.boxes) == len(USES)
    assert page.ticked == set()

    page.redeemed([READ_MEASURES])

    assert consents(scene, ins) == {READ_MEASURES}
    again = scene.consent_page(ins)
    assert again.ticked == {"Lire mes mesures de santé"}
    assert "Rien n\u2019est coché d\u2019avance" in page.shown.text
    assert "Voici ce à quoi vous consentez" in again.shown.text
    again.redeemed([WRITE_MEASURES])
    assert consents(scene, ins) == {WRITE_MEASURES}


@pytest.mark.rule("CAT-05")
def test_a_login_for_one_purpose_asks_about_that_purpose_alone(scene: PairingScene) -> None:
    """What was consented to for another stays as it is."""
    ins = scene.person()
    scene.pair(ins, READ_MEASURES)

    page = scene.consent_page(ins, scope="openid purpose/prevention patient/*.rs")
    assert list(page.boxes) == ["Lire mon agenda"]
    told = page.redeemed([PREVENTION])

    assert consents(scene, ins) == {READ_MEASURES, PREVENTION}
    assert "purpose/prevention" in told["scope"]
    assert "purpose/care" not in told["scope"]


def test_who_consents_to_nothing_is_paired_and_opens_nothing(scene: PairingScene) -> None:
    """The service learns an opaque identifier, and holds no scope of a resource."""
    ins = scene.person()

    told = scene.pair(ins)

    assert set(told["scope"].split()) == {"openid", "offline_access", "launch/patient"}
    assert told["patient"] == opaque_identifier(SEED, ins, SOLUTION)
    assert consents(scene, ins) == frozenset()


@pytest.mark.rule("CAT-15")
def test_no_token_of_a_service_names_a_matricule(scene: PairingScene) -> None:
    """Access token, identity token, user information, introspection: an opaque identifier."""
    ins = scene.person()
    tokens = scene.pair(ins, READ_MEASURES)
    known = opaque_identifier(SEED, ins, SOLUTION)
    about = scene.called("GET", "/oauth2/userinfo", app_headers(tokens))
    looked = [
        scene.ask("POST", "/oauth2/introspect", {"token": tokens[name]}, **basic(scene.client)).json
        for name in ("access_token", "refresh_token")
    ]
    again = scene.refresh(tokens).json

    said = [claims(told[name]) for told in (tokens, again) for name in ("access_token", "id_token")]

    assert {one["sub"] for one in (*said, about.json, *looked)} == {known}
    assert {one["solution"] for one in (*said, about.json)} == {SOLUTION}
    assert (tokens["patient"], again["patient"]) == (known, known)
    assert ins not in json.dumps([said, about.json, looked, tokens, again])


def test_each_service_knows_a_person_by_another_identifier(scene: PairingScene) -> None:
    """Two services cannot join what they know."""
    ins = scene.person()

    known = {scene.pair(ins, client=one)["patient"] for one in (scene.client, scene.foreign)}

    assert len(known) == 2


@pytest.mark.rule("CAT-05")
def test_a_parent_pairs_for_a_child_and_a_caregiver_for_nobody(scene: PairingScene) -> None:
    """What the model refuses is a page that says so, and a row in the log."""
    parent, helped = scene.person(), scene.person()
    child = scene.person(parent, born=date(2015, 5, 17))
    now = scene.people.now
    scene.people.do(InviteCaregiver(now, holder(helped), helped, parent))
    scene.people.do(AnswerInvitation(now, caregiver(parent), helped, accept=True))

    pages: dict[str, Page] = {}
    for ins in (child, helped):
        page = scene.consent_page(parent)
        page.shown = page.login.send("profiles", profile=ins)
        pages[ins] = page
    told = pages[child].redeemed([READ_MEASURES])
    turned_away = pages[helped].choose([READ_MEASURES])

    assert told["patient"] == opaque_identifier(SEED, child, SOLUTION)
    assert scene.service.log(child)[-1].actor == representative(parent)
    assert (turned_away.status, "location" in turned_away.headers) == (403, False)
    assert scene.service.log(helped)[-1].deed.refused
    assert consents(scene, helped) == frozenset()


def test_consents_are_chosen_by_who_logged_in_and_nobody_else(scene: PairingScene) -> None:
    """The step leads nowhere before a login, and a new proof begins it again."""
    ins, other = scene.person(), scene.person()
    early = scene.first_page(client_id=scene.client["client_id"]).send("consents", **{"use-0": "y"})
    page = scene.consent_page(ins)
    page.login.send("franceconnect", ins="not-a-matricule")
    lost = page.login.send("consents", **{"use-0": "y"})
    page.shown = page.login.send("franceconnect", ins=other)
    page.login.send("consents", **{"use-99": "y", "use-x": "y"})

    assert (early.status, "location" in early.headers) == (200, False)
    assert (lost.status, "location" in lost.headers) == (200, False)
    assert pairing_of(scene.service.person(ins), SOLUTION) is None
    assert consents(scene, other) == frozenset()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"solution": "1.2.250"}, None),
        ({"solution": "urn:oid:1.2.250"}, "object identifier"),
        ({"solution": "9.1.1"}, "object identifier"),
        ({"solution": 7}, "object identifier"),
        ({"solution": "1.2.250.1." + "9." * 60 + "9"}, "object identifier"),
        ({"solution": "1.2.9", "token_endpoint_auth_method": "none"}, "secret"),
        ({"solution": "1.2.9", "structure": "1750712184"}, "structure"),
        ({"solution": SOLUTION}, "another client"),
    ],
)
def test_a_solution_has_one_client_that_keeps_a_secret(
    scene: PairingScene, changes: dict[str, object], words: str | None
) -> None:
    """Registration says which referenced service a client is."""
    body = json.dumps({"client_name": "Logiciel", "redirect_uris": [CALLBACK], **changes}).encode()

    answer = scene.ask("POST", "/oauth2/register", body, content_type="application/json")

    if words is None:
        assert answer.status == 201
    else:
        assert (answer.status, answer.json["error"]) == (400, "invalid_client_metadata")
        assert words in answer.json["error_description"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid purpose/research"}, "invalid_scope"),
        ({"scope": "openid patient/Observatory.rs"}, "invalid_scope"),
        ({"scope": "patient/*.rs"}, "invalid_scope"),
    ],
)
def test_a_login_of_a_service_needs_a_challenge_and_scopes_that_exist(
    scene: PairingScene, changes: dict[str, str], error: str
) -> None:
    """The fault goes back to the service."""
    page = scene.first_page(client_id=scene.client["client_id"], **changes)

    assert page.shown.answer["error"] == error


def test_a_service_out_of_the_catalogue_pairs_with_nobody(scene: PairingScene) -> None:
    """Nor does a service log professionals in."""
    stranger = scene.register(solution="1.2.250.1.999.7.99")

    people = scene.first_page(client_id=stranger["client_id"])
    doctors = scene.first_page("/oauth2/psc", client_id=scene.client["client_id"])

    assert people.shown.answer["error"] == "unauthorized_client"
    assert doctors.shown.answer["error"] == "unauthorized_client"


Misuse = Callable[[PairingScene, Page, Reply], Reply]


def twice(scene: PairingScene, page: Page, reply: Reply) -> Reply:
    """The code comes a second time."""
    assert page.login.redeem(reply, scene.client).status == 200
    return page.login.redeem(reply, scene.client)


def by_another(scene: PairingScene, page: Page, reply: Reply) -> Reply:
    """Another service sends the code."""
    return page.login.redeem(reply, scene.foreign)


def unproved(scene: PairingScene, page: Page, reply: Reply) -> Reply:
    """Whoever sends it does not know the verifier."""
    return page.login.redeem(reply, scene.client, changes={"code_verifier": "x" * 43})


def elsewhere(scene: PairingScene, page: Page, reply: Reply) -> Reply:
    """It was sent to another address."""
    return page.login.redeem(reply, scene.client, changes={"redirect_uri": f"{CALLBACK}/other"})


def late(scene: PairingScene, page: Page, reply: Reply) -> Reply:
    """It comes after its minute."""
    scene.wait(timedelta(minutes=2))
    return page.login.redeem(reply, scene.client)


def turned_over(scene: PairingScene, page: Page, reply: Reply) -> Reply:
    """A refresh token comes a second time."""
    tokens = page.login.redeem(reply, scene.client).json
    assert scene.refresh(tokens).status == 200
    return scene.refresh(tokens)


@pytest.mark.parametrize(
    ("misuse", "who"),
    [
        (twice, SOLUTION),
        (by_another, FOREIGN),
        (unproved, SOLUTION),
        (elsewhere, SOLUTION),
        (late, SOLUTION),
        (turned_over, SOLUTION),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_code_misused_is_refused_and_told_to_the_holder(
    scene: PairingScene, misuse: Misuse, who: str
) -> None:
    """`invalid_grant`, and one row in the log of the service that sent it."""
    ins = scene.person()
    page = scene.consent_page(ins)
    reply = page.choose([READ_MEASURES])

    answer = misuse(scene, page, reply)

    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert refused(scene, ins) == [(who, "UNAUTHORIZED")]


def test_a_code_that_comes_twice_ends_what_it_gave(scene: PairingScene) -> None:
    """Access token and refresh token, at once."""
    ins = scene.person()
    page = scene.consent_page(ins)
    reply = page.choose([READ_MEASURES])
    tokens = page.login.redeem(reply, scene.client).json
    assert call(scene, tokens) == 200

    page.login.redeem(reply, scene.client)

    assert call(scene, tokens) == 401
    assert scene.refresh(tokens).json["error"] == "invalid_grant"


def by_the_holder(scene: PairingScene, ins: str, _tokens: dict[str, Any]) -> None:
    """In the space."""
    answer = scene.called("DELETE", f"/pairings/{SOLUTION}", own_caller(scene, ins))
    assert (answer.status, answer.body) == (204, b"")


def by_closing(scene: PairingScene, ins: str, _tokens: dict[str, Any]) -> None:
    """With the whole space."""
    scene.people.do(
        CloseSpace(scene.clock.now(), holder(ins), ins, Route.WEB, password_reentered=True)
    )


def by_the_service(scene: PairingScene, _ins: str, tokens: dict[str, Any]) -> None:
    """By the service itself (RFC 7009)."""
    form = {"token": tokens["refresh_token"]}
    assert scene.ask("POST", "/oauth2/revoke", form, **basic(scene.client)).status == 200


def by_consent(scene: PairingScene, ins: str, _tokens: dict[str, Any]) -> None:
    """By the Consent that stands for it, now inactive."""
    wish = Wish("app-sharing", "withdrawn", SOLUTION)
    resource = consent_resource(scene.service.person(ins).identity, wish)
    headers = {**own_caller(scene, ins), "content_type": "application/fhir+json"}
    path = f"/fhir/Consent/{consent_id(ins, wish)}"
    answer = scene.ask("PUT", path, json.dumps(resource).encode(), "", **headers)
    assert answer.status == 200, answer.text


@pytest.mark.rule("CAT-07", "CAT-08")
@pytest.mark.requirement("W-CAT-01")
@pytest.mark.parametrize("ended", [by_the_holder, by_consent, by_closing, by_the_service])
def test_a_pairing_that_ends_ends_every_token_at_once(
    scene: PairingScene, ended: Callable[[PairingScene, str, dict[str, Any]], None]
) -> None:
    """The next call fails, with its trace; so do the next refresh and the introspection."""
    ins = scene.person()
    tokens = scene.pair(ins, READ_MEASURES)
    assert call(scene, tokens) == 200

    ended(scene, ins, tokens)

    found = scene.called("GET", "/fhir/Patient", app_headers(tokens))
    assert (found.status, found.json["issue"][0]["code"]) == (401, "login")
    assert scene.refresh(tokens).json["error"] == "invalid_grant"
    asked = {"token": tokens["access_token"]}
    looked = scene.ask("POST", "/oauth2/introspect", asked, **basic(scene.client))
    assert looked.json == {"active": False}
    assert refused(scene, ins) == [(SOLUTION, "UNAUTHORIZED")] * 2


def test_a_pairing_made_again_is_another(scene: PairingScene) -> None:
    """What was given under the first stays ended; the opaque identifier is the same."""
    ins = scene.person()
    before = scene.pair(ins, READ_MEASURES)
    by_the_holder(scene, ins, before)
    scene.wait(timedelta(seconds=1))

    after = scene.pair(ins, READ_MEASURES)

    assert before["patient"] == after["patient"]
    assert (call(scene, before), call(scene, after)) == (401, 200)


@pytest.mark.parametrize(
    ("scope", "days", "status"),
    [
        ("openid offline_access", 29, 200),
        ("openid offline_access", 30, 400),
        ("openid", 1, 400),
    ],
)
def test_a_pairing_outlives_the_login_only_where_it_is_asked(
    scene: PairingScene, scope: str, days: int, status: int
) -> None:
    """A refresh token with `offline_access` waits thirty days, and four hours without."""
    page = scene.consent_page(scene.person(), scope=scope)
    tokens = page.redeemed([])

    scene.wait(timedelta(days=days))

    assert scene.refresh(tokens).status == status


def test_fewer_scopes_never_mean_more_purposes(scene: PairingScene) -> None:
    """A token that names no purpose any more keeps those of its login."""
    page = scene.consent_page(scene.person(), scope="openid purpose/prevention patient/*.rs")
    tokens = page.redeemed([PREVENTION])

    again = scene.refresh(tokens, scope="openid").json

    assert set(again["scope"].split()) == {"openid", "purpose/prevention"}


@pytest.mark.rule("CAT-10")
def test_a_login_approves_a_new_version(scene: PairingScene) -> None:
    """What waits for an approval is approved by the same page."""
    ins = scene.person()
    scene.pair(ins, READ_MEASURES)
    before = pairing_of(scene.service.person(ins), SOLUTION)
    assert before is not None
    scene.wait(timedelta(minutes=1))
    scene.publish(f"2.{scene.clock.now().timestamp():.0f}")
    scene.wait(timedelta(minutes=1))

    scene.pair(ins, READ_MEASURES)

    assert before.approved_at == scene.clock.now()


@pytest.mark.rule("CAT-10")
def test_a_version_not_approved_in_time_ends_the_tokens(scene: PairingScene) -> None:
    """Until the limit calls pass, and afterwards only a new pairing helps."""
    ins = scene.person()
    tokens = scene.consent_page(ins).redeemed([READ_MEASURES])
    scene.wait(timedelta(minutes=1))
    scene.publish(f"3.{scene.clock.now().timestamp():.0f}")
    before = call(scene, tokens)
    pairing = pairing_of(scene.service.person(ins), SOLUTION)
    assert pairing is not None
    limit = STEADY.reapproval_limit.after(scene.clock.now())

    while limit - scene.clock.now() > timedelta(days=20):
        scene.wait(timedelta(days=20))
        tokens = scene.refresh(tokens).json
    scene.wait(limit - scene.clock.now() - timedelta(minutes=1))
    again = scene.refresh(tokens).json
    held = call(scene, again)
    scene.wait(timedelta(minutes=1))

    assert (before, held, call(scene, again)) == (200, 200, 401)
    assert scene.refresh(again).json["error"] == "invalid_grant"
    assert call(scene, scene.pair(ins, READ_MEASURES)) == 200


def test_a_service_exchanges_no_token_of_a_professional(scene: PairingScene) -> None:
    """Whatever it found: it acts under pairings alone."""
    software = scene.register()
    subject = scene.professional_tokens(software, doctor())["access_token"]

    assert scene.exchange(software, subject).status == 200
    assert scene.exchange(scene.client, subject).json["error"] == "unauthorized_client"


def test_a_login_that_changes_nothing_leaves_nothing_but_its_own_row(scene: PairingScene) -> None:
    """No command, no refusal."""
    ins = scene.person()
    scene.pair(ins, READ_MEASURES)
    before = len(scene.service.log(ins))

    scene.pair(ins, READ_MEASURES)

    assert [row.deed.action for row in scene.service.log(ins)[before:]] == ["LogIn"]


def test_a_login_given_up_pairs_nothing(scene: PairingScene) -> None:
    """The service is told that the person went back."""
    ins = scene.person()
    page = scene.consent_page(ins)

    assert page.login.send("cancel").answer["error"] == "access_denied"
    assert pairing_of(scene.service.person(ins), SOLUTION) is None


def test_a_login_under_way_holds_no_bearer_before_a_proof() -> None:
    """By default nobody."""
    fields = Pending.__dataclass_fields__

    assert (fields["bearer"].default, fields["uses"].default) == (None, ())


@pytest.mark.rule("CAT-07")
def test_a_holder_sees_what_stands_and_what_was_tried(scene: PairingScene) -> None:
    """The list, one pairing with its exchanges, and nothing of it once the service is unknown."""
    ins = scene.person()
    tokens = scene.pair(ins, READ_MEASURES)
    by_the_service(scene, ins, tokens)
    assert scene.called("GET", "/fhir/Patient", app_headers(tokens)).status == 401
    own = own_caller(scene, ins)

    listed = scene.called("GET", "/pairings", own).json["services"]
    one = scene.called("GET", f"/pairings/{SOLUTION}", own).json
    none = scene.called("GET", "/pairings/1.2.3", own)
    log = scene.called("GET", "/fhir/AuditEvent?date=ge2024-01-01", own).json["entry"]

    assert {entry["solution"]: entry["pairing"] for entry in listed} == {
        SOLUTION: "SYNCED",
        FOREIGN: "NOT_SYNCED",
    }
    assert one["consents"] == [{"purpose": "care", "family": "measures", "direction": "read"}]
    assert [exchange["refused"] for exchange in one["exchanges"]] == ["UNAUTHORIZED"]
    told = [
        entry["resource"] for entry in log if SOLUTION in json.dumps(entry["resource"]["agent"])
    ]
    assert [event["outcome"] for event in told] == ["4"]
    assert none.status == 404


@pytest.mark.parametrize(
    ("who", "verb", "statuses"),
    [
        ("nobody", "GET", (401, 401)),
        ("holder", "GET", (200, 200)),
        ("other_holder", "GET", (200, 200)),
        ("representative", "GET", (200, 200)),
        ("false_caregiver", "GET", (403, 403)),
        ("app", "GET", (403, 403)),
        ("professional", "GET", (403, 403)),
        ("other_holder", "DELETE", (403,)),
        ("false_caregiver", "DELETE", (403,)),
        ("app", "DELETE", (403,)),
        ("professional", "DELETE", (403,)),
        ("holder", "DELETE", (204,)),
        ("representative", "DELETE", (204,)),
    ],
)
def test_pairings_are_for_who_decides_for_the_space(
    scene: PairingScene, who: str, verb: str, statuses: tuple[int, ...]
) -> None:
    """Whoever else asks is turned away, and the pairing stands."""
    parent = scene.person()
    ins = scene.person(parent, born=date(2015, 5, 17)) if who == "representative" else parent
    page = scene.consent_page(parent)
    if ins != parent:
        page.shown = page.login.send("profiles", profile=ins)
    tokens = page.redeemed([READ_MEASURES])
    headers = scene.headers_of(who, ins, parent, tokens)
    paths = ["/pairings", f"/pairings/{SOLUTION}"] if verb == "GET" else [f"/pairings/{SOLUTION}"]

    found = tuple(scene.called(verb, path, headers).status for path in paths)

    assert found == statuses
    assert (call(scene, tokens) == 401) is (204 in found)
