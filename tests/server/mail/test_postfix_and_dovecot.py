"""Postfix hands over a document, Dovecot shows the receipt and the holder's answer."""

from email import message_from_bytes
from pathlib import Path

import pytest

from etalon_server.mail.settings import Relay
from etalon_wire.mail.receipts import parse_receipt
from mail_scene import AT_HOSPITAL, posted
from professional_post import free_port, professional_post
from secured_scene import Operators
from tiers import found_here

if not all(found_here(name) for name in ("postfix", "dovecot", "root")):
    pytest.skip("no Postfix, no Dovecot, or no right to start them", allow_module_level=True)


def test_a_document_goes_through_postfix_and_dovecot_holds_what_comes_back(tmp_path: Path) -> None:
    """Over TLS both ways, with the certificate of the establishment; by the relay alone."""
    operators = Operators(tmp_path)
    certificate, key = operators.shown("hospital", tmp_path)
    own = free_port()
    relay = Relay("127.0.0.1", own)
    with (
        posted(tmp_path / "maildir", tls=operators.files, relay=relay) as post,
        professional_post(
            "hospital.mssante.fr", certificate, key, own, post.smtp[1]
        ) as professional,
    ):
        professional.send(AT_HOSPITAL, post.to(0), post.body(0, "by Postfix"))
        (body,) = professional.received(1)

        assert len(post.documents(0)) == 1
    receipt = parse_receipt(body)
    assert receipt is not None
    assert (receipt.code, receipt.asked, receipt.recipient) == (0, True, post.to(0))
    assert message_from_bytes(body)["Return-Path"] == "<>"
    assert list((tmp_path / "maildir/new").iterdir()) == []
    (sent,) = (tmp_path / "maildir/cur").iterdir()
    assert sent.name.endswith(":2,S")
