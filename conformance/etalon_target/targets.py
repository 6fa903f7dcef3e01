"""A target: somebody's system, wherever it is, spoken to in one way.

Kinds: `embedded` (the reference server, a process of its own), `inprocess` (what the command line
hands over), an address, `python:module:factory`, or a profile file.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self

from etalon_target.actors import Who
from etalon_target.adapters import INSIDE, AdapterCarrier, adapter_made, factory_of
from etalon_target.clock import TargetClock
from etalon_target.connecting import Overrides, bounds_of, transport_of
from etalon_target.embedded import EmbeddedServer, NotStartedError
from etalon_target.messages import (
    BELOW_ROOT,
    Answer,
    Certificate,
    FailureKind,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_target.operations import Operations
from etalon_target.people import People
from etalon_target.post_places import declared_post, embedded_post
from etalon_target.profile import Profile, profile_of_address, read_profile
from etalon_target.profile_errors import ProfileError
from etalon_target.secrecy import Secrets
from etalon_target.showing import FIRST, SECOND, Showing, Ways, openers
from etalon_target.target_options import Options
from etalon_target.throwaway_authority import AuthorityFiles
from etalon_target.tokens import Sources, Tokens
from etalon_target.transport import Observer
from etalon_wire.interactions import FHIR

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

__all__ = ["Carrier", "Options", "Target", "UnreachableError", "target_of"]

Kind = Literal["embedded", "inprocess", "address", "python", "profile"]
_UNAUTHORISED: Final = 401
_READY: Final = 200
_REACHED: Final = frozenset(
    {FailureKind.TOO_LARGE, FailureKind.CUT_SHORT, FailureKind.MALFORMED, FailureKind.REDIRECTS}
)


class UnreachableError(Exception):
    """The target does not answer at all.

    Attributes:
        failure: What the network said, or None when the reference server did not start.
    """

    def __init__(self, address: str, failure: TransportFailure | None, problem: str = "") -> None:
        """Say where, and why."""
        self.failure = failure
        said = problem or (f"{failure.kind}: {failure.detail}" if failure is not None else "")
        super().__init__(f"{address}: {said}")


class Carrier(Protocol):
    """What carries requests: a transport, or an object of this process."""

    observers: list[Observer]
    ends_at: float

    def send(self, request: HttpRequest) -> Answer:
        """Send a request whose address is absolute."""
        ...

    def close(self) -> None:
        """Give up what is held."""
        ...


def target_of(asked: str, options: Options | None = None) -> "Target":
    """Return the target that is asked for, not opened yet.

    Args:
        asked: `embedded`, `inprocess`, an http(s) address, `python:module:factory`, or the path
            of a profile file.
        options: How it is spoken to.

    Raises:
        ProfileError: It is none of these, or its profile cannot be used.
    """
    options = options or Options()
    if asked == "embedded":
        profile = profile_of_address(f"{INSIDE}{FHIR}", "Étalon (embedded)")
        return Target("embedded", profile, options)
    if asked == "inprocess" and options.inprocess is not None:
        profile = profile_of_address(f"{INSIDE}{FHIR}", "Étalon (inprocess)")
        return Target("inprocess", profile, options, options.inprocess)
    if asked.startswith("python:"):
        factory = factory_of(asked)
        profile = profile_of_address(f"{INSIDE}{FHIR}", asked)
        return Target("python", profile, options, factory)
    if asked.startswith(("http://", "https://")):
        return Target("address", profile_of_address(asked), options)
    path = Path(asked)
    if not path.is_file():
        raise ProfileError(
            file="--target",
            path="",
            found=repr(asked),
            expected="embedded, an http:// or https:// address, python:module:factory, "
            "or the path of a profile file",
        )
    return Target("profile", read_profile(path), options)


class Target:
    """Somebody's system. May be used by several threads at once, once it is open.

    Attributes:
        kind: Which kind of target.
        profile: What is known of it.
        redaction: Takes every secret out of what is written or shown.
        observers: Told of every exchange, in order; add to it at any time.
        fhir_base: The base of FHIR.
        root: What stands above it.
        sandbox_address: Address of the controls, or empty.
        sandbox: What `GET /sandbox` said, or None.
        metadata: The answer to `GET /metadata` when it was opened, or None.
        ends_at: Instant of `time.monotonic` after which no exchange lasts.
        tokens: Where tokens come from.
        bound_tokens: Where those come from that are asked for under a client certificate.
        ways: The ways to it under each client certificate.
        operations: What it can be asked to do.
        clock: The clock it follows.
        people: Test people.
        post: How mail goes to it and comes from it, or None where it takes none.
    """

    def __init__(
        self,
        kind: Kind,
        profile: Profile,
        options: Options,
        factory: Callable[[], object] | None = None,
    ) -> None:
        """Open nothing yet.

        Raises:
            ProfileError: A file of TLS, a proxy or a secret it names cannot be used.
        """
        self.kind: Kind = kind
        self.profile = profile
        self.observers: list[Observer] = []
        self.sandbox: Mapping[str, Json] | None = None
        self.post = declared_post(profile)
        self.metadata: HttpResponse | None = None
        self.ends_at = inf
        secrets = Secrets(folder=profile.folder, environment=options.environment)
        self.redaction = secrets.redaction
        self._seed = options.seed
        self._factory = factory
        self._server = _embedded(options) if kind == "embedded" else None
        self._carrier: Carrier | None = None
        self._connect = partial(transport_of, profile, secrets=secrets)
        self._openers = partial(openers, profile, options.overrides, secrets)
        self._overrides = options.overrides
        self.ways = Ways({}, self._observed)
        if factory is None:
            self._carrier = self._connect(options.overrides)
        self._place(profile.addresses.fhir, profile.addresses.root, profile.addresses.sandbox)
        by_label = {one.name: one.token for one in profile.people if one.token}
        by_label |= {one.name: one.token for one in profile.professionals if one.token}
        sources = Sources(profile.authentication, by_label, profile.folder)
        tokens_of = partial(Tokens, sources, secrets, browse=options.browse)
        self.tokens = tokens_of(self)
        self.bound_tokens: Mapping[Certificate, Tokens] = {
            one: tokens_of(Showing(self, one)) for one in (FIRST, SECOND)
        }
        self.operations = Operations(self, profile.operations, secrets, profile.folder)
        self.clock = TargetClock(self.operations)
        self.people = People(
            self.operations,
            self.clock,
            profile.people,
            profile.professionals,
            str(options.seed),
            vanishes=kind in {"embedded", "inprocess"},
        )

    @property
    def speaks_own_wire(self) -> bool:
        """Whether it takes the operations of our own wire, by its profile or by its sandbox."""
        return self.profile.about.own_wire or "wires" in (self.sandbox or {})

    def __enter__(self) -> Self:
        """Reach it."""
        self.reach()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def launch(self) -> None:
        """Start what takes time to start, and wait for nothing: `reach` does."""
        if self._server is not None:
            self._server.launch()

    def reach(self) -> None:
        """Start what has to be started, and reach it.

        Raises:
            UnreachableError: Nothing answers.
            ProfileError: The factory of a Python target made nothing that answers.
        """
        try:
            self._start()
            self._ask_what_it_is()
        except BaseException:
            self.close()
            raise

    @property
    def is_durable(self) -> bool:
        """Whether it is a server of ours that keeps what happens: `restart` may be called."""
        return self._server is not None and self._server.is_durable

    def restart(self, away_seconds: float) -> None:
        """Kill an embedded server that keeps what happens, and start it again where it was.

        Args:
            away_seconds: How long nothing is started.

        Raises:
            UnreachableError: It does not begin to answer again.
            ValueError: The target is none.
        """
        if self._server is None:
            message = f"{self.kind}: only an embedded server is restarted from here"
            raise ValueError(message)
        try:
            told = self._server.restart(away_seconds)
            self.post = embedded_post(told, self.files)
            for one in (self.tokens, *self.bound_tokens.values()):
                one.forget_all()
        except NotStartedError as error:
            raise UnreachableError(address="embedded", failure=None, problem=str(error)) from error

    def close(self) -> None:
        """Close connections and stop what was started; again does nothing."""
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            carrier.close()
        self.ways.close()
        if self._server is not None:
            self._server.stop()

    def send(self, request: HttpRequest) -> Answer:
        """Send a request as it stands; its address may be relative, as `HttpRequest` says.

        Raises:
            CannotTest: It shows a client certificate, and none is declared.
        """
        carrier = self._carrier
        if carrier is None:
            detail = "the target is closed"
            return TransportFailure(FailureKind.UNSENDABLE, detail, 0.0, maybe_applied=False)
        request = replace(request, url=self._absolute(request.url))
        if request.certificate:
            return self.ways.send(request, self.ends_at)
        carrier.ends_at = self.ends_at
        return carrier.send(request)

    def send_as(self, who: Who, request: HttpRequest) -> Answer:
        """Send a request with the token of somebody; once more with a new one where it is refused.

        Raises:
            CannotTest: No token can be had.
        """
        held = self.tokens.held(who)
        answer = self.send(_bearing(request, held.access))
        refused = isinstance(answer, HttpResponse) and answer.status == _UNAUTHORISED
        if not refused or held.is_new:
            return answer
        self.tokens.forget(who, held.access)
        return self.send(_bearing(request, self.tokens.bearer(who)))

    def bearer(self, who: Who) -> str:
        """Return the token of somebody.

        Raises:
            CannotTest: None can be had.
        """
        return self.tokens.bearer(who)

    @property
    def process_id(self) -> int | None:
        """Identifier of the process of an embedded target, or None."""
        return None if self._server is None else self._server.process_id

    @property
    def files(self) -> AuthorityFiles | None:
        """Authority and certificates of an embedded target that answers over TLS, or None."""
        return None if self._server is None else self._server.files

    def _place(self, fhir: str, root: str, sandbox: str) -> None:
        self.fhir_base = fhir
        self.root = root or fhir.removesuffix(FHIR)
        self.sandbox_address = sandbox

    def _start(self) -> None:
        if self._server is not None:
            try:
                told = self._server.start()
            except NotStartedError as error:
                raise UnreachableError(
                    address="embedded", failure=None, problem=str(error)
                ) from error
            self._place(told.fhir, told.address, told.sandbox)
            self.post = embedded_post(told, self.files)
            if self._carrier is not None and self.files is not None:
                self._carrier.close()
                self._carrier = None
        elif self._factory is not None:
            self._carrier = self._made(self._factory)
        if self._carrier is None:
            authority = self.files and Overrides(ca_bundle=self.files.authority)
            self._carrier = self._connect(authority or self._overrides)
        self._carrier.observers.append(self._observed)
        if self.fhir_base.startswith("https://"):
            self.ways = Ways(self._openers(self.files), self._observed)

    def _made(self, factory: Callable[[], object]) -> AdapterCarrier:
        bounds = bounds_of(self.profile)
        return AdapterCarrier(adapter_made(factory, bounds), bounds)

    def _ask_what_it_is(self) -> None:
        """Ask what it is, and whether it has a sandbox like ours."""
        answer = self.send(HttpRequest("GET", "/metadata", (("Accept", "application/fhir+json"),)))
        if isinstance(answer, HttpResponse):
            self.metadata = answer
        elif answer.kind not in _REACHED:
            raise UnreachableError(self.fhir_base, answer)
        controls = self.sandbox_address
        if not controls and self.kind != "profile":
            controls = f"{self.root}/sandbox"
        if not controls:
            return
        answer = self.send(HttpRequest("GET", controls, (("Accept", "application/json"),)))
        told = answer.json() if isinstance(answer, HttpResponse) else None
        if isinstance(answer, HttpResponse) and answer.status == _READY and isinstance(told, dict):
            self.sandbox = told
            self.sandbox_address = controls

    def _absolute(self, url: str) -> str:
        if url.startswith(BELOW_ROOT):
            return self.root + url.removeprefix(BELOW_ROOT)
        if url.startswith(("http://", "https://")):
            return url
        return self.fhir_base + url

    def _observed(self, request: HttpRequest, answer: Answer) -> None:
        for observe in self.observers:
            observe(request, answer)


def _embedded(options: Options) -> EmbeddedServer:
    return EmbeddedServer(
        options.serve,
        options.seed,
        over_tls=options.over_tls,
        durable=options.durable,
        mail=options.mail,
    )


def _bearing(request: HttpRequest, token: str) -> HttpRequest:
    return replace(request, headers=(*request.headers, ("Authorization", f"Bearer {token}")))
