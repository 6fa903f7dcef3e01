"""Postfix hands over a document, Dovecot shows the receipt and the holder's answer."""

from email import message_from_bytes
from pathlib import Path

import pytest

from etalon_server.mail.settings import Relay
from etalon_wire.mail.receipts import parse_receipt
from mail_scene import AT_HOSPITAL, Post, posted
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
        _answer(post, operators)
        answers = [one for one in professional.received(2) if b"Merci, docteur" in _text(one)]

        assert len(post.documents(0)) == 1
    (answer,) = map(message_from_bytes, answers)
    assert (answer["From"], answer["To"]) == (post.to(0), AT_HOSPITAL)
    receipt = parse_receipt(body)
    assert receipt is not None
    assert (receipt.code, receipt.asked, receipt.recipient) == (0, True, post.to(0))
    assert message_from_bytes(body)["Return-Path"] == "<>"
    assert list((tmp_path / "maildir/new").iterdir()) == []
    assert {one.name[-4:] for one in (tmp_path / "maildir/cur").iterdir()} == {":2,S"}


def _answer(post: Post, operators: Operators) -> None:
    """Have the holder answer the message, over HTTP."""
    tls = operators.client()
    actor = {"kind": "holder", "ins": post.people[0].ins}
    token = post.ask("/sandbox/tokens", {"actor": actor}, tls=tls)["access_token"]
    (read,) = post.ask("/fhir/Communication", token=token, tls=tls)["entry"]
    answered = {"reference": f"Communication/{read['resource']['id']}"}
    answer = {
        "resourceType": "Communication",
        "status": "completed",
        "inResponseTo": [answered],
        "payload": [{"contentString": "Merci, docteur."}],
    }
    post.ask("/fhir/Communication", answer, token, tls)


def _text(body: bytes) -> bytes:
    """The first text of a mail."""
    for part in message_from_bytes(body).walk():
        if part.get_content_type() == "text/plain":
            return bytes(part.get_payload(decode=True))
    return b""
