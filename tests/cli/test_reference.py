"""The reference of the command line says what the parser accepts, all of it and nothing else."""

import re

import pytest

from command_reference import REFERENCES, reference
from etalon_cli.command import main
from etalon_cli.exit_codes import ExitCode
from etalon_cli.grammar import COMMANDS, Command
from etalon_cli.usage import UsageError, parse
from etalon_text.language import LANGUAGES, Language

OPTION = re.compile(r"^\| `(--[a-z-]+)", re.MULTILINE)


def sections(language: Language = "en") -> dict[str, str]:
    """Give the page by heading."""
    text = REFERENCES[language].read_text(encoding="utf-8")
    return {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_the_one_that_the_table_makes(language: Language) -> None:
    """A command changed without its page is found here."""
    assert REFERENCES[language].read_text(encoding="utf-8") == reference(language)


def test_every_command_has_its_section_and_no_other_has() -> None:
    """Headings that start with etalon are the commands."""
    documented = {head for head in sections() if head.startswith("etalon ")}

    assert documented == {f"etalon {' '.join(command.words)}" for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c.words))
def test_the_documented_options_are_those_that_the_parser_prints(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page against `--help`, which argparse writes from what it really accepts."""
    with pytest.raises(SystemExit):
        main([*command.words, "--help"])

    printed = set(re.findall(r"--[a-z-]+", capsys.readouterr().out.split("examples:")[0]))
    documented = set(OPTION.findall(sections()[f"etalon {' '.join(command.words)}"]))
    assert documented == {name for name in printed if name in {p.name for p in command.parameters}}
    assert documented == {p.name for p in command.parameters if p.name.startswith("--")}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c.words))
def test_every_documented_option_is_accepted_and_every_other_refused(command: Command) -> None:
    """Each option of the page parses; one of another command does not."""
    operands = [p.name for p in command.parameters if not p.name.startswith("--")]
    for parameter in command.parameters:
        if parameter.name.startswith("--"):
            one = parameter.choices[0] if parameter.choices else "1"
            value = [] if parameter.take == "switch" else [one]
            parsed, _ = parse([*command.words, *operands, parameter.name, *value])
            assert parsed.words == command.words
    foreign = {p.name for other in COMMANDS for p in other.parameters if p.name.startswith("--")}
    for name in sorted(foreign - {p.name for p in command.parameters}):
        with pytest.raises(UsageError):
            parse([*command.words, *operands, name])


def test_every_exit_code_is_explained() -> None:
    """Five codes, five meanings, all on the page."""
    assert all(f"| {int(code)} | " in sections()["Exit codes"] for code in ExitCode)
