"""Names and addresses of test people, drawn from a table made once with Faker (fr_FR).

The table `data/names.csv` is committed with its licence; `scripts/fictitious_names.py` makes it.
"""

from functools import cache
from hashlib import blake2b

from etalon_model.tables import rows_of


def family_of(ins: str) -> str:
    """Return the birth name of the test person `ins`."""
    return _pick(ins, "family", "family")


def given_of(ins: str, sex: str) -> str:
    """Return the first name of the test person `ins` of sex `F` or `M`."""
    return _pick(ins, "given", f"given_{sex}")


def address_of(ins: str, department: str) -> str:
    """Return an address that leads nowhere, in the département `department`."""
    digest = blake2b(f"{ins}/number".encode(), digest_size=2).digest()
    number = 1 + int.from_bytes(digest, "big") % 300
    street = _pick(ins, "street", "street")
    commune = _pick(ins, "commune", "commune")
    # No post office of a département has the code 999: the letter would come back.
    return f"{number} {street}, {department[:2]}999 {commune}"


def _pick(ins: str, draw: str, column: str) -> str:
    names = _column(column)
    digest = blake2b(f"{ins}/{draw}".encode(), digest_size=8).digest()
    return names[int.from_bytes(digest, "big") % len(names)]


@cache
def _column(kind: str) -> tuple[str, ...]:
    return tuple(row["name"] for row in rows_of("names.csv") if row["kind"] == kind)
