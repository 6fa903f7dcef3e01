"""French pages give the commands of the English ones, in French typography."""

import re
from pathlib import Path
from typing import Final

import pytest

from import_table import ROOT
from translations import french_faults

FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NO_PROSE: Final = re.compile(r"^```.*?^```$|`[^`]*`|\]\([^)]*\)", re.DOTALL | re.MULTILINE)
TWINS: Final = {
    "README.md": "docs/fr/README.md",
    "docs/guides/policy.md": "docs/fr/politiques.md",
    "docs/guides/conformance.md": "docs/fr/editeurs.md",
    "docs/guides/explore.md": "docs/fr/explorer.md",
    "docs/guides/client.md": "docs/fr/clients.md",
    "docs/guides/evidence-and-signatures.md": "docs/fr/preuves.md",
    "docs/guides/studies.md": "docs/fr/etudes.md",
    "docs/reference/doctor.md": "docs/fr/diagnostic.md",
    "docs/reference/command-line.md": "docs/fr/commandes.md",
}


def commands(page: Path) -> list[str]:
    """What a reader types, block by block, whatever the language asked for; no output."""
    typed: list[str] = []
    for kind, block in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind in {"", "console"}:
            typed += [line for line in block.splitlines() if line.startswith(("$ ", "etalon "))]
        elif kind != "text":
            typed.append(block)
    return [re.sub(r" --lang (?:en|fr)", "", one) for one in typed]


@pytest.mark.parametrize(("english", "french"), TWINS.items())
def test_a_french_page_gives_the_commands_of_the_english_one(english: str, french: str) -> None:
    """All of them, in the same order."""
    assert commands(ROOT / french) == commands(ROOT / english) != []


def test_every_french_page_has_an_english_one() -> None:
    """What stands in one language alone would be forgotten in the other."""
    pages = {file.relative_to(ROOT).as_posix() for file in (ROOT / "docs" / "fr").rglob("*.md")}

    assert pages == set(TWINS.values())


@pytest.mark.parametrize("french", TWINS.values())
def test_a_french_page_has_the_typography_of_french(french: str) -> None:
    """Outside code and addresses."""
    prose = NO_PROSE.sub("", (ROOT / french).read_text(encoding="utf-8"))
    faulty = [(line, french_faults(line)) for line in prose.splitlines() if french_faults(line)]

    assert faulty == []
