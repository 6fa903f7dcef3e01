"""Trying what a client needs of the witness, one thing after the other, from where the client is.

Each thing is tried for itself, so that the first that does not work is named with what mends it;
what needs it is not tried. Nothing goes through a proxy.
"""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

from etalon_conformance.witness.connecting.asking import Asking, NotAnsweredError
from etalon_conformance.witness.connecting.identities import PROFESSIONAL, read_identities
from etalon_conformance.witness.connecting.kit import IDENTITIES, Kit, KitError
from etalon_conformance.witness.connecting.logging_in import LoginFailedError, log_in
from etalon_target.throwaway_authority import address_of
from etalon_text.language import Language
from etalon_text.strings import text

State = Literal["works", "fails", "not-tried"]
PROBES: Final = ("name", "port", "tls", "certificate", "login", "call")

_OK: Final = 200
_FORBIDDEN: Final = 403
_OUTDATED: Final = 10
_UNTRUSTED: Final = frozenset({18, 19, 20, 21})
_MISNAMED: Final = frozenset({62, 64})
"""Codes of OpenSSL: a certificate has expired, nobody trusted signed it, it has another name."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that was tried.

    Attributes:
        name: Which, one of `PROBES`.
        host: Under which name of the witness.
        state: What came of it.
        key: What to say of it, as `witness.ping.KEY`.
        values: What fills the placeholders.
    """

    name: str
    host: str
    state: State
    key: str
    values: dict[str, object]

    def told(self, language: Language) -> str:
        """Say what came of it, and what to do."""
        return text(f"witness.ping.{self.key}", language, **self.values)


class _Failing(Exception):  # noqa: N818 (an answer, not an error)
    def __init__(self, *, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


Found = tuple[str, dict[str, object]]
"""What to say of a thing that works."""


def ping(kit: Kit, seconds: float) -> list[Probe]:
    """Try everything: the first professional of the kit asks for documents of its first holder.

    Args:
        kit: The kit of the witness.
        seconds: How long each may take.

    Raises:
        KitError: It has no such people.
    """
    rpps, ins = _first_of_each(kit)
    made: list[Probe] = []
    reached = True
    for host in kit.names:
        trying: list[tuple[str, Callable[[], Found]]] = [
            ("name", partial(_named, kit, host)),
            ("port", partial(_listening, kit, host, seconds)),
            ("tls", partial(_secured, kit, host, seconds)),
        ]
        reached = _tried(made, host, trying) and reached
    asking = Asking(kit.root, kit.certificates, seconds)
    tokens: list[str] = []
    trying = [("certificate", lambda: _shown(asking, kit))]
    calls = [
        ("login", lambda: _logged_in(asking, rpps, tokens)),
        ("call", lambda: _called(asking, ins, tokens)),
    ]
    trying += calls if rpps else []
    host = kit.names[0]
    if reached:
        _tried(made, host, trying)
    else:
        made += [Probe(name, host, "not-tried", "not_tried", {}) for name, _ in trying]
    if not rpps:
        made += [Probe(name, host, "not-tried", "no_professional", {}) for name, _ in calls]
    return made


def _first_of_each(kit: Kit) -> tuple[str, str]:
    """Return the numbers of the first professional, empty where there is none, and of a holder."""
    file = kit.folder / IDENTITIES
    try:
        people = read_identities(file.read_text(encoding="utf-8"))
        rpps = next((one.ident for one in people if one.kind == PROFESSIONAL), "")
        return rpps, next(one.ident for one in people if one.kind != PROFESSIONAL)
    except (OSError, ValueError, StopIteration) as error:
        problem = str(error) or "nobody"
        raise KitError(key="unreadable", file=file, problem=problem) from error


def _tried(made: list[Probe], host: str, trying: Sequence[tuple[str, Callable[[], Found]]]) -> bool:
    """Try things until one fails; say whether all work."""
    works = True
    for name, try_it in trying:
        if not works:
            made.append(Probe(name, host, "not-tried", "not_tried", {}))
            continue
        try:
            key, values = try_it()
            made.append(Probe(name, host, "works", key, values))
        except _Failing as failing:
            made.append(Probe(name, host, "fails", failing.key, failing.values))
            works = False
    return works


def _named(kit: Kit, host: str) -> Found:
    try:
        found = socket.getaddrinfo(host, kit.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Failing(key="name_unknown", name=host, address=kit.address) from None
    leads = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    expected = address_of(kit.address)
    if expected is not None and not any(address_of(one) == expected for one in leads):
        raise _Failing(key="name_elsewhere", name=host, found=", ".join(leads), address=kit.address)
    return "name", {"name": host, "found": ", ".join(leads)}


def _listening(kit: Kit, host: str, seconds: float) -> Found:
    values: dict[str, object] = {"name": host, "port": kit.port}
    try:
        socket.create_connection((host, kit.port), timeout=seconds).close()
    except TimeoutError:
        raise _Failing(key="port_silent", **values) from None
    except ConnectionRefusedError:
        raise _Failing(key="port_refused", **values) from None
    except OSError as error:
        raise _Failing(key="port_error", problem=error.strerror or error, **values) from None
    return "port", values


def _secured(kit: Kit, host: str, seconds: float) -> Found:
    context = ssl.create_default_context(cafile=str(kit.certificates.authority))
    version = _handshake(kit, host, context, seconds)
    try:
        _handshake(kit, host, ssl.create_default_context(), seconds)
    except _Failing:
        return "tls_not_in_store", {"version": version}
    return "tls", {"version": version}


def _handshake(kit: Kit, host: str, context: ssl.SSLContext, seconds: float) -> str:
    """Return the version of TLS that is agreed on."""
    try:
        with (
            socket.create_connection((host, kit.port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return secured.version() or ""
    except ssl.SSLCertVerificationError as error:
        raise _Failing(key=_distrust(error.verify_code), name=host, problem=error.reason) from None
    except ssl.SSLError as error:
        key = "tls_none" if error.reason == "WRONG_VERSION_NUMBER" else "tls_error"
        raise _Failing(key=key, port=kit.port, problem=error.reason or error) from None
    except OSError as error:
        problem = error.strerror or error
        raise _Failing(key="tls_error", port=kit.port, problem=problem) from None


def _distrust(code: int) -> str:
    if code == _OUTDATED:
        return "tls_expired"
    if code in _MISNAMED:
        return "tls_misnamed"
    return "tls_untrusted" if code in _UNTRUSTED else "tls_refused"


def _shown(asking: Asking, kit: Kit) -> Found:
    try:
        asking.ask("GET", "/fhir/metadata")
    except NotAnsweredError as error:
        raise _Failing(key="certificate_refused", problem=error) from None
    return "certificate", {"file": kit.certificates.first.name}


def _logged_in(asking: Asking, rpps: str, tokens: list[str]) -> Found:
    try:
        tokens.append(log_in(asking, rpps))
    except LoginFailedError as error:
        raise _Failing(key="login_failed", step=error.step, problem=error.problem) from None
    except NotAnsweredError as error:
        raise _Failing(key="call_failed", problem=error) from None
    return "login", {"rpps": rpps}


def _called(asking: Asking, ins: str, tokens: Sequence[str]) -> Found:
    """Ask for documents: a refusal by the rules is an answer to somebody who is known."""
    address = f"/fhir/DocumentReference?patient.identifier={ins}&status=current"
    try:
        answer = asking.ask("GET", address, headers={"Authorization": f"Bearer {tokens[-1]}"})
    except NotAnsweredError as error:
        raise _Failing(key="call_failed", problem=error) from None
    if answer.status not in {_OK, _FORBIDDEN}:
        raise _Failing(key="call_refused", status=answer.status, problem=answer.told)
    return "call", {"status": answer.status}
