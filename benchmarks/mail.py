"""How many mails with a lot of 100 kB one core takes over STARTTLS, each integrated and answered.

The server has one core, senders on eight connections have another. A mail counts once it is
answered with 250: its documents are then in the record, its receipt is in the Maildir, and with a
directory all of it is on the disk. The yardstick is aiosmtpd as it comes, which reads such mails
and answers 250. Rates are those of the server's own CPU seconds, medians over rounds; a rate below
its target is printed and makes the benchmark fail.
"""

import asyncio
import os
import smtplib
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

import trustme

from etalon_model import vintage
from etalon_model.identities import Identity
from etalon_server.clock import ManualClock
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.sandbox.lots import Note, test_lot
from etalon_server.service_host import Host
from etalon_wire.mail.lots import write_lot
from etalon_wire.mail.messages import compose, patient_address
from load_rounds import Cores, Served, served, two_cores
from mail_scene import AT_HOSPITAL, HOSPITAL, VINTAGE, furnished, mail_with
from mail_server import PEOPLE, SEED
from stopwatch import Figure, write_figures

SERVER: Final = "benchmarks/mail_server.py"
ROUNDS: Final = 5
MAILS: Final = int(os.environ.get("ETALON_ROUND_MAILS", "80"))
WARM: Final = 10
SENDERS: Final = 8
DOCUMENT_BYTES: Final = 98_000
AT_LEAST: Final = 60.0
"""Mails a second on one core."""

Letter = tuple[str, bytes]
"""Whom a mail goes to, and its bytes."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing measured.

    Attributes:
        name: What it is called in the figures.
        server: Arguments of the server.
        apart: Each mail comes over a connection of its own.
        at_least: Mails a second that are wanted of one core, or 0.
    """

    name: str
    server: tuple[str, ...]
    apart: bool
    at_least: float


MEASURES: Final = (
    Measure("in_memory", ("reference",), apart=False, at_least=AT_LEAST),
    Measure("with_data", ("reference", "--data"), apart=False, at_least=AT_LEAST),
    Measure("with_data_a_connection_each", ("reference", "--data"), apart=True, at_least=AT_LEAST),
    Measure("aiosmtpd_as_it_comes", ("constant",), apart=False, at_least=0.0),
)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave.

    Attributes:
        seconds: How long it took.
        server_seconds: CPU time of the server meanwhile.
    """

    seconds: float
    server_seconds: float


async def people() -> list[Identity]:
    """Return the people that the server of the benchmark has: the same seed makes the same."""
    clock = ManualClock(FIRST_INSTANTS[VINTAGE])
    return await furnished(Host(vintage(VINTAGE), seed=SEED, clock=clock), PEOPLE)


def letters(whose: list[Identity], name: str) -> Iterator[Letter]:
    """Yield mails that no other equals, each with a lot of 100 kB, to one after the other."""
    at = FIRST_INSTANTS[VINTAGE]
    for number in range(WARM + ROUNDS * MAILS):
        one = whose[number % len(whose)]
        note = Note(f"{name} {number}", "Compte rendu", os.urandom(DOCUMENT_BYTES), at)
        lot = write_lot(test_lot(one, HOSPITAL, [note]))
        yield patient_address(one.ins), compose(mail_with(one, at, lot, number=number))


class Senders:
    """Threads that send what they are given, each over TLS."""

    def __init__(self, server: Served, measure: Measure, trusted: ssl.SSLContext) -> None:
        host, _, port = server.address.rpartition(":")
        self._server, self._to = server, (host, int(port))
        self._apart, self._trusted = measure.apart, trusted
        self._failed: list[Exception] = []

    def round(self, some: list[Letter]) -> Round:
        """Send some mails; return how long that took.

        Raises:
            smtplib.SMTPException: One was refused.
        """
        waiting: SimpleQueue[Letter] = SimpleQueue()
        for one in some:
            waiting.put(one)
        threads = [threading.Thread(target=self._send, args=(waiting,)) for _ in range(SENDERS)]
        started, before = time.perf_counter(), self._server.cpu_seconds
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failed:
            raise self._failed[0]
        return Round(time.perf_counter() - started, self._server.cpu_seconds - before)

    def _send(self, waiting: SimpleQueue[Letter]) -> None:
        try:
            client = self._connected()
            while True:
                to, body = waiting.get_nowait()
                client.sendmail(AT_HOSPITAL, [to], body)
                if self._apart:
                    client.quit()
                    client = self._connected()
        except Empty:
            return
        except Exception as error:  # noqa: BLE001 (raised again by whoever waits)
            self._failed.append(error)

    def _connected(self) -> smtplib.SMTP:
        client = smtplib.SMTP(*self._to, timeout=60)
        client.starttls(context=self._trusted)
        return client


def certificates(folder: Path) -> ssl.SSLContext:
    """Write the certificate of the server; return what a client trusts it with."""
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    own.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    own.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "authority.pem").write_bytes(authority.cert_pem.bytes())
    return ssl.create_default_context(cafile=str(folder / "authority.pem"))


def measured(cores: Cores, measure: Measure, whose: list[Identity]) -> list[Round]:
    """Measure one thing; return its rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trusted = certificates(folder)
        what, *options = measure.server
        with served(cores, SERVER, what, name, *options) as server:
            senders = Senders(server, measure, trusted)
            sent = list(letters(whose, measure.name))
            senders.round(sent[:WARM])
            return [
                senders.round(sent[start : start + MAILS])
                for start in range(WARM, len(sent), MAILS)
            ]


def figures_of(measure: Measure, rounds: list[Round]) -> dict[str, Figure]:
    """Return the figures of what was measured."""
    on_one_core = statistics.median(MAILS / one.server_seconds for one in rounds)
    return {
        "mails_a_cpu_second_of_the_server": round(on_one_core, 1),
        "at_least": measure.at_least or None,
        "cpu_milliseconds_a_mail": round(1000 / on_one_core, 2),
        "mails_a_second_by_the_clock": round(
            statistics.median(MAILS / one.seconds for one in rounds), 1
        ),
    }


def main() -> None:
    """Measure, tell, and end with 1 where a rate is below its target."""
    cores = two_cores()
    whose = asyncio.run(people())
    figures: dict[str, Figure] = {"bytes_of_a_mail": len(next(letters(whose, "size"))[1])}
    missed: list[str] = []
    for measure in MEASURES:
        found = figures_of(measure, measured(cores, measure, whose))
        figures[measure.name] = found
        rate = float(str(found["mails_a_cpu_second_of_the_server"]))
        print(f"{measure.name}: {rate} mails a CPU second of the server")
        if rate < measure.at_least:
            missed.append(measure.name)
    write_figures(figures)
    if missed:
        sys.exit(f"below {AT_LEAST:g} mails a second: {', '.join(missed)}")


if __name__ == "__main__":
    main()
