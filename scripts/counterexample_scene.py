"""Servers on loopback, right and wrong, and the counterexamples that a check makes of them."""

import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from etalon_conformance.bench import Bench
from etalon_conformance.checking import registry
from etalon_conformance.concluding import Concluded, Examined, conclude, examine
from etalon_conformance.evidence import setting_of, write_counterexample
from etalon_conformance.impostors import transform_of
from etalon_conformance.requirement import Wire
from etalon_conformance.requirements import requirement_set
from etalon_conformance.verdicts import Verdict
from etalon_model.parameters import vintage
from etalon_server.clock import ManualClock
from etalon_server.listening import Endpoint, Tls, running
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_target.targets import Target, target_of
from etalon_target.throwaway_authority import AuthorityFiles
from etalon_wire.validation.validator import Validator

_VINTAGE = "steady-2023"


@contextmanager
def served(
    impostor: str = "", validator: Validator | None = None, files: AuthorityFiles | None = None
) -> Generator[str]:
    """Serve the reference, or an impostor, with its sandbox, on a thread; give its FHIR base.

    Args:
        impostor: Name of the impostor, or empty.
        validator: Checks resources against profiles; a new one when None.
        files: Certificates to answer over TLS with, or None.
    """
    host = Host(vintage(_VINTAGE), seed=1, clock=ManualClock(FIRST_INSTANTS[_VINTAGE]))
    desk = desk_of(host, Settings(sandbox=True), validator)
    transform = transform_of(impostor) if impostor else None
    tls = None if files is None else Tls(files.server, files.server, files.authority)
    with running(desk, Endpoint(tls=tls), transform=transform) as server:
        yield f"{server.address}/fhir"


@dataclass(frozen=True, slots=True)
class Broken:
    """A counterexample, and what it was made of.

    Attributes:
        folder: Where it is.
        concluded: The verdict.
        examined: What the check did.
        target: The target it was made against.
    """

    folder: Path
    concluded: Concluded
    examined: Examined
    target: Target


def broken_by(address: str, check: str, requirement: str, out: Path) -> Broken:
    """Run a check against a server known to be wrong, and write its counterexample.

    Raises:
        LookupError: The check finds nothing wrong.
    """
    with target_of(address) as target:
        examined = examine(Bench(target, registry()[check], seed=1))
        asked = requirement_set()[requirement]
        for one in conclude(examined, [asked], Wire.OFFICIAL, lambda _: True):
            if one.result.verdict in {Verdict.FAIL, Verdict.FINDING}:
                name = write_counterexample(out, one, asked, examined, setting_of(target))
                return Broken(out / "counterexamples" / name, one, examined, target)
    message = f"{check} finds nothing wrong with {requirement}: {examined.ended!r}"
    raise LookupError(message)


def ran(
    script: Path, address: str, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a script of a counterexample; return its exit code and what it said."""
    line = ["sh"] if script.suffix == ".sh" else [sys.executable, "-I"]
    known = {"PATH": "/usr/bin:/bin:/usr/local/bin", **(environment or {})}
    done = subprocess.run(
        [*line, str(script), address], capture_output=True, text=True, check=False, env=known
    )
    return done.returncode, done.stdout + done.stderr
