"""What leaves goes to the relay that was named, to mailboxes of this service, or stays."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from etalon_model.actors import holder
from etalon_model.messaging.writing import WriteMessage
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.places import leaving_key
from etalon_server.mail.relaying import Courier, envelope_of, handed_over
from etalon_server.mail.relaying import Envelope as Asked
from etalon_server.mail.settings import Relay
from etalon_wire.mail.messages import Mail, compose, patient_address
from mail_scene import AT_DOCTOR, AT_HOSPITAL, MailScene
from professional_post import free_port

ELSEWHERE = "someone@clinic.mssante.fr"
OUTSIDE = "someone@example.org"


@dataclass
class Taken:
    """A relay that answers as it is told, and what it took.

    Attributes:
        answers: What it answers, the last one again and again.
        envelopes: Senders and recipients, in order.
    """

    answers: list[str] = field(default_factory=lambda: ["250 OK"])
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list[tuple[str, list[str]]])

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd calls it so)
        """Answer, and remember what was taken."""
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.startswith("250"):
            self.envelopes.append((envelope.mail_from or "", envelope.rcpt_tos))
        return answer


@contextmanager
def relaying(taken: Taken) -> Generator[Relay]:
    """Run a relay while the block lasts."""
    controller = Controller(taken, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield Relay("127.0.0.1", controller.port)
    finally:
        controller.stop()


@pytest.mark.parametrize(
    ("answer", "fate"), [("250 OK", "sent"), ("451 later", "later"), ("554 never", "never")]
)
def test_what_a_relay_answers_decides_what_becomes_of_a_mail(answer: str, fate: str) -> None:
    """And one that is not there is asked again."""
    envelope = Asked("", (AT_HOSPITAL,))
    with relaying(Taken([answer])) as relay:
        assert handed_over(relay, envelope, b"Subject: a\r\n\r\n") == fate
    assert handed_over(relay, envelope, b"") == "later"


def carried(scene: MailScene, taken: Taken, *, real_domains: bool, until: int) -> None:
    """Have a courier go on until as many mails do not wait any more."""

    async def run() -> None:
        with relaying(taken) as relay:
            courier = Courier(scene.desk.host, scene.outbox, relay, None)
            task = asyncio.create_task(courier.run(real_domains=real_domains))
            gone = scene.folder / "cur"
            while len(list(gone.iterdir())) < until:  # noqa: ASYNC110 (a folder tells nobody)
                await asyncio.sleep(0.02)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(run())


def flags(scene: MailScene) -> list[str]:
    """What became of the mails that do not wait any more."""
    return sorted(file.name.rpartition(",")[2] for file in (scene.folder / "cur").iterdir())


@pytest.mark.parametrize(
    ("to", "real_domains", "reached"),
    [
        ((AT_HOSPITAL,), False, [AT_HOSPITAL]),
        ((ELSEWHERE,), False, None),
        ((ELSEWHERE,), True, [ELSEWHERE]),
        ((OUTSIDE,), True, None),
        ((patient_address("255081416802538"),), True, None),
        ((AT_DOCTOR, OUTSIDE, ELSEWHERE), False, [AT_DOCTOR]),
    ],
)
def test_mail_leaves_to_mailboxes_of_this_service_alone(
    scene: MailScene, to: tuple[str, ...], reached: list[str] | None, *, real_domains: bool
) -> None:
    """Others of the trust space where they are let in, nobody else ever; the rest is set aside."""
    taken, mail = Taken(), replace(scene.mail(None), recipients=to)
    asyncio.run(scene.outbox.post(compose(mail)))

    carried(scene, taken, real_domains=real_domains, until=1)

    assert taken.envelopes == ([] if reached is None else [(AT_HOSPITAL, reached)])
    assert flags(scene) == ["T" if reached is None else "S"]


def test_what_is_refused_for_now_is_tried_again_and_receipts_have_no_sender(
    scene: MailScene,
) -> None:
    """So that what a receipt meets comes back to nobody."""
    scene.take(scene.mail(scene.lot()))
    (file,) = scene.outbox.waiting()
    taken = Taken(["451 later", "250 OK"])

    carried(scene, taken, real_domains=False, until=1)

    assert envelope_of((scene.folder / "cur" / f"{file.name}:2,S").read_bytes()).sender == ""
    assert taken.envelopes == [("<>", [AT_HOSPITAL])]


def test_an_answer_that_a_kill_left_behind_leaves_only_if_it_was_accepted(
    scene: MailScene,
) -> None:
    """By the mark kept with its command; files of others are left alone."""
    scene.take(scene.mail(None))
    ins, at = scene.whose.ins, scene.desk.host.clock.now()
    mail = Mail(patient_address(ins), (AT_HOSPITAL,), "Re", at, "<r@patient.mssante.fr>", "Merci")
    scene.leave(WriteMessage(at, holder(ins), ins, "Merci", thread=1), mail)
    (accepted,) = scene.outbox.waiting()
    left = accepted.rename(scene.folder / "tmp" / accepted.name)
    (scene.folder / "tmp" / "0.etalon").write_bytes(b"never accepted")
    (scene.folder / "tmp" / "other").write_bytes(b"of somebody else")

    Outbox(scene.folder, durable=True).settle(scene.desk.contents)

    assert [one.name for one in scene.outbox.waiting()] == [left.name]
    assert [one.name for one in (scene.folder / "tmp").iterdir()] == ["other"]
    assert scene.desk.contents.body(leaving_key(left.name)) == b""
