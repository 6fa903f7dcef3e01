"""What drivers of foreign clients share: the step that was asked for, a login, a document to send.

Nothing here speaks FHIR: that is left to the library that is looked at.
"""

import http.client
import json
import re
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import randbits
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CANNOT = 77
"""What a driver exits with when its client cannot do a step."""

BACK = "http://127.0.0.1:4321/callback"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
SCOPES = "user/DocumentReference.crus user/Binary.r"
TWO_YEARS = timedelta(days=730)


@dataclass(frozen=True)
class Asked:
    """What the witness asks a driver for.

    Attributes:
        told: All of it.
    """

    told: dict[str, Any]

    @property
    def step(self) -> str:
        """Name of the step."""
        return str(self.told["step"])

    @property
    def fhir(self) -> str:
        """Address of FHIR."""
        return str(self.told["addresses"]["fhir"])

    def person(self, name: str) -> str:
        """A person, as a search names them."""
        who = self.told["identities"][name]
        return f"urn:oid:{who['oid']}|{who['ident']}"

    def patient(self) -> str:
        """The person of the step, as a search names them."""
        return self.person(self.told["people"][1])

    def current(self) -> dict[str, str]:
        """Parameters of a first search: the documents in force of the last two years."""
        since = (datetime.now(UTC) - TWO_YEARS).date()
        return {
            "patient.identifier": self.patient(),
            "status": "current",
            "date": f"ge{since.isoformat()}",
        }

    def document(self) -> dict[str, Any]:
        """A simplified publication for the person of the step."""
        # A step that the client cannot do is left before these are loaded.
        from etalon_conformance.witness.connecting.identities import kit_identities  # noqa: PLC0415
        from etalon_conformance.witness.connecting.samples import sample_documents  # noqa: PLC0415

        known = kit_identities(self.told["identities"].values(), 1)
        doctor, person = (
            next(one for one in known if one.name == name) for name in self.told["people"][:2]
        )
        at = datetime.now(UTC) - timedelta(hours=1)
        samples = sample_documents(person, doctor, randbits(32), at)
        sent: dict[str, Any] = json.loads(samples["simplified-publication.json"])
        return sent

    def token(self) -> str:
        """The token of the login step."""
        return (Path(self.told["run"]) / "driver-token").read_text(encoding="utf-8")


Act = Callable[[Asked], None]


def steps_of(deposit: Act, consult: Act, find: Act) -> dict[str, Act]:
    """The steps of `lps` that a client can do that deposits, consults and searches."""
    return {
        "login": log_in,
        "deposit": deposit,
        "deposit-error": deposit,
        "first-consult": consult,
        "surprises": consult,
        "superseded": consult,
        "expired-token": find,
        "too-many": find,
        "unavailable": find,
    }


def carry_out(steps: Mapping[str, Act]) -> None:
    """Do the step that was asked for on standard input."""
    one = asked(*steps)
    steps[one.step](one)


def asked(*steps: str) -> Asked:
    """Read what is asked for; end with 77 when it is none of the steps that a client can do."""
    one = Asked(json.load(sys.stdin))
    if one.step not in steps:
        sys.stderr.write(f"no such function: {one.step}\n")
        sys.exit(CANNOT)
    return one


def log_in(one: Asked) -> None:
    """Log the doctor in through the page of the sandbox, and keep a token of the service."""
    root, client = one.told["addresses"]["root"], one.told["client"]
    doctor = one.told["identities"][one.told["people"][0]]["ident"]
    asking = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": BACK,
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": f"{randbits(64):x}",
        "nonce": f"{randbits(64):x}",
    }
    psc = f"{root}/oauth2/psc"
    page = _opened(f"{psc}/authorize?{urlencode(asking)}").decode()
    pending = re.search(r'name="pending" value="([^"]*)"', page)
    assert pending is not None, page
    form = {"pending": pending[1], "step": "professional", "professional": doctor}
    back = _location(f"{psc}/authorize", form)
    code = parse_qs(urlsplit(back).query)["code"][0]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    subject = _token(f"{psc}/token", grant | client)
    exchange = {
        "grant_type": EXCHANGE,
        "subject_token": subject,
        "subject_token_type": ACCESS,
        "scope": SCOPES,
    }
    token = _token(f"{root}/oauth2/token", exchange | client)
    (Path(one.told["run"]) / "driver-token").write_text(token, encoding="utf-8")


def _location(address: str, form: dict[str, str]) -> str:
    """Where an answer to a form leads, which is not followed."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.netloc, timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", where.path, urlencode(form), kind)
    location = connection.getresponse().getheader("Location", "")
    connection.close()
    return location


def _token(address: str, form: dict[str, str]) -> str:
    return str(json.loads(_opened(address, urlencode(form).encode()))["access_token"])


def _opened(address: str, form: bytes | None = None) -> bytes:
    with urllib.request.urlopen(address, form) as answer:  # noqa: S310 (the witness says where)
        content: bytes = answer.read()
    return content
