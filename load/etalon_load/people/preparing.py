"""Test people made on a target for a load: as many of each kind as a plan needs, and looked up.

In bulk where the controls of its sandbox are like ours; else one by one, by the operations that its
profile maps. What was made before something failed is taken away again.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from etalon_load.people.credential import Credential
from etalon_load.people.making_by_operations import made_by_operations
from etalon_load.people.making_in_sandbox import made_in_sandbox
from etalon_load.people.people_errors import NotMadeError
from etalon_load.people.people_file import Origin
from etalon_load.people.wanted import kinds_wanted
from etalon_model.states import State
from etalon_target.cannot import CannotTest
from etalon_target.messages import HttpRequest, HttpResponse
from etalon_target.targets import Target
from etalon_wire.validation.reading import part, parts, text

WORKERS: Final = 8
_LOOKED_UP: Final = 40
"""Of people whom a sandbox made together, so many are looked up; everybody elsewhere."""

_FOUND: Final = 200
_FHIR: Final = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Test people who were made.

    Attributes:
        people: Everybody, kind after kind.
        origin: Where they were made.
        looked_up: How many were looked up on the target, and found.
    """

    people: tuple[Credential, ...]
    origin: Origin
    looked_up: int


def prepare(target: Target, needed: Mapping[str, int], tag: str) -> Prepared:
    """Make test people, and look them up.

    Args:
        target: Where, reached.
        needed: How many of each kind, of `pool.demand`.
        tag: What marks everything that is made.

    Raises:
        NotMadeError: Somebody could not be made, or is not found again.
        LookupError: There is no such kind.
    """
    in_bulk = bool(target.sandbox_address) and "create_person" not in target.operations.names()
    make = made_in_sandbox if in_bulk else made_by_operations
    made: list[Credential] = []
    try:
        for name, count in sorted(needed.items()):
            made += make(target, kinds_wanted()[name], count, tag)
        _refuse_incomplete(made)
        # A record that is not open shows nobody: a code was given, and that is all that is known.
        open_ones = [one for one in made if kinds_wanted()[one.wanted].state is State.OPEN_ACTIVE]
        looked_up = _look_up(target, _sample(open_ones) if in_bulk else open_ones)
    except BaseException:
        target.people.clean()
        raise
    vanishes = target.kind in {"embedded", "inprocess"}
    origin = Origin(target.profile.name, target.fhir_base, tag, vanishes=vanishes)
    return Prepared(tuple(made), origin, looked_up)


def _refuse_incomplete(people: Sequence[Credential]) -> None:
    """Refuse people who lack what journeys need of them.

    Raises:
        NotMadeError: Somebody lacks something.
    """
    for one in people:
        for column in kinds_wanted()[one.wanted].needs:
            if not getattr(one, column):
                raise NotMadeError(key="incomplete", wanted=one.wanted, column=column)


def _sample(people: Sequence[Credential]) -> list[Credential]:
    """Return people spread over all of them."""
    step = max(1, len(people) // _LOOKED_UP)
    return list(people[::step])


def _look_up(target: Target, people: Sequence[Credential]) -> int:
    """Look people up on the target; return how many were.

    Raises:
        NotMadeError: Somebody is not found.
    """
    with ThreadPoolExecutor(WORKERS) as threads:
        for one, problem in zip(
            people, threads.map(partial(_why_not_found, target), people), strict=True
        ):
            if problem:
                raise NotMadeError(key="not_found", ins=one.ins, problem=problem)
    return len(people)


def _why_not_found(target: Target, one: Credential) -> str:
    """Return why somebody is not found on the target, an empty string when they are."""
    who = one.represented if one.representative else one.holder
    query = f"/Patient?identifier={one.system}%7C{one.ins}"
    try:
        answer = target.send_as(who, HttpRequest("GET", query, (("Accept", _FHIR),)))
    except CannotTest as error:
        return str(error)
    if not isinstance(answer, HttpResponse):
        return f"{answer.kind}: {answer.detail}"
    if answer.status != _FOUND:
        return f"HTTP {answer.status}"
    return "" if one.ins in _matricules(answer) else "nobody"


def _matricules(answer: HttpResponse) -> set[str]:
    """Return the values of identifiers of the resources that a bundle holds."""
    bundle = answer.json()
    if not isinstance(bundle, dict):
        return set()
    resources = [part(one, "resource") for one in parts(bundle, "entry")]
    return {text(each, "value") for one in resources for each in parts(one, "identifier")}
