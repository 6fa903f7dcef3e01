"""A server asked in process by people and professionals whose tokens are already issued."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from etalon_model import INSURER, Actor, ActorKind, Parameters, Service, State, vintage
from etalon_model.professionals import professional_numbered
from etalon_model.sandbox import Sandbox
from etalon_server.application import create_app
from etalon_server.clock import ManualClock
from etalon_server.exchange import Desk
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_wire.claims import Caller, actor_of, scopes_for
from etalon_wire.json_body import Json, Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.operations import INS_SYSTEMS
from etalon_wire.validation.validator import Validator
from in_process import Reply, asked

if TYPE_CHECKING:
    from starlette.types import ASGIApp

SEED: Final = 7
FIRST: Final = datetime(2022, 2, 1, 9, tzinfo=UTC)
LAUNCH: Final = vintage("launch-2022")

FHIR_JSON: Final = "application/fhir+json"
TEST_INS: Final = INS_SYSTEMS[2]
_AN_HOUR: Final = timedelta(hours=1)


class KnownCallers:
    """Knows callers by tokens handed out before, good for ever."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}

    def token(self, caller: Caller) -> str:
        """Hand a token out."""
        token = f"token-{len(self._callers)}"
        self._callers[token] = caller
        return token

    def caller_of(self, token: str, certificate: str, now: datetime) -> Caller | Fault:
        """Return who a token says."""
        del certificate, now
        return self._callers.get(token) or Fault("TOKEN_REFUSED", "no such token")

    def close(self) -> None:
        """Do nothing: nothing is on the disk."""


class RightsScene:
    """A service, test people, and a server over it.

    Attributes:
        people: Brings people to states, on the service of the server.
        desk: What handlers work with.
    """

    def __init__(
        self,
        parameters: Parameters = LAUNCH,
        first: datetime = FIRST,
        *,
        sandbox: bool = False,
        validator: Validator | None = None,
    ) -> None:
        """Start with nobody, at an instant (UTC); a validator of one's own when None is given."""
        self.people = Sandbox(parameters, seed=SEED, now=first)
        self.clock = ManualClock(first)
        host = Host(parameters, seed=SEED, clock=self.clock)
        host.service = self.people.service
        self._known = KnownCallers()
        self.desk = Desk(host, Settings(sandbox=sandbox), validator or Validator(), self._known)
        self.app: ASGIApp = create_app(self.desk)

    def close(self) -> None:
        """Let go of what the server keeps."""
        asyncio.run(self.desk.host.close())

    @property
    def service(self) -> Service:
        """The service."""
        return self.people.service

    def person(
        self,
        *representatives: str,
        state: State = State.OPEN_ACTIVE,
        born: date = date(1980, 5, 17),
    ) -> str:
        """Make somebody whose space stands somewhere; return their matricule."""
        ins = self.people.person(*representatives, born=born)
        self.people.bring(ins, state)
        self.clock.start_at(self.people.now)
        return ins

    def wait(self, period: timedelta) -> None:
        """Let time pass."""
        self.people.wait(period)
        self.clock.advance(period)

    def caller(self, actor: Actor, patient: str = "") -> Caller:
        """Return an actor with every scope of their capacity."""
        if not patient and actor.kind is ActorKind.HOLDER:
            patient = actor.ident
        scopes = frozenset(scopes_for(actor.kind))
        means = "psc" if actor.kind is ActorKind.PROFESSIONAL else ""
        return Caller(actor, patient, scopes, "client", "", self.clock.now(), means)

    def ask(
        self, caller: Caller | None, verb: str, path: str, body: bytes = b"", **headers: str
    ) -> Reply:
        """Ask the server something as somebody, or as nobody."""
        sent = {"accept": FHIR_JSON, "content-type": FHIR_JSON}
        if caller is not None:
            sent["authorization"] = f"Bearer {self._known.token(caller)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return asyncio.run(asked(self.app, verb, path, body, sent))

    def send(self, actor: Actor, verb: str, path: str, body: Json = None, of: str = "") -> Reply:
        """Ask something as an actor, in the name of `of` where they act for somebody."""
        sent = b"" if body is None else json.dumps(body).encode()
        return self.ask(self.caller(actor, of), verb, path, sent)

    def operate(self, actor: Actor, operation: str, *parts: Json, of: str = "") -> Reply:
        """Ask for an operation."""
        body: Resource = {"resourceType": "Parameters", "parameter": list(parts)}
        return self.send(actor, "POST", f"/fhir/Patient/${operation}", body, of)


def identified(ins: str, name: str = "patient") -> Json:
    """A parameter that names a person."""
    return {"name": name, "valueIdentifier": {"system": TEST_INS, "value": ins}}


def said(name: str, **value: Json) -> Json:
    """A parameter with its value."""
    return {"name": name, **value}


def treating(rank: int = 0, role: str = "") -> Actor:
    """A test doctor as the model names them."""
    return actor_of("professional", professional_numbered(SEED, "10", rank).idnps, "doctor", role)


def state_of(reply: Reply) -> str:
    """Where the space stands, as an answer says."""
    extensions = [one for one in reply.json["extension"] if one["url"].endswith(":space-state")]
    return str(extensions[0]["extension"][0]["valueCode"])


INSURER_ACTOR: Final = actor_of(INSURER.kind, INSURER.ident)
