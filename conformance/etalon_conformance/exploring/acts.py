"""What each act of a sequence is: commands of the model, and what is asked of the target."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from etalon_conformance.asking import TransportSurprise
from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_conformance.exploring.beside_documents import ACTS_BESIDE, wish
from etalon_conformance.exploring.seats import Act, Asked, Seat, operated, told
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
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, InviteCaregiver
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

_PAGE: Final = LIMITS["search_page_most"]
_REFUSED_TOKEN: Final = "target.token_refused"  # noqa: S105 (the key of a text)
_NO_LABEL: Final = "cause.no_label"


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


def _search(seat: Seat) -> Asked:
    pages = found(seat.bench, seat.who, seat.company.stage.person)
    answered = told(*pages)
    if not answered.accepted:
        return answered
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
    answered = told(answer)
    if answered.accepted:
        where = [target_of(each) for each in answer.value("entry.response.location")]
        places = {kind: f"{kind}/{ident}" for kind, ident in reversed(where)}
        kept = Kept(one, places.get("DocumentReference", ""), places.get("Binary", ""))
        seat.company.shelf[seat.call.document] = kept
    return answered


def _label(
    code: str, change: Callable[[Bench, Who, Kept, str], Exchange]
) -> Callable[[Seat], Asked]:
    return lambda seat: told(change(seat.bench, seat.who, seat.kept, code))


def _delete(seat: Seat) -> Asked:
    deleted = replacing("/status", "entered-in-error", "valueCode")
    return told(changed(seat.bench, seat.who, seat.kept.place, deleted))


def _join(seat: Seat) -> Asked:
    return operated(
        seat.bench.operation(
            "care_team", None, holder=seat.ins, who=seat.company.stage.cast[seat.call.who].rpps
        )
    )


def _share(seat: Seat) -> Asked:
    friend = seat.company.stage.friend
    guest = "" if friend is None else friend.ins
    return operated(seat.bench.operation("caregiver", None, holder=seat.ins, who=guest))


def _on_document(
    *kinds: Callable[[datetime, Actor, str, str], Command],
) -> Callable[[Seat], tuple[Command, ...]]:
    """Return what makes commands on a document, in turn."""
    return lambda seat: tuple(kind(*seat.given, seat.kept.one.unique_id) for kind in kinds)


def _reading(seat: Seat) -> tuple[Command, ...]:
    return (ReadDocument(*seat.given, seat.kept.one.unique_id, seat.mode),)


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


ACTS: Final[Mapping[str, Act]] = {
    "deposit": Act(lambda seat: _prepared(seat)[1].commands, _deposit),
    "search": Act(
        lambda seat: (SearchDocuments(*seat.given, mode=seat.mode, page_size=_PAGE),), _search
    ),
    "read": Act(
        _reading,
        lambda seat: told(seat.bench.call(seat.who, "GET", seat.kept.place)),
    ),
    "open": Act(_reading, lambda seat: told(opened(seat.bench, seat.who, seat.kept))),
    "mask": Act(_on_document(MaskDocument), _label(MASKED, labelled)),
    "unmask": Act(_on_document(ReadDocument, UnmaskDocument), _label(MASKED, unlabelled)),
    "hide": Act(_on_document(HideFromPatient), _label(HIDDEN, labelled)),
    "announce": Act(_on_document(ReadDocument, Announce), _label(HIDDEN, unlabelled)),
    "delete": Act(_deletion, _delete),
    "join": Act(lambda seat: (JoinCareTeam(*seat.given, informed=True),), _join),
    "block": wish("professional-block", "deny"),
    "unblock": wish("professional-block", "permit"),
    "refuse": wish("consultation-consent", "deny"),
    "consent": wish("consultation-consent", "permit"),
    "object": wish("feeding-opposition", "deny", Ground.NO_CARE.value),
    "share": Act(_sharing, _share),
    **ACTS_BESIDE,
}
"""The acts by name."""
