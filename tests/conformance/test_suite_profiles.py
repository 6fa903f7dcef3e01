"""The shortest profile of each suite is one that a target can be opened with."""

from pathlib import Path

import pytest

from etalon_cli.grammar_conformance import SUITES
from etalon_conformance.suites import suites
from etalon_conformance.tables import DATA
from etalon_target.profile import read_profile


@pytest.mark.parametrize("name", SUITES)
def test_the_shortest_profile_of_a_suite_reads_and_claims_it(name: str) -> None:
    """It is what `etalon conformance requirements --suite` prints."""
    file = Path(str(DATA / "profiles" / f"{name}.toml"))

    assert read_profile(file).about.claims == (name,)
    assert suites()[name].profile == file.read_text(encoding="utf-8")
