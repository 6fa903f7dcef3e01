"""What checks of rights have people do before they look: wishes, roles, emergencies, deposits."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypedDict, Unpack

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import excludes, status
from etalon_conformance.record_scene import UNIQUE_IDS, found, sent
from etalon_conformance.seeing import SEEN_BY_ALL
from etalon_conformance.specimens import Specimen, specimen
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson, TestProfessional

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

READING: Final = "consultation-consent"
BLOCK: Final = "professional-block"
FEEDING: Final = "feeding-opposition"
EMERGENCY: Final = "emergency-access-opposition"
REGULATION: Final = "samu-access-opposition"
BREAK_GLASS: Final = "break_glass"
SAMU: Final = "samu"
REGULATOR: Final = "regulator"
NOT_TAKEN: Final = (400, 401, 403, 404, 405, 409, 410, 412, 422)
"""Statuses by which a deposit is refused for whose it is or whom it comes from."""


class Said(TypedDict, total=False):
    """What a wish may say beside its kind.

    Attributes:
        about: The professional it is about.
        ground: Why somebody is kept from feeding.
        masked: In an emergency masked documents are read too.
    """

    about: TestProfessional
    ground: str
    masked: bool


def wish(
    bench: Bench, who: Who, person: TestPerson, kind: str, stance: str, **said: Unpack[Said]
) -> Operated:
    """Say what a person permits or denies, and return how it was taken.

    Raises:
        CannotTest: There is no way to say it.
    """
    about = said.get("about")
    values: dict[str, Json] = {
        "patient": person.ins,
        "kind": kind,
        "stance": stance,
        "about": None if about is None else about.rpps,
        "ground": said.get("ground"),
        "masked": said.get("masked"),
        "at": bench.now().isoformat(timespec="seconds"),
    }
    return bench.operation("give_consent", who, **values)


def wished(
    bench: Bench, who: Who, person: TestPerson, kind: str, stance: str, **said: Unpack[Said]
) -> None:
    """Have a wish taken.

    Raises:
        CannotTest: There is no way to say it, or it is refused.
    """
    if not wish(bench, who, person, kind, stance, **said).accepted:
        raise CannotTest(key="cause.refused", operation=f"give_consent ({kind})")


def in_role(one: TestProfessional, role: str, mode: str = "") -> Who:
    """Return a professional whose token bears a role, and says how they come to a record."""
    return replace(one.who, role=role, mode=mode)


def breaking_glass(one: TestProfessional) -> Who:
    """Return a professional whose token says that they break the glass."""
    return replace(one.who, mode=BREAK_GLASS)


def opened_record(
    bench: Bench, who: Who, person: TestPerson, mode: str, *, incapable: bool | None = None
) -> Operated:
    """Open somebody's record to read it, and say why."""
    return bench.operation("open_record", who, patient=person.ins, mode=mode, incapable=incapable)


def fed(
    bench: Bench, person: TestPerson, author: TestProfessional, who: Who | None = None
) -> tuple[Specimen, Exchange]:
    """Deposit a document by transaction, as its author or with another token."""
    one = specimen(bench, person, author, kind=SEEN_BY_ALL)
    return one, sent(bench, who or author.who, bundle(bench, [one]))


def not_fed(
    bench: Bench, requirement: str, answer: Exchange, *, certain: bool = True
) -> Iterator[Assertion]:
    """A deposit is refused."""
    yield bench.expects(requirement, answer, status(*NOT_TAKEN), certain=certain)


def never_kept(
    bench: Bench, requirement: str, reader: Who, *those: Specimen, certain: bool = True
) -> Iterator[Assertion]:
    """Documents whose deposit was refused are not in the record."""
    pages = found(bench, reader, those[0].person)
    names = [one.unique_id for one in those]
    yield bench.expects(requirement, pages, excludes(UNIQUE_IDS, *names), certain=certain)
