"""Mail of a good client: a report as CDA in its lot, the same as PDF, under TLS.

Sources: ANS, volet of documents by mail; IHE XDM (ITI-32); RFC 5321 (4.5.4.1), RFC 3207.
"""

from dataclasses import replace
from typing import Final

from etalon_conformance.mail_scene import Letter, lot_of, mail_of
from etalon_conformance.specimens import specimen
from etalon_conformance.witness.players.desk import Declined, Desk
from etalon_model.records.deposit import Subject
from etalon_target.post import Delivered, Post
from etalon_wire.mail.archives import read_archive, write_archive
from etalon_wire.mail.lots import Lot, write_lot
from etalon_wire.mail.messages import PATIENTS, Attachment, Mail, compose, patient_address
from etalon_wire.mail.receipts import TAKEN, parse_receipt

_PDF: Final = "application/pdf"
_ANOTHER_TYPE: Final = "11490-0"
_INDEX: Final = "INDEX.HTM"
_AGAIN_SECONDS: Final = 0.3
_LATER: Final = range(400, 500)
_NEVER: Final = range(500, 600)


def send(desk: Desk) -> None:
    """Send a report to the mailbox of somebody; again where the server says so."""
    post, mail = _post(desk), _mail(desk)
    said = _posted(desk, post, mail)
    if said.code in _LATER:
        desk.connection.means.sleep(_AGAIN_SECONDS)
        named = mail if desk.keeps("keeps_message_ids") else _renamed(desk, mail)
        _posted(desk, post, named)
    elif said.code in _NEVER and not desk.keeps("gives_up_refused_mail"):
        _posted(desk, post, mail)


def read_receipt(desk: Desk) -> None:
    """Send a report, read what its receipt says, and send what was not taken no more."""
    post, mail = _post(desk), _mail(desk)
    _posted(desk, post, mail)
    found = post.received(mail.sender, mail.message_id)
    receipt = parse_receipt(found[0]) if found else None
    if receipt is None:
        message = "no receipt came"
        raise Declined(message)
    if receipt.code != TAKEN and not desk.keeps("reads_receipts"):
        _posted(desk, post, _renamed(desk, mail))


def _post(desk: Desk) -> Post:
    post = desk.connection.means.post
    if post is None:
        message = "the software sends no mail here"
        raise Declined(message)
    return post


def _posted(desk: Desk, post: Post, mail: Mail) -> Delivered:
    way = post if desk.keeps("secures_mail") else replace(post, tls=None)
    return way.deliver(mail.sender, mail.recipients[0], compose(mail))


def _renamed(desk: Desk, mail: Mail) -> Mail:
    return replace(mail, message_id=f"<{desk.unique_uuid()}@etalon-test.mssante.fr>")


def _mail(desk: Desk) -> Mail:
    person, doctor = desk.person("amelie"), desk.professional()
    letter = Letter(
        sender=doctor,
        address=desk.mailboxes[desk.actor],
        person=person,
        about=None if desk.keeps("names_the_ins") else Subject("", "", person.birth_date, "F"),
        unique_id=desk.unique_oid().removeprefix("urn:oid:"),
        asks=not desk.connection.habits.takes("asks_no_receipt"),
    )
    made = mail_of(desk, replace(letter, archive=_archive(desk, lot_of(desk, letter))))
    kept = [one for one in made.attachments if desk.keeps("attaches_lots")]
    if desk.keeps("attaches_pdfs"):
        shown = specimen(desk, person, doctor, kind="11488-4", media_type=_PDF)
        count = 2 if desk.connection.habits.takes("attaches_more") else 1
        kept += [Attachment(f"rapport-{rank}.pdf", _PDF, shown.content) for rank in range(count)]
    recipient = patient_address(person.ins)
    if not desk.keeps("addresses_matricules"):
        recipient = f"prenom.nom@{PATIENTS}"
    subject = made.subject if desk.keeps("writes_subjects") else "Votre compte rendu"
    return replace(made, attachments=tuple(kept), recipients=(recipient,), subject=subject)


def _archive(desk: Desk, lot: Lot) -> bytes:
    """Return IHE_XDM.zip; what a wrong client makes of it, where it is one."""
    if not desk.keeps("describes_what_it_packs"):
        one = lot.documents[0]
        sheet = replace(one.described.sheet, type_code=_ANOTHER_TYPE)
        lot = replace(lot, documents=(replace(one, described=replace(one.described, sheet=sheet)),))
    written = write_lot(lot)
    files = read_archive(written)
    if not desk.keeps("writes_index"):
        files.pop(_INDEX)
    if not desk.keeps("measures_what_it_packs"):
        files = {name: body + b"\n" if _is_document(name) else body for name, body in files.items()}
    return write_archive(files)


def _is_document(name: str) -> bool:
    return "SUBSET01/DOC" in name
