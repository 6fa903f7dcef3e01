"""How a holder pairs their space with a referenced service: a page, use by use, and the commands.

What is consented to, purpose by purpose and each direction apart, is what the model keeps; here a
page is read and written. Whoever logs in once more changes what they consented to.

Sources: CSP art. L. 1111-13-1 III, R. 1111-32; rules CAT-05 to CAT-08, CAT-10; measures API v1.5.2.
No public text shows the page: it is ours.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from etalon_model import (
    Actor,
    ActorKind,
    ApproveService,
    ChangeServiceConsent,
    Command,
    PairService,
    Person,
    Use,
)
from etalon_model.catalogue.catalogue import (
    STATE_RIGHTS,
    Direction,
    ExchangeFamily,
    Purpose,
    ReferencedService,
)
from etalon_model.catalogue.pairings import (
    Pairing,
    PairingState,
    approval_limit,
    opaque_identifier,
    pairing_of,
    pairing_state,
)
from etalon_server.identity.authorisation import Pending
from etalon_server.identity.grants import Bearer
from etalon_server.identity.scopes import granted_to_app
from etalon_server.identity.views import View
from etalon_server.rehearsal import Halted
from etalon_server.service_host import Host
from etalon_wire.app_scopes import purposes_in
from etalon_wire.claims import actor_of

FIELD: Final = "use-"
"""What the name of a box of the page begins with; its place in the list follows."""

_PURPOSES: Final = tuple(purpose.value for purpose in Purpose)
_FAMILIES: Final = tuple(ExchangeFamily)
_DIRECTIONS: Final = tuple(Direction)


class AppPairing:
    """The last page of a login with a referenced service."""

    __slots__ = ("_host",)

    def __init__(self, host: Host) -> None:
        """Pair the people of the service of a host."""
        self._host = host

    def knows(self, solution: str) -> bool:
        """Tell whether a solution stands in the catalogue and is open to anybody there."""
        service = self._host.service.catalogue.get(solution)
        if service is None:
            return False
        return STATE_RIGHTS[service.state_at(self._host.clock.now())].pairs != "no"

    def is_open(self, bearer: Bearer) -> bool:
        """Tell whether a service that was let in gets tokens now (CAT-08)."""
        service = self._host.service.catalogue[bearer.actor.ident]
        return service.can_exchange(bearer.patient, self._host.clock.now())

    def stands(self, bearer: Bearer) -> bool:
        """Tell whether the pairing that a service was let in under still stands.

        One that was ended and made again is another, and one whose approval came too late is none
        (CAT-10).
        """
        try:
            person = self._host.service.person(bearer.patient)
        except LookupError:
            return False
        pairing = pairing_of(person, bearer.actor.ident)
        if pairing is None or pairing.paired_at != bearer.paired_at:
            return False
        return self._state(person, pairing) is not PairingState.NOT_SYNCED

    def page(self, pending: Pending, bearer: Bearer) -> View:
        """Return the page on which somebody who logged in chooses; it begins with what holds."""
        service = self._service(pending)
        wanted = purposes_in(pending.asked.scopes)
        uses = (use for use in service.uses if use.purpose in wanted)
        pending.bearer, pending.uses = bearer, tuple(sorted(uses, key=_rank))
        pairing = pairing_of(self._host.service.person(bearer.patient), service.ident)
        given = frozenset[Use]() if pairing is None else pairing.consents
        groups: dict[str, list[dict[str, object]]] = {}
        for place, use in enumerate(pending.uses):
            box: dict[str, object] = {
                "name": f"{FIELD}{place}",
                "text": f"{use.direction.value}_{use.family.value}",
                "ticked": use in given,
            }
            groups.setdefault(use.purpose.replace(" ", "_"), []).append(box)
        facts = {"service": service.title, "groups": groups, "paired": pairing is not None}
        return View("consents", facts=facts)

    async def agree(
        self, pending: Pending, bearer: Bearer, form: Mapping[str, str]
    ) -> View | Bearer:
        """Carry out what somebody chose; return the service as who acts, or what is refused."""
        now, solution = self._host.clock.now(), pending.client.solution
        chosen = {use for place, use in enumerate(pending.uses) if form.get(f"{FIELD}{place}")}
        person = self._host.service.person(bearer.patient)
        acts = self._commands(person, pending, bearer.actor, chosen, now)
        done = await self._host.write_all([(one, ()) for one in acts]) if acts else []
        if isinstance(done, Halted):
            told = {"rule": done.refusal.rule, "code": done.refusal.code}
            return View("refused", f"login.refused.{done.refusal.code}", values=told, status=403)
        pairing = pairing_of(self._host.service.person(person.ins), solution)
        if pairing is None:
            told = {"rule": "CAT-05", "code": "NOT_PAIRED"}
            return View("refused", "login.refused.NOT_PAIRED", values=told, status=403)
        return Bearer(
            actor_of(ActorKind.APP, solution),
            person.ins,
            bearer.means,
            bearer.level,
            opaque_identifier(self._host.seed, person.ins, solution),
            pairing.paired_at,
        )

    def granted(self, pending: Pending, bearer: Bearer) -> frozenset[str]:
        """Return what is granted of what a service asked for, by what is consented to now."""
        person = self._host.service.person(bearer.patient)
        pairing = pairing_of(person, bearer.actor.ident)
        consents = frozenset[Use]() if pairing is None else pairing.consents
        return granted_to_app(pending.asked.scopes, consents)

    def _commands(
        self, person: Person, pending: Pending, actor: Actor, chosen: set[Use], now: datetime
    ) -> list[Command]:
        """Return the commands that make of what holds what was chosen."""
        ins, solution = person.ins, pending.client.solution
        register = self._host.service.snapshot(copied=False).register
        pairing = pairing_of(person, solution)
        if pairing is None or self._state(person, pairing) is PairingState.NOT_SYNCED:
            uses = tuple(use for use in pending.uses if use in chosen)
            return [PairService(now, actor, ins, solution, uses)]
        acts: list[Command] = [
            ChangeServiceConsent(now, actor, ins, solution, use, use in chosen)
            for use in pending.uses
            if (use in chosen) != (use in pairing.consents)
        ]
        if approval_limit(register, person, pairing, now) is not None:
            acts.append(ApproveService(now, actor, ins, solution))
        return acts

    def _state(self, person: Person, pairing: Pairing) -> PairingState:
        register = self._host.service.snapshot(copied=False).register
        return pairing_state(register, person, pairing, self._host.clock.now())

    def _service(self, pending: Pending) -> ReferencedService:
        return self._host.service.catalogue[pending.client.solution]


def _rank(use: Use) -> tuple[int, int, int]:
    """Return where a use stands on the page: by purpose, by data, reading first."""
    purpose = _PURPOSES.index(use.purpose)
    return purpose, _FAMILIES.index(use.family), _DIRECTIONS.index(use.direction)
