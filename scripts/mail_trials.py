"""Servers that take mail and answer it, killed, and what the next start finds.

`mail_trials.py` has a server take mails from several senders over SMTP while a holder answers, and
kills it at a moment drawn at random; then it starts again on the directory and looks for every
mail that was answered with 250, its document and its receipt, and for every answer of the holder.
`--plant` breaks the server first.

POSIX only: processes are forked, so that a trial does not pay for imports.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import smtplib
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Final, cast

from etalon_model.actors import holder
from etalon_model.identities import Identity
from etalon_model.messaging.conversations import Thread
from etalon_model.messaging.writing import WriteMessage
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome
from etalon_model.parameters import vintage
from etalon_model.records.record import documents_of
from etalon_server.clock import RealClock
from etalon_server.exchange import Desk
from etalon_server.listening import Endpoint, Running, start
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.settings import MailSettings
from etalon_server.records.places import kept_bytes_of
from etalon_server.rehearsal import Act, Halted
from etalon_server.sandbox.lots import Note, test_lot, unique_id_of
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_wire.mail.messages import Mail, compose, patient_address
from etalon_wire.mail.receipts import parse_receipt
from mail_scene import AT_HOSPITAL, HOSPITAL, PDF, VALIDATOR, VINTAGE, furnished, mail_with

SENDERS: Final = 3
KILLS_A_DIRECTORY: Final = 10
ANSWERS_MOST: Final = 12
"""A server is killed after as many answers at most, and a moment more."""
MOMENT_SECONDS: Final = 0.006
LATE_SECONDS: Final = 0.02
"""How long after its answer a planted fault writes."""
PATIENCE_SECONDS: Final = 10.0
SEED: Final = 11
NUMBERS_A_PROCESS: Final = 10_000
WRITTEN_AT: Final = datetime(2022, 1, 3, 9, tzinfo=UTC)


@dataclass(slots=True)
class Trials:
    """What the starts after kills found.

    Attributes:
        kills: How many servers were killed.
        taken: How many mails had been answered with 250.
        replied: How many answers of the holder had been accepted.
        missing: What of them was not there.
        twice: What was there twice.
    """

    kills: int = 0
    taken: int = 0
    replied: int = 0
    missing: list[str] = field(default_factory=list[str])
    twice: list[str] = field(default_factory=list[str])

    @property
    def hold(self) -> bool:
        """Whether nothing that was answered was lost or doubled."""
        return not (self.missing or self.twice)


def _answer_early() -> None:
    """Say that a mail is taken before the group commit that holds it."""
    honest = Host.write_all
    running: set[asyncio.Task[list[Outcome] | Halted]] = set()

    async def write_all(self: Host, acts: Sequence[Act]) -> list[Outcome] | Halted:
        async def late() -> list[Outcome] | Halted:
            await asyncio.sleep(LATE_SECONDS)
            return await honest(self, acts)

        running.add(asyncio.create_task(late()))
        return [ACCEPTED for _ in acts]

    Host.write_all = write_all  # type: ignore[method-assign]


def _leave_late() -> None:
    """Have a receipt written once its mail was answered."""
    honest = Outbox.post
    running: set[asyncio.Task[None]] = set()

    async def post(self: Outbox, body: bytes) -> None:
        async def late() -> None:
            await asyncio.sleep(LATE_SECONDS)
            await honest(self, body)

        running.add(asyncio.create_task(late()))

    Outbox.post = post  # type: ignore[method-assign]


PLANTS: Final[dict[str, Callable[[], None]]] = {
    "": lambda: None,
    "250-before-commit": _answer_early,
    "receipt-after-250": _leave_late,
}


def opened(directory: Path) -> Host:
    """Open the service of a directory."""
    return Host(vintage(VINTAGE), seed=SEED, clock=RealClock(), directory=directory)


def prepared(directory: Path) -> Identity:
    """Make somebody, and those who write to them, in a new directory."""

    async def make() -> Identity:
        host = opened(directory)
        (whose,) = await furnished(host)
        await host.close()
        return whose

    return asyncio.run(make())


def mail_numbered(whose: Identity, number: int) -> bytes:
    """Return a mail that no other equals; every second one carries a document."""
    notes = [Note(f"document {number}", "Compte rendu", PDF, WRITTEN_AT)]
    lot = test_lot(whose, HOSPITAL, notes) if number % 2 else None
    return compose(mail_with(whose, WRITTEN_AT, lot, number=number, text=f"mail {number}"))


def serve(directory: Path, whose: Identity, first: int, told: int) -> None:
    """Serve until killed; write the port to a pipe, then each answer of the holder accepted."""
    desk = desk_of(opened(directory), Settings(), VALIDATOR)
    answering: list[asyncio.Task[None]] = []

    def begun(running: Running) -> None:
        os.write(told, f"port {running.smtp.rpartition(':')[2]}\n".encode())
        answering.append(asyncio.get_running_loop().create_task(_answer(desk, whose, first, told)))

    mail = MailSettings(0, directory / "maildir")
    start(desk, Endpoint(mail=mail), begun)


async def _answer(desk: Desk, whose: Identity, first: int, told: int) -> None:
    """Have the holder answer the first conversation, again and again."""
    ins = whose.ins
    outbox = cast("Outbox", desk.outbox)
    for number in count(first):
        await asyncio.sleep(MOMENT_SECONDS)
        if not _threads(desk.host, ins):
            continue
        at = desk.host.clock.now()
        name = f"<reply-{number}@patient.mssante.fr>"
        mail = Mail(patient_address(ins), (AT_HOSPITAL,), "Re", at, name, name)
        command = WriteMessage(at, holder(ins), ins, name, thread=1)
        if await outbox.write(desk.host, command, mail) == Accepted(1):
            os.write(told, f"{name}\n".encode())


def _threads(host: Host, ins: str) -> list[Thread]:
    held = host.service.person(ins).holdings
    return [] if held is None or held.mailbox is None else list(held.mailbox.threads.values())


class Senders:
    """Threads that send mails as fast as they are answered, until the server is gone."""

    def __init__(self, port: int, whose: Identity, first: int) -> None:
        self.taken: list[int] = []
        self._port, self._whose = port, whose
        self._numbers, self._lock = count(first), threading.Lock()
        self._threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]
        for one in self._threads:
            one.start()

    def join(self) -> None:
        """Wait until all of them noticed."""
        for one in self._threads:
            one.join()

    def _send(self) -> None:
        with suppress(OSError, smtplib.SMTPException):
            client = smtplib.SMTP("127.0.0.1", self._port, timeout=PATIENCE_SECONDS)
            with closing(client):
                while True:
                    with self._lock:
                        number = next(self._numbers)
                    body = mail_numbered(self._whose, number)
                    client.sendmail(AT_HOSPITAL, [patient_address(self._whose.ins)], body)
                    self.taken.append(number)


def killed(
    directory: Path, whose: Identity, first: int, plant: str, chance: Random
) -> tuple[list[int], list[str]]:
    """Run a server and kill it; return the mails it answered and the answers it accepted."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        PLANTS[plant]()
        serve(directory, whose, first, writer)
        os._exit(1)
    os.close(writer)
    told = b""
    try:
        while b"\n" not in told:
            told += os.read(reader, 1 << 16)
        port = int(told.partition(b"\n")[0].split()[1])
        senders = Senders(port, whose, first)
        enough, deadline = chance.randrange(1, ANSWERS_MOST), time.monotonic() + PATIENCE_SECONDS
        while len(senders.taken) < enough and time.monotonic() < deadline:
            time.sleep(MOMENT_SECONDS / 10)
        time.sleep(chance.random() * MOMENT_SECONDS)
    finally:
        os.kill(child, signal.SIGKILL)
        while more := os.read(reader, 1 << 16):
            told += more
        os.close(reader)
        os.waitpid(child, 0)
    senders.join()
    return senders.taken, [one for one in told.decode().splitlines() if one.startswith("<")]


def look_for(
    directory: Path, whose: Identity, taken: set[int], replied: set[str], trials: Trials
) -> None:
    """Start on a directory; note what is missing, or there twice."""
    host = opened(directory)
    outbox = Outbox(directory / "maildir", durable=False)
    outbox.settle(host.contents)
    texts = Counter(
        message.text.strip() for thread in _threads(host, whose.ins) for message in thread.messages
    )
    left = [file.read_bytes() for file in outbox.waiting()]
    receipts = {one.answers for body in left if (one := parse_receipt(body)) is not None}
    leaving = b"".join(left)
    documents = documents_of(host.service.person(whose.ins))
    for number in sorted(taken):
        found = documents.get(unique_id_of(f"document {number}"))
        has_document = found is not None and host.contents.body(kept_bytes_of(whose.ins, found))
        is_answered = f"<{number}@hospital.mssante.fr>" in receipts
        if not texts[f"mail {number}"] or (number % 2 and not (has_document and is_answered)):
            trials.missing.append(f"mail {number}")
    trials.missing += [one for one in sorted(replied) if not texts[one]]
    trials.missing += [f"{one} leaves" for one in sorted(replied) if one.encode() not in leaving]
    trials.twice += sorted(text for text, times in texts.items() if times > 1)
    asyncio.run(host.close())


def kill_at_random(moments: int, plant: str, chance: Random) -> Trials:
    """Kill as many servers, ten in a row on one directory, and look after each."""
    trials = Trials()
    while trials.kills < moments and trials.hold:
        folder = Path(tempfile.mkdtemp(prefix="killed-mail-"))
        directory = folder / "data"
        whose = prepared(directory)
        taken: set[int] = set()
        replied: set[str] = set()
        for _ in range(min(KILLS_A_DIRECTORY, moments - trials.kills)):
            trials.kills += 1
            first = trials.kills * NUMBERS_A_PROCESS
            mails, answers = killed(directory, whose, first, plant, chance)
            taken.update(mails)
            replied.update(answers)
            look_for(directory, whose, taken, replied, trials)
            if not trials.hold:
                break
        trials.taken += len(taken)
        trials.replied += len(replied)
        shutil.rmtree(folder)
    return trials


def main() -> None:
    """Run what the command line asks, and print what came out as JSON."""
    parser = argparse.ArgumentParser(description="Kill servers that take mail; see what is left.")
    parser.add_argument("--moments", type=int, nargs="+", default=[10], help="how many kills")
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments")
    parser.add_argument(
        "--plant", choices=sorted(PLANTS), nargs="+", default=[""], help="fault to plant in each"
    )
    asked = parser.parse_args()
    chance = Random(asked.seed)  # noqa: S311 (moments, no secret)
    trials = zip(asked.moments, asked.plant, strict=True)
    print(json.dumps([asdict(kill_at_random(*trial, chance)) for trial in trials]))


if __name__ == "__main__":
    main()
