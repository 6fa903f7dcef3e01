"""The guide to mail runs as it is printed, against the server that it starts."""

import re
import sys
from pathlib import Path
from typing import Final

import pytest

from etalon_wire.mail.receipts import LABELS
from guide_server import PRINTED, blocks, guide_server, printed_by
from import_table import ROOT

GUIDE: Final = (ROOT / "docs" / "guides" / "mail.md").read_text(encoding="utf-8")


def test_every_line_of_the_guide_does_what_it_says(tmp_path: Path) -> None:
    """Its blocks one after the other in one program, in the folder of the server."""
    with guide_server(GUIDE, tmp_path, ("--smtp-port", "0")) as address:
        program = "".join(blocks(GUIDE, "python")).replace(PRINTED, address)
        printed = printed_by([sys.executable, "-c", program], tmp_path)

    assert printed == "".join(blocks(GUIDE, "text"))


def test_ten_lines_deliver_a_document() -> None:
    """As the guide says."""
    (delivers,) = [one for one in blocks(GUIDE, "python") if "smtplib.SMTP(" in one]
    assert len(delivers.splitlines()) == 10


def test_no_block_of_the_guide_is_of_another_language() -> None:
    """It would not be checked."""
    assert set(re.findall(r"^```(\w+)$", GUIDE, re.MULTILINE)) == {"console", "python", "text"}


@pytest.mark.parametrize("number", sorted(LABELS))
def test_the_guide_says_when_each_number_is_told(number: int) -> None:
    """Of those that a receipt bears."""
    assert f"| {number} |" in GUIDE
