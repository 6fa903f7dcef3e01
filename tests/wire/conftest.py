"""What the tests of the wire share: bodies of our own, and the official samples where they are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from deposit_scene import Place, empty_record
from etalon_wire.json_body import Json, Resource, read_json
from import_table import ROOT

BODIES = Path(__file__).parent / "bodies"
SAMPLES = ROOT.parent / "shared" / "samples"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `sample` each body of ours, and each official one that is here."""
    if "sample" in metafunc.fixturenames:
        files = [*sorted(BODIES.glob("*.json")), *sorted(SAMPLES.rglob("*.json"))]
        metafunc.parametrize("sample", files, ids=lambda file: f"{file.parent.name}/{file.stem}")


@pytest.fixture
def place() -> Place:
    """A record that is open, and empty."""
    return empty_record()


@pytest.fixture
def body() -> Callable[[str], Resource]:
    """Read a body of ours by its name."""
    return lambda name: read_json((BODIES / f"{name}.json").read_bytes())


@pytest.fixture
def spelt_alike() -> Callable[[Json], Json]:
    """Spell every narrative canonically, so that two spellings of one XHTML compare equal."""
    return _spelt_alike


def _spelt_alike(value: Json) -> Json:
    if isinstance(value, list):
        return [_spelt_alike(one) for one in value]
    if isinstance(value, dict):
        return {
            name: etree.tostring(etree.fromstring(one.encode()), method="c14n").decode()
            if name == "div" and isinstance(one, str)
            else _spelt_alike(one)
            for name, one in value.items()
        }
    return value
