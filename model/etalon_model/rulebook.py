"""The rules as a reader wants them: words, standing, provenance, what this project does of them.

French texts take the words of the code de la santé publique and oblige nobody: wherever one is
printed, `FRENCH_MARK` stands beside it.
"""

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Final, cast

from etalon_model.parameters import VINTAGES, Parameters, vintage
from etalon_model.policies import OpenQuestion, open_questions
from etalon_model.rules import enforcers
from etalon_model.service import DOMAINS
from etalon_model.tables import rows_of

FRENCH_MARK: Final = "reformulation, non opposable"

# The service imports every domain, so that every mark of `enforces` is known here.
_MARKED: Final = DOMAINS
_HELD: Final = {"reason": "", "reason_fr": ""}
_BRACKETS: Final = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule was found.

    Attributes:
        key: Its key in `data/sources.csv`.
        title: What it is.
        dated: Its version or date, or an empty string.
        where: Where it stands.
        read_at: Where this project read it: official site, mirror, press, code or own.
        link: Its address, or an empty string: never guessed.
        last_checked: When it was last compared, or an empty string.
        title_fr: What it is, in French.
    """

    key: str
    title: str
    dated: str
    where: str
    read_at: str
    link: str
    last_checked: str
    title_fr: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the service.

    Attributes:
        ident: Like `LIF-04`.
        text: What it says, in English, in our own words.
        text_fr: The same in French; print `FRENCH_MARK` beside it.
        source: Keys of its sources, as written in the table.
        certainty: How sure it is.
        standing: Law, published specification, draft, product observed or own design.
        origins: Its sources.
        parameters: Fields of `Parameters` that hold its values.
        enforced_by: Functions that enforce it.
        tests: Tests that show it, as pytest names them.
        reason: Why nothing enforces it here, or an empty string.
        reason_fr: The same in French.
        questions: Open questions that concern it.
    """

    ident: str
    text: str
    text_fr: str
    source: str
    certainty: str
    standing: str
    origins: tuple[Origin, ...]
    parameters: tuple[str, ...]
    enforced_by: tuple[str, ...]
    tests: tuple[str, ...]
    reason: str
    reason_fr: str
    questions: tuple[OpenQuestion, ...]

    @property
    def rests_on_the_application_alone(self) -> bool:
        """Whether the code of the mobile application is all that says so."""
        return [origin.key for origin in self.origins] == ["APP"]

    def values(self) -> dict[str, dict[str, str]]:
        """Return the values of its parameters, by parameter and vintage, as texts."""
        return {
            name: {each: _shown(getattr(vintage(each), name)) for each in VINTAGES}
            for name in self.parameters
        }


@cache
def rulebook() -> tuple[Rule, ...]:
    """Return every rule, in the order of the table."""
    enforced, tests = enforcers(), _tests()
    reasons = {row["id"]: row for row in rows_of("rules_not_shown.csv")}
    return tuple(
        Rule(
            ident=row["id"],
            text=row["text"],
            text_fr=row["text_fr"],
            source=row["source"],
            certainty=row["certainty"],
            standing=row["standing"],
            origins=tuple(_origin(key) for key in source_keys(row["source"])),
            parameters=tuple(filter(None, row["parameters"].split("|"))),
            enforced_by=enforced.get(row["id"], ()),
            tests=tests.get(row["id"], ()),
            reason=reasons.get(row["id"], _HELD)["reason"],
            reason_fr=reasons.get(row["id"], _HELD)["reason_fr"],
            questions=tuple(one for one in open_questions() if row["id"] in one.rules),
        )
        for row in rows_of("rules.csv")
    )


def source_keys(cell: str) -> tuple[str, ...]:
    """Return the keys in a cell of sources, without what stands in brackets."""
    return tuple(part.strip() for part in _BRACKETS.sub("", cell).split(";"))


@cache
def _origins() -> dict[str, Origin]:
    return {row["key"]: Origin(**row) for row in rows_of("sources.csv")}


def _origin(key: str) -> Origin:
    return _origins().get(key) or Origin(key, key, "", "", "", "", "", key)


def _tests() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows_of("rules_shown.csv"):
        found[row["id"]] = (*found.get(row["id"], ()), row["test"])
    return found


def _shown(value: object) -> str:
    """Write a value of a parameter: a set sorted, a period as written, versions with their day."""
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, cast("frozenset[object]", value))))
    if isinstance(value, tuple):
        versions = cast("tuple[tuple[object, str], ...]", value)
        return ", ".join(f"{name} from {day}" for day, name in versions)
    return str(getattr(value, "text", value))


PARAMETER_NAMES: Final = frozenset(field.name for field in fields(Parameters))
"""What a row of the table may name as a parameter."""
