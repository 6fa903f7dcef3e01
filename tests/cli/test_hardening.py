"""The proof that hardship breaks no command knows every command, and notices what is torn."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from etalon_cli.usage import parse
from hardening import TABLE, lines_of
from hardening_trials import torn

if TYPE_CHECKING:
    from pathlib import Path


def test_every_command_is_put_under_hardship() -> None:
    """By a line that can be typed."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    names = [*table["prepared"], *table["files"], "server", "public_key"]
    lines = lines_of(table, dict.fromkeys(names, "there"))

    for name, each in lines.items():
        for line in each:
            command, _ = parse(line.words)
            assert " ".join(command.words) == name


def test_a_command_without_a_line_is_named() -> None:
    """A command that is added has to say how it is run."""
    with pytest.raises(LookupError, match="explain"):
        lines_of({"lines": {}}, {})


@pytest.mark.parametrize(
    ("name", "content", "is_torn"),
    [
        ("out/summary.json", b'{"a": 1', True),
        ("out/summary.json", b'{"a": 1}', False),
        ("out/daily.parquet", b"PAR1 and so on", True),
        ("report.html", b"<html><body>", True),
        ("key.pem", b"", True),
        ("report.html.part", b"<html></html>", True),
        ("out/run.json", b'{"status": "complete"}', True),
        ("out/run.json", b'{"status": "partial"}', False),
    ],
)
def test_what_is_torn_is_noticed(
    tmp_path: Path, name: str, content: bytes, *, is_torn: bool
) -> None:
    """A file that ends too soon, one that has no name yet, a run that says it ended and did not."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)

    assert bool(torn(tmp_path, [2])) is is_torn
