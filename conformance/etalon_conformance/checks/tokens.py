"""Tokens: forged, ended, of somebody else, for something else; and how long they live."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    equals,
    excludes,
    includes,
    matches,
    status,
)
from etalon_conformance.forgeries import claims_of, forgeries
from etalon_conformance.professional_login import (
    exchanged,
    introspected,
    logged_in,
    refreshed,
    registered,
    told_who,
)
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, found, query
from etalon_conformance.rights_scene import NOT_TAKEN, never_kept
from etalon_conformance.seeing import NOT_SHOWN, Kept, kept, shown_too
from etalon_conformance.specimens import specimen
from etalon_target.cannot import CannotTest

_DENIED: Final = (400, *NOT_SHOWN)
_SCOPE: Final = "user/DocumentReference.rs user/Binary.r"
_TWO_MINUTES: Final = r"[1-9]|[1-9][0-9]|1[01][0-9]|120"
"""Numbers of seconds up to two minutes."""


def _asked_with(bench: Bench, token: str, one: Kept) -> tuple[Exchange, ...]:
    """Search, read and open a document with a token as it stands."""
    bearing = (("Authorization", f"Bearer {token}"),)
    search = f"DocumentReference?{query(one.person)}"
    return tuple(
        bench.call(None, "GET", place, headers=bearing, accept=accept)
        for place, accept in ((search, ""), (one.place, ""), (one.content, "*/*"))
        if place
    )


def _opens_nothing(
    bench: Bench, requirement: str, token: str, one: Kept, likely: str
) -> Iterator[Assertion]:
    for answer in _asked_with(bench, token, one):
        yield bench.expects(requirement, answer, status(*_DENIED), likely=likely)
        yield bench.expects(
            requirement, answer, excludes(UNIQUE_IDS, one.one.unique_id), likely=likely
        )


@check(requirements=("ACC-01", "REC-06"), needs=NEEDS)
def forged_tokens_open_nothing(bench: Bench) -> Iterator[Assertion]:
    """A token that nobody signed reads nothing and deposits nothing."""
    person = bench.person(age=27)
    author, stranger = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    published = bench.call(None, "GET", "root:/oauth2/jwks", accept="application/json").body
    token = bench.token(author.who)
    theirs = bench.token(stranger.who)
    mine = claims_of(token)
    forged = {
        **forgeries(token, bench.random, published, scope="user/*.cruds"),
        **{
            f"stranger-{name}": one
            for name, one in forgeries(theirs, bench.random, published, sub=mine.get("sub")).items()
        },
    }
    for each in forged.values():
        yield from _opens_nothing(bench, "ACC-01", each, one, "signature_not_checked")
        document = specimen(bench, person, author)
        bearing = (("Authorization", f"Bearer {each}"),)
        whole = bundle(bench, [document])
        answer = bench.call(None, "POST", "", body=whole, headers=bearing)
        refused = status(*NOT_TAKEN)
        yield bench.expects("REC-06", answer, refused, likely="signature_not_checked")
        yield from never_kept(bench, "REC-06", author.who, document)


@check(requirements=("ACC-01",), needs=NEEDS)
def proof_of_another_kind_opens_nothing(bench: Bench) -> Iterator[Assertion]:
    """A token goes as a Bearer, in its header: words, passwords and addresses open nothing."""
    person = bench.person(age=22)
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    pair = "ZG9jdGV1cjptb3RkZXBhc3Nl"
    for header in ("Bearer", f"Basic {pair}", "Negotiate", author.rpps, "Bearer a b"):
        proof = (("Authorization", header),)
        search = f"DocumentReference?{query(person)}"
        for place in filter(None, (search, one.place, one.content)):
            answer = bench.call(None, "GET", place, headers=proof, accept="*/*")
            yield bench.expects("ACC-01", answer, status(*_DENIED))
    named = f"{one.place}?user={author.rpps}&rpps={author.rpps}"
    for headers in ((("X-User", author.rpps), ("X-Forwarded-User", author.rpps)), ()):
        answer = bench.call(None, "GET", named, headers=headers)
        yield bench.expects("ACC-01", answer, status(*_DENIED))


@check(requirements=("ACC-01",), needs=(*NEEDS, "advance_clock"), alone=True)
def ended_token_opens_nothing(bench: Bench) -> Iterator[Assertion]:
    """A token opens what it opened until its end, and nothing afterwards."""
    person = bench.person(age=35)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    held = [(who, bench.token(who)) for who in (reader.who, person.who)]
    ends = [claims_of(token).get("exp") for _, token in held]
    for _, token in held:
        for answer in _asked_with(bench, token, one):
            bench.expects("ACC-01", answer, status(200), control=True)
    bench.advance("P1D")
    now = bench.now().timestamp()
    for who, _ in held:
        bench.target.tokens.forget(who)
    later = [claims_of(bench.token(who)).get("exp") for who, _ in held]
    # Whoever issues them must follow the clock that was moved, or nothing has ended.
    if not all(isinstance(end, int) and end < now for end in ends) or not all(
        isinstance(end, int) and end > now for end in later
    ):
        raise CannotTest(key="cause.no_end_of_token")
    for _, token in held:
        yield from _opens_nothing(bench, "ACC-01", token, one, "end_not_checked")
    shown_too(bench, reader.who, one)


@check(requirements=("ID-10",), needs=("create_professional",))
def login_of_professionals_gives_short_tokens(bench: Bench) -> Iterator[Assertion]:
    """The access token of the login of professionals is announced good for two minutes at most."""
    client = registered(bench)
    for code in ("10", "60"):
        given = logged_in(bench, client, bench.professional(code))
        bench.expects("ID-10", given, status(200), control=True)
        life = matches("expires_in", _TWO_MINUTES)
        yield bench.expects("ID-10", given, life, likely="long_lived_tokens")
        yield bench.expects("ID-10", told_who(bench, given.first("access_token")), status(200))
        again = refreshed(bench, client, given.first("refresh_token"))
        yield bench.expects("ID-10", again, status(200))
        yield bench.expects("ID-10", again, life, likely="long_lived_tokens")


@check(requirements=("ID-10",), needs=("create_professional", "advance_clock"), alone=True)
def login_of_professionals_ends(bench: Bench) -> Iterator[Assertion]:
    """After two minutes the access token says nothing, after thirty the refresh token nothing."""
    client = registered(bench)
    given = logged_in(bench, client, bench.professional())
    bench.expects("ID-10", given, status(200), control=True)
    token = given.first("access_token")
    bench.expects("ID-10", told_who(bench, token), status(200), control=True)
    active = introspected(bench, client, token)
    bench.expects("ID-10", active, includes("active", "true"), control=True)
    bench.advance("PT1M45S")
    yield bench.expects("ID-10", told_who(bench, token), status(200))
    bench.advance("PT20S")
    ended = told_who(bench, token)
    yield bench.expects("ID-10", ended, status(400, 401, 403), likely="end_not_checked")
    inactive = introspected(bench, client, token)
    yield bench.expects("ID-10", inactive, equals("active", "false"), likely="end_not_checked")
    late = exchanged(bench, client, token, _SCOPE)
    yield bench.expects("ID-10", late, status(400, 401, 403), likely="end_not_checked")
    bench.advance("PT20M")
    again = refreshed(bench, client, given.first("refresh_token"))
    yield bench.expects("ID-10", again, status(200))
    yield bench.expects("ID-10", told_who(bench, again.first("access_token")), status(200))
    bench.advance("PT2M5S")
    over = told_who(bench, again.first("access_token"))
    yield bench.expects("ID-10", over, status(400, 401, 403), likely="end_not_checked")
    bench.advance("PT27M")
    again = refreshed(bench, client, again.first("refresh_token"))
    yield bench.expects("ID-10", again, status(200))
    bench.advance("PT30M5S")
    late = refreshed(bench, client, again.first("refresh_token"))
    yield bench.expects("ID-10", late, status(400, 401, 403), likely="end_not_checked")
    yield bench.expects("ID-10", late, absent("access_token"), likely="end_not_checked")


@check(requirements=("ID-10",), needs=("create_professional", "advance_clock"), alone=True)
def session_of_professionals_ends(bench: Bench) -> Iterator[Assertion]:
    """Renewed again and again, a login of professionals ends after four hours."""
    client = registered(bench)
    given = logged_in(bench, client, bench.professional())
    bench.expects("ID-10", given, status(200), control=True)
    for _ in range(9):
        bench.advance("PT25M")
        given = refreshed(bench, client, given.first("refresh_token"))
        yield bench.expects("ID-10", given, status(200))
    bench.advance("PT14M")
    given = refreshed(bench, client, given.first("refresh_token"))
    yield bench.expects("ID-10", given, status(200))
    bench.advance("PT2M")
    late = refreshed(bench, client, given.first("refresh_token"))
    yield bench.expects("ID-10", late, status(400, 401, 403), likely="end_not_checked")
    yield bench.expects("ID-10", late, absent("access_token"), likely="end_not_checked")


@check(requirements=("ACC-01",), needs=NEEDS)
def token_for_another_server_opens_nothing(bench: Bench) -> Iterator[Assertion]:
    """The token of a login is for that login: the record asks for one of its own."""
    person = bench.person(age=29)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    client = registered(bench)
    given = logged_in(bench, client, reader)
    bench.expects("ACC-01", given, status(200), control=True)
    own = exchanged(bench, client, given.first("access_token"), _SCOPE)
    for answer in _asked_with(bench, own.first("access_token"), one):
        bench.expects("ACC-01", answer, status(200), control=True)
    for name in ("access_token", "id_token", "refresh_token"):
        token = given.first(name)
        if token:
            yield from _opens_nothing(bench, "ACC-01", token, one, "audience_not_checked")
    pages = found(bench, reader.who, person)
    yield bench.expects("ACC-01", pages, includes(UNIQUE_IDS, one.one.unique_id))
