# pyright: standard
"""Clients that others wrote log in, deposit and consult before the witness, which judges them.

What the witness finds of them is in `docs/guides/client.md`, and is what it finds here.
"""

import http.client
import importlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from etalon_cli.witness_running import Witness, serving, witness
from etalon_cli.witness_walking import Walk, by_operator, told_to_driver
from etalon_conformance.requirements import CURRENT, requirement_set
from etalon_conformance.verdicts import Verdict
from etalon_conformance.witness.players.connection import BACK
from etalon_conformance.witness.recorder import Arrival
from etalon_conformance.witness.scenario import Step, profiles
from etalon_conformance.witness.session import Session, Setting, Status
from etalon_conformance.witness.staging import Stage
from etalon_model.professionals import professional_numbered

CLIENTS = Path(__file__).parent / "clients"
STEPS = ("login", "deposit", "first-consult", "superseded")
PROFILE = replace(
    profiles()["lps"], steps=tuple(one for one in profiles()["lps"].steps if one.name in STEPS)
)


@dataclass
class Scene:
    """A witness with the people of its profile.

    Attributes:
        witness: The witness.
        stage: Its people.
        arrived: The session of the test under way.
    """

    witness: Witness
    stage: Stage
    arrived: list[Session]

    def session(self) -> Session:
        """A session that has not begun."""
        root = self.witness.address
        setting = Setting(
            profile=PROFILE,
            mode="driver",
            seed=1,
            version="0",
            addresses={"root": root, "fhir": f"{root}/fhir", "login": f"{root}/oauth2/psc"},
            identities=self.stage.identities(),
            matricules=self.stage.matricules,
        )
        self.arrived[:] = [Session(setting)]
        return self.arrived[0]

    def walk(self, session: Session) -> Walk:
        """A walk through it."""
        return Walk(
            session=session,
            witness=self.witness,
            stage=self.stage,
            requirements=requirement_set(CURRENT),
            step_seconds=60,
            is_interrupted=lambda: False,
            language="en",
        )


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One witness for the module."""
    arrived: list[Session] = []

    def keep(exchange: Arrival) -> None:
        arrived[0].arrived(exchange)

    one = witness(PROFILE, 1, keep)
    with serving(one) as running:
        made = running.set_stage([BACK])
        running.recorder.is_on = True
        yield Scene(running, made, arrived)


@contextmanager
def drivers() -> Iterator[None]:
    """Have drivers find what they share, as beside one another they do."""
    sys.path.insert(0, str(CLIENTS))
    try:
        yield
    finally:
        sys.path.remove(str(CLIENTS))


def walked(name: str, scene: Scene, run: Path) -> Session:
    """Walk a client through the session, as its driver does, in this process."""
    with drivers():
        software, driver = importlib.import_module("software"), importlib.import_module(name)
    session = scene.session()
    steps: Mapping[str, Any] = driver.STEPS

    def carry_out(walk: Walk, step: Step) -> Status:
        steps[step.name](software.Asked(told_to_driver(walk, step, str(run))))
        walk.look()
        return "done" if session.is_seen else "timed-out"

    scene.walk(session).through(carry_out)
    return session


def broken(session: Session) -> set[tuple[str, str]]:
    """The steps and requirements where something is broken."""
    return {
        (name, str(one["requirement"]))
        for name, step in session.walked.items()
        for one in step.verdicts
        if one["verdict"] in {Verdict.FAIL, Verdict.FINDING}
    }


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("fhirpy_driver", {("deposit", "W-CLI-01"), ("superseded", "W-CLI-10")}),
        ("fhirclient_driver", {("superseded", "W-CLI-10")}),
    ],
)
def test_the_witness_finds_of_a_foreign_client_what_the_guide_says(
    name: str, found: set[tuple[str, str]], scene: Scene, tmp_path: Path
) -> None:
    """Every step is recognised; a library that follows pages and sends FHIR passes on those."""
    session = walked(name, scene, tmp_path)

    assert {one.status for one in session.walked.values()} == {"done"}
    assert broken(session) == found
    assert session.problems == []
    passed = {
        str(one["requirement"])
        for step in session.walked.values()
        for one in step.verdicts
        if one["verdict"] == Verdict.PASS
    }
    assert {"W-SEC-02", "W-REC-20", "W-CLI-07"} <= passed


def test_a_driver_says_that_its_client_has_no_such_function() -> None:
    """Exit code 77, without loading its library."""
    told = json.dumps({"step": "break-glass"})

    ran = subprocess.run(
        [sys.executable, str(CLIENTS / "fhirpy_driver.py")],
        input=told,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (77, "no such function: break-glass\n")


def asked(scene: Scene, verb: str, path: str, body: str = "", **headers: str) -> int:
    """The status of an answer of the witness."""
    where = urlsplit(scene.witness.address)
    connection = http.client.HTTPConnection(where.netloc, timeout=20)
    connection.request(verb, path, body or None, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def token_of(scene: Scene, kind: str, **actor: str) -> str:
    """A token for somebody, by the controls of the sandbox, which no session records."""
    where = urlsplit(scene.witness.address)
    connection = http.client.HTTPConnection(where.netloc, timeout=20)
    body = json.dumps({"actor": {"kind": kind, **actor}})
    connection.request("POST", "/sandbox/tokens", body, {"Content-Type": "application/json"})
    told = json.loads(connection.getresponse().read())
    connection.close()
    return str(told["access_token"])


def _speak_otherwise(sent: bytes) -> Callable[[Scene], None]:
    def act(scene: Scene) -> None:
        where = urlsplit(scene.witness.address)
        with socket.create_connection((str(where.hostname), where.port or 0), timeout=10) as one:
            one.sendall(sent)
            one.shutdown(socket.SHUT_WR)
            one.recv(1000)

    return act


def _send_soap(scene: Scene) -> None:
    envelope = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>'
    asked(scene, "POST", "/xds/registry", envelope, **{"Content-Type": "application/soap+xml"})


def _send_garbage(scene: Scene) -> None:
    doctor = next(one for one in scene.stage.identities() if one["kind"] == "professional")
    token = token_of(scene, "professional", rpps=str(doctor["ident"]))
    who = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    for body in ("\x00\x7f{", '{"resourceType": 7, "entry": {"a": [' + "[" * 500, "null"):
        asked(scene, "POST", "/fhir", body, **who)
        asked(scene, "POST", "/fhir/DocumentReference", body, **who)
    asked(scene, "GET", "/fhir/DocumentReference?%ff=%zz&status=", **who)


def _mix_sessions(scene: Scene) -> None:
    stranger = professional_numbered(1, "60", 77).rpps
    token = token_of(scene, "professional", rpps=stranger)
    asked(scene, "GET", "/fhir/DocumentReference?status=current", Authorization=f"Bearer {token}")


def _flood(scene: Scene) -> None:
    for _ in range(8):
        asked(scene, "GET", "/fhir/metadata")


def _never_come(_scene: Scene) -> None:
    """Send nothing."""


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (_speak_otherwise(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), ""),
        (_speak_otherwise(b"MSH|^~\\&|LAB|A|DMP|B|20230601||ORU^R01|1|P|2.5\r\n\r\n"), ""),
        (_send_garbage, ""),
        (_send_soap, "soap"),
        (lambda scene: asked(scene, "GET", "/nothing/here"), "unknown_call"),
        (_mix_sessions, "stranger"),
        (_flood, "flood"),
        (_never_come, ""),
    ],
)
def test_a_client_that_is_no_such_client_is_told_and_harms_no_session(
    act: Callable[[Scene], object], problem: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS, HL7v2, garbage, SOAP, other paths, two sessions, a flood, silence: told."""
    if problem == "flood":
        monkeypatch.setattr("etalon_conformance.witness.recorder._MOST_A_SECOND", 2)
    scene.witness.recorder.flooded = 0
    session = scene.session()
    walk = replace(scene.walk(session), step_seconds=0.3)

    def carry_out(walk: Walk, _step: Step) -> Status:
        act(scene)
        return by_operator(walk, _step)

    stopped = walk.through(carry_out)

    assert not stopped
    assert {one.status for one in session.walked.values()} == {"timed-out"}
    assert {str(one["key"]) for one in session.problems} == ({problem} if problem else set())
    assert asked(scene, "GET", "/health") == 200
    wanted = {one.name: one.requirements for one in PROFILE.steps}
    assert not [
        (name, one["requirement"])
        for name, step in session.walked.items()
        for one in step.verdicts
        if one["verdict"] == Verdict.PASS and one["requirement"] in wanted[name]
    ]
