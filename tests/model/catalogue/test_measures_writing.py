"""Writing measures: bundle, device, glucose, and the documented order of the errors."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Literal, cast

import pytest

from etalon_model import Refusal, holder, vintage
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose, Use
from etalon_model.catalogue.exchange import IdToken
from etalon_model.catalogue.measure_checks import BundleEntry, DeviceDraft, MeasureDraft
from etalon_model.catalogue.measure_errors import MEASURE_ERRORS
from etalon_model.catalogue.measures import BODY_MASS_INDEX, HEIGHT, KINDS, WEIGHT, Measure
from etalon_model.catalogue.measuring import (
    EnterMeasure,
    MeasureWritten,
    ReadMeasures,
    WriteMeasure,
)
from etalon_model.catalogue.pairing import ChangeServiceConsent
from etalon_model.catalogue.rehearsal import SOLUTION, USES, pair, weight, writing
from etalon_model.policies import Policies
from etalon_model.sandbox import Sandbox

OTHER = "1.2.250.1.999.7.2"
GLUCOSE = "2345-7"
CONDITION = "identifier=urn:oid:1.2.250.1.999.7.1.3|SN-0042"
DEVICE = BundleEntry("Device", full_url="urn:d", device=DeviceDraft("PhdDevice", CONDITION))

Change = Callable[[WriteMeasure], WriteMeasure]


@pytest.fixture
def call(online: Sandbox, ins: str) -> WriteMeasure:
    """Return a call that is accepted."""
    id_pe = pair(online, ins, *USES)
    return writing(online, ins, id_pe, weight(online, id_pe))


def measured(call: WriteMeasure) -> MeasureDraft:
    """Return the measure of a call."""
    measure = call.bundle[0].measure
    assert measure is not None
    return measure


def with_measure(call: WriteMeasure, **changes: object) -> WriteMeasure:
    """Return the call with another measure."""
    changed: MeasureDraft = replace(measured(call), **changes)  # type: ignore[arg-type]
    return replace(call, bundle=(replace(call.bundle[0], measure=changed), *call.bundle[1:]))


def with_device(call: WriteMeasure, device: BundleEntry = DEVICE) -> WriteMeasure:
    """Return the call with a device."""
    linked = with_measure(call, device="urn:d")
    return replace(linked, bundle=(*linked.bundle, device))


def identity(call: WriteMeasure, **changes: str) -> WriteMeasure:
    """Return the call under another identity token."""
    token = call.tokens.identity
    assert token is not None
    other = IdToken(changes.get("id_pe", token.id_pe), changes.get("solution", token.solution))
    return replace(call, tokens=replace(call.tokens, identity=other))


def twice(call: WriteMeasure) -> WriteMeasure:
    """Return the call with its measure sent twice."""
    return replace(call, bundle=call.bundle + call.bundle)


def unnamed_device(call: WriteMeasure) -> WriteMeasure:
    """Return the call with a device that the measure does not name."""
    return with_measure(with_device(call), device="")


def glucose(call: WriteMeasure, code: str, moment: str, days: int | None) -> WriteMeasure:
    """Return the call with a measure of the glucose family."""
    return with_measure(call, code=code, value=7.0, moment=moment, days=days)


# One change each, in the documented order; the last column tells which call is changed.
FAULTS: list[tuple[str, Change]] = [
    ("INVALID_ID_TOKEN", lambda call: replace(call, tokens=replace(call.tokens, identity=None))),
    ("UNAUTHORIZED", lambda call: replace(call, tokens=replace(call.tokens, access_valid=False))),
    ("ID_PE_MISMATCH", lambda call: identity(call, id_pe="f" * 32)),
    ("CONSENT_NOT_GIVEN", lambda call: replace(call, purpose=Purpose.PREVENTION)),
    ("NO_BUNDLE", lambda call: replace(call, bundle=())),
    ("OID_CONFLICT", lambda call: identity(call, solution=OTHER)),
    (
        "NOT_AN_OBSERVATION",
        lambda call: replace(call, bundle=(*call.bundle, BundleEntry("Patient"))),
    ),
    (
        "DEVICE_CONDITION_MISSING",
        lambda call: with_device(call, replace(DEVICE, device=DeviceDraft("PhdDevice", ""))),
    ),
    ("ONE_OBSERVATION_NEEDED", twice),
    ("DEVICE_REFERENCE_MISSING", unnamed_device),
    ("DEVICE_NOT_LINKED", lambda call: with_measure(with_device(call), device="urn:x")),
    ("PROFILE_MISSING", lambda call: with_measure(call, profile="")),
    ("FOREIGN_SOURCE", lambda call: with_measure(call, source=OTHER)),
    ("VALUE_MISSING", lambda call: with_measure(call, value=None)),
    ("COMPUTED_MEASURE", lambda call: with_measure(call, code=BODY_MASS_INDEX)),
    ("SUBJECT_MISSING", lambda call: with_measure(call, subject="")),
    ("MOMENT_MISSING", lambda call: glucose(call, GLUCOSE, "", None)),
    ("MOMENT_FORBIDDEN", lambda call: glucose(call, "4548-4", "fasting", None)),
    ("DAYS_MISSING", lambda call: glucose(call, "MED-972", "", None)),
    ("DAYS_FORBIDDEN", lambda call: glucose(call, "4548-4", "", 14)),
    (
        "DEVICE_PROFILE_MISSING",
        lambda call: with_device(call, replace(DEVICE, device=DeviceDraft("", CONDITION))),
    ),
]

# A measure names no device, or another: not both.
APART = ("DEVICE_REFERENCE_MISSING", "DEVICE_NOT_LINKED")


@pytest.mark.rule("MEA-01", "MEA-02", "MEA-03", "MEA-04", "MEA-05", "MEA-08", "MEA-09")
@pytest.mark.parametrize(("code", "change"), FAULTS, ids=[code for code, _ in FAULTS])
def test_each_fault_has_its_error(
    online: Sandbox, call: WriteMeasure, code: str, change: Change
) -> None:
    """Alone in a call that would be accepted, it is answered by its code under its rule."""
    assert online.refusal(change(call)) == (MEASURE_ERRORS[code].rule, code)
    online.do(call)


@pytest.mark.rule("MEA-01")
def test_the_errors_are_those_of_the_table_in_its_order() -> None:
    """Twenty-one of writing, by rank."""
    writing_errors = [(e.rank, code) for code, e in MEASURE_ERRORS.items() if e.rank < 30]

    assert [code for _, code in sorted(writing_errors)] == [code for code, _ in FAULTS]


@pytest.mark.rule("MEA-01")
def test_each_error_has_its_state_on_the_wire() -> None:
    """Tokens 400 and 401, persons and consents 403, another solution 409, contents 422."""
    said = {(error.status, error.issue) for error in MEASURE_ERRORS.values()}

    assert said == {
        (400, ""),
        (401, ""),
        (403, ""),
        (409, ""),
        (422, "NOTSUPPORTED"),
        (422, "INVALID"),
        (422, "VALUE"),
        (422, "INCOMPLETE"),
        (400, "INVALID"),
    }
    assert MEASURE_ERRORS["COMPUTED_MEASURE"].issue == "NOTSUPPORTED"
    assert MEASURE_ERRORS["FOREIGN_SOURCE"].issue == "VALUE"
    assert MEASURE_ERRORS["MOMENT_MISSING"].issue == "INCOMPLETE"
    assert len(MEASURE_ERRORS) == 25


@pytest.mark.rule("MEA-01", "MEA-08", "MEA-09")
@pytest.mark.parametrize(
    ("first", "second"),
    [pair_of for pair_of in pairwise(code for code, _ in FAULTS[:16]) if pair_of != APART],
)
def test_of_two_faults_the_first_of_the_document_is_answered(
    online: Sandbox, call: WriteMeasure, first: str, second: str
) -> None:
    """Neighbours in the table, in one call."""
    changes = dict(FAULTS)

    assert online.refusal(changes[first](changes[second](call)))[1] == first
    assert online.refusal(changes[second](call))[1] == second


@pytest.mark.rule("MEA-01")
def test_nothing_but_creations_and_one_device_at_most(online: Sandbox, call: WriteMeasure) -> None:
    """An update is not supported; two devices are one too many."""
    updated = replace(call, bundle=(replace(call.bundle[0], method="PUT"),))
    assert online.refusal(updated) == ("MEA-01", "NOT_AN_OBSERVATION")
    hollow = replace(call, bundle=(BundleEntry("Device"), *call.bundle))
    assert online.refusal(hollow) == ("MEA-01", "NOT_AN_OBSERVATION")
    two = with_device(with_device(call))
    assert online.refusal(two) == ("MEA-01", "ONE_OBSERVATION_NEEDED")
    alone = replace(call, bundle=(DEVICE,))
    assert online.refusal(alone) == ("MEA-01", "ONE_OBSERVATION_NEEDED")


@pytest.mark.rule("MEA-02")
def test_a_device_is_created_once(online: Sandbox, call: WriteMeasure) -> None:
    """201 first, 200 next, 201 for another; without one there is no state."""
    other = replace(DEVICE, device=DeviceDraft("PhdDevice", f"{CONDITION}-B"))
    answers = [
        online.do(one)
        for one in (with_device(call), with_device(call), with_device(call, other), call)
    ]

    assert all(isinstance(answer, MeasureWritten) for answer in answers)
    assert [
        (answer.measure_status, answer.device_status, answer.measure.device)
        for answer in answers
        if isinstance(answer, MeasureWritten)
    ] == [(201, 201, 1), (201, 200, 1), (201, 201, 2), (201, None, None)]


@pytest.mark.rule("MEA-02")
@pytest.mark.parametrize(
    ("condition", "accepted"),
    [
        (CONDITION, True),
        ("identifier=urn:oid:1.2|x", True),
        ("identifier=1.2.250|SN", False),
        ("identifier=urn:oid:1.2.250|", False),
        ("identifier=urn:oid:1.2.250", False),
        ("urn:oid:1.2.250|SN", False),
    ],
)
def test_the_condition_of_a_device_is_an_identifier(
    online: Sandbox, call: WriteMeasure, condition: str, *, accepted: bool
) -> None:
    """Object identifier and serial number."""
    device = replace(DEVICE, device=DeviceDraft("PhdDevice", condition))
    outcome = online.service.apply(with_device(call, device))

    assert isinstance(outcome, Refusal) is not accepted


@pytest.mark.rule("MEA-03")
def test_a_body_mass_index_is_computed_and_never_written(online: Sandbox, ins: str) -> None:
    """From each weight and the height known by then."""
    taken = online.now
    enter = EnterMeasure(taken, holder(ins), ins, WEIGHT, taken - timedelta(days=3), (80.0,))
    online.do(enter)
    online.do(replace(enter, code=HEIGHT, taken_at=taken - timedelta(days=2), values=(1.75,)))
    online.do(replace(enter, taken_at=taken - timedelta(days=1), values=(70.0,)))
    online.do(replace(enter, taken_at=taken, values=(72.0,)))
    read = cast(
        "tuple[Measure, ...]", online.do(ReadMeasures(taken, holder(ins), ins, BODY_MASS_INDEX))
    )

    assert [row.values for row in read] == [(23.5,), (22.9,)]
    index = replace(enter, code=BODY_MASS_INDEX, values=(22.0,))
    assert online.refusal(index) == ("MEA-03", "COMPUTED_MEASURE")


@pytest.mark.rule("MEA-04")
@pytest.mark.parametrize(
    ("value", "components", "accepted"),
    [
        (None, (("8480-6", 121.0), ("8462-4", 79.0)), True),
        (121.0, (("8480-6", 121.0), ("8462-4", 79.0)), False),
        (None, (("8480-6", 121.0),), False),
        (None, (("8462-4", 79.0), ("8480-6", 121.0)), False),
        (None, (), False),
        (121.0, (), False),
    ],
)
def test_a_blood_pressure_has_two_components_and_no_value(
    online: Sandbox,
    call: WriteMeasure,
    value: float | None,
    components: tuple[tuple[str, float], ...],
    *,
    accepted: bool,
) -> None:
    """Systolic, then diastolic."""
    pressure = with_measure(call, code="85354-9", value=value, components=components)
    outcome = online.service.apply(pressure)

    assert isinstance(outcome, Refusal) is not accepted
    assert accepted or getattr(outcome, "code", "") == "VALUE_MISSING"


GLUCOSE_MATRIX = [
    ("2345-7", "fasting", None, ""),
    ("2345-7", "", None, "MOMENT_MISSING"),
    ("2345-7", "fasting", 14, "DAYS_FORBIDDEN"),
    ("2345-7", "", 14, "MOMENT_MISSING"),
    ("4548-4", "", None, ""),
    ("4548-4", "fasting", None, "MOMENT_FORBIDDEN"),
    ("4548-4", "", 14, "DAYS_FORBIDDEN"),
    ("4548-4", "fasting", 14, "MOMENT_FORBIDDEN"),
    ("MED-969", "", 14, ""),
    ("MED-969", "", None, "DAYS_MISSING"),
    ("MED-969", "fasting", 14, "MOMENT_FORBIDDEN"),
    ("MED-969", "fasting", None, "MOMENT_FORBIDDEN"),
    ("MED-972", "", 14, ""),
    ("MED-972", "", None, "DAYS_MISSING"),
    ("MED-972", "fasting", 14, "MOMENT_FORBIDDEN"),
    ("MED-972", "fasting", None, "MOMENT_FORBIDDEN"),
]


@pytest.mark.rule("MEA-05")
@pytest.mark.parametrize("case", GLUCOSE_MATRIX, ids=str)
def test_the_extensions_of_glucose(
    online: Sandbox, call: WriteMeasure, case: tuple[str, str, int | None, str]
) -> None:
    """Moment of a blood glucose, days of a mean and of an index, the other never."""
    code, moment, days, refused = case
    outcome = online.service.apply(glucose(call, code, moment, days))

    assert getattr(outcome, "code", "") == refused


@pytest.mark.rule("MEA-08")
@pytest.mark.parametrize(
    ("source", "accepted"),
    [(SOLUTION, True), (f"{SOLUTION}.4.2", True), (f"{SOLUTION}4", False), (OTHER, False)],
)
def test_a_source_is_under_the_identifier_of_the_solution(
    online: Sandbox, call: WriteMeasure, source: str, *, accepted: bool
) -> None:
    """Itself or a branch of it, and no longer number that begins alike."""
    outcome = online.service.apply(with_measure(call, source=source))

    assert isinstance(outcome, Refusal) is not accepted


@pytest.mark.rule("MEA-09")
def test_a_measure_of_somebody_else_is_refused(online: Sandbox, call: WriteMeasure) -> None:
    """Alone, and beside one of the person."""
    other = with_measure(call, subject="0" * 32)

    assert online.refusal(other) == ("MEA-09", "ID_PE_MISMATCH")
    both = replace(call, bundle=call.bundle + other.bundle)
    assert online.refusal(both) == ("MEA-09", "ID_PE_MISMATCH")


@pytest.mark.rule("MEA-10")
@pytest.mark.parametrize(("length", "accepted"), [(150, True), (151, False)])
def test_a_comment_has_150_characters(
    online: Sandbox, ins: str, call: WriteMeasure, length: int, *, accepted: bool
) -> None:
    """From a service and from the holder alike."""
    comment = "é" * length
    entered = EnterMeasure(
        online.now, holder(ins), ins, WEIGHT, online.now, (71.0,), comment=comment
    )

    for command in (with_measure(call, comment=comment), entered):
        outcome = online.service.apply(command)
        assert isinstance(outcome, Refusal) is not accepted
        assert accepted or getattr(outcome, "code", "") == "COMMENT_TOO_LONG"


@pytest.mark.rule("MEA-01")
def test_unknown_kinds_and_measures_to_come_are_refused(
    online: Sandbox, ins: str, call: WriteMeasure
) -> None:
    """From a service and from the holder."""
    tomorrow = online.now + timedelta(days=1)
    enter = EnterMeasure(online.now, holder(ins), ins, WEIGHT, online.now, (71.0,))

    unknown, later = ("MEA-01", "UNKNOWN_MEASURE"), ("MEA-01", "MEASURE_IN_FUTURE")
    assert online.refusal(with_measure(call, code="1-1")) == unknown
    assert online.refusal(replace(enter, code="1-1")) == unknown
    assert online.refusal(ReadMeasures(online.now, holder(ins), ins, "1-1")) == unknown
    assert online.refusal(with_measure(call, taken_at=tomorrow)) == later
    assert online.refusal(replace(enter, taken_at=tomorrow)) == later
    nowhere = online.now.replace(tzinfo=None)
    unzoned = ("MEA-01", "INSTANT_WITHOUT_ZONE")
    assert online.refusal(with_measure(call, taken_at=nowhere)) == unzoned
    assert online.refusal(replace(enter, taken_at=nowhere)) == unzoned
    two = replace(enter, values=(71.0, 72.0))
    assert online.refusal(two) == ("MEA-04", "VALUE_MISSING")


@pytest.mark.parametrize(
    ("value", "ranges", "accepted"),
    [
        (650.0, "wide", True),
        (650.1, "wide", False),
        (0.1, "wide", False),
        (650.1, "none", True),
    ],
)
def test_g14_ranges_of_measures_are_a_policy(
    online: Sandbox, value: float, ranges: Literal["wide", "none"], *, accepted: bool
) -> None:
    """Wide by default, none on request."""
    parameters = replace(
        vintage("steady-2023"),
        policies=Policies(measure_ranges=ranges),
    )
    other = Sandbox(parameters, now=online.now)
    person = other.person()
    other.notify(person)
    other.activate(person)
    outcome = other.service.apply(
        EnterMeasure(other.now, holder(person), person, WEIGHT, other.now, (value,))
    )

    assert isinstance(outcome, Refusal) is not accepted
    assert accepted or getattr(outcome, "code", "") == "IMPLAUSIBLE_VALUE"


@pytest.mark.rule("MEA-01")
def test_fourteen_kinds_each_with_its_unit() -> None:
    """Only the body mass index is not written; only a blood pressure has components."""
    assert len(KINDS) == 14
    assert all(kind.unit for kind in KINDS.values())
    assert [kind.name for kind in KINDS.values() if not kind.app_writes] == ["BODY_MASS_INDEX"]
    assert [kind.name for kind in KINDS.values() if kind.components] == ["BLOOD_PRESSURE"]


@pytest.mark.rule("CAT-06")
def test_consent_to_write_is_asked_of_every_call(online: Sandbox, call: WriteMeasure) -> None:
    """Withdrawn between two calls, it stops the second."""
    online.do(call)
    use = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.WRITE)
    online.do(
        ChangeServiceConsent(online.now, holder(call.ins), call.ins, SOLUTION, use, given=False)
    )

    assert online.refusal(call) == ("CAT-05", "CONSENT_NOT_GIVEN")
