"""A server with test people and an identity provider, asked in process: what its tests share."""

import asyncio
import base64
import json
import re
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.applications import Starlette

import in_process
from etalon_model import Service, vintage
from etalon_model.parameters import Parameters
from etalon_model.professionals import Professional, professional_numbered
from etalon_model.sandbox import Sandbox
from etalon_model.states import State
from etalon_server.application import create_app
from etalon_server.clock import ManualClock
from etalon_server.exchange import Desk
from etalon_server.identity.accounts import default_login, default_password
from etalon_server.identity.clients import SANDBOX_CLIENT
from etalon_server.identity.provider import Identity
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_wire.validation.validator import Validator
from in_process import asked

SEED: Final = 7
ADDRESS: Final = "http://etalon.test"
CALLBACK: Final = "http://127.0.0.1:4321/callback"
FIRST: Final = datetime(2022, 2, 1, 9, tzinfo=UTC)
LAUNCH: Final = vintage("launch-2022")
VALIDATOR: Final = Validator()
PEOPLE_SCOPE: Final = "openid patient/DocumentReference.rs patient/Patient.r"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 (a name)


T = TypeVar("T")


class Reply(in_process.Reply):
    """What the server answered."""

    @property
    def json(self) -> dict[str, Any]:
        """The object of the body."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def field(self, name: str) -> str:
        """The value of a hidden field of a page."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        if found is None:
            raise UnexpectedAnswerError(self)
        return found[1]

    @property
    def answer(self) -> dict[str, str]:
        """The parameters that a redirection brings back."""
        if self.status != HTTPStatus.SEE_OTHER or not self.headers["location"].startswith(CALLBACK):
            raise UnexpectedAnswerError(self)
        return {k: v[0] for k, v in parse_qs(urlsplit(self.headers["location"]).query).items()}


class UnexpectedAnswerError(Exception):
    """The server answered something else than what a scene needs."""

    def __init__(self, reply: Reply) -> None:
        """Show what it answered."""
        super().__init__(f"{reply.status} {dict(reply.headers)} {reply.body[:600]!r}")


@dataclass
class Scene:
    """A server and a clock that moves by hand."""

    now: datetime = FIRST
    parameters: Parameters = LAUNCH
    people: Sandbox = field(init=False)
    host: Host = field(init=False)
    identity: Identity = field(init=False)
    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        """Start it, with nobody."""
        self.people = Sandbox(self.parameters, seed=SEED, now=self.now)
        self.clock = ManualClock(self.now)
        self.host = Host(self.parameters, seed=SEED, clock=self.clock)
        self.host.service = self.people.service
        self.identity = Identity(self.host, ADDRESS)
        desk = Desk(self.host, Settings(public_address=ADDRESS), VALIDATOR, self.identity)
        self.app = create_app(desk)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something, in a loop of its own."""
        return asyncio.run(work)

    def close(self) -> None:
        """Let go of what the server opened."""
        self.run(self.host.close())

    @property
    def service(self) -> Service:
        """The service."""
        return self.people.service

    def person(
        self, *representatives: str, active: bool = True, born: date = date(1980, 5, 17)
    ) -> str:
        """Make somebody, with an activated space unless told otherwise."""
        ins = self.people.person(*representatives, born=born)
        self.people.bring(ins, State.OPEN_ACTIVE if active else State.NOTIFIED)
        self.clock.start_at(self.people.now)
        return ins

    def wait(self, period: timedelta) -> None:
        """Let time pass."""
        self.clock.advance(period)

    def ask(
        self,
        verb: str,
        path: str,
        form: Mapping[str, str] | bytes | None = None,
        certificate: str = "",
        **headers: str,
    ) -> Reply:
        """Ask the server something."""
        body = form if isinstance(form, bytes) else urlencode(form or {}).encode()
        sent = {"content-type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.run(asked(self.app, verb, path, body, sent, certificate))
        return Reply(reply.status, reply.headers, reply.body)

    def register(self, **metadata: object) -> dict[str, Any]:
        """Register a confidential client."""
        said = {"client_name": "Logiciel", "redirect_uris": [CALLBACK]} | metadata
        body = json.dumps(said).encode()
        answer = self.ask("POST", "/oauth2/register", body, content_type="application/json")
        if answer.status != HTTPStatus.CREATED:
            raise UnexpectedAnswerError(answer)
        return answer.json

    def first_page(self, realm: str = "/oauth2", **changes: str) -> "LoginPage":
        """Send somebody to log in; return the page they see."""
        return LoginPage.seen(self, realm, changes)

    def people_tokens(self, ins: str, **changes: str) -> dict[str, Any]:
        """Log a person in through FranceConnect+ and return what the code is worth."""
        page = self.first_page(**changes)
        reply = page.send("franceconnect", ins=ins)
        return page.redeem(reply).json

    def professional_tokens(
        self, client: Mapping[str, Any], who: Professional, certificate: str = "", **form: str
    ) -> dict[str, Any]:
        """Log a professional in and return what the code is worth."""
        page = self.first_page("/oauth2/psc", client_id=client["client_id"])
        reply = page.send("professional", professional=who.rpps, **form)
        return page.redeem(reply, client, certificate=certificate).json

    def exchange(
        self, client: Mapping[str, Any], subject: str, certificate: str = "", **form: str
    ) -> Reply:
        """Exchange a token of a professional for one of the service."""
        asked = {
            "grant_type": EXCHANGE,
            "subject_token": subject,
            "subject_token_type": ACCESS_TOKEN,
            "scope": "user/DocumentReference.rs",
        } | form
        return self.ask("POST", "/oauth2/token", asked, certificate, **basic(client))


@dataclass
class LoginPage:
    """A login under way, as a browser and an application live it."""

    scene: Scene
    realm: str
    asked: dict[str, str]
    verifier: str
    shown: Reply

    @classmethod
    def seen(cls, scene: Scene, realm: str, changes: Mapping[str, str]) -> "LoginPage":
        """Open the first page."""
        verifier = secrets.token_urlsafe(48)
        asked = {
            "client_id": SANDBOX_CLIENT,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": PEOPLE_SCOPE,
            "state": "s-1",
            "nonce": "n-1",
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        if realm.endswith("psc"):
            asked |= {"scope": "openid scope_all", "acr_values": "eidas1"}
        asked = {k: v for k, v in (asked | dict(changes)).items() if v}
        shown = scene.ask("GET", f"{realm}/authorize?{urlencode(asked)}")
        return cls(scene, realm, asked, verifier, shown)

    def send(self, step: str, **form: str) -> Reply:
        """Send the form of a page."""
        sent = {"pending": self.shown.field("pending"), "step": step, **form}
        return self.scene.ask("POST", f"{self.realm}/authorize", sent)

    def log_in(self, ins: str, password: str = "") -> Reply:
        """Send the identifier and the password of somebody who chose none."""
        person = self.scene.service.person(ins).identity
        known = password or default_password(person)
        return self.send("password", login=default_login(ins), password=known)

    def redeem(
        self,
        reply: Reply,
        client: Mapping[str, Any] | None = None,
        certificate: str = "",
        changes: Mapping[str, str] | None = None,
    ) -> Reply:
        """Give the code of a redirection for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": reply.answer["code"],
            "redirect_uri": self.asked["redirect_uri"],
            "code_verifier": self.verifier,
        }
        headers = {} if client is None else basic(client)
        if client is None:
            form["client_id"] = self.asked["client_id"]
        form = {k: v for k, v in (form | dict(changes or {})).items() if v}
        return self.scene.ask("POST", f"{self.realm}/token", form, certificate, **headers)


def challenge_of(verifier: str) -> str:
    """The challenge of a verifier (PKCE, S256)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def basic(client: Mapping[str, Any]) -> dict[str, str]:
    """The header by which a confidential client says which one it is."""
    if "client_secret" not in client:
        return {}
    known = f"{client['client_id']}:{client['client_secret']}".encode()
    return {"authorization": f"Basic {base64.b64encode(known).decode()}"}


def doctor(rank: int = 0) -> Professional:
    """A test doctor."""
    return professional_numbered(SEED, "10", rank)
