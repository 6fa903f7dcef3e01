"""Histories as a text of JSON lines: a head, an operation a line, and a foot that counts them.

What the service stood at before is not in it: that is a journal (`etalon_model.journal`).
"""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from etalon_conformance.histories.history import Answer, Operation
from etalon_model.command import Command
from etalon_model.command_codec import command_from, plain_command
from etalon_model.value_codec import Json

FORMAT: Final = "etalon-history"
VERSION: Final = 1

CommandOperation = Operation[Command, Answer]


class HistoryFormatError(ValueError):
    """What was read is no whole history of this version; the message says on which line."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Head(_Strict):
    format: str
    version: int


class _Foot(_Strict):
    operations: int


class _Observed(_Strict):
    accepted: bool
    codes: tuple[str, ...] = ()
    seen: JsonValue = None


class _Line(_Strict):
    client: str
    command: dict[str, JsonValue]
    invoked: int
    returned: int | None
    observed: _Observed | None


def history_lines(history: Iterable[CommandOperation]) -> Iterator[str]:
    """Yield the lines of a history, each with its line feed."""
    yield _line({"format": FORMAT, "version": VERSION})
    count = 0
    for one in history:
        count += 1
        seen = one.observed
        observed: Json = None
        if seen is not None:
            observed = {"accepted": seen.accepted, "codes": [*seen.codes], "seen": seen.seen}
        yield _line(
            {
                "client": one.client,
                "command": plain_command(one.asked),
                "invoked": one.invoked,
                "returned": one.returned,
                "observed": observed,
            }
        )
    yield _line({"operations": count})


def history_from(lines: Iterable[str]) -> tuple[CommandOperation, ...]:
    """Read a history again.

    Raises:
        HistoryFormatError: It is no whole history of this version; the message says on which line.
    """
    numbered = list(enumerate(lines, 1))
    _check_head(numbered[:1])
    history = tuple(_operation(number, line) for number, line in numbered[1:-1])
    _check_foot(numbered[1:], len(history))
    return history


def _line(document: dict[str, Json]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _check_head(numbered: list[tuple[int, str]]) -> None:
    try:
        known = [_Head.model_validate_json(line) for _, line in numbered]
    except ValidationError:
        known = []
    if known != [_Head(format=FORMAT, version=VERSION)]:
        message = f"line 1: expected the head of an {FORMAT} of version {VERSION}"
        raise HistoryFormatError(message)


def _check_foot(numbered: list[tuple[int, str]], count: int) -> None:
    try:
        said = [_Foot.model_validate_json(line).operations for _, line in numbered[-1:]]
    except ValidationError:
        said = []
    if not said:
        message = f"the history ends after line {len(numbered) + 1} without its last: it was torn"
        raise HistoryFormatError(message)
    if said != [count]:
        message = f"line {numbered[-1][0]}: {said[0]} operations said, {count} found"
        raise HistoryFormatError(message)


def _operation(number: int, line: str) -> CommandOperation:
    try:
        read = _Line.model_validate_json(line)
        observed = None
        if read.observed is not None:
            known = read.observed
            observed = Answer(accepted=known.accepted, codes=known.codes, seen=known.seen)
        return Operation(
            client=read.client,
            asked=command_from(read.command),
            invoked=read.invoked,
            returned=read.returned,
            observed=observed,
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        message = f"line {number}: {f'{place}: ' if place else ''}{first['msg']}"
    except ValueError as error:
        message = f"line {number}: {error}"
    raise HistoryFormatError(message)
