"""The guide of the model runs as it is printed."""

import re
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "model.md"


def block(language: str) -> str:
    """Return the block of the guide in that language."""
    found = re.search(rf"```{language}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_program_of_the_guide_prints_what_the_guide_says() -> None:
    """Line for line."""
    ran = subprocess.run(
        [sys.executable, "-c", block("python")],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONPATH": str(GUIDE.parents[2] / "model"), "PYTHONIOENCODING": "utf-8"},
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == block("text")


def test_the_program_has_about_twenty_lines() -> None:
    """Imports apart."""
    lines = [line for line in block("python").splitlines() if line.strip()]

    assert len([line for line in lines if not line.startswith("from ")]) <= 20
