"""Mail that the witness is given: each is an exchange of the session, like any call.

Its verb is `MAIL`, its address names the recipient, its body is the mail, and its status the code
of SMTP. A mail that was refused before it came has no body.
"""

from time import monotonic
from typing import Final

from etalon_conformance.witness.plays import Misbehaving
from etalon_conformance.witness.recorder import Recorder
from etalon_conformance.witness.traffic import MAIL
from etalon_target.messages import HttpRequest, HttpResponse

SENDER: Final = "mail-from"
"""Header of the exchange that holds the sender of the envelope."""
TLS: Final = "tls"
"""Header of the exchange that says whether it came under TLS, or in clear though TLS is offered."""
SECURED: Final = "secured"
CLEAR: Final = "clear"


class MailFollower:
    """Follows the mail of the server: tells the recorder of it, and misbehaves."""

    def __init__(self, recorder: Recorder, plays: Misbehaving) -> None:
        """Follow nothing yet."""
        self._recorder = recorder
        self._plays = plays
        self._began = 0.0
        self._played = ""

    def answer_for(self, sender: str, recipient: str, body: bytes) -> tuple[int, str] | None:
        """Return what a mail is answered on purpose, None to have the server answer."""
        del sender, recipient, body
        self._began, self._played = monotonic(), ""
        reply = self._plays.reply_to_mail()
        if reply is None:
            return None
        code, words, self._played = reply
        return code, words

    def followed(
        self, sender: str, recipient: str, body: bytes, reply: tuple[int, str], *, secured: bool
    ) -> None:
        """Keep a mail, or what was refused before it came."""
        headers = ((SENDER, sender), (TLS, SECURED if secured else CLEAR))
        url = f"smtp://witness/{recipient}"
        code, words = reply
        seconds = monotonic() - self._began if body else 0.0
        told = (("content-type", "text/plain"),)
        answer = HttpResponse(code, told, words.encode(), seconds, url)
        played = self._played if body else ""
        self._recorder.mail(HttpRequest(MAIL, url, headers, body), answer, played)
