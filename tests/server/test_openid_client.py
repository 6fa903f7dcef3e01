"""A certified OpenID client pairs an app, which reads a measure until it may not any more."""

import json
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from etalon_model import EnterMeasure, holder
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_server.clock import RealClock
from etalon_server.exchange import Desk
from etalon_server.identity.realms import API_TOKEN_LIFE
from etalon_server.listening import Endpoint, running
from etalon_server.settings import Settings
from etalon_wire.claims import Caller
from identity_scene import SEED, VALIDATOR
from node_packages import IndexUnreachableError, install, node_program
from pairing_scene import PairingScene

SOURCES: Final = Path(__file__).parent / "openid_client"
KILOGRAMS: Final = 71.5
ENDS_WITHIN: Final = 120

try:
    FOLDER = install("openid-client", SOURCES, "app.mjs")
except IndexUnreachableError as error:
    pytest.skip(str(error), allow_module_level=True)


@contextmanager
def served(scene: PairingScene) -> Generator[str]:
    """The server listens under the real clock: the client looks at lives by its own."""
    scene.host.clock = RealClock()
    scene.identity.address = ""
    desk = Desk(scene.host, Settings(), VALIDATOR, scene.identity)
    with running(desk, Endpoint()) as server:
        yield server.address


def told(scene: PairingScene, ins: str, address: str) -> dict[str, str]:
    """What the app needs to know, and what its holder does."""
    now = datetime.now(UTC)
    scopes = frozenset({"patient/Consent.u"})
    own = Caller(holder(ins), ins, scopes, "", "", now + API_TOKEN_LIFE)
    named = f"urn:oid:{SOLUTION}%7C{{idPe}}"
    return {
        "issuer": address,
        "client_id": scene.client["client_id"],
        "client_secret": scene.client["client_secret"],
        "ins": ins,
        "holder": scene.identity.mint(own, now, address).access_token,
        "measures": f"{address}/measures/fhir/Observation?subject.identifier={named}"
        f"&code={WEIGHT}&_sort=-date&_count=1",
        "pairing": f"{address}/pairings/{SOLUTION}",
    }


def found_by_app(asked: dict[str, str]) -> dict[str, Any]:
    """What the app prints; it ends well."""
    ran = subprocess.run(
        [node_program(), FOLDER / "app.mjs"],
        capture_output=True,
        check=False,
        cwd=FOLDER,
        encoding="utf-8",
        input=json.dumps(asked),
        timeout=ENDS_WITHIN,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.rule("CAT-07", "CAT-15")
@pytest.mark.requirement("W-CAT-01")
def test_an_app_reads_a_measure_until_its_pairing_ends() -> None:
    """By the holder's hand or its own, the next call fails; so does the next refresh."""
    now = datetime.now(UTC)
    months = timedelta(days=60)
    with closing(PairingScene(now=now - months, until=(now + months).date())) as scene:
        ins = scene.person()
        measured_at = scene.people.now
        entered = EnterMeasure(measured_at, holder(ins), ins, WEIGHT, measured_at, (KILOGRAMS,))
        scene.people.do(entered)
        with served(scene) as address:
            found = found_by_app(told(scene, ins, address))

    measure = {"status": 200, "values": [KILOGRAMS]}
    assert (found["read"], found["refreshed"], found["again"]) == (measure, measure, measure)
    assert (found["ended"]["status"], found["revoked"]["status"]) == (401, 401)
    assert (found["refusal"], found["introspected"]) == ("invalid_grant", False)
    assert "patient/Observation.s" in found["scope"].split()
    assert found["subject"] == opaque_identifier(SEED, ins, SOLUTION)
    assert ins not in json.dumps(found)
