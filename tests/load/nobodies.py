"""Test people who are nobody: what journeys ask for, and no space anywhere."""

from pathlib import Path

from etalon_load.people.credential import Credential
from etalon_load.people.people_file import write_people


def matricule(rank: int) -> str:
    """Return a matricule of nobody, with its key."""
    number = 2_990_375_000_000 + rank
    return f"{number}{97 - number % 97:02}"


def write_nobodies(file: Path, wanted: str, count: int) -> Path:
    """Write a file of people of one kind, and return its path."""
    write_people(
        file,
        [
            Credential(
                wanted,
                matricule(rank),
                birth_date="1999-03-01",
                sex="F",
                login=f"person-{rank}",
                password="of-tests",  # noqa: S106 (nobody's)
            )
            for rank in range(count)
        ],
    )
    return file
