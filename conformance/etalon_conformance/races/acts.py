"""What each act of a scene is: commands of the model, and what a client asks of the target.

Of an answer a client keeps what is sure: done or refused, and of a search whom it listed. What
nobody can tell (a fault of the target, no answer) stays open; what was certainly never done is
left out of the history.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_conformance.asking import FHIR_JSON, JSON_PATCH, Asking
from etalon_conformance.exchanges import Exchange
from etalon_conformance.histories.history import Answer
from etalon_conformance.life_scene import TERMS, typed
from etalon_conformance.races.scene import role_of
from etalon_conformance.races.stage import USE, Deposit, Shelved, Stage
from etalon_conformance.record_scene import UNIQUE_IDS, query
from etalon_conformance.specimens import MASKED
from etalon_model.activation import Activate
from etalon_model.actors import Actor, caregiver
from etalon_model.catalogue.exchange import ListServices
from etalon_model.catalogue.pairing import PairService, UnpairService
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, InviteCaregiver
from etalon_model.opposition import Oppose
from etalon_model.people import Route
from etalon_model.records.feeding import Ground, ObjectToFeeding
from etalon_model.records.masking import MaskDocument, UnmaskDocument
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.reading import ReadDocument
from etalon_model.records.search import SearchDocuments
from etalon_model.rights.blocks import BlockProfessional, UnblockProfessional
from etalon_model.value_codec import Json as Seen
from etalon_target.cannot import CannotTest
from etalon_target.messages import NotJson, TransportFailure
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Json
from etalon_wire.labels import VISIBILITY

_DONE: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_LATER: Final = frozenset({408, 425, 429})
"""Statuses that say to ask again, and not what became of it."""
_PAGE: Final = LIMITS["search_page_most"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a client learnt.

    Attributes:
        answer: The answer, or None when nobody can tell.
        never: The target certainly did not act on it.
    """

    answer: Answer | None
    never: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """One client at one of its acts.

    Attributes:
        stage: Where it acts.
        client: Its name in the scene.
        rank: Rank of the act among its own, from 0.
        about: What the act is about, as the scene writes it after its name.
    """

    stage: Stage
    client: str
    rank: int
    about: str

    @property
    def role(self) -> str:
        """Who it is."""
        return role_of(self.client)

    @property
    def document(self) -> Shelved:
        """The document it is about."""
        return self.stage.shelved[int(self.about)]

    @property
    def deposit(self) -> Deposit:
        """The document it deposits; `same` is one for all who deposit it."""
        client, rank = ("", 0) if self.about == "same" else (self.client, self.rank)
        return self.stage.deposit_of(client, rank, self.role)

    @property
    def given(self) -> tuple[datetime, Actor, str]:
        """Instant, actor and person of a command."""
        return self.stage.now, self.stage.actors[self.role], self.stage.ins


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done.

    Attributes:
        commands: What it asks of the model, in order.
        ask: Asks it of the target.
    """

    commands: Callable[[Seat], tuple[Command, ...]]
    ask: Callable[[Seat, Asking], Told]


def told(exchange: Exchange, seen: Seen = None) -> Told:
    """Return what an answer over HTTP says."""
    answer = exchange.answer
    if isinstance(answer, TransportFailure):
        return Told(None, never=not answer.maybe_applied)
    if answer.status in _DONE:
        return Told(Answer(accepted=True, seen=seen))
    if answer.status in _REFUSED and answer.status not in _LATER:
        return Told(Answer(accepted=False))
    return Told(None)


def _called(
    seat: Seat, asking: Asking, verb: str, path: str, body: "Json | bytes" = None, **more: str
) -> Exchange:
    who = seat.stage.whos[seat.role]
    content_type, accept = more.get("content_type", FHIR_JSON), more.get("accept", FHIR_JSON)
    return asking.call(
        who, verb, path, body=body, accept=accept, content_type=content_type, failing=True
    )


def _operated(name: str, values: Callable[[Seat], Mapping[str, Json]]) -> Callable[..., Told]:
    """Return what asks for an operation of the model."""

    def ask(seat: Seat, asking: Asking) -> Told:
        who = seat.stage.whos[seat.role]
        try:
            done = asking.operation(name, who, **values(seat))
        except CannotTest:
            return Told(None)
        return Told(Answer(accepted=done.accepted))

    return ask


def _search(seat: Seat, asking: Asking) -> Told:
    """Search: of a page that is the whole, who is listed; of others, only that it was answered."""
    path = f"DocumentReference?{query(seat.stage.person)}"
    found = _called(seat, asking, "GET", path)
    if found.first("link[relation=next].url") or isinstance(found.json(), NotJson):
        return told(found)
    listed: list[Seen] = [{"unique_id": one} for one in sorted(found.value(UNIQUE_IDS))]
    return told(found, {"documents": listed})


def _read(seat: Seat, asking: Asking) -> Told:
    return told(_called(seat, asking, "GET", seat.document.content, accept="*/*"))


def _deposit(seat: Seat, asking: Asking) -> Told:
    return told(_called(seat, asking, "POST", "", seat.deposit.body))


def _mask(seat: Seat, asking: Asking) -> Told:
    concept: Json = {"coding": [{"system": VISIBILITY, "code": MASKED}]}
    patch: Json = [{"op": "add", "path": "/securityLabel/-", "value": concept}]
    place = seat.document.place
    return told(_called(seat, asking, "PATCH", place, patch, content_type=JSON_PATCH))


def _unmask(seat: Seat, asking: Asking) -> Told:
    one = seat.document
    patch: Json = [{"op": "remove", "path": f"/securityLabel/{one.rank}"}]
    return told(_called(seat, asking, "PATCH", one.place, patch, content_type=JSON_PATCH))


def _pair(seat: Seat, asking: Asking) -> Told:
    identity = seat.stage.readings[0].person(seat.stage.ins).identity
    wish = Wish("app-sharing", "permit", seat.stage.solution, seat.stage.now, uses=frozenset({USE}))
    return told(_called(seat, asking, "POST", "Consent", consent_resource(identity, wish)))


def _part(seat: Seat, asking: Asking) -> Told:
    return told(_called(seat, asking, "DELETE", f"root:/pairings/{seat.stage.solution}"))


def _list(seat: Seat, asking: Asking) -> Told:
    """List the services; where others stand beside ours, only that it was answered."""
    found = _called(seat, asking, "GET", "root:/pairings", accept="application/json")
    pairings, ours = found.value("services.pairing"), found.value("services.solution")
    if ours != (seat.stage.solution,):
        return told(found)
    return told(found, [{"service": seat.stage.solution, "pairing": pairings[0]}])


def _about(seat: Seat) -> str:
    return seat.stage.cast[seat.about].rpps


def _wish(kind: str, stance: str, ground: str | None = None) -> Callable[..., Told]:
    return _operated(
        "give_consent",
        lambda seat: {
            "patient": seat.stage.ins,
            "kind": kind,
            "stance": stance,
            "about": _about(seat),
            "ground": ground,
            "at": seat.stage.now.isoformat(timespec="seconds"),
        },
    )


def _ident(seat: Seat) -> str:
    return seat.stage.actors[seat.about].ident


def _activation(seat: Seat) -> tuple[Command, ...]:
    stage = seat.stage
    inputs = stage.readings[0].inputs(stage.ins, stage.now)
    return (Activate(*seat.given, inputs, stage.code, franceconnect=False, terms_version=TERMS),)


def _opposition(seat: Seat) -> tuple[Command, ...]:
    stage = seat.stage
    inputs = stage.readings[0].inputs(stage.ins, stage.now)
    return (Oppose(*seat.given, Route.WEB, inputs, stage.code),)


def _with_code(seat: Seat) -> Mapping[str, Json]:
    person = seat.stage.person
    return {"patient": person.ins, "code": person.provisional_code, **typed(person)}


def _shared(seat: Seat) -> tuple[Command, ...]:
    """Return the invitation and its answer: the relation is made at once."""
    stage = seat.stage
    guest = "" if stage.friend is None else stage.friend.ins
    answered = AnswerInvitation(stage.now, caregiver(guest), stage.ins, accept=True)
    return InviteCaregiver(*seat.given, guest), answered


def _share(seat: Seat, asking: Asking) -> Told:
    friend = seat.stage.friend
    try:
        done = asking.operation(
            "caregiver", None, holder=seat.stage.ins, who="" if friend is None else friend.ins
        )
    except CannotTest:
        return Told(None)
    return Told(Answer(accepted=done.accepted))


ACTS: Final[Mapping[str, Act]] = {
    "search": Act(lambda seat: (SearchDocuments(*seat.given, page_size=_PAGE),), _search),
    "read": Act(lambda seat: (ReadDocument(*seat.given, seat.document.unique_id),), _read),
    "deposit": Act(lambda seat: seat.deposit.commands, _deposit),
    "mask": Act(lambda seat: (MaskDocument(*seat.given, seat.document.unique_id),), _mask),
    "unmask": Act(lambda seat: (UnmaskDocument(*seat.given, seat.document.unique_id),), _unmask),
    "block": Act(
        lambda seat: (BlockProfessional(*seat.given, _ident(seat)),),
        _wish("professional-block", "deny"),
    ),
    "unblock": Act(
        lambda seat: (UnblockProfessional(*seat.given, _ident(seat)),),
        _wish("professional-block", "permit"),
    ),
    "object": Act(
        lambda seat: (ObjectToFeeding(*seat.given, _ident(seat), Ground.NO_CARE),),
        _wish("feeding-opposition", "deny", Ground.NO_CARE.value),
    ),
    "close": Act(
        lambda seat: (CloseSpace(*seat.given, Route.WEB, password_reentered=True),),
        _operated(
            "close_space", lambda seat: {"patient": seat.stage.ins, "passwordReentered": True}
        ),
    ),
    "enter": Act(
        _activation,
        _operated("activate", lambda seat: {**_with_code(seat), "termsVersion": TERMS}),
    ),
    "oppose": Act(
        _opposition,
        _operated("oppose", lambda seat: {**_with_code(seat), "through": "web"}),
    ),
    "share": Act(_shared, _share),
    "pair": Act(lambda seat: (PairService(*seat.given, seat.stage.solution, (USE,)),), _pair),
    "part": Act(lambda seat: (UnpairService(*seat.given, seat.stage.solution),), _part),
    "list": Act(lambda seat: (ListServices(*seat.given),), _list),
}
"""The acts by their first word."""
