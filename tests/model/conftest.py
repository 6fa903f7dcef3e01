"""Services at the start of a day, one per vintage; what holds of every refusal in every test."""

from collections.abc import Iterator
from string import Formatter

import pytest

from etalon_model import Command, Outcome, Refusal, Service, vintage
from etalon_model.sandbox import Sandbox
from etalon_model.tables import rows_of

RULES = frozenset(row["id"] for row in rows_of("rules.csv"))
BLANKS = {
    row["code"]: len(
        {name for _, name, _, _ in Formatter().parse(row["text"] + row["next_step"]) if name}
    )
    for row in rows_of("refusals.csv")
}
READ: set[tuple[str, str, int]] = set()
"""Kinds of refusals whose message was read in this run."""


@pytest.fixture
def launch() -> Sandbox:
    """Return the national service on 1 February 2022, with nobody in it."""
    return Sandbox(vintage("launch-2022"))


def fault_of(refusal: Refusal, command: Command) -> str:
    """Say what a refusal lacks to be told to a person, or nothing; each kind is read once."""
    kind = (refusal.rule, refusal.code, len(refusal.facts))
    if kind in READ and refusal.ins == command.ins and None not in refusal.facts:
        return ""
    if refusal.rule not in RULES:
        return f"{refusal.rule} is no rule"
    if refusal.code not in BLANKS:
        return f"{refusal.code} has no text"
    if refusal.ins != command.ins:
        return f"{refusal.ins} is not the person of the command"
    if len(refusal.facts) != BLANKS[refusal.code] or None in refusal.facts:
        return f"{refusal.facts} do not fill the blanks of {refusal.code}"
    READ.add(kind)
    return f"{refusal.code} shows its blanks" if "{" in refusal.message else ""


@pytest.fixture(autouse=True)
def refusals_can_be_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test commands: a refusal names person, rule and code, and fills its text."""
    faults: list[str] = []
    apply = Service.apply

    def applied(service: Service, command: Command) -> Outcome:
        outcome = apply(service, command)
        if isinstance(outcome, Refusal) and (fault := fault_of(outcome, command)):
            faults.append(f"{type(command).__name__}, {outcome.rule}: {fault}")
        return outcome

    monkeypatch.setattr(Service, "apply", applied)
    yield
    assert not faults
