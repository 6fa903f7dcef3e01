"""Every message the command line may stop with: its exit code, its words, what to do next.

Exit codes: 1 the answer is no, 2 bad usage or bad input, 3 could not answer, 4 a fault of ours.
The table `errors.csv` has the columns key, exit_code, fr, en, next_fr, next_en; both sentences
may hold placeholders such as `{file}`.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_text.language import spaced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_text.language import Language

_TABLE: Final = Path(__file__).with_name("errors.csv")


class CatalogueError(NamedTuple):
    """One way of stopping.

    Attributes:
        key: Stable name, for scripts.
        exit_code: 1 to 4.
        message: Language -> what happened, where.
        next_step: Language -> what to do next.
    """

    key: str
    exit_code: int
    message: Mapping[str, str]
    next_step: Mapping[str, str]

    def told(self, language: Language, **values: object) -> str:
        """Return the message and the next step, placeholders filled with `values`.

        Raises:
            KeyError: A placeholder has no value.
        """
        sentence = f"{self.message[language]} {self.next_step[language]}"
        return sentence.format(**values)


@cache
def error_catalogue() -> Mapping[str, CatalogueError]:
    """Return key -> error."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {row["key"]: _entry(row) for row in csv.DictReader(lines)}


def catalogued(key: str) -> CatalogueError:
    """Return one error.

    Raises:
        LookupError: The catalogue has no such key.
    """
    try:
        return error_catalogue()[key]
    except KeyError:
        message = f"no error {key!r} in {_TABLE.name}"
        raise LookupError(message) from None


def _entry(row: Mapping[str, str]) -> CatalogueError:
    return CatalogueError(
        key=row["key"],
        exit_code=int(row["exit_code"]),
        message={"fr": spaced(row["fr"], "fr"), "en": row["en"]},
        next_step={"fr": spaced(row["next_fr"], "fr"), "en": row["next_en"]},
    )
