"""Questions about what no exchange shows, and the file in which a person answers them.

A question is worded so that *yes* says that the requirement is kept.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from etalon_conformance.requirement import Requirement, Words, words
from etalon_conformance.tables import rows_of
from etalon_text.language import Language
from etalon_text.strings import text


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked about one requirement.

    Attributes:
        requirement: Its identifier.
        asks: The question; *yes* says that it is kept.
        enclose: What to put in the file.
    """

    requirement: str
    asks: Words
    enclose: Words


@cache
def questions() -> Mapping[str, Question]:
    """Return the questions by requirement, in the order of the table."""
    return {
        row["id"]: Question(
            requirement=row["id"],
            asks=words(row["question_fr"], row["question_en"]),
            enclose=words(row["enclose_fr"], row["enclose_en"]),
        )
        for row in rows_of("questions.csv")
    }


def asked(requirements: Iterable[Requirement], checked: Collection[str]) -> tuple[Question, ...]:
    """Return the questions about requirements that no check looks at, in the order given."""
    table = questions()
    return tuple(
        table[one.ident] for one in requirements if one.ident in table and one.ident not in checked
    )


def written_questions(asking: Iterable[Question], language: Language) -> str:
    """Return the file of answers with every question and no answer yet, in TOML."""
    attesting = ("organisation", "product", "version", "by", "role", "place")
    parts = [
        "\n".join(f"# {line}" for line in text("questions.head", language).split("|")),
        "\n".join(
            ["[attestation]", *(f'{name} = ""' for name in attesting), "# date = 2026-11-22"]
        ),
    ]
    for one in asking:
        enclosing = text("questions.enclose", language, what=one.enclose[language])
        lines = [
            f"[answers.{one.requirement}]",
            f"# {one.asks[language]}",
            f"# {enclosing}",
            'answer = ""',
            'author = ""',
            "# date = 2026-11-22",
            '# file = ""',
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
