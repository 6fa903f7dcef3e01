"""Clients and credentials outlive a process; tokens, sessions and signing keys do not."""

import asyncio
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from etalon_server.clock import ManualClock
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.identity.clients import Credentials
from etalon_server.identity.failures import OAuthError
from etalon_server.identity.provider import Identity
from etalon_server.identity.store import FILE_NAME, Store, StoreError
from etalon_server.service_host import Host
from etalon_wire.claims import Caller, caller_of
from etalon_wire.json_body import Json
from identity_scene import FIRST, LAUNCH, SEED

METADATA: Final[dict[str, Json]] = {
    "client_name": "Logiciel",
    "redirect_uris": ["https://a.test/callback"],
}
WORDS: Final = ("camille.a.choisi", "Zut-alors-42")


@contextmanager
def opened(directory: Path) -> Generator[Identity]:
    """A provider that keeps things in a directory, closed at the end."""
    with hosted(directory) as host, closing(Identity(host)) as identity:
        yield identity


@contextmanager
def hosted(directory: Path) -> Generator[Host]:
    """A host whose provider keeps things in a directory."""
    host = Host(LAUNCH, seed=SEED, clock=ManualClock(FIRST))
    host.directory = directory
    yield host
    host.directory = None
    asyncio.run(host.close())


def doctor() -> Caller:
    """Somebody a token can be minted for."""
    said = {"act_as": "professional", "sub": "899770000216", "profession": "doctor"}
    return caller_of(said | {"scope": "user/Patient.r", "exp": int(FIRST.timestamp()) + 3600})


def test_the_solution_of_a_client_outlives_a_process(tmp_path: Path) -> None:
    """And still nobody else may register it."""
    with opened(tmp_path) as identity:
        said = identity.clients.register({**METADATA, "solution": "1.2.250.1.999.7.1"})

    with opened(tmp_path) as identity:
        client = identity.clients.find(str(said["client_id"]))
        assert client is not None
        assert client.solution == "1.2.250.1.999.7.1"
        with pytest.raises(OAuthError):
            identity.clients.register({**METADATA, "solution": "1.2.250.1.999.7.1"})


def test_clients_and_credentials_outlive_a_process(tmp_path: Path) -> None:
    """The secret and the password are kept by their digests; the token of before is refused."""
    with opened(tmp_path) as identity:
        client = identity.clients.register(METADATA)
        identity.accounts.choose("146026322000196", *WORDS)
        token = identity.mint(doctor(), FIRST).access_token
        assert isinstance(identity.caller_of(token, "", FIRST), Caller)

    with opened(tmp_path) as identity:
        ident, secret = str(client["client_id"]), str(client["client_secret"])
        known = identity.clients.authenticated(Credentials(ident, secret, True, ""))  # noqa: FBT003
        assert known.redirects == ("https://a.test/callback",)
        assert identity.accounts.has_chosen("146026322000196")
        assert not isinstance(identity.caller_of(token, "", FIRST), Caller)
        identity.reset()

    with opened(tmp_path) as identity:
        assert identity.clients.find(ident) is None
        assert not identity.accounts.has_chosen("146026322000196")

    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert not any(word.encode() in kept for word in (secret, WORDS[1], token))


@pytest.mark.parametrize(
    "value", [b"", b"[]", b"{}", b'{"client_name": 1', b'{"secret_digest": "%"}']
)
def test_a_damaged_value_is_refused_at_its_place(tmp_path: Path, value: bytes) -> None:
    """With the file, and what to do next."""
    with opened(tmp_path) as identity:
        client = identity.clients.register(METADATA)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
        database.execute("UPDATE kept SET value = ?", (value,))

    refusing = pytest.raises(DirectoryRefusedError, match=str(client["client_id"]))
    with hosted(tmp_path) as host, refusing as refused:
        Identity(host)

    assert refused.value.file == tmp_path / FILE_NAME
    assert "move the file away" in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """It is left as it is."""
    (tmp_path / FILE_NAME).write_bytes(b"not a database, and longer than its header would be" * 9)

    with pytest.raises(DirectoryRefusedError, match=FILE_NAME):
        Store(tmp_path)


def test_what_cannot_be_kept_is_not_told_as_kept(tmp_path: Path) -> None:
    """A client whose row the disk refused is not known either."""
    with opened(tmp_path) as identity:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
            database.execute("DROP TABLE kept")
        with pytest.raises(StoreError, match=FILE_NAME):
            identity.clients.register(METADATA)
        with pytest.raises(StoreError, match=FILE_NAME):
            identity.accounts.choose("146026322000196", *WORDS)

        assert not identity.accounts.has_chosen("146026322000196")
