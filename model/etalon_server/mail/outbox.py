"""What leaves: written to a Maildir before anybody is told, and from there to the relay, if any.

A receipt is on the disk before its mail is said to be taken: a sender who was told nothing sends
again. A holder's answer is written down first, under a name; its command is carried out with a mark
of that name; then it leaves. A kill between the two is settled at the next start: where the mark is
it leaves, where it is not it never was.

Sources: D. J. Bernstein, Maildir; RFC 5321, 4.5.4 (queues).
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Final

from etalon_model.command import Command
from etalon_model.outcomes import Outcome, Refusal
from etalon_server.contents import Contents
from etalon_server.durable.encoding import Kept
from etalon_server.mail.failures import OutboxError
from etalon_server.mail.places import leaving_key
from etalon_server.messages.places import mail_id_key
from etalon_server.service_host import Host
from etalon_wire.mail.messages import Mail, compose

ENDING: Final = ".etalon"
"""How the names of what this server writes end; other files of the folder are left alone."""

_NOTHING: Final[Sequence[Kept]] = ()
_FOLDERS: Final = ("tmp", "new", "cur")


class Outbox:
    """A Maildir of what leaves.

    Attributes:
        directory: Where it is.
        arrived: Set when something waits to leave.
    """

    __slots__ = ("_durable", "arrived", "directory")

    def __init__(self, directory: Path, *, durable: bool) -> None:
        """Make its folders where they are not there.

        Args:
            directory: Where it is.
            durable: Have the disk confirm what is written.

        Raises:
            OutboxError: They cannot be made.
        """
        self.directory = directory
        self.arrived = asyncio.Event()
        self._durable = durable
        try:
            for folder in _FOLDERS:
                (directory / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutboxError(directory, error) from error

    def settle(self, contents: Contents) -> None:
        """Let go what a process that was killed had accepted, and take away what it had not.

        Raises:
            OSError: The folder cannot be read or written.
        """
        for file in sorted(self._folder("tmp").glob(f"*{ENDING}")):
            if contents.body(leaving_key(file.name)) is None:
                file.unlink()
            else:
                self._let_go(file.name)

    async def post(self, body: bytes) -> None:
        """Have a mail leave; it is on the disk when this returns.

        Raises:
            OSError: It cannot be written.
        """
        name = _new_name()
        await self._by_the_side(lambda: self._post(name, body))
        self.arrived.set()

    async def write(
        self, host: Host, command: Command, mail: Mail, kept: Sequence[Kept] = _NOTHING
    ) -> Outcome:
        """Carry out the command that a mail comes of; the mail leaves if it is accepted.

        It is carried out as of the instant when the mail is written down: what others asked
        meanwhile came before it.

        Args:
            host: The service.
            command: The command.
            mail: What leaves.
            kept: What is kept with the command.

        Raises:
            Malformed: The mail cannot be written as one.
            OSError: It cannot be written to the disk; nothing was carried out.
            JournalFailedError: The command could not be written, and may be lost.
            HostClosedError: The host is closed.
            ServiceBrokenError: A command broke the service: nothing more is accepted.
        """
        name, body = _new_name(), compose(mail)
        await self._by_the_side(lambda: self._write(name, body, confirmed=True))
        mark = Kept(leaving_key(name), b"")
        now = replace(command, at=host.clock.now())
        named = Kept(mail_id_key(now.ins, mail.sender, now.at), mail.message_id.encode())
        outcome = await host.write(now, (*kept, named, mark))
        if isinstance(outcome, Refusal):
            (self._folder("tmp") / name).unlink()
            return outcome
        await self._by_the_side(lambda: self._let_go(name))
        self.arrived.set()
        return outcome

    def waiting(self) -> list[Path]:
        """Return what waits to leave, oldest first."""
        found = [(file.stat().st_mtime_ns, file) for file in self._folder("new").glob(f"*{ENDING}")]
        return [file for _, file in sorted(found)]

    def sent(self, file: Path, flag: str) -> None:
        """Set aside what does not wait any more: `S` when it left, `T` when it never will.

        Raises:
            OSError: It cannot be moved.
        """
        file.replace(self._folder("cur") / f"{file.name}:2,{flag}")

    async def _by_the_side(self, change: Callable[[], None]) -> None:
        """Have the disk changed while the loop goes on, where it is waited for."""
        if self._durable:
            await asyncio.to_thread(change)
        else:
            change()

    def _post(self, name: str, body: bytes) -> None:
        # What is moved at once needs its name confirmed once, where it ends.
        self._write(name, body, confirmed=False)
        self._let_go(name)

    def _write(self, name: str, body: bytes, *, confirmed: bool) -> None:
        with (self._folder("tmp") / name).open("xb") as file:
            file.write(body)
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
        if confirmed:
            self._confirm("tmp")

    def _let_go(self, name: str) -> None:
        (self._folder("tmp") / name).replace(self._folder("new") / name)
        self._confirm("new")

    def _confirm(self, folder: str) -> None:
        """Have the disk confirm the names of a folder."""
        if not self._durable or os.name == "nt":
            return
        opened = os.open(self._folder(folder), os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def _folder(self, name: str) -> Path:
        return self.directory / name


def _new_name() -> str:
    return f"{token_hex(16)}{ENDING}"
