"""What a check works with: test people, calls, operations, the clock, and what it expects.

A bench serves one check over one target. All that goes over the wire meanwhile is recorded, in
order: what the check asks itself, and the tokens and controls that it takes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import UUID, uuid5

from etalon_conformance.checking import Assertion, Check, ControlBroken
from etalon_conformance.exchanges import OPERATION, Exchange
from etalon_conformance.expectations import Expectation, seen
from etalon_conformance.recording import RECORDING, Recording, observe
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.messages import (
    BELOW_ROOT,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_target.people import ADULT, TestPerson, TestProfessional, Wanted
from etalon_wire.json_body import Json, write_json

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from etalon_model.actors import ActorKind
    from etalon_target.operations import Performed
    from etalon_target.targets import Target

T = TypeVar("T")

FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"
FORM: Final = "application/x-www-form-urlencoded"
JSON_PATCH: Final = "application/json-patch+json"
MOST_PAGES: Final = 100
"""Pages that are followed; one more shows that they do not end."""

_NAMESPACE: Final = UUID("5d3b1e0c-98f1-4f0e-8a51-7f1f2a5d9c11")


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


Looked = Exchange | Operated | Sequence["Exchange | Operated"]
"""What an expectation may look at."""


class Bench:
    """What one check works with.

    Attributes:
        target: The system under test.
        check: The check.
        random: Chance, the same for the same seed and check.
        tag: What marks all that the check makes.
        recording: The exchanges so far.
        asserted: The assertions so far.
    """

    def __init__(self, target: Target, check: Check, seed: int, run: str = "") -> None:
        """Ask for nothing yet.

        Args:
            target: The system under test, reached.
            check: The check.
            seed: Of the run.
            run: What is this run's alone, so that identifiers are never those of a former one.
        """
        self.target = target
        self.check = check
        self.random = random.Random(f"{seed}/{check.name}")  # noqa: S311 (tests, no secret)
        self.tag = f"etalon-{seed}-{check.name}"
        self.recording = Recording()
        self.asserted: list[Assertion] = []
        self.before_each: Callable[[], None] = lambda: None
        self._run = f"{run or seed}/{check.name}"
        self._numbers = 0
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

    # People

    def person(  # noqa: PLR0913 (each is a trait of a person)
        self,
        state: State = State.OPEN_ACTIVE,
        *,
        age: int | None = ADULT,
        sex: str = "",
        department: str = "",
        guardian: TestPerson | None = None,
        since: int | None = None,
        email: bool = True,
        mobile: bool = True,
        alters: bool = True,
    ) -> TestPerson:
        """Return a test person who is as wanted, for this check alone where one can be made.

        Raises:
            CannotTest: There is nobody like that.
        """
        wanted = Wanted(
            state=state,
            age=age,
            sex=sex,
            department=department,
            guardian="" if guardian is None else guardian.ins,
            since=since,
            email=email,
            mobile=mobile,
            alters=alters,
            check=self.check.name,
        )
        return self._aside(lambda: self.target.people.person(wanted))

    def professional(self, code: str = "10") -> TestProfessional:
        """Return a professional of a profession, who has nothing to do with anybody yet.

        Raises:
            CannotTest: There is none.
        """
        return self._aside(lambda: self.target.people.professional(code, self.check.name))

    def treating(self, person: TestPerson, code: str = "10") -> TestProfessional:
        """Return a professional of the care team of somebody.

        Raises:
            CannotTest: There is none, or no way to make one take part.
        """
        professional = self.professional(code)
        self.relate("care_team", person, professional)
        return professional

    def relate(
        self, kind: str, person: TestPerson, who: TestPerson | TestProfessional | str
    ) -> None:
        """Relate somebody to a person, as in `care_team`, `consent`, `block` or `caregiver`.

        Raises:
            CannotTest: There is no way, or the target refuses.
        """
        done = self.operation(kind, None, holder=person.ins, who=_ident(who))
        if not done.accepted:
            raise CannotTest(key="cause.refused", operation=kind)

    def acting(self, kind: ActorKind, one: TestPerson, on_behalf_of: TestPerson) -> Who:
        """Return a person who acts on the space of another: representative or caregiver."""
        return Who(kind, one.ins, on_behalf_of=on_behalf_of.ins, label=one.label)

    # Calls

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
        request = HttpRequest(verb, url, (*own, *headers), content or b"", follows)
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

    # Time and chance

    def now(self) -> datetime:
        """Return the instant of the target (UTC).

        Raises:
            CannotTest: It does not tell.
        """
        return self._aside(self.target.clock.now)

    def advance(self, period: str) -> None:
        """Let a period pass, like `P42D`, in a check that runs alone.

        Raises:
            CannotTest: The clock cannot be moved.
            ValueError: The check does not run alone.
        """
        if not self.check.alone:
            message = f"{self.check.name} moves the clock: say alone=True"
            raise ValueError(message)
        self._aside(lambda: self.target.clock.advance(period))

    def unique_oid(self) -> str:
        """Return a `urn:oid:` that nothing else has: not even a former run with the same seed."""
        return f"urn:oid:2.25.{self.unique_uuid().int}"

    def unique_uuid(self) -> UUID:
        """Return a UUID that nothing else has: not even a former run with the same seed."""
        self._numbers += 1
        return uuid5(_NAMESPACE, f"{self._run}/{self._numbers}")

    # Expectations

    def expects(  # noqa: PLR0913 (what an assertion is made of)
        self,
        requirement: str,
        looked: Looked,
        expectation: Expectation,
        *,
        certain: bool = True,
        likely: str = "",
        control: bool = False,
    ) -> Assertion:
        """Hold an expectation against what was seen, under a requirement of the check.

        Args:
            requirement: Its identifier.
            looked: One exchange or operation, or several, whose values are joined.
            expectation: What is expected.
            certain: It is about the part of the requirement that is certain.
            likely: `likely.LIKELY` tells the likely cause of a breach.
            control: It shows that the check can see anything; it stops the check when broken.

        Raises:
            ControlBroken: It is a control, and does not hold.
            ValueError: The check does not name the requirement.
        """
        if requirement not in self.check.requirements:
            message = f"{self.check.name} does not name {requirement}"
            raise ValueError(message)
        exchanges = _exchanges(looked)
        assertion = Assertion(
            requirement=requirement,
            seen=seen(expectation, exchanges),
            expectation=expectation,
            exchanges=exchanges,
            certain=certain,
            likely=likely,
            control=control,
        )
        self.asserted.append(assertion)
        if control and not assertion.seen.holds:
            raise ControlBroken(assertion)
        return assertion

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

    def _aside(self, ask: Callable[[], T]) -> T:
        self.before_each()
        with self.recorded():
            return ask()

    def _at_home(self, url: str) -> bool:
        return _origin(url) in {_origin(self.target.fhir_base), _origin(self.target.root)}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _ident(who: TestPerson | TestProfessional | str) -> str:
    if isinstance(who, TestPerson):
        return who.ins
    return who.rpps if isinstance(who, TestProfessional) else who


def _content(
    body: Json | bytes | None, form: Mapping[str, str] | Sequence[tuple[str, str]] | None
) -> bytes | None:
    if form is not None:
        return urlencode(list(form.items()) if isinstance(form, Mapping) else list(form)).encode()
    if body is None or isinstance(body, bytes):
        return body
    return write_json(body)


def _exchanges(looked: Looked) -> tuple[Exchange, ...]:
    several = [looked] if isinstance(looked, Exchange | Operated) else looked
    return tuple(one.exchange if isinstance(one, Operated) else one for one in several)
