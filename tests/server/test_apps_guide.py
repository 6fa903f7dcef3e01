"""The guide for apps runs as it is printed, against the server that it starts."""

import re
import sys
from pathlib import Path
from typing import Final

from etalon_wire.app_scopes import PURPOSE_SCOPES
from guide_server import PRINTED, blocks, guide_server, printed_by
from import_table import ROOT

GUIDE: Final = (ROOT / "docs" / "guides" / "apps.md").read_text(encoding="utf-8")


def test_every_line_of_the_guide_does_what_it_says(tmp_path: Path) -> None:
    """Its blocks one after the other in one program."""
    with guide_server(GUIDE) as address:
        program = "".join(blocks(GUIDE, "python")).replace(PRINTED, address)
        printed = printed_by([sys.executable, "-c", program], tmp_path)

    assert printed == "".join(blocks(GUIDE, "text"))


def test_no_block_of_the_guide_is_of_another_language() -> None:
    """It would not be checked."""
    assert set(re.findall(r"^```(\w+)$", GUIDE, re.MULTILINE)) == {"console", "python", "text"}


def test_the_guide_names_every_purpose() -> None:
    """By its scope."""
    assert all(f"`{scope}`" in GUIDE for scope in PURPOSE_SCOPES)
