"""Answers as plain data: what a reader learns, in the words of the model's own types.

Documents, rows of the log and people are told by what makes them recognised; every other value by
its fields.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final, cast

from etalon_model.access_log import LogRow
from etalon_model.actors import Actor
from etalon_model.agenda.prevention import PreventionItem
from etalon_model.messaging.conversations import Message
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.records.record import Document
from etalon_model.value_codec import Json, codec_of


def plain_outcome(outcome: Outcome) -> dict[str, Json]:
    """Return an outcome: accepted, with its answer if it has one, or refused under a rule."""
    if isinstance(outcome, Refusal):
        return {"accepted": False, "rule": outcome.rule, "code": outcome.code}
    if outcome.answer is None:
        return {"accepted": True}
    return {"accepted": True, "answer": plain(outcome.answer)}


def plain(value: object) -> Json:
    """Return a value as JSON holds it; sets are sorted.

    Raises:
        TypeError: It is of a type that nothing here writes.
    """
    special = _SPECIAL.get(type(value))
    if special is not None:
        return special(value)
    if isinstance(value, Enum):
        return cast("Json", value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if is_dataclass(value):
        shown = (each for each in fields(value) if not each.name.startswith("_"))
        return {each.name: plain(getattr(value, each.name)) for each in shown}
    return _plain_collection(value)


def _plain_collection(value: object) -> Json:
    if isinstance(value, Mapping):
        held = cast("Mapping[object, object]", value)
        return {str(plain(key)): plain(one) for key, one in held.items()}
    if isinstance(value, AbstractSet):
        return sorted((plain(one) for one in cast("AbstractSet[object]", value)), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [plain(one) for one in cast("Sequence[object]", value)]
    message = f"{type(value).__name__} cannot be written in a test vector"
    raise TypeError(message)


def _document(value: object) -> Json:
    document = cast("Document", value)
    until = document.hidden_until
    return {
        "unique_id": document.unique_id,
        "type": document.sheet.type_code,
        "codes": [*document.confidentiality.codes],
        "hidden_until": None if until is None else plain(until),
        "status": document.status.value,
        "archived": document.archived,
        "depositor": document.depositor.ident,
    }


def _actor(value: object) -> Json:
    actor = cast("Actor", value)
    return {"kind": actor.kind.value, "ident": actor.ident}


def _row(value: object) -> Json:
    row = cast("LogRow", value)
    return {
        "at": plain(row.at),
        "kind": row.kind.value,
        "actor": row.actor.ident,
        "action": row.deed.action,
        "detail": row.deed.detail,
        "refused": row.deed.refused,
        "family": row.deed.family.value,
    }


def _message(value: object) -> Json:
    message = cast("Message", value)
    return {
        "at": plain(message.at),
        "sender": message.sender,
        "author": plain(message.author),
        "caregiver": message.caregiver,
        "text": message.text,
        "attachments": [
            {"name": one.name, "mime": one.mime, "savable": one.can_add_to_record}
            for one in message.attachments
        ],
    }


def _prevention(value: object) -> Json:
    item = cast("PreventionItem", value)
    return {
        "key": item.window.key,
        "state": item.state.value,
        "executed_on": plain(item.executed_on),
        "recipient": item.recipient,
    }


_SPECIAL: Final[dict[type, Callable[[object], Json]]] = {
    Document: _document,
    Actor: _actor,
    LogRow: _row,
    Message: _message,
    PreventionItem: _prevention,
    datetime: lambda value: codec_of(datetime).plain(value),
    date: lambda value: cast("date", value).isoformat(),
    timedelta: lambda value: cast("timedelta", value).total_seconds(),
    Decimal: str,
    bytes: lambda value: cast("bytes", value).hex(),
}
