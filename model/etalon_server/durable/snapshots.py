"""Snapshots: the whole state at one sequence, so that a start replays only what came after.

A snapshot is a gzip of lines of JSON: a head, the state (`state_codec`), and a foot with the digest
of all the lines before it. It is written under another name, read back, then put in place; the
ones before are taken away last. What is lost without any snapshot is time: the journal holds all.
"""

import gc
import gzip
import json
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO, cast

from etalon_model.parts import attributes_of
from etalon_model.register import Register
from etalon_model.service import Service
from etalon_model.snapshot import Snapshot
from etalon_server.durable.failures import DirectoryRefusedError, SnapshotFailedError
from etalon_server.durable.journal import Tail
from etalon_server.durable.placing import put_in_place
from etalon_server.durable.state_codec import StateFormatError, StateReader, StateWriter

if TYPE_CHECKING:
    from etalon_model.access_log import LogRow
    from etalon_model.people import Person

FORMAT: Final = "etalon-snapshot"
FORMAT_VERSION: Final = 1
NEW_NAME: Final = "snapshot.new"
_NAMES: Final = "snapshot-*.gz"
_PARTS: Final = frozenset({"parameters", "seed", "people"})
"""Attributes of the register that a snapshot does not hold, or holds person by person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a snapshot stands.

    Attributes:
        tail: Sequence and link of the last command it holds.
        last_at: Instant of the latest command (UTC).
    """

    tail: Tail
    last_at: datetime


def snapshots_of(directory: Path) -> list[Path]:
    """Return the snapshots of a directory, the newest first."""
    return sorted(directory.glob(_NAMES), reverse=True)


def keep_snapshot(directory: Path, moment: Moment, service: Service) -> Path:
    """Write a snapshot of a service, verified, in the place of those before; return its file.

    Nothing may happen to the service meanwhile.

    Raises:
        SnapshotFailedError: It could not be written, or reads back otherwise.
    """
    new, file = directory / NEW_NAME, directory / f"snapshot-{moment.tail.sequence:020d}.gz"
    try:
        write_snapshot(new, moment, service)
        if _read(new, None) != moment:
            raise SnapshotFailedError(new, "it reads back otherwise than it was written")
        put_in_place(new, file)
        for other in snapshots_of(directory):
            if other != file:
                other.unlink()
    except (OSError, EOFError, zlib.error, StateFormatError) as error:
        raise SnapshotFailedError(new, str(error)) from error
    return file


def write_snapshot(file: Path, moment: Moment, service: Service) -> None:
    """Write a snapshot to a file.

    Raises:
        OSError: The disk refused.
    """
    memory = service.snapshot(copied=False)
    register = memory.register
    head = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "sequence": moment.tail.sequence,
        "link": moment.tail.link.hex(),
        "last_at": moment.last_at.isoformat(),
    }
    check = blake2b(digest_size=32)
    writer = StateWriter()

    def lines() -> Iterator[str]:
        yield json.dumps(head)
        yield from writer.lines({name: getattr(register, name) for name in _names()})
        yield from writer.lines(list(memory.turned_away))
        for person in register.people.values():
            yield from writer.lines(person)

    with gzip.open(file, "wb", compresslevel=1) as packed:
        for line in lines():
            content = f"{line}\n".encode()
            check.update(content)
            packed.write(content)
        foot = {"people": len(register.people), "check": check.hexdigest()}
        packed.write(f"{json.dumps(foot)}\n".encode())


def restore_snapshot(file: Path, service: Service) -> Moment:
    """Bring a new service to where a snapshot stands; return that.

    Raises:
        StateFormatError: The snapshot is damaged: the service must not be used.
        DirectoryRefusedError: It is of another version.
    """
    try:
        with _without_collection():
            return _read(file, service)
    except (OSError, EOFError, zlib.error) as error:
        raise StateFormatError(str(error)) from error


def _names() -> list[str]:
    return [name for name in attributes_of(Register) if name not in _PARTS]


def _read(file: Path, service: Service | None) -> Moment:
    """Read a snapshot whole, into a service if one is given."""
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as text:
        lines = _Lines(text)
        moment = _moment(file, next(lines, ""))
        values = StateReader().values(lines)
        parts = cast("dict[str, object]", next(values, None))
        turned_away = cast("list[LogRow]", next(values, None))
        count = 0
        memory = None if service is None else service.snapshot(copied=False)
        for value in values:
            count += 1
            if memory is not None:
                person = cast("Person", value)
                memory.register.people[person.ins] = person
        if count != lines.people:
            message = f"{lines.people} people were written, {count} are there"
            raise StateFormatError(message)
    if service is not None and memory is not None:
        for name in _names():
            setattr(memory.register, name, parts[name])
        service.restore(Snapshot(memory.register, tuple(turned_away)), copied=False)
    return moment


class _Lines:
    """The lines before the foot, which is compared with what was read."""

    __slots__ = ("_check", "_text", "people")

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._check = blake2b(digest_size=32)
        self.people = -1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline()
        if not line:
            message = "it ends before its last line"
            raise StateFormatError(message)
        if line.startswith('{"people"'):
            foot = json.loads(line)
            if foot["check"] != self._check.hexdigest():
                message = "its lines are not those written"
                raise StateFormatError(message)
            self.people = int(foot["people"])
            raise StopIteration
        self._check.update(line.encode())
        return line


def _moment(file: Path, line: str) -> Moment:
    try:
        head = cast("dict[str, str]", json.loads(line))
        made = f"{head['format']} {head['version']}"
        tail = Tail(int(head["sequence"]), bytes.fromhex(head["link"]))
        moment = Moment(tail, datetime.fromisoformat(head["last_at"]))
    except (KeyError, TypeError, ValueError) as error:
        message = f"its first line is no head: {error!r}"
        raise StateFormatError(message) from error
    if made != f"{FORMAT} {FORMAT_VERSION}":
        found = f"made as {made}, read as {FORMAT} {FORMAT_VERSION}"
        advice = "serve it with the version that made it, or take the snapshot away"
        raise DirectoryRefusedError(file, "line 1", found, advice)
    return moment


@contextmanager
def _without_collection() -> Generator[None]:
    """Hold garbage collection back while millions of objects are made that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        # They stay until the end: no later collection has to look at them.
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()
