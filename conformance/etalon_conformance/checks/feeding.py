"""Who feeds a record, who deletes from it, and what keeps somebody from either."""

from collections.abc import Iterator

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    accepted,
    equals,
    excludes,
    includes,
    refused,
    status,
)
from etalon_conformance.life_scene import decider
from etalon_conformance.record_scene import (
    NEEDS,
    NOT_OFFERED,
    UNIQUE_IDS,
    changed,
    found,
    publish,
    replacing,
    sent,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    FEEDING,
    NOT_TAKEN,
    fed,
    never_kept,
    not_fed,
    wish,
    wished,
)
from etalon_conformance.seeing import Kept, kept, misses, sees, shown_too
from etalon_conformance.specimens import Specimen, specimen
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.actors import Who


def _deleted(bench: Bench, who: Who, one: Kept) -> Exchange:
    """Ask for the deletion of a document, in the way of PDSm."""
    return changed(bench, who, one.place, replacing("/status", "entered-in-error", "valueCode"))


@check(requirements=("REC-14", "W-REC-38", "W-REC-11"), needs=NEEDS)
def only_the_author_deletes(bench: Bench) -> Iterator[Assertion]:
    """Nobody deletes the document of another; deleted by its author, it is nowhere any more."""
    person, stranger = bench.person(age=37), bench.person(age=30)
    author = bench.treating(person)
    colleagues = [bench.treating(person, code) for code in ("10", "60", "21")]
    one, other = (kept(bench, person, author) for _ in range(2))
    for who in (*(each.who for each in colleagues), bench.professional().who, stranger.who):
        answer = _deleted(bench, who, one)
        read = bench.call(author.who, "GET", one.place)
        for named in ("REC-14", "W-REC-38", "W-REC-11"):
            yield bench.expects(named, answer, status(401, 403, 404, 405, 409, 410, 422))
            yield bench.expects(named, read, equals(".status", "current"))
    yield from sees(bench, ("REC-14", "W-REC-38"), colleagues[0].who, one, other)
    answer = _deleted(bench, author.who, one)
    yield bench.expects("W-REC-38", answer, status(200, 204))
    for who in (author.who, person.who, *(each.who for each in colleagues)):
        yield from misses(bench, "W-REC-38", who, one)
        shown_too(bench, who, other)


@check(requirements=("REC-16",), needs=NEEDS)
def holder_does_not_delete_what_was_deposited(bench: Bench) -> Iterator[Assertion]:
    """The holder neither deletes nor rewrites what a professional deposited."""
    parent = bench.person(age=42)
    child = bench.person(age=8, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    person = bench.person(age=67)
    for subject, who in ((person, person.who), (child, parental)):
        author, reader = bench.treating(subject), bench.treating(subject)
        one = kept(bench, subject, author)
        shown_too(bench, who, one)
        rewriting = replacing("/description", "Autre", "valueString")
        for answer in (_deleted(bench, who, one), changed(bench, who, one.place, rewriting)):
            yield bench.expects("REC-16", answer, status(400, 401, 403, 404, 405, 409, 422))
        for each in (who, reader.who):
            yield from sees(bench, "REC-16", each, one)
            read = bench.call(each, "GET", one.place)
            yield bench.expects("REC-16", read, equals("description", one.one.comment))


@check(requirements=("W-CON-02", "REC-09"), needs=(*NEEDS, "give_consent"), wire=Wire.OWN)
def objection_to_feeding_is_kept_to(bench: Bench) -> Iterator[Assertion]:
    """An objection with a ground has the deposits of one professional refused, and of no other."""
    person = bench.person(age=49)
    author, other = bench.treating(person), bench.treating(person)
    groundless = wish(bench, person.who, person, FEEDING, "deny", about=author)
    yield bench.expects("REC-09", groundless, refused())
    _, answer = fed(bench, person, author)
    yield bench.expects("REC-09", answer, status(200))
    wished(bench, person.who, person, FEEDING, "deny", about=author, ground="no_care")
    not_kept = list[Specimen]()
    for _ in range(2):
        one, answer = fed(bench, person, author)
        not_kept.append(one)
        yield bench.expects("W-CON-02", answer, status(401, 403, 404, 409, 422))
    published = specimen(bench, person, author)
    simply = publish(bench, published)
    if simply.status not in NOT_OFFERED:
        not_kept.append(published)
        yield bench.expects("W-CON-02", simply, status(401, 403, 404, 409, 422))
    yield from never_kept(bench, "W-CON-02", person.who, *not_kept)
    _, answer = fed(bench, person, other)
    yield bench.expects("REC-09", answer, status(200))
    bench.expects("W-CON-02", answer, status(200), control=True)


@check(requirements=("REC-06", "REC-07"), needs=NEEDS)
def deposit_asks_for_a_proof(bench: Bench) -> Iterator[Assertion]:
    """Nothing is deposited without a token, nor with one that means nothing."""
    person = bench.person(age=31)
    author = bench.treating(person)
    shown = kept(bench, person, author)
    headers = ((), (("Authorization", "Bearer"),), (("Authorization", "Bearer deposit"),))
    tried = [specimen(bench, person, author) for _ in headers]
    for one, given in zip(tried, headers, strict=True):
        whole = bundle(bench, [one])
        answer = bench.call(None, "POST", "", body=whole, headers=given)
        yield bench.expects("REC-06", answer, status(*NOT_TAKEN))
    yield from never_kept(bench, "REC-06", author.who, *tried)
    yield from sees(bench, "REC-07", author.who, shown)


@check(
    requirements=("REC-07", "W-CON-03"),
    needs=("create_person", "create_professional"),
)
def space_that_is_not_open_is_not_fed(bench: Bench) -> Iterator[Assertion]:
    """Whoever has no open space is found as nobody, or inactive, and no deposit is taken."""
    control = bench.person()
    _, answer = fed(bench, control, bench.treating(control))
    bench.expects("REC-07", answer, status(200), control=True)
    closed = (
        State.NOT_NOTIFIED,
        State.NOTIFIED,
        State.OPPOSED,
        State.SUSPENDED,
        State.CLOSED_ARCHIVED,
        State.DELETION_REQUESTED,
        State.PURGED,
    )
    for state in closed:
        person = bench.person(state)
        author = bench.professional()
        one, answer = fed(bench, person, author)
        for named in ("REC-07", "W-CON-03"):
            yield from not_fed(bench, named, answer)
        yield from never_kept(bench, "W-CON-03", author.who, one)
        seen = bench.call(author.who, "GET", f"Patient?identifier={person.system}|{person.ins}")
        active = "entry.resource[resourceType=Patient][active=true].id"
        yield bench.expects("W-CON-03", seen, absent(active))


@check(requirements=("LIF-19",), needs=NEEDS)
def space_opened_by_silence_is_fed_and_read(bench: Bench) -> Iterator[Assertion]:
    """A space that its holder never entered is fed and read by professionals, not by its holder."""
    person = bench.person(State.OPEN_INACTIVE)
    author, reader = bench.treating(person), bench.treating(person, "60")
    one, answer = fed(bench, person, author)
    yield bench.expects("LIF-19", answer, status(200))
    pages = found(bench, reader.who, person)
    yield bench.expects("LIF-19", pages, includes(UNIQUE_IDS, one.unique_id))
    before = found(bench, person.who, person)
    yield bench.expects("LIF-19", before, excludes(UNIQUE_IDS, one.unique_id))


@check(
    requirements=("W-CON-02", "REC-09"),
    needs=(*NEEDS, "give_consent", "consent"),
    wire=Wire.OWN,
)
def objection_to_feeding_holds_on_every_ground(bench: Bench) -> Iterator[Assertion]:
    """On each ground nothing is fed, alone or together, whatever is consented to afterwards."""
    parent = bench.person(age=44)
    cases = ((bench.person(age=49), None), (bench.person(age=9, guardian=parent), parent))
    for person, guardian in cases:
        who = decider(bench, person, guardian)
        other = bench.treating(person)
        for ground in ("no_care", "other_patient", "close_relation"):
            author, nurse = bench.treating(person), bench.professional("60")
            before = kept(bench, person, author)
            for each in (author, nurse):
                done = wish(bench, who, person, FEEDING, "deny", about=each, ground=ground)
                yield bench.expects("REC-09", done, accepted())
                bench.operation("care_team", None, holder=person.ins, who=each.rpps)
                bench.operation("consent", None, holder=person.ins, who=each.rpps)
                several = [specimen(bench, person, each) for _ in range(2)]
                answers = [sent(bench, each.who, bundle(bench, several))]
                if each is author:
                    ident = before.place.rpartition("/")[2]
                    newer = specimen(bench, person, author, replaces=ident)
                    several.append(newer)
                    answers.append(sent(bench, each.who, bundle(bench, [newer])))
                for answer in answers:
                    yield bench.expects("W-CON-02", answer, status(401, 403, 404, 409, 422))
                yield from never_kept(bench, "W-CON-02", who, *several)
            yield from sees(bench, "W-CON-02", who, before)
            _, answer = fed(bench, person, other)
            yield bench.expects("REC-09", answer, status(200))
