"""Codes and refresh tokens are good once, for whom they were given, and everything can be ended."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any, Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from etalon_server.identity.clients import certificate_thumbprint
from etalon_server.identity.provider import Identity
from etalon_wire.claims import Caller
from identity_scene import ADDRESS, CALLBACK, FIRST, Reply, Scene, basic, doctor


def opens(scene: Scene, token: str) -> bool:
    """Whether a token opens anything."""
    return isinstance(scene.identity.caller_of(token, "", scene.clock.now()), Caller)


def introspected(scene: Scene, client: dict[str, Any], token: str) -> dict[str, Any]:
    """What the service says of a token."""
    return scene.ask("POST", "/oauth2/introspect", {"token": token}, **basic(client)).json


BY_FORM: Final = {"token_endpoint_auth_method": "client_secret_post"}
LEADS_NOWHERE: Final[list[dict[str, str]]] = [
    {"client_id": ""},
    {"client_id": "unknown"},
    {"redirect_uri": ""},
    {"redirect_uri": "https://elsewhere.test/callback"},
    {"redirect_uri": "http://127.0.0.1:4321/other"},
    {"redirect_uri": "http://127.0.0.1.elsewhere.test/callback"},
    {"redirect_uri": "http://127.0.0.1@elsewhere.test/callback"},
    {"redirect_uri": "http://somebody@127.0.0.1:4321/callback"},
    {"redirect_uri": "http://127.0.0.1:99999/callback"},
    {"redirect_uri": f"{CALLBACK}#x"},
    {"redirect_uri": f"{CALLBACK}?x=1"},
]
SENT_BACK: Final[list[tuple[dict[str, str], str]]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": ""}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"scope": ""}, "invalid_scope"),
    ({"scope": "patient/DocumentReference.rs"}, "invalid_scope"),
    ({"scope": "openid everything"}, "invalid_scope"),
    ({"prompt": "none"}, "login_required"),
    ({"request": "x.y.z"}, "request_not_supported"),
    ({"request_uri": "https://elsewhere.test"}, "request_uri_not_supported"),
    ({"code_challenge": ""}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": ""}, "invalid_request"),
]
SENT_BACK_FROM_PSC: Final[list[tuple[dict[str, str], str]]] = [
    ({"state": ""}, "invalid_request"),
    ({"nonce": ""}, "invalid_request"),
    ({"acr_values": ""}, "invalid_request"),
    ({"acr_values": "eidas2"}, "invalid_request"),
    ({"scope": "openid patient/Patient.r"}, "invalid_scope"),
]


@pytest.mark.parametrize("changes", LEADS_NOWHERE)
def test_nobody_is_sent_to_an_address_that_was_not_registered(
    scene: Scene, changes: dict[str, str]
) -> None:
    """Nor where the client is unknown: the page says so, here."""
    shown = scene.first_page(**changes).shown

    assert shown.status == 400
    assert "location" not in shown.headers


@pytest.mark.parametrize(("changes", "error"), SENT_BACK)
def test_a_request_that_is_wrong_goes_back_to_its_client(
    scene: Scene, changes: dict[str, str], error: str
) -> None:
    """With the state it came with and the issuer that answers."""
    answer = scene.first_page(**changes).shown.answer

    assert (answer["error"], answer["state"], answer["iss"]) == (error, "s-1", ADDRESS)


@pytest.mark.parametrize(("changes", "error"), SENT_BACK_FROM_PSC)
def test_pro_sante_connect_wants_state_nonce_and_level(
    scene: Scene, changes: dict[str, str], error: str
) -> None:
    """As its documentation writes the request."""
    client = scene.register()

    shown = scene.first_page("/oauth2/psc", client_id=client["client_id"], **changes).shown

    assert (shown.answer["error"], shown.answer["iss"]) == (error, f"{ADDRESS}/oauth2/psc")


def test_the_port_of_a_loopback_address_is_free(scene: Scene) -> None:
    """An application listens where it can (RFC 8252)."""
    page = scene.first_page(redirect_uri="http://127.0.0.1:61234/callback")

    assert page.shown.status == 200


def test_a_login_goes_on_at_the_server_where_it_began(scene: Scene) -> None:
    """A page of one is no page of the other."""
    page = scene.first_page()
    page.realm = "/oauth2/psc"

    assert page.send("professional", professional=doctor().rpps).status == 400


def test_a_parameter_that_stands_twice_leads_nowhere(scene: Scene) -> None:
    """Which one counts would be a matter of luck."""
    assert scene.ask("GET", "/oauth2/authorize?client_id=a&client_id=b").status == 400
    form = b"grant_type=authorization_code&grant_type=refresh_token"
    assert scene.ask("POST", "/oauth2/token", form).json["error"] == "invalid_request"


REFUSED_CODES: Final[list[tuple[dict[str, str], int, str]]] = [
    ({"code": "wrong"}, 400, "invalid_grant"),
    ({"code": ""}, 400, "invalid_request"),
    ({"redirect_uri": "http://127.0.0.1:4322/callback"}, 400, "invalid_grant"),
    ({"redirect_uri": ""}, 400, "invalid_grant"),
    ({"code_verifier": ""}, 400, "invalid_grant"),
    ({"code_verifier": "A" * 43}, 400, "invalid_grant"),
    ({"code_verifier": "A" * 42}, 400, "invalid_grant"),
    ({"client_id": ""}, 401, "invalid_client"),
    ({"client_id": "unknown"}, 401, "invalid_client"),
    ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ({"grant_type": ""}, 400, "unsupported_grant_type"),
]


@pytest.mark.parametrize(("changes", "status", "error"), REFUSED_CODES)
def test_a_code_is_worth_nothing_to_whoever_did_not_ask_for_it(
    scene: Scene, changes: dict[str, str], status: int, error: str
) -> None:
    """Another address, verifier or client: refused in the word of the specification."""
    page = scene.first_page()
    reply = page.send("franceconnect", ins=scene.person())

    refused = page.redeem(reply, changes=changes)

    assert (refused.status, refused.json["error"]) == (status, error)
    assert refused.headers["cache-control"] == "no-store"


def test_a_code_that_comes_twice_ends_what_it_gave(scene: Scene) -> None:
    """Somebody took it: neither the access token nor the refresh token is good any more."""
    page = scene.first_page()
    reply = page.send("franceconnect", ins=scene.person())
    told = page.redeem(reply).json
    assert opens(scene, told["access_token"])

    again = page.redeem(reply)

    assert again.json["error"] == "invalid_grant"
    assert not opens(scene, told["access_token"])
    assert refreshed(scene, told["refresh_token"]).json["error"] == "invalid_grant"


def refreshed(scene: Scene, token: str, **form: str) -> Reply:
    """What a refresh token of the sandbox's client is worth."""
    known = {"grant_type": "refresh_token", "client_id": "sandbox-app", "refresh_token": token}
    return scene.ask("POST", "/oauth2/token", known | form)


def test_a_code_is_good_for_a_minute(scene: Scene) -> None:
    """And is given to one client, at one server."""
    ins = scene.person()
    page = scene.first_page()
    reply = page.send("franceconnect", ins=ins)
    scene.wait(timedelta(minutes=1))

    assert page.redeem(reply).json["error"] == "invalid_grant"

    client = scene.register()
    page = scene.first_page("/oauth2/psc", client_id=client["client_id"])
    reply = page.send("professional", professional=doctor().rpps)
    page.realm = "/oauth2"
    assert page.redeem(reply, client).json["error"] == "invalid_grant"


def test_another_clients_code_is_refused_and_stays_good(scene: Scene) -> None:
    """Whoever tries one that is not theirs does not spoil it."""
    thief = scene.register()
    page = scene.first_page()
    reply = page.send("franceconnect", ins=scene.person())

    assert page.redeem(reply, thief).json["error"] == "invalid_grant"
    assert page.redeem(reply).status == 200


def test_a_refresh_token_turns_over_and_is_good_once(scene: Scene) -> None:
    """The old one coming again ends the session, the new one and its access token included."""
    told = scene.people_tokens(scene.person())
    again = refreshed(scene, told["refresh_token"]).json
    assert opens(scene, again["access_token"])

    stolen = refreshed(scene, told["refresh_token"])

    assert stolen.json["error"] == "invalid_grant"
    assert not opens(scene, again["access_token"])
    assert refreshed(scene, again["refresh_token"]).status == 400


def test_a_refresh_token_is_good_at_the_server_that_gave_it(scene: Scene) -> None:
    """Not at the other one, to the same client."""
    client = scene.register()
    token = scene.professional_tokens(client, doctor())["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}

    refused = scene.ask("POST", "/oauth2/token", form, **basic(client))

    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("verifier", "status"), [("", 200), ("A" * 43, 400)])
def test_a_confidential_client_may_do_without_pkce_but_not_halfway(
    scene: Scene, verifier: str, status: int
) -> None:
    """A verifier without a challenge before means that the challenge was taken away."""
    client = scene.register()
    page = scene.first_page(
        "/oauth2/psc", client_id=client["client_id"], code_challenge="", code_challenge_method=""
    )
    reply = page.send("professional", professional=doctor().rpps)

    assert page.redeem(reply, client, changes={"code_verifier": verifier}).status == status


def test_a_refresh_grants_no_more_than_the_login(scene: Scene) -> None:
    """Fewer scopes may be asked for, more not; the rest of four hours is what it gives."""
    told = scene.people_tokens(scene.person())

    less = refreshed(scene, told["refresh_token"], scope="patient/Patient.r").json
    more = refreshed(scene, less["refresh_token"], scope="patient/Consent.u")

    assert (less["scope"], more.json["error"]) == ("patient/Patient.r", "invalid_scope")


def test_a_session_of_the_service_ends_after_four_hours(scene: Scene) -> None:
    """However often it is refreshed."""
    told = scene.people_tokens(scene.person())
    for _ in range(7):
        scene.wait(timedelta(minutes=30))
        told = refreshed(scene, told["refresh_token"]).json
    scene.wait(timedelta(minutes=30))

    assert refreshed(scene, told["refresh_token"]).json["error"] == "invalid_grant"


def test_a_person_is_granted_what_opens_something_to_them(scene: Scene) -> None:
    """What they ask for and can never use is left out."""
    scope = "openid patient/Binary.ru user/Patient.r patient/DocumentReference.cruds"

    told = scene.people_tokens(scene.person(), scope=scope)

    assert told["scope"] == "openid patient/Binary.r patient/DocumentReference.crus"


def test_introspection_says_what_a_good_token_says_and_nothing_of_others(scene: Scene) -> None:
    """To a client that proved which one it is."""
    client, ins = scene.register(), scene.person()
    told = scene.people_tokens(ins)

    said = introspected(scene, client, told["access_token"])
    refresh = introspected(scene, client, told["refresh_token"])

    assert said["active"] is True
    assert (said["sub"], said["patient"], said["client_id"]) == (ins, ins, "sandbox-app")
    assert (refresh["active"], refresh["sub"]) == (True, ins)
    for other in ("x.y.z", told["id_token"], told["refresh_token"][:-1]):
        assert introspected(scene, client, other) == {"active": False}
    scene.wait(timedelta(hours=1))
    assert introspected(scene, client, told["access_token"]) == {"active": False}


def test_a_stranger_introspects_nothing(scene: Scene) -> None:
    """Neither a public client, nor one with a wrong secret, nor nobody."""
    token = scene.people_tokens(scene.person())["access_token"]
    client = scene.register()
    asked = {"token": token, "client_id": "sandbox-app"}
    wrong = {**client, "client_secret": "wrong"}

    answers = [
        scene.ask("POST", "/oauth2/introspect", asked),
        scene.ask("POST", "/oauth2/introspect", {"token": token}),
        scene.ask("POST", "/oauth2/introspect", {"token": token}, **basic(wrong)),
    ]

    assert [one.status for one in answers] == [403, 401, 401]
    assert all("active" not in one.json for one in answers)
    assert answers[2].headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_what_is_revoked_is_over_at_once(scene: Scene, name: str) -> None:
    """An access token alone; a refresh token with its session."""
    told = scene.people_tokens(scene.person())
    other = refreshed(scene, told["refresh_token"]).json
    assert opens(scene, other["access_token"])

    form = {"client_id": "sandbox-app", "token": other[name]}
    reply = scene.ask("POST", "/oauth2/revoke", form)

    assert (reply.status, reply.body) == (200, b"")
    assert not opens(scene, other["access_token"])
    assert opens(scene, told["access_token"]) is (name == "access_token")


def test_a_session_that_is_revoked_takes_exchanged_tokens_along(scene: Scene) -> None:
    """The token of the service is part of the professional's login."""
    client = scene.register()
    told = scene.professional_tokens(client, doctor())
    token = scene.exchange(client, told["access_token"]).json["access_token"]
    assert opens(scene, token)

    form = {"token": told["refresh_token"]}
    scene.ask("POST", "/oauth2/psc/revoke", form, **basic(client))

    assert not opens(scene, token)


def test_nobody_refreshes_or_revokes_anothers_token(scene: Scene) -> None:
    """The client is told, and the token stays good; an unknown one is none to end."""
    told = scene.people_tokens(scene.person())
    client = scene.register()

    stolen = {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}
    assert scene.ask("POST", "/oauth2/token", stolen, **basic(client)).status == 400

    for name in ("access_token", "refresh_token"):
        form = {"token": told[name]}
        reply = scene.ask("POST", "/oauth2/revoke", form, **basic(client))
        assert reply.json["error"] == "invalid_grant"
    unknown = scene.ask("POST", "/oauth2/revoke", {"token": "x.y.z"}, **basic(client))

    assert unknown.status == 200
    assert opens(scene, told["access_token"])
    assert refreshed(scene, told["refresh_token"]).status == 200


def test_user_information_is_for_who_holds_the_token(scene: Scene) -> None:
    """It was asked for with openid; without a token, or with a bad one, the answer is 401."""
    ins = scene.person()
    token = scene.people_tokens(ins)["access_token"]

    said = scene.ask("GET", "/oauth2/userinfo", authorization=f"Bearer {token}").json
    refresh = scene.people_tokens(ins)["refresh_token"]
    plain = refreshed(scene, refresh, scope="patient/Patient.r").json["access_token"]
    other = scene.ask("GET", "/oauth2/userinfo", authorization=f"Bearer {plain}")
    nobody = scene.ask("GET", "/oauth2/userinfo")
    wrong = scene.ask("GET", "/oauth2/userinfo", authorization="Bearer x.y.z")

    assert (said["sub"], said["patient"], said["act_as"]) == (ins, ins, "holder")
    assert said["birthdate"] == "1980-05-17"
    assert (other.status, other.json["error"]) == (403, "insufficient_scope")
    assert (nobody.status, wrong.status) == (401, 401)
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]


@pytest.fixture(scope="module")
def lasting() -> Iterator[Scene]:
    """A server that every example asks."""
    with closing(Scene()) as scene:
        yield scene


REFUSED_CLIENTS: Final[list[tuple[object, str]]] = [
    ([], "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
    ({"token_endpoint_auth_method": "self_signed_tls_client_auth"}, "invalid_client_metadata"),
    ({"client_name": 1}, "invalid_client_metadata"),
    ({"redirect_uris": "https://a.test"}, "invalid_client_metadata"),
    ({"redirect_uris": ["http://a.test/callback"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://a.test/#x"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://a.test/\r\nx"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["https://é.test/"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["ftp://app.example/callback"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["mailto:somebody@app.example"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["data:text/html,x"]}, "invalid_redirect_uri"),
    ({"redirect_uris": ["/callback"]}, "invalid_redirect_uri"),
    ({"redirect_uris": [1]}, "invalid_redirect_uri"),
    ({"structure": "99"}, "invalid_client_metadata"),
    ({"structure": ["10B0172805"]}, "invalid_client_metadata"),
    (
        {"structure": "10B0172805", "token_endpoint_auth_method": "none"},
        "invalid_client_metadata",
    ),
    ({"jwks": {"keys": []}}, "invalid_client_metadata"),
    ({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, "invalid_client_metadata"),
    ({"jwks": {"keys": [{"kty": "RSA", "x5c": ["AAAA"]}]}}, "invalid_client_metadata"),
]


@pytest.mark.parametrize(("metadata", "error"), REFUSED_CLIENTS)
def test_a_client_that_nobody_could_trust_is_not_registered(
    scene: Scene, metadata: object, error: str
) -> None:
    """With the word of the specification (RFC 7591)."""
    body = json.dumps(metadata).encode()

    reply = scene.ask("POST", "/oauth2/register", body, content_type="application/json")

    assert (reply.status, reply.json["error"]) == (400, error)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["jwks", "keys", "kty", "x5c", "n", "e", "crv", "x", "y", "redirect_uris"]
                )
                | st.sampled_from(["client_name", "token_endpoint_auth_method"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=9,
    )
)
def test_whatever_a_client_says_of_itself_is_registered_or_refused(
    lasting: Scene, metadata: object
) -> None:
    """Never a fault of ours."""
    body = json.dumps(metadata).encode()

    reply = lasting.ask("POST", "/oauth2/register", body, content_type="application/json")

    assert reply.status in {201, 400}


def test_a_client_authenticates_as_it_registered(scene: Scene) -> None:
    """In the header or in the form, not in both, and with nobody else's secret."""
    posting = scene.register(**BY_FORM)
    known = {"client_id": posting["client_id"], "client_secret": posting["client_secret"]}
    token = {"token": "x"}

    answers = [
        scene.ask("POST", "/oauth2/introspect", token | known).status,
        scene.ask("POST", "/oauth2/introspect", token, **basic(posting)).status,
        scene.ask("POST", "/oauth2/introspect", token | known, **basic(posting)).status,
        scene.ask("POST", "/oauth2/introspect", token, authorization="Basic %%%").status,
    ]

    assert answers == [200, 401, 400, 401]


@pytest.mark.requirement("W-SEC-02")
@pytest.mark.parametrize("method", ["self_signed_tls_client_auth", "client_secret_basic"])
def test_a_client_that_registered_a_certificate_presents_it(scene: Scene, method: str) -> None:
    """Alone or beside its secret; without it, or with another, it is nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "software.etalon.test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FIRST)
        .not_valid_after(FIRST + timedelta(days=365))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )
    public = ECKey.import_key(key.public_key()).as_dict(private=False)
    jwks = {"keys": [public | {"x5c": [base64.b64encode(certificate).decode()]}]}
    client = scene.register(jwks=jwks, token_endpoint_auth_method=method)
    form = {"token": "x"} | (
        {} if "client_secret" in client else {"client_id": client["client_id"]}
    )

    statuses = [
        scene.ask("POST", "/oauth2/introspect", form, one, **basic(client)).status
        for one in (certificate_thumbprint(certificate), certificate_thumbprint(b"another"), "")
    ]

    assert statuses == [200, 401, 401]
    other = ECKey.generate_key("P-256").as_dict(private=False) | {"x5c": public_x5c(jwks)}
    body = json.dumps({"jwks": {"keys": [other]}}).encode()
    refused = scene.ask("POST", "/oauth2/register", body, content_type="application/json")
    assert "of another key" in refused.json["error_description"]


def public_x5c(jwks: dict[str, Any]) -> list[str]:
    """The certificate of the first key."""
    found: list[str] = jwks["keys"][0]["x5c"]
    return found


def test_discovery_names_endpoints_that_answer(scene: Scene) -> None:
    """Both issuers, at the addresses their specifications give; the keys verify tokens."""
    for issuer, path in (
        (ADDRESS, "/.well-known/openid-configuration"),
        (ADDRESS, "/.well-known/oauth-authorization-server"),
        (ADDRESS, "/.well-known/smart-configuration"),
        (ADDRESS, "/fhir/.well-known/smart-configuration"),
        (f"{ADDRESS}/oauth2/psc", "/oauth2/psc/.well-known/openid-configuration"),
    ):
        said = scene.ask("GET", path).json
        assert said["issuer"] == issuer
        for name, address in said.items():
            if name.endswith("_endpoint") or name == "jwks_uri":
                where = address.removeprefix(ADDRESS)
                statuses = {scene.ask(verb, where).status for verb in ("GET", "POST")}
                assert statuses & {200, 400, 401}, (name, statuses)


def test_a_reset_forgets_everybody(scene: Scene) -> None:
    """No token, client or login of before is good any more."""
    client = scene.register()
    told = scene.people_tokens(scene.person())
    page = scene.first_page()

    scene.identity.reset()

    assert not opens(scene, told["access_token"])
    assert scene.ask("POST", "/oauth2/revoke", {"token": "x"}, **basic(client)).status == 401
    assert page.send("franceconnect", ins="1").status == 400
    assert scene.first_page().shown.status == 200
    assert isinstance(scene.identity, Identity)
