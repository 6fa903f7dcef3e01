"""The mail of a session: where the witness takes it, and how a client of ours sends it."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from etalon_server.listening import Tls, tls_context
from etalon_server.mail.settings import MailSettings
from etalon_target.post import Post
from etalon_target.throwaway_authority import authority_in

if TYPE_CHECKING:
    from collections.abc import Generator

    from etalon_server.exchange import Desk
    from etalon_server.mail.following import Follower
    from etalon_server.mail.listening import MailServer
    from etalon_target.adapters import AsgiAdapter
    from etalon_target.throwaway_authority import AuthorityFiles

LOOPBACK: Final = "127.0.0.1"
_FOLDER: Final = "mail"
_GRACEFUL_SECONDS: Final = 2.0


def mail_settings(
    folder: Path, port: int, follower: Follower, files: AuthorityFiles | None
) -> MailSettings:
    """Return how a session takes mail.

    Args:
        folder: In which what leaves, receipts, is kept.
        port: Port to listen on; 0 for one that is free.
        follower: Who keeps each mail.
        files: Certificates of the witness and the authority of clients; those of the endpoint, if
            it has any, when None.
    """
    tls = None if files is None else Tls(files.server, files.server, files.authority)
    return MailSettings(port, folder / _FOLDER, tls=tls, follower=follower)


def post_at(smtp: str, folder: Path, files: AuthorityFiles | None) -> Post:
    """Return how a client of ours gives mail to a witness, under TLS where there are certificates.

    Args:
        smtp: Where the witness takes mail, `host:port`.
        folder: In which what leaves is kept.
        files: Whom to trust, and the certificate that answers for the mailboxes.
    """
    host, _, port = smtp.rpartition(":")
    context = None
    if files is not None:
        context = ssl.create_default_context(cafile=str(files.authority))
        context.load_cert_chain(files.first)
    return Post(host.strip("[]"), int(port), folder / _FOLDER, tls=context)


@contextmanager
def own_certificates() -> Generator[AuthorityFiles]:
    """Make certificates that hold while the block lasts, for this machine alone."""
    with TemporaryDirectory() as folder:
        yield authority_in(Path(folder))


class OwnPost:
    """A post beside an application that has no socket: mail alone comes through one.

    Attributes:
        post: How a client gives it mail.
    """

    def __init__(self, desk: Desk, adapter: AsgiAdapter, follower: Follower) -> None:
        """Listen."""
        from etalon_server.mail.listening import MailServer  # noqa: PLC0415 (profiles with mail)

        self._adapter = adapter
        self._folder = TemporaryDirectory()
        folder = Path(self._folder.name)
        files = authority_in(folder)
        settings = mail_settings(folder, 0, follower, None)
        context = tls_context(Tls(files.server, files.server, files.authority))
        self._server: MailServer = MailServer(desk, settings, LOOPBACK, context)
        adapter.run(self._server.start())
        self.post = post_at(self._server.address, folder, files)

    def close(self) -> None:
        """Listen no more."""
        self._adapter.run(self._server.close(_GRACEFUL_SECONDS))
        self._folder.cleanup()
