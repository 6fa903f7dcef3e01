"""The track record: what shows a defect can still be run."""

import re
from pathlib import Path
from typing import Final

import pytest

from etalon_conformance.impostors import impostors
from etalon_conformance.requirements import requirement_set

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "docs" / "track-record.md").read_text(encoding="utf-8")
REQUIREMENTS: Final = [ident for ident in re.findall(r"`R ([^`]+)`", TEXT) if ident != "ID"]
TESTS: Final = re.findall(r"python -m pytest (\S+\.py)(?: -k (\w+))?", TEXT)
SERVERS: Final = re.findall(r"(?:--server|sweep_counterexamples\.py) ([\w-]+)", TEXT)


def test_every_requirement_of_the_record_is_one() -> None:
    """`etalon conformance requirements --requirement ID` shows it."""
    assert len(REQUIREMENTS) > 10
    assert set(REQUIREMENTS) <= requirement_set().keys()


@pytest.mark.parametrize(("file", "named"), TESTS)
def test_every_test_of_the_record_is_there(file: str, named: str) -> None:
    """Its file, and one at least whose name holds the words that choose it."""
    names = re.findall(r"^def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert any(named in name for name in names)


def test_every_server_of_the_record_is_known() -> None:
    """`etalon conformance power --server NAME` serves it."""
    assert SERVERS
    assert set(SERVERS) <= impostors().keys()
