"""What a command answers: accepted, with an answer when there is one, or refused under a rule.

A refusal is an expected answer, not an error: it changes nothing but the access log. Its
message is written only when read, from the table `refusals.csv`.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, Generic, TypeVar

from etalon_model.periods import PARIS
from etalon_model.tables import rows_of

A_co = TypeVar("A_co", covariant=True)

Fact = str | int | datetime


@dataclass(frozen=True, slots=True)
class Accepted(Generic[A_co]):
    """The command was carried out.

    Attributes:
        answer: What it answers, or None.
    """

    answer: A_co


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was refused.

    Attributes:
        rule: The rule it would have broken, like `LIF-07`.
        code: A stable code, that of the official application where one is known.
        ins: The person concerned, or an empty string when the catalogue is.
        facts: Values the message quotes: identifiers, instants, numbers; never a name.
        choices: Matricules to choose from, when several people match (`LIF-09`).
    """

    rule: str
    code: str
    ins: str
    facts: tuple[Fact, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What was refused, under which rule, and what to do next."""
        what, next_step = _texts()[self.code]
        facts = [_shown(fact) for fact in self.facts]
        who = f"person {self.ins}: " if self.ins else ""
        return f"{who}{what.format(*facts)} ({self.rule}); {next_step.format(*facts)}"


Outcome = Accepted[object] | Refusal

ACCEPTED: Final[Accepted[None]] = Accepted(None)


@cache
def _texts() -> dict[str, tuple[str, str]]:
    return {row["code"]: (row["text"], row["next_step"]) for row in rows_of("refusals.csv")}


def _shown(fact: Fact) -> str:
    if isinstance(fact, datetime):
        return f"{fact.astimezone(PARIS):%Y-%m-%d %H:%M} (Paris)"
    return str(fact)
