"""`etalon conformance watch`: keep what goes by between two products, and judge both."""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say
from etalon_cli.interruption import interruptible
from etalon_cli.serve_options import is_loopback, why
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.whole_numbers import whole_number
from etalon_conformance.evidence.judging import judged_trace
from etalon_conformance.evidence.redacting import redacted_line
from etalon_conformance.evidence.traces import TraceError, read_trace
from etalon_conformance.exchange_lines import exchange_line
from etalon_conformance.requirements import CURRENT, requirement_set
from etalon_conformance.verdicts import exit_code, plain_result
from etalon_conformance.witness.connecting.kit import Kit, KitError, read_kit
from etalon_conformance.witness.judging import judged_traffic
from etalon_conformance.witness.watching import Upstream, Watching
from etalon_target.secrecy import Redaction
from etalon_target.tls import TlsError, TlsFiles, tls_context
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator, Mapping, Sequence

    from etalon_conformance.exchanges import Exchange
    from etalon_conformance.verdicts import Result
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language
    from etalon_wire.json_body import Json as Value

_WHOLE: Final = "exchanges.ndjson"
_SHARED: Final = "exchanges-redacted.ndjson"
_PORT: Final = 8081
_HIGHEST_PORT: Final = 65_535
_LOOK_SECONDS: Final = 0.2
_UPSTREAM_SECONDS: Final = 60.0
_SHOWN: Final = 6


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    kit = _kit(options, language)
    upstream = _upstream(options)
    port = whole_number("--port", options.port, kit.port if kit else _PORT, 0, _HIGHEST_PORT)
    seconds = whole_number("--seconds", options.seconds, 0, 0, 7 * 86_400)
    folder = _folder(options)
    host = options.host or (kit.address if kit else "127.0.0.1")
    with (
        interruptible() as interruption,
        _recording(folder) as keep,
        _watching((host, port), upstream, keep, kit) as origin,
    ):
        base = origin + urlsplit(str(options.upstream)).path.rstrip("/")
        say(text("watch.listens", language, address=base, upstream=options.upstream))
        if not is_loopback(host):
            say(text("watch.exposed", language))
        ends = time.monotonic() + seconds if seconds else float("inf")
        while time.monotonic() < ends and not interruption.is_asked():
            time.sleep(_LOOK_SECONDS)
    return _judged(folder, base, options, language)


def _kit(options: Namespace, language: Language) -> Kit | None:
    try:
        return read_kit(Path(options.kit)) if options.kit else None
    except KitError as error:
        raise because(reason="witness_kit", problem=error.told(language)) from error


def _upstream(options: Namespace) -> Upstream:
    """Return the server behind.

    Raises:
        Stopped: No address, or a file of TLS that cannot be used.
    """
    where = urlsplit(options.upstream or "")
    if where.scheme not in {"http", "https"} or not where.hostname:
        raise because(reason="watch_upstream", found=options.upstream or "-")
    context = None
    if where.scheme == "https":
        files = TlsFiles(
            ca_bundle=Path(options.ca_bundle) if options.ca_bundle else None,
            certificate=Path(options.client_certificate) if options.client_certificate else None,
        )
        try:
            context = tls_context(files)
        except TlsError as error:
            found = {"option": "--ca-bundle", "file": error.path, "problem": error.problem}
            raise because(reason="serve_tls", **found) from error
    return Upstream(f"{where.scheme}://{where.netloc}", _UPSTREAM_SECONDS, context)


def _folder(options: Namespace) -> Path:
    """Return a new directory for what is kept.

    Raises:
        Stopped: It is not empty, or cannot be made.
    """
    if not options.out:
        raise because(reason="watch_out")
    folder = Path(options.out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise because(reason="out_not_empty", file=folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _WHOLE).touch(mode=0o600)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


@contextmanager
def _recording(folder: Path) -> Generator[Callable[[Exchange], None]]:
    """Give what writes an exchange, whole and without its secrets, as soon as it is there."""
    redaction = Redaction()
    with (
        (folder / _WHOLE).open("a", encoding="utf-8") as whole,
        (folder / _SHARED).open("a", encoding="utf-8") as shared,
    ):

        def keep(exchange: Exchange) -> None:
            line = exchange_line("", exchange)
            token = exchange.request.header("authorization").partition(" ")[2]
            if token:
                redaction.add(token)
            whole.write(json.dumps(line, ensure_ascii=False) + "\n")
            told = redacted_line(cast("Mapping[str, Value]", line), redaction)
            shared.write(json.dumps(told, ensure_ascii=False) + "\n")
            whole.flush()
            shared.flush()

        yield keep


@contextmanager
def _watching(
    address: tuple[str, int], upstream: Upstream, keep: Callable[[Exchange], None], kit: Kit | None
) -> Generator[str]:
    """Listen while the block lasts; give the address that clients use.

    Raises:
        Stopped: Nothing can listen there.
    """
    tls = None
    if kit is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(kit.certificates.server)
    try:
        proxy = Watching(address, upstream, keep, tls, kit.root if kit else "")
    except OSError as error:
        found = {"host": address[0], "port": address[1], "problem": why(error)}
        raise because(reason="serve_port", **found) from error
    thread = threading.Thread(target=proxy.serve_forever, name="watch")
    thread.start()
    try:
        yield proxy.origin
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def _judged(folder: Path, base: str, options: Namespace, language: Language) -> int:
    """Judge both sides of what was kept.

    Raises:
        Stopped: Nothing was.
    """
    known = requirement_set(CURRENT)
    try:
        trace = read_trace(folder, base)
    except TraceError as error:
        raise because(reason="watch_nothing", folder=folder) from error
    client = judged_traffic([one.exchange for one in trace.recorded], known, base)
    sides = {"client": client, "server": judged_trace(trace, known)}
    code = max(exit_code(one, findings_fail=options.findings_fail) for one in sides.values())
    if any(exit_code(one, findings_fail=options.findings_fail) == 1 for one in sides.values()):
        code = 1
    if options.json:
        print_json(_plain(sides, len(trace.recorded), base, code))
        return code
    print_result(text("judge.read", language, exchanges=len(trace.recorded), base=base))
    for side, results in sides.items():
        print_result("")
        print_result(text(f"watch.{side}", language, count=len(results)))
        if results:
            print_columns([_row(one, language) for one in results])
    return code


def _plain(sides: Mapping[str, Sequence[Result]], exchanges: int, base: str, code: int) -> Json:
    judged = {
        side: cast("list[Json]", [plain_result(one) for one in results])
        for side, results in sides.items()
    }
    told: dict[str, Json] = {"base": base, "exchanges": exchanges, "exit_code": code}
    return {**told, **judged}


def _row(one: Result, language: Language) -> list[str]:
    numbers = ", ".join(map(str, one.exchanges[:_SHOWN]))
    more = ", …" if len(one.exchanges) > _SHOWN else ""
    return [
        one.requirement,
        text(f"verdict.{one.verdict}", language),
        numbers + more,
        text(one.message.key, language, **one.message.values),
    ]
