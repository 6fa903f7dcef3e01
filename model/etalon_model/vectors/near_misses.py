"""Stories that end a hair's breadth from another: one field of the last command is off.

Walks give commands as people give them, and so meet few of the refusals of what is malformed or
said twice. Here each field of the last command is emptied, lengthened, moved in time or replaced,
and accepted commands are given again.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final, cast

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.command_codec import command_from, plain_command
from etalon_model.outcomes import Refusal
from etalon_model.parameters import Parameters
from etalon_model.value_codec import CommandFormatError, Json, codec_of
from etalon_model.vectors.stories import Key, Story, ended, scene_of

_NAME: Final = "command"
_REPEATED: Final = 20
_TEXTS: Final[tuple[Json, ...]] = ("", "x", "0" * 15, "x" * 1_001)
_NUMBERS: Final[tuple[Json, ...]] = (0, -1, 1_000_000_000)
_MISSING: Final[tuple[Json, ...]] = ("x", 0, "2020-01-01", "2020-01-01T00:00:00Z")
_KINDS: Final[tuple[Json, ...]] = tuple(kind.value for kind in ActorKind)
_DAYS: Final = tuple(timedelta(days=days) for days in (-9_000, -400, -2, 2, 400))


def near_misses(
    parameters: Parameters, stories: Iterable[Story], known: Iterable[Key]
) -> dict[Key, Story]:
    """Return a story for each refusal not in `known` that a small change leads to.

    The shortest story wins, and among equals the first.
    """
    met = set(known)
    found: dict[Key, Story] = {}
    for story in sorted(stories, key=lambda one: len(one.given)):
        for near in _near(story):
            service = scene_of(parameters, near.seed, near.given)
            ending, outcome = ended(service, near.when)
            key = ("refused", f"{ending.rule} {ending.code}")
            if isinstance(outcome, Refusal) and key not in met:
                met.add(key)
                found[key] = near
    return dict(sorted(found.items()))


def _near(story: Story) -> Iterator[Story]:
    """Yield the story with its last command given twice, then with each of its fields off."""
    yield Story(story.seed, (*story.given, story.when), story.when)
    for command in _changed(story.when):
        yield Story(story.seed, story.given, command)


def _changed(command: Command) -> Iterator[Command]:
    # Through JSON, where a member of an enumeration that stands for a text is a text.
    for document in _off(cast("Json", json.loads(json.dumps(plain_command(command))))):
        with suppress(CommandFormatError):
            yield command_from(document)


def _off(value: Json, name: str = "") -> Iterator[Json]:
    """Yield what a value may become when one thing in it is off."""
    if isinstance(value, dict):
        if name:
            yield None
        for key, held in value.items():
            if key != _NAME:
                yield from ({**value, key: other} for other in _off(held, key))
    elif isinstance(value, list):
        yield []
        yield value * _REPEATED
        for place, held in enumerate(value):
            before, after = value[:place], value[place + 1 :]
            yield [*before, *after]
            yield from ([*before, other, *after] for other in _off(held, name))
    else:
        yield from _others(value, name)


def _others(value: Json, name: str) -> tuple[Json, ...]:
    """Return what a simple value may become."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return (*_NUMBERS, None)
    if isinstance(value, str):
        return (*(_KINDS if name == "kind" else _TEXTS), *_moved(value), None)
    return _MISSING


def _moved(text: str) -> tuple[Json, ...]:
    """Return an instant or a day earlier and later, nothing for another text."""
    kind = datetime if "T" in text else date
    codec = codec_of(kind)
    with suppress(CommandFormatError):
        found = codec.value(text, "")
        return tuple(codec.plain(found + days) for days in _DAYS)  # type: ignore[operator]
    return ()
