"""Forged tokens differ from the good one they are made of, and do not hold its seal."""

import base64
import json
from random import Random
from typing import Final

import pytest

from etalon_conformance.forgeries import claims_of, forgeries


def chance() -> Random:
    """The same chance each time."""
    return Random(3)  # noqa: S311 (a test)


def coded(value: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


SEAL: Final = "c2VhbC1vZi1hLWdvb2QtdG9rZW4tdGhhdC1ub2JvZHktbWF5LWtub3c"
GOOD: Final = f"{coded({'alg': 'ES256'})}.{coded({'sub': '899', 'exp': 12})}.{SEAL}"


def test_no_forgery_is_the_token_or_holds_its_seal() -> None:
    """What is written in evidence gives nobody a good token."""
    made = forgeries(GOOD, chance(), b"published", sub="1")

    assert len(set(made.values())) == len(made) >= 10
    assert all(one != GOOD and SEAL not in one for one in made.values())
    assert claims_of(made["other-claims"]) == {"sub": "1", "exp": 12}
    assert claims_of(made["algorithm-none"]) == claims_of(GOOD)
    assert made["unsigned"].endswith(".")


def test_the_same_chance_makes_the_same_forgeries() -> None:
    """A run says the same with the same seed."""
    assert forgeries(GOOD, chance(), b"") == forgeries(GOOD, chance(), b"")


@pytest.mark.parametrize("token", ["opaque", "a.b", "a.!.c", f"a.{coded([1])}.c", ""])
def test_a_token_of_another_form_says_no_claims(token: str) -> None:
    """And forgeries of it are words."""
    assert claims_of(token) == {}
    assert {"made-up", "a-word"} <= forgeries(token, chance(), b"").keys()
