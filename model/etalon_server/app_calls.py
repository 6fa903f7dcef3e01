"""Calls of referenced services: the two tokens of a call, its purpose, and traces of refused ones.

A call that the provider of identity turns away never reaches the model's own checks; the model is
told of it in the words that it has for that, a call without a good access token, so that the holder
finds it in the log (CAT-07).

Sources: measures API v1.5.2 (access token and identity token in every call). The name of the header
that carries the second is ours: the text that names it is not public.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model import Actor, ActorKind, Use
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.exchange import AppTokens, IdToken, ReadThroughService
from etalon_model.catalogue.pairings import opaque_identifier, pairing_of
from etalon_server.asking import known_caller, known_person
from etalon_server.exchange import Desk, Request
from etalon_server.identity.failures import MisusedError
from etalon_server.identity.grants import Bearer
from etalon_server.identity.provider import Identity
from etalon_wire.app_scopes import purposes_in, uses_of
from etalon_wire.claims import Caller, actor_of
from etalon_wire.interactions import Interaction

ID_TOKEN_HEADER: Final = "Id-Token"  # noqa: S105 (a name)
"""The header that carries the identity token."""


@dataclass(frozen=True, slots=True)
class AppCalling:
    """What a command of a referenced service (`AppCall`) needs to know of the call.

    Attributes:
        at: When (UTC).
        actor: The service.
        ins: Matricule of the person whose space the access token opens.
        tokens: What the two tokens say.
        purpose: What for, in a word of `Purpose`.
        id_pe: Opaque identifier under which the service knows the person.
    """

    at: datetime
    actor: Actor
    ins: str
    tokens: AppTokens
    purpose: str
    id_pe: str


def app_call(
    desk: Desk, request: Request, family: ExchangeFamily, direction: Direction
) -> AppCalling:
    """Return who calls and what for, from the tokens of a call to an exchange interface.

    Of the purposes of the access token the first one counts that is consented to for this use; the
    model refuses where there is none.

    Args:
        desk: The server.
        request: The call; its caller is a referenced service.
        family: What is exchanged.
        direction: Read from the space or written into it.

    Raises:
        Refused: The person is not known.
    """
    caller, now = known_caller(request), desk.host.clock.now()
    solution = caller.actor.ident
    person = known_person(desk, caller.patient)
    pairing = pairing_of(person, solution)
    consents = frozenset[Use]() if pairing is None else pairing.consents
    purposes = _in_order(purposes_in(caller.scopes))
    purpose = next(
        (one for one in purposes if Use(one, family, direction) in consents), purposes[0]
    )
    id_pe = opaque_identifier(desk.host.seed, person.ins, solution)
    return AppCalling(now, caller.actor, person.ins, _tokens(desk, request, now), purpose, id_pe)


def _tokens(desk: Desk, request: Request, now: datetime) -> AppTokens:
    """Return what both tokens of a call say now: much may have ended while its body came."""
    if not isinstance(desk.identity, Identity):
        return AppTokens(None)
    access = request.headers.get("authorization", "").partition(" ")[2].strip()
    is_good = isinstance(desk.identity.caller_of(access, request.certificate, now), Caller)
    written = request.headers.get(ID_TOKEN_HEADER.lower(), "").strip()
    identity = desk.identity.app_identities.said_by(written, now) if written else None
    return AppTokens(identity, access_valid=is_good)


async def trace_refused_call(
    desk: Desk, interaction: Interaction, headers: Mapping[str, str]
) -> None:
    """Keep the trace of a call turned away though a referenced service once had its token.

    A token that this server never signed, or has forgotten, names nobody and leaves no trace.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not isinstance(desk.identity, Identity):
        return
    grant = desk.identity.refused_app(token.strip())
    if grant is not None:
        needed = (f"patient/{one}" for one in interaction.scopes if "." in one)
        await _trace(desk, grant.bearer, grant.bearer.actor, grant.scopes, needed)


async def trace_misuse(desk: Desk, solution: str, misused: MisusedError) -> None:
    """Keep the trace of a code or refresh token that came twice, late or from somebody else.

    Args:
        desk: The server.
        solution: Object identifier of the service that sent it, or empty for another client.
        misused: Why it was refused.
    """
    bearer = misused.bearer
    if solution and bearer.patient:
        await _trace(desk, bearer, actor_of(ActorKind.APP, solution), misused.scopes)
    elif bearer.id_pe:
        await _trace(desk, bearer, bearer.actor, misused.scopes)


async def _trace(
    desk: Desk,
    bearer: Bearer,
    actor: Actor,
    scopes: frozenset[str],
    needed: Iterable[str] = (),
) -> None:
    """Have the model refuse a call for want of an access token, which leaves a row in the log."""
    try:
        desk.host.service.person(bearer.patient)
    except LookupError:
        return
    purpose = _in_order(purposes_in(scopes))[0]
    family = next((family for family, _ in uses_of([*needed, *sorted(scopes)])), _USUAL)
    tokens = AppTokens(IdToken(bearer.id_pe, actor.ident), access_valid=False)
    now = desk.host.clock.now()
    await desk.host.read(ReadThroughService(now, actor, bearer.patient, tokens, purpose, family))


def _in_order(purposes: Iterable[str]) -> list[str]:
    found = frozenset(purposes)
    return [one.value for one in Purpose if one.value in found]


_USUAL: Final = ExchangeFamily.DOCUMENTS
