"""What may be typed, and what is said of the rest."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from etalon_cli.command import main
from etalon_cli.grammar import COMMANDS, Command
from etalon_cli.help_texts import help_texts, parameter_help, sentence, value_name
from etalon_cli.usage import parse
from etalon_text.language import LANGUAGES

HEAVY = ("numpy", "pydantic", "duckdb", "matplotlib", "simpy", "jinja2", "rich", "etalon_model")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["simulat", "x"], "Did you mean simulate?"),
        (["simulate", "x", "--sed", "3"], "Did you mean --seed?"),
        (["simulate", "x", "--engine", "steps"], "choices: agents, cohort."),
        (["simulate"], "SCENARIO is missing."),
        (["simulate", "x", "--seed"], "--seed expects a value."),
        (["scenarios", "lst"], "Did you mean list?"),
        (["simulate", "x", "--pop", "3"], "--pop 3 is not recognised."),
        (["simulate", "x", "--json=3"], "--json takes no value ('3')."),
        (["scenarios"], "VERB is missing."),
    ],
)
def test_a_mistyped_line_is_answered_with_the_nearest_word_and_code_2(
    capsys: pytest.CaptureFixture[str], typed: list[str], said: str
) -> None:
    """One line on stderr, nothing on stdout, exit code 2."""
    code = main([*typed, "--lang", "en"])

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("language", "lead"), [("en", "To begin with:"), ("fr", "Pour commencer\u202f:")]
)
def test_whoever_types_no_command_is_told_lines_to_begin_with_that_parse(
    capsys: pytest.CaptureFixture[str], language: str, lead: str
) -> None:
    """On stderr, with exit code 2 as for any line that lacks something."""
    assert main(["--lang", language]) == 2

    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert printed.out == ""
    assert lines[1] == lead
    typed = [line.split()[1:] for line in lines if line.startswith("    etalon ")]
    assert len(typed) == 8
    for line in typed:
        parse(line)


@pytest.mark.parametrize(
    ("variables", "typed", "said"),
    [
        ({"LC_ALL": "fr_FR.UTF-8"}, [], "il manque SCÉNARIO"),
        ({"LC_ALL": "C.UTF-8", "LANG": "fr_FR"}, [], "is missing"),
        ({"LANG": "fr_CA"}, [], "il manque"),
        ({"LANG": "fr_FR"}, ["--lang", "en"], "is missing"),
        ({"LANG": "C"}, ["--lang=fr"], "il manque"),
    ],
)
def test_messages_follow_the_language_asked_for_then_the_locale(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    typed: list[str],
    said: str,
) -> None:
    """`--lang` wins over LC_ALL, which wins over LANG."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    main(["simulate", *typed])

    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c.words))
def test_every_example_of_the_reference_can_be_typed(command: Command) -> None:
    """An example that does not parse would mislead whoever copies it."""
    for example in command.examples:
        parsed, _ = parse(shlex.split(example)[1:])
        assert parsed.words == command.words


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c.words))
def test_every_command_explains_itself(
    capsys: pytest.CaptureFixture[str], command: Command
) -> None:
    """`--help` names every parameter of the table, in either language, and says what it is."""
    for language in LANGUAGES:
        with pytest.raises(SystemExit) as left:
            main([*command.words, "--help", "--lang", language])

        printed = capsys.readouterr().out
        words = "".join(printed.split())
        said = [sentence(" ".join(command.words), language)]
        for parameter in command.parameters:
            said.append(value_name(parameter.metavar or parameter.name, language))
            said.append(parameter_help(command, parameter, language))
        assert left.value.code == 0
        assert [one for one in said if "".join(one.split()) not in words] == []


def test_help_is_french_throughout_wherever_the_language_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headings too, whether `--lang` stands first or last or the locale says it."""
    monkeypatch.setenv("LC_ALL", "C")
    pages: list[str] = []
    for typed in (["simulate", "--help", "--lang", "fr"], ["--lang", "fr", "simulate", "--help"]):
        with pytest.raises(SystemExit):
            main(typed)
        pages.append(capsys.readouterr().out)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    with pytest.raises(SystemExit):
        main(["simulate", "--help"])
    pages.append(capsys.readouterr().out)

    headings = [line for line in pages[0].splitlines() if line[:1] > " " and line[-1] == ":"]
    assert pages[0].startswith("usage\u202f: etalon simulate [-h]")
    assert headings == ["arguments\u202f:", "options\u202f:", "exemples\u202f:"]
    assert pages == [pages[0]] * 3


def test_a_line_without_help_does_not_read_what_help_says() -> None:
    """The table is read when help is asked for, and not before."""
    help_texts.cache_clear()

    parse(["simulate", "pilot-2021"], "fr")

    assert help_texts.cache_info().currsize == 0


def test_help_imports_nothing_heavy_and_answers_within_a_third_of_a_second() -> None:
    """`etalon --help` takes under 0.3 s of CPU: no library of the project is loaded."""
    code = (
        "import sys, time\nfrom etalon_cli.command import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"loaded = [n for n in {HEAVY!r} if n in sys.modules]\n"
        "print('loaded', loaded, time.process_time())"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, sys.path))},
    )

    last = answer.stdout.splitlines()[-1]
    assert last.startswith("loaded [] ")
    assert float(last.split()[-1]) < 0.3


def test_a_fault_of_ours_is_one_line_with_the_path_of_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Exit code 4; the traceback is in the log, and on the terminal only when asked for."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail(name: str) -> None:
        raise ZeroDivisionError(name)

    monkeypatch.setattr("etalon_cli.command.import_module", fail)

    code = main(["doctor", "--lang", "en"])
    quiet = capsys.readouterr().err
    monkeypatch.setenv("ETALON_DEBUG", "1")
    main(["doctor", "--lang", "en"])
    debugged = capsys.readouterr().err

    log = next(tmp_path.glob("etalon-fault-*.log"))
    assert code == 4
    assert quiet.count("\n") == 1
    assert "Traceback" not in quiet
    assert "Traceback" in debugged
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    assert str(tmp_path) in quiet
