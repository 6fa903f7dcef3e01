"""The journal: the accepted commands of a service, enough to have its state again.

A journal is a text of JSON lines: a head with the parameters and the seed, the commands in their
order, and a foot with how many there are and the digest of the state they led to. Commands that
were refused changed nothing and are not in it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TextIO, cast

from etalon_model.command import Command
from etalon_model.command_codec import command_from, plain_command
from etalon_model.outcomes import Refusal
from etalon_model.parameters import Parameters
from etalon_model.service import Service
from etalon_model.value_codec import CommandFormatError, Json, codec_of

FORMAT: Final = "etalon-journal"
VERSION: Final = 1

# Made once: `json.dumps` makes an encoder for each line.
_encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JournalError(ValueError):
    """What was read is no journal that this version replays; the message says on which line."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A journal carried out again.

    Attributes:
        service: The service it led to.
        commands: How many commands it holds.
        recorded: Digest recorded with it.
    """

    service: Service
    commands: int
    recorded: str

    @property
    def is_equal(self) -> bool:
        """Whether the state reached has the digest recorded."""
        return self.service.digest() == self.recorded


class JournalWriter:
    """Writes a journal while a service runs: its `write` is what the service is given.

    `finish` adds the last line, which tells a whole journal from a torn one.

    Attributes:
        commands: How many commands were written.
    """

    __slots__ = ("_file", "commands")

    def __init__(self, file: TextIO, parameters: Parameters, seed: int) -> None:
        """Write the head to `file`, a text stream whose lines end with a line feed."""
        self._file = file
        self.commands = 0
        known = codec_of(Parameters).plain(parameters)
        self._line({"format": FORMAT, "version": VERSION, "seed": seed, "parameters": known})

    def write(self, command: Command) -> None:
        """Add an accepted command."""
        self.commands += 1
        self._line(plain_command(command))

    def finish(self, digest: str) -> None:
        """Write the foot: how many commands there are, and the digest they led to."""
        self._line({"commands": self.commands, "digest": digest})

    def _line(self, document: dict[str, Json]) -> None:
        self._file.write(_encoded(document) + "\n")


def write_journal(
    file: TextIO, parameters: Parameters, seed: int, commands: Iterable[Command], digest: str
) -> None:
    """Write a whole journal from commands kept in memory."""
    writer = JournalWriter(file, parameters, seed)
    for command in commands:
        writer.write(command)
    writer.finish(digest)


def replay(lines: Iterable[str]) -> Replay:
    """Carry out a journal on a new service.

    Raises:
        JournalError: It is no whole journal of this version, or a command of it is refused.
    """
    documents = _documents(lines)
    service = _service(next(documents, None))
    done = 0
    for line, document in documents:
        if "digest" in document:
            if document.get("commands") != done:
                message = f"line {line}: {document.get('commands')} commands said, {done} found"
                raise JournalError(message)
            return Replay(service, done, str(document["digest"]))
        try:
            outcome = service.apply(command_from(document))
        except CommandFormatError as error:
            message = f"line {line}: {error}"
            raise JournalError(message) from error
        if isinstance(outcome, Refusal):
            message = f"line {line}: refused on replay: {outcome.message}"
            raise JournalError(message)
        done += 1
    message = f"the journal ends after {done} commands without its last line: it was torn"
    raise JournalError(message)


def _documents(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        try:
            document: object = json.loads(line)
        except (ValueError, RecursionError) as error:
            message = f"line {number}: no JSON: {getattr(error, 'msg', error)}"
            raise JournalError(message) from error
        if not isinstance(document, dict):
            message = f"line {number}: expected an object"
            raise JournalError(message)
        yield number, cast("dict[str, object]", document)


def _service(head: tuple[int, dict[str, object]] | None) -> Service:
    document = {} if head is None else head[1]
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        message = f"line 1: expected the head of an {FORMAT} of version {VERSION}"
        raise JournalError(message)
    try:
        known = codec_of(Parameters).value(document.get("parameters"), "parameters")
        seed = codec_of(int).value(document.get("seed"), "seed")
    except CommandFormatError as error:
        message = f"line 1: {error}"
        raise JournalError(message) from error
    return Service(cast("Parameters", known), seed=cast("int", seed))
