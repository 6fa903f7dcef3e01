"""Lots that a sandbox makes: what a professional's software would attach, and right."""

from base64 import b64decode

import pytest

from etalon_wire.mail.clinical_documents import disagreements, read_header
from etalon_wire.mail.lots import read_lot
from etalon_wire.mail.messages import patient_address
from sandbox_scene import ask, desk_of, refusal


@pytest.mark.requirement("W-MSS-01", "W-MSS-03", "W-CDA-03")
def test_a_lot_is_of_its_holder_from_its_sender_and_says_what_its_document_does() -> None:
    """With the address, the subject and the name under which it is sent."""
    desk = desk_of()
    ins = ask(desk, "sandbox_people")[0]["ins"]
    sender = ask(desk, "sandbox_professionals")[0]["mailbox"]

    made = ask(desk, "sandbox_lots", {"holder": ins, "from": sender, "text": "Tout va bien."})

    assert (made["to"], made["name"]) == (patient_address(ins), "IHE_XDM.zip")
    assert made["subject"].startswith("XDM/1.0/DDM+CR de consultation ")
    lot = read_lot(b64decode(made["archive"]))
    (one,) = lot.documents
    assert disagreements(read_header(one.content), one.described) == []
    assert one.described.subject is not None
    assert one.described.subject.ins == ins
    state = ask(desk, "sandbox_state")
    assert (state["smtp"], state["mailboxes"]) == (None, [sender])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"holder": "1"}, "PARAMETER_WRONG"),
        ({"from": "nobody@hospital.mssante.fr"}, "PARAMETER_WRONG"),
        ({"text": 7}, "PARAMETER_WRONG"),
        ({"age": 7}, "PARAMETER_UNKNOWN"),
    ],
)
def test_a_lot_that_cannot_be_made_is_refused(changed: dict[str, object], code: str) -> None:
    """With the key."""
    desk = desk_of()
    ins = ask(desk, "sandbox_people")[0]["ins"]
    sender = ask(desk, "sandbox_professionals")[0]["mailbox"]

    assert refusal(desk, "sandbox_lots", {"holder": ins, "from": sender, **changed}) == code
