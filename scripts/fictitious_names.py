"""Write the table of names from which test people are named.

Faker (`fr_FR`) gives names, streets and communes; never a NIR, a telephone number or an e-mail
address, which could be somebody's. The table is kept in the repository so that a test person has
the same name under any release of Faker.

    python scripts/fictitious_names.py [--check]
"""

from pathlib import Path
from typing import TYPE_CHECKING

from faker import Faker

from generated import write_or_compare

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = Path(__file__).parents[1] / "model" / "etalon_model" / "data" / "names.csv"
SEED = 20211018
COUNTS = {"family": 400, "given_F": 150, "given_M": 150, "street": 200, "commune": 100}


def table() -> str:
    """The text of the table."""
    faker = Faker("fr_FR")
    faker.seed_instance(SEED)
    draws: dict[str, Callable[[], str]] = {
        "family": faker.last_name,
        "given_F": faker.first_name_female,
        "given_M": faker.first_name_male,
        "street": faker.street_name,
        "commune": faker.city,
    }
    lines = ["kind,name"]
    for kind, draw in draws.items():
        names: dict[str, None] = {}
        # A bound, so that a smaller list of names in a later Faker ends the loop.
        for _ in range(100 * COUNTS[kind]):
            names[draw().replace(",", " ")] = None
            if len(names) == COUNTS[kind]:
                break
        lines += [f"{kind},{name}" for name in names]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the table, or compare it with the one that stands there; 1 when it differs."""
    return write_or_compare(__doc__, {TABLE: table})


if __name__ == "__main__":
    raise SystemExit(main())
