"""The page on adding a rule, a scenario, a check and an impostor says what happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

from etalon_scenarios.legal_departures import legal_departures
from etalon_scenarios.loading import load_scenario

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "extending.md"


def blocks(language: str) -> str:
    """The blocks of the page in a language, one after the other."""
    found = re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return "".join(found)


def test_a_rule_a_check_and_an_impostor_are_added_as_the_page_says() -> None:
    """In a process of their own, which alone knows them."""
    ran = subprocess.run(
        [sys.executable, "-c", blocks("python")],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == blocks("text")


def test_the_scenario_of_the_page_can_be_used(tmp_path: Path) -> None:
    """It departs from a law, as the page says."""
    file = tmp_path / "letters-at-75.toml"
    file.write_text(blocks("toml"), encoding="utf-8")

    scenario = load_scenario(str(file))

    assert (scenario.name, scenario.notices.letter_from_age) == ("letters-at-75", 75)
    assert [one.text for one in legal_departures(scenario)] == ["CSP R. 1111-28"]
