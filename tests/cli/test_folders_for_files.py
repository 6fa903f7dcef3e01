"""A folder where a file is asked for, a file where a folder is: refused before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etalon_cli.command import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("explore pilot-2021 --export {folder}", "--export {folder}: Is a directory."),
        ("keys new --holder Jeanne --out /", "/ exists"),
        ("model record --commands 5 --out {folder}", "--out {folder}: cannot be written"),
        ("model vectors --out {file}", "--out {file}: cannot be written (Not a directory)"),
        ("note {folder} --out {file}", "--out {file}: cannot be written (Not a directory)"),
        ("simulate pilot-2021 --population 50 --out {file}", "--out {file}: cannot be written"),
        ("conformance judge {file} --base dossier.example", "--base: 'dossier.example'"),
    ],
)
def test_what_a_name_leads_to_is_looked_at_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    """Exit code 2, in a message that names it; nothing is written."""
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    file.touch()

    code = main([*line.format(folder=folder, file=file).split(), "--lang", "en"])

    assert code == 2
    assert said.format(folder=folder, file=file) in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder"]
