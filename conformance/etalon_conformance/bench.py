"""What a check works with: test people, calls, operations, the clock, and what it expects.

A bench serves one check over one target. All that goes over the wire meanwhile is recorded, in
order: what the check asks itself, and the tokens and controls that it takes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from etalon_conformance.asking import (
    FHIR_JSON,
    FHIR_XML,
    FORM,
    JSON_PATCH,
    Asking,
    Operated,
    TransportSurprise,
)
from etalon_conformance.checking import RESTART, Assertion, Check, ControlBroken
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import Expectation, seen
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import ADULT, TestPerson, TestProfessional, Wanted
from etalon_target.targets import UnreachableError

if TYPE_CHECKING:
    from datetime import datetime

    from etalon_model.actors import ActorKind
    from etalon_target.targets import Target

__all__ = [
    "FHIR_JSON",
    "FHIR_XML",
    "FORM",
    "JSON_PATCH",
    "Bench",
    "CannotTest",
    "Exchange",
    "Operated",
    "TransportSurprise",
]

Looked = Exchange | Operated | Sequence["Exchange | Operated"]
"""What an expectation may look at."""

_NAMESPACE: Final = UUID("5d3b1e0c-98f1-4f0e-8a51-7f1f2a5d9c11")


class Bench(Asking):
    """What one check works with.

    Attributes:
        check: The check.
        random: Chance, the same for the same seed and check.
        tag: What marks all that the check makes.
        asserted: The assertions so far.
        people: The test people it was given, in order.
    """

    def __init__(self, target: Target, check: Check, seed: int, run: str = "") -> None:
        """Ask for nothing yet.

        Args:
            target: The system under test, reached.
            check: The check.
            seed: Of the run.
            run: What is this run's alone, so that identifiers are never those of a former one.
        """
        super().__init__(target)
        self.check = check
        self.random = random.Random(f"{seed}/{check.name}")  # noqa: S311 (tests, no secret)
        self.tag = f"etalon-{seed}-{check.name}"
        self.asserted: list[Assertion] = []
        self.people: list[TestPerson] = []
        self._run = f"{run or seed}/{check.name}"
        self._numbers = 0
        self._told_now: tuple[datetime, float] | None = None

    def person(  # noqa: PLR0913 (each is a trait of a person)
        self,
        state: State = State.OPEN_ACTIVE,
        *,
        age: int | None = ADULT,
        sex: str = "",
        department: str = "",
        guardian: TestPerson | None = None,
        since: int | None = None,
        email: bool = True,
        mobile: bool = True,
        alters: bool = True,
    ) -> TestPerson:
        """Return a test person who is as wanted, for this check alone where one can be made.

        Raises:
            CannotTest: There is nobody like that.
        """
        wanted = Wanted(
            state=state,
            age=age,
            sex=sex,
            department=department,
            guardian="" if guardian is None else guardian.ins,
            since=since,
            email=email,
            mobile=mobile,
            alters=alters,
            check=self.check.name,
        )
        person = self._aside(lambda: self.target.people.person(wanted))
        self.people.append(person)
        return person

    def professional(self, code: str = "10") -> TestProfessional:
        """Return a professional of a profession, who has nothing to do with anybody yet.

        Raises:
            CannotTest: There is none.
        """
        return self._aside(lambda: self.target.people.professional(code, self.check.name))

    def treating(self, person: TestPerson, code: str = "10") -> TestProfessional:
        """Return a professional of the care team of somebody.

        Raises:
            CannotTest: There is none, or no way to make one take part.
        """
        professional = self.professional(code)
        self.relate("care_team", person, professional)
        return professional

    def relate(
        self, kind: str, person: TestPerson, who: TestPerson | TestProfessional | str
    ) -> None:
        """Relate somebody to a person, as in `care_team`, `consent`, `block` or `caregiver`.

        Raises:
            CannotTest: There is no way, or the target refuses.
        """
        done = self.operation(kind, None, holder=person.ins, who=_ident(who))
        if not done.accepted:
            raise CannotTest(key="cause.refused", operation=kind)

    def acting(self, kind: ActorKind, one: TestPerson, on_behalf_of: TestPerson) -> Who:
        """Return a person who acts on the space of another: representative or caregiver."""
        return Who(kind, one.ins, on_behalf_of=on_behalf_of.ins, label=one.label)

    def now(self) -> datetime:
        """Return the instant of the target (UTC); it is asked once, and again after `advance`.

        Raises:
            CannotTest: It does not tell.
        """
        if self._told_now is None:
            self._told_now = (self._aside(self.target.clock.now), monotonic())
        told, read_at = self._told_now
        stands = (self.target.sandbox or {}).get("clock") == "manual"
        return told if stands else told + timedelta(seconds=monotonic() - read_at)

    def advance(self, period: str) -> None:
        """Let a period pass, like `P42D`, in a check that runs alone.

        Raises:
            CannotTest: The clock cannot be moved.
            ValueError: The check does not run alone.
        """
        if not self.check.alone:
            message = f"{self.check.name} moves the clock: say alone=True"
            raise ValueError(message)
        self._told_now = None
        self._aside(lambda: self.target.clock.advance(period))

    def restart(self) -> None:
        """Have the target killed and started again, in a check that runs alone.

        Raises:
            CannotTest: There is no way, or it does not come back.
            ValueError: The check does not run alone.
        """
        if not self.check.alone:
            message = f"{self.check.name} stops the target: say alone=True"
            raise ValueError(message)
        if not self.target.is_durable:
            self.operation(RESTART)
            return
        self.before_each()
        try:
            self.target.restart(0.0)
        except UnreachableError as error:
            raise CannotTest(key="cause.unreachable", problem=error) from error

    def unique_oid(self) -> str:
        """Return a `urn:oid:` that nothing else has: not even a former run with the same seed."""
        return f"urn:oid:2.25.{self.unique_uuid().int}"

    def unique_uuid(self) -> UUID:
        """Return a UUID that nothing else has: not even a former run with the same seed."""
        self._numbers += 1
        return uuid5(_NAMESPACE, f"{self._run}/{self._numbers}")

    def expects(  # noqa: PLR0913 (what an assertion is made of)
        self,
        requirement: str,
        looked: Looked,
        expectation: Expectation,
        *,
        certain: bool = True,
        likely: str = "",
        control: bool = False,
    ) -> Assertion:
        """Hold an expectation against what was seen, under a requirement of the check.

        Args:
            requirement: Its identifier.
            looked: One exchange or operation, or several, whose values are joined.
            expectation: What is expected.
            certain: It is about the part of the requirement that is certain.
            likely: `likely.LIKELY` tells the likely cause of a breach.
            control: It shows that the check can see anything; it stops the check when broken.

        Raises:
            ControlBroken: It is a control, and does not hold.
            ValueError: The check does not name the requirement.
        """
        if requirement not in self.check.requirements:
            message = f"{self.check.name} does not name {requirement}"
            raise ValueError(message)
        exchanges = _exchanges(looked)
        assertion = Assertion(
            requirement=requirement,
            seen=seen(expectation, exchanges),
            expectation=expectation,
            exchanges=exchanges,
            certain=certain,
            likely=likely,
            control=control,
        )
        self.asserted.append(assertion)
        if control and not assertion.seen.holds:
            raise ControlBroken(assertion)
        return assertion


def _ident(who: TestPerson | TestProfessional | str) -> str:
    if isinstance(who, TestPerson):
        return who.ins
    return who.rpps if isinstance(who, TestProfessional) else who


def _exchanges(looked: Looked) -> tuple[Exchange, ...]:
    several = [looked] if isinstance(looked, Exchange | Operated) else looked
    return tuple(one.exchange if isinstance(one, Operated) else one for one in several)
