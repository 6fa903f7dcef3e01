"""Provisional codes: twelve characters that prove that a notice reached somebody.

Sources: official mobile application (twelve alphanumeric characters, single use, 30 seconds
between two sendings); press of February 2022 (validity of six weeks).
Reading: a new code replaces the one before it, and the validity of a regenerated code is that of
the first (gap G13, decision 0013).
"""

from hashlib import blake2b
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

from etalon_model.rules import enforces

CODE_LENGTH: Final = 12

_ALPHABET: Final = (digits + ascii_uppercase + ascii_lowercase).encode()
_CHARACTERS: Final = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))


@enforces("LIF-07")
def provisional_code(seed: int, ins: str, rank: int) -> str:
    """Return the code number `rank`, from 0, that the person `ins` was given."""
    digest = blake2b(b"%d/%s/%d" % (seed, ins.encode(), rank), digest_size=CODE_LENGTH)
    return digest.digest().translate(_CHARACTERS).decode()
