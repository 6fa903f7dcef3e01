"""What a check asks of a target: calls, pages of a search, operations, all of it recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from etalon_conformance.exchanges import OPERATION, Exchange
from etalon_conformance.recording import RECORDING, Recording, observe
from etalon_target.cannot import CannotTest
from etalon_target.messages import (
    BELOW_ROOT,
    Certificate,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_target.old_tls import offered
from etalon_wire.json_body import Json, write_json

if TYPE_CHECKING:
    from collections.abc import Generator

    from etalon_target.actors import Who
    from etalon_target.operations import Performed
    from etalon_target.targets import Target
    from etalon_target.tokens import Token

T = TypeVar("T")

FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"
FORM: Final = "application/x-www-form-urlencoded"
JSON_PATCH: Final = "application/json-patch+json"
MOST_PAGES: Final = 100
"""Pages that are followed; one more shows that they do not end."""


class TransportSurprise(CannotTest):
    """A call had no answer that can be used.

    Attributes:
        exchange: The call.
        failure: Why there is no answer.
    """

    def __init__(self, exchange: Exchange, failure: TransportFailure) -> None:
        """Say why, and not where: one cause is told once."""
        super().__init__("cause.transport", kind=failure.kind)
        self.exchange = exchange
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Operated:
    """An operation that the target did or refused.

    Attributes:
        accepted: It was done; False when the target refused it.
        status: HTTP status, or exit code, of the last step.
        captures: What was taken out of the answers, by name.
        answer: The last answer over HTTP, or None.
        exchange: What was seen of it; an expectation may look at its path `accepted`.
    """

    accepted: bool
    status: int
    captures: Mapping[str, Json]
    answer: HttpResponse | None
    exchange: Exchange


class Asking:
    """Asks a target, and records all that goes over the wire meanwhile.

    Attributes:
        target: The system under test, reached.
        recording: The exchanges so far.
        before_each: Called before anything is asked; what it raises ends the check.
    """

    def __init__(self, target: Target) -> None:
        """Ask for nothing yet."""
        self.target = target
        self.recording = Recording()
        self.before_each: Callable[[], None] = lambda: None
        if observe not in target.observers:
            target.observers.append(observe)

    @contextmanager
    def recorded(self) -> Generator[None]:
        """Record what this thread asks of the target."""
        mark = RECORDING.set(self.recording)
        try:
            yield
        finally:
            RECORDING.reset(mark)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What went over the wire so far."""
        return tuple(self.recording.exchanges)

    def call(  # noqa: PLR0913 (the parts of a request)
        self,
        who: Who | None,
        verb: str,
        path: str,
        *,
        body: Json | bytes | None = None,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Sequence[tuple[str, str]] = (),
        accept: str = FHIR_JSON,
        content_type: str = FHIR_JSON,
        failing: bool = False,
        follows: bool = True,
        certificate: Certificate = "",
    ) -> Exchange:
        """Send a request in the name of somebody; None sends it without a token.

        Args:
            who: In whose name.
            verb: HTTP method.
            path: Below the FHIR base; or `root:/…`; or absolute. A token stays at the target.
            body: Its bytes, or what is to be written as JSON.
            form: What is to be written as a form; it stands for the body and its media type.
            headers: Further headers.
            accept: Media type wanted; empty for none.
            content_type: Media type of the body.
            failing: A surprise of the network is looked at, not raised.
            follows: GET and HEAD follow redirections.
            certificate: The client certificate that the connection shows.

        Raises:
            CannotTest: No token can be had; or there is no answer, and `failing` is not said.
        """
        content = _content(body, form)
        typed = FORM if form is not None else content_type
        given = {name.lower() for name, _ in headers}
        own = [("Accept", accept)] if accept and "accept" not in given else []
        if content is not None and typed and "content-type" not in given:
            own.append(("Content-Type", typed))
        url = self.absolute(path)
        request = HttpRequest(verb, url, (*own, *headers), content or b"", follows, certificate)
        exchange = self._sent(who if self._at_home(url) else None, request)
        if isinstance(exchange.answer, TransportFailure) and not failing:
            raise TransportSurprise(exchange, exchange.answer)
        return exchange

    def absolute(self, path: str) -> str:
        """Return the address of a path below the FHIR base, or below the root."""
        if path.startswith(BELOW_ROOT):
            return self.target.root + path.removeprefix(BELOW_ROOT)
        if path.startswith(("http://", "https://")):
            return path
        if path and not path.startswith(("/", "?")):
            path = f"/{path}"
        return self.target.fhir_base + path

    def pages(self, first: Exchange, who: Who | None) -> tuple[Exchange, ...]:
        """Return the pages of a search, the first one given, as the links `next` lead.

        They are followed as far as `MOST_PAGES`; where one leads to a page already seen, that page
        is asked once more and is the last: `distinct("url")` does not hold then.

        Raises:
            CannotTest: A page has no answer.
        """
        found = [self._paged(first, first)]
        asked = {first.request.url}
        while len(found) < MOST_PAGES and (link := found[-1].first("link[relation=next].url")):
            url = urljoin(f"{self.target.fhir_base}/", link)
            found.append(self._paged(self.call(who, "GET", url), first))
            if url in asked:
                break
            asked.add(url)
        return tuple(found)

    def _paged(self, page: Exchange, first: Exchange) -> Exchange:
        marked = replace(page, pages=first.number)
        self.recording.exchanges[page.number - 1] = marked
        return marked

    def operation(self, name: str, who: Who | None = None, /, **values: Json) -> Operated:
        """Have the target carry an operation of the model out, in the way of its profile.

        Raises:
            CannotTest: There is no way, or it neither does it nor refuses it.
        """
        self.before_each()
        before = len(self.recording.exchanges)
        with self.recorded():
            done = self.target.operations.perform(name, who, **values)
        return self._operated(name, who, done, before)

    def _sent(self, who: Who | None, request: HttpRequest) -> Exchange:
        self.before_each()
        before = len(self.recording.exchanges)
        with self.recorded(), self.recording.asking(who, request):
            answer = self.target.send(request) if who is None else self.target.send_as(who, request)
        last = self.recording.exchanges[-1] if len(self.recording.exchanges) > before else None
        if last is None or last.answer != answer:
            return self.recording.add(who, request, answer, control=False)
        return last

    def _operated(self, name: str, who: Who | None, done: Performed, before: int) -> Operated:
        seen_of_it = [
            place
            for place, one in enumerate(self.recording.exchanges)
            if place >= before and one.answer == done.answer
        ]
        if seen_of_it:
            place = seen_of_it[-1]
        else:
            request = HttpRequest(OPERATION, name)
            answer = HttpResponse(done.status, (), write_json(dict(done.captures)), 0.0, name)
            place = self.recording.add(who, request, answer, control=False).number - 1
        exchange = replace(self.recording.exchanges[place], who=who, accepted=done.accepted)
        self.recording.exchanges[place] = exchange
        return Operated(done.accepted, done.status, done.captures, done.answer, exchange)

    def offer(self, version: str) -> Exchange:
        """Offer the target an old version of TLS; `accepted` tells whether it takes it.

        Raises:
            CannotTest: It cannot be reached, or answers nothing in time.
        """
        self.before_each()
        address, limits = self.target.fhir_base, self.target.profile.limits
        try:
            told = offered(address, version, limits.seconds)
        except OSError as error:
            raise CannotTest(key="cause.transport", kind=type(error).__name__) from error
        answer = HttpResponse(200, (), write_json({"answered": told.said}), 0.0, address)
        request = HttpRequest(OPERATION, f"{version}, {urlsplit(address).netloc}")
        exchange = self.recording.add(None, request, answer, control=False)
        exchange = replace(exchange, accepted=told.is_taken)
        self.recording.exchanges[exchange.number - 1] = exchange
        return exchange

    def token(self, who: Who, certificate: Certificate = "") -> str:
        """Return a token of somebody; one that was asked for under a client certificate, if any.

        Raises:
            CannotTest: None can be had, or no such certificate is declared.
        """
        target = self.target
        tokens = target.bound_tokens[certificate] if certificate else target.tokens
        return self._aside(lambda: tokens.bearer(who))

    def held(self, who: Who) -> Token:
        """Return the token of somebody with all that came with it.

        Raises:
            CannotTest: None can be had.
        """
        return self._aside(lambda: self.target.tokens.held(who))

    def _aside(self, ask: Callable[[], T]) -> T:
        self.before_each()
        with self.recorded():
            return ask()

    def _at_home(self, url: str) -> bool:
        return _origin(url) in {_origin(self.target.fhir_base), _origin(self.target.root)}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _content(
    body: Json | bytes | None, form: Mapping[str, str] | Sequence[tuple[str, str]] | None
) -> bytes | None:
    if form is not None:
        return urlencode(list(form.items()) if isinstance(form, Mapping) else list(form)).encode()
    if body is None or isinstance(body, bytes):
        return body
    return write_json(body)
