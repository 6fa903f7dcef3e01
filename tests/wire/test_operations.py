"""Parameters of operations: read strictly, and read back as they were written."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from fhir.resources.R4B.parameters import Parameters
from hypothesis import given
from hypothesis import strategies as st

from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.operations import INS_SYSTEMS, read_parameters, written_parameters
from etalon_wire.records.instants import written

INS = "279035121518989"
PATIENT: Json = {"name": "patient", "valueIdentifier": {"system": INS_SYSTEMS[0], "value": INS}}
FRAUD: Json = {"name": "reason", "valueCode": "fraud"}


def given_parameters(*parts: Json) -> Resource:
    """Parameters that hold `parts`."""
    return {"resourceType": "Parameters", "parameter": list(parts)}


def test_parameters_become_plain_values() -> None:
    """Identifiers lose their system, dates become dates."""
    birth: Json = {"name": "birthDate", "valueDate": "1979-03-21"}
    nir: Json = {"name": "nir", "valueString": INS}
    card: Json = {"name": "vitaleSerial", "valueString": "1234567890"}

    found = read_parameters("mes-oppose", given_parameters(PATIENT, nir, birth, card))

    assert found == {
        "patient": INS,
        "nir": INS,
        "birthDate": date(1979, 3, 21),
        "vitaleSerial": "1234567890",
    }


OTHER_SYSTEM: Json = {
    "name": "patient",
    "valueIdentifier": {"system": "urn:oid:1.2.250.1.71.4.2.1", "value": INS},
}


@pytest.mark.parametrize(
    ("parts", "at"),
    [
        ((PATIENT,), "Parameters.parameter"),
        ((PATIENT, FRAUD, FRAUD), "Parameters.parameter[2]"),
        ((PATIENT, {"name": "why", "valueCode": "fraud"}), "Parameters.parameter[1]"),
        ((PATIENT, {"name": "reason", "valueCode": "whim"}), "Parameters.parameter[1].valueCode"),
        (
            (PATIENT, {"name": "reason", "valueString": "fraud"}),
            "Parameters.parameter[1].valueCode",
        ),
        ((OTHER_SYSTEM, FRAUD), "Parameters.parameter[0].valueIdentifier"),
        (
            ({"name": "patient", "valueIdentifier": INS}, FRAUD),
            "Parameters.parameter[0].valueIdentifier",
        ),
        ((None,), "Parameters.parameter[0]"),
    ],
)
def test_what_an_operation_does_not_take_is_refused_where_it_stands(
    parts: tuple[Json, ...], at: str
) -> None:
    """Missing, twice, unknown, of another code, type or system."""
    with pytest.raises(Malformed) as refused:
        read_parameters("mes-suspend", given_parameters(*parts))

    assert refused.value.expression == at


@pytest.mark.parametrize("instant", ["2022-02-30T09:00:00Z", "2022-02-03T09:00:00", "2022-02-03"])
def test_an_instant_without_a_zone_or_of_no_day_is_refused(instant: str) -> None:
    """Instants are of FHIR, and exist."""
    who: Json = {"name": "professional", "valueIdentifier": {"value": "801234567890"}}
    when: Json = {"name": "accessedAt", "valueInstant": instant}

    with pytest.raises(Malformed, match=r"an instant|not a date"):
        read_parameters("mes-report-access", given_parameters(who, when))


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (bounds are naive by contract)
    st.integers(-14 * 60, 14 * 60),
)
def test_an_instant_is_read_back_to_the_microsecond_from_any_zone(
    at: datetime, minutes: int
) -> None:
    """Reports name an access by its instant."""
    local = at.astimezone(timezone(timedelta(minutes=minutes)))
    who: Json = {"name": "professional", "valueIdentifier": {"value": "801234567890"}}
    for spelt in (written(at), local.isoformat(timespec="microseconds")):
        when: Json = {"name": "accessedAt", "valueInstant": spelt}
        found = read_parameters("mes-report-access", given_parameters(who, when))
        assert found["accessedAt"] == at


@pytest.mark.parametrize(
    "system", ["https://rpps.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.1", ""]
)
def test_a_professional_is_the_same_by_rpps_and_by_national_identifier(system: str) -> None:
    """The RPPS number stands in the national identifier, after its prefix."""
    value = "99700000542" if "rpps" in system else "899700000542"
    named: dict[str, Json] = {"system": system, "value": value} if system else {"value": value}
    who: Json = {"name": "professional", "valueIdentifier": named}

    found = read_parameters("mes-set-administrator", given_parameters(who))

    assert found["professional"] == "899700000542"


def test_an_answer_is_read_by_another_reader_and_leaves_out_what_is_none() -> None:
    """Parameters out."""
    answer = written_parameters("mes-open-record", {"mode": "normal", "until": None})

    Parameters.model_validate_json(write_json(answer))
    assert answer["parameter"] == [{"name": "mode", "valueCode": "normal"}]
