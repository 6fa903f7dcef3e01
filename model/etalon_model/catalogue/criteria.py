"""The criteria a service is examined under, as a scoring sheet by family.

Sources: orders of 23 June 2022 (first version, without exchange of data) and of 23 October 2023
(second version, exchange, fifteen more rules of security).
Reading: the texts of the criteria are not in the model; a sheet says how many are met. How many
criteria of ethics there are is not known: that line only has to be there.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.outcomes import Refusal
from etalon_model.rules import enforces
from etalon_model.tables import rows_of


@dataclass(frozen=True, slots=True)
class FamilyScore:
    """A line of the scoring sheet.

    Attributes:
        family: `urbanisation`, `interoperability`, `security` or `ethics`.
        mandatory_met: Mandatory criteria met.
        optional_met: Other criteria met.
    """

    family: str
    mandatory_met: int
    optional_met: int = 0


@dataclass(frozen=True, slots=True)
class CriteriaFamily:
    """What one version of the criteria asks in one family.

    Attributes:
        mandatory: Criteria that must be met.
        optional: Other criteria, or None when nobody knows how many.
    """

    mandatory: int
    optional: int | None


def _families(version: int) -> dict[str, CriteriaFamily]:
    return {
        row["family"]: CriteriaFamily(
            int(row["mandatory"]),
            int(row["criteria"]) - int(row["mandatory"]) if row["criteria"] else None,
        )
        for row in rows_of("catalogue_criteria.csv")
        if int(row["version"]) == version
    }


CRITERIA: Final = {version: _families(version) for version in (1, 2)}
"""Families of criteria by version, from `data/catalogue_criteria.csv`."""


@enforces("CAT-02")
def refuse_incomplete_scores(version: int, scores: tuple[FamilyScore, ...]) -> Refusal | None:
    """Refuse a sheet that lacks a family, or a mandatory criterion, or counts too many."""
    families = CRITERIA.get(version)
    if families is None:
        return Refusal("CAT-02", "NO_SUCH_CRITERIA", "", (version,))
    met = {score.family: score for score in scores}
    for family, wanted in families.items():
        score = met.get(family)
        if score is None:
            return Refusal("CAT-02", "CRITERIA_FAMILY_MISSING", "", (family,))
        if score.mandatory_met < wanted.mandatory:
            return Refusal("CAT-02", "CRITERIA_NOT_MET", "", (family, wanted.mandatory))
        too_many = score.mandatory_met > wanted.mandatory or (
            wanted.optional is not None and score.optional_met > wanted.optional
        )
        if too_many:
            return Refusal("CAT-02", "CRITERIA_UNKNOWN", "", (family,))
    stranger = next((family for family in met if family not in families), None)
    return Refusal("CAT-02", "CRITERIA_UNKNOWN", "", (stranger,)) if stranger else None
