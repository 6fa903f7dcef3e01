"""What checks of mail do before they look: lots of documents, mails to a space, what answers them.

A mail is an exchange like any other: its body holds the code and the words of SMTP, or what was
found in the mailbox of who wrote. Files are told by their SHA-256.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from hashlib import sha256
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import OPERATION, Exchange
from etalon_conformance.specimens import Giver
from etalon_model.records.deposit import Subject
from etalon_model.records.record import Author, Extras, Form, Origin, Sheet
from etalon_target.cannot import CannotTest
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.people import TestPerson, TestProfessional
from etalon_target.post import Post
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.mail.lots import ARCHIVE_NAME, Enclosed, Lot, write_lot
from etalon_wire.mail.messages import Attachment, Mail, compose, exchange_subject, patient_address
from etalon_wire.mail.receipts import parse_receipt
from etalon_wire.mail.submissions import Submission
from etalon_wire.malformed import Malformed
from etalon_wire.records.documents import Described

TAKEN: Final = "250"
"""The code of SMTP for a mail that is taken."""
REFUSED: Final = ("450", "452", "521", "523", "530", "535", "550", "551", "552", "553", "554")
"""The codes by which a mail is refused, for a time or for good."""
CODE: Final = ".code"
"""Path to the code of SMTP, or to the number of a receipt."""

_TYPE: Final = "11488-4"
_LABEL: Final = "CR de consultation"
_TEXT: Final = "urn:ihe:iti:xds-sd:text:2008"
_KIND_OF_ACTIVITY: Final = "07"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What somebody writes to a space.

    Attributes:
        sender: Who writes.
        address: Their mailbox.
        person: To whom.
        about: Whose the document is, as it says; that of the person when None.
        unique_id: Unique identifier of the document, without `urn:oid:`; empty for no document.
        content: The text of the document.
        codes: Its confidentiality codes.
        replaced: Unique identifier of what it replaces, or empty.
        archive: What is attached instead of the lot, where it is not None.
        text: What is written in the mail.
        asks: A notification of what became of it is asked for.
        closes: The person is not to answer.
        automatic: A program wrote it.
        answers: Identifier of the mail it answers, or empty.
        copies: Other mailboxes that it says it goes to.
        beside: Files attached beside the lot: name, media type, bytes.
        others: Unique identifiers of further documents of the lot.
    """

    sender: TestProfessional
    address: str
    person: TestPerson
    about: Subject | None = None
    unique_id: str = ""
    content: bytes = b"Tout va bien.\n"
    codes: tuple[str, ...] = ("N",)
    replaced: str = ""
    archive: bytes | None = None
    text: str = "Voici le compte rendu de votre visite.\n"
    asks: bool = True
    closes: bool = False
    automatic: bool = False
    answers: str = ""
    copies: tuple[str, ...] = ()
    beside: tuple[tuple[str, str, bytes], ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """A mail that was given to a server.

    Attributes:
        ident: Its identifier, between angle brackets.
        address: The mailbox of who wrote it.
        files: SHA-256 of each file that it carries.
        answer: What the server said.
    """

    ident: str
    address: str
    files: tuple[str, ...]
    answer: Exchange


def post_of(bench: Bench) -> Post:
    """Return how mail goes to the target.

    Raises:
        CannotTest: It takes none, or does not say where.
    """
    post = bench.target.post
    if post is None:
        raise CannotTest(key="cause.no_mail")
    return post


def subject_of(person: TestPerson) -> Subject:
    """Return the identity that a document of somebody bears."""
    return Subject(person.ins, person.oid, person.birth_date, person.sex)


def posted(bench: Bench, letter: Letter) -> Posted:
    """Write to a space by mail, and return what the server said.

    Raises:
        CannotTest: It takes no mail.
    """
    mail = mail_of(bench, letter)
    return sent(bench, letter.address, patient_address(letter.person.ins), mail)


def sent(bench: Bench, sender: str, recipient: str, mail: Mail) -> Posted:
    """Give a mail to the server, in an envelope.

    Raises:
        CannotTest: It takes no mail, or gave no answer.
    """
    post = post_of(bench)
    bench.before_each()
    said = post.deliver(sender, recipient, compose(mail))
    if not said.code:
        raise CannotTest(key="cause.transport", kind=said.text)
    files = tuple(sha256(one.content).hexdigest() for one in mail.attachments)
    told: Resource = {"code": said.code, "text": said.text, "message": mail.message_id}
    answer = _recorded(bench, f"SMTP {sender} {recipient}", told)
    return Posted(mail.message_id, sender, files, answer)


def answered(bench: Bench, posted_mail: Posted) -> Exchange:
    """Return what came into the mailbox of who wrote, in answer to a mail.

    Its body holds `receipts` (number, label, whether it is a notification, its files, the
    Disposition and Final-Recipient fields) and `others`, how many answers are no receipt.

    Raises:
        CannotTest: Nobody sees what leaves the target.
    """
    post = post_of(bench)
    if post.maildir is None:
        raise CannotTest(key="cause.no_mail")
    found = post.received(posted_mail.address, posted_mail.ident)
    read = [_receipt(one) for one in found]
    receipts: list[Json] = [one for one in read if one]
    told: Resource = {"receipts": receipts, "others": len(read) - len(receipts)}
    return _recorded(bench, f"MAILBOX {posted_mail.address} {posted_mail.ident}", told)


def left_for(bench: Bench, address: str, answering: str = "", *, waits: bool = True) -> Exchange:
    """Return what left the target for a mailbox: how many mails, and the lines of their texts.

    Args:
        bench: What the check works with.
        address: The mailbox.
        answering: Identifier of the mail that is answered; empty for any mail.
        waits: The first of them is waited for.

    Raises:
        CannotTest: Nobody sees what leaves the target.
    """
    post = post_of(bench)
    if post.maildir is None:
        raise CannotTest(key="cause.no_mail")
    found = (post if waits else replace(post, patience=0.0)).received(address, answering)
    texts: list[Json] = [text for one in found for text in _texts(one)]
    told: Resource = {"mails": len(found), "texts": texts}
    return _recorded(bench, f"MAILBOX {address} {answering}", told)


def _texts(body: bytes) -> Iterator[str]:
    """Yield the lines of the plain texts of a mail."""
    for part in message_from_bytes(body).walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                lines = content.decode("utf-8", "replace").splitlines()
                yield from filter(None, map(str.strip, lines))


def identifier_of_answer(bench: Bench, posted_mail: Posted) -> str:
    """Return the identifier of the mail that answers another, between angle brackets.

    Raises:
        CannotTest: Nobody sees what leaves the target, or nothing left it.
    """
    post = post_of(bench)
    found = post.received(posted_mail.address, posted_mail.ident) if post.maildir else []
    ident = str(message_from_bytes(found[-1])["Message-ID"] or "") if found else ""
    if not ident:
        raise CannotTest(key="cause.no_mail")
    return ident.strip()


def _receipt(body: bytes) -> Resource:
    """Return what a receipt says; nothing where a mail is none, or cannot be read."""
    try:
        read = parse_receipt(body)
    except Malformed:
        return {}
    if read is None:
        return {}
    whole = message_from_bytes(body)
    fields = [
        part.get_payload(0)
        for part in whole.walk()
        if part.get_content_type() == "message/disposition-notification"
    ]
    told = {name: str(one[name] or "") for one in fields[:1] for name in _FIELDS}  # type: ignore[index]
    files: list[Json] = [sha256(one.content).hexdigest() for one in read.attachments]
    return {
        "number": read.code,
        "label": read.label,
        "notification": read.asked,
        "kind": whole.get_content_type(),
        "files": files,
        "original": any("message/rfc822" in one.get_content_type() for one in whole.walk()),
        **{name.lower(): value for name, value in told.items()},
    }


_FIELDS: Final = ("Disposition", "Final-Recipient")


def _recorded(bench: Bench, asked: str, told: Resource) -> Exchange:
    headers = (("Content-Type", "application/json"),)
    answer = HttpResponse(200, headers, write_json(told), 0.0, asked)
    return bench.recording.add(None, HttpRequest(OPERATION, asked), answer, control=False)


def mail_of(giver: Giver, letter: Letter) -> Mail:
    """Return the mail that a letter becomes."""
    files = letter.archive
    if files is None and letter.unique_id:
        files = write_lot(lot_of(giver, letter))
    lot = () if files is None else (Attachment(ARCHIVE_NAME, "application/zip", files),)
    attached = (*lot, *(Attachment(*one) for one in letter.beside))
    person = letter.person
    subject = "Bonjour"
    if files is not None and person.birth_date is not None:
        subject = exchange_subject(_LABEL, person.family, person.given, person.birth_date)
    return Mail(
        letter.address,
        (patient_address(person.ins), *letter.copies),
        subject,
        giver.now().astimezone(UTC).replace(microsecond=0),
        f"<{giver.unique_uuid()}@etalon-test.mssante.fr>",
        letter.text,
        attached,
        receipt_to=letter.address if letter.asks else "",
        closes=letter.closes,
        automatic=letter.automatic,
        answers=letter.answers,
    )


def lot_of(giver: Giver, letter: Letter) -> Lot:
    """Return the lot of one clinical document of level 1, of plain text."""
    at = giver.now().astimezone(UTC).replace(microsecond=0)
    ident = f"8{letter.sender.rpps}"
    author = Author(ident, letter.sender.family or "TEST", letter.sender.given, "10")
    subject = letter.about or subject_of(letter.person)

    def enclosed(unique_id: str) -> Enclosed:
        return _enclosed(letter, author, subject, at, unique_id)

    submission = Submission(
        giver.unique_oid(),
        "urn:oid:2.25",
        at,
        author,
        "",
        _KIND_OF_ACTIVITY,
        "Compte rendu",
        subject,
    )
    return Lot(submission, tuple(map(enclosed, (letter.unique_id, *letter.others))))


def _enclosed(
    letter: Letter, author: Author, subject: Subject, at: datetime, unique_id: str
) -> Enclosed:
    """Return a document of a lot, and what is said of it."""
    sheet = Sheet(
        f"urn:oid:{unique_id}",
        _TYPE,
        "10",
        "Compte rendu",
        at,
        at,
        0,
        "",
        Origin((author,), "", author.ident, "SA01", "AMBULATOIRE"),
        Form("text/xml", _TEXT),
        Extras(at),
    )
    described = Described(sheet, subject, letter.codes, letter.replaced, "")
    return Enclosed(described, write_clinical_document(described, letter.content, "text/plain"))
