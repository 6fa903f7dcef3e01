"""Lots: what is written comes back, and what does not hold together is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_model.records.deposit import Subject
from etalon_model.records.record import NO_EXTRAS, Author, Extras, Form, Origin, Sheet
from etalon_wire.mail.archives import read_archive, write_archive
from etalon_wire.mail.lots import Enclosed, Lot, read_lot, write_lot
from etalon_wire.mail.metadata_reading import read_metadata
from etalon_wire.mail.metadata_writing import write_metadata
from etalon_wire.mail.submissions import Contents, Submission
from etalon_wire.malformed import Malformed
from etalon_wire.records.documents import Described

METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=12)
WORDS = st.from_regex(r"[A-Za-z0-9^&|~\\é ]{1,9}", fullmatch=True)
OIDS = st.from_regex(r"1\.2\.[1-9][0-9]{0,3}", fullmatch=True).map("urn:oid:{}".format)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 (bounds have none)
    lambda at: at.replace(microsecond=0)
)
CODES = st.from_regex(r"[A-Z0-9-]{1,9}", fullmatch=True)
SUBJECTS = st.builds(
    Subject,
    st.just("146026322000196"),
    st.just("1.2.250.1.213.1.4.10"),
    st.none() | st.dates(date(1850, 1, 1)),
    st.sampled_from(["F", "M", ""]),
)
AUTHORS = st.builds(Author, CODES, WORDS, TEXTS | WORDS, CODES | st.just(""))
ORIGINS = st.builds(
    Origin,
    st.lists(AUTHORS, min_size=1, max_size=3).map(tuple),
    CODES | st.just(""),
    CODES | st.just(""),
    CODES,
    CODES,
)
EXTRAS = st.just(NO_EXTRAS) | st.builds(
    Extras, MOMENTS, st.lists(CODES, max_size=2).map(tuple), st.just(("a^b&c",)), TEXTS
)
SHEETS = st.builds(
    Sheet,
    OIDS,
    CODES,
    CODES,
    TEXTS,
    MOMENTS,
    MOMENTS,
    st.integers(0, 10**9),
    st.from_regex(r"[0-9a-f]{40}", fullmatch=True),
    ORIGINS,
    st.builds(Form, st.just("text/xml"), CODES),
    EXTRAS,
)
LEVELS = st.sampled_from([("N",), ("R", "MASQUE_PS"), ()])


@settings(max_examples=settings().max_examples // 4)
@given(st.data(), SUBJECTS)
def test_metadata_come_back_equal(data: st.DataObject, subject: Subject) -> None:
    """Whatever the texts, carets and escapes included."""
    described = st.builds(
        Described,
        SHEETS,
        st.just(subject),
        LEVELS,
        st.just("") | OIDS,
        st.just("A.XML"),
    )
    documents = data.draw(st.lists(described, min_size=1, max_size=3).map(tuple))
    owner = replace(subject, birth_on=None, sex="")
    submission = data.draw(
        st.builds(
            Submission,
            OIDS,
            OIDS,
            MOMENTS,
            AUTHORS,
            CODES,
            CODES,
            TEXTS,
            st.just(owner),
            TEXTS,
        )
    )
    contents = Contents(submission, documents)

    assert read_metadata(write_metadata(contents)) == contents


@pytest.mark.requirement("W-MSS-03")
def test_a_lot_holds_what_xdm_asks_for_and_comes_back(lot: Lot) -> None:
    """Names, order, size and digest."""
    body = write_lot(lot)
    read = read_lot(body)

    assert list(read_archive(body)) == [
        "INDEX.HTM",
        "README.TXT",
        METADATA,
        "IHE_XDM/SUBSET01/DOC00001.XML",
    ]
    assert read.documents[0].content == b"<a/>"
    assert read.documents[0].described.sheet.size_bytes == 4
    assert write_lot(read) == body


def test_a_title_is_no_markup_in_the_index(lot: Lot) -> None:
    """The index is opened in a browser."""
    enclosed = lot.documents[0]
    sheet = replace(enclosed.described.sheet, title="<script>")
    named = Enclosed(replace(enclosed.described, sheet=sheet), b"")

    index = read_archive(write_lot(replace(lot, documents=(named,))))["INDEX.HTM"]

    assert b"&lt;script&gt;" in index
    assert b"<script>" not in index


def _without(name: str) -> Callable[[dict[str, bytes]], None]:
    def remove(files: dict[str, bytes]) -> None:
        del files[name]

    return remove


def _edited(old: str, new: str) -> Callable[[dict[str, bytes]], None]:
    def edit(files: dict[str, bytes]) -> None:
        text = files[METADATA].decode()
        changed = re.sub(old, new, text, flags=re.DOTALL)
        assert changed != text
        files[METADATA] = changed.encode()

    return edit


def _put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.update({name: content})


BOMB = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><a>&b;</a>'
BROKEN: list[tuple[str, Callable[[dict[str, bytes]], None], str]] = [
    ("no index", _without("INDEX.HTM"), "no INDEX.HTM"),
    ("no text", _without("README.TXT"), "no README.TXT"),
    ("no metadata", _without(METADATA), "no .*METADATA.XML"),
    ("no document", _without("IHE_XDM/SUBSET01/DOC00001.XML"), "no document 'DOC00001.XML'"),
    ("other bytes", _put("IHE_XDM/SUBSET01/DOC00001.XML", b"<b/>"), "another size or digest"),
    ("two lots", _put("IHE_XDM/SUBSET02/METADATA.XML", b""), "send them apart"),
    ("entities", _put(METADATA, BOMB), "document type"),
    ("other root", _put(METADATA, b"<a/>"), "no SubmitObjectsRequest"),
    ("no XML", _put(METADATA, b"<a>"), "no XML"),
    ("two patients", _edited("(document-1-patientId.*?)1460", r"\g<1>2460"), "several patients"),
    ("two matricules", _edited("(PatientId.*?)1460", r"\g<1>2460"), "several patients"),
    ("other size", _edited("<Value>4</Value>", "<Value>5</Value>"), "another size"),
    ("no size", _edited("<Value>4</Value>", "<Value>-4</Value>"), "no number of bytes"),
    ("great size", _edited("<Value>4</Value>", f"<Value>{'9' * 19}</Value>"), "larger than any"),
    ("no date", _edited("20260302090500", "2026-03-02"), "is no date"),
    ("its own metadata", _edited("DOC00001.XML", "METADATA.XML"), "no document 'METADATA.XML'"),
    ("climbing URI", _edited("DOC00001.XML", "../../INDEX.HTM"), "no document"),
    ("slot twice", _edited('name="hash"', 'name="size"'), "stands twice"),
    ("two values", _edited("<Value>4</Value>", "<Value>4</Value><Value>4</Value>"), "2 values"),
    ("no submission", _edited("urn:uuid:a54d6aa5", "urn:uuid:b54d6aa5"), "0 submissions"),
    ("no member", _edited(":HasMember", ":Other"), "no member"),
    ("no identifier", _edited("urn:uuid:2e82c1f6", "urn:uuid:3e82c1f6"), "0 identifiers unique"),
]


@pytest.mark.parametrize(
    ("change", "said"), [one[1:] for one in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_a_lot_that_does_not_hold_together_is_refused(
    lot: Lot, change: Callable[[dict[str, bytes]], None], said: str
) -> None:
    """The whole lot, with a reason."""
    files = read_archive(write_lot(lot))
    change(files)

    with pytest.raises(Malformed, match=said):
        read_lot(write_archive(files))


def test_a_number_of_the_sender_is_no_second_patient(lot: Lot) -> None:
    """Hospitals number patients for themselves."""
    files = read_archive(write_lot(lot))
    own = "Id.*?<Value>)146026322000196\\^\\^\\^&amp;1.2.250.1.213.1.4.10"
    _edited(f"(sourcePatient{own}", r"\g<1>42^^^&amp;1.2.3")(files)

    read = read_lot(write_archive(files))

    assert read.documents[0].described.subject == lot.documents[0].described.subject


def test_two_documents_never_have_one_name(lot: Lot) -> None:
    """One would take the place of the other."""
    with pytest.raises(Malformed, match="one name"):
        write_lot(replace(lot, documents=lot.documents * 2))
