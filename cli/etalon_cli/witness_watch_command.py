"""`etalon conformance watch`: keep what goes by between two products, and judge both."""

from __future__ import annotations

import json
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say
from etalon_cli.interruption import interruptible
from etalon_cli.serve_options import is_loopback, why
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import storage_explained
from etalon_cli.whole_numbers import whole_number
from etalon_cli.witness_answer import run_record
from etalon_conformance.evidence.folders import write_folders
from etalon_conformance.evidence.redacting import redacted_line
from etalon_conformance.evidence.traces import TraceError, read_trace
from etalon_conformance.exchange_lines import exchange_line
from etalon_conformance.requirements import CURRENT, requirement_set
from etalon_conformance.verdicts import plain_result
from etalon_conformance.witness.connecting.kit import Kit, KitError, read_kit
from etalon_conformance.witness.judging import of_others
from etalon_conformance.witness.session_files import EXCHANGES, SHARED, add_secrets
from etalon_conformance.witness.session_verdicts import Heard, plain_session_verdicts
from etalon_conformance.witness.watch_verdicts import (
    BOTH,
    SIDES,
    WATCH,
    of_side,
    unshown,
    watched,
    watched_results,
)
from etalon_conformance.witness.watching import Upstream, Watching
from etalon_reports import write_report
from etalon_scenarios.run_directory import (
    RUN_FILE,
    RunDirectory,
    new_run_directory,
    storage_error,
)
from etalon_scenarios.versions import installed_version
from etalon_target.secrecy import Redaction
from etalon_target.tls import TlsError, TlsFiles, tls_context
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator, Mapping

    from etalon_conformance.evidence.traces import Trace
    from etalon_conformance.exchanges import Exchange
    from etalon_conformance.verdicts import Result
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language
    from etalon_wire.json_body import Json as Value

VERDICTS_FILE: Final = "verdicts.json"
_OWNER_ONLY: Final = 0o600
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
    host = options.host or (kit.address if kit else "127.0.0.1")
    began = datetime.now(UTC)
    with storage_explained(language), interruptible() as interruption:
        directory = _directory(options)
        directory.write_json(RUN_FILE, _record(began, "partial"))
        with (
            _recording(directory.path) as keep,
            _watching((host, port), upstream, keep, kit) as origin,
        ):
            base = origin + urlsplit(str(options.upstream)).path.rstrip("/")
            say(text("watch.listens", language, address=base, upstream=options.upstream))
            if not is_loopback(host):
                say(text("watch.exposed", language))
            ends = time.monotonic() + seconds if seconds else float("inf")
            while time.monotonic() < ends and not interruption.is_asked():
                time.sleep(_LOOK_SECONDS)
        trace = _trace(directory.path, base)
        heard = _heard(trace, options, began)
        directory.write_json(VERDICTS_FILE, plain_session_verdicts(heard))
        write_folders(directory.path)
        write_report(directory.path, language)
        directory.write_json(RUN_FILE, _record(began, "complete"))
    if options.json:
        print_json(_plain(heard, directory.path))
    else:
        _tell(heard, directory.path, language)
    return heard.exit_code


def _record(began: datetime, status: str) -> dict[str, Json]:
    return run_record(WATCH, 0, began, status, "conformance watch")


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


def _directory(options: Namespace) -> RunDirectory:
    """Return a new directory for what is kept.

    Raises:
        Stopped: None was asked for.
        UnusableDirectoryError: It is not empty, or cannot be made.
        StorageError: The disk is full.
    """
    if not options.out:
        raise because(reason="watch_out")
    directory = new_run_directory(Path(options.out), command="conformance", name=WATCH, seed=0)
    whole = directory.path / EXCHANGES
    try:
        whole.touch(mode=_OWNER_ONLY)
    except OSError as error:
        raise storage_error(whole, error) from error
    return directory


@contextmanager
def _recording(folder: Path) -> Generator[Callable[[Exchange], None]]:
    """Give what writes an exchange, whole and without its secrets, as soon as it is there."""
    redaction = Redaction()
    with (
        (folder / EXCHANGES).open("a", encoding="utf-8") as whole,
        (folder / SHARED).open("a", encoding="utf-8") as shared,
    ):

        def keep(exchange: Exchange) -> None:
            line = exchange_line("", exchange)
            add_secrets(redaction, of_others(exchange, ""))
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


def _trace(folder: Path, base: str) -> Trace:
    """Return what was kept.

    Raises:
        Stopped: Nothing was.
    """
    try:
        return read_trace(folder, base)
    except TraceError as error:
        raise because(reason="watch_nothing", folder=folder) from error


def _heard(trace: Trace, options: Namespace, began: datetime) -> Heard:
    """Judge both sides of what was kept."""
    requirements = requirement_set(CURRENT)
    results = watched_results(trace, requirements)
    return Heard(
        profile=watched(),
        results=results,
        requirements=requirements,
        name=str(options.upstream),
        address=trace.base,
        seed=0,
        version=installed_version(),
        findings_fail=options.findings_fail,
        stopped=False,
        began=began,
        ended=datetime.now(UTC),
        exchanges=len(trace.recorded),
        people=0,
        role=BOTH,
        kind=WATCH,
        unshown=unshown(results),
    )


def _plain(heard: Heard, run: Path) -> Json:
    sides = {
        side: cast("list[Json]", [plain_result(one) for one in of_side(heard.results, side)])
        for side in SIDES
    }
    return {
        "directory": str(run),
        "base": heard.address,
        "exchanges": heard.exchanges,
        "exit_code": heard.exit_code,
        **sides,
    }


def _tell(heard: Heard, run: Path, language: Language) -> None:
    read = {"exchanges": heard.exchanges, "base": heard.address}
    print_result(text("judge.read", language, **read))
    for side in SIDES:
        results = of_side(heard.results, side)
        print_result("")
        shown = sum(one.check == SIDES[side] for one in results)
        print_result(text(f"watch.{side}", language, count=shown))
        if results:
            print_columns([_row(one, language) for one in results])
    print_result("")
    for cause in heard.unshown:
        print_result(text(f"cause.{cause.key}", language))
    print_result(text(f"campaign.exit_{heard.exit_code}", language))
    print_result(text("campaign.files", language, directory=run))


def _row(one: Result, language: Language) -> list[str]:
    numbers = ", ".join(map(str, one.exchanges[:_SHOWN]))
    more = ", …" if len(one.exchanges) > _SHOWN else ""
    return [
        one.requirement,
        text(f"verdict.{one.verdict}", language),
        numbers + more,
        text(one.message.key, language, **one.message.values),
    ]
