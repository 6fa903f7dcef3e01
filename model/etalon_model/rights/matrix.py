"""The matrix of professions (matrice d'habilitation): which types of document each may read.

Only reading is limited, never depositing (MTX-07). The annex of the order was not found (gap
G1): `data/matrix.csv` holds what commentaries say of it, by class or by type, and what we infer.
Under the policy `strict` only what a commentary says allows; under `permissive` what we infer
allows too. A matrix imported from the public table of the service takes the place of both.

Sources: order of 26 October 2023 (19 professions, 87 types in 11 categories) through the trade
press; nomenclature JDV_J65 (roles under which professionals authenticate).
Reading: one matrix for the three vintages, though the order came in October 2023; decision 0043.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from etalon_model.policies import MatrixPolicy
from etalon_model.rights.habilitation import Matrix
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

OTHER_PROFESSION: Final = "other"
"""The profession of whoever has none in the matrix: they read nothing."""

PROFESSIONS: Final = {row["profession"]: row["label_fr"] for row in rows_of("professions.csv")}
"""The professions of the matrix, each with its French name."""

PROFESSION_OF_ROLE: Final = {
    role: row["profession"]
    for row in rows_of("professions.csv")
    for role in filter(None, row["roles"].split("|"))
}
"""The profession of each role code of JDV_J65 that the table has."""


def profession_of_role(code: str) -> str:
    """Return the profession of a role of JDV_J65, `other` when the matrix has none for it."""
    return PROFESSION_OF_ROLE.get(code, OTHER_PROFESSION)


def _classes() -> dict[str, tuple[str, ...]]:
    rows = rows_of("document_types.csv")
    by_class = {"*": tuple(row["code"] for row in rows)}
    for row in rows:
        by_class[row["class"]] = (*by_class.get(row["class"], ()), row["code"])
    return by_class


def _types_of(rows: Iterable[dict[str, str]], policy: MatrixPolicy) -> frozenset[str]:
    """Return the types that the rows of one profession allow; types prevail over classes."""
    classes = _classes()
    allowed: set[str] = set()
    denied: set[str] = set()
    named: set[str] = set()
    for row in rows:
        certain = row["certainty"] != "inferred"
        known = [classes[part] for part in row["of"].split("|") if part in classes]
        if not known:
            (named if row["reads"] == "yes" else denied).add(row["of"])
        # What a class holds beyond the types named is a guess of ours, even for a sure row.
        elif (row["reads"] == "yes" and (certain or policy == "permissive")) or (
            row["reads"] == "all_but" and policy == "permissive"
        ):
            allowed.update(*known)
    return frozenset((allowed | named) - denied)


@enforces("MTX-01", "MTX-02", "MTX-03", "MTX-04", "MTX-05", "MTX-06")
def matrix(policy: MatrixPolicy) -> Matrix:
    """Return the matrix of `data/matrix.csv` as the policy reads it."""
    rows = rows_of("matrix.csv")
    return Matrix(
        tuple(
            (
                profession,
                _types_of((row for row in rows if row["profession"] == profession), policy),
            )
            for profession in PROFESSIONS
        )
    )


MATRICES: Final[Mapping[MatrixPolicy, Matrix]] = MappingProxyType(
    {"strict": matrix("strict"), "permissive": matrix("permissive")}
)


@enforces("ACC-07")
def types_read(policy: MatrixPolicy | Matrix, profession: str) -> frozenset[str]:
    """Return the codes of the types `profession` reads, under a policy or an imported matrix."""
    table = MATRICES[policy] if isinstance(policy, str) else policy
    return table.types_of(profession)


def reads_type(policy: MatrixPolicy | Matrix, profession: str, type_code: str) -> bool:
    """Whether `profession` reads documents of that type, under a policy or an imported matrix."""
    return type_code in types_read(policy, profession)
