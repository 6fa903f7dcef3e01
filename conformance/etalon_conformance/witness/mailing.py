"""What mails show: subject, attachments, the lot in them, whose documents these are, TLS.

Sources: ANS, volets of documents by mail (structure of the mail, of the archive); IHE XDM (ITI-32);
RFC 5321 (4.5.4.1), RFC 5322 (3.6.4), RFC 3207, RFC 8098.
"""

import re
from collections.abc import Iterator
from typing import Final

from etalon_conformance.witness.mailed import CLEAR, SECURED, TLS
from etalon_conformance.witness.seeing_traffic import Point, Scene, point
from etalon_conformance.witness.traffic import SEND_MAIL, Witnessed
from etalon_model.identifiers import InsOid, fits_oid, is_matricule
from etalon_wire.clinical_deposits import is_clinical
from etalon_wire.mail.clinical_documents import disagreements, read_header
from etalon_wire.mail.lots import ARCHIVE_NAME, Enclosed, read_lot
from etalon_wire.mail.messages import EXCHANGE, Mail, matricule_in
from etalon_wire.mail.parsing import parse
from etalon_wire.malformed import Malformed

_NOT_TAKEN: Final = "lot-not-taken"
_PDF: Final = "application/pdf"
_SUBJECT: Final = re.compile(rf"{re.escape(EXCHANGE)}\S.* \S+ (\d\d)/(\d\d)/(\d{{4}})")
_LATER: Final = range(400, 500)
_NEVER: Final = range(500, 600)
_OIDS: Final = frozenset(oid.value for oid in InsOid)


def mails(scene: Scene) -> Iterator[Point]:
    """Yield what each mail shows (W-SEC-01, W-MSS-01, 02, 03, 10; W-COM-05, W-CDA-03)."""
    for read in scene.reads:
        one = read.one
        if one.interaction != SEND_MAIL:
            continue
        said = one.exchange.request.header(TLS)
        if said in {SECURED, CLEAR}:
            yield point("W-SEC-01", "mail_in_clear", one, holds=said == SECURED)
        recipient = one.path.removeprefix("/")
        if recipient:
            right = is_matricule(matricule_in(recipient))
            yield point("W-MSS-10", "mail_address", one, holds=right, found=recipient[:80])
        if one.exchange.request.body:
            yield from _mail(scene, one)


def _mail(scene: Scene, one: Witnessed) -> Iterator[Point]:
    try:
        mail = parse(one.exchange.request.body)
    except Malformed as malformed:
        yield point("W-MSS-01", "mail", one, holds=False, problem=malformed.message[:200])
        return
    archives = [each for each in mail.attachments if each.name == ARCHIVE_NAME]
    documents: tuple[Enclosed, ...] = ()
    problem = ""
    if archives:
        try:
            documents = read_lot(archives[0].content).documents
        except Malformed as malformed:
            problem = malformed.message[:200]
        yield point("W-MSS-03", "archive", one, holds=not problem, problem=problem)
    # A mail that neither brings documents nor was asked to is an ordinary letter.
    if archives or mail.subject.startswith(EXCHANGE) or scene.asks("W-MSS-02"):
        yield from _letter(one, mail, documents)
        pages = sum(each.media_type == _PDF for each in mail.attachments)
        enough = len(archives) == 1 and pages >= max(1, len(documents))
        told = {"archives": str(len(archives)), "pages": str(pages)}
        yield point("W-MSS-02", "attachments", one, holds=enough, **told)
    for each in documents:
        yield from _document(one, each)


def _letter(one: Witnessed, mail: Mail, documents: tuple[Enclosed, ...]) -> Iterator[Point]:
    """Yield whether the subject says what is in the mail, and whose it is."""
    found = _SUBJECT.fullmatch(mail.subject)
    born = {
        each.described.subject.birth_on.strftime("%d/%m/%Y")
        for each in documents
        if each.described.subject is not None and each.described.subject.birth_on is not None
    }
    right = found is not None and (not born or "/".join(found.groups()) in born)
    yield point("W-MSS-01", "subject", one, holds=right, found=mail.subject[:120])


def _document(one: Witnessed, enclosed: Enclosed) -> Iterator[Point]:
    """Yield whose a document is, and whether the metadata say what its header says."""
    subject = enclosed.described.subject
    ins, oid = ("", "") if subject is None else (subject.ins, subject.oid)
    right = is_matricule(ins) and oid in _OIDS and fits_oid(ins, oid)
    right = right and ins == matricule_in(one.path.removeprefix("/"))
    yield point("W-COM-05", "matricule", one, holds=right, found=ins or "-", system=oid or "-")
    if not is_clinical(enclosed.described.sheet.form.mime):
        return
    try:
        wrong = disagreements(read_header(enclosed.content), enclosed.described)
    except Malformed as malformed:
        yield point("W-CDA-03", "heading", one, holds=False, wrong=malformed.message[:200])
        return
    told = ", ".join(each.expression for each in wrong)
    yield point("W-CDA-03", "heading", one, holds=not wrong, wrong=told)


def repeats(scene: Scene) -> Iterator[Point]:
    """Yield how mails are sent again (W-MSS-14)."""
    sent = [read.one for read in scene.reads if read.one.exchange.request.body]
    named = [(one, _name(one)) for one in sent if one.interaction == SEND_MAIL]
    for rank, (one, name) in enumerate(named):
        later = named[rank + 1 :]
        if one.status in _LATER:
            mine = _packed(one)
            again = [(each, other) for each, other in later if mine & _packed(each)]
            if again:
                same = any(other == name for _, other in again)
                yield point("W-MSS-14", "mail_renamed", one, again[0][0], holds=same)
        if one.status in _NEVER:
            twice = [each for each, other in later if name and other == name]
            yield point("W-MSS-14", "mail_insists", one, *twice[:1], holds=not twice)


def receipts(scene: Scene) -> Iterator[Point]:
    """Yield what follows a receipt that says that a lot was not taken (W-MSS-15)."""
    for one in scene.plays(_NOT_TAKEN):
        mine = _packed(one)
        later = [read.one for read in scene.after(one) if read.one.interaction == SEND_MAIL]
        again = [each for each in later if mine & _packed(each)]
        yield point("W-MSS-15", "lot_again", one, *again[:1], holds=not again)


def _packed(one: Witnessed) -> set[tuple[str, str]]:
    """Return identifier and digest of each document in the lot of a mail."""
    try:
        mail = parse(one.exchange.request.body)
        lots = [read_lot(each.content) for each in mail.attachments if each.name == ARCHIVE_NAME]
    except Malformed:
        return set()
    sheets = (each.described.sheet for lot in lots for each in lot.documents)
    return {(sheet.unique_id, sheet.sha1) for sheet in sheets}


def _name(one: Witnessed) -> str:
    try:
        return parse(one.exchange.request.body).message_id
    except Malformed:
        return ""
