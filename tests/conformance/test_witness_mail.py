"""Mail before the witness: each wrong mail is told by the requirement that it breaks."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from etalon_cli.command import main
from etalon_conformance.exchanges import Exchange
from etalon_conformance.witness.mailed import CLEAR, SECURED, TLS
from etalon_conformance.witness.mailing import mails, receipts, repeats
from etalon_conformance.witness.players.connection import Connection, Means
from etalon_conformance.witness.players.desk import Desk
from etalon_conformance.witness.players.habits import GOOD, Habits, right_clients, wrong_clients
from etalon_conformance.witness.players.letters import send
from etalon_conformance.witness.seeing_traffic import Scene, read_traffic
from etalon_conformance.witness.traffic import MAIL, Witnessed
from etalon_target.messages import Answer, FailureKind, HttpRequest, HttpResponse, TransportFailure
from etalon_target.people import TestPerson, TestProfessional
from etalon_target.post import Delivered, Post

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
AMELIE = TestPerson(
    ins="281083191000227",
    oid="1.2.250.1.213.1.4.10",
    patient_id="",
    family="DURAND",
    given="Amélie",
    sex="F",
    birth_date=date(1981, 8, 3),
    department="31",
    state="OPEN_ACTIVE",
    vitale_serial="",
    provisional_code="",
    guardian="",
    tag="",
)
DOCTOR = TestProfessional(
    rpps="899900000000",
    idnps="",
    profession="10",
    family="TEST",
    given="Paul",
    structure="",
    tag="",
)
MAILBOX = "899900000000@medecin.etalon-test.mssante.fr"


@dataclass(frozen=True, slots=True)
class KeptPost(Post):
    """A post that keeps what it is given, and answers as it is told.

    Attributes:
        codes: What it answers, one after the other; then it takes everything.
        played: What is played with the first of them.
    """

    codes: tuple[int, ...] = ()
    played: str = ""
    kept: list[Witnessed] = field(default_factory=list[Witnessed])

    def deliver(self, sender: str, recipient: str, body: bytes) -> Delivered:
        """Keep a mail as the witness does."""
        rank = len(self.kept)
        code = self.codes[rank] if rank < len(self.codes) else 250
        url = f"smtp://witness/{recipient}"
        headers = (("mail-from", sender), (TLS, SECURED if self.tls else CLEAR))
        request = HttpRequest(MAIL, url, headers, body)
        exchange = Exchange(rank + 1, AT, None, request, HttpResponse(code, (), b"", 0.0, url))
        played = "" if rank else self.played
        self.kept.append(Witnessed(exchange, "mail", "", rank, rank + 0.5, AT, played=played))
        return Delivered(code, "")


def scene_of(habits: Habits, *codes: int, sendings: int = 1, played: str = "") -> Scene:
    """What a client with these habits sends, at a step."""
    post = KeptPost("", 25, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), codes=codes, played=played)

    def silent(request: HttpRequest) -> Answer:
        return TransportFailure(FailureKind.DROPPED, request.url, 0.0, maybe_applied=False)

    means = Means(
        send=silent,
        root="http://witness",
        client="",
        secret="",
        scope="",
        now=lambda: AT,
        post=post,
        sleep=lambda _: None,
    )
    people: dict[str, TestPerson | TestProfessional] = {"doctor": DOCTOR, "amelie": AMELIE}
    connection = Connection(means, habits)
    chance = Random(1)  # noqa: S311 (tests, no secret)
    desk = Desk(connection, people, chance, "doctor", mailboxes={"doctor": MAILBOX})
    for _ in range(sendings):
        send(desk)
    return Scene(step=None, reads=read_traffic(post.kept))


OF_ONE_MAIL = {
    name: one
    for name, one in wrong_clients().items()
    if name.startswith("mail-") and one.requirement not in {"W-MSS-14", "W-MSS-15"}
}


@pytest.mark.parametrize("name", OF_ONE_MAIL)
def test_a_wrong_mail_breaks_what_it_is_known_to_break(name: str) -> None:
    """The mail alone shows it, whatever a server would answer."""
    one = OF_ONE_MAIL[name]
    points = mails(scene_of(one.habits))

    assert one.requirement in {each.requirement for each in points if not each.holds}


@pytest.mark.parametrize(
    "habits", [GOOD, *(one.habits for name, one in right_clients().items() if "mail" in name)]
)
def test_a_right_mail_breaks_nothing(habits: Habits) -> None:
    """Subject, lot, PDF, address, header, INS and TLS are all looked at."""
    points = list(mails(scene_of(habits)))

    assert [one for one in points if not one.holds] == []
    assert {one.requirement for one in points} == {
        *("W-MSS-01", "W-MSS-02", "W-MSS-03", "W-MSS-10"),
        *("W-CDA-03", "W-COM-05", "W-SEC-01"),
    }


AGAIN: Mapping[str, tuple[Habits, tuple[int, ...], list[bool]]] = {
    "put off, then the same": (GOOD, (451,), [True]),
    "put off, then another": (wrong_clients()["mail-renamed"].habits, (451,), [False]),
    "refused for good, then nothing": (GOOD, (550,), [True]),
    "refused for good, then the same": (
        wrong_clients()["mail-insists"].habits,
        (550,),
        [False, True],
    ),
    "taken": (GOOD, (), []),
}


@pytest.mark.parametrize(("habits", "codes", "kept"), AGAIN.values(), ids=AGAIN)
def test_how_a_mail_is_sent_again_is_judged(
    habits: Habits, codes: tuple[int, ...], kept: list[bool]
) -> None:
    """One that is put off comes back under its name; one that is refused does not."""
    codes = codes * 2 if codes == (550,) else codes

    assert [one.holds for one in repeats(scene_of(habits, *codes))] == kept


def test_a_lot_that_a_receipt_refused_is_not_sent_again() -> None:
    """The same documents are; others, in a mail after it, are not."""
    refused = scene_of(wrong_clients()["mail-renamed"].habits, 451, played="lot-not-taken")
    corrected = scene_of(GOOD, sendings=2, played="lot-not-taken")

    assert [one.holds for one in receipts(refused)] == [False]
    assert [one.holds for one in receipts(corrected)] == [True]


DRIVER = """\
case "$(cat | tee {folder}/told.json)" in
  *'"step": "mail",'*) exec {python} {folder}/send.py ;;
  *) exit 77 ;;
esac
"""
SEND = """\
import base64, json, smtplib, sys, urllib.request
from email.message import EmailMessage
told = json.load(open("{folder}/told.json", encoding="utf-8"))
people, addresses = told["identities"], told["addresses"]
sender, to = people["doctor"]["mailbox"], people["amelie"]["ident"] + "@patient.mssante.fr"
asked = json.dumps({{"holder": people["amelie"]["ident"], "from": sender}}).encode()
typed = {{"Content-Type": "application/json"}}
request = urllib.request.Request(addresses["root"] + "/sandbox/lots", asked, typed)
lot = json.load(urllib.request.urlopen(request))
mail = EmailMessage()
mail["From"], mail["To"], mail["Subject"] = sender, to, lot["subject"]
mail["Date"], mail["Message-ID"] = "Mon, 02 Nov 2026 10:00:00 +0100", "<1@laboratoire.example>"
mail.set_content("Bonjour, voici votre compte rendu.")
archive = base64.b64decode(lot["archive"])
mail.add_attachment(archive, maintype="application", subtype="zip", filename=lot["name"])
host, port = addresses["smtp"].split(":")
with smtplib.SMTP(host, int(port)) as server:
    server.send_message(mail)
"""


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a session in which smtplib sent one mail, and nothing else was done."""
    folder = tmp_path_factory.mktemp("mailed")
    python = "python3"
    (folder / "driver.sh").write_text(DRIVER.format(folder=folder, python=python), encoding="utf-8")
    (folder / "send.py").write_text(SEND.format(folder=folder), encoding="utf-8")
    out = folder / "run"
    line = ["conformance", "run", "--role", "client", "--profile", "laboratory", "--out", str(out)]
    main([*line, "--driver", f"sh {folder}/driver.sh", "--lang", "en"])
    return out


def test_a_mail_of_another_client_is_judged(driven: Path) -> None:
    """Its lot is right; the PDF that goes with each document is missing, and no TLS was offered."""
    verdicts = json.loads((driven / "verdicts.json").read_text(encoding="utf-8"))
    found = {
        one["requirement"]: one["verdict"]
        for one in verdicts["results"]
        if one["check"] == "laboratory-mail"
    }

    assert found == {
        **dict.fromkeys(("W-MSS-01", "W-MSS-03", "W-MSS-10", "W-CDA-03", "W-COM-05"), "pass"),
        "W-MSS-02": "fail",
        "W-SEC-01": "could-not-test",
    }


def test_a_mail_is_an_exchange_of_the_session(driven: Path) -> None:
    """It is kept whole, with the code of SMTP, and what left for it is in the folder of mail."""
    lines = (driven / "exchanges.ndjson").read_text(encoding="utf-8").splitlines()
    [mail] = [json.loads(one) for one in lines]

    assert (mail["request"]["verb"], mail["answer"]["status"]) == ("MAIL", 250)
    assert "IHE_XDM.zip" in mail["request"]["body"]
    assert len(list((driven / "mail" / "new").iterdir())) == 1
