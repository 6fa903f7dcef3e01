"""Stories as JSON holds them, and back: what a runner in any language reads."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from typing import cast

from etalon_model.command import Command
from etalon_model.command_codec import command_from, plain_command
from etalon_model.parameters import Parameters
from etalon_model.policies import open_questions
from etalon_model.states import ACCESS, State
from etalon_model.value_codec import Json, codec_of
from etalon_model.vectors.answers import plain
from etalon_model.vectors.stories import Story, Telling, questions, told
from etalon_model.vectors.switches import Switch, noting, switches, under
from etalon_model.vectors.views import View

PlainStory = dict[str, Json]


def plain_story(parameters: Parameters, shows: str, story: Story) -> PlainStory:
    """Return a story with its outcome, what is seen, and what other answers would change."""
    views = questions(parameters, story)
    noted_parameters, noted = noting(parameters)
    ran: set[str] = set()
    telling = told(noted_parameters, story, views, ran)
    others = [
        (switch, told(under(parameters, switch.setting, switch.value), story, views))
        for switch in switches()
        if switch.setting in noted
    ]
    rules = sorted({*ran, telling.ending.rule} - {""})
    return {
        "shows": shows,
        "seed": story.seed,
        "rules": [*rules],
        "given": [plain_command(command) for command in story.given],
        "when": plain_command(story.when),
        **_told(telling),
        "access": _access(telling.ending.after),
        "sees": [{**_plain_view(view), "answer": telling.seen[view.who]} for view in views],
        "alternatives": [
            _alternative(one, other, telling) for one, other in others if other != telling
        ],
        "notes": _notes(rules if not telling.ending.rule else [telling.ending.rule]),
    }


def _told(telling: Telling) -> PlainStory:
    ending = telling.ending
    state: Json = {"before": ending.before.value, "after": ending.after.value}
    return {"outcome": telling.outcome, "state": state}


def _access(state: State) -> Json:
    """Return what a state opens, to whom."""
    known = ACCESS[state]
    return {
        "holder_logs_in": known.holder_logs_in,
        "professionals_feed": known.professionals_feed,
        "professionals_read": known.professionals_read,
    }


def _notes(rules: Sequence[str]) -> list[Json]:
    """Return the open questions on these rules that no switch answers."""
    notes = (one for one in open_questions() if one.form == "note")
    return [one.ident for one in notes if not set(rules).isdisjoint(one.rules)]


def _alternative(switch: Switch, other: Telling, telling: Telling) -> PlainStory:
    seen = other.seen.items()
    return {
        "question": switch.question,
        "setting": switch.setting,
        "value": switch.value,
        **_told(other),
        "sees": {who: answer for who, answer in seen if answer != telling.seen[who]},
    }


def _plain_view(view: View) -> PlainStory:
    if view.asks:
        return {"who": view.who, "asks": view.asks, "at": plain(view.at), "ins": view.ins}
    return {"who": view.who, "reads": [_short(command) for command in view.reads]}


def _short(command: Command) -> Json:
    """Return a command less the fields that stand at their defaults."""
    plain_fields = plain_command(command)
    for field in fields(command):
        default = field.default
        if default is not MISSING and getattr(command, field.name) == default:
            del plain_fields[field.name]
    return plain_fields


def faults(parameters: Parameters, document: Mapping[str, object]) -> list[str]:
    """Tell a story read from a file to the model; return where the model answers otherwise.

    Raises:
        CommandFormatError: A command of it is none of the service.
    """
    given = tuple(command_from(one) for one in cast("list[object]", document["given"]))
    story = Story(cast("int", document["seed"]), given, command_from(document["when"]))
    sees = cast("list[dict[str, object]]", document["sees"])
    views = tuple(_view_from(view) for view in sees)
    expected = {cast("str", view["who"]): view["answer"] for view in sees}
    found = _differences("", told(parameters, story, views), document, expected)
    for other in cast("list[dict[str, object]]", document["alternatives"]):
        setting, value = cast("str", other["setting"]), cast("str", other["value"])
        changed = {**expected, **cast("dict[str, object]", other["sees"])}
        telling = told(under(parameters, setting, value), story, views)
        found += _differences(f"{setting}={value}: ", telling, other, changed)
    return found


def _differences(
    head: str, telling: Telling, document: Mapping[str, object], expected: Mapping[str, object]
) -> list[str]:
    parts = [part for part, said in _told(telling).items() if said != document[part]]
    seen = [who for who, answer in telling.seen.items() if answer != expected[who]]
    return [f"{head}{part}" for part in (*parts, *(f"what {who} sees" for who in seen))]


def _view_from(document: Mapping[str, object]) -> View:
    who = cast("str", document["who"])
    if "asks" in document:
        at = cast("datetime", codec_of(datetime).value(document["at"], who))
        asks, ins = cast("str", document["asks"]), cast("str", document["ins"])
        return View(who, asks=asks, at=at, ins=ins)
    reads = cast("list[object]", document["reads"])
    return View(who, tuple(command_from(command) for command in reads))
