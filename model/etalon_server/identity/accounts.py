"""Accounts: the identifier and the password by which a person is known, and one-time codes.

A test person who chose none has an account that follows from their identity, so that people made
by commands can log in; what somebody chooses when activating takes its place.

Sources: rules ID-05, ID-06 (what they may be), ID-07 (one-time code), domain rules (six digits).
Reading: life of a one-time code, attempts and lock-out are gap G13, and ours.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from etalon_model.credentials import login_faults, password_faults
from etalon_model.identities import Identity as Person
from etalon_model.service import Service
from etalon_server.identity.store import Store
from etalon_wire.json_body import Json

DEFAULT_PREFIX: Final = "test."
"""What the identifier of a person who chose none begins with; their matricule follows."""

COST: Final = 2**14
"""Cost of the derivation (scrypt, N): a password takes some fifty milliseconds to check."""

FAILURES_MOST: Final = 5
LOCKED_FOR: Final = timedelta(minutes=15)
ONE_TIME_DIGITS: Final = 6

_KIND: Final = "account"
_SALT_BYTES: Final = 16
_WORDS: Final = ("password", "motdepasse", "azerty", "qwerty", "bonjour", "soleil", "1234", "sante")
"""A dictionary of ours: the service does not publish its own."""


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody chose.

    Attributes:
        ins: Matricule of the person.
        login: Their identifier.
        salt: Salt of the digest.
        password_digest: What is kept of the password.
    """

    ins: str
    login: str
    salt: bytes
    password_digest: bytes


class Accounts:
    """How people of the service are known when they log in."""

    __slots__ = ("_by_ins", "_by_login", "_failures", "_reserved", "_store")

    def __init__(self, store: Store) -> None:
        """Know the accounts that were kept.

        Raises:
            DirectoryRefusedError: They cannot be read.
        """
        self._store = store
        self._by_ins: dict[str, Account] = {}
        self._by_login: dict[str, Account] = {}
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._reserved: dict[str, str] = {}
        for account in store.kept(_KIND, _account).values():
            self._know(account)

    def faults(self, person: Person, login: str, password: str) -> tuple[str, ...]:
        """Return the codes of what is wrong with chosen credentials, none when they may be used.

        Blocks for as long as a password takes to check.
        """
        known = self._by_ins.get(person.ins)
        taken = self._by_login.get(login)
        others = (login,) if taken is not None and taken.ins != person.ins else ()
        default = login.startswith(DEFAULT_PREFIX) and login != default_login(person.ins)
        personal = (person.family, person.given, str(person.birth_on.year), login)
        former = (password,) if known is not None and _matches(known, password) else ()
        return login_faults(login, (login,) if default else others) + password_faults(
            password, personal=personal, dictionary=_WORDS, former=former
        )

    def has_chosen(self, ins: str) -> bool:
        """Tell whether somebody chose credentials."""
        return ins in self._by_ins

    def reserve(self, login: str, ins: str) -> bool:
        """Hold an identifier for somebody until it is released; tell whether it could be.

        Between the check of an identifier and its choice, others may ask for the same.
        """
        known = self._by_login.get(login)
        if known is not None and known.ins != ins:
            return False
        return self._reserved.setdefault(login, ins) == ins

    def release(self, login: str, ins: str) -> None:
        """Hold an identifier no longer."""
        if self._reserved.get(login) == ins:
            del self._reserved[login]

    def choose(self, ins: str, login: str, password: str) -> None:
        """Keep credentials in the place of those of before.

        Blocks until they are kept.

        Raises:
            StoreError: They cannot be.
        """
        salt = secrets.token_bytes(_SALT_BYTES)
        account = Account(ins, login, salt, _derivation(salt).derive(password.encode()))
        kept: dict[str, Json] = {
            "login": login,
            "salt": base64.b64encode(salt).decode(),
            "password_digest": base64.b64encode(account.password_digest).decode(),
        }
        self._store.put(_KIND, ins, kept)
        self._know(account)

    def proved(self, service: Service, login: str, password: str) -> str | None:
        """Return the matricule of who has this identifier and password, or None.

        Blocks for as long as a password takes to check, whether somebody has the identifier or not.
        """
        account = self._by_login.get(login)
        if account is not None:
            return account.ins if _matches(account, password) else None
        ins = login.removeprefix(DEFAULT_PREFIX).upper()
        if login == default_login(ins) and ins not in self._by_ins:
            try:
                person = service.person(ins).identity
            except LookupError:
                person = None
            if person is not None:
                right = hmac.compare_digest(password.encode(), default_password(person).encode())
                return ins if right else None
        _matches(_NOBODY, password)
        return None

    def is_locked(self, name: str, now: datetime) -> bool:
        """Tell whether a name failed so often that it must wait."""
        count, since = self._failures.get(name, (0, now))
        return count >= FAILURES_MOST and now - since < LOCKED_FOR

    def failed(self, name: str, now: datetime) -> None:
        """Remember that somebody failed to prove who they are under a name."""
        count, since = self._failures.get(name, (0, now))
        if now - since >= LOCKED_FOR:
            count = 0
        self._failures[name] = (count + 1, now)
        if len(self._failures) > _FAILING_MOST:
            del self._failures[next(iter(self._failures))]

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
        self._failures.pop(name, None)

    def forget(self) -> None:
        """Know nobody's credentials but those that follow from identities."""
        for kept in (self._by_ins, self._by_login, self._failures, self._reserved):
            kept.clear()

    def _know(self, account: Account) -> None:
        former = self._by_ins.get(account.ins)
        if former is not None:
            del self._by_login[former.login]
        self._by_ins[account.ins] = account
        self._by_login[account.login] = account


_FAILING_MOST: Final = 10_000


def default_login(ins: str) -> str:
    """Return the identifier of a test person who chose none."""
    return f"{DEFAULT_PREFIX}{ins.lower()}"


def default_password(person: Person) -> str:
    """Return the password of a test person who chose none: it follows from their carte Vitale."""
    return f"Vitale-{person.vitale_serial}"


def one_time_code() -> str:
    """Return a one-time code of six digits."""
    return f"{secrets.randbelow(10**ONE_TIME_DIGITS):0{ONE_TIME_DIGITS}d}"


def _account(ins: str, kept: Mapping[str, Json]) -> Account:
    return Account(
        ins,
        str(kept["login"]),
        base64.b64decode(str(kept["salt"])),
        base64.b64decode(str(kept["password_digest"])),
    )


def _matches(account: Account, password: str) -> bool:
    try:
        _derivation(account.salt).verify(password.encode(), account.password_digest)
    except InvalidKey:
        return False
    return True


def _derivation(salt: bytes) -> Scrypt:
    return Scrypt(salt=salt, length=32, n=COST, r=8, p=1)


_NOBODY: Final = Account("", "", bytes(_SALT_BYTES), bytes(32))
"""Whose password is checked when nobody has the identifier: both answers take as long."""
