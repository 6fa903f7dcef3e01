"""No file of a load holds what proves who somebody is: tokens, codes, passwords, cards.

Reports are drawn from these files alone.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from etalon_load.faults import fault_of
from etalon_load.files.run_files import write_run_files
from etalon_load.people.people_file import read_people
from etalon_load.profiles import named
from etalon_load.running import Load, send
from etalon_load.workload import PEOPLE_FILE
from etalon_server.identity.keys import KeyRing
from etalon_target.targets import target_of
from etalon_wire.json_body import Json
from served_town import served

SHORTEST = 8
LOAD = Load(
    plan=named("constant", peak=15, seconds=2, seed=1).plan,
    profile={"name": "constant", "peak": 15.0, "window": None, "source": None},
    objectives=(),
    objectives_name="none",
    seed=1,
    version="of tests",
    sample=1.0,
    faults=(fault_of("error:20%:1s@1s"),),
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A short load whose requests fail now and then, everybody held against the model."""
    folder = tmp_path_factory.mktemp("load") / "run"
    issued: set[str] = set()
    with pytest.MonkeyPatch.context() as patched, served() as town:
        sign = KeyRing.sign

        def noted(keys: KeyRing, claims: Mapping[str, Json], kind: str, now: datetime) -> str:
            token = sign(keys, claims, kind, now)
            issued.add(token)
            return token

        patched.setattr(KeyRing, "sign", noted)
        folder.mkdir()
        with target_of(f"{town.address}/fhir") as target:
            measured = send(LOAD, target, folder, lambda _: None, lambda: False)
        write_run_files(folder)
        town.desk.host.contents.close()
    return SimpleNamespace(folder=folder, issued=issued, measured=measured)


def secrets_of(ran: SimpleNamespace) -> set[str]:
    """Tokens that were issued; codes, passwords and cards of everybody."""
    people = read_people(ran.folder / PEOPLE_FILE).people
    known = {
        value for one in people for value in (one.provisional_code, one.password, one.vitale_serial)
    }
    return {*ran.issued, *filter(None, known)}


def told_by(file: Path) -> bytes:
    """What a file holds, unpacked where it is packed."""
    if file.suffix != ".parquet":
        return file.read_bytes()
    with duckdb.connect() as database:
        rows = database.execute("SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
    return repr(rows).encode()


def test_a_load_issues_tokens_and_uses_codes_and_passwords(ran: SimpleNamespace) -> None:
    """So that there is something to look for."""
    assert ran.measured["ended"] == "complete"
    assert ran.measured["failed"]
    assert len(ran.issued) > 10
    assert min(len(one) for one in secrets_of(ran)) >= SHORTEST


def test_no_file_of_a_run_holds_any_of_them_but_the_file_of_people(ran: SimpleNamespace) -> None:
    """Which is for its owner alone."""
    secrets = [one.encode() for one in secrets_of(ran)]
    files = [one for one in ran.folder.rglob("*") if one.is_file()]
    others = [one for one in files if one != ran.folder / PEOPLE_FILE]

    contents = {one.name: told_by(one) for one in others}
    holding = {
        name: sum(secret in content for secret in secrets) for name, content in contents.items()
    }
    assert len(others) > 6
    assert {name: count for name, count in holding.items() if count} == {}
    assert (ran.folder / PEOPLE_FILE).stat().st_mode & 0o077 == 0
