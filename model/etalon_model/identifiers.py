"""Identifiers of people, professionals and structures: shapes and keys.

Sources: validator of the NIR published by the insurer (NIRVAL), ANS specifications (EEDS, HL7V2,
PSCPOC), nomenclature of the ANS (NOS). Regular expressions and vectors: `data/id_formats.csv`.
Reading: a NIR may have a month of 20 to 99 for the insurer's validator but not for the mobile
application (contradiction C7): `NirMonths` chooses.
"""

import re
from enum import StrEnum
from typing import Final

from etalon_model.parameters import NirMonths
from etalon_model.rules import enforces

_NIR: Final = re.compile(r"[1-478][0-9]{2}([0-9]{2})(?:[0-9]{2}|2A|2B)[0-9]{8}")
_FIRST_NIR: Final = "12"
_FIRST_NIA: Final = "378"
_FINESS: Final = re.compile(r"[0-9][0-9AB][0-9]{7}")
_RPPS: Final = re.compile(r"[0-9]{11}")
_ADELI: Final = re.compile(r"[0-9A-Z]{9}")
_SERIAL: Final = re.compile(r"[0-9]{8,13}")


class InsOid(StrEnum):
    """The object identifier that says which kind of matricule an INS holds."""

    NIR = "1.2.250.1.213.1.4.8"
    NIA = "1.2.250.1.213.1.4.9"
    TEST = "1.2.250.1.213.1.4.10"
    DEMONSTRATION = "1.2.250.1.213.1.4.11"


@enforces("ID-01")
def nir_key(thirteen: str) -> int:
    """Return the key (1 to 97) of the first thirteen characters of a NIR.

    The Corsican départements count as numbers: 2A as 19, 2B as 18.

    Raises:
        ValueError: `thirteen` is not made of thirteen such characters.
    """
    if len(thirteen) != 13:  # noqa: PLR2004 (the length stands in the name)
        message = f"a NIR without its key has 13 characters, found {len(thirteen)} in {thirteen!r}"
        raise ValueError(message)
    return 97 - int(thirteen.replace("2A", "19").replace("2B", "18")) % 97


@enforces("ID-01")
def is_nir(text: str, months: NirMonths = "lenient") -> bool:
    """Whether `text` is a NIR of fifteen characters with a right key."""
    return text[:1] in _FIRST_NIR and is_matricule(text, months)


@enforces("ID-01", "ID-02")
def is_matricule(text: str, months: NirMonths = "lenient") -> bool:
    """Whether `text` is a matricule INS, NIR or NIA, of fifteen characters with a right key."""
    match = _NIR.fullmatch(text)
    if match is None or not _is_month(int(match[1]), months):
        return False
    return int(text[13:]) == nir_key(text[:13])


def _is_month(month: int, months: NirMonths) -> bool:
    return 1 <= month <= 12 or (months == "lenient" and 20 <= month <= 99)  # noqa: PLR2004 (ID-01)


@enforces("ID-02")
def fits_oid(matricule: str, oid: str) -> bool:
    """Whether a matricule may stand under `oid`: a NIR under 8, a NIA under 9, any under 10, 11."""
    if oid == InsOid.NIR:
        return matricule[:1] in _FIRST_NIR
    if oid == InsOid.NIA:
        return matricule[:1] in _FIRST_NIA
    return oid in (InsOid.TEST, InsOid.DEMONSTRATION)


def luhn_key(digits: str) -> int:
    """Return the digit that completes `digits` under the Luhn rule."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 - rank % 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 (Luhn adds the digits)
    return -total % 10


def has_luhn_key(digits: str) -> bool:
    """Whether the last digit of `digits` completes the others; a failure only warns (ID12)."""
    return digits.isdecimal() and luhn_key(digits[:-1]) == int(digits[-1])


def is_rpps(text: str) -> bool:
    """Whether `text` has the shape of an RPPS number (eleven digits)."""
    return _RPPS.fullmatch(text) is not None


def is_finess(text: str) -> bool:
    """Whether `text` has the shape of a FINESS number; a wholly numeric one also needs its key."""
    if _FINESS.fullmatch(text) is None:
        return False
    return not text.isdecimal() or has_luhn_key(text)


def is_vitale_serial(text: str) -> bool:
    """Whether `text` has the shape of the serial number of a carte Vitale (8 to 13 digits)."""
    return _SERIAL.fullmatch(text) is not None


@enforces("ID-03")
def professional_identifier(*, rpps: str = "", adeli: str = "") -> str:
    """Return the national identifier of a professional: `8` + RPPS, else `0` + ADELI.

    Raises:
        ValueError: Neither number, or one without its shape.
    """
    if rpps and is_rpps(rpps):
        return "8" + rpps
    if adeli and not rpps and _ADELI.fullmatch(adeli):
        return "0" + adeli
    message = (
        f"neither an RPPS number (11 digits) nor an ADELI number (9 characters): {rpps or adeli!r}"
    )
    raise ValueError(message)


_STRUCTURE_SHAPES: Final = {
    "adeli": ("0", re.compile(r"[0-9A-Z]{9}[0-9A-Z]*")),
    "finess": ("1", re.compile(r"[0-9A-Z]{9}")),
    "siren": ("2", re.compile(r"[0-9]{9}")),
    "siret": ("3", re.compile(r"[0-9]{14}")),
    "rpps-rank": ("4", re.compile(r"[0-9]{11,14}")),
}


@enforces("ID-04")
def structure_identifier(kind: str, number: str) -> str:
    """Return the national identifier of a structure: a digit for its kind, then its number.

    Kinds: `adeli`, `finess`, `siren`, `siret`, `rpps-rank`.

    Raises:
        ValueError: Unknown kind, or a number without its shape.
    """
    prefix, shape = _STRUCTURE_SHAPES.get(kind, ("", None))
    if shape is None or shape.fullmatch(number) is None:
        message = (
            f"no structure identifier of kind {kind!r} has the number {number!r}; "
            f"kinds are {', '.join(_STRUCTURE_SHAPES)}"
        )
        raise ValueError(message)
    return prefix + number
