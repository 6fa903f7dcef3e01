"""The host: the one service of a server, its clock, and the journal that outlives it.

Commands are carried out one after the other on the event loop. The answer to a write leaves once
the group commit that holds it is on the disk; that to a read may leave before, unless the audit is
strict. Without a directory nothing outlives the process and every answer leaves at once.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.parameters import Parameters
from etalon_model.service import Service
from etalon_server.clock import Clock, RealClock
from etalon_server.contents import Contents, JournalContents, PassingContents
from etalon_server.durable.directory_lock import DirectoryLock
from etalon_server.durable.encoding import Kept, Row, code_of, text_of
from etalon_server.durable.failures import (
    DirectoryRefusedError,
    HostClosedError,
    JournalFailedError,
    ServiceBrokenError,
)
from etalon_server.durable.journal import Journal
from etalon_server.durable.recovery import recover
from etalon_server.durable.snapshots import Moment, keep_snapshot
from etalon_server.leaving_rows import LeavingRows
from etalon_server.rehearsal import Act, Halted, possible

if TYPE_CHECKING:
    from etalon_wire.parts import Deciding

Audit = Literal["prompt", "strict"]
"""Whether the answer to a read may leave before its trace is on the disk, or waits for it."""

ROOM: Final = 4096
"""How many commands may wait for the disk; who comes after waits to be carried out."""

SNAPSHOT_AFTER: Final = 10_000
"""How many commands since the last snapshot make a new one worth its time at the end."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_NO_OFFSET: Final = timedelta(0)
_KINDS: Final = frozenset(command_types().values())
_NOTHING: Final[Sequence[Kept]] = ()
_Waiting = tuple[int, asyncio.Future[None] | None, Sequence[Row]]


class Host:
    """The service of a running server.

    Attributes:
        service: The service; read it, and change it by commands given to the host only.
        clock: Where instants come from.
        parameters: Values of the vintage.
        seed: Seed of the provisional codes, and of test people.
        contents: What was received and the model does not keep.
        directory: Where it is kept, or None when nothing outlives the process.
        damaged_snapshots: Snapshots set aside at the start, each with what is wrong with it.
        changed: Matricules of those about whom something was accepted since whoever keeps an index
            emptied it; None until somebody keeps one.
        deciding: What stands before the service and decides in its place, or None.
    """

    __slots__ = (
        "_audit",
        "_failure",
        "_is_closed",
        "_journal",
        "_kept",
        "_last_at",
        "_leaving",
        "_lock",
        "_loop",
        "_room",
        "_snapshotting",
        "_waiting",
        "changed",
        "clock",
        "contents",
        "damaged_snapshots",
        "deciding",
        "directory",
        "parameters",
        "seed",
        "service",
    )

    def __init__(
        self,
        parameters: Parameters,
        *,
        seed: int,
        directory: Path | None = None,
        clock: Clock | None = None,
        audit: Audit = "prompt",
    ) -> None:
        """Open a service, where its directory left it if it has one.

        Args:
            parameters: Values of a vintage.
            seed: Seed of the provisional codes.
            directory: Where to keep what happens, or None.
            clock: Where instants come from; the real clock when None.
            audit: Whether reads wait for the disk too.

        Raises:
            DirectoryRefusedError: Another server runs on the directory, or it is damaged, or was
                made by another version or for another service.
        """
        self.clock = RealClock() if clock is None else clock
        self.parameters = parameters
        self.seed = seed
        self.directory = directory
        self.deciding: Deciding | None = None
        self._audit: Audit = audit
        self._failure: Exception | None = None
        self._is_closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._room = asyncio.Semaphore(ROOM)
        self._snapshotting = asyncio.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._kept = 0
        self._last_at = _NEVER
        self.damaged_snapshots: tuple[str, ...] = ()
        self.changed: set[str] | None = None
        self._lock: DirectoryLock | None = None
        self._journal: Journal | None = None
        self._leaving = LeavingRows()
        if directory is None:
            self.service = Service(parameters, seed=seed, archive=self._leaving.leave)
            self.contents: Contents = PassingContents()
        else:
            self._open(directory, parameters, seed)
        self._leaving.listen()

    def _open(self, directory: Path, parameters: Parameters, seed: int) -> None:
        self._lock = DirectoryLock(directory)
        try:
            recovered = recover(directory, parameters, seed, self._leaving.leave)
        except BaseException:
            self._lock.release()
            raise
        self.service = recovered.service
        self.clock.start_at(recovered.last_at)
        self._last_at = recovered.last_at
        self._kept = recovered.tail.sequence - recovered.replayed
        self.damaged_snapshots = recovered.damaged
        self._journal = Journal(directory, recovered.database, recovered.tail, self._tell)
        self.contents = JournalContents(self._journal.file)

    @property
    def failure(self) -> Exception | None:
        """Why nothing more is accepted, or None."""
        return self._failure

    @property
    def waiting(self) -> int:
        """How many commands were carried out and are not yet on the disk."""
        return len(self._waiting)

    @property
    def groups(self) -> int:
        """How many group commits this process made."""
        return 0 if self._journal is None else self._journal.groups

    async def write(self, command: Command, kept: Sequence[Kept] = _NOTHING) -> Outcome:
        """Carry out a command; answer once it is on the disk, with what is kept if accepted.

        Raises:
            TypeError: It is no command of the service.
            ValueError: Its instant is not in UTC.
            JournalFailedError: It could not be written, and may be lost.
            HostClosedError: The host is closed.
            ServiceBrokenError: A command broke the service: nothing more is accepted.
        """
        return await self._carry_out_one((command, kept), waits=True)

    async def write_all(self, acts: Sequence[Act]) -> list[Outcome] | Halted:
        """Put several things in one person's record, all or none; answer as `write` does.

        When one would be refused none is carried out, but that one if it is refused alone too, so
        that its refusal leaves its trace. A kill leaves all of them or none.

        Raises:
            TypeError: One is no command of the service.
            ValueError: There is none, they concern several people, or an instant is not in UTC.
            JournalFailedError: They could not be written, and may be lost.
            HostClosedError: The host is closed.
            ServiceBrokenError: A command broke the service: nothing more is accepted.
        """
        if len(acts) != 1 and len({command.ins for command, _ in acts}) != 1:
            message = "commands carried out together concern one person's record"
            raise ValueError(message)
        outcomes, halted = await self._carry_out(acts, waits=True)
        if len(acts) == 1 and isinstance(outcomes[0], Refusal):
            return Halted(0, outcomes[0])
        return halted or outcomes

    async def read(self, command: Command) -> Outcome:
        """Carry out a command that leaves nothing but its trace.

        The answer may leave before the trace is on the disk, and may show a write that is not
        there yet, unless the audit is strict.

        Raises:
            TypeError: It is no command of the service.
            ValueError: Its instant is not in UTC.
            JournalFailedError: Nothing more can be written: no access without its trace.
            HostClosedError: The host is closed.
            ServiceBrokenError: A command broke the service: nothing more is accepted.
        """
        return await self._carry_out_one((command, _NOTHING), waits=self._audit == "strict")

    def reset(self) -> None:
        """Begin again with nobody; the clock stays where it is.

        Raises:
            DirectoryRefusedError: There is a directory: what it answered for is never dropped.
        """
        if self.directory is not None:
            found = "a service that outlives its process cannot be emptied"
            raise DirectoryRefusedError(self.directory, "", found, "start with an empty directory")
        self.service = Service(self.parameters, seed=self.seed, archive=self._leaving.leave)
        self.contents.clear()

    async def close(self) -> None:
        """Refuse what comes, finish what was accepted, and let the directory go.

        After many commands a snapshot is kept for the next start.

        Raises:
            JournalFailedError: Something accepted could not be written.
            SnapshotFailedError: The snapshot could not; nothing is lost.
        """
        if self._is_closed:
            return
        self._is_closed = True
        journal = self._journal
        try:
            self.contents.close()
            if journal is not None:
                await asyncio.get_running_loop().run_in_executor(None, journal.close)
                if self._failure is None and journal.sequence - self._kept >= SNAPSHOT_AFTER:
                    self._keep_snapshot(journal)
        finally:
            if self._lock is not None:
                self._lock.release()
        if isinstance(self._failure, JournalFailedError):
            raise self._failure

    async def keep_snapshot(self) -> None:
        """Keep a snapshot of the state now, once it is on the disk; nothing is answered meanwhile.

        Raises:
            JournalFailedError: What waits could not be written.
            SnapshotFailedError: The snapshot could not; nothing is lost.
            HostClosedError: The host is closed.
        """
        journal = self._journal
        if journal is None:
            return
        async with self._snapshotting:
            room = self._room
            # Whoever holds all the room knows that nothing waits, and that nothing comes.
            held = 0
            try:
                while held < ROOM:
                    await room.acquire()
                    held += 1
                self._check_open()
                self._keep_snapshot(journal)
            finally:
                for _ in range(held):
                    room.release()

    def _keep_snapshot(self, journal: Journal) -> None:
        moment = Moment(journal.tail, self._last_at)
        keep_snapshot(journal.file.parent, moment, self.service)
        self._kept = journal.sequence

    async def _carry_out_one(self, act: Act, *, waits: bool) -> Outcome:
        if self._journal is None:
            self._check_open()
            _check(act[0])
            return self._applied(act)[0]
        outcomes, _ = await self._carry_out((act,), waits=waits)
        return outcomes[0]

    async def _carry_out(
        self, acts: Sequence[Act], *, waits: bool
    ) -> tuple[list[Outcome], Halted | None]:
        self._check_open()
        for command, _ in acts:
            _check(command)
        journal = self._journal
        if journal is None:
            acts, halted = self._chosen(acts)
            return [self._applied(act)[0] for act in acts], halted
        await self._room.acquire()
        try:
            self._check_open()
            self._loop = self._loop or asyncio.get_running_loop()
            acts, halted = self._chosen(acts)
            if not acts:
                self._room.release()
                return [], halted
            texts = [text_of(command) for command, _ in acts]
            applied = [self._applied(act) for act in acts]
            self._last_at = max(self._last_at, *(command.at for command, _ in acts))
            rows = _rows(texts, applied)
            sequence = journal.append(rows, awaited=waits)
        except BaseException:
            self._room.release()
            raise
        written = self._loop.create_future() if waits else None
        self._waiting.append((sequence, written, rows))
        if written is not None:
            await written
        return [outcome for outcome, _ in applied], halted

    def _check_open(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._is_closed:
            message = "the service is being stopped: ask again when it has started"
            raise HostClosedError(message)

    def _chosen(self, acts: Sequence[Act]) -> tuple[Sequence[Act], Halted | None]:
        return (acts, None) if len(acts) == 1 else possible(self.service, acts)

    def _applied(self, act: Act) -> tuple[Outcome, Sequence[Kept]]:
        """Apply a command; return what it meets and what is kept with it.

        If it breaks, memory may be half changed and serves nobody any more.

        Raises:
            ServiceBrokenError: It broke.
        """
        command, kept = act
        try:
            outcome = (self.service if self.deciding is None else self.deciding).apply(command)
        except Exception as error:
            self._failure = ServiceBrokenError(type(command).__name__, repr(error))
            raise self._failure from error
        if isinstance(outcome, Refusal):
            kept = _NOTHING
        elif self.changed is not None:
            self.changed.add(command.ins)
        left = self._leaving.taken()
        if left:
            kept = (*kept, *left)
        if kept:
            self.contents.hold(kept)
        return outcome, kept

    def _tell(self, sequence: int, failure: JournalFailedError | None) -> None:
        """Pass on, from the thread that writes, what is on the disk."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._settle, sequence, failure)

    def _settle(self, sequence: int, failure: JournalFailedError | None) -> None:
        """Let the answers go to what is on the disk; if more never will be, say so."""
        waiting = self._waiting
        while waiting and (waiting[0][0] <= sequence or failure is not None):
            reached, written, rows = waiting.popleft()
            self._room.release()
            for row in rows:
                self.contents.let_go(row.kept)
            if written is None or written.done():
                continue
            if failure is None or reached <= sequence:
                written.set_result(None)
            else:
                written.set_exception(failure)
        self._failure = self._failure or failure


def _rows(texts: list[str], applied: list[tuple[Outcome, Sequence[Kept]]]) -> list[Row]:
    """Return the rows of the journal for what was carried out."""
    return [
        Row(text, code_of(outcome), kept)
        for text, (outcome, kept) in zip(texts, applied, strict=True)
    ]


def _check(command: Command) -> None:
    """Refuse what the service would refuse to hear, before anything is changed."""
    if type(command) not in _KINDS:
        message = f"{type(command).__name__} is not a command of the service"
        raise TypeError(message)
    if command.at.utcoffset() != _NO_OFFSET:
        message = f"{type(command).__name__}.at must be in UTC, found {command.at.isoformat()}"
        raise ValueError(message)
