"""Confidentiality codes of a document: one base level and up to three visibility codes.

Sources: nomenclature JDV_J58 (codes), application (one to four per document).
Reading: exactly one of N, R, V stands beside the visibility codes, which hide alike whatever the
base level; the two visibility codes that only the wider nomenclature has are not accepted.
"""

from dataclasses import dataclass
from itertools import combinations, permutations, product
from typing import Final

from etalon_model.rules import enforces

BASE_LEVELS: Final[tuple[str, ...]] = ("N", "R", "V")
MASKED: Final = "MASQUE_PS"
HIDDEN: Final = "INVISIBLE_PATIENT"
NOT_FOR_REPRESENTATIVES: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"
VISIBILITY_CODES: Final[tuple[str, ...]] = (MASKED, HIDDEN, NOT_FOR_REPRESENTATIVES)


@dataclass(frozen=True, slots=True)
class Confidentiality:
    """One of the 24 sets of codes a document may bear; equal ones are the same object.

    Attributes:
        index: Rank among the 24.
        base: `N` (normal), `R` (restricted) or `V` (very restricted).
        masked: Hidden from professionals (MASQUE_PS).
        hidden: Hidden from the patient for a time (INVISIBLE_PATIENT).
        not_for_representatives: Hidden from legal representatives.
    """

    index: int
    base: str
    masked: bool
    hidden: bool
    not_for_representatives: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, base level first."""
        flags = (self.masked, self.hidden, self.not_for_representatives)
        marks = zip(VISIBILITY_CODES, flags, strict=True)
        return (self.base, *(code for code, stands in marks if stands))


ALL: Final = tuple(
    Confidentiality(index, base, *flags)
    for index, (base, *flags) in enumerate(
        product(BASE_LEVELS, (False, True), (False, True), (False, True))
    )
)
"""The 24 sets, those of N first."""

_BY_FLAGS: Final = {
    (one.base, one.masked, one.hidden, one.not_for_representatives): one for one in ALL
}
# Every order in which the same codes may be written.
_BY_CODES: Final[dict[tuple[str, ...], Confidentiality]] = {
    written: _BY_FLAGS[base, MASKED in marks, HIDDEN in marks, NOT_FOR_REPRESENTATIVES in marks]
    for base in BASE_LEVELS
    for count in range(len(VISIBILITY_CODES) + 1)
    for marks in combinations(VISIBILITY_CODES, count)
    for written in permutations((base, *marks))
}


@enforces("VIS-07")
def confidentiality_of(codes: tuple[str, ...]) -> Confidentiality | None:
    """Return the set that `codes` write in any order, or None when they write none."""
    return _BY_CODES.get(codes)


def changed(
    confidentiality: Confidentiality,
    *,
    masked: bool | None = None,
    hidden: bool | None = None,
    not_for_representatives: bool | None = None,
) -> Confidentiality:
    """Return the shared set that differs from `confidentiality` by what is given."""
    secret = not_for_representatives
    return _BY_FLAGS[
        confidentiality.base,
        confidentiality.masked if masked is None else masked,
        confidentiality.hidden if hidden is None else hidden,
        confidentiality.not_for_representatives if secret is None else secret,
    ]
