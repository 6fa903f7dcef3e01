"""Searches are read strictly: of documents, lists and people, by condition, page by page."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Final, cast
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_model import Actor, vintage
from etalon_model.records.record import Status
from etalon_model.records.rehearsal import DOCTOR, RecordRehearsal
from etalon_model.records.search import EVERYTHING
from etalon_model.rights.modes import AccessMode
from etalon_wire.bundles import Query
from etalon_wire.capability import search_parameters
from etalon_wire.json_body import Json, Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named, person_id, record_key
from etalon_wire.records.at_hand import Search
from etalon_wire.records.list_searching import read_list_search
from etalon_wire.records.lists import derived_set, folder_resource
from etalon_wire.records.page_tokens import PageTokens
from etalon_wire.records.search_parameters import is_strict
from etalon_wire.records.searching import (
    Condition,
    DocumentSearch,
    PatientSearch,
    read_conditional,
    read_document_search,
    read_patient_search,
)
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import parts, text

OID: Final = "1.2.250.1.213.1.4.10"
SYSTEM: Final = f"urn:oid:{OID}"
MATRICULE: Final = "279035121518989"
NOON: Final = datetime(2022, 3, 2, 12, tzinfo=UTC)


def asked(query: str) -> Query:
    """The parameters of a query as it is written."""
    return parse_qsl(query, keep_blank_values=True)


def unique_id_of(resource_id: str) -> str:
    """Which document an `id` names: none here."""
    del resource_id
    return ""


WRONG: Final = [
    ("status=current&type:text=x", "PARAMETER_WRONG", "type:text"),
    ("status=current&patient.name=x", "PARAMETER_WRONG", "patient.name"),
    ("status=current&type=", "PARAMETER_WRONG", "type"),
    ("status=current&type=a,,b", "PARAMETER_WRONG", "type"),
    ("status=current&type=|", "PARAMETER_WRONG", "type"),
    ("status=old", "PARAMETER_WRONG", "status"),
    ("status=current&date=yesterday", "PARAMETER_WRONG", "date"),
    ("status=current&date=ne2022", "PARAMETER_WRONG", "date"),
    ("status=current&date=2022,2023", "PARAMETER_WRONG", "date"),
    ("status=current&isArchived=1", "PARAMETER_WRONG", "isArchived"),
    ("status=current&related:identifier=P-1", "PARAMETER_WRONG", "related:identifier"),
    ("status=current&author.family=a&author.family=b", "PARAMETER_WRONG", "author.family"),
    ("_id=a&identifier=urn:oid:1.2", "PARAMETER_WRONG", "identifier"),
    ("identifier=urn:oid:1.2&_id=a", "PARAMETER_WRONG", "_id"),
    ("status=current&event=a&event=b", "PARAMETER_WRONG", "event"),
    ("status=current&security-label=N&security-label=R", "PARAMETER_WRONG", "security-label"),
    ("status=current&related=a&related=b", "PARAMETER_WRONG", "related"),
    ("status=current&relatesto=a,b", "PARAMETER_WRONG", "relatesto"),
    ("status=current&_count=-1", "PARAMETER_WRONG", "_count"),
    ("status=current&_count=many", "PARAMETER_WRONG", "_count"),
    ("status=current&patient=Patient/x", "PARAMETER_WRONG", "patient.identifier"),
    ("", "PARAMETER_MISSING", "status"),
    ("&".join(["type=a"] * 80), "PARAMETER_WRONG", ""),
]


@pytest.mark.parametrize(("query", "code", "name"), WRONG)
def test_what_is_wrong_with_a_search_is_said(query: str, code: str, name: str) -> None:
    """A search that would find something else than what is asked is not carried out."""
    whole = f"patient.identifier={SYSTEM}|{MATRICULE}" + (f"&{query}" if query else "")
    fault = read_document_search(asked(whole), unique_id_of)
    assert isinstance(fault, Fault)
    assert (fault.code, fault.expression) == (code, name)
    assert MATRICULE not in fault.message


@pytest.mark.requirement("W-REC-20")
def test_a_search_says_whose_documents_and_which() -> None:
    """Without a patient never; without a status only outside `pdsm-strict`, or by identifier."""
    whose = f"patient.identifier={SYSTEM}|1"
    for mode in ("pdsm-strict", "pdsm4dmp", "lenient"):
        fault = read_document_search(asked("status=current"), unique_id_of, mode=mode)
        assert isinstance(fault, Fault)
        assert (fault.code, fault.expression) == ("PARAMETER_MISSING", "patient.identifier")
    assert isinstance(read_document_search(asked(whose), unique_id_of), Fault)
    assert isinstance(
        read_document_search(asked(f"{whose}&identifier=urn:oid:1.2"), unique_id_of), DocumentSearch
    )
    told = read_document_search(asked(whose), unique_id_of, mode="pdsm4dmp")
    assert isinstance(told, DocumentSearch)
    assert told.criteria.status == tuple(Status)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        (f"patient.identifier={SYSTEM}|12", Named(ins="12", oid=OID)),
        ("patient:identifier=12", Named(ins="12")),
        (f"subject.identifier={SYSTEM}|12", Named(ins="12", oid=OID)),
        (f"patient=Patient/{person_id('12')}", Named(key=record_key("12"))),
        (f"patient={person_id('12')}", Named(key=record_key("12"))),
        (f"patient=https://a.example/fhir/Patient/{person_id('12')}", Named(key=record_key("12"))),
        ("patient=Patient/x", Named(key="Patient/x")),
    ],
)
def test_a_person_is_named_by_matricule_or_address(query: str, named: Named) -> None:
    """An address of nobody is kept as such: it leads to no record."""
    search = read_document_search(
        asked(f"{query}&status=current"), unique_id_of, base="https://a.example/fhir"
    )
    assert isinstance(search, DocumentSearch)
    assert search.who == named


def test_a_search_of_all_that_is_current_is_the_one_that_the_model_knows() -> None:
    """By identity, since the model asks by identity."""
    search = read_document_search(asked("patient.identifier=1&status=current"), unique_id_of)
    assert isinstance(search, DocumentSearch)
    assert search.criteria is EVERYTHING


def test_unknown_parameters_are_passed_over_or_refused() -> None:
    """As the client prefers; what is passed over is named."""
    query = asked(f"patient.identifier={SYSTEM}|1&status=current&colour=red&_include=x")
    search = read_document_search(query, unique_id_of)
    assert isinstance(search, DocumentSearch)
    assert search.passed_over == ("colour", "_include")
    fault = read_document_search(query, unique_id_of, strict=True)
    assert isinstance(fault, Fault)
    assert fault.code == "PARAMETER_UNKNOWN"


@pytest.mark.parametrize(
    ("prefer", "strict"),
    [
        ("handling=strict", True),
        ("return=representation; handling=strict", True),
        ("respond-async,handling = strict", True),
        ('handling="strict"', True),
        ("handling=lenient", False),
        ("mishandling=strict", False),
        ("", False),
    ],
)
def test_the_header_prefer_says_what_becomes_of_unknown_parameters(
    prefer: str, *, strict: bool
) -> None:
    """`Prefer: handling=strict` (FHIR R4, 3.1.0.1.11)."""
    assert is_strict(prefer) is strict


@pytest.mark.parametrize(("count", "size"), [("20", 20), ("0", 0), ("1000", 100), ("9" * 30, 100)])
def test_a_page_has_a_size(count: str, size: int) -> None:
    """At most what the record gives; zero asks for the number alone."""
    query = asked(f"patient.identifier={SYSTEM}|1&status=current&_count={count}&_page=x")
    search = read_document_search(query, unique_id_of)
    assert isinstance(search, DocumentSearch)
    assert (search.page_size, search.token) == (size, "x")
    assert search.command(NOON, DOCTOR, "1", AccessMode.NORMAL).page_size == max(1, size)


NAMES: Final = sorted({row["parameter"] for row in rows_of("search_meanings.csv")})


@given(
    query=st.lists(
        st.tuples(
            st.sampled_from([*NAMES, "_count", "_page", "_sort", "type:text"]),
            st.text(max_size=12) | st.sampled_from(["ge2022-03", "a|b", "current", "\\|,\\"]),
        ),
        max_size=5,
    )
)
def test_whatever_is_asked_there_is_a_search_or_a_fault(query: list[tuple[str, str]]) -> None:
    """Any values of any parameters of any resource: nothing else comes of them."""
    whole = [*query, ("patient.identifier", "1"), ("status", "current"), ("code", "folder")]
    for asked_for in (query, whole):
        read_document_search(asked_for, unique_id_of, mode="pdsm4dmp")
        read_patient_search(asked_for)
        read_conditional(asked_for)
        search = read_list_search(asked_for, mode="lenient")
        if isinstance(search, Search):
            assert {search.matches(one) for one in lists()} <= {True, False}


def test_every_parameter_declared_is_read() -> None:
    """What the statement of capabilities says can be searched, is."""
    read = {(row["resource"], row["parameter"]) for row in rows_of("search_meanings.csv")}
    declared = {
        (one.resource, one.name)
        for name in ("DocumentReference", "List", "Patient")
        for one in search_parameters()[name]
    }
    assert declared <= read


@cache
def lists() -> tuple[Resource, ...]:
    """A submission set by a doctor, another by the holder, and a folder."""
    place = RecordRehearsal(vintage("launch-2022"), born=date(1979, 3, 12))
    identity = place.sandbox.service.person(place.ins).identity
    first, second = place.put(), place.put()
    by_holder = replace(second, depositor=place.holder)
    folder = folder_resource(identity, "Suivi du Diabète", [first])
    assert folder is not None
    author: list[Json] = [{"family": "Élan", "given": ["Bo"]}]
    made = derived_set(identity, first)
    cast("list[Resource]", made["contained"])[0]["name"] = author
    return (made, derived_set(identity, by_holder), folder)


@pytest.mark.requirement("W-REC-26")
@pytest.mark.parametrize(
    ("query", "ranks"),
    [
        ("code=submissionset&status=current", [0, 1]),
        (
            "code=https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes|folder&status=current",
            [2],
        ),
        ("code=urn:other|folder&status=current", []),
        ("code=folder,submissionset&status=current", [0, 1, 2]),
        ("code=folder&status=retired", []),
        ("code=folder&status=current&title=SUIVI DU DIABETE", [2]),
        ("code=folder&status=current&title=diab", []),
        ("code=submissionset&status=current&source.family=elan", [0]),
        ("code=submissionset&status=current&source.given=BO", [0]),
        ("code=submissionset&status=current&source:PractitionerRole.name=éla", [0]),
        ("code=submissionset&status=current&source:Patient.family=elan", []),
        ("code=submissionset&status=current&source=Device/1", []),
        ("code=submissionset&status=current&sourceId=urn:mes-etalon:service", [0, 1]),
        ("code=submissionset&status=current&sourceId=x", []),
        ("code=submissionset&status=current&designationType=EXP_PATIENT", [1]),
        ("code=submissionset&status=current&authorOrg=10B0172805", [0]),
        ("code=submissionset&status=current&authorOrg:identifier=urn:oid:1.2|10B0172805", []),
        ("code=submissionset&status=current&isArchived=false", [0, 1]),
        ("code=submissionset&status=current&isArchived=true", []),
        ("code=submissionset&status=current&date=ge2022&date=lt2023", [0, 1]),
        ("code=submissionset&status=current&date=ge2023", []),
        ("code=submissionset&status=current&date=2022-02-01T09:02:30Z", [0, 1]),
        ("code=submissionset&status=current&date=gt2022-02-01T09:02:30Z", []),
        ("_id=nothing", []),
        ("identifier=nothing", []),
    ],
)
def test_each_parameter_finds_its_lists(query: str, ranks: list[int]) -> None:
    """Tried on the resources as their reader gets them."""
    search = read_list_search(asked(f"patient.identifier={SYSTEM}|1&{query}"))
    assert isinstance(search, Search)
    assert search.who == Named(ins="1", oid=OID)
    assert [rank for rank, one in enumerate(lists()) if search.matches(one)] == ranks


def test_a_list_is_found_by_each_of_its_identifiers() -> None:
    """By entryUUID and by `_id`."""
    for one in lists()[:2]:
        names = [f"identifier={text(name, 'value')}" for name in parts(one, "identifier")]
        for query in (*names, f"_id={one['id']}"):
            search = read_list_search(asked(f"patient.identifier={SYSTEM}|1&{query}"))
            assert isinstance(search, Search)
            assert [other["id"] for other in lists() if search.matches(other)] == [one["id"]]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("code=folder&status=current", "patient.identifier"),
        ("patient.identifier=1&status=current", "code"),
        ("patient.identifier=1&code=folder", "status"),
        ("patient.identifier=1&code=folder&status=current&title:exact=x", "title:exact"),
    ],
)
def test_a_search_of_lists_says_whose_what_and_in_which_state(query: str, name: str) -> None:
    """The three that MHD makes mandatory."""
    fault = read_list_search(asked(query))
    assert isinstance(fault, Fault)
    assert fault.expression == name


@pytest.mark.requirement("W-REC-40")
def test_a_person_is_searched_by_matricule_or_address() -> None:
    """And by nothing else: a record is not found by name."""
    by_matricule = read_patient_search(asked(f"identifier={SYSTEM}|12"))
    assert isinstance(by_matricule, PatientSearch)
    assert by_matricule.who == Named(ins="12", oid=OID)
    by_address = read_patient_search(asked(f"_id={person_id('12')}"))
    assert isinstance(by_address, PatientSearch)
    assert by_address.who == Named(key=record_key("12"))
    for query in ("", "family=Moreau", "identifier=urn:other|12", "identifier=1&_id=2"):
        assert isinstance(read_patient_search(asked(query)), Fault)


@pytest.mark.requirement("W-REC-32")
def test_a_condition_names_documents_by_identifier() -> None:
    """And is refused where it says anything that is not understood."""
    by_name = asked("identifier=urn:ietf:rfc:3986|urn:oid:1.2")
    of_whom = asked(f"identifier=urn:oid:1.2&patient.identifier=urn:oid:{OID}|12")
    assert read_conditional(by_name) == Condition(("urn:oid:1.2",))
    assert read_conditional(of_whom) == Condition(("urn:oid:1.2",), Named(ins="12", oid=OID))
    assert read_conditional(asked("identifier=urn:other|urn:oid:1.2")) == Condition(())
    wrong = ("status=current", "colour=red", "type=11488-4")
    for query in ("", "status=current", *(f"identifier=urn:oid:1.2&{one}" for one in wrong)):
        assert isinstance(read_conditional(asked(query)), Fault)


@given(
    page=st.integers(1, 2**40),
    reader=st.text(max_size=9),
    query=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3),
)
@settings(max_examples=settings().max_examples // 2)
def test_a_token_leads_to_its_page_of_its_search_by_its_reader(
    page: int, reader: str, query: list[tuple[str, str]]
) -> None:
    """And nowhere else: another reader, another search, another key, a made-up token."""
    tokens = PageTokens(b"k" * 32)
    token = tokens.token(page, query, reader)
    assert tokens.page_of(token, [*query, ("_page", token)], reader) == page
    others = [
        tokens.page_of(token, query, reader + "x"),
        tokens.page_of(token, [*query, ("a", "b")], reader),
        PageTokens(b"l" * 32).page_of(token, query, reader),
        tokens.page_of(token[:-4], query, reader),
        tokens.page_of("é" + token, query, reader),
    ]
    assert all(isinstance(one, Fault) for one in others)


def test_a_page_has_one_after_it_but_the_last() -> None:
    """And the first needs no token."""
    tokens = PageTokens(b"k" * 32)
    assert tokens.page_of("", [], "reader") == 1
    following = tokens.following(1, 2, [], "reader")
    assert following is not None
    assert tokens.page_of(following["_page"], [], "reader") == 2
    assert tokens.following(2, 2, [], "reader") is None


def test_an_actor_is_asked_for_in_their_own_mode() -> None:
    """The command bears who, whose and how."""
    search = read_document_search(
        asked(f"patient.identifier={SYSTEM}|1&status=current"), unique_id_of
    )
    assert isinstance(search, DocumentSearch)
    actor = Actor(DOCTOR.kind, DOCTOR.ident)
    command = search.command(NOON, actor, "1", AccessMode.BREAK_GLASS, 3)
    assert (command.actor, command.mode, command.page) == (actor, AccessMode.BREAK_GLASS, 3)
