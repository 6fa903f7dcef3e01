"""Documents of test people: consultation reports that a test doctor deposits, by the rules."""

import hashlib
from datetime import datetime
from functools import cache
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from etalon_model.identities import Identity
from etalon_model.professionals import PER_ROLE, Professional, professional_numbered
from etalon_model.records.deposit import DepositDocument, Means
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.record import Author, Form, Origin, Sheet
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import Refused
from etalon_server.records.places import bytes_key
from etalon_server.rehearsal import Act, Halted
from etalon_server.service_host import Host
from etalon_wire.records.documents import known_subject

_REPORT: Final = "11488-4"
_PDF: Final = Form("application/pdf", "urn:ihe:iti:xds-sd:pdf:2008")
_DOCTOR: Final = "10"
_SIZE: Final = 20_000
"""Bytes of a report, about."""


async def give_documents(host: Host, who: Identity, count: int) -> None:
    """Deposit reports in the record of somebody who has none, all or none.

    Raises:
        Refused: The rules refuse them.
    """
    at = host.clock.now()
    doctor = professional_numbered(host.seed, _DOCTOR, PER_ROLE - 1)
    acts: list[Act] = []
    for rank in range(1, count + 1):
        sheet, content = _report(doctor, who, rank, at)
        command = DepositDocument(
            at, doctor.actor(), who.ins, sheet, known_subject(who), Means.PRO_SANTE_CONNECT
        )
        kept = Kept(bytes_key(who.ins, sheet.unique_id, at.isoformat()), content)
        acts.append((command, (kept,)))
    outcome = await host.write_all(acts)
    if isinstance(outcome, Halted):
        raise Refused(outcome.refusal)


def _report(doctor: Professional, who: Identity, rank: int, at: datetime) -> tuple[Sheet, bytes]:
    author = Author(doctor.idnps, doctor.family, doctor.given, doctor.role)
    title = f"Compte rendu de test {rank}"
    # Every file is another, so that the bytes of somebody else are known by their digest.
    content = _pdf(title) + f"% {who.ins}\n".encode()
    sheet = Sheet(
        unique_id=uuid5(NAMESPACE_OID, f"{who.oid}/{who.ins}/{rank}").urn,
        type_code=_REPORT,
        class_code=DOCUMENT_TYPES[_REPORT].class_code,
        title=title,
        created_at=at,
        service_start_at=at,
        size_bytes=len(content),
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        origin=Origin((author,), doctor.idnst, doctor.idnps, "SA07", "AMBULATOIRE"),
        form=_PDF,
    )
    return sheet, content


@cache
def _pdf(title: str) -> bytes:
    """Return a file of one page that shows a title, as large as scanned reports are."""
    drawn = f"BT /F1 18 Tf 72 770 Td ({title}) Tj ET".encode()
    page = b"/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R%s>>" % page,
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    made, places = bytearray(b"%PDF-1.4\n"), list[int]()
    made += b"%" + b" " * (_SIZE - 1) + b"\n"
    for number, one in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, one)
    start = len(made)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    made += b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(made)
