"""How a good service speaks: it joins a space with proof of its code, and renews both tokens.

Sources: RFC 6749 (4.1, 6), RFC 7636 (PKCE, S256), RFC 9700 (2.1); measures API v1.5.2 (an access
token and an identity token in every call).
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import replace
from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from etalon_conformance.app_scene import IDENTITY
from etalon_conformance.witness.players.connection import (
    BACK,
    Connection,
    Means,
    PlayerLost,
    resource_of,
)
from etalon_conformance.witness.players.habits import Habits
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_text.language import LANGUAGES
from etalon_text.strings import text

READ: Final = "read_measures"
WRITE: Final = "write_measures"
"""What a holder may consent to, as the page calls it."""
SCOPE: Final = "openid offline_access launch/patient purpose/care patient/Observation.cs"
_PENDING: Final = re.compile(r'name="pending" value="([^"]*)"')
_BOX: Final = re.compile(r'name="(use-\d+)"[^>]*>\s*<span>([^<]*)</span>')
_REFRESHES: Final = 4
_OK: Final = 200


class AppConnection(Connection):
    """The connection of a referenced service with the space of one holder.

    Attributes:
        patient: Under what name it knows the holder (idPe), or empty.
    """

    def __init__(self, means: Means, habits: Habits) -> None:
        """Join nobody."""
        super().__init__(means, habits)
        self.patient = ""
        self._identity = ""
        self._refresh = ""
        self._scope = frozenset[str]()

    def may(self, needed: str) -> bool:
        """Whether its token opens something, such as `patient/Observation.s`."""
        about, _, letter = needed.partition(".")
        granted = (one.partition(".") for one in self._scope)
        return any(found == about and letter in letters for found, _, letters in granted)

    def join(self, ins: str, uses: Collection[str]) -> None:
        """Have a holder log in, consent to some uses and to no other, and redeem the code.

        Raises:
            PlayerLost: It comes to nothing.
        """
        verifier = secrets.token_urlsafe(48)
        state = secrets.token_urlsafe(12) if self.habits.keeps("changes_state") else "state"
        page = self._shown(verifier, state)
        pending = _PENDING.search(page)
        form = {"pending": pending[1] if pending else ""}
        address = f"{self.means.root}/oauth2/authorize"
        told = self._posted(address, {**form, "step": "franceconnect", "ins": ins})
        boxes = _boxes(told.body.decode("utf-8", "replace"))
        chosen = {name: "yes" for use, name in boxes.items() if use in uses}
        told = self._posted(address, {**form, "step": "consents", **chosen})
        back = parse_qs(urlsplit(told.header("location")).query)
        if back.get("state") != [state]:
            message = f"no way back from the login: {told.status}"
            raise PlayerLost(message)
        code = back.get("code", [""])[0]
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        if not self._take(self._granted({**grant, "code_verifier": verifier})):
            message = "no token for the code"
            raise PlayerLost(message)
        self._renew = self.refresh

    def _shown(self, verifier: str, state: str) -> str:
        """Return the first page of a login."""
        digest = hashlib.sha256(verifier.encode()).digest()
        hashed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.means.client,
            "redirect_uri": BACK,
            "scope": SCOPE,
            "state": state,
        }
        if self.habits.keeps("proves_its_codes"):
            query |= {"code_challenge": hashed, "code_challenge_method": "S256"}
        if not self.habits.keeps("hashes_challenges"):
            query |= {"code_challenge": verifier, "code_challenge_method": "plain"}
        address = f"{self.means.root}/oauth2/authorize?{urlencode(query)}"
        page = self._answer(HttpRequest("GET", address, follows=False))
        return page.body.decode("utf-8", "replace")

    def refresh(self) -> None:
        """Have both tokens anew.

        Raises:
            PlayerLost: The pairing is over.
        """
        grant = {"grant_type": "refresh_token"}
        tries = 1 if self.habits.keeps("gives_up_refreshing") else _REFRESHES
        if any(
            self._take(self._granted({**grant, "refresh_token": self._refresh}))
            for _ in range(tries)
        ):
            return
        if self.habits.keeps("stops_when_over"):
            message = "the holder ended the pairing"
            raise PlayerLost(message)

    def _granted(self, form: dict[str, str]) -> HttpResponse:
        pair = f"{self.means.client}:{self.means.secret}"
        basic = base64.b64encode(pair.encode()).decode()
        address = f"{self.means.root}/oauth2/token"
        return self._posted(address, form, (("Authorization", f"Basic {basic}"),))

    def _take(self, answer: HttpResponse) -> bool:
        told = resource_of(answer)
        if answer.status != _OK or "access_token" not in told:
            return False
        self.bear(str(told["access_token"]))
        self.patient = str(told.get("patient") or self.patient)
        self._identity = str(told.get("id_token") or self._identity)
        self._refresh = str(told.get("refresh_token") or self._refresh)
        self._scope = frozenset(str(told.get("scope") or "").split())
        return True

    def _bearing(self, request: HttpRequest) -> HttpRequest:
        made = super()._bearing(request)
        kept = tuple(one for one in made.headers if one[0] != IDENTITY)
        if not self._identity or not self.habits.keeps("shows_identity"):
            return replace(made, headers=kept)
        return replace(made, headers=(*kept, (IDENTITY, self._identity)))


def _boxes(page: str) -> dict[str, str]:
    """Return the name of each box of the page by the use that it stands for."""
    known = {
        text(f"login.use.{use}", language): use for use in (READ, WRITE) for language in LANGUAGES
    }
    found = ((known.get(unescape(said)), name) for name, said in _BOX.findall(page))
    return {use: name for use, name in found if use is not None}
