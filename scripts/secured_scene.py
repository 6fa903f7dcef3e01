# pyright: standard
"""TLS with certificates of tests, and a proxy on the way: what connections are tried on."""

import select
import socket
import ssl
from contextlib import suppress
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)

from etalon_server.listening import Tls
from etalon_target.proxies import Proxy, Route


class Secured:
    """A TLS server that asks for a client certificate, and the files to reach it with."""

    def __init__(self, folder: Path) -> None:
        authority, clients = trustme.CA(), trustme.CA()
        self.bundle = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.bundle))
        client = clients.issue_cert("client@etalon.test")
        self.pem = folder / "client.pem"
        client.private_key_and_cert_chain_pem.write_to_path(str(self.pem))
        key = load_pem_private_key(client.private_key_pem.bytes(), None)
        own = x509.load_pem_x509_certificate(client.cert_chain_pems[0].bytes())
        self.pkcs12 = folder / "client.p12"
        self.pkcs12.write_bytes(
            pkcs12.serialize_key_and_certificates(
                b"client",
                key,  # type: ignore[arg-type]
                own,
                None,
                BestAvailableEncryption(b"password"),
            )
        )
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.context)
        clients.configure_trust(self.context)
        self.context.verify_mode = ssl.CERT_REQUIRED


def tunnel(listening: socket.socket, asked: list[bytes]) -> None:
    """Carry one connection to where CONNECT asks, until one side ends."""
    peer, _ = listening.accept()
    with peer:
        peer.settimeout(5)
        head = peer.recv(65_536)
        asked.append(head.partition(b"\r\n")[0])
        host, _, port = head.split()[1].decode().partition(":")
        peer.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with socket.create_connection((host, int(port)), 5) as beyond, suppress(OSError):
            ways = {peer: beyond, beyond: peer}
            while True:
                for ready in select.select(list(ways), [], [], 5)[0]:
                    chunk = ready.recv(65_536)
                    if not chunk:
                        return
                    ways[ready].sendall(chunk)


class ThroughLoopback(Route):
    """A route that does not spare this machine, where the servers of a test are."""

    def proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy of the scheme."""
        return self.proxies.get(url.partition(":")[0])


class Operators:
    """Certificates of a server, of operators of mail, and of one that nobody knows.

    Attributes:
        files: Of the server, with the authority of the operators.
    """

    def __init__(self, folder: Path) -> None:
        authority, operators, others = (trustme.CA() for _ in range(3))
        own = authority.issue_cert("127.0.0.1")
        accepted = folder / "operators.pem"
        self.files = Tls(folder / "cert.pem", folder / "key.pem", accepted)
        own.cert_chain_pems[0].write_to_path(str(self.files.certificate))
        own.private_key_pem.write_to_path(str(self.files.key))
        operators.cert_pem.write_to_path(str(accepted))
        self._authority = authority
        self._shown = {
            "hospital": operators.issue_cert("hospital.mssante.fr"),
            "clinic": operators.issue_cert("clinic.mssante.fr"),
            "stranger": others.issue_cert("hospital.mssante.fr"),
        }

    def shown(self, name: str, folder: Path) -> tuple[Path, Path]:
        """Write the certificate of an operator with its key, and return where."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        self._shown[name].cert_chain_pems[0].write_to_path(str(certificate))
        self._shown[name].private_key_pem.write_to_path(str(key))
        return certificate, key

    def client(self, shown: str = "") -> ssl.SSLContext:
        """What a client begins TLS with, showing a certificate or none."""
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        if shown:
            self._shown[shown].configure_cert(context)
        return context
