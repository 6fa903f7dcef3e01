"""Test identities: people who exist nowhere, the same whoever asks.

An identity is a pure function of a seed, a number and four traits. Its matricule is arithmetic:
sex, year, month and département of birth, then a commune code that INSEE never attributed, so
that the number belongs to nobody (decision 0011), then an order and the key.

Sources: domain rules ID-01, ID-02; object identifier of the test INS (EEDS, PSCPOC).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from etalon_model.identifiers import InsOid, luhn_key
from etalon_model.names import address_of, family_of, given_of
from etalon_model.rules import enforces

Sex = Literal["F", "M"]

_ORDERS: Final = 999
# Metropolitan and Corsican communes 910-949, second twins 950-989; overseas 70-79 and 80-89.
_METROPOLITAN: Final = (910, 40)
_OVERSEAS: Final = (70, 10)

METROPOLITAN_SERIALS: Final = _METROPOLITAN[1] * _ORDERS
"""How many test people share a sex, a month of birth and a metropolitan or Corsican département."""
OVERSEAS_SERIALS: Final = _OVERSEAS[1] * _ORDERS
"""How many test people share a sex, a month of birth and an overseas département (971 to 976)."""

_DEPARTMENT_CODES: Final = tuple(
    code
    for rank in range(1, 96)
    for code in ([f"{rank:02d}"] if rank != 20 else ["2A", "2B"])  # noqa: PLR2004 (Corsica)
)

DEPARTMENTS: Final = (*_DEPARTMENT_CODES, "971", "972", "973", "974", "976")
"""Codes of the départements in which test people live."""
_YEARS: Final = range(1922, 2022)
_CELLS: Final = 2 * 12 * len(_YEARS) * len(_DEPARTMENT_CODES)
_NUMBERS: Final = _CELLS * METROPOLITAN_SERIALS
# Prime with every factor of _NUMBERS, so that multiplication permutes the numbers.
_STRIDE: Final = 6_364_136_223_846_793_001
_SERIAL_NUMBERS: Final = 10**10


@dataclass(frozen=True, slots=True)
class Traits:
    """What a test person is made from.

    Attributes:
        birth_on: Day of birth.
        sex: `F` or `M`.
        department: Code of the département of birth, like `31`, `2A` or `974`.
        serial: Rank, from 0, among the test people of that sex, département, and month and year
            of birth modulo a hundred years (the matricule holds two digits of the year).
        second_twin: Whether this is the later of two twins who share the serial.
        state_aid: Whether the person benefits from State medical aid: their identifier is not a
            NIR (`LIF-31`).
    """

    birth_on: date
    sex: Sex
    department: str
    serial: int
    second_twin: bool = False
    state_aid: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """One test person, as the insurer knows them.

    Attributes:
        number: Number of the person in the population of a seed.
        ins: Matricule INS, fifteen characters with the key.
        oid: Object identifier of the matricule: always that of test identities.
        birth_on: Day of birth.
        sex: `F` or `M`.
        department: Code of the département of birth, and of residence.
        vitale_serial: Serial number of the carte Vitale, eleven digits.
    """

    number: int
    ins: str
    oid: str
    birth_on: date
    sex: Sex
    department: str
    vitale_serial: str

    @property
    def family(self) -> str:
        """Birth name, drawn from the table of names."""
        return family_of(self.ins)

    @property
    def given(self) -> str:
        """First name, drawn from the table of names of the sex."""
        return given_of(self.ins, self.sex)

    @property
    def address(self) -> str:
        """Postal address that leads nowhere: number, street and commune of the table of names."""
        return address_of(self.ins, self.department)


@enforces("ID-02", "SEC-04")
def identity(seed: int, number: int, traits: Traits | None = None) -> Identity:
    """Return the test person `number` of the population of `seed`.

    Without traits they follow from the seed and the number, and two numbers below about nine
    thousand million never share a matricule; with traits their author keeps serials apart.

    Raises:
        ValueError: A trait that no matricule can hold.
    """
    if traits is None:
        traits = _traits(seed, number)
    ins = matricule(traits)
    serial = (number * 2_971_215_073 + seed * 1_134_903_170) % _SERIAL_NUMBERS
    return Identity(
        number,
        ins,
        _TEST_OID,
        traits.birth_on,
        traits.sex,
        traits.department,
        f"0{serial:010d}",
    )


_TEST_OID: Final = InsOid.TEST.value


@enforces("ID-01", "LIF-31")
def matricule(traits: Traits) -> str:
    """Return the matricule, key included, that the traits make.

    Raises:
        ValueError: The serial does not fit the département, or the département has no such code.
    """
    department = traits.department
    overseas = len(department) == 3  # noqa: PLR2004 (971 to 976)
    first, communes = _OVERSEAS if overseas else _METROPOLITAN
    rank, order = divmod(traits.serial, _ORDERS)
    if not 0 <= rank < communes:
        message = (
            f"serial {traits.serial} does not fit département {department}: "
            f"it holds 0 to {communes * _ORDERS - 1} for one sex and month of birth"
        )
        raise ValueError(message)
    commune = first + rank + (communes if traits.second_twin else 0)
    born = traits.birth_on
    sex = _FIRST_DIGIT[traits.sex, traits.state_aid]
    born_and_sex = f"{sex}{born.year % 100:02d}{born.month:02d}"
    place_and_order = f"{commune}{order + 1:03d}"
    digits = born_and_sex + _CORSICA.get(department, department) + place_and_order
    return f"{born_and_sex}{department}{place_and_order}{97 - int(digits) % 97:02d}"


_FIRST_DIGIT: Final[dict[tuple[Sex, bool], str]] = {
    ("M", False): "1",
    ("F", False): "2",
    ("M", True): "7",
    ("F", True): "8",
}
_CORSICA: Final = {"2A": "19", "2B": "18"}


def _traits(seed: int, number: int) -> Traits:
    rest = (number * _STRIDE + seed * 1_000_003) % _NUMBERS
    rest, sex = divmod(rest, 2)
    rest, month = divmod(rest, 12)
    rest, year = divmod(rest, len(_YEARS))
    serial, department = divmod(rest, len(_DEPARTMENT_CODES))
    month += 1
    day = 1 + (number * 7 + seed) % monthrange(_YEARS[year], month)[1]
    born = date(_YEARS[year], month, day)
    return Traits(born, "M" if sex else "F", _DEPARTMENT_CODES[department], serial)


def rpps(seed: int, number: int) -> str:
    """Return a test RPPS number: eleven digits, in the range `997` of the test cards of the ANS.

    Two numbers below ten million never share one.
    """
    digits = f"{_TEST_RPPS}{(number * _RPPS_STRIDE + seed * 1_000_003) % _RPPS_NUMBERS:07d}"
    return f"{digits}{luhn_key(digits)}"


def rpps_number(seed: int, written: str) -> int | None:
    """Return the number below ten million that `rpps` writes like that, or None."""
    middle = written[len(_TEST_RPPS) : -1]
    if not (middle.isascii() and middle.isdecimal()):
        return None
    number = (int(middle) - seed * 1_000_003) * _RPPS_INVERSE % _RPPS_NUMBERS
    return number if rpps(seed, number) == written else None


_TEST_RPPS: Final = "997"
_RPPS_NUMBERS: Final = 10_000_000
_RPPS_STRIDE: Final = 3_000_017
_RPPS_INVERSE: Final = pow(_RPPS_STRIDE, -1, _RPPS_NUMBERS)


def finess(seed: int, number: int) -> str:
    """Return a test FINESS number: `0B`, a département that does not exist, and seven digits.

    Two numbers below ten million never share one.
    """
    return f"{_TEST_FINESS}{(number * _RPPS_STRIDE + seed * 1_000_003) % _RPPS_NUMBERS:07d}"


def finess_number(seed: int, written: str) -> int | None:
    """Return the number below ten million that `finess` writes like that, or None."""
    digits = written.removeprefix(_TEST_FINESS)
    if not (digits.isascii() and digits.isdecimal()):
        return None
    number = (int(digits) - seed * 1_000_003) * _RPPS_INVERSE % _RPPS_NUMBERS
    return number if finess(seed, number) == written else None


_TEST_FINESS: Final = "0B"
