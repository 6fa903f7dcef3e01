"""A session of the witness that stands still: two steps judged, one under way, hostile traffic.

The tests of its page look at it, and so do the pictures of the guide.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from etalon_conformance.exchanges import Exchange
from etalon_conformance.requirement import Wire
from etalon_conformance.verdicts import Message, Result, Verdict
from etalon_conformance.witness.page import witness_page
from etalon_conformance.witness.scenario import Profile, profiles
from etalon_conformance.witness.session import Session, Setting
from etalon_conformance.witness.traffic import Witnessed
from etalon_model.actors import ActorKind
from etalon_model.parameters import vintage
from etalon_server.listening import running
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_target.actors import Who
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_wire.parts import Application, Codec, Deciding
from etalon_wire.validation.validator import Validator

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

BASE = "http://127.0.0.1:8080/fhir"
HOSTILE = "<script>document.title='taken'</script>"
"""What a client may put into an address; the page shows it and does nothing with it."""

AT = datetime(2023, 6, 1, 9, tzinfo=UTC)


def session_under_way() -> Session:
    """Return a session of the profile `lps` in its third step."""
    session = session_of(profiles()["lps"])
    first, second, third = session.setting.profile.steps[:3]
    for number, step in enumerate((first, second), start=1):
        session.begin(step)
        status = 201 if number == 1 else 403
        session.arrived(partial(_exchange, number, step.name, "/DocumentReference", status))
        session.pump()
        session.conclude(_verdicts(number, step.requirements), step.name)
        session.end("done")
    session.begin(third)
    session.arrived(partial(_exchange, 3, third.name, f"/{HOSTILE}", 404))
    session.pump()
    return session


def session_of(profile: Profile) -> Session:
    """Return a session of a profile that has not begun."""
    identities: list[dict[str, Json]] = [
        {
            "name": name,
            "kind": one.kind,
            "ident": f"{number:011}",
            "family": name.upper(),
            "given": "Camille",
        }
        for number, (name, one) in enumerate(profile.people.items(), start=1)
    ]
    setting = Setting(
        profile=profile,
        mode="operator",
        seed=1,
        version="0",
        addresses={"root": BASE.removesuffix("/fhir"), "fhir": BASE, "login": BASE},
        identities=identities,
        matricules={},
    )
    return Session(setting)


def _exchange(number: int, step: str, path: str, status: int) -> Witnessed:
    who = Who(ActorKind.PROFESSIONAL, "899700000017", profession="10")
    request = HttpRequest("GET", BASE + path, (), b"")
    answer = HttpResponse(status, (), b"", 0.012, BASE + path)
    exchange = Exchange(number, AT, who, request, answer)
    return Witnessed(exchange=exchange, step=step, base=BASE, began=0.0, ended=0.012, now=AT)


def _verdicts(number: int, requirements: tuple[str, ...]) -> list[Result]:
    verdict = Verdict.PASS if number == 1 else Verdict.FAIL
    return [
        Result(
            requirement=one,
            check="witness",
            verdict=verdict,
            wire=Wire.OFFICIAL,
            message=Message("verdict.pass"),
            exchanges=(number,),
        )
        for one in requirements
    ]


@dataclass(frozen=True, slots=True)
class Watched:
    """A session whose page is served.

    Attributes:
        session: The session.
        address: Address of its page.
    """

    session: Session
    address: str


@contextmanager
def watched() -> Generator[Watched]:
    """Serve the page of a session before a reference server while the block lasts."""
    session = session_under_way()
    before = witness_page(session)

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        return service, codec, before(app)

    desk = desk_of(Host(vintage("steady-2023"), seed=1), Settings(), Validator())
    with running(desk, transform=transform) as server:
        yield Watched(session, f"{server.address}/witness")
