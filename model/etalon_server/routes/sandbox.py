"""The controls of a sandbox: everything here is ours, and there only where it was asked for.

Bodies are JSON objects; a control that refuses answers an OperationOutcome like any other route.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Final, cast
from urllib.parse import urlsplit

from etalon_model.actors import INSURER
from etalon_model.notification import Notice, SendNotice
from etalon_model.outcomes import Refusal
from etalon_model.people import Channel
from etalon_model.professionals import ROLES
from etalon_server.clock import ClockError, ManualClock
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.durable.recovery import installed_version
from etalon_server.exchange import Answer, Desk, Handler, Refused, Request
from etalon_server.identity.failures import OAuthError
from etalon_server.identity.provider import Identity
from etalon_server.sandbox.controls import Controls
from etalon_server.sandbox.form import Form, read_form
from etalon_server.sandbox.lots import lot_by_mail, subject_of
from etalon_server.sandbox.mailboxes import mailboxes_of, publish_mailboxes
from etalon_server.sandbox.people import make_people
from etalon_server.sandbox.people_forms import people_asked, told_of
from etalon_server.sandbox.relations import BETWEEN_PEOPLE, RELATIONS, relate
from etalon_server.sandbox.services import move, reference, service_asked
from etalon_server.sandbox.tokens import caller_asked, known_people, known_person
from etalon_wire.interactions import FHIR, interactions
from etalon_wire.json_body import Json, write_json
from etalon_wire.mail.lots import ARCHIVE_NAME
from etalon_wire.mail.messages import patient_address
from etalon_wire.operation_outcomes import Fault

_PROFESSIONALS_MOST: Final = 1_000
CLOCK_END: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Where the clock stops: the rules reckon further on, and no date lies beyond the year 9999."""

_NO_STORE: Final = (("Cache-Control", "no-store"),)
_JSON: Final = "application/json"
_UNREGISTRABLE: Final = frozenset({"localhost", "test", "internal"})
_UNAVAILABLE: Final = "CONTROL_UNAVAILABLE"


async def state(desk: Desk, request: Request) -> Answer:
    """Answer what this server is: version, vintage, choices, instant, and what it serves."""
    _controls(desk, request)
    host = desk.host
    wires = {row.family for row in interactions().values()}
    return _answer(
        {
            "version": installed_version(),
            "vintage": host.parameters.vintage,
            "policies": cast("dict[str, Json]", asdict(host.parameters.policies)),
            "now": _written(host.clock.now()),
            "clock": "manual" if isinstance(host.clock, ManualClock) else "real",
            "seed": host.seed,
            "mode": desk.mode,
            "people": len(host.service),
            "smtp": desk.smtp or None,
            "mailboxes": cast("list[Json]", mailboxes_of(host)),
            "wires": cast("list[Json]", sorted(wires)),
        }
    )


async def people(desk: Desk, request: Request) -> Answer:
    """Make test people and answer who they are."""
    controls, form = _controls(desk, request), _form(desk, request)
    asked = people_asked(form, desk.host)
    async with controls.making:
        made = await make_people(desk.host, asked)
    return _answer([told_of(desk.host, who) for who in made], 201)


async def professionals(desk: Desk, request: Request) -> Answer:
    """Name test professionals that nobody was given yet."""
    controls, form = _controls(desk, request), _form(desk, request)
    count = form.whole("count", 1, _PROFESSIONALS_MOST, 1)
    role = form.word("profession", ROLES, "10")
    form.end()
    named: list[Json] = []
    chosen = [controls.next_professional(role) for _ in range(count)]
    mailboxes = await publish_mailboxes(desk.host, chosen)
    for one, mailbox in zip(chosen, mailboxes, strict=True):
        named.append(
            {
                "rpps": one.rpps,
                "idnps": one.idnps,
                "profession": one.role,
                "family": one.family,
                "given": one.given,
                "mailbox": mailbox,
                "structure": one.structure,
            }
        )
    return _answer(named, 201)


async def tokens(desk: Desk, request: Request) -> Answer:
    """Issue a token for whoever is named."""
    _controls(desk, request)
    form = _form(desk, request)
    caller = caller_asked(form, desk.host, request.certificate)
    if not isinstance(desk.identity, Identity):
        raise Refused(Fault(_UNAVAILABLE, "this server has no provider of identity"))
    root = request.base.removesuffix(FHIR)
    issued = desk.identity.mint(caller, desk.host.clock.now(), root)
    said: dict[str, Json] = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
    }
    if issued.identity:
        said |= {"id_token": issued.identity, "patient": issued.patient}
    return _answer(said)


async def services(desk: Desk, request: Request) -> Answer:
    """Have a service referenced and put on line, register its client; or move one that stands."""
    controls, form = _controls(desk, request), _form(desk, request)
    if not form.has("redirect_uris") and form.has("state"):
        return _answer(await move(form, desk.host), 201)
    identity = desk.identity
    if not isinstance(identity, Identity):
        raise Refused(Fault(_UNAVAILABLE, "this server has no provider of identity"))
    asked = service_asked(form, desk.host)
    metadata: dict[str, Json] = {
        "client_name": asked.title,
        "redirect_uris": list(asked.redirects),
        "solution": asked.solution,
    }
    async with controls.making:
        try:
            identity.clients.check(metadata)
            await reference(desk.host, asked)
            client = await asyncio.to_thread(identity.clients.register, metadata)
        except OAuthError as error:
            raise form.wrong(key="redirect_uris", message=error.description) from None
    told: dict[str, Json] = {"solution": asked.solution, "title": asked.title}
    told["client_id"], told["client_secret"] = client["client_id"], client["client_secret"]
    told["redirect_uris"] = list(asked.redirects)
    told["uses"] = [
        {"purpose": one.purpose, "family": one.family.value, "direction": one.direction.value}
        for one in asked.uses
    ]
    return _answer(told, 201)


async def lots(desk: Desk, request: Request) -> Answer:
    """Make the lot of one test document, as a professional attaches it to a mail to a holder."""
    _controls(desk, request)
    form = _form(desk, request)
    ins = known_person(form, "holder", desk.host)
    sender = form.text("from")
    title, written = form.text("title", "Compte rendu"), form.text("text", "Tout va bien.\n")
    form.end()
    whose = desk.host.service.person(ins).identity
    try:
        lot = lot_by_mail(desk.host, whose, sender, title, written)
    except LookupError as error:
        raise form.wrong(key="from", message=str(error)) from None
    return _answer(
        {
            "to": patient_address(ins),
            "subject": subject_of(whose),
            "name": ARCHIVE_NAME,
            "archive": b64encode(lot).decode(),
        }
    )


async def relations(desk: Desk, request: Request) -> Answer:
    """Make a relation, of one holder or of several, by the commands that make it."""
    _controls(desk, request)
    form = _form(desk, request)
    kind = form.word("kind", RELATIONS)
    several = form.has("holders")
    if several and form.has("holder"):
        raise form.wrong(key="holders", message="give either holder or holders")
    if several:
        holders = known_people(form, "holders", desk.host)
    else:
        holders = [known_person(form, "holder", desk.host)]
    who = known_person(form, "who", desk.host) if kind in BETWEEN_PEOPLE else form.text("who")
    form.end()
    try:
        for ins in holders:
            await relate(desk.host, kind, ins, who)
    except LookupError as error:
        raise form.wrong(key="who", message=str(error)) from None
    return Answer(204)


async def clock(desk: Desk, request: Request) -> Answer:
    """Move the clock, forward only; answer what it tells."""
    _controls(desk, request)
    form = _form(desk, request)
    if form.has("set") == form.has("advance"):
        raise form.wrong(key="set", message="give either set or advance")
    moved = desk.host.clock
    if not isinstance(moved, ManualClock):
        message = "this server follows the real clock: start it with --clock manual"
        raise Refused(Fault(_UNAVAILABLE, message))
    if form.has("set"):
        to = form.instant("set")
    else:
        period = form.duration("advance")
        try:
            to = period.after(moved.now())
        except (OverflowError, ValueError):
            raise form.wrong(key="advance", message="that leads beyond the year 9999") from None
    form.end()
    if to >= CLOCK_END:
        key = "set" if form.has("set") else "advance"
        raise form.wrong(key=key, message=f"the clock stops before {CLOCK_END.isoformat()}")
    try:
        moved.set(to)
    except ClockError as error:
        raise Refused(Fault(_UNAVAILABLE, str(error), "set")) from None
    return _answer({"now": _written(moved.now())})


async def notifications(desk: Desk, request: Request) -> Answer:
    """Send notices; answer each with its code, or with why it was not sent."""
    _controls(desk, request)
    form = _form(desk, request)
    listed = form.texts("people", required=True)
    channel = Channel(form.word("channel", tuple(Channel), Channel.EMAIL))
    form.end()
    sent: list[Json] = []
    for ins in listed:
        command = SendNotice(desk.host.clock.now(), INSURER, ins, channel)
        outcome = await desk.host.write(command)
        if isinstance(outcome, Refusal):
            sent.append({"ins": ins, "refused": outcome.code, "message": outcome.message})
        else:
            sent.append(_notice(ins, cast("Notice", outcome.answer)))
    return _answer(sent)


def _notice(ins: str, notice: Notice) -> Json:
    return {
        "ins": ins,
        "channel": notice.channel.value,
        "addressee": notice.addressee,
        "code": notice.code,
        "sent_at": _written(notice.sent_at),
        "window_ends_at": _written(notice.window_ends_at),
    }


async def told(desk: Desk, request: Request) -> Answer:
    """Answer what the service told anybody about one person, oldest first, other than notices."""
    _controls(desk, request)
    form = _form(desk, request)
    ins = known_person(form, "about", desk.host)
    form.end()
    dossier = desk.host.service.person(ins).dossier
    sent: list[Json] = [
        {"code": one.code, "to": one.to, "at": _written(one.at)}
        for one in ([] if dossier is None else dossier.told)
    ]
    return _answer({"told": sent})


async def faults(desk: Desk, request: Request) -> Answer:
    """Put faults on, or all of them out."""
    _controls(desk, request).switches.put_on(_form(desk, request))
    return Answer(204)


async def reset(desk: Desk, request: Request) -> Answer:
    """Begin again with nobody, at the instant of the start."""
    controls = _controls(desk, request)
    _form(desk, request).end()
    async with controls.making:
        try:
            desk.host.reset()
        except DirectoryRefusedError as error:
            raise Refused(Fault(_UNAVAILABLE, error.found)) from None
        controls.reset()
        desk.cache.clear()
        if isinstance(desk.identity, Identity):
            desk.identity.reset()
        first = controls.first_clock()
        if first is not None:
            desk.host.clock = first
    return Answer(204)


def _controls(desk: Desk, request: Request) -> Controls:
    """Return the controls of the sandbox.

    Raises:
        Refused: There is none: the address does not exist. Or the request names a public host, as
            a page of the web does that had its own name point at this machine.
    """
    host = request.headers.get("host", "")
    if not _is_near(host, desk.settings.public_address):
        message = f"the controls answer under an address, a name of this machine, not {host[:64]!r}"
        raise Refused(Fault(_UNAVAILABLE, message, "Host"))
    if isinstance(desk.faults, Controls):
        return desk.faults
    raise Refused(Fault("NO_SUCH_ADDRESS", f"nothing answers at {request.path}"))


def _is_near(host: str, public_address: str) -> bool:
    """Tell whether a header `Host` names this machine or one of its network.

    An address, a name without a dot, one that nobody can register (RFC 2606), or the public address
    that was given.
    """
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ip_address(name)
    except ValueError:
        own = urlsplit(public_address).hostname
        return "." not in name or name.rpartition(".")[2] in _UNREGISTRABLE or name == own
    return True


def _form(desk: Desk, request: Request) -> Form:
    """Read the body of a control.

    Raises:
        Refused: It is not said to be JSON; so no page of a browser reaches a sandbox by a form.
        Malformed: It is no JSON object.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body and sent != _JSON:
        message = f"a body of the sandbox is read as {_JSON}: send it with that Content-Type"
        raise Refused(Fault("UNSUPPORTED_MEDIA_TYPE", message, "Content-Type"))
    return read_form(request.body, desk.settings.bounds.body)


def _answer(value: Json, status: int = 200) -> Answer:
    return Answer(status, write_json(value), _JSON, _NO_STORE)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


HANDLERS: Final[Mapping[str, Handler]] = {
    "sandbox_state": state,
    "sandbox_people": people,
    "sandbox_professionals": professionals,
    "sandbox_tokens": tokens,
    "sandbox_services": services,
    "sandbox_lots": lots,
    "sandbox_relations": relations,
    "sandbox_clock": clock,
    "sandbox_notifications": notifications,
    "sandbox_told": told,
    "sandbox_faults": faults,
    "sandbox_reset": reset,
}
