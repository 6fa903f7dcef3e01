"""The witness while it runs: the reference server, the layers before it, and who it knows."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.witness.mailed import MailFollower
from etalon_conformance.witness.players.connection import BACK
from etalon_conformance.witness.plays import Misbehaving
from etalon_conformance.witness.recorder import Recorder
from etalon_conformance.witness.scenario import profiles
from etalon_conformance.witness.staging import Client, Stage, registered, stage
from etalon_model.parameters import vintage
from etalon_server.clock import RealClock
from etalon_server.identity.provider import Identity
from etalon_server.listening import Endpoint, Running, start
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_target.adapters import AsgiAdapter
from etalon_target.targets import Options, Target, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from etalon_conformance.witness.recorder import Arrival
    from etalon_conformance.witness.scenario import Profile
    from etalon_conformance.witness.session import Session
    from etalon_server.exchange import Desk
    from etalon_target.adapters import AsgiApp
    from etalon_target.post import Post
    from etalon_wire.json_body import Json
    from etalon_wire.parts import (
        Application,
        Codec,
        Deciding,
        Receive,
        Scope,
        Send,
        Transform,
    )
    from etalon_wire.validation.validator import Validator

VINTAGE: Final = "steady-2023"
_READY_SECONDS: Final = 120.0


class SetDay:
    """Tells one instant while a stage is set, and the time of the machine afterwards."""

    def __init__(self, day: datetime) -> None:
        """Stand still."""
        self._day = day
        self._real: RealClock | None = None

    def go(self) -> None:
        """Tell the time of the machine from now on."""
        self._real = RealClock()
        self._real.start_at(self._day)

    def now(self) -> datetime:
        """Return the present instant (UTC)."""
        return self._day if self._real is None else self._real.now()

    def start_at(self, at: datetime) -> None:
        """Never again tell an instant before `at` (UTC)."""
        self._day = max(self._day, at)


class _OnItsLoop(AsgiAdapter):
    """An application asked on the loop of the server that serves it."""

    def __init__(self, app: AsgiApp, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._app = app
        self._loop = loop
        self._seconds = seconds

    def close(self) -> None:
        """Leave the loop to its server."""


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer nothing: the witness does not run yet."""


@dataclass(slots=True)
class Witness:
    """A witness that runs.

    Attributes:
        profile: What it is there for.
        clock: Its clock.
        desk: What its server works with.
        recorder: Keeps the traffic.
        plays: Misbehaves.
        address: Where it is reached, without a slash at the end.
        seed: Of every draw.
        smtp: Where it takes mail, `host:port`; empty where it takes none.
        post: How a client of ours gives it mail, or None.
    """

    profile: Profile
    clock: SetDay
    desk: Desk
    recorder: Recorder
    plays: Misbehaving
    address: str = ""
    seed: int = 1
    smtp: str = ""
    post: Post | None = None
    _leaving: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])
    _shown: Application = field(default=_nothing, repr=False)
    _app: AsgiApp | None = field(default=None, repr=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, repr=False)

    def transform(
        self, service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        """Stand before the reference: misbehaviours, then the recorder, then the page."""
        self._app = cast("AsgiApp", app)
        parts = self.plays(service, codec, app)
        deciding, passing, answering = self.recorder(*parts)
        self._shown = answering

        async def shown(scope: Scope, receive: Receive, send: Send) -> None:
            await self._shown(scope, receive, send)

        return deciding, passing, shown

    def follow(self, page: Callable[[Application], Application]) -> None:
        """Put a page before everything else."""
        self._shown = page(self._shown)

    def began(self, running: Running, loop: asyncio.AbstractEventLoop) -> None:
        """Note where it listens."""
        self.address, self.smtp = running.address, running.smtp
        self._loop = loop

    @property
    def follower(self) -> MailFollower:
        """Who keeps the mail that it takes, and misbehaves."""
        return MailFollower(self.recorder, self.plays, self._leave)

    def _leave(self, mail: bytes) -> None:
        """Have a mail leave, from the loop of the server."""
        if self.desk.outbox is not None:
            task = asyncio.get_running_loop().create_task(self.desk.outbox.post(mail))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def set_stage(self, redirects: Sequence[str]) -> Stage:
        """Make who the profile needs, behind the recorder, and let the clock go.

        Raises:
            CannotTest: Somebody cannot be made.
        """
        with self._behind() as target:
            made = stage(self.profile, target, self.seed, redirects)
        self.offer(made)
        self.clock.go()
        return made

    def offer(self, made: Stage) -> None:
        """Put the professionals of a stage first on the page where one is picked to log in."""
        if isinstance(self.desk.identity, Identity):
            people = made.identities()
            numbers = (str(one["ident"]) for one in people if one["kind"] == "professional")
            self.desk.identity.offer_professionals(numbers)

    def registered(self, redirects: Sequence[str]) -> Client:
        """Register the client of a session that is taken up again.

        Raises:
            CannotTest: It is refused.
        """
        self.clock.go()
        with self._behind() as target:
            return registered(target, f"witness-{self.profile.name}", redirects, self.profile.uses)

    def _behind(self) -> Target:
        """Return the reference itself, behind the recorder, as a target."""
        if self._app is None or self._loop is None:
            message = "the witness does not run"
            raise RuntimeError(message)
        adapter = _OnItsLoop(self._app, self._loop, 60.0)
        return target_of("inprocess", Options(seed=self.seed, inprocess=lambda: adapter))


def witness(  # noqa: PLR0913 (what a witness is made of)
    profile: Profile,
    seed: int,
    keep: Callable[[Arrival], None],
    *,
    day: datetime | None = None,
    directory: Path | None = None,
    public_address: str = "",
    first: int = 0,
    validator: Validator | None = None,
) -> Witness:
    """Return a witness that does not run yet.

    Args:
        profile: What it is there for.
        seed: Of every draw.
        keep: Called with each exchange.
        day: When its people are made; `stage_day()` when None.
        directory: Where the service keeps what happens, or None.
        public_address: Address under which clients reach it; that of each request when empty.
        first: Number of the last exchange of a session that is taken up again.
        validator: Checks resources; a new one when None.
    """
    clock = SetDay(day or stage_day())
    host = Host(vintage(VINTAGE), seed=seed, directory=directory, clock=clock)
    desk = desk_of(host, Settings(sandbox=True, public_address=public_address), validator)
    return Witness(
        profile=profile,
        clock=clock,
        desk=desk,
        recorder=Recorder(keep, clock.now, first),
        plays=Misbehaving(),
        seed=seed,
    )


def stage_day() -> datetime:
    """Return the day on which people are made: the first of the month.

    Ages and identities hold for the month, and the codes of notices for six weeks from then.
    """
    today = datetime.now(UTC)
    return datetime(today.year, today.month, 1, tzinfo=UTC)


@contextmanager
def serving(one: Witness, endpoint: Endpoint | None = None) -> Generator[Witness]:
    """Serve while the block lasts, on a thread.

    Raises:
        OSError: Nothing can listen there.
        TlsRefusedError: The certificates cannot be used.
    """
    ready = threading.Event()
    found: list[Running] = []
    failed: list[BaseException] = []

    def told(running: Running) -> None:
        one.began(running, asyncio.get_running_loop())
        found.append(running)
        ready.set()

    def serve() -> None:
        transform: Transform = one.transform
        try:
            start(one.desk, endpoint or Endpoint(), told, None, transform)
        except BaseException as error:  # noqa: BLE001 (raised again by whoever waits)
            failed.append(error)
        ready.set()

    thread = threading.Thread(target=serve, name="witness")
    thread.start()
    ready.wait(_READY_SECONDS)
    try:
        if found:
            yield one
    finally:
        for running in found:
            running.stop()
        thread.join()
    if failed:
        raise failed[0]


def identities_for(profile: str, seed: int, day: datetime | None = None) -> list[dict[str, Json]]:
    """Return the test identities of a session, without one: the same for profile, seed and day.

    Raises:
        KeyError: There is no such profile.
    """
    one = witness(profiles()[profile], seed, lambda _: None, day=day)
    with serving(one) as running:
        return running.set_stage([BACK]).identities()


def shown_at(one: Witness, session: Session) -> None:
    """Put the page that follows a session before everything else."""
    from etalon_conformance.witness.page import witness_page  # noqa: PLC0415 (self-play has none)

    one.follow(witness_page(session))
