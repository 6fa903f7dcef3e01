"""The tables of a profile."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

from etalon_model.actors import ActorKind
from etalon_model.identifiers import InsOid, is_matricule
from etalon_model.states import State
from etalon_target.matricules import PRODUCTION
from etalon_target.profile_checks import (
    Address,
    Headers,
    ProxyAddress,
    SecretReference,
    Statuses,
    Texts,
)

Kind = Annotated[ActorKind, Strict(strict=False)]


class Section(BaseModel):
    """A table: unknown keys are refused, and no value is bent into another."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, validate_by_name=True
    )


class About(Section):
    """What the target is, and what it claims to do.

    Attributes:
        name: What reports call it.
        claims: Suites and requirements it claims; empty for what its own description says.
        not_applicable: Requirements declared not applicable, each with its reason.
        own_wire: It speaks the operations of our own wire (`$mes-…`), as mapped by its vendor.
    """

    name: str = Field(min_length=1)
    claims: Texts = ()
    not_applicable: Mapping[str, str] = {}
    own_wire: bool = False


class Addresses(Section):
    """Where the target answers.

    Attributes:
        fhir: Base of FHIR.
        root: What stands above it, where identity is; the base without `/fhir` when not given.
        sandbox: Controls like those of our own sandbox.
    """

    fhir: Address
    root: Address = ""
    sandbox: Address = ""


class Limits(Section):
    """How much one exchange may take."""

    seconds: float = Field(default=30.0, gt=0, le=600)
    bytes: int = Field(default=32 * 1024 * 1024, ge=1024, le=1024 * 1024 * 1024)
    redirects: int = Field(default=3, ge=0, le=20)


class CertificateSection(Section):
    """A client certificate: PEM, or PKCS#12 without `key`."""

    certificate: str = Field(min_length=1)
    key: str = ""
    password: SecretReference = ""


class TlsSection(Section):
    """Whom to trust, and the certificate to show: PEM, or PKCS#12 without `key`.

    Attributes:
        ca_bundle: Authorities trusted instead of those of the system, PEM.
        certificate: The client certificate that every request shows.
        key: Its private key, where it stands apart.
        password: Where the password of the key is.
        verified: The certificate of the server is verified.
        second: That of another client: what is bound to the first must not be good under it.
    """

    ca_bundle: str = ""
    certificate: str = ""
    key: str = ""
    password: SecretReference = ""
    verified: bool = True
    second: CertificateSection | None = None


class ProxySection(Section):
    """The proxy on the way, or `none`; without this table the environment says."""

    address: ProxyAddress
    user: str = ""
    password: SecretReference = ""
    direct: str = ""


class MailSection(Section):
    """Where mail is given to the target, and where a copy of what it sends is found.

    Attributes:
        smtp: Where it takes mail, `host:port`.
        maildir: A Maildir with the mail that reaches the test professionals.
        patience: How long an answer by mail is waited for (seconds).
    """

    smtp: str = Field(pattern=r"^[^\s:/]+:[0-9]{1,5}$")
    maildir: str = Field(min_length=1)
    patience: float = Field(default=30.0, gt=0, le=600)


class MetricsSection(Section):
    """Where the target tells how much it works, for load tests.

    Attributes:
        addresses: Of pages in the text format of Prometheus, one for each process, added up; or
            one of a Prometheus server, which ends in `/api/v1/query`.
        token: Where the token that these ask for is, or empty.
        cpu: Name of the counter of CPU seconds, or an expression for a Prometheus server.
        memory: The same for the memory in use (bytes), or empty.
        answers: The same for the requests answered, or empty.
    """

    addresses: Annotated[tuple[Address, ...], Strict(strict=False), Field(min_length=1)]
    token: SecretReference = ""
    cpu: str = Field(default="process_cpu_seconds_total", min_length=1)
    memory: str = "process_resident_memory_bytes"
    answers: str = ""


class FixedToken(Section):
    """A token that somebody else obtained."""

    source: Literal["fixed"]
    token: Annotated[SecretReference, Field(min_length=1)]


class CommandToken(Section):
    """A program that prints a token, or what a token endpoint answers."""

    source: Literal["command"]
    command: Annotated[Texts, Field(min_length=1)]
    seconds: float = Field(default=60.0, gt=0, le=600)


class ClientToken(Section):
    """What each grant of OAuth says of the client.

    Attributes:
        token_endpoint: Where tokens are asked for.
        client: Identifier of the client.
        secret: Where its secret is.
        proof: How it proves who it is: secret in the header, in the form, the client
            certificate of TLS, or not at all (a public client).
        scope: Scopes asked for, one space between two.
        parameters: Further parameters of the form.
    """

    token_endpoint: Address
    client: str = Field(min_length=1)
    secret: SecretReference = ""
    proof: Literal["basic", "post", "certificate", "none"] = "basic"
    scope: str = ""
    parameters: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _proves(self) -> Self:
        if self.proof in {"basic", "post"} and not self.secret:
            message = f'the key secret, or another proof than "{self.proof}"'
            raise ValueError(message)
        return self


class CredentialsToken(ClientToken):
    """Client credentials (RFC 6749, 4.4)."""

    source: Literal["client_credentials"]


class CodeToken(ClientToken):
    """An authorisation code in a browser, with PKCE, back on a loopback address (RFC 8252)."""

    source: Literal["authorization_code"]
    authorization_endpoint: Address
    redirect_path: str = Field(default="/", pattern=r"^/[A-Za-z0-9._~/-]*$")
    redirect_port: int = Field(default=0, ge=0, le=65535)
    seconds: float = Field(default=180.0, gt=0, le=3600)


class ExchangeToken(ClientToken):
    """Token exchange (RFC 8693): a token of another realm against one for this target.

    Attributes:
        subject: The source of the token given up: a key of `authentication`.
        subject_token_type: What that token is.
        audience: For whom the new one is, or empty.
        resource: For what, or empty.
    """

    source: Literal["token_exchange"]
    subject: str = Field(min_length=1)
    subject_token_type: str = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (a type)
    audience: str = ""
    resource: str = ""


TokenSource = Annotated[
    FixedToken | CommandToken | CredentialsToken | CodeToken | ExchangeToken,
    Field(discriminator="source"),
]


class Step(Section):
    """One thing to do for an operation: exactly one of `http`, `sandbox`, `command`, `python`.

    Attributes:
        http: Verb and address; `{name}` stands for a value.
        sandbox: Name of a control like those of our own sandbox.
        command: A program and its arguments, run without a shell.
        python: `module:function`, called with the values.
        actor: In which capacity it is asked (`as`); empty for the actor of the operation, `none`
            without a token.
        headers: Of the request.
        body: A text, or a table sent as JSON.
        form: Parameters of a form.
        accepted: Statuses, or exit codes, that say it is done.
        refused: Those that say the target refuses; any other is a surprise.
        capture: Values taken out of the answer: a JSON Pointer, or `header:NAME`.
        seconds: How long a program may take.
    """

    http: str | None = Field(default=None, pattern=r"^[A-Z]+ \S+$")
    sandbox: str | None = None
    command: Annotated[Texts, Field(min_length=1)] | None = None
    python: str | None = Field(default=None, pattern=r"^[\w.]+:[\w.]+$")
    actor: Kind | Literal["", "none"] = Field(default="", alias="as")
    headers: Headers = {}
    body: str | dict[str, object] | list[object] | None = None
    form: Mapping[str, str] | None = None
    accepted: Statuses | None = None
    refused: Statuses | None = None
    capture: Mapping[str, str] = {}
    seconds: float = Field(default=60.0, gt=0, le=600)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.http, self.sandbox, self.command, self.python)
        if sum(way is not None for way in ways) != 1:
            message = "exactly one of http, sandbox, command, python"
            raise ValueError(message)
        if self.body is not None and self.form is not None:
            message = "either body or form"
            raise ValueError(message)
        for name, where in self.capture.items():
            if where and not where.startswith(("/", "header:")):
                message = f"for {name}: a JSON Pointer like /entry/0/id, or header:NAME"
                raise ValueError(message)
        return self


class NamedPerson(Section):
    """A test person that the target has already.

    Attributes:
        name: What messages call them.
        ins: Matricule, of tests.
        oid: The OID it goes with, of tests or of demonstration.
        state: Where their space stands.
        since_days: For how many days it has stood there, when that is known.
        guardian: Name of the person who represents them, or empty.
        code: A provisional code that can be used, or empty.
        token: Where a token of theirs comes from.
    """

    name: str = Field(min_length=1)
    ins: str
    oid: str = InsOid.TEST.value
    state: Annotated[State, Strict(strict=False)]
    since_days: int | None = Field(default=None, ge=0)
    birth_date: date
    sex: Literal["F", "M"]
    department: str = ""
    family: str = ""
    given: str = ""
    guardian: str = ""
    code: str = ""
    vitale_serial: str = ""
    token: TokenSource | None = None

    @model_validator(mode="after")
    def _is_of_tests(self) -> Self:
        allowed = [oid.value for oid in InsOid if oid not in PRODUCTION]
        if self.oid not in allowed:
            message = f"an oid of tests ({', '.join(allowed)}): no person of production"
            raise ValueError(message)
        if not is_matricule(self.ins):
            message = "in ins a matricule of 15 characters with its key"
            raise ValueError(message)
        return self


class NamedProfessional(Section):
    """A test professional that the target has already."""

    name: str = Field(min_length=1)
    rpps: str = Field(pattern=r"^[0-9]{11}$")
    profession: str = "10"
    family: str = ""
    given: str = ""
    structure: str = ""
    token: TokenSource | None = None
