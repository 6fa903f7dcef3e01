"""What each act of a sequence is: commands of the model, and what is asked of the target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from etalon_conformance.asking import TransportSurprise
from etalon_conformance.bench import Bench, Operated
from etalon_conformance.exchanges import Exchange
from etalon_conformance.exploring.calls import Call
from etalon_conformance.exploring.company import Company
from etalon_conformance.races.stage import Deposit
from etalon_conformance.record_scene import (
    UNIQUE_IDS,
    changed,
    found,
    replacing,
    sent,
    target_of,
)
from etalon_conformance.seeing import Kept, labelled, opened, unlabelled
from etalon_conformance.specimens import HIDDEN, MASKED, Specimen
from etalon_model.actors import Actor, ActorKind
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, InviteCaregiver
from etalon_model.people import Route
from etalon_model.policies import Policies
from etalon_model.records.changes import DeleteDocument
from etalon_model.records.deposit import Means
from etalon_model.records.feeding import Ground
from etalon_model.records.masking import Announce, HideFromPatient, MaskDocument, UnmaskDocument
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.reading import ReadDocument
from etalon_model.records.search import SearchDocuments
from etalon_model.records.uploads import DeleteOwnDocuments
from etalon_model.rights.consents import JoinCareTeam
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.messages import NotJson
from etalon_wire.consents import Stance, Wish
from etalon_wire.wishes import command_of

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_PAGE: Final = LIMITS["search_page_most"]
_DONE: Final = range(200, 300)
_REFUSED: Final = range(400, 500)
_LATER: Final = frozenset({408, 425, 429})
_REFUSED_TOKEN: Final = "target.token_refused"  # noqa: S105 (the key of a text)
_NO_LABEL: Final = "cause.no_label"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a target answered to a call.

    Attributes:
        looked: The exchanges that say so; none where no token was given out.
        accepted: It did what it was asked for; None where nobody can tell.
        listed: The unique identifiers of the documents that a search lists, or None.
        lacks: A code of visibility that was to be lifted, and is not shown; or empty.
    """

    looked: tuple[Exchange, ...]
    accepted: bool | None
    listed: frozenset[str] | None = None
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """A call and those who are there.

    Attributes:
        company: The people.
        call: What is done.
    """

    company: Company
    call: Call

    @property
    def bench(self) -> Bench:
        """What is asked with."""
        return self.company.stage.bench

    @property
    def who(self) -> Who:
        """Who asks, for the target."""
        return self.company.stage.whos[self.call.who]

    @property
    def actor(self) -> Actor:
        """Who asks, for the model."""
        return self.company.stage.actors[self.call.who]

    @property
    def ins(self) -> str:
        """Matricule of the person."""
        return self.company.stage.ins

    @property
    def kept(self) -> Kept:
        """The document it is about."""
        return self.company.shelf[self.call.document]


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done.

    Attributes:
        commands: What it asks of the model, in order; none where the model takes no such thing.
        ask: Asks it of the target.
    """

    commands: Callable[[Seat], tuple[Command, ...]]
    ask: Callable[[Seat], Asked]


def asked(seat: Seat) -> Asked:
    """Ask the target; what nobody can tell is no answer."""
    try:
        return ACTS[seat.call.act].ask(seat)
    except TransportSurprise as error:
        return Asked((error.exchange,), accepted=None)
    except CannotTest as error:
        exchanges = seat.bench.exchanges[-1:]
        if error.key == _NO_LABEL:
            return Asked(exchanges, accepted=False, lacks=error.values["code"])
        return Asked((), accepted=False if error.key == _REFUSED_TOKEN else None)


def _told(*exchanges: Exchange) -> Asked:
    statuses = [one.status for one in exchanges]
    if all(one in _DONE for one in statuses):
        return Asked(exchanges, accepted=True)
    last = statuses[-1]
    refused = last in _REFUSED and last not in _LATER
    return Asked(exchanges, accepted=False if refused else None)


def _operated(done: Operated) -> Asked:
    return Asked((done.exchange,), accepted=done.accepted)


def _search(seat: Seat) -> Asked:
    pages = found(seat.bench, seat.who, seat.company.stage.person)
    told = _told(*pages)
    if not told.accepted:
        return told
    if any(isinstance(page.json(), NotJson) for page in pages):
        return Asked(pages, accepted=None)
    return Asked(
        pages,
        accepted=True,
        listed=frozenset(one for page in pages for one in page.value(UNIQUE_IDS)),
    )


def _prepared(seat: Seat) -> tuple[Specimen, Deposit]:
    call = seat.call
    return seat.company.prepare(call.document, call.who, call.about)


def _deposit(seat: Seat) -> Asked:
    """Deposit the document that was prepared, and keep where it is."""
    one, deposit = _prepared(seat)
    answer = sent(seat.bench, seat.who, deposit.body)
    told = _told(answer)
    if told.accepted:
        where = [target_of(each) for each in answer.value("entry.response.location")]
        places = {kind: f"{kind}/{ident}" for kind, ident in reversed(where)}
        kept = Kept(one, places.get("DocumentReference", ""), places.get("Binary", ""))
        seat.company.shelf[seat.call.document] = kept
    return told


def _label(
    code: str, change: Callable[[Bench, Who, Kept, str], Exchange]
) -> Callable[[Seat], Asked]:
    return lambda seat: _told(change(seat.bench, seat.who, seat.kept, code))


def _delete(seat: Seat) -> Asked:
    deleted = replacing("/status", "entered-in-error", "valueCode")
    return _told(changed(seat.bench, seat.who, seat.kept.place, deleted))


def _join(seat: Seat) -> Asked:
    return _operated(
        seat.bench.operation(
            "care_team", None, holder=seat.ins, who=seat.company.stage.cast[seat.call.who].rpps
        )
    )


def _share(seat: Seat) -> Asked:
    friend = seat.company.stage.friend
    guest = "" if friend is None else friend.ins
    return _operated(seat.bench.operation("caregiver", None, holder=seat.ins, who=guest))


def _close(seat: Seat) -> Asked:
    who, ins = seat.who, seat.ins
    return _operated(seat.bench.operation("close_space", who, patient=ins, passwordReentered=True))


def _wish(kind: str, stance: Stance, ground: str = "") -> Act:
    """Return the act by which somebody says what they permit or deny."""

    def commands(seat: Seat) -> tuple[Command, ...]:
        stage = seat.company.stage
        person, policies = stage.readings[0].person(seat.ins), Policies()
        about = stage.actors[seat.call.about].ident
        wish = Wish(kind, stance, about, stage.now, ground=ground)
        made = command_of(wish, stage.now, seat.actor, person, policies)
        return () if isinstance(made, list) else (made,)

    def ask(seat: Seat) -> Asked:
        values: dict[str, Json] = {
            "patient": seat.ins,
            "kind": kind,
            "stance": stance,
            "about": seat.company.stage.cast[seat.call.about].rpps,
            "ground": ground or None,
            "at": seat.company.stage.now.isoformat(timespec="seconds"),
        }
        return _operated(seat.bench.operation("give_consent", seat.who, **values))

    return Act(commands, ask)


def _on_document(
    *kinds: Callable[[datetime, Actor, str, str], Command],
) -> Callable[[Seat], tuple[Command, ...]]:
    """Return what makes commands on a document, in turn."""
    return lambda seat: tuple(kind(*_given(seat), seat.kept.one.unique_id) for kind in kinds)


def _deletion(seat: Seat) -> tuple[Command, ...]:
    now, actor, unique_id = seat.company.stage.now, seat.actor, seat.kept.one.unique_id
    if actor.kind is ActorKind.PROFESSIONAL:
        return (DeleteDocument(now, actor, seat.ins, unique_id, Means.PRO_SANTE_CONNECT),)
    return (DeleteOwnDocuments(now, actor, seat.ins, (unique_id,)),)


def _sharing(seat: Seat) -> tuple[Command, ...]:
    """Return the invitation and its answer: the relation is made at once."""
    now, guest = seat.company.stage.now, seat.company.stage.actors["friend"]
    return (
        InviteCaregiver(now, seat.actor, seat.ins, guest.ident),
        AnswerInvitation(now, guest, seat.ins, accept=True),
    )


def _given(seat: Seat) -> tuple[datetime, Actor, str]:
    return seat.company.stage.now, seat.actor, seat.ins


ACTS: Final[Mapping[str, Act]] = {
    "deposit": Act(lambda seat: _prepared(seat)[1].commands, _deposit),
    "search": Act(lambda seat: (SearchDocuments(*_given(seat), page_size=_PAGE),), _search),
    "read": Act(
        _on_document(ReadDocument),
        lambda seat: _told(seat.bench.call(seat.who, "GET", seat.kept.place)),
    ),
    "open": Act(
        _on_document(ReadDocument), lambda seat: _told(opened(seat.bench, seat.who, seat.kept))
    ),
    "mask": Act(_on_document(MaskDocument), _label(MASKED, labelled)),
    "unmask": Act(_on_document(ReadDocument, UnmaskDocument), _label(MASKED, unlabelled)),
    "hide": Act(_on_document(HideFromPatient), _label(HIDDEN, labelled)),
    "announce": Act(_on_document(ReadDocument, Announce), _label(HIDDEN, unlabelled)),
    "delete": Act(_deletion, _delete),
    "join": Act(lambda seat: (JoinCareTeam(*_given(seat), informed=True),), _join),
    "block": _wish("professional-block", "deny"),
    "unblock": _wish("professional-block", "permit"),
    "refuse": _wish("consultation-consent", "deny"),
    "consent": _wish("consultation-consent", "permit"),
    "object": _wish("feeding-opposition", "deny", Ground.NO_CARE.value),
    "share": Act(_sharing, _share),
    "close": Act(
        lambda seat: (CloseSpace(*_given(seat), Route.WEB, password_reentered=True),), _close
    ),
}
"""The acts by name."""
