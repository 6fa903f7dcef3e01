"""A server of mail for a benchmark, on the core it was given: the reference server, or a yardstick.

    python benchmarks/mail_server.py reference FOLDER [--data]
    python benchmarks/mail_server.py constant FOLDER

The reference server is what `etalon serve --smtp-port` starts, with STARTTLS and its log. The
yardstick is aiosmtpd as it comes, with the same certificates: it reads a mail and answers 250. One
line of JSON tells the address. The folder holds `cert.pem` and `key.pem`.
"""

import asyncio
import json
import ssl
import sys
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP

from etalon_model import vintage
from etalon_server.clock import ManualClock
from etalon_server.listening import Endpoint, Running, Tls, start
from etalon_server.log import Log
from etalon_server.mail.settings import MailSettings
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from mail_scene import VALIDATOR, VINTAGE, furnished

PEOPLE: Final = 100
SEED: Final = 11
MESSAGE_BYTES: Final = 14 * 1024 * 1024


class Taker:
    """What aiosmtpd hands mails to."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 (aiosmtpd calls it by this name)
        """Answer that a mail was taken."""
        return "250 taken"


def tell(address: str) -> None:
    """Print where mail is taken."""
    print(json.dumps({"address": address}), flush=True)


def serve_reference(folder: Path, directory: Path | None) -> None:
    """Serve until a signal."""
    clock = ManualClock(FIRST_INSTANTS[VINTAGE])
    host = Host(vintage(VINTAGE), seed=SEED, directory=directory, clock=clock)
    asyncio.run(furnished(host, PEOPLE))
    if directory is not None:
        asyncio.run(host.close())
        host = Host(vintage(VINTAGE), seed=SEED, directory=directory, clock=clock)
    clock.set(FIRST_INSTANTS[VINTAGE] + timedelta(days=1))

    def told(running: Running) -> None:
        tell(running.smtp)

    tls = Tls(folder / "cert.pem", folder / "key.pem")
    mail = MailSettings(0, folder / "maildir")
    start(desk_of(host, Settings(), VALIDATOR), Endpoint(tls=tls, mail=mail), told, Log())


async def serve_constant(folder: Path) -> None:
    """Serve the yardstick until a signal."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    loop = asyncio.get_running_loop()

    def conversation() -> SMTP:
        return SMTP(
            Taker(),
            data_size_limit=MESSAGE_BYTES,
            hostname="constant",
            tls_context=context,
            require_starttls=True,
            loop=loop,
        )

    server = await loop.create_server(conversation, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    tell(f"{host}:{port}")
    await server.serve_forever()


def main() -> None:
    """Serve what the command line asks for."""
    parser = ArgumentParser(description="A server of mail for a benchmark.")
    parser.add_argument("what", choices=["reference", "constant"])
    parser.add_argument("folder", type=Path, help="certificates, and what leaves")
    parser.add_argument("--data", action="store_true", help="keep what happens, in the folder")
    asked = parser.parse_args()
    if asked.what == "reference":
        serve_reference(asked.folder, asked.folder / "data" if asked.data else None)
    else:
        asyncio.run(serve_constant(asked.folder))
    sys.exit(0)


if __name__ == "__main__":
    main()
