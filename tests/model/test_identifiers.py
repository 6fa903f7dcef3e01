"""Identifiers: published vectors and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model.codes import CODE_LENGTH, provisional_code
from etalon_model.credentials import login_faults, password_faults
from etalon_model.identifiers import (
    InsOid,
    fits_oid,
    is_finess,
    is_matricule,
    is_nir,
    is_rpps,
    is_vitale_serial,
    nir_key,
    professional_identifier,
    structure_identifier,
)
from etalon_model.tables import rows_of

VECTORS = [(row["name"], row["value"], row["valid"] == "yes") for row in rows_of("id_formats.csv")]


def of_name(name: str) -> list[tuple[str, bool]]:
    """Return the vectors of one identifier."""
    return [(value, valid) for found, value, valid in VECTORS if found == name]


@pytest.mark.rule("ID-01")
@pytest.mark.parametrize(("nir", "valid"), of_name("nir"))
def test_published_nirs_are_judged_as_published(nir: str, *, valid: bool) -> None:
    """Each vector of the insurer's validator gets its verdict."""
    assert is_nir(nir) is valid


@pytest.mark.rule("ID-01")
@pytest.mark.parametrize(
    ("thirteen", "key"),
    [("2840588321025", 32), ("1700175101123", 88), ("1940522032289", 80), ("2550814168025", 38)],
)
def test_the_key_completes_the_remainder_to_97(thirteen: str, key: int) -> None:
    """Keys published with the wrong vectors."""
    assert nir_key(thirteen) == key


@pytest.mark.rule("ID-01")
@pytest.mark.parametrize(("code", "digits"), [("2A", "19"), ("2B", "18")])
def test_corsica_counts_as_numbers(code: str, digits: str) -> None:
    """2A is read as 19 and 2B as 18."""
    assert nir_key(f"18001{code}910001") == nir_key(f"18001{digits}910001")
    assert is_nir(f"18001{code}910001{nir_key(f'18001{code}910001'):02d}")


@pytest.mark.rule("ID-01")
@given(st.integers(0, 9), st.integers(0, 12))
def test_one_wrong_digit_is_always_seen(digit: int, place: int) -> None:
    """Changing any digit of a NIR spoils its key, since 97 is prime and above the digits."""
    right = "279035121518989"
    wrong = right[:place] + str(digit) + right[place + 1 :]

    assert is_matricule(wrong) is (wrong == right)


@pytest.mark.rule("ID-01")
@pytest.mark.parametrize(
    ("month", "lenient", "strict"),
    [
        ("00", False, False),
        ("01", True, True),
        ("12", True, True),
        ("13", False, False),
        ("19", False, False),
        ("20", True, False),
        ("99", True, False),
    ],
)
def test_months_are_a_switch(month: str, *, lenient: bool, strict: bool) -> None:
    """Contradiction C7: the validator accepts 20 to 99, the application does not."""
    thirteen = f"180{month}31555042"
    nir = f"{thirteen}{nir_key(thirteen):02d}"

    assert is_nir(nir, "lenient") is lenient
    assert is_nir(nir, "strict") is strict


@pytest.mark.rule("ID-01")
def test_a_nir_of_another_length_is_an_error_of_the_caller() -> None:
    """The message says how many characters were found."""
    with pytest.raises(ValueError, match="found 12"):
        nir_key("123456789012")


@pytest.mark.rule("ID-02")
@pytest.mark.parametrize(
    ("matricule", "oid", "fits"),
    [
        ("279035121518989", InsOid.NIR, True),
        ("279035121518989", InsOid.NIA, False),
        ("779035121518989", InsOid.NIA, True),
        ("779035121518989", InsOid.NIR, False),
        ("279035121518989", InsOid.TEST, True),
        ("279035121518989", InsOid.DEMONSTRATION, True),
        ("279035121518989", "1.2.250.1.213.1.4.12", False),
    ],
)
def test_the_object_identifier_says_which_matricule(
    matricule: str, oid: str, *, fits: bool
) -> None:
    """8 holds a NIR, 9 a temporary number, 10 and 11 test people."""
    assert fits_oid(matricule, oid) is fits


@pytest.mark.parametrize(("finess", "valid"), of_name("finess"))
def test_published_finess_numbers_are_judged_as_published(finess: str, *, valid: bool) -> None:
    """A numeric one needs its Luhn key, a test value with a letter does not."""
    assert is_finess(finess) is valid


@pytest.mark.rule("ID-03")
def test_a_professional_is_8_and_rpps_or_0_and_adeli() -> None:
    """The published value, its ADELI twin, and neither."""
    assert professional_identifier(rpps="99700366240") == of_name("professional")[0][0]
    assert professional_identifier(adeli="311234567") == "0311234567"
    with pytest.raises(ValueError, match="11 digits"):
        professional_identifier(rpps="123")


@pytest.mark.rule("ID-04")
@pytest.mark.parametrize(
    ("kind", "number", "identifier"),
    [
        ("finess", "0B0172805", "10B0172805"),
        ("siren", "123456789", "2123456789"),
        ("siret", "12345678900011", "312345678900011"),
        ("rpps-rank", "9970036624001", "49970036624001"),
        ("adeli", "311234567", "0311234567"),
    ],
)
def test_a_structure_begins_with_the_digit_of_its_kind(
    kind: str, number: str, identifier: str
) -> None:
    """One row per kind."""
    assert structure_identifier(kind, number) == identifier


@pytest.mark.rule("ID-04")
@pytest.mark.parametrize(("kind", "number"), [("finess", "1"), ("siret", "123"), ("duns", "1")])
def test_a_structure_of_no_kind_is_an_error_of_the_caller(kind: str, number: str) -> None:
    """Unknown kind, or a number that has not its shape."""
    with pytest.raises(ValueError, match="kinds are adeli, finess"):
        structure_identifier(kind, number)


@pytest.mark.rule("LIF-09")
@pytest.mark.parametrize(
    ("serial", "valid"),
    [("1234567", False), ("12345678", True), ("1" * 11, True), ("1" * 13, True), ("1" * 14, False)],
)
def test_a_card_serial_has_eight_to_thirteen_digits(serial: str, *, valid: bool) -> None:
    """Eleven with a photograph, eight to thirteen without."""
    assert is_vitale_serial(serial) is valid


def test_a_finess_number_has_nine_characters() -> None:
    """Eight are not enough."""
    assert not is_finess("75010012")


def test_an_rpps_number_has_eleven_digits() -> None:
    """Ten are not enough."""
    assert is_rpps("99700366240")
    assert not is_rpps("9970036624")


@pytest.mark.rule("LIF-07")
@given(st.integers(), st.text("0123456789AB", min_size=15, max_size=15), st.integers(0, 50))
def test_a_code_is_twelve_letters_or_digits_and_always_the_same(
    seed: int, ins: str, rank: int
) -> None:
    """A pure function of seed, person and rank."""
    code = provisional_code(seed, ins, rank)

    assert len(code) == CODE_LENGTH
    assert code.isascii()
    assert code.isalnum()
    assert code == provisional_code(seed, ins, rank)
    assert code != provisional_code(seed, ins, rank + 1)


@pytest.mark.rule("ID-05")
@pytest.mark.parametrize(("login", "valid"), of_name("login"))
def test_published_logins_are_judged_as_published(login: str, *, valid: bool) -> None:
    """Capitals, spaces and account numbers are refused."""
    assert (login_faults(login) == ()) is valid


@pytest.mark.rule("ID-05")
@pytest.mark.parametrize(
    ("login", "fault"),
    [
        ("a" * 7, "LOGIN_SHAPE"),
        ("a" * 101, "LOGIN_SHAPE"),
        ("279035121518989", "LOGIN_IS_NIR"),
        ("fr7630006000011234567890189", "LOGIN_IS_IBAN"),
        ("marie.dupont", "LOGIN_ALREADY_EXISTS"),
    ],
)
def test_a_login_is_refused_for_its_fault(login: str, fault: str) -> None:
    """Each fault by its code."""
    assert login_faults(login, taken={"marie.dupont"}) == (fault,)


@pytest.mark.rule("ID-05")
@pytest.mark.parametrize("login", ["a" * 8, "z" * 100, "jean_paul-2.b"])
def test_a_login_at_the_bounds_is_accepted(login: str) -> None:
    """Eight and a hundred characters are enough and not too many."""
    assert login_faults(login) == ()


@pytest.mark.rule("ID-06")
@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("Xk3!mmqZw", ()),
        ("Xk3!mmqZ", ("WEAK_PASSWORD[03]",)),
        ("xk3!mmqzw", ("WEAK_PASSWORD[03]",)),
        ("XK3!MMQZW", ("WEAK_PASSWORD[03]",)),
        ("Xkt!mmqZw", ("WEAK_PASSWORD[03]",)),
        ("Xk3mmmqZw", ("WEAK_PASSWORD[03]",)),
        ("Xk3!Dupont", ("WEAK_PASSWORD[04]",)),
        ("Xk3!soleilQ", ("WEAK_PASSWORD[05]",)),
        ("Old3!mmqZw", ("PASSWORD_REUSED",)),
    ],
)
def test_a_password_is_refused_for_its_fault(password: str, faults: tuple[str, ...]) -> None:
    """Length, four classes, personal words, dictionary, reuse."""
    found = password_faults(
        password, personal=["Dupont", "Al"], dictionary=["soleil"], former=["Old3!mmqZw"]
    )

    assert found == faults
