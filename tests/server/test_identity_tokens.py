"""A token opens something only if this server signed it, for this interface, and it is good now."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey

from etalon_model import Actor, ActorKind
from etalon_server.identity.grants import Asked, Bearer, Grant, Ledger
from etalon_server.identity.keys import ACCESS, IDENTITY, KeyRing
from etalon_server.identity.realms import PSC, SERVICE
from etalon_server.identity.tokens import KNOWN_MOST, AccessTokens
from etalon_wire.claims import Caller, claims_of
from etalon_wire.operation_outcomes import Fault

NOW: Final = datetime(2022, 7, 1, 9, tzinfo=UTC)
ADDRESS: Final = "https://etalon.test"
DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "899770000216", "doctor")
BOUND: Final = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"


class Office:
    """A ring of keys, a ledger with one login, and the tokens of it."""

    def __init__(self) -> None:
        """Log one professional in."""
        self.keys = KeyRing("ES256")
        self.ledger = Ledger()
        self.tokens = AccessTokens(self.keys, self.ledger)
        asked = Asked("software", "", frozenset({"user/DocumentReference.rs"}))
        bearer = Bearer(DOCTOR, means="psc", level="low")
        self.grant: Grant = self.ledger.begin(PSC, ADDRESS, asked, bearer, NOW)

    def caller(self, thumbprint: str = "") -> Caller:
        """Who the tokens say."""
        scopes = frozenset({"user/DocumentReference.rs"})
        until = NOW + SERVICE.access_life
        return Caller(DOCTOR, "", scopes, "software", thumbprint, until, "psc", "low")

    def good(self, thumbprint: str = "") -> str:
        """A token that opens."""
        return self.tokens.issue(self.caller(thumbprint), self.grant, NOW).access_token

    def claims(self, **changes: object) -> dict[str, Any]:
        """The claims of a token that opens, with changes; None takes one away."""
        said = {
            "iss": ADDRESS,
            "aud": f"{ADDRESS}/fhir",
            "iat": int(NOW.timestamp()),
            "jti": "one",
            "sid": self.grant.ident,
            **claims_of(self.caller()),
            **changes,
        }
        return {name: value for name, value in said.items() if value is not None}

    def signed(self, **changes: object) -> str:
        """A token that this server signed, with changed claims."""
        return self.keys.sign(self.claims(**changes), ACCESS, NOW)

    def header(self, **changes: object) -> dict[str, Any]:
        """The header of a token that opens, with changes."""
        return {**json.loads(part(self.good(), 0)), **changes}

    def published(self, at: datetime) -> list[dict[str, Any]]:
        """The public keys."""
        return cast("list[dict[str, Any]]", self.keys.published(at)["keys"])

    def said(self, token: str, at: datetime = NOW, certificate: str = "") -> str:
        """The code of the fault that a token meets, or `opens`."""
        found = self.tokens.caller_of(token, certificate, at)
        return found.code if isinstance(found, Fault) else "opens"


@pytest.fixture
def office() -> Office:
    """A ring, a ledger and a login."""
    return Office()


def part(token: str, rank: int) -> bytes:
    """The bytes of one part of a token."""
    text = token.split(".")[rank]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64(value: bytes | dict[str, Any]) -> str:
    """Text in base64url without padding."""
    found = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode()


def with_header(office: Office, **changes: object) -> str:
    """A good token under another header, its signature left as it was."""
    _, payload, signature = office.good().split(".")
    return f"{b64(office.header(**changes))}.{payload}.{signature}"


def forged(office: Office) -> str:
    """Signed under another key that claims the identifier of ours."""
    other = ECKey.generate_key("P-256", private=True)
    return jwt.encode(office.header(), office.claims(), other, algorithms=["ES256"])


def bringing_its_key(office: Office) -> str:
    """Signed under a key that stands in its own header."""
    other = ECKey.generate_key("P-256", private=True)
    header = office.header(jwk=other.as_dict(private=False))
    return jwt.encode(header, office.claims(), other, algorithms=["ES256"])


def unsigned(office: Office) -> str:
    """With the algorithm none, and no signature."""
    return f"{b64(office.header(alg='none'))}.{b64(office.claims())}."


def symmetric(office: Office) -> str:
    """Signed with HS256 under our public key, which everybody has."""
    office.good()
    [public] = office.published(NOW)
    key = ECKey.import_key(public).as_pem(private=False)
    text = f"{b64(office.header(alg='HS256'))}.{b64(office.claims())}"
    return f"{text}.{b64(hmac.new(key, text.encode(), sha256).digest())}"


def other_payload(office: Office) -> str:
    """With another payload under a good signature."""
    header, _, signature = office.good().split(".")
    return f"{header}.{b64(office.claims(sub='899770000999'))}.{signature}"


HOSTILE: Final[list[Callable[[Office], str]]] = [
    forged,
    bringing_its_key,
    unsigned,
    symmetric,
    other_payload,
    lambda office: with_header(office, kid="another"),
    lambda office: with_header(office, kid=["a", "list"]),
    lambda office: with_header(office, alg="RS256"),
    lambda office: with_header(office, crit=["exp"]),
    lambda office: office.keys.sign(office.claims(), IDENTITY, NOW),
    lambda office: KeyRing("ES256").sign(office.claims(), ACCESS, NOW),
    lambda office: office.signed(iss="https://elsewhere.test"),
    lambda office: office.signed(iss=PSC.issuer(ADDRESS)),
    lambda office: office.signed(aud="https://elsewhere.test/fhir"),
    lambda office: office.signed(aud=PSC.issuer(ADDRESS)),
    lambda office: office.signed(aud=None),
    lambda office: office.signed(nbf=int(NOW.timestamp()) + 60),
    lambda office: office.signed(sid="unknown"),
    lambda office: office.signed(sid=None),
    lambda office: office.signed(act_as="nobody"),
    lambda office: office.signed(act_as="caregiver"),
    lambda office: office.good()[:-2],
    lambda office: office.good() + "A",
    lambda office: f"{office.good()}.",
    lambda office: f"{'[' * 5000}.{office.good()}",
    lambda _: f"{b64(b'[' * 5000)}.{b64(b'{}')}.AA",
    lambda _: "",
    lambda _: "..",
    lambda _: "é" * 9000,
    lambda _: "\ud800",
]


@pytest.mark.requirement("W-SEC-03")
@pytest.mark.parametrize("make", HOSTILE)
def test_a_token_that_is_not_ours_for_this_interface_is_refused(
    office: Office, make: Callable[[Office], str]
) -> None:
    """Forged, unsigned, for or by somebody else, of another type, broken: all 401, none known."""
    token = make(office)

    assert office.said(token) == "TOKEN_REFUSED"
    assert office.said(token) == "TOKEN_REFUSED"
    assert office.said(office.good()) == "opens"


@pytest.mark.parametrize("exp", [None, "soon", True, 10**12])
def test_a_token_without_a_good_end_has_none(office: Office, exp: object) -> None:
    """Missing, a text, a truth value: expired; beyond every calendar: refused."""
    assert office.said(office.signed(exp=exp)) in {"TOKEN_EXPIRED", "TOKEN_REFUSED"}


@pytest.mark.rule("ID-10")
@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "opens"), (3599, "opens"), (3600, "TOKEN_EXPIRED")]
)
@pytest.mark.parametrize("known", [False, True])
def test_a_token_is_good_until_its_last_second_excluded(
    office: Office, seconds: int, said: str, *, known: bool
) -> None:
    """An hour for the interfaces of the service, whether it was seen before or not."""
    token = office.good()
    if known:
        office.said(token)

    assert office.said(token, NOW + timedelta(seconds=seconds)) == said


def test_a_known_token_is_not_verified_again_and_its_revocation_is_looked_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signature counts once; the ledger counts in every call."""
    token, other = office.good(), office.good()
    verified: list[str] = []
    read = KeyRing.claims_of

    def counted(ring: KeyRing, text: str, kind: str) -> Any:  # noqa: ANN401 (as the method)
        verified.append(text)
        return read(ring, text, kind)

    monkeypatch.setattr(KeyRing, "claims_of", counted)
    for _ in range(3):
        assert office.said(token) == "opens"
    assert verified == [token]

    office.ledger.revoked[json.loads(part(token, 1))["jti"]] = NOW + timedelta(hours=1)
    assert office.said(token) == "TOKEN_REFUSED"
    assert office.said(other) == "opens"

    office.grant.ended = True
    assert office.said(other) == "TOKEN_REFUSED"
    assert verified == [token, other]


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.requirement("W-SEC-03")
def test_a_bound_token_opens_with_its_certificate_alone(office: Office, *, known: bool) -> None:
    """None and another are refused; a token that is not bound asks for none."""
    token = office.good(BOUND)
    if known:
        office.said(token, certificate=BOUND)

    assert office.said(token) == "CERTIFICATE_MISMATCH"
    assert office.said(token, certificate=BOUND[:-1] + "A") == "CERTIFICATE_MISMATCH"
    assert office.said(token, certificate=BOUND) == "opens"
    assert office.said(office.good(), certificate=BOUND) == "opens"


def test_a_token_outlives_the_key_that_signed_it_being_replaced(office: Office) -> None:
    """Until it ends: then the key is let go when the next one comes."""
    old = office.good()
    office.keys.rotate(NOW)
    new = office.good()

    assert office.said(old) == office.said(new) == "opens"
    assert len(office.published(NOW)) == 2

    later = NOW + timedelta(days=1, seconds=1)
    office.keys.sign({}, ACCESS, later)
    assert len(office.published(later)) == 2


def test_published_keys_say_nothing_that_is_private(office: Office) -> None:
    """Only what verifies, with its use and its algorithm."""
    [key] = office.published(NOW)

    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def test_known_tokens_are_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than may be known takes the place of the oldest, which is verified again."""
    monkeypatch.setattr("etalon_server.identity.tokens.KNOWN_MOST", 2)
    tokens = [office.good() for _ in range(4)]

    assert [office.said(token) for token in tokens * 2] == ["opens"] * 8
    assert KNOWN_MOST > 10_000


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*"))
def test_no_text_whatever_breaks_the_reading_of_tokens(text: str) -> None:
    """It is refused, and that is all."""
    assert OFFICE.said(text) == "TOKEN_REFUSED"


OFFICE: Final = Office()
