"""Test professionals are the same whoever asks, and their number alone leads back to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model.identifiers import is_finess, is_rpps
from etalon_model.identities import rpps
from etalon_model.professionals import (
    PER_ROLE,
    ROLES,
    professional_numbered,
    professional_of,
)
from etalon_model.rights.matrix import PROFESSION_OF_ROLE
from etalon_model.tables import rows_of


@given(
    seed=st.integers(0, 2**64 - 1), role=st.sampled_from(ROLES), rank=st.integers(0, PER_ROLE - 1)
)
def test_the_number_of_a_professional_leads_back_to_them(seed: int, role: str, rank: int) -> None:
    """By RPPS number and by national identifier, with the profession of the role code."""
    made = professional_numbered(seed, role, rank)

    assert is_rpps(made.rpps)
    assert is_finess(made.structure)
    assert professional_of(seed, made.rpps) == professional_of(seed, made.idnps) == made
    assert made.actor().profession == PROFESSION_OF_ROLE[role]
    assert (made.idnps, made.idnst) == (f"8{made.rpps}", f"1{made.structure}")


def test_every_role_code_of_the_table_has_its_profession() -> None:
    """Each of the table, and no other."""
    listed = {role for row in rows_of("professions.csv") for role in row["roles"].split("|")}

    assert set(ROLES) == listed - {""}
    assert PROFESSION_OF_ROLE["10"] == "doctor"


@pytest.mark.parametrize(
    "ident",
    ["", "8", "997", "10000000001", "8997000000a0", "99700000000", "²²²²²²²²²²²", "9" * 40],
)
def test_a_number_that_no_test_professional_has_is_nobody(ident: str) -> None:
    """Whatever it looks like; an eleventh digit that is not the key neither."""
    with pytest.raises(LookupError):
        professional_of(7, ident)


def test_a_number_beyond_the_last_role_is_nobody() -> None:
    """The range of test cards is larger than the professions of a seed."""
    with pytest.raises(LookupError):
        professional_of(7, rpps(7, len(ROLES) * PER_ROLE))


@pytest.mark.parametrize(
    ("role", "rank", "kind"),
    [("11", 0, LookupError), ("10", -1, ValueError), ("10", PER_ROLE, ValueError)],
)
def test_a_role_code_or_a_rank_that_is_not_there_is_refused(
    role: str, rank: int, kind: type[Exception]
) -> None:
    """With the codes that are."""
    with pytest.raises(kind, match=role):
        professional_numbered(7, role, rank)
