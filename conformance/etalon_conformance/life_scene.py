"""What checks of the life of a space do: what people type, codes, closing, coming back.

Whether a space is open is seen by a deposit: it takes one, or it does not, whatever a system
answers to the operation that was to open or to close it.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion
from etalon_conformance.expectations import status
from etalon_conformance.rights_scene import NOT_TAKEN, fed
from etalon_conformance.specimens import Specimen
from etalon_model.actors import ActorKind
from etalon_model.periods import Period, paris_date
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson
from etalon_wire.json_body import Json
from etalon_wire.life_cycle import PROVISIONAL_CODE

SYSTEM: Final = Who(ActorKind.SYSTEM)
INSURER: Final = Who(ActorKind.INSURER)
TERMS: Final = "1"
"""The version of the conditions of use that is accepted."""
PAST_THE_WINDOW: Final = "P43D"
"""Longer than the six weeks that one has to object."""


def days_of(bench: Bench, period: str) -> int:
    """Return how many days a civil period that starts now lasts, like `P1M` or `P10Y`.

    Raises:
        CannotTest: The target does not tell the time.
    """
    now = bench.now()
    return (paris_date(Period(period).after(now)) - paris_date(now)).days


def typed(person: TestPerson, guardian: TestPerson | None = None) -> dict[str, Json]:
    """Return what somebody types to be recognised, with their card or that of a parent.

    Raises:
        CannotTest: The target did not say when they were born, or the number of the card.
    """
    card = guardian or person
    if person.birth_date is None or not card.vitale_serial:
        raise CannotTest(key="cause.no_card", person=person.label or "-")
    return {
        "nir": card.ins,
        "birthDate": person.birth_date.isoformat(),
        "vitaleSerial": card.vitale_serial,
        "chosen": None if guardian is None else person.ins,
    }


def decider(bench: Bench, person: TestPerson, guardian: TestPerson | None = None) -> Who:
    """Return who decides for a space: the holder, or the representative of a minor."""
    if guardian is None:
        return person.who
    return bench.acting(ActorKind.REPRESENTATIVE, guardian, person)


def objected(
    bench: Bench,
    person: TestPerson,
    through: str,
    guardian: TestPerson | None = None,
    instead: Mapping[str, Json] | None = None,
) -> Operated:
    """Object to a space by a channel; on the web with the code of the notice."""
    code = person.provisional_code if through == "web" else None
    said = {**typed(person, guardian), "code": code, **(instead or {})}
    who = decider(bench, person, guardian)
    return bench.operation("oppose", who, patient=person.ins, through=through, **said)


def code_asked(bench: Bench, person: TestPerson, guardian: TestPerson | None = None) -> Operated:
    """Ask for a new code, by text message."""
    who = decider(bench, person, guardian)
    said = typed(person, guardian)
    return bench.operation("regenerate_code", who, patient=person.ins, by="sms", **said)


def open_by_itself(bench: Bench, person: TestPerson) -> None:
    """Have the service open a space, if its time has come."""
    bench.operation("open_space", SYSTEM, patient=person.ins)


def new_code(bench: Bench, person: TestPerson, guardian: TestPerson | None = None) -> str:
    """Have a new code sent, and return it.

    Raises:
        CannotTest: It is refused, or not told.
    """
    return code_in(code_asked(bench, person, guardian))


def code_in(done: Operated) -> str:
    """Return the code that was sent.

    Raises:
        CannotTest: It was refused, or is not told.
    """
    told = done.captures.get("code")
    path = f"extension[url={PROVISIONAL_CODE}].valueString"
    code = told if isinstance(told, str) else done.exchange.first(path)
    if not done.accepted or not code:
        raise CannotTest(key="cause.refused", operation="regenerate_code")
    return code


def entered(
    bench: Bench,
    operation: str,
    person: TestPerson,
    code: str,
    guardian: TestPerson | None = None,
) -> Operated:
    """Enter a space, for the first time (`activate`) or again (`reopen_space`)."""
    return bench.operation(
        operation,
        decider(bench, person, guardian),
        patient=person.ins,
        code=code,
        termsVersion=TERMS,
        **typed(person, guardian),
    )


def reopened(bench: Bench, person: TestPerson, guardian: TestPerson | None = None) -> Operated:
    """Enter a space again, with a new code.

    Raises:
        CannotTest: No code can be had, or the space is not given back.
    """
    code = new_code(bench, person, guardian)
    done = entered(bench, "reopen_space", person, code, guardian)
    if not done.accepted:
        raise CannotTest(key="cause.refused", operation="reopen_space")
    return done


def closed(
    bench: Bench, person: TestPerson, guardian: TestPerson | None = None, **more: Json
) -> Operated:
    """Close a space on the web, the password typed again."""
    who = decider(bench, person, guardian)
    return bench.operation("close_space", who, patient=person.ins, passwordReentered=True, **more)


def is_fed(  # noqa: PLR0913 (those of `expects`)
    bench: Bench,
    requirement: str,
    person: TestPerson,
    *,
    is_open: bool,
    likely: str = "",
    control: bool = False,
) -> Iterator[Assertion]:
    """A space takes a deposit of any professional, or takes none."""
    _, answer = fed(bench, person, bench.professional())
    expected = status(200) if is_open else status(*NOT_TAKEN)
    yield bench.expects(requirement, answer, expected, likely=likely, control=control)


def deposited(bench: Bench, person: TestPerson) -> Specimen:
    """Deposit a document; a control: the space is open."""
    one, answer = fed(bench, person, bench.professional())
    bench.expects(bench.check.requirements[0], answer, status(200), control=True)
    return one
