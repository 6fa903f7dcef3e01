"""Relations of a sandbox: care teams, consents, blocks and delegations, by the commands that exist.

A relation is refused like any other command: nothing here goes round a rule.
"""

from collections.abc import Iterator
from typing import Final, Literal, get_args

from etalon_model.actors import INSURER, Actor, caregiver, holder, representative
from etalon_model.catalogue.pairing import PairService
from etalon_model.command import Command
from etalon_model.delegation import (
    AnswerInvitation,
    AnswerRepresentation,
    InviteCaregiver,
    InviteRepresentative,
)
from etalon_model.outcomes import Refusal
from etalon_model.professionals import professional_of
from etalon_model.representation import is_minor
from etalon_model.rights.blocks import BlockProfessional, DeclareAttendingDoctor
from etalon_model.rights.consents import DeclareConsent, JoinCareTeam
from etalon_server.exchange import Refused
from etalon_server.service_host import Host

Relation = Literal[
    "care_team", "attending_doctor", "consent", "block", "caregiver", "representative", "pairing"
]
RELATIONS: Final[tuple[Relation, ...]] = get_args(Relation)

BETWEEN_PEOPLE: Final = frozenset({"caregiver", "representative"})
"""The relations whose other side is a person, known by their matricule."""


async def relate(host: Host, kind: Relation, ins: str, who: str) -> None:
    """Make a relation between the holder `ins` and `who`.

    Args:
        host: The service.
        kind: Which relation.
        ins: Matricule of the holder, affiliated.
        who: Matricule of a person for a caregiver or a representative, object identifier of the
            solution for a pairing, else the RPPS number or national identifier of a test
            professional.

    Raises:
        LookupError: No such test professional, or no such service.
        Refused: The rules refuse it.
    """
    for command in _commands(host, kind, ins, who):
        outcome = await host.write(command)
        if isinstance(outcome, Refusal):
            raise Refused(outcome)


def decider(host: Host, ins: str) -> Actor:
    """Return who decides for `ins` now: the holder, or a minor's first representative."""
    person = host.service.person(ins)
    if is_minor(person, host.clock.now()) and person.representatives:
        return representative(person.representatives[0])
    return holder(ins)


def _commands(host: Host, kind: Relation, ins: str, who: str) -> Iterator[Command]:
    now = host.clock.now()
    if kind == "caregiver":
        yield InviteCaregiver(now, decider(host, ins), ins, who)
        yield AnswerInvitation(now, caregiver(who), ins, accept=True)
    elif kind == "representative":
        yield InviteRepresentative(now, decider(host, ins), ins, who)
        yield AnswerRepresentation(now, representative(who), ins, accept=True)
    elif kind == "pairing":
        yield _pairing(host, ins, who)
    else:
        actor = professional_of(host.seed, who).actor()
        if kind == "care_team":
            yield JoinCareTeam(now, actor, ins, informed=True)
        elif kind == "consent":
            yield DeclareConsent(now, actor, ins, actor.ident)
        elif kind == "block":
            yield BlockProfessional(now, decider(host, ins), ins, actor.ident)
        else:
            yield DeclareAttendingDoctor(now, INSURER, ins, actor.ident)


def _pairing(host: Host, ins: str, solution: str) -> Command:
    """Return the command that joins a service, with consent to all that it asks for."""
    service = host.service.catalogue.get(solution)
    if service is None:
        message = f"the catalogue has no service {solution[:80]!r}: see /sandbox/services"
        raise LookupError(message)
    now = host.clock.now()
    return PairService(now, decider(host, ins), ins, solution, tuple(service.uses))
