"""Mail that comes to a space: somebody, an establishment and a doctor who write, what they send."""

import asyncio
import json
import ssl
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast
from urllib.request import Request, urlopen

from etalon_model import Refusal, State, vintage
from etalon_model.actors import Actor, ActorKind, holder
from etalon_model.command import Command
from etalon_model.identities import Identity
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.messaging.reading import Conversation, ReadThread
from etalon_model.people import Contacts
from etalon_model.records.record import Document, documents_of
from etalon_server.clock import ManualClock
from etalon_server.exchange import Desk
from etalon_server.listening import Endpoint, Running, Tls, running
from etalon_server.mail.intake import Intake, Received, Reply
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.settings import MailBounds, MailSettings, Relay
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.sandbox.lots import Note, subject_of, test_lot
from etalon_server.sandbox.people import PeopleAsked, make_people
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_wire.mail.lots import ARCHIVE_NAME, Lot, write_lot
from etalon_wire.mail.messages import Attachment, Mail, compose, patient_address
from etalon_wire.mail.receipts import Receipt, parse_receipt
from etalon_wire.validation.validator import Validator

VINTAGE: Final = "launch-2022"
HOSPITAL: Final = Actor(ActorKind.STRUCTURE, "1750100125")
DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "99700000014")
AT_HOSPITAL: Final = "app@hospital.mssante.fr"
AT_DOCTOR: Final = "doctor@doctor.mssante.fr"
PDF: Final = b"%PDF-1.4\n% a test document\n"
VALIDATOR: Final = Validator()


async def furnished(host: Host, count: int = 1, state: State = State.OPEN_ACTIVE) -> list[Identity]:
    """Make test people, and the mailboxes of those who write to them."""
    asked = PeopleAsked(count, state, 52, None, "31", (), Contacts(email=True, mobile=True))
    people = await make_people(host, asked)
    at = host.clock.now()
    for by, address, kind in (
        (HOSPITAL, AT_HOSPITAL, MailboxType.ORG),
        (DOCTOR, AT_DOCTOR, MailboxType.PER),
    ):
        await host.write(PublishMailbox(at, by, "", address, kind))
    return people


def mail_with(  # noqa: PLR0913 (what a mail is made of, by name)
    whose: Identity,
    at: datetime,
    lot: Lot | bytes | None,
    *,
    number: int = 1,
    sender: str = AT_HOSPITAL,
    files: Sequence[Attachment] = (),
    text: str = "Voici le compte rendu.\n",
) -> Mail:
    """Return a mail to somebody that carries a lot and asks for a receipt."""
    packed = lot if isinstance(lot, bytes) else None if lot is None else write_lot(lot)
    carried = () if packed is None else (Attachment(ARCHIVE_NAME, "application/zip", packed),)
    return Mail(
        sender,
        (patient_address(whose.ins),),
        "Bonjour" if lot is None else subject_of(whose),
        at.replace(microsecond=0),
        f"<{number}@hospital.mssante.fr>",
        text,
        (*carried, *files),
        receipt_to=sender,
    )


class MailScene:
    """An intake without a socket, and its loop.

    Attributes:
        desk: What mails are taken with.
        outbox: What leaves.
        people: Two people, the first of whom is written to.
    """

    def __init__(
        self,
        folder: Path,
        *,
        directory: Path | None = None,
        state: State = State.OPEN_ACTIVE,
        limit_bytes: int = 0,
    ) -> None:
        """Open a service, in a directory or in memory, with people whose spaces stand somewhere.

        Args:
            folder: Where what leaves is written.
            directory: Where to keep what happens, or None.
            state: Where the spaces stand.
            limit_bytes: Largest message to a citizen, or 0 for that of the vintage.
        """
        self._runner = asyncio.Runner()
        clock = ManualClock(FIRST_INSTANTS[VINTAGE])
        values = vintage(VINTAGE)
        if limit_bytes:
            policies = replace(values.policies, message_limit_bytes=limit_bytes)
            values = replace(values, policies=policies)
        host = Host(values, seed=11, clock=clock, directory=directory)
        self.desk: Desk = desk_of(host, Settings(sandbox=True), VALIDATOR)
        self.people = self._runner.run(furnished(host, 2, state))
        clock.set(clock.now() + timedelta(days=1))
        self.folder = folder
        self.outbox = Outbox(folder, durable=directory is not None)
        self.intake = Intake(self.desk, self.outbox, MailBounds())
        self.number = 0

    @property
    def whose(self) -> Identity:
        """The person written to."""
        return self.people[0]

    def do(self, command: Command) -> object:
        """Carry a command out, or say why it was refused."""
        outcome = self._runner.run(self.desk.host.write(command))
        return outcome if isinstance(outcome, Refusal) else outcome.answer

    def leave(self, command: Command, mail: Mail) -> object:
        """Carry out a command that a mail comes of; answer its answer or the code of a refusal."""
        outcome = self._runner.run(self.outbox.write(self.desk.host, command, mail))
        return outcome.code if isinstance(outcome, Refusal) else outcome.answer

    def lot(self, *names: str, author: Actor = HOSPITAL, **said: object) -> Lot:
        """A lot of documents by name, `note` when none is given."""
        at = self.desk.host.clock.now().replace(microsecond=0)
        notes = [Note(name, "Compte rendu", PDF, at) for name in names or ("note",)]
        changed = [replace(one, **said) for one in notes]  # type: ignore[arg-type]
        return test_lot(self.whose, author, changed)

    def mail(
        self, lot: Lot | bytes | None, sender: str = AT_HOSPITAL, files: Sequence[Attachment] = ()
    ) -> Mail:
        """A mail that carries a lot, under an identifier that no other has."""
        self.number += 1
        at = self.desk.host.clock.now()
        return mail_with(self.whose, at, lot, number=self.number, sender=sender, files=files)

    def take(
        self, mail: Mail | bytes, sender: str | None = None, domains: frozenset[str] | None = None
    ) -> Reply:
        """Have a mail taken, from its own sender unless told."""
        body = mail if isinstance(mail, bytes) else compose(mail)
        own = mail.sender if isinstance(mail, Mail) else AT_HOSPITAL
        received = Received(own if sender is None else sender, self.whose.ins, body, domains)
        return self._runner.run(self.intake.take(received))

    def receipts(self) -> list[Receipt]:
        """What was answered so far, oldest first."""
        read = [parse_receipt(file.read_bytes()) for file in self.outbox.waiting()]
        return [one for one in read if one is not None]

    def documents(self, rank: int = 0) -> dict[str, Document]:
        """The documents in somebody's record."""
        return dict(documents_of(self.desk.host.service.person(self.people[rank].ins)))

    def conversation(self, number: int = 1) -> Conversation | None:
        """A conversation as the holder reads it, None when there is none."""
        ins = self.whose.ins
        read = self.do(ReadThread(self.desk.host.clock.now(), holder(ins), ins, number))
        return None if isinstance(read, Refusal) else cast("Conversation", read)

    def is_untouched(self) -> bool:
        """Whether neither of the people was sent anything or had anything put in the record."""
        people = (self.desk.host.service.person(one.ins) for one in self.people)
        return not any(documents_of(one) or _threads(one.holdings) for one in people)

    def refusals(self) -> list[str]:
        """Codes of what was refused about the person, as the access log has them, oldest first."""
        rows = self.desk.host.service.log(self.whose.ins)
        return [row.deed.refused for row in rows if row.deed.refused]

    def close(self) -> None:
        """End the service and the loop."""
        self._runner.run(self.intake.finish())
        self._runner.run(self.desk.host.close())
        self._runner.close()


def _threads(holdings: object) -> int:
    mailbox = getattr(holdings, "mailbox", None)
    return 0 if mailbox is None else len(mailbox.threads)


@dataclass(frozen=True, slots=True)
class Post:
    """A sandbox that listens for mail too.

    Attributes:
        desk: What mails are taken with.
        running: Where it is reached.
        people: Somebody for each of a few tests.
        maildir: What leaves.
    """

    desk: Desk
    running: Running
    people: list[Identity]
    maildir: Path

    @property
    def smtp(self) -> tuple[str, int]:
        """Where mail is received."""
        host, _, port = self.running.smtp.rpartition(":")
        return host, int(port)

    def body(self, rank: int, name: str, **made: Any) -> bytes:  # noqa: ANN401 (as mail_with)
        """A mail to somebody that carries one document, named."""
        whose, at = self.people[rank], self.desk.host.clock.now().replace(microsecond=0)
        lot = test_lot(whose, HOSPITAL, [Note(name, "Compte rendu", PDF, at)])
        return compose(mail_with(whose, at, lot, number=abs(hash(name)), **made))

    def ask(
        self, path: str, body: object = None, token: str = "", tls: ssl.SSLContext | None = None
    ) -> Any:  # noqa: ANN401 (JSON, for tests)
        """What the server answers over HTTP; the controls of the sandbox too."""
        kind = "application/json" if path.startswith("/sandbox") else "application/fhir+json"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
        sent = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.running.address}{path}", sent, headers)  # noqa: S310 (our own server)
        with urlopen(request, timeout=30, context=tls) as answer:  # noqa: S310
            return json.load(answer)

    def to(self, rank: int) -> str:
        """The mailbox of somebody."""
        return patient_address(self.people[rank].ins)

    def documents(self, rank: int) -> dict[str, Document]:
        """The documents in somebody's record."""
        return dict(documents_of(self.desk.host.service.person(self.people[rank].ins)))


@contextmanager
def posted(
    folder: Path,
    *,
    tls: Tls | None = None,
    bounds: MailBounds | None = None,
    relay: Relay | None = None,
    directory: Path | None = None,
) -> Generator[Post]:
    """Run a sandbox with mail on a thread while the block lasts.

    Args:
        folder: Where what leaves is written.
        tls: Certificates, or None.
        bounds: How much a sender may ask for.
        relay: Where what leaves goes.
        directory: Where to keep what happens, or None.
    """
    clock = ManualClock(FIRST_INSTANTS[VINTAGE])
    host = Host(vintage(VINTAGE), seed=11, clock=clock, directory=directory)
    people = asyncio.run(furnished(host, 8))
    clock.set(clock.now() + timedelta(days=1))
    if directory is not None:
        asyncio.run(host.close())
        host = Host(vintage(VINTAGE), seed=11, clock=clock, directory=directory)
    desk = desk_of(host, Settings(sandbox=True), VALIDATOR)
    mail = MailSettings(0, folder, relay, bounds=bounds or MailBounds())
    with running(desk, Endpoint(tls=tls, mail=mail)) as server:
        yield Post(desk, server, people, folder)
