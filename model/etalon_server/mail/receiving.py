"""A mail on its way: pieces come in as a network cuts them, and one mail goes out.

It ends where RFC 5321 says, at CRLF, a dot, CRLF. What could be an end to another server (a lone CR
or LF), or something behind the end, is refused: it could be a second mail that nobody let in.

Source: RFC 5321, 4.1.1.4 and 4.5.2.
"""

from typing import Final

from etalon_server.mail.intake import Reply

TOO_LONG: Final = Reply(552, "5.3.4 the mail is larger than this server takes")

_LONE: Final = Reply(550, "5.6.11 a line ends in CR or LF alone: lines end in CRLF")
_BEHIND: Final = Reply(554, "5.5.0 something follows the mail before it was answered")
_END: Final = b"\r\n.\r\n"
_MOST_TIMES: Final = 2
"""How many times too long a mail may be before nobody reads on to its end."""


class MailRefused(Exception):  # noqa: N818 (the mail is, the program is not)
    """Carries what a sender is told of a mail that is not taken.

    Attributes:
        reply: What the sender is told.
        closes: The conversation ends with it.
    """

    def __init__(self, reply: Reply, *, closes: bool = False) -> None:
        """Keep both."""
        super().__init__()
        self.reply = reply
        self.closes = closes


class Receiving:
    """One mail being received."""

    __slots__ = ("_came", "_held", "_most")

    def __init__(self, most: int) -> None:
        """Begin with nothing.

        Args:
            most: Most bytes of the mail, its end included.
        """
        # A mail may begin with its end: a line's end of ours stands before its first line.
        self._held = bytearray(b"\r\n")
        self._came, self._most = 0, most

    @property
    def weighs(self) -> int:
        """How many bytes are held; of a mail that is too long, hardly any."""
        return len(self._held)

    def take(self, piece: bytes) -> bytes | None:
        """Take a piece; return the mail once it is whole, without the dots put before dots.

        Raises:
            MailRefused: It is too long, has another end too, or something follows it.
        """
        held = self._held
        self._came += len(piece)
        is_too_long = self._came > self._most
        looked_at = max(0, len(held) - len(_END) + 1)
        held += piece
        end = held.find(_END, looked_at)
        if end < 0:
            if self._came > _MOST_TIMES * self._most:
                raise MailRefused(TOO_LONG, closes=True)
            if is_too_long:
                # Its end alone is looked for from here on.
                del held[: 1 - len(_END)]
            return None
        if len(held) != end + len(_END):
            raise MailRefused(_BEHIND, closes=True)
        if is_too_long:
            raise MailRefused(TOO_LONG)
        return _plain(bytes(held[: end + 2]))


def _plain(held: bytes) -> bytes:
    """Return a mail that begins with a line's end of ours, as its sender wrote it.

    Raises:
        MailRefused: One of its lines ends otherwise than in CRLF.
    """
    lines = held.count(b"\r\n")
    if held.count(b"\n") != lines or held.count(b"\r") != lines:
        raise MailRefused(_LONE)
    return held.replace(b"\r\n..", b"\r\n.")[2:]
