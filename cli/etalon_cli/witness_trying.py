"""Sessions in this process: the witness before a client of ours, without a socket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Final

from etalon_cli.witness_mail import OwnPost
from etalon_cli.witness_running import witness
from etalon_conformance.requirements import CURRENT, requirement_set
from etalon_conformance.witness.client_power import clients, tried
from etalon_conformance.witness.players.connection import BACK, Means
from etalon_conformance.witness.players.habits import GOOD, client_named
from etalon_conformance.witness.rehearsing import desk_of, played, verdicts
from etalon_conformance.witness.scenario import profiles
from etalon_conformance.witness.session import Session, Setting
from etalon_conformance.witness.staging import stage
from etalon_model.actors import ActorKind
from etalon_scenarios.versions import installed_version
from etalon_server.application import create_app
from etalon_server.transforming import transformed
from etalon_target.adapters import AsgiAdapter
from etalon_target.targets import Options, target_of
from etalon_wire.claims import scopes_for
from etalon_wire.validation.validator import Validator

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_conformance.verdicts import Result
    from etalon_conformance.witness.client_power import Tried
    from etalon_conformance.witness.players.habits import Habits
    from etalon_conformance.witness.recorder import Arrival
    from etalon_target.messages import Answer, HttpRequest


_SIDE_BY_SIDE: Final = 4


class Inside:
    """A witness that answers in this process, and the session before it."""

    def __init__(self, profile: str, seed: int) -> None:
        """Make the witness and set its stage."""
        self.profile = profiles()[profile]
        self._late: list[Session] = []
        self.witness = witness(self.profile, seed, self._arrived, validator=_validator())
        desk = self.witness.desk
        app = transformed(desk, create_app(desk), self.witness.transform)
        self.adapter = AsgiAdapter(app)
        self.target = target_of("inprocess", Options(seed=seed, inprocess=lambda: self.adapter))
        self.target.reach()
        self.own_post = (
            OwnPost(desk, self.adapter, self.witness.follower) if self.profile.mails else None
        )
        self.stage = stage(self.profile, self.target, seed, [BACK])
        self.witness.clock.go()
        setting = Setting(
            profile=self.profile,
            mode="self-play",
            seed=seed,
            version=installed_version(),
            addresses={"root": self.target.root, "fhir": self.target.fhir_base},
            identities=self.stage.identities(),
            matricules=self.stage.matricules,
            solution=self.stage.client.solution,
        )
        self.session = Session(setting)
        self._late.append(self.session)
        self.witness.recorder.is_on = True

    def _arrived(self, one: Arrival) -> None:
        self._late[0].arrived(one)

    def send(self, request: HttpRequest) -> Answer:
        """Send a request as a client does."""
        return self.target.send(request)

    def means(self) -> Means:
        """Return what a client of ours speaks with."""
        return Means(
            send=self.send,
            root=self.target.root,
            client=self.stage.client.ident,
            secret=self.stage.client.secret,
            scope=" ".join(scopes_for(ActorKind(self.profile.actor))),
            now=self.witness.clock.now,
            solution=self.stage.client.solution,
            post=None if self.own_post is None else self.own_post.post,
        )

    def play(self, habits: Habits = GOOD) -> tuple[Result, ...]:
        """Have a client of ours play the profile; return the verdicts."""
        desk = desk_of(self.profile, self.stage, self.means(), habits, self.session.setting.seed)
        played(self.session, self.witness.recorder, self.witness.plays, desk)
        self.session.finish(stopped=False)
        return verdicts(self.session, requirement_set(CURRENT))

    def close(self) -> None:
        """Let go of what it keeps."""
        if self.own_post is not None:
            self.own_post.close()
        self.target.close()
        self.adapter.close()
        self.witness.desk.host.contents.close()


@cache
def _validator() -> Validator:
    """Return one validator for all: compiling the profiles takes longer than a session."""
    return Validator()


def try_client(profile: str, name: str, seed: int = 1) -> Tried:
    """Have one client play a profile; ours when the name is empty."""
    other = client_named(name) if name else None
    inside = Inside(profile, seed)
    try:
        results = inside.play(GOOD if other is None else other.habits)
    finally:
        inside.close()
    return tried(name, "" if other is None else other.requirement, results)


def try_clients(seed: int = 1, told: Callable[[int], None] = lambda _: None) -> list[Tried]:
    """Have every client of the tables play its profile, and ours each of them.

    They wait more than they work, so that several play side by side, each before its own witness.
    """
    played = [(profile, "") for profile in profiles()]
    played += [(client_named(name).profile, name) for name, _ in clients() if name]
    _validator()
    found: list[Tried] = []
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for asked in [pool.submit(try_client, *each, seed) for each in played]:
            found.append(asked.result())
            told(len(found))
    return found
