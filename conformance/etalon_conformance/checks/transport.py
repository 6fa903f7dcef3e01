"""The connection itself: versions of TLS, and tokens that are bound to a client certificate."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import excludes, includes, refused, status
from etalon_conformance.forgeries import claims_of
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, query
from etalon_conformance.rights_scene import NOT_TAKEN, never_kept
from etalon_conformance.seeing import NOT_SHOWN, Kept, kept, shown_too
from etalon_conformance.specimens import specimen
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.messages import Certificate
from etalon_target.showing import FIRST, SECOND

_DENIED: Final = (400, *NOT_SHOWN)
_THUMBPRINT: Final = "x5t#S256"


def _over_tls(bench: Bench) -> None:
    """Go on where the target is reached over TLS.

    Raises:
        CannotTest: It is not.
    """
    if not bench.target.fhir_base.startswith("https://"):
        raise CannotTest(key="cause.no_tls")


@check(requirements=("W-SEC-01", "ID-12"))
def old_versions_of_tls_are_refused(bench: Bench) -> Iterator[Assertion]:
    """The server goes on with TLS 1.2 or 1.3, and with no older version."""
    _over_tls(bench)
    current = bench.call(None, "GET", "metadata")
    for requirement in ("W-SEC-01", "ID-12"):
        yield bench.expects(requirement, current, status(200, *_DENIED), control=True)
    for version in ("TLS 1.1", "TLS 1.0", "SSL 3.0"):
        answer = bench.offer(version)
        for requirement in ("W-SEC-01", "ID-12"):
            yield bench.expects(requirement, answer, refused(), likely="old_tls_taken")


@check(requirements=("W-SEC-03",), needs=NEEDS)
def token_of_another_certificate_opens_nothing(bench: Bench) -> Iterator[Assertion]:
    """A token bound to a client certificate opens the record under that one, and no other."""
    _over_tls(bench)
    bench.target.ways.check()
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, reader.who, one)
    bound: dict[Certificate, str] = {}
    for name in (FIRST, SECOND):
        bound[name] = _bound(bench, reader.who, name)
    for name, token in bound.items():
        search, *further = _asked(bench, token, one, name)
        own = includes(UNIQUE_IDS, one.one.unique_id)
        yield bench.expects("W-SEC-03", search, own, control=True)
        for answer in further:
            yield bench.expects("W-SEC-03", answer, status(200), control=True)
    likely = "certificate_not_compared"
    others: tuple[tuple[Certificate, str], ...] = ((SECOND, bound[FIRST]), (FIRST, bound[SECOND]))
    for name, token in others:
        for answer in _asked(bench, token, one, name):
            yield bench.expects("W-SEC-03", answer, status(*_DENIED), likely=likely)
            kept_back = excludes(UNIQUE_IDS, one.one.unique_id)
            yield bench.expects("W-SEC-03", answer, kept_back, likely=likely)
        given = specimen(bench, person, author)
        answer = bench.call(
            None,
            "POST",
            "",
            body=bundle(bench, [given]),
            headers=(("Authorization", f"Bearer {token}"),),
            certificate=name,
        )
        yield bench.expects("W-SEC-03", answer, status(*NOT_TAKEN), likely=likely)
        yield from never_kept(bench, "W-SEC-03", author.who, given)


def _bound(bench: Bench, who: Who, certificate: Certificate) -> str:
    """Return a token that says that it is bound to a certificate.

    Raises:
        CannotTest: It does not.
    """
    token = bench.token(who, certificate)
    confirmed = claims_of(token).get("cnf")
    if not isinstance(confirmed, dict) or _THUMBPRINT not in confirmed:
        raise CannotTest(key="cause.no_bound_token")
    return token


def _asked(bench: Bench, token: str, one: Kept, certificate: Certificate) -> tuple[Exchange, ...]:
    """Search, read and open a document with a token, under a certificate."""
    bearing = (("Authorization", f"Bearer {token}"),)
    search = f"DocumentReference?{query(one.person)}"
    return tuple(
        bench.call(None, "GET", place, headers=bearing, accept=accept, certificate=certificate)
        for place, accept in ((search, ""), (one.place, ""), (one.content, "*/*"))
        if place
    )
