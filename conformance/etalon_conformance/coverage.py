"""Which checks look at which requirement, as `scripts/requirement_coverage.py` found them."""

from collections.abc import Mapping
from functools import cache

from etalon_conformance.tables import rows_of


@cache
def checks_by_requirement() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the checks of each requirement that has any, in their order."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows_of("covered.csv"):
        found[row["id"]] = (*found.get(row["id"], ()), row["check"])
    return found
