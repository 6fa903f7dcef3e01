"""Searches alike are read as if none had been read before."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from etalon_wire.modes import Mode
from etalon_wire.records.searches_alike import SearchesAlike
from etalon_wire.records.searching import DocumentSearch, read_document_search

SYSTEM: Final = "urn:oid:1.2.250.1.213.1.4.10"
PEOPLE: Final = [f"{SYSTEM}|279035121518989", f"{SYSTEM}|154029731801275", "1.2|3", "|", "", "a,b"]
OTHERS: Final = [
    ("status", "current"),
    ("status", "current,superseded"),
    ("status", "old"),
    ("date", "ge2022-03-02"),
    ("type", r"http://loinc.org|11488-4\,x"),
    ("_count", "20"),
    ("_count", "many"),
    ("_page", "x"),
    ("relatesto", "DocumentReference/d"),
    ("unknown", "x"),
    ("patient", "Patient/p"),
    ("subject.identifier", PEOPLE[0]),
    ("patient.name", "x"),
]
MODES: Final[list[Mode]] = ["pdsm-strict", "pdsm4dmp", "lenient"]
QUERIES: Final = st.lists(
    st.sampled_from(OTHERS) | st.sampled_from([("patient.identifier", one) for one in PEOPLE]),
    max_size=5,
)
ALIKE: Final = SearchesAlike()


@given(query=QUERIES, mode=st.sampled_from(MODES), strict=st.booleans(), named=st.text(max_size=3))
def test_a_search_means_the_same_whatever_was_read_before(
    query: list[tuple[str, str]], mode: Mode, *, strict: bool, named: str
) -> None:
    """Criteria, person, page, what is passed over, faults: one reader for all examples."""

    def unique_id_of(_: str) -> str:
        return named

    for rank, person in enumerate(PEOPLE):
        asked = query if not rank else [("patient.identifier", person), *query]
        options = {"mode": mode, "strict": strict, "base": "http://x/fhir"}
        alone = read_document_search(asked, unique_id_of, **options)  # type: ignore[arg-type]
        assert ALIKE.read(asked, unique_id_of, **options) == alone  # type: ignore[arg-type]


def test_what_is_alike_is_read_once() -> None:
    """For another person the conditions are the same object."""
    alike = SearchesAlike()
    found = [
        alike.read(
            [("patient.identifier", one), ("status", "current"), ("type", "x")],
            str,
            mode="pdsm-strict",
            strict=False,
            base="",
        )
        for one in PEOPLE[:2]
    ]
    first, second = (one for one in found if isinstance(one, DocumentSearch))
    assert first.criteria is second.criteria
    assert first.who != second.who
