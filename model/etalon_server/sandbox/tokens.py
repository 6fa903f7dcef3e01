"""Tokens of a sandbox: whoever is named acts, as if they had logged in."""

from typing import Final, get_args

from etalon_model import AccessMode
from etalon_model.actors import Actor, ActorKind
from etalon_model.professionals import professional_of
from etalon_model.rights.roles import ROLES
from etalon_server.identity.realms import API_TOKEN_LIFE
from etalon_server.sandbox.form import Form
from etalon_server.service_host import Host
from etalon_wire.claims import Caller, Level, actor_of, is_scope, scopes_for

_KINDS: Final = tuple(kind.value for kind in ActorKind)
_OF_PEOPLE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
_OF_ONE_SPACE: Final = _OF_PEOPLE | {ActorKind.APP}
_USUAL_IDS: Final = {ActorKind.INSURER: "insurer", ActorKind.SYSTEM: "system"}
_LEVELS: Final[tuple[Level, ...]] = get_args(Level)


def caller_asked(form: Form, host: Host, certificate: str) -> Caller:
    """Return who a body asks a token for.

    Args:
        form: The body.
        host: The service, where people are known.
        certificate: Thumbprint of the certificate that the token will be bound to, or empty.

    Raises:
        Refused: Nobody is named, or somebody nobody knows.
    """
    asked = form.part("actor")
    form.end()
    actor = _actor(asked, host)
    patient = _patient(asked, host, actor)
    scopes = asked.text("scope", "").split() or scopes_for(actor.kind)
    for one in scopes:
        if not is_scope(one):
            message = f"{one[:60]!r} is no scope of this server"
            raise asked.wrong(key="scope", message=message)
    mode = asked.word("access_mode", tuple(AccessMode), AccessMode.NORMAL)
    level: Level = asked.word("level", _LEVELS, "substantial")
    asked.end()
    return Caller(
        actor=actor,
        patient=patient,
        scopes=frozenset(scopes),
        client="",
        thumbprint=certificate,
        expires_at=host.clock.now() + API_TOKEN_LIFE,
        means="sandbox",
        level=level,
        mode=mode,
    )


def _actor(asked: Form, host: Host) -> Actor:
    kind = ActorKind(asked.word("kind", _KINDS))
    if kind in _OF_PEOPLE:
        return actor_of(kind, known_person(asked, "ins", host))
    if kind is ActorKind.PROFESSIONAL:
        rpps = asked.text("rpps")
        role = asked.word("role", (*ROLES, ""), "")
        try:
            found = professional_of(host.seed, rpps).actor(role)
        except LookupError as error:
            raise asked.wrong(key="rpps", message=str(error)) from None
        return actor_of(kind, found.ident, found.profession, found.role)
    return actor_of(kind, asked.text("id", _USUAL_IDS.get(kind)))


def _patient(asked: Form, host: Host, actor: Actor) -> str:
    """Return whose space the token is for, or an empty string for whichever."""
    if actor.kind is ActorKind.HOLDER:
        return actor.ident
    if actor.kind in _OF_ONE_SPACE or asked.has("on_behalf_of"):
        return known_person(asked, "on_behalf_of", host)
    return asked.text("on_behalf_of", "")


def known_person(form: Form, key: str, host: Host) -> str:
    """Take the matricule of somebody affiliated.

    Raises:
        Refused: It is missing, or nobody's.
    """
    return _known(form, key, form.text(key), host)


def known_people(form: Form, key: str, host: Host) -> list[str]:
    """Take the matricules of people affiliated, at least one.

    Raises:
        Refused: They are missing, or one is nobody's.
    """
    return [_known(form, key, ins, host) for ins in form.texts(key, required=True)]


def _known(form: Form, key: str, ins: str, host: Host) -> str:
    try:
        return host.service.person(ins).ins
    except LookupError:
        message = f"{key}: nobody affiliated has that matricule; ask /sandbox/people for somebody"
        raise form.wrong(key=key, message=message) from None
