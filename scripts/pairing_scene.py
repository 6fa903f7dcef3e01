"""A server, a referenced service and its client, and people who pair: what tests of apps share."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from typing import Any, Final

from etalon_model import Use, caregiver, holder, professional, representative, vintage
from etalon_model.actors import INSURER
from etalon_model.catalogue.catalogue import ServiceState
from etalon_model.catalogue.referencing import MoveService, PublishVersion, publisher
from etalon_model.catalogue.rehearsal import AGREED_UNTIL, SOLUTION, USES, put_online
from etalon_model.parameters import Parameters
from etalon_server.identity.realms import API_TOKEN_LIFE
from etalon_wire.claims import Caller, scopes_for
from identity_scene import LoginPage, Reply, Scene, basic

SINCE: Final = datetime(2024, 3, 1, 9, tzinfo=UTC)
STEADY: Final = vintage("steady-2023")
FOREIGN: Final = "1.2.250.1.999.7.2"
"""Another solution, whose software does what no honest one does."""

EVERYTHING: Final = "openid offline_access launch/patient patient/*.crus"


@dataclass
class PairingScene(Scene):
    """A server whose catalogue holds two services, each with a client.

    Attributes:
        uses: The uses of data that both ask for.
        until: Last day of their agreements.
        client: The client of the first.
        foreign: That of the second.
    """

    now: datetime = SINCE
    parameters: Parameters = STEADY
    uses: tuple[Use, ...] = USES
    until: date = AGREED_UNTIL
    client: dict[str, Any] = field(init=False)
    foreign: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Start it, with nobody."""
        super().__post_init__()
        put_online(self.people, SOLUTION, uses=self.uses, until_on=self.until)
        put_online(self.people, FOREIGN, uses=self.uses, until_on=self.until)
        self.client = self.register(client_name="Carnet", solution=SOLUTION)
        self.foreign = self.register(client_name="Faux carnet", solution=FOREIGN)

    def consent_page(
        self, ins: str, client: dict[str, Any] | None = None, **changes: str
    ) -> "Page":
        """Log a person in with the software of a service; return what they are asked."""
        client = client or self.client
        asked = {"client_id": client["client_id"], "scope": EVERYTHING} | changes
        page = self.first_page(**asked)
        return Page(page, client, page.send("franceconnect", ins=ins))

    def pair(self, ins: str, *uses: Use, client: dict[str, Any] | None = None) -> dict[str, Any]:
        """Have a person consent to some uses and no other; return what the code is worth."""
        return self.consent_page(ins, client).redeemed(uses)

    def called(self, verb: str, path: str, headers: Mapping[str, str]) -> Reply:
        """Ask the server something with headers."""
        return self.ask(verb, path, None, "", **dict(headers))

    def publish(self, version: str) -> None:
        """Publish a new version of the service."""
        now = self.clock.now()
        self.people.do(PublishVersion(now, publisher(SOLUTION), "", SOLUTION, version))

    def move(self, state: str) -> None:
        """Have the insurer move the service to another state."""
        now = self.clock.now()
        self.people.do(MoveService(now, INSURER, "", SOLUTION, ServiceState(state)))

    def headers_of(self, who: str, ins: str, parent: str, tokens: dict[str, Any]) -> dict[str, str]:
        """Return the headers of a call about a space, by the relation of who asks to it."""
        if who == "nobody":
            return {}
        if who == "app":
            return app_headers(tokens)
        other = self.person()
        actors = {
            "holder": (holder(ins), ins),
            "other_holder": (holder(other), other),
            "representative": (representative(parent), ins),
            "false_caregiver": (caregiver(other), ins),
            "professional": (professional("899900000000", "doctor"), ""),
        }
        actor, patient = actors[who]
        now = self.clock.now()
        scopes = frozenset(scopes_for(actor.kind))
        caller = Caller(actor, patient, scopes, "", "", now + API_TOKEN_LIFE)
        return {"authorization": f"Bearer {self.identity.mint(caller, now).access_token}"}

    def refresh(self, tokens: dict[str, Any], **form: str) -> Reply:
        """Turn a refresh token of the service over."""
        asked = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **form}
        return self.ask("POST", "/oauth2/token", asked, **basic(self.client))


@dataclass
class Page:
    """The page on which somebody chooses what a service may do.

    Attributes:
        login: The login it ends.
        client: Whose.
        shown: What the browser shows.
    """

    login: LoginPage
    client: dict[str, Any]
    shown: Reply

    @property
    def boxes(self) -> dict[str, str]:
        """The name of each box by its text."""
        found = re.findall(
            r'name="(use-\d+)"[^>]*>\s*<span>([^<]*)</span>', self.shown.text, re.DOTALL
        )
        return {unescape(text): name for name, text in found}

    @property
    def ticked(self) -> set[str]:
        """The texts of the boxes that are ticked."""
        names = set(re.findall(r'name="(use-\d+)" value="yes" checked', self.shown.text))
        return {text for text, name in self.boxes.items() if name in names}

    def choose(self, uses: Iterable[Use]) -> Reply:
        """Tick what is consented to, and nothing else."""
        form = {self.boxes[text_of(use)]: "yes" for use in uses}
        return self.login.send("consents", **form)

    def redeemed(self, uses: Iterable[Use]) -> dict[str, Any]:
        """Choose, and give the code for tokens."""
        return self.login.redeem(self.choose(uses), self.client).json


def text_of(use: Use) -> str:
    """What a box says of a use."""
    return _TEXTS[f"{use.direction.value} {use.family.value}"]


def app_headers(tokens: dict[str, Any]) -> dict[str, str]:
    """The headers of a call of a service."""
    return {
        "authorization": f"Bearer {tokens['access_token']}",
        "id_token": tokens.get("id_token", ""),
    }


_TEXTS: Final = {
    "read documents": "Lire mes documents",
    "write documents": "Ajouter des documents à mon espace",
    "read agenda": "Lire mon agenda",
    "write agenda": "Écrire dans mon agenda",
    "read measures": "Lire mes mesures de santé",
    "write measures": "Ajouter des mesures de santé",
}
