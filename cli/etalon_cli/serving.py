"""Opening the reference server, and telling where it answers and what to try."""

from __future__ import annotations

import asyncio
import atexit
import json
import shlex
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from etalon_cli.console import ProgressLine, hand_over_results, print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.serve_options import why
from etalon_cli.stopping import Stopped, because
from etalon_conformance.impostors import (
    OF_TRANSPORT,
    NotMadeError,
    UnknownServerError,
    impostors,
    story_of,
    transform_of,
)
from etalon_model.parameters import vintage
from etalon_server.clock import ManualClock, RealClock
from etalon_server.durable.failures import (
    DirectoryRefusedError,
    JournalFailedError,
    SnapshotFailedError,
)
from etalon_server.listening import Endpoint, Running, Tls, TlsRefusedError, start
from etalon_server.log import Log
from etalon_server.mail.failures import MailPortError, OutboxError
from etalon_server.mail.settings import MailSettings, Relay
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.sandbox.people import populate
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_text.number_formats import number
from etalon_text.refusals import refusal_in
from etalon_text.strings import text
from etalon_wire.clinical_kit import ClinicalKit, KitRefusedError, open_kit
from etalon_wire.validation.official_package import PackageRefused, read_package
from etalon_wire.validation.tables import own_profiles
from etalon_wire.validation.validator import Validator

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_cli.serve_options import Asked
    from etalon_text.language import Language
    from etalon_wire.parts import Transform


_READ_BYTES: Final = 65_536


def serve(asked: Asked, options: Namespace, language: Language) -> int:
    """Serve until a signal comes; give the exit code.

    Raises:
        Stopped: Something asked for cannot be had, or the disk failed.
    """
    transform = _transform(asked)
    validator, kit = _validator(asked, language), _clinical_kit(asked)
    host = _host(asked, options, language)
    for damaged in host.damaged_snapshots:
        say(text("serve.snapshot", language, problem=refusal_in(str(damaged), language)))
    settings = Settings(
        mode=options.mode or "pdsm-strict",
        public_address=asked.public_address,
        sandbox=asked.sandbox,
    )
    try:
        desk = desk_of(host, settings, validator, kit)
    except DirectoryRefusedError as error:
        asyncio.run(host.close())
        raise because(reason="serve_data", problem=error) from error

    def told(running: Running) -> None:
        address = settings.public_address or running.address
        if options.json:
            print_result(json.dumps(_plain(asked, host, address) | _plain_mail(running, post)))
        else:
            _tell(asked, host, address, language)
            _tell_of_mail(running, post, language)
            _tell_what_to_try(asked, address, language)
        _begun(asked, options, running, language)

    post = _post(asked)
    try:
        start(desk, _endpoint(asked, post), told, Log(), transform)
    except (OSError, TlsRefusedError) as error:
        asyncio.run(host.close())
        raise _not_started(asked, options, error) from error
    if host.failure is not None:
        raise because(reason="serve_stopped", problem=host.failure)
    say(text("serve.stopped", language))
    return ExitCode.DONE


def _not_started(asked: Asked, options: Namespace, error: Exception) -> Stopped:
    """Return what is said of a server that could not start."""
    problem = why(error) if isinstance(error, OSError) else error
    if isinstance(error, MailPortError):
        found = {"host": asked.host, "port": options.smtp_port, "problem": problem}
        return because(reason="serve_smtp_port", **found)
    if isinstance(error, OutboxError):
        return because(reason="serve_maildir", folder=error.directory, problem=problem)
    if isinstance(error, OSError):
        return because(reason="serve_port", host=asked.host, port=asked.port, problem=problem)
    found = {"option": "--tls-cert", "file": options.tls_cert, "problem": problem}
    return because(reason="serve_tls", **found)


def _begun(asked: Asked, options: Namespace, running: Running, language: Language) -> None:
    """Let what was told be read, and see to what else was asked for once requests are taken."""
    hand_over_results()
    _own_up(asked, language)
    if options.until_stdin_closes:
        _stop_with(sys.stdin.buffer, running)


def _stop_with(stdin: BinaryIO, running: Running) -> None:
    """Stop a server once nobody holds the other end of its standard input any more."""

    def watch() -> None:
        while stdin.read(_READ_BYTES):
            pass
        running.stop()

    threading.Thread(target=watch, name="etalon-stdin", daemon=True).start()


def _transform(asked: Asked) -> Transform | None:
    """Return what makes the impostor asked for of the reference, or None for the reference.

    Raises:
        Stopped: There is none of that name, or nothing makes it yet.
    """
    if not asked.impostor:
        return None
    try:
        return transform_of(asked.impostor)
    except UnknownServerError as error:
        found = {"found": asked.impostor, "nearest": error.nearest}
        raise because(reason="impostor_unknown", **found) from error
    except NotMadeError as error:
        raise because(reason="impostor_not_made", found=asked.impostor) from error


def _validator(asked: Asked, language: Language) -> Validator:
    """Compile the profiles, those of a package first.

    Raises:
        Stopped: The package cannot be read.
    """
    if asked.package is None:
        return Validator()
    try:
        package = read_package(asked.package.read_bytes(), own_profiles())
    except (OSError, PackageRefused) as error:
        raise because(reason="serve_package", file=asked.package, problem=why(error)) from error
    missing = package.not_evaluated
    if missing:
        named = f"{package.name} {package.version}"
        found = {"package": named, "count": len(missing), "first": missing[0]}
        say(text("serve.not_evaluated", language, **found))
    return Validator(package.profiles)


def _clinical_kit(asked: Asked) -> ClinicalKit | None:
    """Compile the kit that judges clinical documents.

    Raises:
        Stopped: It cannot be used.
    """
    folder = asked.clinical_kit
    if folder is None:
        return None
    try:
        return open_kit(folder)
    except KitRefusedError as error:
        raise because(reason="serve_cda_kit", folder=folder, problem=error.problem) from error


def _host(asked: Asked, options: Namespace, language: Language) -> Host:
    """Open the service, with the people asked for.

    Raises:
        Stopped: The directory cannot be served.
    """
    try:
        host = _opened(asked, options)
        if asked.people and asyncio.run(_added(host, asked.people, language)):
            # A host belongs to the loop it first wrote on: another one serves.
            host = _opened(asked, options)
    except DirectoryRefusedError as error:
        raise because(reason="serve_data", problem=error) from error
    except (JournalFailedError, SnapshotFailedError) as error:
        raise because(reason="serve_stopped", problem=error) from error
    return host


def _opened(asked: Asked, options: Namespace) -> Host:
    first = FIRST_INSTANTS[asked.vintage]
    return Host(
        vintage(asked.vintage),
        seed=asked.seed,
        directory=asked.directory,
        clock=ManualClock(first) if asked.is_manual else RealClock(),
        audit=options.audit or "prompt",
    )


async def _added(host: Host, people: int, language: Language) -> bool:
    """Add test people; tell whether the host is closed because it wrote some to a directory."""
    progress = ProgressLine(language)
    added = await populate(host, people, lambda done: progress.show("people", done, people))
    progress.end()
    if host.directory is None or not added:
        return False
    await host.close()
    return True


def _endpoint(asked: Asked, mail: MailSettings | None) -> Endpoint:
    files = asked.certificates
    tls = None if files is None else Tls(files.certificate, files.key, files.authorities)
    return Endpoint(asked.host, asked.port, tls, mail)


def _post(asked: Asked) -> MailSettings | None:
    """Return how mail comes and goes; a Maildir that nobody named ends with the process."""
    mail = asked.mail
    if mail is None:
        return None
    maildir = mail.maildir
    if maildir is None:
        maildir = Path(tempfile.mkdtemp(prefix="etalon-maildir-"))
        atexit.register(shutil.rmtree, maildir, ignore_errors=True)
    relay = None if mail.relay is None else Relay(*mail.relay)
    return MailSettings(mail.port, maildir, relay, mail.real_domains)


def _plain_mail(running: Running, post: MailSettings | None) -> dict[str, object]:
    maildir = None if post is None else str(post.maildir)
    return {"smtp": running.smtp or None, "maildir": maildir}


def _tell_of_mail(running: Running, post: MailSettings | None, language: Language) -> None:
    if post is None:
        return
    where = {"smtp": running.smtp, "maildir": post.maildir}
    print_result(text("serve.mail", language, **where))
    if post.relay is not None:
        relay = f"{post.relay.host}:{post.relay.port}"
        print_result(text("serve.relay", language, relay=relay))


def _own_up(asked: Asked, language: Language) -> None:
    """Say that the server is not the reference, where it is not."""
    if asked.impostor:
        story = story_of(asked.impostor)[language]
        say(text("serve.impostor", language, name=asked.impostor, story=story))
        broken = impostors().get(asked.impostor)
        is_mutual = asked.certificates is not None and asked.certificates.authorities is not None
        if broken is not None and broken.requirement in OF_TRANSPORT and not is_mutual:
            say(text("serve.impostor_over_tls", language))


def _plain(asked: Asked, host: Host, address: str) -> dict[str, object]:
    return {
        "address": address,
        "fhir": f"{address}/fhir",
        "sandbox": f"{address}/sandbox" if asked.sandbox else None,
        "vintage": asked.vintage,
        "people": len(host.service),
    }


def _tell(asked: Asked, host: Host, address: str, language: Language) -> None:
    clock = text(f"serve.clock_{'manual' if asked.is_manual else 'real'}", language)
    kept = text("serve.kept_nowhere", language)
    if asked.directory is not None:
        kept = text("serve.kept", language, directory=asked.directory)
    where = {"address": address, "vintage": asked.vintage, "clock": clock, "kept": kept}
    print_result(text("serve.answers", language, **where))
    if len(host.service):
        print_result(text("serve.people", language, people=number(len(host.service), language)))
    if asked.sandbox and asked.is_exposed:
        say(text("serve.exposed", language))


def _tell_what_to_try(asked: Asked, address: str, language: Language) -> None:
    print_result(text("serve.stops", language))
    print_result("")
    print_result(text("serve.try", language))
    for line in lines_to_try(asked, address):
        print_result(f"  {line}")


def lines_to_try(asked: Asked, address: str) -> list[str]:
    """Return lines for a POSIX shell that work when they are pasted one after the other."""
    curl = "curl -s"
    if asked.certificates is not None:
        curl = f"curl -s --cacert {shlex.quote(str(asked.certificates.certificate))}"
    if not asked.sandbox:
        return [f"{curl} {address}/health", f"{curl} {address}/fhir/metadata"]
    as_json = "-H 'Content-Type: application/json'"
    as_holder = '-H "Authorization: Bearer $token"'
    holder = """'{"actor": {"kind": "holder", "ins": "'$ins'"}}'"""
    search = f"'{address}/fhir/DocumentReference?patient.identifier='$ins'&status=current'"
    return [
        f"{curl} {address}/fhir/metadata",
        f"ins=$({curl} -X POST {address}/sandbox/people | {_picked('ins')}); echo $ins",
        f"token=$({curl} {as_json} -d {holder} {address}/sandbox/tokens | "
        + _picked("access_token")
        + ")",
        f"{curl} {as_holder} {search}",
        f"{curl} {as_holder} '{address}/fhir/AuditEvent?date=ge2021-01-01'",
    ]


def _picked(key: str) -> str:
    """Return what a shell takes one value out of JSON with."""
    return f'sed \'s/.*"{key}":"\\([^"]*\\)".*/\\1/\''
