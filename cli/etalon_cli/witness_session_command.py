"""`etalon conformance run --role client`: serve, walk through a profile, judge, keep evidence."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_json
from etalon_cli.console import print_result, say
from etalon_cli.interruption import interruptible
from etalon_cli.reporting import drawing
from etalon_cli.serve_options import why
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import storage_explained
from etalon_cli.witness_answer import plain_session, run_record, session_lines
from etalon_cli.witness_mail import mail_settings, own_certificates, post_at
from etalon_cli.witness_options import Asked, asked_for
from etalon_cli.witness_running import Witness, serving, shown_at, witness
from etalon_cli.witness_walking import (
    Walk,
    by_driver,
    by_operator,
    by_player,
    listen_to_terminal,
)
from etalon_conformance.evidence.folders import write_folders
from etalon_conformance.requirements import CURRENT, requirement_set
from etalon_conformance.witness.client_power import published
from etalon_conformance.witness.rehearsing import verdicts
from etalon_conformance.witness.session import Session, Setting
from etalon_conformance.witness.session_files import Former, SessionFiles, former_session
from etalon_conformance.witness.session_verdicts import Heard, plain_session_verdicts
from etalon_conformance.witness.staging import Stage, restored
from etalon_reports import write_report
from etalon_reports.conformance.run_folder import is_signed
from etalon_scenarios.run_directory import (
    RUN_FILE,
    RunDirectory,
    new_run_directory,
    resumed_run_directory,
    storage_error,
)
from etalon_scenarios.versions import installed_version
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.listening import Endpoint, Tls, TlsRefusedError
from etalon_target.cannot import CannotTest
from etalon_target.secrecy import Redaction
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Generator

    from etalon_conformance.witness.recorder import Arrival
    from etalon_conformance.witness.scenario import Step
    from etalon_conformance.witness.session import Event, Status
    from etalon_text.language import Language

VERDICTS: Final = "verdicts.json"
_SERVICE: Final = "service"


@dataclass(slots=True)
class _Late:
    """The session, once it is there: the recorder is made before it."""

    session: Session | None = None

    def arrived(self, one: Arrival) -> None:
        """Hand an exchange over."""
        if self.session is not None:
            self.session.arrived(one)


def run(options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    asked = asked_for(options, language)
    with storage_explained(language):
        directory, former = _directory(asked)
    if former is not None:
        asked = replace(asked, seed=int(str(former.state["seed"])))
    try:
        with storage_explained(language):
            heard = _session(asked, directory, former, language)
            directory.write_json(VERDICTS, plain_session_verdicts(heard))
            with drawing(directory.path):
                write_folders(directory.path)
                write_report(directory.path, language)
    except DirectoryRefusedError as error:
        raise because(reason="serve_data", problem=error) from error
    except CannotTest as error:
        # The service is ours: it refuses nobody whom it can keep.
        found = {"file": directory.path / _SERVICE, "problem": error.told(language)}
        raise because(reason="witness_stage", **found) from error
    except TlsRefusedError as error:
        found = {"option": "--kit", "file": options.kit, "problem": error}
        raise because(reason="serve_tls", **found) from error
    if options.json:
        print_json(plain_session(heard, directory.path))
    else:
        for line in session_lines(heard, directory.path, language):
            print_result(line)
    return heard.exit_code


def _directory(asked: Asked) -> tuple[RunDirectory, Former | None]:
    """Return the directory of the session, and what a former one left in it.

    Raises:
        UnusableDirectoryError: It cannot be used.
        Stopped: It holds no session of that profile, or somebody signed it.
    """
    if not asked.resumes or asked.out is None:
        name = f"client-{asked.profile.name}"
        return new_run_directory(asked.out, command="conformance", name=name, seed=asked.seed), None
    directory = resumed_run_directory(asked.out)
    if is_signed(directory.path):
        raise because(reason="resume_signed", file=asked.out)
    try:
        former = former_session(directory.path)
    except (OSError, ValueError) as error:
        raise because(reason="run_directory_invalid", file=asked.out, problem=error) from error
    if former.state["profile"] != asked.profile.name:
        raise because(
            reason="resume_other_run",
            file=asked.out,
            what="profile",
            found=former.state["profile"],
            expected=asked.profile.name,
        )
    return directory, former


def _session(
    asked: Asked, directory: RunDirectory, former: Former | None, language: Language
) -> Heard:
    """Serve, and walk through the profile."""
    late = _Late()
    record = partial(run_record, asked.profile.name, asked.seed, datetime.now(UTC))
    directory.write_json(RUN_FILE, record("partial"))
    one = witness(
        asked.profile,
        asked.seed,
        late.arrived,
        day=None if asked.kit is None else asked.kit.day,
        directory=directory.path / _SERVICE,
        public_address="" if asked.kit is None else asked.kit.root,
        first=0 if former is None else len(former.traffic),
    )
    redaction = Redaction()
    with (
        interruptible() as interruption,
        _files(directory, asked.profile.name, redaction) as files,
        _served(asked, one, directory.path) as running,
    ):
        made = _staged(running, asked, former)
        redaction.add(made.client.secret)
        session = _made(asked, running, made, files)
        late.session = session
        if former is not None:
            session.restore(former.traffic, former.statuses)
        shown_at(running, session)
        _tell(asked, session, made, language)
        walk = Walk(
            session=session,
            witness=running,
            stage=made,
            requirements=requirement_set(CURRENT),
            step_seconds=asked.step_seconds,
            is_interrupted=interruption.is_asked,
            language=language,
        )
        _walk(walk, _way(asked, walk, directory))
    directory.write_json(RUN_FILE, record("partial" if session.stopped else "complete"))
    return _heard(asked, session)


def _walk(walk: Walk, carry_out: Callable[[Walk, Step], Status]) -> None:
    """Walk through what is left of a session while its traffic is kept."""
    walk.witness.recorder.is_on = True
    stopped = walk.through(carry_out)
    walk.witness.recorder.is_on = False
    walk.session.finish(stopped=stopped)


def _staged(running: Witness, asked: Asked, former: Former | None) -> Stage:
    """Set the stage, or that of the former session.

    Raises:
        Stopped: What the former session told of its people cannot be read.
    """
    if former is None:
        return running.set_stage(asked.redirects)
    client = running.registered(asked.redirects)
    try:
        made = restored(former.identities, client)
    except (KeyError, TypeError, ValueError) as error:
        raise because(reason="run_directory_invalid", file=asked.out, problem=error) from error
    running.offer(made)
    return made


def _made(asked: Asked, running: Witness, made: Stage, files: SessionFiles) -> Session:
    """Return the session, with its files kept up to date."""
    root = running.address if asked.kit is None else asked.kit.root
    setting = Setting(
        profile=asked.profile,
        mode=asked.mode,
        seed=asked.seed,
        version=installed_version(),
        addresses={
            "root": root,
            "fhir": f"{root}/fhir",
            "login": f"{root}/oauth2/psc",
            "follow": f"{root}/witness",
            **({"smtp": _smtp(asked, running)} if running.smtp else {}),
        },
        identities=made.identities(),
        matricules=made.matricules,
        solution=made.client.solution,
    )

    def changed(event: Event) -> None:
        files.changed(session, event)

    session = Session(setting, changed, files.keep, files.told)
    files.write(session)
    return session


def _smtp(asked: Asked, running: Witness) -> str:
    """Return where mail is given: under the name that the certificates of a kit are for."""
    port = running.smtp.rpartition(":")[2]
    return running.smtp if asked.kit is None else f"{asked.kit.names[0]}:{port}"


def _way(asked: Asked, walk: Walk, directory: RunDirectory) -> Callable[[Walk, Step], Status]:
    """Return who carries steps out."""
    match asked.mode:
        case "operator":
            listen_to_terminal(walk.session)
            return by_operator
        case "driver":
            return by_driver(asked.driver, os.fspath(directory.path))
        case "self-play":
            return by_player(walk, asked.habits)


@contextmanager
def _files(directory: RunDirectory, profile: str, redaction: Redaction) -> Generator[SessionFiles]:
    try:
        files = SessionFiles(directory.path, profile, redaction)
    except OSError as error:
        raise storage_error(directory.path, error) from error
    try:
        yield files
    finally:
        files.close()


@contextmanager
def _served(asked: Asked, one: Witness, folder: Path) -> Generator[Witness]:
    """Serve while the block lasts.

    Raises:
        Stopped: The port cannot be had.
    """
    files = None if asked.kit is None else asked.kit.certificates
    tls = None if files is None else Tls(files.server, files.server, files.authority)
    try:
        with ExitStack() as held:
            mail = None
            if asked.profile.mails:
                if files is None and asked.mode == "self-play":
                    files = held.enter_context(own_certificates())
                mail = mail_settings(folder, asked.smtp_port, one.follower, files)
            endpoint = Endpoint(asked.host, asked.port, tls, mail)
            running = held.enter_context(serving(one, endpoint))
            if running.smtp and asked.mode == "self-play":
                running.post = post_at(running.smtp, folder, files)
            yield running
    except OSError as error:
        if running_began(one):
            raise
        found = {"host": asked.host, "port": asked.port, "problem": why(error)}
        raise because(reason="serve_port", **found) from error


def running_began(one: Witness) -> bool:
    """Whether a witness listened before something failed."""
    return bool(one.address)


def _tell(asked: Asked, session: Session, made: Stage, language: Language) -> None:
    """Say where the client has to go, and who it may be."""
    addresses = session.setting.addresses
    if asked.mode == "self-play":
        return
    say(text("witness.listens", language, **addresses))
    say(
        text(
            "witness.client",
            language,
            client_id=made.client.ident,
            client_secret=made.client.secret,
        )
    )
    if "smtp" in addresses:
        say(text("witness.mail", language, **addresses))
    if made.client.solution:
        say(
            text(
                "witness.solution", language, solution=made.client.solution, root=addresses["root"]
            )
        )
    if asked.mode == "operator":
        say(text("witness.follow", language, follow=addresses["follow"]))
        if sys.stdin.isatty():
            say(text("witness.keys", language))


def _heard(asked: Asked, session: Session) -> Heard:
    requirements = requirement_set(CURRENT)
    other = asked.other
    name = " ".join(Path(one).name for one in asked.driver) or "client"
    if asked.mode == "self-play":
        name = "Étalon" if other is None else f"Étalon ({other.name})"
    return Heard(
        profile=asked.profile,
        results=verdicts(session, requirements),
        requirements=requirements,
        name=name,
        address=session.setting.addresses["fhir"],
        seed=asked.seed,
        version=session.setting.version,
        findings_fail=asked.findings_fail,
        stopped=session.stopped,
        began=session.started_at,
        ended=session.ended_at or datetime.now(UTC),
        exchanges=len(session.traffic),
        people=len(session.setting.matricules),
        power=published(),
        problems=session.problems,
    )
