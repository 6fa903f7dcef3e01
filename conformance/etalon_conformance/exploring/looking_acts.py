"""Looks that change nothing: codes of documents, the standing of whoever asks, what was told."""

from collections.abc import Mapping
from typing import Final

from etalon_conformance.exploring.mailbox_acts import listed
from etalon_conformance.exploring.seats import Act, Asked, Seat, operated, ranked
from etalon_conformance.seeing import Kept
from etalon_model.command import Command
from etalon_model.people import Person
from etalon_model.records.reading import ReadDocument
from etalon_model.records.record import Document
from etalon_model.rights.consultation import AskAuthorisation
from etalon_model.rights.modes import Authorisation
from etalon_wire.labels import VISIBILITY

_CODES: Final = f"securityLabel.coding[system={VISIBILITY}].code"
_STATUS: Final = "parameter[name=status].valueCode"
_EXISTS: Final = "parameter[name=exists].valueBoolean"
_WHETHER_OPEN: Final = "exists"


def _kept(seat: Seat) -> Kept:
    return seat.kept


def _read(seat: Seat) -> tuple[Command, ...]:
    return (ReadDocument(*seat.given, _kept(seat).one.unique_id, seat.mode),)


def _ask_codes(seat: Seat) -> Asked:
    return listed(seat.bench.call(seat.who, "GET", _kept(seat).place), _CODES)


def _codes(_: Seat, answer: object) -> frozenset[str] | None:
    """Return the codes of visibility of a document; its level stands beside them."""
    if not isinstance(answer, Document):
        return None
    return frozenset(answer.confidentiality.codes[1:])


def _authorisation(seat: Seat) -> Asked:
    """Ask whether one may read, or whether there is a record; another form tells nothing."""
    where = _EXISTS if seat.call.about == _WHETHER_OPEN else _STATUS
    done = seat.bench.operation("ask_authorisation", seat.who, patient=seat.ins)
    told = operated(done)
    values = frozenset(done.exchange.value(where)) if done.accepted else frozenset[str]()
    if not values:
        return told
    return Asked(told.looked, told.accepted, values, where=where)


def _status(seat: Seat, answer: object) -> frozenset[str] | None:
    if not isinstance(answer, Authorisation):
        return None
    is_open = str(answer.exists).lower()
    return frozenset({is_open if seat.call.about == _WHETHER_OPEN else answer.status.value})


def _to(seat: Seat) -> str:
    return f"told[code={seat.call.about}].to"


def _notices(seat: Seat) -> Asked:
    """Ask who was told something; a target that answers in another form tells nothing."""
    done = seat.bench.operation("tell_notices", None, patient=seat.ins)
    told = operated(done)
    answer = done.exchange.json()
    if not isinstance(answer, dict) or not isinstance(answer.get("told"), list):
        return told
    names = ranked(done.exchange.value(_to(seat)))
    return Asked(told.looked, told.accepted, names, where=_to(seat), is_ranked=True)


def told_in(person: Person, code: str) -> frozenset[str]:
    """Return whom the model told something, as `Asked.listed` has it."""
    told = [] if person.dossier is None else person.dossier.told
    return ranked(one.to for one in told if one.code == code)


ACTS_OF_LOOKING: Final[Mapping[str, Act]] = {
    "codes": Act(_read, _ask_codes, _codes),
    "ask": Act(lambda seat: (AskAuthorisation(*seat.given),), _authorisation, _status),
    "notices": Act(lambda _: (), _notices),
}
"""The acts by name."""
