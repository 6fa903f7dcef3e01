"""Good software of a hospital: deposits in numbers, and what a ward reads and changes."""

from collections.abc import Callable, Mapping
from typing import Final

from etalon_conformance.witness.players.desk import Desk
from etalon_conformance.witness.players.letters import read_receipt, send
from etalon_conformance.witness.players.lps import (
    attempt_on,
    consult,
    feed,
    feed_many,
    feed_wrong_key,
    log_in,
    refresh,
    supersede,
    withdraw,
)

STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "login": log_in,
    "deposit-many": feed_many,
    "deposit": feed,
    "deposit-error": feed,
    "deposit-lost": feed,
    "first-consult": consult("bruno"),
    "later-consult": refresh,
    "another-person": consult("bruno", 3),
    "expired-token": consult("bruno"),
    "too-many": consult("bruno"),
    "replace": supersede,
    "delete": withdraw,
    "refused": attempt_on("denis"),
    "ins-quality": feed_wrong_key,
    "mail": send,
    "mail-later": send,
    "mail-refused": send,
    "mail-receipt": read_receipt,
}
"""What it does at each step of its profile."""
