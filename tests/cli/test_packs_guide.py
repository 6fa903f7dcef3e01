"""The guide to schemes of one's own is run as it is printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.command import main
from etalon_text.packs import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDE: Final = (ROOT / "docs/guides/bring-your-own-scheme.md").read_text(encoding="utf-8")
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def written(folder: Path) -> None:
    """Write every file of the guide; its first line says where."""
    for kind, block in BLOCK.findall(GUIDE):
        if kind in {"toml", "python"}:
            name, content = block.split("\n", 1)
            file = folder / name.removeprefix("# ")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")


def installed(folder: Path, site: Path) -> Path:
    """Install the pack of the guide; return where it is."""
    install = (sys.executable, "-m", "uv", "--quiet", "--offline", "pip", "install", "--no-deps")
    options = ("--no-build-isolation", "--python", sys.executable, "--target", str(site))
    subprocess.run([*install, *options, str(folder)], check=True)
    return site


def test_every_line_of_the_guide_does_what_it_says(
    tmp_path: Path,
    find_packs_in: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Files are written, the pack installed, commands run; what they print is what is printed."""
    folder = tmp_path / "work"
    folder.mkdir()
    written(folder)
    find_packs_in(installed(folder, tmp_path / "site"))
    monkeypatch.chdir(folder)
    said = ""
    for kind, block in BLOCK.findall(GUIDE):
        if kind == "console":
            said = ""
            for line in block.splitlines():
                answered = main(shlex.split(line.removeprefix("$ etalon ")))
                printed = capsys.readouterr()
                assert answered == (2 if "ten-weeks" in line else 0), printed.err
                said += printed.out or printed.err
        elif kind == "text":
            assert said == block


def test_the_page_of_what_is_public_names_every_kind_of_pack() -> None:
    """By the group of its entry points."""
    page = (ROOT / "docs/reference/stability.md").read_text(encoding="utf-8")

    assert all(f"`{kind}`" in page for kind in Kind)
