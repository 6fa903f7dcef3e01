"""Acts on the life of a space: objections, entering, suspension, erasure, death, each by anybody.

What somebody types to be recognised is right, or wrong in one thing. A code is the last one that
the target told, used or not.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from etalon_conformance.exploring.seats import Act, Asked, Seat, operated
from etalon_conformance.life_scene import TERMS, typed
from etalon_conformance.races.stage import model_code
from etalon_model.activation import Activate
from etalon_model.actors import INSURER, SYSTEM
from etalon_model.closing import CloseSpace
from etalon_model.command import Command
from etalon_model.erasure import FinishErasure, RequestErasure, StartErasure
from etalon_model.identification import IdentityInputs
from etalon_model.notification import RegenerateCode
from etalon_model.opening import DeclareNotRepresentative, OpenAutomatically
from etalon_model.opposition import Oppose
from etalon_model.people import Route
from etalon_model.rights.blocks import DeclareAttendingDoctor
from etalon_model.suspension import ObjectToSuspension, Reinstate, Suspend
from etalon_model.vital_events import RecordDeath
from etalon_target.cannot import CannotTest
from etalon_wire.life_cycle import PROVISIONAL_CODE

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

BIRTH: Final = "birth"
CARD: Final = "card"
CODE: Final = "code"
NO_CODE: Final = "none"
OLD_TERMS: Final = "terms"
_A_DAY: Final = timedelta(days=1)
_UNCONFIRMED: Final = "unconfirmed"
_ERASED: Final = "erased"
_REASON: Final = "fraud"


def _said(seat: Seat) -> tuple[str, str]:
    """Return by which channel an act comes, and what is wrong in it."""
    channel, _, mistake = seat.call.about.partition(" ")
    return channel, mistake


def _inputs(seat: Seat) -> IdentityInputs:
    """Return what is typed, for the model."""
    stage, (_, mistake) = seat.company.stage, _said(seat)
    right = stage.readings[0].inputs(seat.ins, stage.now)
    if mistake == BIRTH:
        return replace(right, birth_on=right.birth_on + _A_DAY)
    return replace(right, vitale_serial=_other(right.vitale_serial)) if mistake == CARD else right


def _typed(seat: Seat) -> "dict[str, Json]":
    """Return what is typed, for the target.

    Raises:
        CannotTest: The target did not say what is on the card.
    """
    stage, (_, mistake) = seat.company.stage, _said(seat)
    right = typed(stage.person, stage.parent)
    if mistake == BIRTH:
        born = stage.person.birth_date
        right["birthDate"] = None if born is None else (born + _A_DAY).isoformat()
    if mistake == CARD:
        right["vitaleSerial"] = _other(str(right["vitaleSerial"]))
    return right


def _other(written: str) -> str:
    """Return another number, or code, of the same length: its last character is another."""
    return written[:-1] + ("1" if written.endswith("0") else "0")


def _model_code(seat: Seat) -> str | None:
    """Return the code that is typed, for the model; None where none is."""
    _, mistake = _said(seat)
    if mistake == NO_CODE:
        return None
    codes = seat.company.stage.readings[0].person(seat.ins).codes
    code = model_code(seat.ins, codes - 1)
    return _other(code) if mistake == CODE else code


def _target_code(seat: Seat) -> str | None:
    """Return the code that is typed, for the target; None where none is.

    Raises:
        CannotTest: The target told none.
    """
    _, mistake = _said(seat)
    if mistake == NO_CODE:
        return None
    code = seat.company.code
    if not code:
        raise CannotTest(key="cause.refused", operation="regenerate_code")
    return _other(code) if mistake == CODE else code


def _objection(seat: Seat) -> tuple[Command, ...]:
    channel, _ = _said(seat)
    code = _model_code(seat) if channel == Route.WEB else None
    return (Oppose(*seat.given, Route(channel), _inputs(seat), code),)


def _object(seat: Seat) -> Asked:
    channel, _ = _said(seat)
    code = _target_code(seat) if channel == Route.WEB else None
    said = {"through": channel, "code": code, **_typed(seat)}
    return operated(seat.bench.operation("oppose", seat.who, patient=seat.ins, **said))


def _entering(seat: Seat) -> tuple[Command, ...]:
    _, mistake = _said(seat)
    terms = _other(TERMS) if mistake == OLD_TERMS else TERMS
    inputs, code = _inputs(seat), _model_code(seat)
    return (Activate(*seat.given, inputs, code, franceconnect=False, terms_version=terms),)


def _enter(seat: Seat) -> Asked:
    _, mistake = _said(seat)
    terms = _other(TERMS) if mistake == OLD_TERMS else TERMS
    said = {"code": _target_code(seat), "termsVersion": terms, **_typed(seat)}
    return operated(seat.bench.operation("activate", seat.who, patient=seat.ins, **said))


def _new_code(seat: Seat) -> Asked:
    said = {"by": "sms", **_typed(seat)}
    sent = seat.bench.operation("regenerate_code", seat.who, patient=seat.ins, **said)
    code = sent.captures.get("code")
    code = code or sent.exchange.first(f"extension[url={PROVISIONAL_CODE}].valueString")
    if sent.accepted:
        seat.company.code = str(code or "")
    return operated(sent)


def _closing(seat: Seat) -> tuple[Command, ...]:
    about = seat.call.about
    closing = CloseSpace(*seat.given, Route.WEB, about != _UNCONFIRMED, about == _ERASED)
    return (closing, *_erasing(seat)) if about == _ERASED else (closing,)


def _close(seat: Seat) -> Asked:
    about = seat.call.about
    erase = {"erase": True} if about == _ERASED else {}
    done = seat.bench.operation(
        "close_space", seat.who, patient=seat.ins, passwordReentered=about != _UNCONFIRMED, **erase
    )
    if erase and done.accepted:
        _erase(seat)
    return operated(done)


def _erasing(seat: Seat) -> tuple[Command, ...]:
    now, ins = seat.company.stage.now, seat.ins
    return StartErasure(now, SYSTEM, ins), FinishErasure(now, SYSTEM, ins)


def _erase(seat: Seat) -> None:
    """Have what was asked for erased now; a target may have begun, or ended, by itself."""
    for name in ("start_erasure", "finish_erasure"):
        seat.bench.operation(name, seat.company.stage.whos["system"], patient=seat.ins)


def _ask_erasure(seat: Seat) -> Asked:
    done = seat.bench.operation("request_erasure", seat.who, patient=seat.ins)
    if done.accepted:
        _erase(seat)
    return operated(done)


def _plain(name: str, command: Callable[..., Command], **values: "Json") -> Act:
    """Return an act that is one operation of the life of a space."""
    return Act(
        lambda seat: (command(*seat.given, *values.values()),),
        lambda seat: operated(seat.bench.operation(name, seat.who, patient=seat.ins, **values)),
    )


def _attending(seat: Seat) -> tuple[Command, ...]:
    ident = seat.company.stage.actors[seat.call.about].ident
    return (DeclareAttendingDoctor(seat.company.stage.now, INSURER, seat.ins, ident),)


def _declare_attending(seat: Seat) -> Asked:
    who = seat.company.stage.cast[seat.call.about].rpps
    return operated(seat.bench.operation("attending_doctor", None, holder=seat.ins, who=who))


ACTS_OF_LIFE: Final[Mapping[str, Act]] = {
    "oppose": Act(_objection, _object),
    "activate": Act(_entering, _enter),
    "new_code": Act(lambda seat: (RegenerateCode(*seat.given, _inputs(seat), "sms"),), _new_code),
    "open_space": _plain("open_space", OpenAutomatically),
    "hold": _plain("hold_opening", DeclareNotRepresentative),
    "close": Act(_closing, _close),
    "erase": Act(lambda seat: (RequestErasure(*seat.given), *_erasing(seat)), _ask_erasure),
    "suspend": _plain("suspend_space", Suspend, reason=_REASON),
    "resist": _plain("object_to_suspension", ObjectToSuspension),
    "reinstate": _plain("reinstate_space", Reinstate),
    "die": _plain("record_death", RecordDeath),
    "attend": Act(_attending, _declare_attending),
}
"""The acts by name."""
