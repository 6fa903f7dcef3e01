"""Credentials: what a login and a password may be.

Sources: official application (lengths, characters, codes WEAK_PASSWORD).
Reading: the application refuses words of a dictionary it does not publish; the caller brings one.
"""

import re
import string
from collections.abc import Collection
from typing import Final

from etalon_model.identifiers import is_nir
from etalon_model.rules import enforces

_LOGIN: Final = re.compile(r"[0-9a-z._-]{8,100}")
_IBAN: Final = re.compile(r"fr76[0-9a-z]{4,23}")
_PASSWORD_LENGTH: Final = 9
_CLASSES: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
_LONG_ENOUGH_TO_RECOGNISE: Final = 4


@enforces("ID-05")
def login_faults(login: str, taken: Collection[str] = ()) -> tuple[str, ...]:
    """Return the codes of what is wrong with `login`, none when it may be used.

    `LOGIN_SHAPE`: not 8 to 100 of `0-9a-z._-`; `LOGIN_IS_NIR`; `LOGIN_IS_IBAN`;
    `LOGIN_ALREADY_EXISTS`: among `taken`.
    """
    faults: list[str] = []
    if _LOGIN.fullmatch(login) is None:
        faults.append("LOGIN_SHAPE")
    if is_nir(login.upper()):
        faults.append("LOGIN_IS_NIR")
    if _IBAN.fullmatch(login):
        faults.append("LOGIN_IS_IBAN")
    if login in taken:
        faults.append("LOGIN_ALREADY_EXISTS")
    return tuple(faults)


@enforces("ID-06")
def password_faults(
    password: str,
    *,
    personal: Collection[str] = (),
    dictionary: Collection[str] = (),
    former: Collection[str] = (),
) -> tuple[str, ...]:
    """Return the codes of what is wrong with `password`, none when it may be used.

    `WEAK_PASSWORD[03]`: under nine characters or without the four classes (lower, upper, digit,
    other); `[04]`: holds a word of `personal`; `[05]`: holds a word of `dictionary`;
    `PASSWORD_REUSED`: among `former`. Words under four characters are not looked for.
    """
    faults: list[str] = []
    plain = set(string.ascii_letters + string.digits)
    classes = [any(letter in group for letter in password) for group in _CLASSES]
    classes.append(any(letter not in plain for letter in password))
    if len(password) < _PASSWORD_LENGTH or not all(classes):
        faults.append("WEAK_PASSWORD[03]")
    if _holds(password, personal):
        faults.append("WEAK_PASSWORD[04]")
    if _holds(password, dictionary):
        faults.append("WEAK_PASSWORD[05]")
    if password in former:
        faults.append("PASSWORD_REUSED")
    return tuple(faults)


def _holds(password: str, words: Collection[str]) -> bool:
    lower = password.lower()
    return any(word.lower() in lower for word in words if len(word) >= _LONG_ENOUGH_TO_RECOGNISE)
