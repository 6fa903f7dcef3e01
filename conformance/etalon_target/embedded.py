"""The reference server as a process of its own: started on a free loopback port, and stopped."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from etalon_target.plain_values import is_table
from etalon_target.programs import stop_group
from etalon_target.throwaway_authority import AuthorityFiles, authority_in

_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0
_TOLD_MOST: Final = 65_536
_ERRORS_SHOWN: Final = 2_000


class NotStartedError(Exception):
    """The process did not begin to answer; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a server said when it was ready.

    Attributes:
        address: Where it answers, without a slash at the end.
        fhir: Its FHIR base.
        sandbox: Its controls.
        smtp: Where it takes mail, `host:port`, or empty.
        maildir: Folder of the mail that leaves it, or empty.
    """

    address: str
    fhir: str
    sandbox: str
    smtp: str = ""
    maildir: str = ""


class EmbeddedServer:
    """One `etalon serve --sandbox` process, which ends with this one, however this one ends.

    Attributes:
        files: Authority and certificates while it runs over TLS, or None.
        is_durable: It keeps what happens, and can be restarted.
    """

    def __init__(
        self,
        options: Sequence[str] = (),
        seed: int = 1,
        *,
        over_tls: bool = False,
        durable: bool = False,
        mail: bool = False,
    ) -> None:
        """Prepare the command.

        Args:
            options: Added to it.
            seed: Of the server.
            over_tls: It answers over TLS, under an authority of its own, and takes the client
                certificates of that authority.
            durable: It keeps what happens in a folder that goes when it is stopped for good, so
                that it can be restarted.
            mail: It takes mail too.
        """
        self.files: AuthorityFiles | None = None
        self._over_tls = over_tls
        self.is_durable = durable
        self._place: list[str] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._line = [
            *(sys.executable, "-P", "-m", "etalon_cli", "serve", "--sandbox", "--json"),
            *("--host", "127.0.0.1", "--port", "0", "--clock", "manual", "--seed", str(seed)),
            "--until-stdin-closes",
            *(("--smtp-port", "0") if mail else ()),
            *options,
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    @property
    def process_id(self) -> int | None:
        """Identifier of the process, or None when there is none."""
        return None if self._process is None else self._process.pid

    def launch(self) -> None:
        """Start it, and do not wait until it answers; again does nothing."""
        if self._process is not None:
            return
        if self._folder is None and (self._over_tls or self.is_durable):
            self._folder = tempfile.TemporaryDirectory(prefix="etalon-")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is stopped)
        self._process = subprocess.Popen(  # noqa: S603 (our own command)
            [*self._line, *self._certificates(), *self._data(), *self._place],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
        )

    def _certificates(self) -> list[str]:
        """Return the options of TLS, for files that are made now."""
        if not self._over_tls or self._folder is None:
            return []
        if self.files is None:
            self.files = authority_in(Path(self._folder.name))
        pair, trusted = str(self.files.server), str(self.files.authority)
        return ["--tls-cert", pair, "--tls-key", pair, "--client-ca", trusted]

    def _data(self) -> list[str]:
        """Return where it keeps what happens."""
        if not self.is_durable or self._folder is None:
            return []
        return ["--data", str(Path(self._folder.name) / "data")]

    def start(self) -> Told:
        """Start it, where it is not yet, and wait until it answers.

        Raises:
            NotStartedError: It ended, or said nothing in time.
        """
        self.launch()
        told = self._told()
        if told is None:
            said = self._said()
            self.stop()
            message = f"the reference server did not start: {said or 'it said nothing in time'}"
            raise NotStartedError(message)
        # Started again, it is found where it was.
        self._place = ["--port", told.address.rpartition(":")[2]]
        return told

    def restart(self, away_seconds: float) -> Told:
        """Kill it without a word, leave it away, start it again on what it kept.

        Args:
            away_seconds: How long nothing is started.

        Raises:
            NotStartedError: It does not begin to answer again.
            ValueError: It keeps nothing, or does not run.
        """
        process, self._process = self._process, None
        if process is None or not self.is_durable:
            message = "only a server that runs and keeps what happens is restarted"
            raise ValueError(message)
        stop_group(process)
        process.wait()
        self._close_streams(process)
        time.sleep(away_seconds)
        return self.start()

    def stop(self) -> None:
        """Ask it to end, and end it when it does not; nothing when there is none."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                stop_group(process)
                process.wait()
            self._close_streams(process)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _close_streams(self, process: subprocess.Popen[bytes]) -> None:
        for stream in (process.stdin, process.stdout, self._errors):
            if stream is not None:
                stream.close()

    def _told(self) -> Told | None:
        """Read the lines with which it says that it is ready."""
        process = self._process
        if process is None or process.stdout is None:
            return None
        pipe, said = process.stdout, bytearray()
        ready = threading.Event()

        def read() -> None:
            with contextlib.suppress(OSError, ValueError):
                while line := pipe.readline(_TOLD_MOST):
                    said.extend(line)
                    if _told_of(bytes(said)) is not None or len(said) > _TOLD_MOST:
                        break
            ready.set()

        threading.Thread(target=read, name="etalon-embedded", daemon=True).start()
        ends_at = time.monotonic() + _READY_SECONDS
        ready.wait(max(0.0, ends_at - time.monotonic()))
        return _told_of(bytes(said))

    def _said(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        return self._errors.read(_ERRORS_SHOWN).decode("utf-8", "replace").strip()


def _told_of(said: bytes) -> Told | None:
    """Return what was told, once it is whole."""
    try:
        told: object = json.loads(said)
    except ValueError:
        return None
    if not is_table(told):
        return None
    post = (str(told.get("smtp") or ""), str(told.get("maildir") or ""))
    return Told(str(told["address"]), str(told["fhir"]), str(told["sandbox"]), *post)


def _environment() -> dict[str, str]:
    """Return the environment of the process: it imports what this one imports."""
    roots = [path for path in sys.path if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(roots)}
