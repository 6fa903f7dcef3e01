"""The guide of the server runs as it is printed, against the server that it starts."""

import json
import re
import shutil
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from etalon_wire.interactions import Interaction, interactions
from etalon_wire.tables import text_of
from guide_server import PRINTED, guide_server, printed_by
from guide_server import blocks as blocks_of

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "server.md").read_text(encoding="utf-8")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the guide is for a POSIX shell")


def blocks(part: str, language: str) -> list[str]:
    """The blocks of one part of the guide in a language."""
    text = GUIDE.partition(f"\n## {part}\n")[2].partition("\n## ")[0]
    return blocks_of(text, language)


def shown(language: str) -> list[str]:
    """The blocks of the parts that one shell runs."""
    return [*blocks("With curl", language), *blocks("Logging in", language)]


@pytest.fixture
def address() -> Generator[str]:
    """Where the server of the guide answers, started as the guide does, on a port that is free."""
    with guide_server(GUIDE) as served:
        yield served


@POSIX
def test_every_line_of_the_guide_does_what_it_says(address: str, tmp_path: Path) -> None:
    """The shell's blocks one after the other in one shell, then the program in Python."""
    assert shutil.which("curl")
    shell = "".join(shown("sh")).replace(PRINTED, address)
    program = "".join(blocks("With Python", "python")).replace(PRINTED, address)

    assert printed_by(["/bin/sh", "-eu", "-c", shell], tmp_path) == "".join(shown("text"))
    assert printed_by([sys.executable, "-c", program], tmp_path) == "".join(
        blocks("With Python", "text")
    )


def test_no_block_of_the_guide_stands_outside_what_is_run() -> None:
    """A block of another language, or in another part, would not be checked."""
    fences = re.findall(r"^```(\w+)$", GUIDE, re.MULTILINE)
    checked = [*shown(r"\w+"), *blocks("With Python", r"\w+")]

    assert set(fences) == {"console", "sh", "text", "python"}
    assert len(fences) == len(checked) + 1


@pytest.mark.parametrize(
    "row",
    [row for row in interactions().values() if row.family == "sandbox"],
    ids=lambda row: row.name,
)
def test_every_control_and_each_of_its_keys_stands_in_the_guide(row: Interaction) -> None:
    """As the OpenAPI document describes them."""
    line = next(line for line in GUIDE.splitlines() if f"| `{row.verb} {row.path}` |" in line)
    described = json.loads(text_of("body_schemas.json")).get(row.name, {"properties": {}})
    keys = set(described["properties"])
    keys |= set(described["properties"].get("actor", {}).get("properties", {}))

    assert keys - set(re.findall(r"`(\w+)`", line)) == set()
    assert all(f"**`{key}`**" in line for key in described.get("required", []))
