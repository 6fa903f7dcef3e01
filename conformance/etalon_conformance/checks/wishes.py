"""Wishes of a person: taken from whoever decides for the space, and from nobody else."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused, status
from etalon_conformance.life_scene import decider
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BLOCK,
    BREAK_GLASS,
    EMERGENCY,
    FEEDING,
    READING,
    REGULATION,
    REGULATOR,
    SAMU,
    Said,
    breaking_glass,
    fed,
    in_role,
    opened_record,
    wish,
    wished,
)
from etalon_conformance.seeing import kept, misses, sees, shown_too
from etalon_model.actors import ActorKind
from etalon_target.people import TestPerson

if TYPE_CHECKING:
    from etalon_target.actors import Who

_NEEDS: Final = (*NEEDS, "give_consent")
_GROUND: Final = "no_care"


@check(
    requirements=("ACC-01", "ACC-04", "ACC-05", "EMG-01", "EMG-02", "REC-09", "REP-01"),
    needs=_NEEDS,
    wire=Wire.OWN,
)
def wishes_are_taken_from_who_decides(bench: Bench) -> Iterator[Assertion]:
    """Every wish is taken from the holder, and from the representative of a minor."""
    parent = bench.person(age=43)
    adult, child = bench.person(age=59), bench.person(age=9, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for person, who in ((adult, adult.who), (child, parental)):
        treating = bench.treating(person)
        about: Said = {"about": treating}
        groundless = wish(bench, who, person, FEEDING, "deny", **about)
        bench.expects("REC-09", groundless, refused(), control=True)
        wishes: tuple[tuple[str, str, str, Said], ...] = (
            ("EMG-01", EMERGENCY, "deny", {}),
            ("EMG-01", EMERGENCY, "permit", {}),
            ("EMG-01", REGULATION, "deny", {}),
            ("EMG-01", REGULATION, "permit", {}),
            ("EMG-02", REGULATION, "permit", {"masked": True}),
            ("EMG-02", EMERGENCY, "permit", {"masked": True}),
            ("EMG-02", EMERGENCY, "permit", {"masked": False}),
            ("REC-09", FEEDING, "deny", {**about, "ground": _GROUND}),
            ("ACC-01", READING, "deny", about),
            ("ACC-04", BLOCK, "deny", about),
            ("ACC-05", BLOCK, "permit", about),
        )
        for requirement, kind, stance, said in wishes:
            done = wish(bench, who, person, kind, stance, **said)
            yield bench.expects(requirement, done, accepted())
            if person is child:
                yield bench.expects("REP-01", done, accepted())


@check(
    requirements=("ACC-01", "ACC-04", "EMG-01", "EMG-04", "REC-09", "REP-01"),
    needs=(*_NEEDS, "open_record"),
    wire=Wire.OWN,
)
def wishes_are_not_taken_from_others(bench: Bench) -> Iterator[Assertion]:
    """What another holder, a false representative or a professional wishes changes nothing."""
    parent, stranger = bench.person(age=41), bench.person(age=65)
    cases = ((bench.person(age=64), None), (bench.person(age=9, guardian=parent), parent))
    for person, guardian in cases:
        yield from _not_taken(bench, person, guardian, stranger)


def _not_taken(
    bench: Bench, person: TestPerson, guardian: TestPerson | None, stranger: TestPerson
) -> Iterator[Assertion]:
    """Nobody's wish about a space counts but that of who decides for it."""
    author, reader, rescuer = bench.treating(person), bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    shown_too(bench, reader.who, one)
    regulating = in_role(bench.professional(), REGULATOR, SAMU)
    for kind in (EMERGENCY, REGULATION):
        wished(bench, decider(bench, person, guardian), person, kind, "deny")
    others = (
        stranger.who,
        bench.acting(ActorKind.REPRESENTATIVE, stranger, person),
        author.who,
    )
    for who in others:
        wishes: tuple[tuple[str, str, str, Said], ...] = (
            ("ACC-04", BLOCK, "deny", {"about": reader}),
            ("REC-09", FEEDING, "deny", {"about": reader, "ground": _GROUND}),
            ("ACC-01", READING, "deny", {"about": reader}),
            ("EMG-01", EMERGENCY, "permit", {}),
            ("EMG-04", REGULATION, "permit", {}),
        )
        for requirement, kind, stance, said in wishes:
            done = wish(bench, who, person, kind, stance, **said)
            yield bench.expects(requirement, done, refused())
            if guardian is not None:
                yield bench.expects("REP-01", done, refused())
        yield from sees(bench, ("ACC-01", "ACC-04"), reader.who, one)
        _, answer = fed(bench, person, reader)
        yield bench.expects("REC-09", answer, status(200))
        yield from misses(bench, "EMG-04", regulating, one)
        glass = opened_record(bench, breaking_glass(rescuer), person, BREAK_GLASS, incapable=True)
        yield bench.expects("EMG-01", glass, refused())


@check(requirements=("ACC-01", "ACC-04"), needs=(*_NEEDS, "block"), wire=Wire.OWN)
def consent_is_declared_by_no_outsider(bench: Bench) -> Iterator[Assertion]:
    """Neither a blocked professional nor another holder says that somebody may read."""
    person, stranger = bench.person(age=52), bench.person(age=53)
    author, blocked, colleague = (
        bench.treating(person),
        bench.treating(person),
        bench.professional(),
    )
    one = kept(bench, person, author)
    bench.relate("block", person, blocked)
    declared: tuple[tuple[str, Who, Said], ...] = (
        ("ACC-04", blocked.who, {"about": blocked}),
        ("ACC-04", blocked.who, {"about": colleague}),
        ("ACC-01", stranger.who, {"about": colleague}),
    )
    for requirement, who, said in declared:
        done = wish(bench, who, person, READING, "permit", **said)
        yield bench.expects(requirement, done, refused(), certain=False)
        for reader in (blocked, colleague):
            yield from misses(bench, requirement, reader.who, one)
    wished(bench, author.who, person, READING, "permit", about=colleague)
    yield from sees(bench, "ACC-01", colleague.who, one)
