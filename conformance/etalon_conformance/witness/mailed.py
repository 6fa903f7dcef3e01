"""Mail that the witness is given: each is an exchange of the session, like any call.

Its verb is `MAIL`, its address names the recipient, its body is the mail, and its status the code
of SMTP. A mail that was refused before it came has no body.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Final
from uuid import uuid4

from etalon_conformance.witness.plays import Misbehaving
from etalon_conformance.witness.recorder import Recorder
from etalon_conformance.witness.traffic import MAIL
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_wire.mail.messages import PATIENTS
from etalon_wire.mail.parsing import parse
from etalon_wire.mail.receipts import compose_receipt
from etalon_wire.malformed import Malformed

SENDER: Final = "mail-from"
"""Header of the exchange that holds the sender of the envelope."""
TLS: Final = "tls"
"""Header of the exchange that says whether it came under TLS, or in clear where that is offered."""
SECURED: Final = "secured"
CLEAR: Final = "clear"
_SAID: Final = {True: SECURED, False: CLEAR, None: "not offered"}


class MailFollower:
    """Follows the mail of the server: tells the recorder of it, and misbehaves."""

    def __init__(
        self, recorder: Recorder, plays: Misbehaving, leaves: Callable[[bytes], None]
    ) -> None:
        """Follow nothing yet.

        Args:
            recorder: Keeps each mail.
            plays: What is done wrong.
            leaves: Has a receipt leave.
        """
        self._recorder = recorder
        self._leaves = leaves
        self._plays = plays
        self._began = 0.0
        self._played = ""

    def answer_for(self, sender: str, recipient: str, body: bytes) -> tuple[int, str] | None:
        """Return what a mail is answered on purpose, None to have the server answer."""
        del sender
        self._began, self._played = monotonic(), ""
        reply = self._plays.reply_to_mail()
        if reply is None:
            return None
        self._played = reply.played
        if reply.receipt:
            self._refuse(recipient, body, reply.receipt)
        return reply.code, reply.words

    def _refuse(self, recipient: str, body: bytes, number: int) -> None:
        """Have a receipt leave that says that a lot was not taken, where one can be told."""
        named = f"<{uuid4()}@{PATIENTS}>"
        with suppress(Malformed):
            at = datetime.now(UTC).replace(microsecond=0)
            self._leaves(compose_receipt(parse(body), recipient, number, at, named))

    def followed(
        self,
        sender: str,
        recipient: str,
        body: bytes,
        reply: tuple[int, str],
        *,
        secured: bool | None,
    ) -> None:
        """Keep a mail, or what was refused before it came."""
        headers = ((SENDER, sender), (TLS, _SAID[secured]))
        url = f"smtp://witness/{recipient}"
        code, words = reply
        seconds = monotonic() - self._began if body else 0.0
        told = (("content-type", "text/plain"),)
        answer = HttpResponse(code, told, words.encode(), seconds, url)
        played = self._played if body else ""
        self._recorder.mail(HttpRequest(MAIL, url, headers, body), answer, played)
