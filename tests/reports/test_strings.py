"""The strings say the same things in French and in English, and none is idle."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from etalon_text.error_catalogue import catalogued, error_catalogue
from etalon_text.language import LANGUAGES, spaced
from etalon_text.observations import observed
from etalon_text.strings import UnknownStringError, all_strings, text

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("cli", "conformance", "load", "model", "reports", "scenarios")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".html")
]
CALLED = re.compile(r'(?<![.\w])(?:text|say|because|catalogued)\(\s*"([^"{]*[^"{.])"')
QUOTED = re.compile(r"""(["'])([A-Za-z0-9_.\-/ ]+)\1""")
PATTERN = re.compile(r'f"([a-z_]+\.[^"]*?\{[^"]*)"|"([a-z_.]+[._])" ~')


def placeholders(sentence: str) -> set[str]:
    """Return the names between braces."""
    return {name.split(".")[0] for _, name, _, _ in Formatter().parse(sentence) if name}


def used_in_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return the literal strings of the code, and the keys it builds, as patterns."""
    literals: set[str] = set()
    built: list[re.Pattern[str]] = []
    for path in SOURCES:
        code = path.read_text(encoding="utf-8")
        literals.update(found for _, found in QUOTED.findall(code))
        for written, joined in PATTERN.findall(code):
            parts = re.split(r"\{[^}]*\}", written) if written else [joined, ""]
            built.append(re.compile(".+".join(map(re.escape, parts))))
    return literals, built


def test_every_string_has_the_same_placeholders_in_both_languages() -> None:
    """A value given to one language is given to the other."""
    differing = [
        key
        for key, said in all_strings().items()
        if placeholders(said["fr"]) != placeholders(said["en"])
    ]

    assert differing == []


def test_every_string_is_used() -> None:
    """A key that the code neither names nor builds is removed from its table."""
    literals, built = used_in_code()

    idle = [
        key
        for key in all_strings()
        if key not in literals and not any(pattern.fullmatch(key) for pattern in built)
    ]

    assert idle == []


def test_every_key_named_in_the_code_exists() -> None:
    """No page can stop on a missing string."""
    known = {*all_strings(), *error_catalogue()}
    named = {key for path in SOURCES for key in CALLED.findall(path.read_text(encoding="utf-8"))}

    assert len(named) > 50
    assert named - known == set()


def test_an_unknown_key_names_the_table_to_fill() -> None:
    """The error says which key and where to add it."""
    with pytest.raises(UnknownStringError, match=r"no string 'no\.such' in strings"):
        text("no.such", "fr")


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        ("0", "0 constatation, conforme.", "0 observations, all as required."),
        ("1", "1 constatation, conforme.", "1 observation, as required."),
        ("2", "2 constatations, toutes conformes.", "2 observations, all as required."),
        (1, "1 constatation, conforme.", "1 observation, as required."),
        ("1\u202f001", "1\u202f001 constatations, toutes", "1\u202f001 observations, all"),
    ],
)
def test_words_agree_with_the_number_that_they_follow(
    count: object, french: str, english: str
) -> None:
    """French counts none as one; English counts one alone."""
    assert text("message.held", "fr", assertions=count).startswith(french)
    assert text("message.held", "en", assertions=count).startswith(english)


@pytest.mark.parametrize("sign", ["%", ":", ";", "?", "!", "»", "€"])
def test_french_signs_follow_a_space_that_does_not_break(sign: str) -> None:
    """No French string breaks a line before a double sign."""
    loose = [key for key, said in all_strings().items() if f" {sign}" in said["fr"]]

    assert loose == []


def test_french_quotation_marks_keep_their_spaces() -> None:
    """The space after « and before » does not break, nor between thousands."""
    assert spaced("dit « oui » à 23 180 : 5 %", "fr") == (
        "dit «\u00a0oui\u00a0» à 23\u202f180\u00a0: 5\u00a0%"
    )


@pytest.mark.parametrize("key", sorted(error_catalogue()))
def test_an_error_says_what_happened_and_what_to_do_next_in_both_languages(key: str) -> None:
    """Each entry has both sentences in both languages, and the same values in each."""
    error = catalogued(key)

    told = {lang: error.message[lang] + error.next_step[lang] for lang in LANGUAGES}

    assert error.exit_code in (1, 2, 3, 4)
    assert all(error.message[lang] and error.next_step[lang] for lang in LANGUAGES)
    assert placeholders(told["fr"]) == placeholders(told["en"])


def test_an_error_is_told_with_its_values() -> None:
    """Placeholders are filled in the message and in the next step."""
    told = catalogued("out_not_empty").told("en", file="runs/A")

    assert told.startswith("--out runs/A: the directory exists and is not empty.")
    assert "Give a new directory" in told


def test_an_unknown_error_is_refused() -> None:
    """A key outside the catalogue is a programming error."""
    with pytest.raises(LookupError, match="no error 'nope'"):
        catalogued("nope")


@pytest.mark.parametrize(
    ("written", "french"),
    [
        ("nothing", "rien"),
        ("no exchange", "aucun échange"),
        ("no answer (timeout: 30 s)", "pas de réponse (timeout: 30 s)"),
        (
            "HTTP 200, a body that cannot be read (line 1 (char 0))",
            "HTTP 200, un corps illisible (line 1 (char 0))",
        ),
        ("200, 404", "200, 404"),
        ("nothing at all", "nothing at all"),
    ],
)
def test_what_was_seen_is_told_in_the_language_of_the_reader(written: str, french: str) -> None:
    """Values stand as they came; English is left as the run wrote it."""
    assert observed(written, "fr").replace("\u202f", " ").replace("\u00a0", " ") == french
    assert observed(written, "en") == written
