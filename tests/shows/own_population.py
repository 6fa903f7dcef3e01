"""Write a population table of one's own: Creuse and Lozère, a plain number in every cell."""

import csv
import sys
from pathlib import Path

DEPARTMENTS = {"23": 2900, "48": 1900}
BANDS = [*(f"{age}-{age + 4}" for age in range(0, 95, 5)), "95+"]


def main() -> int:
    """Write the table to the path named on the command line."""
    with Path(sys.argv[1]).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["department", "age_band", "sex", "people"])
        for department, people in DEPARTMENTS.items():
            for band in BANDS:
                table.writerows([department, band, sex, people] for sex in "FM")
    return 0


if __name__ == "__main__":
    sys.exit(main())
