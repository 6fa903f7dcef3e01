"""Referenced services of a sandbox: from the request to the catalogue, by the commands that exist.

The publisher, the commission, the minister and the insurer are played one after the other; what the
rules refuse is refused here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from etalon_model.actors import INSURER
from etalon_model.catalogue.catalogue import (
    Direction,
    EconomicModel,
    ExchangeFamily,
    Purpose,
    ServiceState,
    Use,
)
from etalon_model.catalogue.referencing import MoveService, RequestReferencing, publisher
from etalon_model.catalogue.rehearsal import USES, full_scores, steps_online
from etalon_model.outcomes import Refusal
from etalon_model.periods import paris_date
from etalon_server.exchange import Refused
from etalon_server.sandbox.form import Form
from etalon_server.service_host import Host
from etalon_wire.json_body import Json

ROOT: Final = "1.2.250.1.999.7"
"""Under which the solutions of a sandbox have their object identifiers: nobody owns it."""

VERSION: Final = "1.0"
_AGREED_FOR: Final = timedelta(days=3 * 365)
_EXCHANGES: Final = 2
_PURPOSES: Final = tuple(purpose.value for purpose in Purpose)
_FAMILIES: Final = tuple(family.value for family in ExchangeFamily)
_STATES: Final = tuple(state.value for state in ServiceState)
_DIRECTIONS: Final = tuple(direction.value for direction in Direction)


@dataclass(frozen=True, slots=True)
class ServiceAsked:
    """A service that a control asks for.

    Attributes:
        solution: Object identifier of the solution.
        title: Its name in the catalogue.
        uses: Uses of data it asks for.
        redirects: Where people are sent back after they logged in.
    """

    solution: str
    title: str
    uses: tuple[Use, ...]
    redirects: tuple[str, ...]


def service_asked(form: Form, host: Host) -> ServiceAsked:
    """Read the body of the control; without uses, reading and writing everything for care.

    Raises:
        Refused: It says something that no service is.
    """
    solution = form.text("id", f"{ROOT}.{len(host.service.catalogue) + 1}")
    title = form.text("title", "Carnet d'exemple")
    redirects = tuple(form.texts("redirect_uris", required=True))
    uses = tuple(_use(one) for one in form.parts("uses"))
    form.end()
    return ServiceAsked(solution, title, uses or USES, redirects)


def _use(form: Form) -> Use:
    purpose = form.word("purpose", _PURPOSES)
    family = ExchangeFamily(form.word("family", _FAMILIES))
    direction = Direction(form.word("direction", _DIRECTIONS))
    form.end()
    return Use(purpose, family, direction)


async def reference(host: Host, asked: ServiceAsked) -> None:
    """Have a service referenced and put on line, now.

    Raises:
        Refused: The rules refuse a step; the steps before it were taken.
    """
    now = host.clock.now()
    request = RequestReferencing(
        now,
        publisher(asked.solution),
        "",
        asked.solution,
        asked.title,
        VERSION,
        EconomicModel.FREE,
        asked.uses,
        _EXCHANGES,
        full_scores(_EXCHANGES),
    )
    for command in steps_online(request, paris_date(now + _AGREED_FOR)):
        outcome = await host.write(command)
        if isinstance(outcome, Refusal):
            raise Refused(outcome)


async def move(form: Form, host: Host) -> dict[str, Json]:
    """Have a service that stands move to another state, as the insurer; return where it stands.

    Raises:
        Refused: The body names no state, or the rules refuse the move.
    """
    solution = form.text("id")
    to = ServiceState(form.word("state", _STATES))
    form.end()
    outcome = await host.write(MoveService(host.clock.now(), INSURER, "", solution, to))
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return {"solution": solution, "state": to.value}
