"""Good software of a laboratory: reports deposited in numbers, once each, under the right name."""

from collections.abc import Callable, Mapping
from typing import Final

from etalon_conformance.witness.players.desk import Desk
from etalon_conformance.witness.players.letters import read_receipt, send
from etalon_conformance.witness.players.lps import (
    feed,
    feed_many,
    feed_structured,
    feed_wrong_key,
    log_in,
    supersede,
)

STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "login": log_in,
    "deposit-many": feed_many,
    "deposit": feed,
    "deposit-cda": feed_structured,
    "deposit-slow": feed,
    "deposit-error": feed,
    "deposit-lost": feed,
    "deposit-refused": feed,
    "expired-token": feed,
    "too-many": feed,
    "unavailable": feed,
    "replace": supersede,
    "ins-quality": feed_wrong_key,
    "mail": send,
    "mail-later": send,
    "mail-refused": send,
    "mail-receipt": read_receipt,
}
"""What it does at each step of its profile."""
