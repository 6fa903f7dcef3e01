"""Professionals log in as at Pro Santé Connect, and their token is exchanged for the service's."""

from datetime import timedelta
from typing import Any, Final

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from etalon_model import AccessMode, Actor, ActorKind
from etalon_model.actors import professional
from etalon_model.professionals import professional_numbered
from etalon_wire.claims import Caller
from identity_scene import ACCESS_TOKEN, ADDRESS, EXCHANGE, SEED, Reply, Scene, basic, doctor

CERTIFICATE: Final = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"
OTHER: Final = "AAAA0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"
JWT_TYPE: Final = "urn:ietf:params:oauth:token-type:jwt"
Client = dict[str, Any]


@pytest.fixture
def client(scene: Scene) -> Client:
    """A registered piece of software with a secret."""
    return scene.register()


def caller(scene: Scene, token: str, certificate: str = "") -> Caller:
    """Who a token of the service says."""
    found = scene.identity.caller_of(token, certificate, scene.clock.now())
    assert isinstance(found, Caller), found
    return found


def identity_claims(scene: Scene, token: str, realm: str) -> dict[str, Any]:
    """What an identity token says, verified as a client does it."""
    keys = KeySet.import_key_set(scene.ask("GET", f"{realm}/jwks").json)  # type: ignore[arg-type]
    return jwt.decode(token, keys, algorithms=["RS256", "ES256"]).claims


@pytest.mark.requirement("W-SEC-02")
def test_a_token_of_a_professional_is_exchanged_for_one_of_the_service(
    scene: Scene, client: Client
) -> None:
    """Who they are and their profession come from the login; the scopes are those asked for."""
    who = doctor()
    told = scene.professional_tokens(client, who)
    scope = "user/DocumentReference.rs user/Patient.cruds patient/Patient.r openid"

    answer = scene.exchange(client, told["access_token"], scope=scope).json

    assert answer["issued_token_type"] == ACCESS_TOKEN
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    found = caller(scene, answer["access_token"])
    assert found.actor == professional(who.idnps, "doctor")
    assert found.scopes == {"user/DocumentReference.rs", "user/Patient.rs"}
    assert (found.client, found.patient) == (client["client_id"], "")
    assert (found.means, found.level, found.mode) == ("psc", "low", AccessMode.NORMAL)


def test_the_identity_token_of_a_professional_says_what_pro_sante_connect_says(
    scene: Scene, client: Client
) -> None:
    """Issuer, audience, nonce, level, and the claims of the profession; userinfo says the same."""
    who = doctor(3)
    told = scene.professional_tokens(client, who)

    claims = identity_claims(scene, told["id_token"], "/oauth2/psc")
    bearer = f"Bearer {told['access_token']}"
    said = scene.ask("GET", "/oauth2/psc/userinfo", authorization=bearer).json

    wanted = {"iss": f"{ADDRESS}/oauth2/psc", "aud": client["client_id"], "nonce": "n-1"}
    assert claims | wanted | {"acr": "eidas1", "sub": who.idnps, "idp": "sandbox"} == claims
    assert claims["exp"] - claims["iat"] == 120
    assert said["SubjectNameID"] == claims["SubjectNameID"] == who.idnps
    assert said["SubjectRole"] == claims["SubjectRole"] == ["10^1.2.250.1.213.1.1.5.5"]
    assert said["Acces_Regulation_Medicale"] == claims["Acces_Regulation_Medicale"] == "FALSE"
    assert said["SubjectRefPro"]["exercices"][0]["codeProfession"] == "10"


@pytest.mark.rule("ID-11")
def test_the_right_of_a_regulator_comes_from_a_claim(scene: Scene, client: Client) -> None:
    """A doctor who says so at login; a nurse cannot."""
    told = scene.professional_tokens(client, doctor(), regulator="yes")
    found = caller(scene, scene.exchange(client, told["access_token"]).json["access_token"])
    page = scene.first_page("/oauth2/psc", client_id=client["client_id"])
    nurse = professional_numbered(SEED, "60", 0)

    refused = page.send("professional", professional=nurse.rpps, regulator="yes")

    claims = identity_claims(scene, told["id_token"], "/oauth2/psc")
    assert (found.actor.role, claims["Acces_Regulation_Medicale"]) == ("regulator", "TRUE")
    assert "Seul un médecin" in refused.text


@pytest.mark.parametrize("typed", ["99700000000", "1", "x" * 12])
def test_a_number_that_no_test_professional_has_is_shown_again(
    scene: Scene, client: Client, typed: str
) -> None:
    """And what is typed goes before what is chosen."""
    page = scene.first_page("/oauth2/psc", client_id=client["client_id"])

    shown = page.send("professional", professional=doctor().rpps, other=typed)

    assert "Aucun professionnel fictif" in shown.text


@pytest.mark.rule("ID-10")
@pytest.mark.requirement("W-SEC-04")
def test_an_expired_subject_token_is_refreshed_and_exchanged_again(
    scene: Scene, client: Client
) -> None:
    """After two minutes the exchange is refused; a refresh makes it good again."""
    told = scene.professional_tokens(client, doctor())
    scene.wait(timedelta(seconds=119))
    assert scene.exchange(client, told["access_token"]).status == 200
    scene.wait(timedelta(seconds=1))

    late = scene.exchange(client, told["access_token"])
    form = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    again = scene.ask("POST", "/oauth2/psc/token", form, **basic(client)).json

    assert (late.status, late.json["error"]) == (400, "invalid_grant")
    assert "refresh it" in late.json["error_description"]
    assert scene.exchange(client, again["access_token"]).status == 200


@pytest.mark.rule("ID-10")
@pytest.mark.requirement("W-SEC-04")
@pytest.mark.parametrize(
    ("every", "uses", "status"),
    [
        (timedelta(minutes=29, seconds=59), 1, 200),
        (timedelta(minutes=30), 1, 400),
        (timedelta(minutes=29), 8, 200),
        (timedelta(minutes=29), 9, 400),
    ],
)
def test_a_session_lasts_four_hours_or_thirty_idle_minutes(
    scene: Scene, client: Client, every: timedelta, uses: int, status: int
) -> None:
    """The last of so many refreshes, one every so often; then the professional logs in again."""
    told = scene.professional_tokens(client, doctor())
    statuses: list[int] = []
    for _ in range(uses):
        scene.wait(every)
        form = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
        reply = scene.ask("POST", "/oauth2/psc/token", form, **basic(client))
        statuses.append(reply.status)
        told |= reply.json

    assert statuses == [200] * (uses - 1) + [status]


REFUSED_EXCHANGES: Final[list[tuple[dict[str, str], str]]] = [
    ({"scope": ""}, "invalid_request"),
    ({"subject_token": ""}, "invalid_request"),
    ({"subject_token_type": ""}, "invalid_request"),
    ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
    ({"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
    ({"scope": "everything"}, "invalid_scope"),
    ({"scope": "openid"}, "invalid_scope"),
    ({"scope": "patient/DocumentReference.rs"}, "invalid_scope"),
    ({"audience": "https://elsewhere.test"}, "invalid_target"),
    ({"resource": "https://elsewhere.test"}, "invalid_target"),
    ({"actor_token": "x.y.z"}, "invalid_request"),
    ({"actor_token": "x.y.z", "actor_token_type": JWT_TYPE}, "invalid_request"),
    ({"subject_token": "x.y.z"}, "invalid_grant"),
]


@pytest.mark.requirement("W-SEC-02")
@pytest.mark.parametrize(("changes", "error"), REFUSED_EXCHANGES)
def test_an_exchange_that_lacks_something_is_refused(
    scene: Scene, client: Client, changes: dict[str, str], error: str
) -> None:
    """In the word of the specification, and nothing is issued."""
    token = scene.professional_tokens(client, doctor())["access_token"]

    reply = scene.exchange(client, token, **changes)

    assert (reply.status, reply.json["error"]) == (400, error)
    assert "access_token" not in reply.json


def test_only_a_token_of_pro_sante_connect_is_exchanged(scene: Scene, client: Client) -> None:
    """Not an identity token, not one of the service's own, not a revoked one."""
    person = scene.people_tokens(scene.person())["access_token"]
    told = scene.professional_tokens(client, doctor())
    own = scene.exchange(client, told["access_token"]).json["access_token"]
    wrong = [scene.exchange(client, token).json for token in (told["id_token"], own, person)]
    form = {"token": told["access_token"]}
    assert scene.exchange(client, told["access_token"]).status == 200
    scene.ask("POST", "/oauth2/psc/revoke", form, **basic(client))
    wrong.append(scene.exchange(client, told["access_token"]).json)
    said = scene.ask("POST", "/oauth2/psc/introspect", form, **basic(client)).json

    assert [one["error"] for one in wrong] == ["invalid_grant"] * 4
    assert said == {"active": False}


def test_a_token_of_pro_sante_connect_opens_nothing_here(scene: Scene, client: Client) -> None:
    """It is to be exchanged first; nor does an identity token open anything."""
    told = scene.professional_tokens(client, doctor())
    now = scene.clock.now()

    for name in ("access_token", "id_token", "refresh_token"):
        found = scene.identity.caller_of(told[name], "", now)
        assert not isinstance(found, Caller)


def test_a_public_client_exchanges_nothing(scene: Scene, client: Client) -> None:
    """Whoever finds a token could do it: a client proves which one it is."""
    token = scene.professional_tokens(client, doctor())["access_token"]
    form = {
        "grant_type": EXCHANGE,
        "client_id": "sandbox-app",
        "subject_token": token,
        "subject_token_type": JWT_TYPE,
        "scope": "user/DocumentReference.rs",
    }

    assert scene.ask("POST", "/oauth2/token", form).json["error"] == "unauthorized_client"


@pytest.mark.requirement("W-SEC-02", "W-SEC-03")
def test_a_token_asked_for_with_a_certificate_is_bound_to_it(scene: Scene, client: Client) -> None:
    """That of Pro Santé Connect cannot be exchanged with another, nor that of the service used."""
    told = scene.professional_tokens(client, doctor(), CERTIFICATE)

    refused = [scene.exchange(client, told["access_token"], one).json for one in ("", OTHER)]
    token = scene.exchange(client, told["access_token"], CERTIFICATE).json["access_token"]

    assert [one["error"] for one in refused] == ["invalid_grant"] * 2
    assert caller(scene, token, CERTIFICATE).thumbprint == CERTIFICATE
    bearer = f"Bearer {told['access_token']}"
    said = scene.ask("GET", "/oauth2/psc/userinfo", None, CERTIFICATE, authorization=bearer)
    assert said.status == 200
    for other in ("", OTHER):
        said = scene.ask("GET", "/oauth2/psc/userinfo", None, other, authorization=bearer)
        assert said.status == 401
        fault = scene.identity.caller_of(token, other, scene.clock.now())
        assert getattr(fault, "code", "") == "CERTIFICATE_MISMATCH"


def declared(key: ECKey, scene: Scene, client: Client, **changes: object) -> str:
    """Business data that a client signs: how the professional comes to records."""
    now = int(scene.clock.now().timestamp())
    claims = {
        "iss": client["client_id"],
        "aud": ADDRESS,
        "iat": now,
        "exp": now + 60,
        "access_mode": "break_glass",
        **changes,
    }
    header = {"alg": "ES256", "kid": client["jwks"]["keys"][0]["kid"]}
    return jwt.encode(header, claims, key, algorithms=["ES256"])


@pytest.mark.parametrize(
    ("changes", "mode"),
    [
        ({}, AccessMode.BREAK_GLASS),
        ({"access_mode": "samu"}, AccessMode.SAMU),
        ({"access_mode": "force"}, None),
        ({"access_mode": ["samu"]}, None),
        ({"iss": "another"}, None),
        ({"aud": "https://elsewhere.test"}, None),
        ({"exp": 1}, None),
    ],
)
def test_a_client_declares_how_the_professional_comes_to_records(
    scene: Scene, changes: dict[str, object], mode: AccessMode | None
) -> None:
    """In an actor_token signed under a key it registered, for this server, that is good now."""
    key = ECKey.generate_key("P-256", private=True, auto_kid=True)
    client = scene.register(jwks={"keys": [key.as_dict(private=False)]})
    subject = scene.professional_tokens(client, doctor())["access_token"]
    token = declared(key, scene, client, **changes)

    reply = scene.exchange(client, subject, actor_token=token, actor_token_type=JWT_TYPE)

    if mode is None:
        assert reply.json["error"] == "invalid_grant"
    else:
        assert caller(scene, reply.json["access_token"]).mode is mode


def test_an_actor_token_under_a_key_that_was_not_registered_is_refused(scene: Scene) -> None:
    """Whatever identifier it claims."""
    key = ECKey.generate_key("P-256", private=True, auto_kid=True)
    client = scene.register(jwks={"keys": [key.as_dict(private=False)]})
    other = ECKey.generate_key("P-256", private=True)
    subject = scene.professional_tokens(client, doctor())["access_token"]
    token = declared(other, scene, client)

    reply = scene.exchange(client, subject, actor_token=token, actor_token_type=JWT_TYPE)

    assert reply.json["error"] == "invalid_grant"


HOSPITAL: Final = "10B0172805"


def alone(scene: Scene, client: Client, scope: str, certificate: str = "") -> Reply:
    """Ask for a token without anybody logged in."""
    form = {"grant_type": "client_credentials", "scope": scope}
    return scene.ask("POST", "/oauth2/token", form, certificate, **basic(client))


@pytest.mark.rule("ID-04")
def test_a_structure_acts_without_anybody_logged_in(scene: Scene) -> None:
    """With the scopes of its capacity, bound to its certificate where it presents one."""
    client = scene.register(structure=HOSPITAL)

    told = alone(scene, client, "system/DocumentReference.cruds user/Patient.r", CERTIFICATE).json

    found = caller(scene, told["access_token"], CERTIFICATE)
    assert found.actor == Actor(ActorKind.STRUCTURE, HOSPITAL)
    assert found.scopes == {"system/DocumentReference.crus"}
    assert (found.means, found.thumbprint, found.patient) == ("certificate", CERTIFICATE, "")
    assert set(told) == {"access_token", "token_type", "expires_in", "scope"}


def test_only_a_client_of_a_structure_acts_alone(scene: Scene, client: Client) -> None:
    """Neither one that registered none, nor for what opens nothing to a structure."""
    hospital = scene.register(structure=HOSPITAL)

    errors = [
        alone(scene, client, "system/DocumentReference.c").json["error"],
        alone(scene, hospital, "").json["error"],
        alone(scene, hospital, "user/DocumentReference.c").json["error"],
        scene.ask(
            "POST", "/oauth2/psc/token", {"grant_type": "client_credentials"}, **basic(client)
        ).json["error"],
    ]

    assert errors == [
        "unauthorized_client",
        "invalid_request",
        "invalid_scope",
        "unsupported_grant_type",
    ]
