"""A matrix of professions as a value: whatever table it comes from.

Apart from `matrix.py`, so that a policy may hold one.
"""

from dataclasses import dataclass, field
from typing import Final

_NOTHING: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Matrix:
    """What each profession reads.

    Attributes:
        rows: Professions, each with the codes of the types of document it reads.
        skipped: Rows of the table it was imported from that name no type or no category.
    """

    rows: tuple[tuple[str, frozenset[str]], ...]
    skipped: int = 0
    _by_profession: dict[str, frozenset[str]] = field(
        init=False, compare=False, repr=False, default_factory=dict[str, frozenset[str]]
    )

    def __post_init__(self) -> None:
        """Index the rows once."""
        self._by_profession.update(self.rows)

    def types_of(self, profession: str) -> frozenset[str]:
        """Return the codes of the types that `profession` reads; none when it is not there."""
        return self._by_profession.get(profession, _NOTHING)
