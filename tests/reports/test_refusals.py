"""What packages say in English of what they cannot use is said in French to a French reader."""

from __future__ import annotations

import ast
import csv
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from etalon_text import refusals
from etalon_text.refusals import refusal_in, values_in

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
TABLE: Final = Path(refusals.__file__).with_name("refusals.csv")
PLACE: Final = re.compile(r"\{(\w+)\}")
SAMPLES: Final = {"count": "7", "day": "2022-02-03", "word": "w", "error": "OSError"}
RAISED: Final = re.compile(r"found=|accepted=|expected=|Problem\(")
RAISING: Final = re.compile(r".*Error|_?refused|not_accepted|Problem")


def rows() -> list[tuple[str, str]]:
    """Give the rows of the table: English, French."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return [(row["en"], row["fr"]) for row in csv.DictReader(lines)]


def sentences_raised(folder: str) -> Iterator[str]:
    """Give the sentences without values that the sources of a folder raise under a name."""
    for file in sorted((ROOT / folder).rglob("*.py")):
        code = file.read_text(encoding="utf-8")
        for call in ast.walk(ast.parse(code)) if RAISED.search(code) else ():
            if isinstance(call, ast.Call) and RAISING.fullmatch(ast.unparse(call.func)):
                for given in (*call.args[1:], *(one.value for one in call.keywords)):
                    if isinstance(given, ast.Constant) and " " in str(given.value):
                        yield str(given.value)


def _value(values: dict[str, str], place: re.Match[str]) -> str:
    return values[place[1]]


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "p.toml: target.foo: found nothing; expected: a list",
            "p.toml\u202f: target.foo\u202f: trouvé rien\u202f; attendu\u202f: une liste",
        ),
        ("a number between 0 and 1 (unit: share)", "un nombre entre 0 et 1 (unité\u202f: share)"),
        (
            "text that is not TOML: Invalid value (at line 3, column 1)",
            "un texte qui n\u2019est pas du TOML\u202f: valeur incorrecte (ligne 3, colonne 1)",
        ),
        ("OSError: [Errno 13] Permission denied: 'a'", "permission refusée\u202f: 'a'"),
        ("words of a library", "words of a library"),
    ],
)
def test_a_refusal_is_told_in_french_with_its_values(english: str, french: str) -> None:
    """Sentences within sentences too; what is not ours stays as it is."""
    assert refusal_in(english, "fr") == french
    assert refusal_in(english, "en") == english


def test_every_row_is_reached_and_keeps_its_values() -> None:
    """No row hides another one, and none names a value that the English sentence lacks."""
    lost: list[str] = []
    for english, french in rows():
        names = set(PLACE.findall(english))
        values = {name: SAMPLES.get(name.partition("_")[0], "v v") for name in names}
        raised = PLACE.sub(partial(_value, values), english)
        told = refusal_in(raised, "fr")
        if set(PLACE.findall(french)) - names or told != refusals.filled(french, values):
            lost.append(english)

    assert lost == []


@pytest.mark.parametrize("folder", ["scenarios", "conformance/etalon_target"])
def test_every_sentence_that_is_raised_has_its_french(folder: str) -> None:
    """One that is added in English alone is found here."""
    raised = set(sentences_raised(folder))

    assert len(raised) > 5
    assert [one for one in sorted(raised) if refusal_in(one, "fr") == one] == []


def test_the_problem_of_a_message_is_translated_and_what_was_typed_is_not() -> None:
    """`nobody`, typed as a name, is no sentence."""
    assert values_in({"problem": "nobody", "found": "nobody"}, "fr") == {
        "problem": "personne",
        "found": "nobody",
    }
