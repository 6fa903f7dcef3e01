"""The directory: who may search it, who is found there, and how mailboxes are changed."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.directory_scene import ADDRESSES, MATCHES, RPPS, mailbox_of, searched
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    at_most,
    distinct,
    equals,
    excludes,
    includes,
    present,
    status,
)
from etalon_conformance.mailbox_changes import METADATA, element_of, patched, replaced
from etalon_target.people import TestProfessional

if TYPE_CHECKING:
    from etalon_wire.json_body import Resource

NEEDS: Final = ("create_professional",)
_NATIONAL: Final = "urn:oid:1.2.250.1.71.4.2.1"
NUMBERS: Final = f"{MATCHES}.identifier[system={RPPS}].value"
"""Path to the RPPS numbers of who is found."""
_SHUT: Final = (401, 403)
_NOBODY: Final = "99999999999"
_UNCHANGED: Final = (400, 403, 405, 409, 412, 422)


def entry_of(bench: Bench, requirement: str, one: TestProfessional) -> Exchange:
    """Return the page on which a professional finds their own entry; a control."""
    page = searched(bench, one.who, "Practitioner", ("identifier", f"{RPPS}|{one.rpps}"))
    bench.expects(requirement, page, includes(NUMBERS, one.rpps), control=True)
    return page


@check(requirements=("W-DIR-01",), needs=NEEDS)
def directory_is_shut_without_a_key(bench: Bench) -> Iterator[Assertion]:
    """Without a key, or with one that nobody gave, the directory answers 401 or 403."""
    doctor = bench.professional()
    entry_of(bench, "W-DIR-01", doctor)
    for kind in ("Practitioner", "PractitionerRole", "Organization"):
        unnamed = bench.call(None, "GET", f"{kind}?_count=1")
        yield bench.expects("W-DIR-01", unnamed, status(*_SHUT))
    forged = bench.call(
        None, "GET", "Practitioner?_count=1", headers=(("ESANTE-API-KEY", "no-key-of-anybody"),)
    )
    yield bench.expects("W-DIR-01", forged, status(*_SHUT))


@check(requirements=("W-DIR-02",), needs=NEEDS)
def professionals_are_found_by_identifier_name_and_mailbox(bench: Bench) -> Iterator[Assertion]:
    """Each criterion finds whom it is about, and nobody else of two."""
    one, other = bench.professional(), bench.professional()
    entry_of(bench, "W-DIR-02", one)
    entry_of(bench, "W-DIR-02", other)
    of_one = ("identifier", f"{RPPS}|{one.rpps}")
    searches: list[Sequence[tuple[str, str]]] = [[of_one], [("identifier", one.rpps)]]
    if one.family:
        searches.append([("family", one.family), of_one])
    searches.append([("mailbox-mss", mailbox_of(bench, one))])
    for criteria in searches:
        page = searched(bench, other.who, "Practitioner", *criteria)
        yield bench.expects("W-DIR-02", page, status(200))
        yield bench.expects("W-DIR-02", page, includes(NUMBERS, one.rpps))
        yield bench.expects("W-DIR-02", page, excludes(NUMBERS, other.rpps))
    unheard = searched(bench, other.who, "Practitioner", ("family", "Zzyzx"), of_one)
    yield bench.expects("W-DIR-02", unheard, excludes(NUMBERS, one.rpps))


@check(requirements=("W-DIR-02",), needs=NEEDS)
def directory_is_paged_as_asked(bench: Bench) -> Iterator[Assertion]:
    """Pages are as small as asked, follow each other, and hold everybody once."""
    several = [bench.professional() for _ in range(3)]
    for one in several:
        entry_of(bench, "W-DIR-02", one)
    numbers = [one.rpps for one in several]
    wanted = ",".join(f"{RPPS}|{number}" for number in numbers)
    first = searched(bench, several[0].who, "Practitioner", ("identifier", wanted), ("_count", "2"))
    yield bench.expects("W-DIR-02", first, status(200))
    yield bench.expects("W-DIR-02", first, at_most(f"{MATCHES}.id", 2))
    pages = bench.pages(first, several[0].who)
    yield bench.expects("W-DIR-02", pages, equals(NUMBERS, *numbers))
    yield bench.expects("W-DIR-02", pages, distinct("url"))


@check(requirements=("W-DIR-03",), needs=NEEDS)
def entries_bear_their_national_identifiers(bench: Bench) -> Iterator[Assertion]:
    """RPPS and national identifier, each under its system."""
    doctor = bench.professional()
    page = entry_of(bench, "W-DIR-03", doctor)
    chosen = f"{MATCHES}.identifier[system={_NATIONAL}].value"
    yield bench.expects("W-DIR-03", page, equals(NUMBERS, doctor.rpps))
    yield bench.expects("W-DIR-03", page, equals(chosen, f"8{doctor.rpps}"))
    read = bench.call(doctor.who, "GET", f"Practitioner/{page.first(f'{MATCHES}.id')}")
    numbers = f"identifier[system={RPPS}].value"
    yield bench.expects("W-DIR-03", read, equals(numbers, doctor.rpps))


@check(requirements=("W-MSS-12",), needs=NEEDS)
def mailboxes_are_found_contained_or_exact(bench: Bench) -> Iterator[Assertion]:
    """A part of an address finds it; the exact search takes the whole of it alone."""
    one, other = bench.professional(), bench.professional()
    entry_of(bench, "W-MSS-12", one)
    address = mailbox_of(bench, one)
    part = address.partition("@")[0]
    for kind in ("Practitioner", "PractitionerRole"):
        for name, value in (
            ("mailbox-mss", part),
            ("mailbox-mss:contains", part),
            ("mailbox-mss:exact", address),
        ):
            page = searched(bench, other.who, kind, (name, value))
            yield bench.expects("W-MSS-12", page, status(200))
            yield bench.expects("W-MSS-12", page, includes(ADDRESSES, address))
        partial = searched(bench, other.who, kind, ("mailbox-mss:exact", part))
        yield bench.expects("W-MSS-12", partial, excludes(ADDRESSES, address))
    nowhere = searched(bench, other.who, "Organization", ("mailbox-mss:exact", address))
    yield bench.expects("W-MSS-12", nowhere, status(200))
    yield bench.expects("W-MSS-12", nowhere, excludes(ADDRESSES, address))


@check(requirements=("W-MSS-11", "MSG-12"), needs=NEEDS)
def mailboxes_change_by_condition_and_keep_their_address(bench: Bench) -> Iterator[Assertion]:
    """200 for one, 404 for none, 412 for several; address and type stay what they are."""
    one, other = bench.professional(), bench.professional()
    entry_of(bench, "W-MSS-11", one)
    address = mailbox_of(bench, one)
    mine = f"identifier={RPPS}|{one.rpps}"
    several = f"{mine},{RPPS}|{other.rpps}"
    entry_of(bench, "W-MSS-11", other)
    listed = replaced(
        element_of(address, f".extension('{METADATA}').extension('listeRouge').value")
    )
    for condition, expected in (
        (f"identifier={RPPS}|{_NOBODY}", (404,)),
        (several, (412,)),
        (mine, (200,)),
    ):
        answer = patched(bench, one.who, condition, {**listed, "valueBoolean": True})
        yield bench.expects("W-MSS-11", answer, status(*expected))
    hidden = searched(bench, other.who, "Practitioner", ("mailbox-mss:exact", address))
    yield bench.expects("MSG-12", hidden, excludes(ADDRESSES, address))
    patched(bench, one.who, mine, {**listed, "valueBoolean": False})
    shown = searched(bench, other.who, "Practitioner", ("mailbox-mss:exact", address))
    yield bench.expects("MSG-12", shown, includes(ADDRESSES, address))
    renamed: Resource = {**replaced(element_of(address, ".value")), "valueString": f"x{address}"}
    refused = patched(bench, one.who, mine, renamed)
    yield bench.expects("W-MSS-11", refused, status(*_UNCHANGED))
    after = searched(bench, one.who, "Practitioner", ("identifier", f"{RPPS}|{one.rpps}"))
    yield bench.expects("W-MSS-11", after, equals(ADDRESSES, address))
    yield bench.expects("MSG-12", after, equals(ADDRESSES, address))
    stranger = patched(bench, other.who, mine, {**listed, "valueBoolean": True})
    yield bench.expects("MSG-12", stranger, status(*_UNCHANGED, 404), certain=False)


@check(requirements=("W-DIR-03",), needs=NEEDS)
def roles_lead_to_their_bearer(bench: Bench) -> Iterator[Assertion]:
    """Where somebody practises leads to who they are."""
    doctor = bench.professional()
    page = entry_of(bench, "W-DIR-03", doctor)
    ident = page.first(f"{MATCHES}.id")
    roles = searched(bench, doctor.who, "PractitionerRole", ("practitioner", ident))
    yield bench.expects("W-DIR-03", roles, present(f"{MATCHES}.id"), certain=False)
