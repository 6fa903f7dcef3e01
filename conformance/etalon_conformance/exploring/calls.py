"""Calls of a sequence over the wire, as data, and the table of what may be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from etalon_conformance.tables import rows_of

NEW: Final = "new"
Document = Literal["", "new", "any"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a sequence; identifiers are not in it, so that it can be made again.

    Attributes:
        act: What is done, as the table names it.
        who: In which part: `holder`, `author`, `reader`, `stranger`, `nurse`, `friend`, …
        about: Whom it is about, or the code of visibility of a deposit, or empty.
        document: Number of the document in its sequence, or 0.
    """

    act: str
    who: str
    about: str = ""
    document: int = 0

    def __str__(self) -> str:
        """What is done, in the words of the table: the same in every language."""
        parts = (self.who, self.act, self.about, f"#{self.document}" if self.document else "")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What may be drawn: a row of `data/exploring.csv`.

    Attributes:
        act: Its name.
        who: Who does it, each as often as it is drawn.
        about: Whom it may be about, or what it bears.
        document: It makes a document, is about one that was deposited, or neither.
        weight: How often it is drawn beside the others.
        rule: What it is wrong under where the model cites nothing.
        operation: The operation that a target has to offer; empty for an official exchange.
    """

    act: str
    who: tuple[str, ...]
    about: tuple[str, ...]
    document: str
    weight: int
    rule: str
    operation: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Return what may be drawn, by name."""
    return MappingProxyType(
        {
            row["act"]: Kind(
                act=row["act"],
                who=tuple(row["who"].split("|")),
                about=tuple(row["about"].split("|")),
                document=row["document"],
                weight=int(row["weight"]),
                rule=row["rule"],
                operation=row["operation"],
            )
            for row in rows_of("exploring.csv")
        }
    )
