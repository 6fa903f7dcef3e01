"""Searches ask the model what FHIR asks: differential, by a reading of the resources themselves."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_model import Accepted, vintage
from etalon_model.records.record import (
    Author,
    Document,
    Extras,
    Form,
    Origin,
    documents_of,
)
from etalon_model.records.rehearsal import DOCTOR, HOSPITAL, SURGERY, RecordRehearsal
from etalon_model.records.search import DocumentPage
from etalon_model.rights.modes import AccessMode
from etalon_wire.bundles import Query
from etalon_wire.json_body import Resource
from etalon_wire.modes import Mode
from etalon_wire.records.addresses import document_id
from etalon_wire.records.document_encoding import document_resource
from etalon_wire.records.searching import (
    DocumentSearch,
    read_document_search,
)
from etalon_wire.validation.reading import part, parts, text

SYSTEM: Final = "urn:oid:1.2.250.1.213.1.4.10"
LOINC: Final = "http://loinc.org"
SECTORS: Final = (
    "https://mos.esante.gouv.fr/NOS/TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
)
NOON: Final = datetime(2022, 3, 2, 12, tzinfo=UTC)


def asked(query: str) -> Query:
    """The parameters of a query as it is written."""
    return parse_qsl(query, keep_blank_values=True)


@cache
def rehearsal() -> RecordRehearsal:
    """A record with documents that differ in all that is searched."""
    place = RecordRehearsal(vintage("launch-2022"), born=date(1979, 3, 12))
    place.team(DOCTOR)
    kinds = ["11488-4", "11502-2", "34133-9", "PRESC-BIO", "11502-2", "11488-4"]
    for rank, kind in enumerate(kinds):
        place.sandbox.wait(timedelta(days=1))
        acts = (("YYYY001",), ("E11.9",), ("YYYY001", "E11.9"))[rank % 3]
        origin = Origin(
            (Author(DOCTOR.ident, ("Moreau", "Élan")[rank % 2], ("Alix", "Bo")[rank % 2], "10"),),
            HOSPITAL.ident,
            DOCTOR.ident,
            ("SA07", "SA01")[rank % 2],
            ("AMBULATOIRE", "ETABLISSEMENT")[rank % 2],
        )
        begun = place.now - timedelta(hours=7 * rank)
        sheet = replace(
            place.sheet(kind),
            created_at=place.now - timedelta(days=2 * rank),
            service_start_at=begun,
            origin=SURGERY if rank == 5 else origin,
            form=Form("text/plain", "urn:ihe:iti:xds-sd:text:2008") if rank == 3 else PDF,
            extras=Extras(
                None if rank % 2 else begun + timedelta(hours=30),
                acts,
                (f"P-{rank}^^^&1.2.250.1.999.2&ISO^urn:ihe:iti:xds:2013:order",),
            ),
        )
        codes = (("N",), ("R", "MASQUE_PS"), ("N", "INVISIBLE_REPRESENTANTS_LEGAUX"))[rank % 3]
        place.sandbox.do(place.deposit(*codes, sheet=sheet))
    return place


PDF: Final = Form("application/pdf", "urn:ihe:iti:xds-sd:pdf:2008")


def documents() -> list[Document]:
    """What its depositor sees, the newest first."""
    place = rehearsal()
    return list(reversed(documents_of(place.sandbox.service.person(place.ins)).values()))


def unique_id_of(resource_id: str) -> str:
    """Which document an `id` names."""
    ins = rehearsal().ins
    return next((one.unique_id for one in documents() if document_id(ins, one) == resource_id), "")


def found(query: str, mode: Mode = "pdsm4dmp") -> list[str]:
    """The unique identifiers of the documents that a query finds, by way of the model."""
    place = rehearsal()
    search = read_document_search(
        asked(f"patient.identifier={SYSTEM}|{place.ins}&{query}"), unique_id_of, mode=mode
    )
    assert isinstance(search, DocumentSearch), search
    command = search.command(place.now, DOCTOR, place.ins, AccessMode.NORMAL)
    outcome = place.sandbox.service.apply(command)
    assert isinstance(outcome, Accepted), outcome
    assert isinstance(outcome.answer, DocumentPage)
    return [one.unique_id for one in outcome.answer.documents]


def resources() -> list[tuple[str, Resource]]:
    """The same documents as their reader gets them."""
    place = rehearsal()
    identity = place.sandbox.service.person(place.ins).identity
    return [(one.unique_id, document_resource(identity, one, None)) for one in documents()]


def codings(*path: str) -> Callable[[Resource], Iterator[tuple[str, str]]]:
    """Read the codings of an element."""

    def read(resource: Resource) -> Iterator[tuple[str, str]]:
        held: list[Resource] = [resource]
        for step in path:
            held = [one for holder in held for one in (parts(holder, step) or [part(holder, step)])]
        for concept in held:
            for one in parts(concept, "coding") or [concept]:
                yield text(one, "system"), text(one, "code")

    return read


TOKENS: Final = {
    "type": codings("type"),
    "category": codings("category"),
    "format": codings("content", "format"),
    "facility": codings("context", "facilityType"),
    "setting": codings("context", "practiceSetting"),
    "event": codings("context", "event"),
    "security-label": codings("securityLabel"),
}


def token_of(system: str, code: str, form: int) -> str:
    """A token in one of the forms of FHIR."""
    return (code, f"{system}|{code}", f"{system}|")[form]


@pytest.mark.requirement("W-REC-24")
@given(
    name=st.sampled_from(sorted(TOKENS)),
    ranks=st.lists(st.integers(0, 5), min_size=1, max_size=3),
    forms=st.lists(st.integers(0, 1), min_size=3, max_size=3),
)
@settings(max_examples=settings().max_examples // 2)
def test_a_token_finds_the_documents_that_bear_one_of_its_values(
    name: str, ranks: list[int], forms: list[int]
) -> None:
    """Codes with and without their system, several by commas: as the resources say."""
    shown = resources()
    wanted = {
        pair for rank in ranks for pair in list(TOKENS[name](shown[rank % len(shown)][1]))[:1]
    }
    values = ",".join(
        token_of(system, code, form)
        for (system, code), form in zip(sorted(wanted), forms, strict=False)
    )
    expected = [ident for ident, one in shown if wanted & set(TOKENS[name](one))]
    assert found(f"{name}={values}") == expected


DATES: Final[dict[str, tuple[str, ...]]] = {
    "date": ("date",),
    "creation": ("content", "attachment", "creation"),
    "period-start": ("context", "period", "start"),
    "period-end": ("context", "period", "end"),
}


def instant(resource: Resource, path: tuple[str, ...]) -> datetime | None:
    """The instant at a place of a resource."""
    for step in path[:-1]:
        resource = (parts(resource, step) or [part(resource, step)])[0]
    written = text(resource, path[-1])
    return datetime.fromisoformat(written) if written else None


def meets(at: datetime | None, prefix: str, start: datetime, end: datetime) -> bool:
    """Whether an instant meets a condition on a span, its end excluded."""
    if at is None:
        return False
    return {
        "eq": start <= at < end,
        "ge": at >= start,
        "gt": at >= end,
        "sa": at >= end,
        "le": at < end,
        "lt": at < start,
        "eb": at < start,
    }[prefix]


@pytest.mark.requirement("W-REC-24", "W-REC-25")
@given(
    name=st.sampled_from(sorted(DATES)),
    prefix=st.sampled_from(["eq", "ge", "gt", "sa", "le", "lt", "eb"]),
    hours=st.integers(-24 * 14, 24 * 10),
    is_day=st.booleans(),
)
@settings(max_examples=settings().max_examples // 2)
def test_a_date_finds_what_stands_in_its_span(
    name: str, prefix: str, hours: int, *, is_day: bool
) -> None:
    """Days are civil days in Paris; an instant is a second long."""
    start = rehearsal().now.replace(microsecond=0) + timedelta(hours=hours)
    end = start + timedelta(seconds=1)
    written = start.strftime("%Y-%m-%dT%H:%M:%SZ")
    if is_day:
        # Winter in Paris: days begin at 23:00 of the day before (UTC).
        start = (start + timedelta(hours=1)).replace(hour=0, minute=0, second=0) - timedelta(
            hours=1
        )
        end = start + timedelta(days=1)
        written = (start + timedelta(hours=1)).strftime("%Y-%m-%d")
    shown = resources()
    expected = [
        ident for ident, one in shown if meets(instant(one, DATES[name]), prefix, start, end)
    ]
    assert found(f"{name}={prefix}{written}") == expected


def test_conditions_all_hold_and_dates_close_in() -> None:
    """Between parameters `and`; a date given twice is a span."""
    place = rehearsal()
    deposited = [one.deposited_at for one in documents()]
    day = (deposited[2]).strftime("%Y-%m-%d")
    assert found(f"date=ge{day}&date=le{day}") == [documents()[2].unique_id]
    both = found("type=11502-2&facility=SA01")
    assert both == [one for one in found("type=11502-2") if one in found("facility=SA01")]
    assert found("type=11502-2&type=11488-4") == []
    assert found(f"type={LOINC}|11502-2,11488-4") == found("type=11502-2,11488-4")
    assert place.ins


@pytest.mark.parametrize(
    ("query", "ranks"),
    [
        ("", [5, 4, 3, 2, 1, 0]),
        ("status=current", [5, 4, 3, 2, 1, 0]),
        ("status=superseded", []),
        ("status=entered-in-error", []),
        ("status=http://hl7.org/fhir/document-reference-status|current&type=PRESC-BIO", [3]),
        ("status=urn:other|current", []),
        ("type=urn:other|11488-4", []),
        ("type=|11488-4", []),
        ("facility=|264358009", []),
        (f"facility={SECTORS}|&type=PRESC-BIO", [3]),
        ("author.family=MOR", [5, 4, 2, 0]),
        ("author.given=bo", [3, 1]),
        ("author=Practitioner/1", []),
        ("related.identifier=urn:oid:1.2.250.1.999.2|P-4", [4]),
        ("related:identifier=urn:oid:1.2.250.1.999.3|P-4", []),
        ("related=ServiceRequest/1", []),
        ("isArchived=false&type=11488-4", [5, 0]),
        ("isArchived=true", []),
        ("isArchived=true&isArchived=false", []),
        ("identifier=urn:ietf:rfc:3986|urn:oid:1.2.250.1.213.1.4.10.3", [2]),
        ("identifier=urn:oid:1.2.250.1.213.1.4.10.3,urn:oid:1.2.250.1.213.1.4.10.1", [2, 0]),
        ("identifier=urn:other|urn:oid:1.2.250.1.213.1.4.10.3", []),
        ("_id=nothing", []),
        ("relatesto=DocumentReference/nothing", []),
        ("event=E11.9&event=YYYY001", None),
        ("_sort=-date&_format=json&_total=accurate&type=PRESC-BIO", [3]),
    ],
)
def test_each_parameter_finds_its_documents(query: str, ranks: list[int] | None) -> None:
    """By rank of deposit, the newest first; None where the search is refused."""
    if ranks is None:
        with pytest.raises(AssertionError, match="given twice"):
            found(query)
        return
    ordered = list(reversed(documents()))
    assert found(query) == [ordered[rank].unique_id for rank in ranks]


@pytest.mark.requirement("W-REC-23")
def test_an_identifier_of_any_kind_finds_its_document() -> None:
    """masterIdentifier, entryUUID, logicalId, and `_id`."""
    for ident, resource in resources():
        for one in parts(resource, "identifier"):
            assert found(f"identifier={text(one, 'system')}|{text(one, 'value')}") == [ident]
        assert found(f"_id={resource['id']}") == [ident]


DAY: Final = (datetime(2022, 2, 2, 23, tzinfo=UTC), datetime(2022, 2, 3, 23, tzinfo=UTC))
"""The third of February in Paris."""

Holds = Callable[[datetime, datetime | None], bool]
PERIODS: Final[list[tuple[str, Holds]]] = [
    ("ge2022-02-03", lambda begun, ended: (ended or begun) >= DAY[0]),
    ("le2022-02-03", lambda begun, _: begun < DAY[1]),
    ("sa2022-02-03", lambda begun, _: begun >= DAY[1]),
    ("eb2022-02-05", lambda _, ended: ended is not None and ended < DAY[1] + timedelta(days=1)),
    ("2022", lambda _, ended: ended is not None),
    ("2022-02-03", lambda begun, ended: ended is not None and DAY[0] <= begun < ended < DAY[1]),
]


@pytest.mark.parametrize(("value", "holds"), PERIODS, ids=[one[0] for one in PERIODS])
def test_a_period_overlaps_is_held_or_lies_apart(value: str, holds: Holds) -> None:
    """`ge` and `le` overlap, `sa` and `eb` lie apart, equality is to be held whole."""
    expected: list[str] = []
    for ident, one in resources():
        begun, ended = (instant(one, ("context", "period", end)) for end in ("start", "end"))
        assert begun is not None
        if holds(begun, ended):
            expected.append(ident)
    assert found(f"period={value}") == expected
