"""Pairing before the witness: what a request to log in has to say, and what a token grants."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from etalon_conformance.exchanges import Exchange
from etalon_conformance.witness.joining import consents, endings, logins
from etalon_conformance.witness.measured import measure_searches
from etalon_conformance.witness.scenario import profiles
from etalon_conformance.witness.seeing_traffic import Scene, read_traffic
from etalon_conformance.witness.traffic import Witnessed
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_wire.json_body import Json, write_json

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
ROOT = "http://witness"
JOIN = profiles()["app"].step("join")
AGAIN = profiles()["app"].step("join-again")
RIGHT = {
    "response_type": "code",
    "client_id": "client-1",
    "redirect_uri": "http://127.0.0.1/callback",
    "scope": "openid launch/patient patient/Observation.cs",
    "state": "s-1",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


def exchange(  # noqa: PLR0913 (the parts of an exchange)
    number: int,
    verb: str,
    path: str,
    *,
    form: Mapping[str, str] | None = None,
    bearer: str = "",
    status: int = 200,
    told: Json = None,
    played: str = "",
) -> Witnessed:
    """One exchange of a service, a second after the one before it."""
    headers = [("authorization", f"Bearer {bearer}")] if bearer else []
    headers += [("content-type", "application/x-www-form-urlencoded")] if form else []
    body = urlencode(form).encode() if form else b""
    request = HttpRequest(verb, f"{ROOT}{path}", tuple(headers), body)
    typed = (("content-type", "application/json"),)
    answer = HttpResponse(status, typed, b"" if told is None else write_json(told), 0.1, ROOT)
    held = Exchange(number, AT, None, request, answer)
    return Witnessed(held, "", f"{ROOT}/fhir", number, number + 0.1, AT, played=played)


WRONG = {
    "no proof of the code": {"code_challenge": "", "code_challenge_method": ""},
    "a proof that is no digest": {"code_challenge": "plain-words"},
    "a proof in clear": {"code_challenge_method": "plain"},
    "no state": {"state": ""},
    "a token in the address": {"response_type": "token"},
    "nowhere to go back to": {"redirect_uri": ""},
}


@pytest.mark.parametrize("changed", [{}, *WRONG.values()], ids=["right", *WRONG])
def test_a_request_to_log_in_proves_its_code(changed: Mapping[str, str]) -> None:
    """Each thing that is missing, or not as it has to be, breaks W-CAT-04."""
    asked = {name: value for name, value in {**RIGHT, **changed}.items() if value}
    one = exchange(1, "GET", f"/oauth2/authorize?{urlencode(asked)}")

    points = list(logins(Scene(step=JOIN, reads=read_traffic([one]))))
    assert {point.requirement for point in points} == {"W-CAT-04"}
    assert all(point.holds for point in points) == (not changed)


def test_a_state_serves_once() -> None:
    """In a later step it is another; a page that is loaded again in the same step is no login."""
    one = exchange(1, "GET", f"/oauth2/authorize?{urlencode(RIGHT)}")
    again = exchange(2, "GET", f"/oauth2/authorize?{urlencode(RIGHT)}&lang=en")
    reads = read_traffic([one, again])

    assert all(point.holds for point in logins(Scene(step=JOIN, reads=reads)))
    later = Scene(step=AGAIN, reads=reads[1:], before=reads[:1])
    assert not all(point.holds for point in logins(later))


def test_a_login_of_a_citizen_is_no_pairing() -> None:
    """Where no step was announced, `launch/patient` tells a service from other software."""
    asked = {**RIGHT, "scope": "openid patient/*.r", "code_challenge": ""}
    one = exchange(1, "GET", f"/oauth2/authorize?{urlencode(asked)}")

    assert list(logins(Scene(step=None, reads=read_traffic([one])))) == []


def granted(scope: str) -> Witnessed:
    """A token that was given for a scope."""
    told: Json = {"access_token": "t-1", "scope": scope}
    return exchange(1, "POST", "/oauth2/token", form={"grant_type": "refresh_token"}, told=told)


@pytest.mark.parametrize(
    ("scope", "verb", "path", "kept"),
    [
        ("patient/Observation.cs", "POST", "/measures/fhir", True),
        ("patient/Observation.cs", "GET", "/measures/fhir/Observation?code=1", True),
        ("patient/Observation.c", "GET", "/measures/fhir/Observation?code=1", False),
        ("patient/Observation.s", "POST", "/measures/fhir", False),
        ("openid", "GET", "/documents/fhir/DocumentReference", False),
    ],
)
def test_a_call_keeps_to_what_was_consented_to(
    scope: str, verb: str, path: str, *, kept: bool
) -> None:
    """One direction does not open the other (W-CAT-06)."""
    call = exchange(2, verb, path, bearer="t-1", status=403)
    reads = read_traffic([granted(scope), call])

    assert [point.holds for point in consents(Scene(step=None, reads=reads))] == [kept]


ENDED = exchange(1, "POST", "/measures/fhir", bearer="t-1", status=401, played="pairing-ended")
REFRESH = {"grant_type": "refresh_token", "refresh_token": "r-1"}


def refreshed(number: int) -> Witnessed:
    """A refresh that is refused."""
    return exchange(number, "POST", "/oauth2/token", form=REFRESH, status=400)


AFTER: Mapping[str, tuple[list[Witnessed], bool]] = {
    "nothing": ([], True),
    "one refresh": ([refreshed(2)], True),
    "two refreshes": ([refreshed(2), refreshed(3)], False),
    "a call with the same token": (
        [refreshed(2), exchange(3, "POST", "/measures/fhir", bearer="t-1", status=401)],
        False,
    ),
    "a call with another token": ([exchange(2, "POST", "/measures/fhir", bearer="t-2")], True),
}


@pytest.mark.parametrize(("later", "kept"), AFTER.values(), ids=AFTER)
def test_a_service_stops_when_its_pairing_is_over(later: list[Witnessed], *, kept: bool) -> None:
    """One refresh is how it learns that it is (W-CAT-05)."""
    scene = Scene(step=None, reads=read_traffic([ENDED, *later]))

    assert [point.holds for point in endings(scene)] == [kept]


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("code=29463-7&date=ge2026-10-01&date=le2026-11-01", True),
        ("code=29463-7&date=2026-10", True),
        ("code=29463-7&_sort=-date&_count=1", True),
        ("code=29463-7&date=ge2026-10-01", False),
        ("code=29463-7", False),
        ("code=29463-7&_sort=-date&_count=2", False),
        ("code=29463-7&date=2026-10&_count=101", False),
        ("date=2026-10", False),
    ],
)
def test_measures_are_asked_for_within_bounds(asked: str, *, kept: bool) -> None:
    """Two bounds or the last one alone, a hundred a page at most (W-MEA-08)."""
    name = "subject.identifier=urn:oid:1.2.250.1.999.7.1%7C142126f55985103e"
    one = exchange(1, "GET", f"/measures/fhir/Observation?{name}&{asked}", bearer="t-1")
    scene = Scene(step=None, reads=read_traffic([one]))

    assert [point.holds for point in measure_searches(scene)] == [kept]
