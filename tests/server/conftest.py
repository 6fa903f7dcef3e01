"""What the tests of the server share: a host run to its end, and a directory that was killed."""

import asyncio
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

import pytest
from joserfc.jwk import Key

from durable_town import SEED, commands, parameters, received
from etalon_model.parameters import Parameters
from etalon_server.identity.keys import Algorithm, new_key
from etalon_server.service_host import Host
from identity_scene import FIRST, LAUNCH, Scene


def opened(directory: Path | None) -> Host:
    """Open a host of the town."""
    return Host(parameters(), seed=SEED, directory=directory)


@pytest.fixture(scope="session")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as a kill leaves it after forty commands in ten groups, all answered.

    With each accepted one stands what came with it.
    """
    running = tmp_path_factory.mktemp("running") / "data"
    left = running.parent / "killed"

    async def run() -> None:
        host = opened(running)
        asked = list(commands(10))
        for start in range(0, len(asked), 4):
            group = enumerate(asked[start : start + 4], start)
            await asyncio.gather(*(host.write(one, received(number)) for number, one in group))
        shutil.copytree(running, left)
        await host.close()

    asyncio.run(run())
    return left


@pytest.fixture
def data(killed: Path, tmp_path: Path) -> Path:
    """A copy of that directory, to damage."""
    return Path(shutil.copytree(killed, tmp_path / "data"))


@pytest.fixture(scope="session")
def signing_keys() -> Callable[[Algorithm], Key]:
    """Makes one key for each algorithm: making those of RSA takes as long as a whole test."""
    made: dict[Algorithm, Key] = {}

    def key(algorithm: Algorithm) -> Key:
        return made.setdefault(algorithm, made.get(algorithm) or new_key(algorithm))

    return key


@pytest.fixture
def scenes(
    monkeypatch: pytest.MonkeyPatch, signing_keys: Callable[[Algorithm], Key]
) -> Iterator[Callable[..., Scene]]:
    """Makes servers with an identity provider, closed at the end."""
    monkeypatch.setattr("etalon_server.identity.keys.new_key", signing_keys)
    monkeypatch.setattr("etalon_server.identity.accounts.COST", 2**4)
    with ExitStack() as stack:

        def made(now: datetime = FIRST, parameters: Parameters = LAUNCH) -> Scene:
            return stack.enter_context(closing(Scene(now, parameters)))

        yield made


@pytest.fixture
def scene(scenes: Callable[..., Scene]) -> Scene:
    """A server with an identity provider, on 1 February 2022."""
    return scenes()
