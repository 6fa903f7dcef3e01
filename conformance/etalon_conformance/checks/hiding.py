"""What a professional keeps from the patient for a time, and minors from their representatives."""

from collections.abc import Iterator

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import excludes, includes, status
from etalon_conformance.life_scene import days_of
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS
from etalon_conformance.requirement import Wire
from etalon_conformance.seeing import (
    READERS,
    Kept,
    kept,
    labelled,
    misses,
    sees,
    shown_too,
    unlabelled,
)
from etalon_conformance.specimens import HIDDEN, NOT_FOR_REPRESENTATIVES
from etalon_model.actors import ActorKind
from etalon_target.actors import Who


@check(requirements=("VIS-04", "W-REC-35", "W-COM-04"), needs=NEEDS)
def hidden_document_waits_for_the_announcement(bench: Bench) -> Iterator[Assertion]:
    """What is invisible to the patient shows to professionals, and to all once announced."""
    for age in (20, 71):
        person = bench.person(age=age)
        author = bench.treating(person)
        readers = [bench.treating(person, code) for code in READERS]
        plain = kept(bench, person, author)
        hidden, announced = (kept(bench, person, author, HIDDEN) for _ in range(2))
        shown_too(bench, person.who, plain)
        named = ("VIS-04", "W-REC-35")
        yield from misses(bench, named, person.who, hidden, announced, likely="hidden_not_read")
        for reader in (author, *readers):
            yield from sees(bench, "VIS-04", reader.who, plain, hidden, announced)
        lifting = unlabelled(bench, author.who, announced, HIDDEN)
        yield bench.expects("VIS-04", lifting, status(200, 204))
        yield from sees(bench, named, person.who, plain, announced)
        yield from misses(bench, named, person.who, hidden, likely="hidden_not_read")


@check(requirements=("VIS-04", "W-REC-35"), needs=NEEDS)
def professional_hides_after_the_deposit(bench: Bench) -> Iterator[Assertion]:
    """A document that its author makes invisible to the patient later is hidden as well."""
    person = bench.person(age=40)
    author = bench.treating(person)
    one, other = (kept(bench, person, author) for _ in range(2))
    shown_too(bench, person.who, one, other)
    hiding = labelled(bench, author.who, one, HIDDEN)
    yield bench.expects("VIS-04", hiding, status(200, 204))
    yield from misses(bench, ("VIS-04", "W-REC-35"), person.who, one, likely="hidden_not_read")
    shown_too(bench, person.who, other)
    yield from sees(bench, "VIS-04", author.who, one, other)


@check(
    requirements=("VIS-04", "W-REC-35", "VIS-06", "W-REC-36"),
    needs=(*NEEDS, "export_space"),
    wire=Wire.OWN,
)
def hidden_document_is_in_no_export(bench: Bench) -> Iterator[Assertion]:
    """What holders or parents take away holds no document that is kept from them."""
    person = bench.person(age=48)
    author = bench.treating(person)
    plain, hidden = kept(bench, person, author), kept(bench, person, author, HIDDEN)
    yield from _not_taken_away(bench, ("VIS-04", "W-REC-35"), person.who, plain, hidden)
    parent = bench.person(age=49)
    child = bench.person(age=14, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    author = bench.treating(child)
    plain = kept(bench, child, author)
    secret = kept(bench, child, author, NOT_FOR_REPRESENTATIVES)
    yield from _not_taken_away(bench, ("VIS-06", "W-REC-36"), parental, plain, secret)


def _not_taken_away(
    bench: Bench, named: tuple[str, ...], who: Who, plain: Kept, kept_back: Kept
) -> Iterator[Assertion]:
    """What somebody takes away of a space holds the one document and not the other."""
    shown_too(bench, who, plain)
    exported = bench.operation("export_space", who, patient=plain.person.ins).exchange
    bench.expects(named[0], exported, includes(UNIQUE_IDS, plain.one.unique_id), control=True)
    for requirement in named:
        kept_out = excludes(UNIQUE_IDS, kept_back.one.unique_id)
        yield bench.expects(requirement, exported, kept_out, likely="hidden_not_read")


@check(requirements=("VIS-04",), needs=(*NEEDS, "caregiver"))
def hidden_document_does_not_come_by_a_carer(bench: Bench) -> Iterator[Assertion]:
    """Caregivers, and parents of a child, do not see what is invisible to the patient."""
    person, helper = bench.person(age=66), bench.person(age=35)
    bench.relate("caregiver", person, helper)
    child = bench.person(age=8, guardian=helper)
    seen = (
        (person, bench.acting(ActorKind.CAREGIVER, helper, person)),
        (child, bench.acting(ActorKind.REPRESENTATIVE, helper, child)),
    )
    for subject, who in seen:
        author = bench.treating(subject)
        plain, hidden = kept(bench, subject, author), kept(bench, subject, author, HIDDEN)
        shown_too(bench, who, plain)
        yield from misses(bench, "VIS-04", who, hidden, certain=False)
        lifting = unlabelled(bench, author.who, hidden, HIDDEN)
        yield bench.expects("VIS-04", lifting, status(200, 204))
        yield from sees(bench, "VIS-04", who, plain, hidden, certain=False)


@check(requirements=("VIS-04",), needs=(*NEEDS, "advance_clock"), alone=True)
def hidden_document_shows_after_a_month(bench: Bench) -> Iterator[Assertion]:
    """One month from the deposit, and not before, what was hidden shows by itself."""
    person, other = bench.person(age=52), bench.person(age=23)
    cases = [(one, bench.treating(one)) for one in (person, other)]
    those = [(kept(bench, one, who), kept(bench, one, who, HIDDEN)) for one, who in cases]
    later = [kept(bench, one, who) for one, who in cases]
    lasts = days_of(bench, "P1M")
    # A month that is taken for four weeks, or for thirty days, ends before its time.
    steps = (("P26D", False, True), (f"P{lasts - 27}D", False, False), ("P2D", True, True))
    for period, shows, certain in steps:
        bench.advance(period)
        for (one, _), (plain, hidden) in zip(cases, those, strict=True):
            shown_too(bench, one.who, plain)
            if shows:
                yield from sees(bench, "VIS-04", one.who, plain, hidden)
            else:
                yield from misses(
                    bench, "VIS-04", one.who, hidden, certain=certain, likely="hidden_not_read"
                )
        if certain and not shows:
            # The month is that of the deposit, whenever the code was set.
            for each in later:
                labelled(bench, each.author, each, HIDDEN)
                yield from misses(bench, "VIS-04", each.person.who, each, lists=False)
    for each, (_, hidden) in zip(later, those, strict=True):
        yield from sees(bench, "VIS-04", each.person.who, each)
        labelled(bench, hidden.author, hidden, HIDDEN)
        yield from sees(bench, "VIS-04", each.person.who, hidden)


@check(requirements=("VIS-06", "W-REC-36", "W-COM-04"), needs=NEEDS)
def secret_document_shows_to_no_representative(bench: Bench) -> Iterator[Assertion]:
    """What is kept from representatives is kept from them alone, whatever the age of the minor."""
    parent = bench.person()
    for age in (8, 16):
        child = bench.person(age=age, guardian=parent)
        parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        author = bench.treating(child)
        readers = [bench.treating(child, code) for code in READERS]
        plain = kept(bench, child, author)
        secret = kept(bench, child, author, NOT_FOR_REPRESENTATIVES)
        shown_too(bench, parental, plain)
        named = ("VIS-06", "W-REC-36")
        yield from misses(bench, named, parental, secret, likely="secret_not_read")
        for reader in (author.who, *(one.who for one in readers), child.who):
            yield from sees(bench, named, reader, plain, secret)


@check(requirements=("VIS-06", "W-REC-36"), needs=NEEDS)
def secret_kept_later_is_a_secret_too(bench: Bench) -> Iterator[Assertion]:
    """A document that its author keeps from representatives later leaves their sight."""
    parent = bench.person()
    child = bench.person(age=16, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    author, reader = bench.treating(child), bench.treating(child, "60")
    one, other = (kept(bench, child, author) for _ in range(2))
    shown_too(bench, parental, one, other)
    keeping = labelled(bench, author.who, one, NOT_FOR_REPRESENTATIVES)
    yield bench.expects("VIS-06", keeping, status(200, 204))
    named = ("VIS-06", "W-REC-36")
    yield from misses(bench, named, parental, one, likely="secret_not_read")
    yield from sees(bench, named, reader.who, one, other)
    shown_too(bench, parental, other)


@check(requirements=("VIS-06", "W-REC-36"), needs=(*NEEDS, "representative"))
def secret_document_shows_to_neither_parent(bench: Bench) -> Iterator[Assertion]:
    """The second representative of a minor does not see a secret act either."""
    parent, second = bench.person(sex="F"), bench.person(sex="M")
    child = bench.person(age=8, guardian=parent)
    bench.relate("representative", child, second)
    author = bench.treating(child)
    plain = kept(bench, child, author)
    secret = kept(bench, child, author, NOT_FOR_REPRESENTATIVES)
    for one in (parent, second):
        parental = bench.acting(ActorKind.REPRESENTATIVE, one, child)
        shown_too(bench, parental, plain)
        named = ("VIS-06", "W-REC-36")
        yield from misses(bench, named, parental, secret, likely="secret_not_read")
