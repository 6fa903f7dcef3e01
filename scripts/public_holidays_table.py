"""Write the table of French public holidays that the calendar of a run reads.

The dates come from the `holidays` package. They are kept in the repository so that a run gives
the same ledger under any release of that package, and does not pay for importing it.

    python scripts/public_holidays_table.py [--check]
"""

from __future__ import annotations

from pathlib import Path

from holidays import country_holidays

from generated import write_or_compare

TABLE = (
    Path(__file__).parents[1] / "scenarios" / "etalon_scenarios" / "data" / "public_holidays.csv"
)
YEARS = range(2010, 2041)
HEADER = (
    "# French national public holidays (Code du travail, art. L. 3133-1), by date.\n"
    "# Source: package `holidays` (MIT), written by scripts/public_holidays_table.py.\n"
    "on\n"
)


def table() -> str:
    """The text of the table."""
    dates = sorted(country_holidays("FR", years=YEARS))
    return HEADER + "".join(f"{date.isoformat()}\n" for date in dates)


def main() -> int:
    """Write the table, or compare it with the one that stands there; 1 when it differs."""
    return write_or_compare(__doc__, {TABLE: table})


if __name__ == "__main__":
    raise SystemExit(main())
