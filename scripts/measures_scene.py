"""A service paired with somebody writes and searches measures: what tests of measures share."""

import json
from typing import Any, Final

from etalon_model import Use
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.rehearsal import SOLUTION
from identity_scene import SEED, Reply
from import_table import ROOT
from pairing_scene import FOREIGN, PairingScene, app_headers

EXAMPLES: Final = ROOT / "tests" / "wire" / "examples"
READ: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)
WRITE: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
FEED: Final = "/measures/fhir"
SEARCH: Final = "/measures/fhir/Observation"
LAST: Final = "&_sort=-date&_count=1"
ALL: Final = "&date=ge2022-01-01&date=le2024-12-31"
Body = dict[str, Any]


class Visit:
    """A service paired with somebody.

    Attributes:
        ins: Whose space it is.
        id_pe: As whom the service knows them.
        headers: Those of its calls.
    """

    def __init__(self, scene: PairingScene, *uses: Use, foreign: bool = False) -> None:
        """Pair the service, or the foreign one, for some uses."""
        self.scene = scene
        self.ins = scene.person()
        self.solution = FOREIGN if foreign else SOLUTION
        self.pair(uses, foreign=foreign)

    def pair(self, uses: tuple[Use, ...], *, foreign: bool = False) -> None:
        """Pair a service with the person."""
        client = self.scene.foreign if foreign else self.scene.client
        self.solution = FOREIGN if foreign else SOLUTION
        self.tokens = self.scene.pair(self.ins, *uses, client=client)
        self.headers = app_headers(self.tokens)
        self.id_pe = opaque_identifier(SEED, self.ins, self.solution)

    def example(self, name: str = "measure_feed") -> Body:
        """A bundle of ours about this person."""
        body: Body = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
        if body["resourceType"] == "Observation":
            request = {"method": "POST", "url": "Observation"}
            entry = {"fullUrl": f"urn:uuid:{'0' * 8}-0000-4000-8000-{'0' * 12}", "resource": body}
            body = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
            entry["request"] = request
        for entry in body["entry"]:
            if entry["resource"]["resourceType"] == "Observation":
                entry["resource"]["subject"] = {"identifier": self.identifier}
        return body

    @property
    def identifier(self) -> dict[str, str]:
        """How the service names the person."""
        return {"system": f"urn:oid:{self.solution}", "value": self.id_pe}

    def feed(self, body: Body | bytes, **headers: str) -> Reply:
        """Send a bundle."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", FEED, sent, **headers)

    def search(self, query: str, **headers: str) -> Reply:
        """Search the measures of this person."""
        named = f"subject.identifier=urn:oid:{self.solution}%7C{self.id_pe}"
        return self.ask("GET", f"{SEARCH}?{named}&{query}", b"", **headers)

    def ask(self, verb: str, path: str, body: bytes, **headers: str) -> Reply:
        """Ask the server something as the service."""
        media_type = {"content_type": "application/fhir+json"}
        return self.scene.ask(verb, path, body, "", **{**media_type, **self.headers, **headers})

    @property
    def log(self) -> list[str]:
        """What the log says of the calls of services: the code of a refusal, or nothing."""
        rows = self.scene.service.log(self.ins)
        return [row.deed.refused for row in rows if row.actor.kind == "app"]

    @property
    def count(self) -> int:
        """How many measures the space holds."""
        held = self.scene.service.person(self.ins).holdings
        return 0 if held is None or held.measures is None else len(held.measures.rows)


def observation(body: Body) -> Body:
    """The observation of a bundle."""
    found: Body = next(
        one["resource"] for one in body["entry"] if one["resource"]["resourceType"] != "Device"
    )
    return found
