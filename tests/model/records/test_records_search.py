"""Searches: every criterion, pages, order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from etalon_model import Period, holder, vintage
from etalon_model.records.masking import MaskDocument
from etalon_model.records.record import (
    Author,
    Extras,
    Form,
    Status,
    entry_id,
    logical_id,
)
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_model.records.search import (
    Criteria,
    DocumentPage,
    SearchDocuments,
    Within,
    first_opening,
)

JANUARY = datetime(2022, 1, 10, 8, tzinfo=UTC)
A_DAY = timedelta(days=1)


def found(care: RecordRehearsal, criteria: Criteria) -> list[str]:
    """Return the titles that the holder finds, in the order of the answer."""
    page = care.sandbox.do(SearchDocuments(care.now, care.holder, care.ins, criteria))
    assert isinstance(page, DocumentPage)
    assert page.total == len(page.documents)
    return [one.sheet.title for one in page.documents]


@pytest.fixture
def shelf(care: RecordRehearsal) -> RecordRehearsal:
    """Return a record of three documents that differ in everything."""
    plain = care.sheet()
    base = replace(plain, created_at=JANUARY, service_start_at=JANUARY)
    biology = replace(
        care.sheet("11502-2"),
        created_at=JANUARY + 5 * A_DAY,
        service_start_at=JANUARY + 4 * A_DAY,
        form=Form("text/plain", "urn:ihe:iti:xds-sd:text:2008"),
        origin=replace(
            plain.origin,
            authors=(Author("1", "Étienne", "Zoé"), Author("2", "Nguyen", "Linh")),
            facility_type="SA08",
            practice_setting="ETABLISSEMENT",
        ),
        extras=Extras(JANUARY + 6 * A_DAY, ("ZZQX001",), ("urn:oid:1.2.3",), "urgent"),
    )
    drugs = replace(care.sheet("57833-6"), created_at=JANUARY + 9 * A_DAY)
    for title, sheet, codes in (
        ("visit", base, ("N",)),
        ("biology", biology, ("R", "MASQUE_PS")),
        ("drugs", drugs, ("N", "MASQUE_PS")),
    ):
        care.sandbox.do(care.deposit(*codes, sheet=replace(sheet, title=title)))
        care.sandbox.wait(A_DAY)
    return care


def within(start: int | None, end: int | None) -> Within:
    """Return a range of days after 10 January."""
    return Within(
        None if start is None else JANUARY + start * A_DAY,
        None if end is None else JANUARY + end * A_DAY,
    )


@pytest.mark.parametrize(
    ("criteria", "titles"),
    [
        (Criteria(), ["drugs", "biology", "visit"]),
        (Criteria(types=("11502-2", "57833-6")), ["drugs", "biology"]),
        (Criteria(types=("AUTORIS-SOINS",)), []),
        (Criteria(classes=("10",)), ["biology", "visit"]),
        (Criteria(categories=("ORD_SOIN",)), ["drugs"]),
        (Criteria(formats=("urn:ihe:iti:xds-sd:text:2008",)), ["biology"]),
        (Criteria(events=("ZZQX001", "other")), ["biology"]),
        (Criteria(facilities=("SA07",)), ["drugs", "visit"]),
        (Criteria(settings=("ETABLISSEMENT",)), ["biology"]),
        (Criteria(security_labels=("MASQUE_PS",)), ["drugs", "biology"]),
        (Criteria(security_labels=("R",)), ["biology"]),
        (Criteria(created=within(0, 5)), ["biology", "visit"]),
        (Criteria(created=within(6, None)), ["drugs"]),
        (Criteria(created=within(None, 4)), ["visit"]),
        (Criteria(period=within(5, 5)), ["biology"]),
        (Criteria(period=within(7, 8)), []),
        (Criteria(period=within(None, 0)), ["visit"]),
        (Criteria(period_start=within(4, 4)), ["biology"]),
        (Criteria(period_end=within(0, 20)), ["biology"]),
        (Criteria(related=("urn:oid:1.2.3",)), ["biology"]),
        (Criteria(author_family="éti"), ["biology"]),
        (Criteria(author_family="NGUY"), ["biology"]),
        (Criteria(author_given="Al"), ["drugs", "visit"]),
        (Criteria(author_given="lix"), []),
        (Criteria(archived=True), []),
        (Criteria(archived=False), ["drugs", "biology", "visit"]),
        (Criteria(relates_to="urn:oid:9.9"), []),
        (Criteria(status=(Status.SUPERSEDED,)), []),
        (Criteria(classes=("10",), author_given="Al"), ["visit"]),
    ],
)
def test_each_criterion_of_pdsm_finds_what_it_names(
    shelf: RecordRehearsal, criteria: Criteria, titles: list[str]
) -> None:
    """The newest deposit comes first; criteria add up."""
    assert found(shelf, criteria) == titles


def test_a_document_is_found_by_its_day_of_deposit(shelf: RecordRehearsal) -> None:
    """Both ends of the range included."""
    yesterday = shelf.now - A_DAY

    assert found(shelf, Criteria(deposited=Within(yesterday, yesterday))) == ["drugs"]


def test_a_document_is_found_under_each_of_its_three_identifiers(shelf: RecordRehearsal) -> None:
    """Unique, logical and entry identifiers, alone or together."""
    page = shelf.sandbox.do(SearchDocuments(shelf.now, shelf.holder, shelf.ins))
    assert isinstance(page, DocumentPage)
    one, other, _ = page.documents
    names = (one.unique_id, logical_id(shelf.ins, one), entry_id(shelf.ins, one))

    assert len(set(names)) == 3
    for name in names:
        assert found(shelf, Criteria(identifiers=(name,))) == [one.sheet.title]
    both = Criteria(identifiers=(one.unique_id, entry_id(shelf.ins, other)))
    assert found(shelf, both) == [one.sheet.title, other.sheet.title]
    assert found(shelf, Criteria(identifiers=("urn:oid:9.9",))) == []


def test_pages_cover_the_answer_once_and_in_a_stable_order(care: RecordRehearsal) -> None:
    """Whatever their size; a page beyond the last is refused."""
    deposited = [care.put().unique_id for _ in range(7)]
    for size in (1, 2, 3, 7, 50):
        pages: list[str] = []
        number = 1
        while True:
            command = SearchDocuments(care.now, care.holder, care.ins, page=number, page_size=size)
            page = care.sandbox.do(command)
            assert isinstance(page, DocumentPage)
            pages += [one.unique_id for one in page.documents]
            if number == page.pages:
                break
            number += 1
        assert pages == deposited[::-1]
        beyond = replace(command, page=number + 1)
        assert care.sandbox.refusal(beyond) == ("REC-32", "NO_SUCH_PAGE")


@pytest.mark.parametrize(("size", "accepted"), [(0, False), (1, True), (100, True), (101, False)])
def test_a_page_has_one_to_a_hundred_documents(
    care: RecordRehearsal, size: int, *, accepted: bool
) -> None:
    """Both ends."""
    command = SearchDocuments(care.now, care.holder, care.ins, page_size=size)

    if accepted:
        care.sandbox.do(command)
    else:
        assert care.sandbox.refusal(command) == ("REC-32", "PAGE_SIZE_WRONG")


@pytest.mark.rule("REC-32")
def test_a_first_opening_looks_two_years_back_by_twenty(care: RecordRehearsal) -> None:
    """Civil years: what was deposited two years before to the second is found, not older."""
    care.put()
    care.sandbox.wait(timedelta(seconds=1))
    recent = care.put()
    for _ in range(20):
        care.put()
    search = first_opening(Period("P2Y").after(care.now), care.holder, care.ins)

    page = care.sandbox.do(search)

    assert isinstance(page, DocumentPage)
    assert (page.total, len(page.documents), page.pages) == (21, 20, 2)
    rest = care.sandbox.do(replace(search, page=2))
    assert isinstance(rest, DocumentPage)
    assert rest.documents == (recent,)


def test_an_empty_record_answers_an_empty_page() -> None:
    """Nothing was ever deposited, and nothing is made by asking."""
    care = RecordRehearsal(vintage("launch-2022"))

    page = care.sandbox.do(SearchDocuments(care.now, holder(care.ins), care.ins))

    assert page == DocumentPage((), 0, 1, 1)
    assert care.sandbox.service.person(care.ins).holdings is None


def test_an_answer_does_not_change_afterwards(care: RecordRehearsal) -> None:
    """Documents are values: masking one leaves the answer of before as it was."""
    document = care.put()
    page = care.sandbox.do(SearchDocuments(care.now, care.holder, care.ins))
    assert isinstance(page, DocumentPage)

    care.sandbox.do(MaskDocument(care.now, care.holder, care.ins, document.unique_id))

    assert page.documents == (document,)
    assert not page.documents[0].confidentiality.masked
