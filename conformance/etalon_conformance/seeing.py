"""What somebody sees of a record: what they find, read and open, and what shows nowhere to them.

Nobody is seen not to see without others being seen to see the same, asked in the same words.
A refused reading may be answered by 401, 403, 404 or 410, a refused search by any status of a
client's fault or by an empty page: what counts is that nothing comes through (ITI TF-2 Z.7).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_JSON, FHIR_XML, Bench
from etalon_conformance.checking import Assertion
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    Expectation,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.record_scene import (
    LISTS,
    NOT_OFFERED,
    UNIQUE_IDS,
    changed,
    content_of,
    deposit,
    found,
    leading_to,
    matricule,
    page_with,
    place_of,
    publish,
    target_of,
)
from etalon_conformance.specimens import Specimen, specimen
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.labels import VISIBILITY

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

Named = str | tuple[str, ...]
"""One requirement, or several that say the same."""

SEEN_BY_ALL: Final = "11502-2"
"""A type of document that doctors, pharmacists and nurses read: a report of biology."""
READERS: Final = ("10", "60", "21")
"""Professions that read it: doctor, nurse, pharmacist."""
NOT_SHOWN: Final = (401, 403, 404, 410)
"""Statuses by which a reading is refused to somebody."""
_NOT_IN_THIS_FORM: Final = 406
_TELLING: Final = 12
"""Characters from which a word of a document is no word of everybody's."""
_LABELS: Final = "securityLabel.coding.code"
_COUNTED: Final = (
    (("status", "current"),),
    (("status", "current,superseded"),),
    (("status", "current"), ("date", "ge2000-01-01")),
)
"""Criteria under which documents are counted."""
_UNIQUE: Final = "masterIdentifier.value"


@dataclass(frozen=True, slots=True)
class Kept:
    """A document of a record.

    Attributes:
        one: What was deposited.
        place: Address of its description, below the base.
        content: Address of its bytes, or empty where the server says none.
    """

    one: Specimen
    place: str
    content: str

    @property
    def person(self) -> TestPerson:
        """Whose it is."""
        return self.one.person

    @property
    def author(self) -> Who:
        """Who deposited it."""
        return self.one.author.who


def kept(
    bench: Bench,
    person: TestPerson,
    author: TestProfessional,
    *labels: str,
    kind: str = SEEN_BY_ALL,
    finder: Who | None = None,
) -> Kept:
    """Deposit a document with codes of visibility, and find it again.

    Args:
        bench: What the check works with.
        person: Whose it is.
        author: Who deposits it.
        labels: Its codes of visibility.
        kind: Its type.
        finder: Who finds it; its author when None.

    Raises:
        ControlBroken: It is not taken in, or not found.
    """
    return laid(bench, specimen(bench, person, author, kind=kind, labels=labels), finder)


def laid(bench: Bench, one: Specimen, finder: Who | None = None) -> Kept:
    """Deposit a document as it is, and find it again, as its author unless somebody else does.

    Raises:
        ControlBroken: It is not taken in, or not found.
    """
    requirement = bench.check.requirements[0]
    deposit(bench, requirement, [one])
    page = page_with(bench, requirement, finder or one.author.who, one)
    return Kept(one, place_of(page, one.unique_id), content_of(bench, page, one.unique_id))


def published(
    bench: Bench, person: TestPerson, author: TestProfessional, *labels: str
) -> tuple[Kept, ...]:
    """Publish a document with codes of visibility (ITI-105), and find it again.

    Returns:
        The document; none where the server does not offer the simplified publication.

    Raises:
        ControlBroken: It is not found.
    """
    one = specimen(bench, person, author, kind=SEEN_BY_ALL, labels=labels)
    if publish(bench, one).status in NOT_OFFERED:
        return ()
    page = page_with(bench, bench.check.requirements[0], author.who, one)
    place, content = place_of(page, one.unique_id), content_of(bench, page, one.unique_id)
    return (Kept(one, place, content),)


def searched_by_form(bench: Bench, who: Who, person: TestPerson) -> tuple[Exchange, ...]:
    """Search somebody's documents by a form; return the pages."""
    form = [("patient.identifier", matricule(person)), ("status", "current")]
    return bench.pages(bench.call(who, "POST", "DocumentReference/_search", form=form), who)


def lists_found(bench: Bench, who: Who, person: TestPerson) -> tuple[Exchange, ...]:
    """Search the submission sets of somebody; return the pages."""
    asked = f"List?patient.identifier={matricule(person)}&code=submissionset&status=current"
    return bench.pages(bench.call(who, "GET", asked), who)


def opened(bench: Bench, who: Who | None, one: Kept) -> Exchange:
    """Read the bytes of a document, in any form; its description where it has no address."""
    return bench.call(who, "GET", one.content or one.place, accept="*/*")


def _held(  # noqa: PLR0913 (those of `expects`)
    bench: Bench,
    requirement: Named,
    looked: Exchange | Sequence[Exchange],
    expectation: Expectation,
    *,
    certain: bool,
    likely: str = "",
) -> Iterator[Assertion]:
    """Hold one expectation under one requirement or several."""
    for one in (requirement,) if isinstance(requirement, str) else requirement:
        yield bench.expects(one, looked, expectation, certain=certain, likely=likely)


def sees(
    bench: Bench, requirement: Named, who: Who, *those: Kept, certain: bool = True
) -> Iterator[Assertion]:
    """Somebody finds documents, reads what is said of them, and opens them."""
    pages = found(bench, who, those[0].person)
    names = [each.one.unique_id for each in those]
    yield from _held(bench, requirement, pages, includes(UNIQUE_IDS, *names), certain=certain)
    for each in those:
        read = bench.call(who, "GET", each.place)
        named = equals(_UNIQUE, each.one.unique_id)
        yield from _held(bench, requirement, read, named, certain=certain)
        if each.content:
            content = bench.call(who, "GET", each.content, accept=each.one.media_type)
            same = equals("body", each.one.sha256)
            yield from _held(bench, requirement, content, same, certain=certain)


def shown_too(bench: Bench, who: Who, *those: Kept) -> None:
    """Somebody sees documents: the control of what others, or they, do not see.

    Raises:
        ControlBroken: They do not find one of them, or cannot read it.
    """
    requirement = bench.check.requirements[0]
    pages = found(bench, who, those[0].person)
    names = [each.one.unique_id for each in those]
    bench.expects(requirement, pages, includes(UNIQUE_IDS, *names), control=True)
    for each in those:
        read = bench.call(who, "GET", each.place)
        bench.expects(requirement, read, status(200), control=True)
        bench.expects(requirement, opened(bench, who, each), status(200), control=True)


def hidden_too(bench: Bench, who: Who, *those: Kept) -> None:
    """Somebody does not find documents: the control of what a change then shows them.

    Raises:
        ControlBroken: They find one.
    """
    pages = found(bench, who, those[0].person)
    names = [each.one.unique_id for each in those]
    bench.expects(bench.check.requirements[0], pages, excludes(UNIQUE_IDS, *names), control=True)


def misses(  # noqa: PLR0913 (what is missed, by whom, and how surely)
    bench: Bench,
    requirement: Named,
    who: Who,
    *those: Kept,
    certain: bool = True,
    likely: str = "",
    lists: bool = True,
) -> Iterator[Assertion]:
    """Documents show to somebody nowhere: searches, lists, descriptions, bytes.

    Args:
        bench: The bench.
        requirement: Under which it is asserted; or several.
        who: Who is not to see them.
        those: The documents, of one person.
        certain: It is about the certain part of the requirement.
        likely: The likely cause of a breach.
        lists: Lists are searched too.
    """
    person = those[0].person
    names = [each.one.unique_id for each in those]
    hidden = excludes(UNIQUE_IDS, *names)
    pages = found(bench, who, person)
    yield from _held(bench, requirement, pages, hidden, certain=certain, likely=likely)
    yield from nothing_counted(bench, pages)
    every = found(bench, who, person, {"status": "current,superseded"}, current=False)
    yield from _held(bench, requirement, every, hidden, certain=certain, likely=likely)
    form = searched_by_form(bench, who, person)
    yield from _held(bench, requirement, form, hidden, certain=certain, likely=likely)
    yield from _named(bench, requirement, who, *those, certain=certain, likely=likely)
    if lists:
        sets = lists_found(bench, who, person)
        path = f"{LISTS}.entry.item.reference"
        addresses = [one for page in sets for one in page.value(path)]
        leads = [leading_to(addresses, *target_of(each.place)) for each in those]
        unlisted = excludes(path, *leads)
        yield from _held(bench, requirement, sets, unlisted, certain=certain, likely=likely)
        yield from nothing_counted(bench, sets, f"{LISTS}.id")
    for each in those:
        for answer in _readings(bench, who, each):
            yield from _held(
                bench,
                requirement,
                answer,
                status(*NOT_SHOWN, _NOT_IN_THIS_FORM),
                certain=certain,
                likely=likely,
            )
            yield from nothing_betrayed(bench, answer, each)


def _readings(bench: Bench, who: Who, one: Kept) -> Iterator[Exchange]:
    """Ask for a document by its address, in each form that it has."""
    for accept in (FHIR_JSON, FHIR_XML):
        yield bench.call(who, "GET", one.place, accept=accept)
    if one.content:
        for accept in ("*/*", FHIR_JSON):
            yield bench.call(who, "GET", one.content, accept=accept)


def _named(
    bench: Bench, requirement: Named, who: Who, *those: Kept, certain: bool, likely: str
) -> Iterator[Assertion]:
    """Nor are they found by whoever knows what they are called, or of which type they are."""
    person = those[0].person
    for each in those:
        ident = each.place.rpartition("/")[2]
        for criteria in (
            {"identifier": each.one.unique_id},
            {"type": each.one.kind.token},
            {"_id": ident},
        ):
            pages = found(bench, who, person, criteria)
            hidden = excludes(UNIQUE_IDS, each.one.unique_id)
            yield from _held(bench, requirement, pages, hidden, certain=certain, likely=likely)


def nothing_counted(
    bench: Bench, pages: Sequence[Exchange], path: str = UNIQUE_IDS
) -> Iterator[Assertion]:
    """The total of a search is that of what it shows, where it says one (W-COM-04)."""
    if "W-COM-04" not in bench.check.requirements or not pages[0].value("total"):
        return
    shown = sum(len(page.value(path)) for page in pages)
    total = one_of("total", str(shown))
    yield bench.expects("W-COM-04", pages[0], total, likely="counted_before_rights")


def counted_only(
    bench: Bench, requirement: Named, who: Who, person: TestPerson
) -> Iterator[Assertion]:
    """A search that asks for the number alone counts no more than one that shows.

    Both ways of asking for it (FHIR R4, 3.1.1.5.5), by an address and by a form, of documents by
    several criteria and of submission sets. An answer without a total counts nothing.
    """
    asked = (("DocumentReference", UNIQUE_IDS, one) for one in _COUNTED)
    lists = (("List", f"{LISTS}.id", (("code", "submissionset"), ("status", "current"))),)
    for kind, path, criteria in (*asked, *lists):
        base = [("patient.identifier", matricule(person)), *criteria]
        shown = bench.pages(bench.call(who, "GET", f"{kind}?{urlencode(base)}"), who)
        number = str(sum(len(page.value(path)) for page in shown))
        for alone in (("_summary", "count"), ("_count", "0")):
            whole = [*base, alone]
            for answer in (
                bench.call(who, "GET", f"{kind}?{urlencode(whole)}"),
                bench.call(who, "POST", f"{kind}/_search", form=whole),
            ):
                if answer.value("total"):
                    yield from _held(
                        bench,
                        requirement,
                        answer,
                        one_of("total", number),
                        certain=True,
                        likely="counted_before_rights",
                    )


def nothing_betrayed(bench: Bench, answer: Exchange, one: Kept) -> Iterator[Assertion]:
    """A refused reading says nothing of what is there (W-COM-04)."""
    if "W-COM-04" not in bench.check.requirements or answer.status not in NOT_SHOWN:
        return
    words = (one.one.unique_id, one.one.comment, one.person.ins)
    betrayed = "|".join(re.escape(word) for word in words if len(word) >= _TELLING)
    silent = matches("text", rf"(?s)(?!.*(?:{betrayed})).*")
    yield bench.expects("W-COM-04", answer, silent)


def labelled(bench: Bench, who: Who, one: Kept, code: str) -> Exchange:
    """Set a code of visibility on a document."""
    concept: Resource = {"coding": [{"system": VISIBILITY, "code": code}]}
    adding: Resource = {
        "op": "add",
        "path": "/securityLabel/-",
        "value": concept,
        "fhirpath": "securityLabel",
        "kind": "valueCodeableConcept",
    }
    return changed(bench, who, one.place, adding)


def unlabelled(bench: Bench, who: Who, one: Kept, code: str) -> Exchange:
    """Lift a code of visibility from a document, as whoever asks sees its labels.

    Raises:
        CannotTest: They see no such label.
    """
    read = bench.call(who, "GET", one.place)
    codes = read.value(_LABELS)
    if code not in codes:
        raise CannotTest(key="cause.no_label", code=code)
    rank = codes.index(code)
    removing: Resource = {
        "op": "remove",
        "path": f"/securityLabel/{rank}",
        "fhirpath": f"DocumentReference.securityLabel[{rank}]",
    }
    return changed(bench, who, one.place, removing)


def labels_are(
    bench: Bench, requirement: str, who: Who, one: Kept, *codes: str, certain: bool = True
) -> Iterator[Assertion]:
    """The visibility codes of a document are these and no other, beside its confidentiality."""
    read = bench.call(who, "GET", one.place)
    visible = f"securityLabel.coding[system={VISIBILITY}].code"
    yield bench.expects(requirement, read, equals(visible, *codes), certain=certain)
    level = includes(_LABELS, one.one.level)
    yield bench.expects(requirement, read, level, certain=certain)
