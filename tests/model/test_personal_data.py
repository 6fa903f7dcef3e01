"""No personal datum in what the service says: notices, logs, refusals."""

from datetime import UTC, datetime, timedelta

import pytest

from etalon_model import (
    INSURER,
    IdentityInputs,
    LogIn,
    Oppose,
    Refusal,
    RegenerateCode,
    Route,
    SendNotice,
    State,
    holder,
    vintage,
)
from etalon_model.catalogue.rehearsal import USES, pair, put_online, searching, weight, writing
from etalon_model.command import Command
from etalon_model.identities import Identity
from etalon_model.people import Channel
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_model.sandbox import Sandbox

UNATTRIBUTED = range(910, 990)


def busy() -> RecordRehearsal:
    """Return a space in which much was done and refused."""
    care = RecordRehearsal(vintage("steady-2023"))
    box, ins = care.sandbox, care.ins
    box.now = datetime(2023, 11, 6, 9, tzinfo=UTC)
    put_online(box)
    id_pe = pair(box, ins, *USES)
    care.put()
    box.do(writing(box, ins, id_pe, weight(box, id_pe)))
    box.do(searching(box, ins, id_pe))
    box.do(LogIn(box.now, holder(ins), ins))
    box.wait(timedelta(minutes=1))
    box.close(ins)
    return care


def personal(who: Identity) -> set[str]:
    """Return the words that would tell who somebody is, beside their matricule."""
    return {
        who.family,
        who.given,
        who.address,
        who.birth_on.isoformat(),
        repr(who.birth_on),
        who.vitale_serial,
    }


def wrong_commands(box: Sandbox, ins: str) -> list[Command]:
    """Return commands that quote much of a person, and are refused."""
    known = box.service.person(ins).identity
    wrong = IdentityInputs(ins, known.birth_on, "00000000000")
    return [
        RegenerateCode(box.now, holder(ins), ins, wrong, "sms"),
        Oppose(box.now, holder(ins), ins, Route.PHONE, wrong),
        LogIn(box.now, holder("2"), ins),
        SendNotice(box.now, INSURER, ins, Channel.EMAIL),
    ]


@pytest.mark.rule("SEC-04")
def test_logs_notices_and_refusals_tell_nobody() -> None:
    """No name, address, birth date or serial number: identifiers only."""
    care = busy()
    box, ins = care.sandbox, care.ins
    outcomes = [box.service.apply(command) for command in wrong_commands(box, ins)]
    answered = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
    said = "\n".join(
        (
            *map(repr, box.service.log(ins)),
            *map(repr, box.service.notifications(ins)),
            *map(repr, box.service.catalogue_log),
            *(f"{refusal!r} {refusal.message}" for refusal in answered),
        )
    )

    assert len(answered) == 4
    assert box.service.state(ins) is State.CLOSED_ARCHIVED
    assert ins in said
    assert [word for word in personal(box.service.person(ins).identity) if word in said] == []


@pytest.mark.rule("SEC-04")
@pytest.mark.parametrize("department", ["31", "2A", "75"])
def test_people_are_synthetic_by_their_matricule(department: str) -> None:
    """The object identifier of tests, and a commune that was never given a code."""
    box = Sandbox(vintage("launch-2022"))
    ins = box.person(department=department)

    assert box.service.person(ins).identity.oid.endswith(".10")
    assert int(ins[7:10]) in UNATTRIBUTED
