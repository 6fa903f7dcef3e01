"""Test identities belong to nobody and are the same whoever asks."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import Traits, finess, identity, rpps
from etalon_model.identifiers import (
    InsOid,
    has_luhn_key,
    is_finess,
    is_matricule,
    is_nir,
    is_rpps,
    is_vitale_serial,
)
from etalon_model.identities import METROPOLITAN_SERIALS, OVERSEAS_SERIALS, Sex, matricule

METROPOLITAN = [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B"]
OVERSEAS = ["971", "972", "973", "974", "976"]
DEPARTMENTS = [*METROPOLITAN, *OVERSEAS]
SEXES: tuple[Sex, Sex] = ("F", "M")
YEARS = range(1930, 2020)
PEOPLE_A_CELL = 56
A_MILLION = 1_000_000
NEVER_ATTRIBUTED = range(910, 990)
NEVER_ATTRIBUTED_OVERSEAS = range(70, 90)


@pytest.mark.rule("ID-01", "ID-02")
def test_a_million_matricules_belong_to_nobody() -> None:
    """Unique, commune never attributed, coherent with the traits, key right."""
    seen: set[str] = set()
    wrong: list[str] = []
    for cell, (department, sex, year) in enumerate(product(DEPARTMENTS, SEXES, YEARS)):
        born = date(year, 1 + cell % 12, 1 + cell % 28)
        head = f"{'12'[sex == 'F']}{born:%y%m}{department}"
        communes = NEVER_ATTRIBUTED if len(department) == 2 else NEVER_ATTRIBUTED_OVERSEAS
        for rank in range(PEOPLE_A_CELL):
            ins = matricule(Traits(born, sex, department, rank * 97, second_twin=rank % 7 == 0))
            seen.add(ins)
            right = ins.startswith(head) and int(ins[len(head) : 10]) in communes
            if not right or not is_nir(ins, "strict"):
                wrong.append(ins)

    assert wrong == []
    assert len(seen) == len(DEPARTMENTS) * len(SEXES) * len(YEARS) * PEOPLE_A_CELL
    assert len(seen) > A_MILLION


@pytest.mark.rule("ID-01")
@pytest.mark.parametrize(
    ("department", "serials"),
    [("31", METROPOLITAN_SERIALS), ("2A", METROPOLITAN_SERIALS), ("974", OVERSEAS_SERIALS)],
)
def test_every_serial_of_a_cell_makes_another_matricule(department: str, serials: int) -> None:
    """First and second twins together, none shares a matricule; one serial more is refused."""
    born = date(1980, 5, 17)
    cell = {
        matricule(Traits(born, "F", department, serial, second_twin=twin))
        for serial in range(serials)
        for twin in (False, True)
    }

    assert len(cell) == 2 * serials
    with pytest.raises(ValueError, match=f"serial {serials} does not fit département {department}"):
        matricule(Traits(born, "F", department, serials))


@pytest.mark.rule("ID-02")
@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_person_is_a_function_of_seed_and_number(seed: int, number: int) -> None:
    """The same twice, a test INS, a card serial of the right shape."""
    person = identity(seed, number)

    assert person == identity(seed, number)
    assert person.oid == InsOid.TEST
    assert is_nir(person.ins, "strict")
    assert is_vitale_serial(person.vitale_serial)
    assert person.given
    assert person.family
    assert "999 " in person.address


@pytest.mark.rule("ID-02")
def test_numbers_make_different_people() -> None:
    """A hundred thousand people of one seed share neither matricule nor card."""
    people = [identity(5, number) for number in range(100_000)]

    assert len({person.ins for person in people}) == len(people)
    assert len({person.vitale_serial for person in people}) == len(people)


@pytest.mark.rule("LIF-31")
@pytest.mark.parametrize(("sex", "first"), [("M", "7"), ("F", "8")])
def test_state_medical_aid_has_an_identifier_of_its_own_kind(sex: Sex, first: str) -> None:
    """It is no NIR, and its key follows the same rule."""
    ins = matricule(Traits(date(1990, 1, 1), sex, "75", 3, state_aid=True))

    assert ins.startswith(first)
    assert not is_nir(ins)
    assert is_matricule(ins)


@given(st.integers(0, 10**6), st.integers(0, 10**7 - 1))
def test_professionals_and_structures_are_of_the_test_ranges(seed: int, number: int) -> None:
    """RPPS numbers begin like test cards and have a key; FINESS numbers name no département."""
    assert is_rpps(rpps(seed, number))
    assert rpps(seed, number).startswith("997")
    assert has_luhn_key(rpps(seed, number))
    assert is_finess(finess(seed, number))
    assert finess(seed, number).startswith("0B")
    assert rpps(seed, number) != rpps(seed, number + 1)
    assert finess(seed, number) != finess(seed, number + 1)
