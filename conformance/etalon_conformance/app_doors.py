"""The doors of referenced services, one for each use of data, and what opens or shuts them.

No public text gives services an interface of documents or of agenda: those two doors are ours, and
are tried where a target speaks our wire.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import appointment, tomorrow
from etalon_conformance.app_scene import (
    READ,
    WRITE,
    Paired,
    Use,
    between,
    fed,
    searched,
    weight,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion
from etalon_conformance.exchanges import OPERATION, Exchange
from etalon_conformance.expectations import status
from etalon_conformance.several import under
from etalon_model.actors import ActorKind
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.catalogue import Use as Consented
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.people import TestProfessional
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Json, Resource, write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_model.identities import Identity
    from etalon_target.people import TestPerson

USES: Final[tuple[Use, ...]] = (
    READ,
    WRITE,
    ("agenda", "read"),
    ("agenda", "write"),
    ("documents", "read"),
)
"""Uses that have a door; services write documents through none."""
OPEN: Final = (200, 201)
CARE: Final = "care"


def documents_found(bench: Bench, who: Paired) -> Exchange:
    """Search the documents of the holder, as a service."""
    named = urlencode({"subject.identifier": f"urn:oid:{who.solution}|{who.patient}"})
    address = f"root:/documents/fhir/DocumentReference?{named}"
    return bench.call(None, "GET", address, headers=who.headers)


def appointments_found(bench: Bench, who: Paired) -> Exchange:
    """Search the appointments of the holder, as a service."""
    return bench.call(None, "GET", "Appointment", headers=who.headers)


def noted(bench: Bench, who: Paired, doctor: TestProfessional, hours: int = 0) -> Exchange:
    """Note an appointment of the holder, as a service."""
    start = tomorrow(bench) + timedelta(hours=hours)
    made = appointment(bench, who.person, doctor, start)
    actor: Json = {"type": "Patient", **who.subject}
    whole: Resource = {**made, "participant": [{"actor": actor, "status": "accepted"}]}
    return bench.call(None, "POST", "Appointment", body=whole, headers=who.headers)


def tried(bench: Bench, who: Paired, doctor: TestProfessional) -> Mapping[Use, Exchange]:
    """Try every door of the target, as a service."""
    doors: dict[Use, Callable[[], Exchange]] = {
        READ: lambda: searched(bench, who, *between(bench)),
        WRITE: lambda: fed(bench, who, weight(who, bench.now())),
    }
    if bench.target.speaks_own_wire:
        doors |= {
            ("agenda", "read"): lambda: appointments_found(bench, who),
            ("agenda", "write"): lambda: noted(bench, who, doctor),
            ("documents", "read"): lambda: documents_found(bench, who),
        }
    return {use: ask() for use, ask in doors.items()}


def open_are(  # noqa: PLR0913, PLR0917 (what is tried, by whom, and what is expected)
    bench: Bench,
    requirements: tuple[str, ...],
    who: Paired,
    doctor: TestProfessional,
    uses: Sequence[Use],
    shut: tuple[int, ...] = (403,),
) -> Iterator[Assertion]:
    """Of every door those of some uses are open to a service, and no other.

    The text of measures asks for 403; elsewhere what is not one's own may as well not be there.
    """
    for use, answer in tried(bench, who, doctor).items():
        hidden = shut if use in {READ, WRITE} else (*shut, 404)
        expected = status(*(OPEN if use in uses else hidden))
        yield from under(bench, requirements, answer, expected)


def consent_changed(bench: Bench, who: Paired, by: Who, uses: Sequence[Use]) -> Exchange:
    """Say anew what a service may do, as somebody in the space.

    Raises:
        CannotTest: No text says how, and the target does not speak our wire.
    """
    if not bench.target.speaks_own_wire:
        raise CannotTest(key="target.no_way", operation="give_consent")
    left = frozenset(
        Consented(CARE, ExchangeFamily(family), Direction(direction)) for family, direction in uses
    )
    wish = Wish("app-sharing", "permit" if left else "deny", who.solution, bench.now(), uses=left)
    body = consent_resource(_identity(who.person), wish)
    return bench.call(by, "POST", "Consent", body=body)


def _identity(person: "TestPerson") -> "Identity":
    from etalon_conformance.races.stage import identity_of  # noqa: PLC0415 (stages import scenes)

    return identity_of(person)


def renewed(bench: Bench, who: Paired, label: str) -> Paired:
    """Return a pairing with tokens that were asked for anew.

    Raises:
        CannotTest: None are given.
    """
    asked = Who(ActorKind.APP, who.solution, on_behalf_of=who.person.ins, label=label)
    token = bench.held(asked)
    if not (token.identity and token.patient):
        raise CannotTest(key="cause.no_identity_token", service=who.solution)
    return replace(who, access=token.access, identity=token.identity, patient=token.patient)


def told_by(bench: Bench, token: str) -> Exchange:
    """Return what a token says of its bearer, as an exchange to look at; `{}` of an opaque one."""
    said: Json = {}
    parts = token.split(".")
    try:
        middle = parts[1]
        said = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        pass
    headers = (("Content-Type", "application/json"),)
    answer = HttpResponse(200, headers, write_json(said), 0.0, "token")
    return bench.recording.add(None, HttpRequest(OPERATION, "token"), answer, control=False)
