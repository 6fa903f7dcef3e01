"""The strings say the same things in French and in English, and none is idle."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from command_reference import help_keys
from etalon_cli.help_texts import help_texts
from etalon_text.error_catalogue import catalogued, error_catalogue
from etalon_text.language import LANGUAGES, spaced
from etalon_text.observations import observed
from etalon_text.strings import UnknownStringError, all_strings, text
from translations import Pair, faults_of, french_faults, help_faults, pairs, placeholders

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


def test_a_text_of_help_that_lacks_or_is_idle_is_named() -> None:
    """An option without words, and words of an option that is gone."""
    assert help_faults(["demo", "demo --new"], ["demo", "demo --old"]) == [
        "help.csv: nothing says 'demo --new'",
        "help.csv: nothing asks for 'demo --old'",
    ]
    assert help_faults(list(help_keys()), help_texts()) == []


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


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("dit « oui » à 23 180 : 5 %", "dit «_oui_» à 23_180_: 5~%"),
        ("qui ? toi ; moi !", "qui_? toi_; moi_!"),
        ("1,2 M€ ou 3 €", "1,2~M€ ou 3~€"),
        (
            "l'avis d'aujourd'hui, l'« autre », d'{name}",
            "l^avis d^aujourd^hui, l^«_autre_», d^{name}",
        ),
        ("--stop-if 'errors > 5 for 30 s'", "--stop-if 'errors > 5 for 30 s'"),
        ("écrit le\u00a0: «\u00a0non\u00a0»", "écrit le_: «_non_»"),
    ],
)
def test_french_is_shown_with_the_signs_and_spaces_of_print(typed: str, shown: str) -> None:
    """Authors type those of a keyboard; what is shown already is left as it is."""
    printed = shown.translate(str.maketrans("_~^", "\u202f\u00a0\u2019"))

    assert spaced(typed, "fr") == printed
    assert spaced(printed, "fr") == printed
    assert spaced(typed, "en") == typed.replace("23 180", "23\u202f180")


@pytest.mark.parametrize(
    ("shown", "faults"),
    [
        ("l'avis", ["a straight apostrophe"]),
        ('le "mot"', ["straight quotation marks"]),
        ("qui?", ["no narrow space before ; ! ? »"]),
        ("qui\u00a0?", ["no narrow space before ; ! ? »"]),
        ("ainsi\u00a0:", ["no narrow space before :"]),
        ("« mot\u202f»", ["no narrow space after «"]),
        ("5%", ["no space that does not break before % or €"]),
        ("5 €", ["no space that does not break before % or €"]),
        ("2.5\u00a0s", ["a decimal point"]),
        ("et...", ["three dots"]),
        ("«\u202fmot\u202f»\u202f: 2,5\u00a0% d\u2019un cœur, TLS 1.2, 12:30…", []),
    ],
)
def test_what_is_not_french_typography_is_named(shown: str, faults: list[str]) -> None:
    """One fault, one name."""
    assert french_faults(shown) == faults


@pytest.mark.parametrize(
    ("fr", "en", "faults"),
    [
        ("", "A text.", ["no French"]),
        ("Un texte.", " ", ["no English"]),
        ("Un {count}", "One {total}", ["other values in French than in English"]),
        ("", "", []),
    ],
)
def test_a_text_without_its_translation_is_named(fr: str, en: str, faults: list[str]) -> None:
    """What `make check` looks for in every table of the packages."""
    assert faults_of(Pair("reports/etalon_text/errors.csv", "row 1", fr, en)) == faults


def test_every_text_has_its_translation_and_its_typography() -> None:
    """Tables of strings, errors, rules, requirements, levers, scenarios, suites."""
    every = list(pairs())

    assert len(every) > 3000
    assert [(pair.file, pair.place) for pair in every if faults_of(pair)] == []


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
