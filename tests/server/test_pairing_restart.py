"""What a directory keeps of a pairing: consents and client, and no token."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest

from etalon_model import Use
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.rehearsal import SOLUTION, pair, put_online
from etalon_model.sandbox import Sandbox
from etalon_model.states import State
from etalon_server.application import create_app
from etalon_server.clock import ManualClock
from etalon_server.exchange import Desk
from etalon_server.identity.provider import Identity
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from identity_scene import ADDRESS, SEED, VALIDATOR
from pairing_scene import SINCE, STEADY, PairingScene, app_headers

if TYPE_CHECKING:
    from etalon_model.command import Command

T = TypeVar("T")
READ: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)


def call(scene: PairingScene, tokens: dict[str, Any]) -> int:
    """The status of a call that asks who one is."""
    return scene.called("GET", "/oauth2/userinfo", app_headers(tokens)).status


class KeptScene(PairingScene):
    """The same server on a directory: one loop for all that it does."""

    def __init__(self, directory: Path, now: datetime) -> None:
        """Open it where the directory left it."""
        self.runner = asyncio.Runner()
        super().__init__(now)
        self.host = Host(STEADY, seed=SEED, clock=ManualClock(now), directory=directory)
        self.identity = Identity(self.host, ADDRESS)
        settings = Settings(public_address=ADDRESS)
        self.app = create_app(Desk(self.host, settings, VALIDATOR, self.identity))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something."""
        return self.runner.run(work)

    def close(self) -> None:
        """Let everything go, as a stop does."""
        super().close()
        self.identity.close()
        self.runner.close()


@pytest.mark.requirement("W-CAT-01")
def test_a_pairing_outlives_a_restart_and_its_tokens_do_not(tmp_path: Path) -> None:
    """The journal keeps the consents, and the store the client; everybody logs in again."""
    commands: list[Command] = []
    box = Sandbox(STEADY, seed=SEED, now=SINCE, journal=commands.append)
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    put_online(box)
    pair(box, ins, READ)

    with closing(KeptScene(tmp_path, box.now)) as scene:
        for command in commands:
            scene.run(scene.host.write(command))
        client = scene.register(solution=SOLUTION)
        tokens = scene.consent_page(ins, client).redeemed([READ])
        assert call(scene, tokens) == 200
    with closing(KeptScene(tmp_path, box.now)) as scene:
        page = scene.consent_page(ins, client)

        assert page.ticked == {"Lire mes mesures de santé"}
        assert call(scene, tokens) == 401
        assert call(scene, page.redeemed([READ])) == 200
