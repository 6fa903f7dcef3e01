"""Measures between the wire and the model: read, searched, shown, whatever is sent."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import Refusal
from etalon_model.catalogue.measure_checks import values_of
from etalon_model.catalogue.measure_errors import MEASURE_ERRORS
from etalon_model.catalogue.measures import KINDS, Measure
from etalon_model.catalogue.measuring import MeasurePage
from etalon_model.tables import rows_of as model_rows_of
from etalon_wire.json_body import Json, Resource, read_json
from etalon_wire.measures.feeding import Feed, measure_of, read_feed
from etalon_wire.measures.kinds import (
    DAYS,
    MOMENT,
    OLDER,
    PROFILES,
    REASON,
    days_of_codes,
    profile_addresses,
    renamed,
    wire_kinds,
)
from etalon_wire.measures.outcomes import documented, measure_outcome
from etalon_wire.measures.searching import links_to_pages, read_measure_search
from etalon_wire.measures.showing import Reader, observation
from etalon_wire.operation_outcomes import standings
from etalon_wire.tables import rows_of
from etalon_wire.validation.tables import own_profiles
from etalon_wire.validation.validator import Validator
from spots import Spot, put, spots

EXAMPLES: Final = Path(__file__).parent / "examples"
SOLUTION: Final = "1.2.250.1.999.7.1"
READER: Final = Reader(SOLUTION, "0123456789abcdef0123456789abcdef")
AT: Final = datetime(2022, 8, 21, 23, 56, 16, tzinfo=UTC)
VALIDATOR: Final = Validator()


def example(name: str) -> Resource:
    """An example of ours, to be changed freely."""
    return read_json((EXAMPLES / f"{name}.json").read_bytes())


def fed(held: Resource) -> Feed:
    """What a bundle with one observation sends."""
    entry: Json = {
        "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "resource": held,
        "request": {"method": "POST", "url": "Observation"},
    }
    return read_feed({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, SOLUTION)


def test_every_kind_of_the_model_stands_on_the_wire_with_its_profile() -> None:
    """Fourteen codes under eleven profiles that the validator holds."""
    assert wire_kinds().keys() == KINDS.keys()
    assert len(profile_addresses()) == 11
    assert all(own_profiles().find(address) for address in profile_addresses())
    named = {row["code"]: row["profile"] for row in rows_of("measure_kinds.csv")}
    rows = model_rows_of("measures.csv")
    told = {row["code"]: f"mes-observation-{row['profile']}" for row in rows}
    assert named == told


@pytest.mark.parametrize("code", KINDS)
def test_a_measure_of_each_kind_is_written_as_its_profile_asks(code: str) -> None:
    """What the holder enters has the units, category and extensions of the profile."""
    kind = KINDS[code]
    values = tuple(60.0 for _ in kind.components) or (60.0,)
    moment = "53049-3" if kind.moment == "mandatory" else ""
    days = 14 if kind.days == "mandatory" else None
    measure = Measure(code, AT, values, moment=moment, days=days, comment="Suivi")
    shown = observation(READER, measure, "0", None)
    profile = wire_kinds()[code].profile
    found = VALIDATOR.validate(shown, profile, "pdsm-strict")
    assert [one for one in found if one.severity == "error"] == []


@pytest.mark.rule("MEA-05")
@pytest.mark.parametrize("code", KINDS)
def test_what_is_written_is_read_back_as_the_same_measure(code: str) -> None:
    """Values to the digit, in the unit of the model."""
    kind = KINDS[code]
    values = tuple(float(one) for one in range(61, 61 + len(kind.components))) or (1.83,)
    moment = "A05" if kind.moment == "mandatory" else ""
    days = 30 if kind.days == "mandatory" else None
    measure = Measure(code, AT, values, SOLUTION, moment, days, "Suivi")
    shown = observation(READER, measure, "0", None)
    feed = fed(shown)
    assert feed.measure == measure
    assert feed.findings == []


UNITS: Final = [
    ("29463-7", "71500", "g", 71.5),
    ("29463-7", "150", "[lb_av]", 68.0388555),
    ("8302-2", "183", "cm", 1.83),
    ("8302-2", "1.83", "m", 1.83),
    ("8302-2", "72", "[in_i]", 1.8288),
    ("8310-5", "98.6", "[degF]", 37.0),
    ("8310-5", "37.2", "Cel", 37.2),
    ("41950-7", "8000", "1/(24.h)", 8000.0),
    ("72514-3", "4", "1", 4.0),
    ("8280-0", "0.9", "m", 90.0),
]


@pytest.mark.parametrize(("code", "value", "unit", "expected"), UNITS)
def test_a_unit_becomes_that_of_the_model(
    code: str, value: str, unit: str, expected: float
) -> None:
    """Whatever the profile says of it besides."""
    held = observation(READER, Measure(code, AT, (1.0,)), "0", None)
    quantity: Json = {"value": Decimal(value), "code": unit, "system": "http://unitsofmeasure.org"}
    feed = fed({**held, "valueQuantity": quantity})
    assert feed.findings == []
    measure = cast("Measure", feed.measure)
    assert measure.values[0] == pytest.approx(expected, abs=1e-6)


def test_addresses_of_the_older_guide_are_read_as_those_of_today() -> None:
    """Eleven profiles, four extensions, and the bare identifiers of the examples."""
    assert {address for address in renamed().values() if address.startswith(PROFILES)} == (
        profile_addresses()
    )
    held = example("measure_glucose")
    cast("dict[str, Json]", held["meta"])["profile"] = [f"{OLDER}ENS_ObservationGlucose"]
    moment = cast("list[Resource]", held["extension"])[0]
    held["extension"] = [{**moment, "url": f"{OLDER}ENS_MomentOfMeasurement"}]
    entry: Json = {"fullUrl": "00000000-0000-4000-8000-000000000000", "resource": held}
    feed = read_feed({"resourceType": "Bundle", "entry": [entry]}, SOLUTION)
    draft = feed.entries[0].measure
    assert draft is not None
    assert (draft.profile, draft.moment) == (wire_kinds()["2345-7"].profile, "16915-1")
    assert feed.entries[0].full_url.startswith("urn:uuid:")


def test_a_device_is_linked_by_its_own_address_or_by_that_of_the_bundle() -> None:
    """`Device/id`, as the text asks, or the fullUrl, as FHIR does."""
    for address in ("urn:uuid:5f2c9a10-0d6b-4c1e-9a57-3d1f0a6b7c01", "Device/abc"):
        bundle = example("measure_feed")
        first, second = cast("list[Resource]", bundle["entry"])
        cast("Resource", first["resource"])["device"] = {"reference": address}
        cast("Resource", second["resource"])["id"] = "abc"
        measure, device = read_feed(bundle, SOLUTION).entries
        assert measure.measure is not None
        assert measure.measure.device == device.full_url == address


@pytest.mark.rule("MEA-05")
def test_another_number_of_days_is_a_number_that_is_given() -> None:
    """It does not count as missing; a code that is none of the set is told."""
    held = example("measure_glucose_index")
    said: dict[str, Json] = {
        "url": DAYS,
        "valueCodeableConcept": {"coding": [{"code": "GEN-092.08.05"}]},
    }
    feed = fed({**held, "extension": [said]})
    assert cast("Measure", feed.measure).days == days_of_codes()["GEN-092.08.05"] == 0
    wrong: Json = {"url": DAYS, "valueCodeableConcept": {"coding": [{"code": "GEN-999"}]}}
    assert fed({**held, "extension": [wrong]}).findings[0].expression.endswith("extension")


def test_a_moment_and_a_comment_may_be_words() -> None:
    """The extension takes a text or a code."""
    said: list[Json] = [
        {"url": MOMENT, "valueString": "au réveil"},
        {"url": REASON, "valueString": "Suivi"},
    ]
    measure = cast("Measure", fed({**example("measure_pressure"), "extension": said}).measure)
    assert (measure.moment, measure.comment) == ("au réveil", "Suivi")
    shown = observation(READER, measure, "0", None)
    assert fed(shown).measure == measure


def test_every_documented_error_is_said_with_its_status_and_its_words() -> None:
    """The model, the table of statuses and that of the words agree."""
    for code, error in MEASURE_ERRORS.items():
        standing = standings()["refusal", code]
        assert standing.statuses["pdsm-strict"] == error.status
        if error.issue:
            assert standing.issue.replace("-", "") == error.issue.lower()
    assert documented().keys() == MEASURE_ERRORS.keys() - {"UNAUTHORIZED"}


def test_no_refusal_names_the_matricule() -> None:
    """Neither one that the interface documents nor another."""
    for code in ("VALUE_MISSING", "UNKNOWN_MEASURE"):
        outcome = measure_outcome(Refusal("MEA-04", code, "279035121518989", ("x",)), SOLUTION)
        assert "279035121518989" not in str(outcome)


DATES: Final[list[tuple[tuple[str, ...], date | None, date | None]]] = [
    (("ge2022-09-04", "le2022-09-23"), date(2022, 9, 4), date(2022, 9, 23)),
    (("gt2022-09-04", "lt2022-09-23"), date(2022, 9, 5), date(2022, 9, 22)),
    (("2022-09-04",), date(2022, 9, 4), date(2022, 9, 4)),
    (("eq2022-09",), date(2022, 9, 1), date(2022, 9, 30)),
    (("2022",), date(2022, 1, 1), date(2022, 12, 31)),
    (("ge2022-09-04",), date(2022, 9, 4), None),
    (("le2022-09-04",), None, date(2022, 9, 4)),
    (("ge2022-09-04", "ge2022-09-10", "le2023"), date(2022, 9, 10), date(2023, 12, 31)),
    ((), None, None),
]


@pytest.mark.rule("MEA-06")
@pytest.mark.parametrize(("written", "first", "last"), DATES)
def test_dates_are_days_in_paris(
    written: tuple[str, ...], first: date | None, last: date | None
) -> None:
    """Bounds with and without the day itself; months and years are their days."""
    query = [("code", "29463-7"), *(("date", one) for one in written)]
    search = read_measure_search(query, SOLUTION, strict=False)
    assert (search.from_on, search.to_on, search.fault) == (first, last, None)


def test_pages_are_numbered_and_their_size_counts() -> None:
    """The third page of two begins with the fifth measure."""
    query = [("code", "|29463-7"), ("_offset", "2"), ("_count", "2")]
    search = read_measure_search(query, SOLUTION, strict=False)
    assert (search.code, search.offset) == ("29463-7", 4)
    assert links_to_pages(search, MeasurePage((), 9, 2, 6)) == {"previous": 1, "next": 3}
    unsized = read_measure_search([("code", "x"), ("_offset", "1")], SOLUTION, strict=False)
    assert unsized.offset == 50


def test_an_unknown_parameter_is_refused_only_to_whoever_is_strict() -> None:
    """W-COM-06, as elsewhere."""
    query = [("code", "29463-7"), ("color", "red")]
    assert read_measure_search(query, SOLUTION, strict=False).fault is None
    fault = read_measure_search(query, SOLUTION, strict=True).fault
    assert fault is not None
    assert fault.code == "PARAMETER_UNKNOWN"


ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


SPOTS: Final = spots(example("measure_feed"))


@given(where=st.sampled_from(SPOTS), value=ANYTHING)
def test_whatever_stands_anywhere_a_bundle_is_read_without_a_fault(
    where: Spot, value: Json
) -> None:
    """The model is asked about what can be read; the validator tells the rest."""
    bundle = example("measure_feed")
    put(bundle, where, value)
    feed = read_feed(bundle, SOLUTION)
    for entry in feed.entries:
        if entry.measure is not None:
            assert values_of(entry.measure) == measure_of(entry.measure).values
    VALIDATOR.validate(feed.bundle, "Bundle", "lenient")


@given(query=st.lists(st.tuples(st.sampled_from(["code", "date", "_count", "_offset", "_sort",
                                                 "subject.identifier", "_include"]),
                                st.text(max_size=12)), max_size=6))  # fmt: skip
def test_whatever_is_searched_for_is_read_without_a_fault(query: list[tuple[str, str]]) -> None:
    """A fault is told, never raised."""
    search = read_measure_search(query, SOLUTION, strict=False)
    assert search.offset is None or search.fault is not None or search.offset >= -100
