"""What the witness does wrong on purpose: a layer before the reference server.

`data/witness/misbehaviours.csv` says what is played, on which calls and how often; this module says
how. Answers in XML are left as they are where a play changes a body: it is not played then.

Sources: RFC 9110 (10.2.3, 15.5, 15.6), RFC 6750 (3.1), FHIR R4 (http.html, search.html).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Final, cast

from etalon_conformance.requirement import Words, words
from etalon_conformance.tables import rows_of
from etalon_conformance.transforms.exchanges import (
    Asked,
    Onward,
    Told,
    exchanging,
    objects_in,
)
from etalon_conformance.witness.recorder import PLAYED
from etalon_conformance.witness.traffic import SEND_MAIL, interaction_at
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.parts import Application, Codec, Deciding, Message, Receive, Scope, Send
from etalon_wire.records.search_parameters import PAGE

_OK: Final = 200
_LISTED: Final = ("DocumentReference", "Observation")
_PAGES: Final = (PAGE, "_offset")
_UNKNOWN: Final = "https://exemple.invalid/StructureDefinition/inconnue"
_STRANGER: Final = "100010000000011"
_FHIR: Final = (b"content-type", b"application/fhir+json")

Values = Mapping[str, str]
Act = Callable[["Armed", Asked, Onward], Awaitable[Told | None]]
"""Answers a request in the place of the reference; None where there is nothing to play."""


class AnswerCut(Exception):  # noqa: N818 (what is played, not a fault)
    """Ends a connection in the middle of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misbehaviour:
    """Something that the witness does wrong.

    Attributes:
        name: Its name.
        act: What it does, by name.
        calls: The interactions on which it does it.
        values: What the act is told.
        times: How often in a step; 0 for always.
        story: What a client meets.
    """

    name: str
    act: str
    calls: frozenset[str]
    values: Values
    times: int
    story: Words


@cache
def misbehaviours() -> Mapping[str, Misbehaviour]:
    """Return what can be played, by name, in the order of the table."""
    rows = rows_of("witness/misbehaviours.csv")
    return MappingProxyType({row["name"]: _misbehaviour(row) for row in rows})


def _misbehaviour(row: Mapping[str, str]) -> Misbehaviour:
    parted = (one.partition("=") for one in row["values"].split())
    return Misbehaviour(
        name=row["name"],
        act=row["act"],
        calls=frozenset(row["calls"].split()),
        values={key: value for key, _, value in parted},
        times=int(row["times"]),
        story=words(row["story_fr"], row["story_en"]),
    )


@dataclass(slots=True)
class Armed:
    """A misbehaviour during one step.

    Attributes:
        play: What is played.
        left: How often yet; None for as often as asked.
        tokens: Tokens that it refuses: those that it met.
        marked: What it chose in the first answer, the same ever after.
    """

    play: Misbehaviour
    left: int | None
    tokens: set[bytes] = field(default_factory=set[bytes])
    marked: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class MailReply:
    """What a mail is answered on purpose.

    Attributes:
        code: Code of SMTP.
        words: What stands beside it.
        receipt: Number of the reason that its receipt gives for a lot not taken, 0 for no receipt.
        played: Name of what is played.
    """

    code: int
    words: str
    receipt: int
    played: str


class Misbehaving:
    """The layer; while nothing is armed it only passes requests on."""

    def __init__(self) -> None:
        """Play nothing."""
        self._armed: list[Armed] = []

    def arm(self, names: Sequence[str]) -> None:
        """Play these from now on, and no others.

        Raises:
            KeyError: One is no misbehaviour.
        """
        known = misbehaviours()
        self._armed = [Armed(known[name], known[name].times or None) for name in names]

    def reply_to_mail(self) -> "MailReply | None":
        """Return what a mail is answered on purpose, or None."""
        for armed in self._armed:
            if SEND_MAIL in armed.play.calls and armed.left != 0:
                if armed.left is not None:
                    armed.left -= 1
                values = armed.play.values
                words = values["words"].replace("-", " ")
                receipt = int(values.get("receipt", "0"))
                return MailReply(int(values["code"]), words, receipt, armed.play.name)
        return None

    def __call__(
        self, service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        """Stand before an application."""
        _, _, playing = exchanging(self._exchange)(service, codec, app)

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not self._met(scope):
                await app(scope, receive, send)
                return
            await playing(scope, receive, _cutting(send))

        return service, codec, answered

    def _met(self, scope: Scope) -> list[Armed]:
        """Return what is played on a request."""
        if not self._armed:
            return []
        called = interaction_at(str(scope["method"]), str(scope["path"]).rstrip("/"))
        return [one for one in self._armed if called in one.play.calls and one.left != 0]

    async def _exchange(self, asked: Asked, onward: Onward) -> Told:
        for armed in self._met(asked.scope):
            onward = _playing(armed, onward)
        return await onward(asked)


def _playing(armed: Armed, onward: Onward) -> Onward:
    """Return what answers with one play more."""

    async def played(asked: Asked) -> Told:
        told = await _ACTS[armed.play.act](armed, asked, onward)
        if told is None:
            return await onward(asked)
        if armed.left is not None:
            armed.left -= 1
        cast("list[str]", asked.scope.get(PLAYED, [])).append(armed.play.name)
        return told

    return played


def _cutting(send: Send) -> Send:
    """Return a way to send that stops in the middle of the body of an answer to be cut."""
    is_cut = False

    async def sending(message: Message) -> None:
        nonlocal is_cut
        if message["type"] == "http.response.start":
            headers = cast("list[tuple[bytes, bytes]]", message["headers"])
            is_cut = _CUT in headers
            message["headers"] = [one for one in headers if one != _CUT]
            await send(message)
            return
        if not is_cut:
            await send(message)
            return
        body = cast("bytes", message.get("body", b""))
        await send({**message, "body": body[: len(body) // 2], "more_body": True})
        raise AnswerCut

    return sending


_CUT: Final = (b"x-etalon-cut", b"1")
"""Marks an answer that is to be cut, on its way out of a play; no client ever sees it."""


async def _refuse(armed: Armed, _asked: Asked, _onward: Onward) -> Told:
    return _outcome(armed.play.values)


def _outcome(values: Values) -> Told:
    issue: Resource = {"severity": "error", "code": values["code"]}
    issue["diagnostics"] = "played by the witness"
    body = write_json({"resourceType": "OperationOutcome", "issue": [issue]})
    told = Told(int(values["status"]), (_FHIR,), b"").with_body(body)
    if "retry_after" in values:
        told = told.with_header(b"retry-after", values["retry_after"].encode())
    return told


async def _expire(armed: Armed, asked: Asked, _onward: Onward) -> Told | None:
    token = asked.header(b"authorization")
    if not token or (armed.tokens and token not in armed.tokens):
        return None
    armed.tokens.add(token)
    told = _outcome({"status": "401", "code": "expired"})
    challenge = b'Bearer error="invalid_token", error_description="The access token expired"'
    return told.with_header(b"www-authenticate", challenge)


async def _end(armed: Armed, asked: Asked, onward: Onward) -> Told | None:
    """Refuse what a pairing opened before it ended: its access token, and its refresh tokens."""
    form = dict(asked.form or ())
    if form.get("grant_type") != "refresh_token":
        return await _expire(armed, asked, onward)
    told: Resource = {"error": "invalid_grant", "error_description": "played by the witness"}
    return Told(400, ((b"content-type", b"application/json"),), b"").with_body(write_json(told))


async def _lose(armed: Armed, asked: Asked, onward: Onward) -> Told | None:
    told = await onward(asked)
    return _outcome(armed.play.values) if told.is_success else told


async def _delay(armed: Armed, asked: Asked, onward: Onward) -> Told:
    await asyncio.sleep(float(armed.play.values["seconds"]))
    return await onward(asked)


async def _cut(_armed: Armed, asked: Asked, onward: Onward) -> Told:
    told = await onward(asked)
    return replace(told, headers=(*told.headers, _CUT))


async def _page(armed: Armed, asked: Asked, onward: Onward) -> Told:
    count = armed.play.values["count"]
    if any(name in _PAGES for name, _ in asked.query):
        return await onward(asked)

    def counted(query: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        return [*((name, value) for name, value in query if name != "_count"), ("_count", count)]

    changed = replace(asked, query=counted(asked.query))
    if asked.form is not None:
        changed = replace(asked, query=[]).asking(lambda _: counted(asked.form or []))
        changed = replace(changed, query=asked.query)
    return await onward(changed)


def _changing(change: Callable[[Armed, Asked, list[Resource]], None]) -> Act:
    """Return the act that changes the documents or measures of a page, in place."""

    async def act(armed: Armed, asked: Asked, onward: Onward) -> Told | None:
        told = await onward(asked)
        page = told.resource
        entries = objects_in(page.get("entry"))
        held = [one["resource"] for one in entries if isinstance(one.get("resource"), dict)]
        found = [cast("Resource", one) for one in held if _is_listed(one)]
        if told.status != _OK or not found:
            return told
        change(armed, asked, found)
        return told.with_resource(page)

    return act


def _is_listed(resource: Json) -> bool:
    return isinstance(resource, dict) and resource.get("resourceType") in _LISTED


async def _reorder(_armed: Armed, asked: Asked, onward: Onward) -> Told:
    told = await onward(asked)
    page = told.resource
    entries = objects_in(page.get("entry"))
    if told.status != _OK or not entries:
        return told
    turned: list[Json] = [*reversed(entries)]
    return told.with_resource({**page, "entry": turned})


def _extend(_armed: Armed, _asked: Asked, found: list[Resource]) -> None:
    for one in found:
        held = one.get("extension")
        before: list[Json] = held if isinstance(held, list) else []
        one["extension"] = [*before, {"url": _UNKNOWN, "valueString": "inconnue"}]


def _recode(_armed: Armed, _asked: Asked, found: list[Resource]) -> None:
    name = "code" if found[0].get("resourceType") == "Observation" else "type"
    found[0][name] = {"coding": [{"system": _UNKNOWN, "code": "ZZ-9999"}]}


def _chosen(armed: Armed, found: list[Resource]) -> Resource | None:
    """Return the one document that a play marks: the first that it meets, there ever after."""
    if not armed.marked:
        armed.marked["id"] = str(found[0].get("id"))
    return next((one for one in found if str(one.get("id")) == armed.marked["id"]), None)


def _supersede(armed: Armed, _asked: Asked, found: list[Resource]) -> None:
    one = _chosen(armed, found)
    if one is not None:
        one["status"] = "superseded"


def _mistake(armed: Armed, _asked: Asked, found: list[Resource]) -> None:
    one = _chosen(armed, found)
    if one is not None:
        one["subject"] = {
            "identifier": {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": _STRANGER}
        }


def _pad(armed: Armed, _asked: Asked, found: list[Resource]) -> None:
    filling = "x" * int(armed.play.values["bytes"])
    div = f'<div xmlns="http://www.w3.org/1999/xhtml">{filling}</div>'
    found[0]["text"] = {"status": "generated", "div": div}


_ACTS: Final[Mapping[str, Act]] = {
    "refuse": _refuse,
    "expire": _expire,
    "end": _end,
    "lose": _lose,
    "delay": _delay,
    "cut": _cut,
    "page": _page,
    "reorder": _reorder,
    "extend": _changing(_extend),
    "recode": _changing(_recode),
    "supersede": _changing(_supersede),
    "mistake": _changing(_mistake),
    "pad": _changing(_pad),
}
