"""What only those in a space have in an agenda: reminders, prevention items, the whole of it.

No public text gives them a wire: the operations are ours, and the agenda is told as Parameters.

Source: official application (three collections of the agenda; states of a prevention item).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, cast

from etalon_model import Actor, Command
from etalon_model.agenda.agenda import PreventionState, Reminder
from etalon_model.agenda.prevention import (
    AgendaView,
    DeclarePrevention,
    PreventionItem,
    ReadAgenda,
)
from etalon_model.agenda.reminders import AddReminder, DeleteReminder
from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import VALUE, Malformed
from etalon_wire.operations import Value

_NUMBER_DIGITS: Final = 9


def agenda_command(
    operation: str, at: datetime, actor: Actor, ins: str, values: Mapping[str, Value]
) -> Command:
    """Return the command that an operation on an agenda asks for.

    Raises:
        Malformed: The number of a reminder is none.
        KeyError: There is no such operation.
    """
    given = dict(values)
    if operation == "mes-read-agenda":
        return ReadAgenda(at, actor, ins)
    if operation == "mes-add-reminder":
        due_on, title = cast("date", given["dueOn"]), str(given["title"])
        return AddReminder(at, actor, ins, due_on, title, str(given.get("comment", "")))
    if operation == "mes-delete-reminder":
        return DeleteReminder(at, actor, ins, _number(str(given["number"])))
    if operation == "mes-declare-prevention":
        state = PreventionState(str(given["state"]).upper().replace("-", "_"))
        executed_on = cast("date | None", given.get("executedOn"))
        return DeclarePrevention(at, actor, ins, str(given["key"]), state, executed_on)
    raise KeyError(operation)


def _number(text: str) -> int:
    if text.isdecimal() and text.isascii() and len(text) <= _NUMBER_DIGITS:
        return int(text)
    message = "the number of a reminder, as the agenda tells it"
    raise Malformed(VALUE, "Parameters.parameter", message)


def state_code(state: PreventionState) -> str:
    """Return the code of a state of a prevention item."""
    return state.value.lower().replace("_", "-")


def agenda_parameters(view: AgendaView, appointments: Sequence[Resource]) -> Resource:
    """Return a whole agenda as Parameters; the appointments are shown already."""
    told: list[Json] = [{"name": "appointment", "resource": one} for one in appointments]
    told += [_reminder(one) for one in view.reminders]
    told += [_prevention(one) for one in view.prevention]
    parameters: Resource = {"resourceType": "Parameters"}
    if told:
        parameters["parameter"] = told
    return parameters


def _reminder(one: Reminder) -> Json:
    parts: list[Json] = [
        _said("number", "valueString", str(one.number)),
        _said("dueOn", "valueDate", one.due_on.isoformat()),
        _said("title", "valueString", one.title),
    ]
    if one.comment:
        parts.append(_said("comment", "valueString", one.comment))
    return {"name": "reminder", "part": parts}


def _prevention(one: PreventionItem) -> Json:
    window = one.window
    parts: list[Json] = [
        _said("key", "valueString", window.key),
        _said("kind", "valueCode", window.rule.kind),
        _said("type", "valueCode", window.rule.type_code),
        _said("title", "valueString", window.rule.title),
        _said("level", "valueCode", window.rule.level),
        _said("state", "valueCode", state_code(one.state)),
        {"name": "window", "valuePeriod": _period(window.from_on, window.until_on)},
        {
            "name": "campaign",
            "valuePeriod": _period(window.campaign_from_on, window.campaign_until_on),
        },
    ]
    if one.executed_on is not None:
        parts.append(_said("executedOn", "valueDate", one.executed_on.isoformat()))
    return {"name": "prevention", "part": parts}


def _said(name: str, element: str, value: str) -> Json:
    return {"name": name, element: value}


def _period(first: date, after: date) -> Json:
    """Return the days of a window; the day that ends it is not of it."""
    return {"start": first.isoformat(), "end": date.fromordinal(after.toordinal() - 1).isoformat()}
