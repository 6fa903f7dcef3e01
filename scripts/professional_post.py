"""The post of an establishment, as operators run it: Postfix sends and receives, Dovecot keeps.

Both run as instances of their own, on ports that are free, in a folder that goes with them. Postfix
has to be started by root.
"""

import imaplib
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PASSWORD: Final = "secret"  # noqa: S105 (of a mailbox that lasts for a test)
PATIENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.2

_SERVICES: Final = """\
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_SETTINGS: Final = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/postfix
maillog_file_prefixes = {folder}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
mydestination =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtp_tls_security_level = encrypt
smtp_tls_cert_file = {certificate}
smtp_tls_key_file = {key}
smtp_dns_support_level = disabled
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {folder}/mailboxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{user}
virtual_gid_maps = static:{group}
transport_maps = inline:{{ patient.mssante.fr=smtp:[127.0.0.1]:{to} }}
default_transport = error:nowhere else
"""

_KEEPING: Final = """\
base_dir = {folder}/dovecot
log_path = {folder}/log/dovecot
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{folder}/mailboxes/all
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mailboxes
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class ProfessionalPost:
    """Where an establishment's mail goes out and comes in.

    Attributes:
        smtp: Port of Postfix.
        imap: Port of Dovecot.
        folder: What both keep.
    """

    smtp: int
    imap: int
    folder: Path

    def send(self, sender: str, to: str, body: bytes) -> None:
        """Hand a mail to Postfix, as software of the establishment does, once it listens.

        Raises:
            OSError: It does not listen, after some time.
            smtplib.SMTPException: It does not take the mail.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with smtplib.SMTP("127.0.0.1", self.smtp) as client:
                    client.sendmail(sender, [to], body)
            except (ConnectionError, smtplib.SMTPServerDisconnected):
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def received(self, many: int) -> list[bytes]:
        """Return the mails in the mailbox, once there are as many.

        Raises:
            TimeoutError: There are fewer, after some time.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        held: list[bytes] = []
        while len(held) < many:
            if time.monotonic() > deadline:
                log = (self.folder / "log" / "postfix").read_text(encoding="utf-8")
                message = f"{len(held)} mails, not {many}:\n{log[-3000:]}"
                raise TimeoutError(message)
            time.sleep(_PAUSE_SECONDS)
            with suppress(OSError, imaplib.IMAP4.error):
                held = self._held()
        return held

    def _held(self) -> list[bytes]:
        with imaplib.IMAP4("127.0.0.1", self.imap) as client:
            client.login("app", PASSWORD)
            client.select("INBOX", readonly=True)
            _, found = client.search(None, "ALL")
            numbers = found[0].decode().split()
            mails = [client.fetch(number, "(RFC822)")[1][0] for number in numbers]
        return [one[1] for one in mails if isinstance(one, tuple)]


def free_port() -> int:
    """Return a port that nothing listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def professional_post(
    domain: str, certificate: Path, key: Path, own: int, patients: int
) -> Generator[ProfessionalPost]:
    """Run the post of a domain while the block lasts.

    Args:
        domain: The domain.
        certificate: What it shows to others, with its chain (PEM).
        key: The key of that certificate (PEM).
        own: Port to listen on for mail.
        patients: Port of the server that takes the mail of patients.
    """
    folder = Path(tempfile.mkdtemp(prefix="post-"))
    folder.chmod(0o755)
    imap, user = free_port(), pwd.getpwnam("nobody")
    said = {
        "folder": folder,
        "domain": domain,
        "certificate": folder / "certificate.pem",
        "key": folder / "key.pem",
        "user": user.pw_uid,
        "group": user.pw_gid,
        "password": PASSWORD,
    }
    shutil.copy(certificate, folder / "certificate.pem")
    shutil.copy(key, folder / "key.pem")
    for name in ("postfix", "queue", "data", "log", "mailboxes", "dovecot"):
        (folder / name).mkdir()
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
    os.chown(folder / "mailboxes", user.pw_uid, user.pw_gid)
    _write(folder / "postfix" / "main.cf", _SETTINGS.format(to=patients, **said))
    _write(folder / "postfix" / "master.cf", _SERVICES.format(port=own))
    _write(folder / "dovecot.conf", _KEEPING.format(port=imap, **said))
    commands = (
        ["postfix", "-c", str(folder / "postfix"), "start-fg"],
        ["dovecot", "-F", "-c", str(folder / "dovecot.conf")],
    )
    told = (folder / "log" / "told").open("wb")
    running = [subprocess.Popen(one, stdout=told, stderr=told) for one in commands]
    try:
        yield ProfessionalPost(own, imap, folder)
    finally:
        for one in running:
            one.terminate()
            one.wait()
        told.close()
        shutil.rmtree(folder, ignore_errors=True)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
