"""The guide to schemes of one's own is run as it is printed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_text.packs import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def installed(folder: Path, site: Path) -> Mapping[str, str]:
    """Install the pack of the guide; return the environment in which it is there."""
    install = (sys.executable, "-m", "uv", "--quiet", "--offline", "pip", "install", "--no-deps")
    options = ("--no-build-isolation", "--python", sys.executable, "--target", str(site))
    subprocess.run([*install, *options, str(folder)], check=True)
    path = os.pathsep.join([str(site), *filter(None, sys.path)])
    return {**os.environ, "PYTHONPATH": path}


def test_every_line_of_the_guide_does_what_it_says(tmp_path: Path) -> None:
    """Files are written, the pack installed, commands run; what they print is what is printed."""
    folder = tmp_path / "work"
    folder.mkdir()
    written(folder)
    environment = installed(folder, tmp_path / "site")
    said = ""
    for kind, block in BLOCK.findall(GUIDE):
        if kind == "console":
            said = ""
            for line in block.splitlines():
                words = shlex.split(line.removeprefix("$ etalon "))
                done = subprocess.run(
                    [sys.executable, "-m", "etalon_cli", *words],
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == (2 if "ten-weeks" in line else 0), done.stderr
                said += done.stdout or done.stderr
        elif kind == "text":
            assert said == block


def test_the_page_of_what_is_public_names_every_kind_of_pack() -> None:
    """By the group of its entry points."""
    page = (ROOT / "docs/reference/stability.md").read_text(encoding="utf-8")

    assert all(f"`{kind}`" in page for kind in Kind)
