"""Who follows the mail that comes: told of each, and able to answer one in the server's place."""

from typing import Protocol


class Follower(Protocol):
    """Follows the mail that comes; called on the loop of the server, which waits meanwhile."""

    def answer_for(self, sender: str, recipient: str, body: bytes) -> tuple[int, str] | None:
        """Return what a mail is answered in the server's place, None to have the server answer.

        Args:
            sender: Address of the envelope.
            recipient: The one patient of the envelope.
            body: The mail.
        """
        ...

    def followed(
        self,
        sender: str,
        recipient: str,
        body: bytes,
        reply: tuple[int, str],
        *,
        secured: bool | None,
    ) -> None:
        """Take note of a mail, or of one that was refused before it came.

        Args:
            sender: Address of the envelope, empty where it was refused unheard.
            recipient: Address of the recipient, or empty.
            body: The mail, empty where it was refused before it came.
            reply: Code and words of the answer.
            secured: Whether it came under TLS; None where no TLS is offered.
        """
        ...
