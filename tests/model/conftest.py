"""Services at the start of a day, one per vintage; what holds of every refusal in every test."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from string import Formatter
from types import NoneType, UnionType
from typing import Literal, cast, get_args, get_origin, get_type_hints

import pytest

from etalon_model import Accepted, Command, Outcome, Refusal, Service, vintage
from etalon_model.parts import attributes_of
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


Fits = Callable[[object], bool]
FITS: dict[object, Fits] = {}


def fits(hint: object) -> Fits:
    """Return what tells whether a value is of an annotated type, and all that is in it too."""
    if hint not in FITS:
        parts = tuple(fits(part) for part in get_args(hint) if part is not Ellipsis)
        FITS[hint] = _fits_parts(hint, parts) if parts else _fits_kind(hint)
    return FITS[hint]


def _fits_kind(hint: object) -> Fits:
    kind = NoneType if hint is None else hint
    if not isinstance(kind, type):
        return lambda _: True
    return _fits_dataclass(kind) if is_dataclass(kind) else lambda value: isinstance(value, kind)


def _fits_parts(hint: object, parts: tuple[Fits, ...]) -> Fits:
    origin = get_origin(hint)
    if origin is Literal:
        return get_args(hint).__contains__
    if not isinstance(origin, type) or origin is UnionType:
        return lambda value: any(one(value) for one in parts)
    if origin is dict:
        return lambda value: (
            isinstance(value, dict)
            and all(parts[0](key) and parts[1](one) for key, one in cast("Pairs", value).items())
        )
    if origin is tuple and Ellipsis not in get_args(hint):
        return lambda value: (
            isinstance(value, tuple)
            and all(one(part) for one, part in zip(parts, cast("Many", value), strict=True))
        )
    return lambda value: isinstance(value, origin) and all(map(parts[0], cast("Many", value)))


Pairs = dict[object, object]
Many = tuple[object, ...]


def _fits_dataclass(kind: type) -> Fits:
    """Every attribute has its annotated type; classes are read when first met."""
    checks: list[tuple[str, Fits]] = []

    def check(value: object) -> bool:
        if type(value) is not kind:
            return isinstance(value, kind) and fits(type(value))(value)
        if not checks:
            hints = hints_of(kind)
            checks.extend((name, fits(hints[name])) for name in attributes_of(kind))
        return all(one(getattr(value, name)) for name, one in checks)

    return check


def hints_of(kind: type) -> dict[str, object]:
    """Return the annotated types of a class; names that only type checkers import are found."""
    try:
        return get_type_hints(kind)
    except NameError:
        ours = (one for name, one in sys.modules.items() if name.startswith("etalon_model"))
        model = [vars(module) for module in ours]
        return get_type_hints(kind, localns={k: v for names in model for k, v in names.items()})


@pytest.fixture(autouse=True)
def answers_and_memory_hold(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    """Whatever a test commands: refusals can be told, answers and memory are what they say."""
    faults: list[str] = []
    services: dict[int, Service] = {}
    apply = Service.apply

    def applied(service: Service, command: Command) -> Outcome:
        outcome = apply(service, command)
        if isinstance(outcome, Refusal) and (fault := fault_of(outcome, command)):
            faults.append(f"{type(command).__name__}, {outcome.rule}: {fault}")
        return outcome

    def watched(service: Service, command: Command) -> Outcome:
        outcome = applied(service, command)
        services[0] = service
        answer = outcome.answer if isinstance(outcome, Accepted) else outcome
        if not fits(type(answer))(answer):
            faults.append(f"{type(command).__name__}: {answer} is not what it says")
        return outcome

    # Walks command by the hundred thousand, and have invariants of their own.
    walks = "walk" in request.path.parts
    monkeypatch.setattr(Service, "apply", applied if walks else watched)
    yield
    for service in services.values():
        memory = service.snapshot().register
        parts = (*memory.people.values(), *memory.delegations.values())
        faults += [f"not what it says: {part}" for part in parts if not fits(type(part))(part)]
    assert not faults
