"""What the tests of mail share: a document, its lot, and the mail that carries it."""

from datetime import UTC, date, datetime

import pytest

from etalon_model.records.deposit import Subject
from etalon_model.records.record import Author, Extras, Form, Origin, Sheet
from etalon_wire.mail.lots import Enclosed, Lot
from etalon_wire.mail.messages import Attachment, Mail, exchange_subject, patient_address
from etalon_wire.mail.submissions import Submission
from etalon_wire.records.documents import Described

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
INS = "146026322000196"


@pytest.fixture(scope="session")
def described() -> Described:
    """A report of a consultation, of level 1."""
    author = Author("899700000001", "DUPONT", "Jean", "10")
    origin = Origin((author,), "1690000001", author.ident, "SA01", "AMBULATOIRE")
    sheet = Sheet(
        "urn:oid:1.2.250.1.999.1",
        "11488-4",
        "10",
        "Compte rendu",
        AT,
        AT,
        0,
        "",
        origin,
        Form("text/xml", "urn:ihe:iti:xds-sd:pdf:2008"),
        Extras(AT, ("DEQP003",), (), "à revoir"),
    )
    subject = Subject(INS, "1.2.250.1.213.1.4.10", date(1946, 2, 1), "M")
    return Described(sheet, subject, ("N", "MASQUE_PS"), "", "DOC00001.XML")


@pytest.fixture(scope="session")
def lot(described: Described) -> Lot:
    """A lot of that document."""
    assert described.subject is not None
    origin = described.sheet.origin
    submission = Submission(
        "urn:oid:1.2.250.1.999.2",
        "urn:oid:1.2.250.1.999",
        AT,
        origin.authors[0],
        origin.organisation,
        "07",
        "Envoi",
        described.subject,
    )
    return Lot(submission, (Enclosed(described, b"<a/>"),))


@pytest.fixture(scope="session")
def mail() -> Mail:
    """A mail to a patient that asks for a receipt."""
    return Mail(
        "app@hopital.mssante.fr",
        (patient_address(INS),),
        exchange_subject("CR de consultation", "Dupont", "Éloïse", date(1946, 2, 1)),
        AT,
        "<1@hopital.mssante.fr>",
        "Bonjour,\nvoici le compte rendu.\n",
        (Attachment("IHE_XDM.zip", "application/zip", b"PK"), Attachment("é.pdf", "a/b", b"")),
        receipt_to="app@hopital.mssante.fr",
        closes=True,
    )
