"""The guide of what people add: its files are read, its commands can be typed."""

import re
import shlex
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from etalon_cli.usage import parse
from etalon_conformance.answers import plain_attestation, read_answers
from etalon_conformance.baseline import read_baseline
from etalon_conformance.requirements import requirement_set

GUIDE: Final = Path(__file__).parents[2] / "docs" / "guides" / "evidence-and-signatures.md"
TODAY: Final = date(2026, 11, 22)


def blocks(language: str) -> list[str]:
    """The blocks of the page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def test_the_files_of_the_guide_are_read_as_it_says(tmp_path: Path) -> None:
    """A baseline and answers, with the file that an answer names."""
    accepted, answered = blocks("toml")
    (tmp_path / "accepted.toml").write_text(accepted, "utf-8")
    (tmp_path / "answers.toml").write_text(answered, "utf-8")
    (tmp_path / "notice.eml").write_text("Subject: x\n", "utf-8")

    baseline = read_baseline(tmp_path / "accepted.toml", requirement_set(), TODAY)
    answers = read_answers(tmp_path / "answers.toml", TODAY)

    assert [one.by for one in baseline.entries] == ["Jeanne Martin"]
    assert answers.by_requirement["VIS-05"].keeps
    assert None not in (plain_attestation(answers) or {}).values()


@pytest.mark.parametrize("line", "".join(blocks("sh")).replace("\\\n", " ").splitlines())
def test_every_command_of_the_guide_can_be_typed(line: str) -> None:
    """As it stands, options included."""
    words = shlex.split(line)

    command, _ = parse(words[1:])

    assert tuple(words[1 : len(command.words) + 1]) == command.words
