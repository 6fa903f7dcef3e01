"""What a worker needs to speak to a target: addresses, files of TLS, proxy, sources of tokens.

It is written into `workload.json`, so that it holds no secret: where they are, as profiles say it.
Relative paths were made absolute; a worker of another machine needs the same files at the same
places, and the same variables of the environment.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from etalon_load.http_client import Client, FailedError
from etalon_load.proxying import Through, proof_of
from etalon_target.connecting import NO_OVERRIDES, Overrides
from etalon_target.messages import (
    Answer,
    FailureKind,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_target.profile_sections import TokenSource
from etalon_target.proxies import (
    DIRECT,
    Proxy,
    ProxyRefusedError,
    Route,
    is_loopback,
    route_from_environment,
    route_through,
)
from etalon_target.secrecy import SecretError, Secrets
from etalon_target.targets import Target
from etalon_target.tls import TlsError, TlsFiles, tls_context
from etalon_target.tokens import Sources, Tokens

_PORTS: Final = {"http": 80, "https": 443}


class TargetSpecError(ValueError):
    """A target that a worker cannot speak to; the message says why and holds nothing secret."""


@dataclass(frozen=True, slots=True)
class ProxySpec:
    """The proxy that a profile names; without one the environment of the worker says.

    Attributes:
        address: Its address, or `none` for a direct connection.
        user: Name it asks for, or empty.
        password: Where its password is, or empty.
        direct: Hosts reached direct, in the words of `no_proxy`.
    """

    address: str
    user: str = ""
    password: str = ""
    direct: str = ""


@dataclass(frozen=True, slots=True)
class TargetSpec:
    """A target as workers are told of it. Texts are empty where there is nothing.

    Attributes:
        name: What reports call it.
        kind: `embedded`, `address` or `profile`.
        fhir: The base of FHIR.
        root: What stands above it.
        sandbox: Address of the controls.
        own_wire: It takes the operations of our own wire.
        vintage: Of its rules, where its sandbox says.
        now: The instant it told when it was opened (ISO 8601), where its sandbox says.
        seconds: How long an exchange may take.
        bytes: How much an answer may hold.
        ca_bundle: Authorities trusted instead of the system's (PEM).
        certificate: Client certificate (PEM or PKCS#12).
        key: Its private key (PEM).
        password: Where the password of the key is.
        verified: The certificate of the target is verified.
        proxy: The proxy of the profile, or None.
        authentication: Where tokens come from, by kind of actor or by a name of the profile.
        labels: Where the token of somebody named in the profile comes from.
        folder: Where programs run and what `file:` starts from.
    """

    name: str
    kind: str
    fhir: str
    root: str
    sandbox: str = ""
    own_wire: bool = False
    vintage: str = ""
    now: str = ""
    seconds: float = 30.0
    bytes: int = 32 << 20
    ca_bundle: str = ""
    certificate: str = ""
    key: str = ""
    password: str = ""
    verified: bool = True
    proxy: ProxySpec | None = None
    authentication: Mapping[str, TokenSource] = field(default_factory=dict[str, TokenSource])
    labels: Mapping[str, TokenSource] = field(default_factory=dict[str, TokenSource])
    folder: str = ""

    @classmethod
    def of(cls, target: Target, overrides: Overrides = NO_OVERRIDES) -> Self:
        """Return what workers are told of a target that was reached.

        Args:
            target: It, reached.
            overrides: What the command line says of TLS.
        """
        profile, told = target.profile, target.sandbox or {}
        tls, proxy, folder = profile.tls, profile.proxy, profile.folder.resolve()
        own = overrides.certificate is None
        named = [(one.name, one.token) for one in profile.people]
        named += [(one.name, one.token) for one in profile.professionals]
        return cls(
            name=profile.name,
            kind=target.kind,
            fhir=target.fhir_base,
            root=target.root,
            sandbox=target.sandbox_address,
            own_wire=target.speaks_own_wire,
            vintage=str(told.get("vintage", "")),
            now=str(told.get("now", "")),
            seconds=profile.limits.seconds,
            bytes=profile.limits.bytes,
            ca_bundle=_absolute(folder, overrides.ca_bundle, tls.ca_bundle),
            certificate=_absolute(folder, overrides.certificate, tls.certificate),
            key=_absolute(folder, overrides.key, tls.key if own else ""),
            password=tls.password if own else overrides.password,
            verified=tls.verified,
            proxy=None if proxy is None else ProxySpec(**proxy.model_dump()),
            authentication=dict(profile.authentication),
            labels={name: token for name, token in named if token is not None},
            folder=str(folder),
        )

    def plain(self) -> dict[str, object]:
        """Return it as `workload.json` holds it."""
        return cast("dict[str, object]", _SPEC.dump_python(self, mode="json"))

    @property
    def has_our_pages(self) -> bool:
        """Whether people and professionals log in on pages like ours."""
        return self.own_wire and not self.authentication and not self.labels

    def opened(
        self, environment: Mapping[str, str] | None = None, time_scale: float = 1.0
    ) -> "Opened":
        """Return the way to the target; nothing is sent yet.

        Args:
            environment: Where `env:` secrets are; None for that of the process.
            time_scale: What the lives of tokens are divided by.

        Raises:
            TargetSpecError: A file of TLS, a proxy or a secret cannot be used.
        """
        secrets = Secrets(folder=Path(self.folder or "."), environment=environment)
        try:
            context = tls_context(self._files(secrets))
            return Opened(self, secrets, context, self._route(secrets), time_scale)
        except (TlsError, ProxyRefusedError, SecretError) as error:
            message = f"{self.name}: {error}"
            raise TargetSpecError(message) from error

    def _files(self, secrets: Secrets) -> TlsFiles:
        def path(named: str) -> Path | None:
            return Path(named) if named else None

        return TlsFiles(
            ca_bundle=path(self.ca_bundle),
            certificate=path(self.certificate),
            key=path(self.key),
            password=secrets.read(self.password),
            verified=self.verified,
        )

    def _route(self, secrets: Secrets) -> Route:
        """Return which way connections go.

        Raises:
            ProxyRefusedError: The proxy that the environment names is none that can be used.
            SecretError: Its password cannot be had.
        """
        proxy = self.proxy
        if is_loopback(urlsplit(self.fhir).hostname or "") or (proxy and proxy.address == "none"):
            return DIRECT
        route = route_from_environment()
        if proxy is not None:
            password = secrets.read(proxy.password)
            route = route_through(Proxy(proxy.address, proxy.user, password), proxy.direct)
        for one in route.proxies.values():
            secrets.redaction.add(one.password)
            if not one.address.startswith("http://"):
                message = "a proxy reached over TLS is not supported for loads: http://host:port"
                raise ProxyRefusedError(message)
        return route


_SPEC: Final = TypeAdapter(TargetSpec)


def spec_of(plain: object) -> TargetSpec:
    """Return the target that `TargetSpec.plain` wrote.

    Raises:
        TargetSpecError: It is no such object.
    """
    try:
        return _SPEC.validate_python(plain)
    except ValidationError as error:
        at = ".".join(str(part) for part in error.errors()[0]["loc"])
        message = f"the target of the workload is none: {at or 'it is no object'}"
        raise TargetSpecError(message) from None


class Opened:
    """The way to a target, for one worker.

    Attributes:
        spec: What is known of the target.
        redaction: Takes every secret out of what is written or shown.
        tokens: Where tokens come from.
        sandbox_address: Address of the controls, or empty.
    """

    def __init__(
        self,
        spec: TargetSpec,
        secrets: Secrets,
        context: ssl.SSLContext,
        route: Route,
        time_scale: float = 1.0,
    ) -> None:
        """Send nothing yet."""
        self.spec = spec
        self.redaction = secrets.redaction
        self.sandbox_address = spec.sandbox
        self._context = context
        self._route = route
        self._clients: dict[tuple[str, str, int], Client] = {}
        sources = Sources(spec.authentication, spec.labels, Path(spec.folder or "."))
        self.tokens = Tokens(sources, secrets, self, time_scale=time_scale)

    @property
    def fhir_base(self) -> str:
        """The base of FHIR."""
        return self.spec.fhir

    @property
    def root(self) -> str:
        """What stands above it."""
        return self.spec.root

    @property
    def sandbox(self) -> str:
        """Address of the controls that give tokens; empty where sources of the profile do."""
        return "" if self.spec.authentication or self.spec.labels else self.spec.sandbox

    def client(self, url: str = "") -> Client:
        """Return the connections to where an address leads; to the base of FHIR when empty."""
        parts = urlsplit(url or self.spec.fhir)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        place = (parts.scheme, host, port)
        if place not in self._clients:
            self._clients[place] = Client(
                host,
                port,
                self._context if parts.scheme == "https" else None,
                self.spec.seconds,
                self.spec.bytes,
                _through(self._route.proxy_for(url or self.spec.fhir)),
            )
        return self._clients[place]

    def send(self, request: HttpRequest) -> Answer:
        """Send a request whose address is absolute; redirections are not followed."""
        parts = urlsplit(request.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers)
        try:
            answer = self.client(request.url).send(
                request.verb, path, lines.encode("latin-1"), request.body
            )
        except FailedError as error:
            return TransportFailure(FailureKind.DROPPED, str(error), 0.0, maybe_applied=True)
        headers = tuple(
            (name.strip().lower(), value.strip())
            for name, colon, value in (
                line.partition(":") for line in answer.head.decode("latin-1").split("\r\n")[1:]
            )
            if colon
        )
        return HttpResponse(answer.status, headers, answer.body, 0.0, request.url)

    def close(self) -> None:
        """Close the connections that wait."""
        for client in self._clients.values():
            client.close()


def _through(proxy: Proxy | None) -> Through | None:
    if proxy is None:
        return None
    parts = urlsplit(proxy.address)
    return Through(parts.hostname or "", parts.port or 80, proof_of(proxy.user, proxy.password))


def _absolute(folder: Path, said: Path | None, named: str) -> str:
    """Return the path of a file as the command line says it, else as the profile does."""
    if said is not None:
        return str(said.resolve())
    return str(folder / named) if named else ""
