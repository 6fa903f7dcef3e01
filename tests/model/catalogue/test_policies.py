"""The open questions: all there, and each switch gives two outcomes for two values."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal, cast

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Accepted,
    Activate,
    Affiliate,
    Channel,
    Contacts,
    CreateLegacyRecord,
    OpenAutomatically,
    Oppose,
    OppositionProof,
    Outcome,
    Parameters,
    Period,
    ReadSpace,
    Refusal,
    Route,
    SendNotice,
    State,
    holder,
    representative,
    vintage,
)
from etalon_model.actors import Actor, ActorKind, professional
from etalon_model.agenda.announcements import AnnounceAgenda
from etalon_model.agenda.appointments import PutAppointment
from etalon_model.identities import Traits, identity
from etalon_model.opposition import OppositionWaiting
from etalon_model.policies import OpenQuestion, Policies, open_questions
from etalon_model.records.reading import ReadDocument
from etalon_model.records.rehearsal import OTHER_DOCTOR, RecordRehearsal
from etalon_model.rights.blocks import DeclareAttendingDoctor
from etalon_model.sandbox import Sandbox
from etalon_model.tables import rows_of

LAUNCH = vintage("launch-2022")
RULES = {row["id"] for row in rows_of("rules.csv")}


def code_of(outcome: Outcome) -> str:
    """Return the code of a refusal, or an empty string."""
    return outcome.code if isinstance(outcome, Refusal) else ""


def test_all_twenty_two_are_there() -> None:
    """Eight contradictions, fourteen gaps, each with what would close it."""
    idents = [question.ident for question in open_questions()]

    assert idents == [f"C{n}" for n in range(1, 9)] + [f"G{n}" for n in range(1, 15)]
    for question in open_questions():
        assert question.question.endswith(("?", ".")) or "found" in question.question
        assert question.would_change
        assert question.how_to_close
        assert question.default
        assert set(question.rules) <= RULES, question.ident


@pytest.mark.parametrize("question", open_questions(), ids=lambda question: question.ident)
def test_switches_have_settings_that_exist_and_notes_have_none(question: OpenQuestion) -> None:
    """A setting is a field of the parameters or of their policies."""
    known = {f"policies.{field.name}" for field in fields(Policies)} | {
        field.name for field in fields(Parameters)
    }

    assert set(question.settings) <= known
    assert question.form in ("switch", "note")
    assert bool(question.settings) is (question.form == "switch")
    assert bool(question.values) is (question.form == "switch")


def test_every_policy_answers_an_open_question() -> None:
    """No field of `Policies` without a row."""
    named = {name for question in open_questions() for name in question.settings}

    assert {f"policies.{field.name}" for field in fields(Policies)} <= named


@pytest.mark.parametrize(("window", "code"), [("P1M", ""), ("P6W", "WINDOW_RUNNING")])
def test_c2_the_window_decides_whether_silence_opens(window: str, code: str) -> None:
    """After thirty-five days: a month is over, six weeks are not."""
    box = Sandbox(replace(LAUNCH, opposition_window=Period(window)))
    ins = box.person()
    box.notify(ins)
    box.wait(timedelta(days=35))

    assert code_of(box.service.apply(OpenAutomatically(box.now, SYSTEM, ins))) == code


@pytest.mark.parametrize(
    ("start", "code"),
    [("2022-01-01", ""), ("2022-01-31", "OUT_OF_SCOPE"), ("2022-02-03", "OUT_OF_SCOPE")],
)
def test_c3_the_first_day_decides_who_is_in_scope(start: str, code: str) -> None:
    """On 15 January 2022, outside the départements of the pilot."""
    now = datetime(2022, 1, 15, 9, tzinfo=UTC)
    box = Sandbox(replace(LAUNCH, national_start_on=date.fromisoformat(start)), now=now)
    ins = box.person(department="75")

    assert code_of(box.service.apply(SendNotice(now, INSURER, ins, Channel.EMAIL))) == code


@pytest.mark.parametrize(
    ("parents", "answer", "state"),
    [("one", OppositionProof, State.OPPOSED), ("both", OppositionWaiting, State.NOTIFIED)],
)
def test_g4_one_parent_or_both_object(
    parents: Literal["one", "both"], answer: type, state: State
) -> None:
    """One is enough by default; else the first waits, and does not count twice."""
    policies = Policies(parents_policy=parents)
    box = Sandbox(replace(LAUNCH, policies=policies))
    mother, father = box.person(), box.person()
    child = box.person(mother, father, born=date(2017, 9, 3))
    box.notify(child)
    inputs = box.service.inputs(child, box.now)
    oppose = Oppose(box.now, representative(mother), child, Route.PHONE, inputs)
    first = box.service.apply(oppose)

    assert isinstance(first, Accepted)
    assert isinstance(first.answer, answer)
    assert box.service.state(child) is state
    if parents == "both":
        assert box.refusal(oppose) == ("REP-01", "OTHER_PARENT_NEEDED")
        fathers = replace(
            oppose,
            actor=representative(father),
            inputs=replace(
                inputs, nir=father, vitale_serial=box.service.inputs(father, box.now).vitale_serial
            ),
        )
        assert isinstance(box.do(fathers), OppositionProof)
        assert box.service.state(child) is State.OPPOSED


def test_g4_an_only_parent_objects_alone() -> None:
    """Whatever the policy, and so does an adult."""
    box = Sandbox(replace(LAUNCH, policies=Policies(parents_policy="both")))
    mother = box.person()
    child = box.person(mother, born=date(2017, 9, 3))
    for ins in (mother, child):
        box.notify(ins)
        assert isinstance(box.oppose(ins), OppositionProof)


@pytest.mark.parametrize(("until", "code"), [("2024-12-31", ""), ("2022-06-30", "NO_OPEN_SPACE")])
def test_g9_until_when_an_opponents_legacy_record_is_read(until: str, code: str) -> None:
    """In 2023, by a professional."""
    box = Sandbox(
        replace(LAUNCH, legacy_opponent_end_on=date.fromisoformat(until)),
        now=datetime(2021, 6, 1, 9, tzinfo=UTC),
    )
    ins = box.person()
    box.do(CreateLegacyRecord(box.now, INSURER, ins, documents=3, through=Route.COUNTER))
    box.now = datetime(2022, 2, 1, 9, tzinfo=UTC)
    box.notify(ins)
    box.oppose(ins)
    box.now = datetime(2023, 2, 1, 9, tzinfo=UTC)

    read = ReadSpace(box.now, Actor(ActorKind.PROFESSIONAL, "899700366240"), ins)
    assert code_of(box.service.apply(read)) == code


@pytest.mark.parametrize(("validity", "code"), [("P6W", ""), ("P1W", "CODE_EXPIRED")])
def test_g13_how_long_a_regenerated_code_is_good(validity: str, code: str) -> None:
    """Used after ten days."""
    box = Sandbox(replace(LAUNCH, code_validity=Period(validity)))
    ins = box.person()
    box.notify(ins)
    provisional = box.fresh_code(ins)
    box.wait(timedelta(days=10))

    activate: Activate = box.activation(ins, provisional)
    assert code_of(box.service.apply(activate)) == code


@pytest.mark.parametrize(("months", "code"), [("lenient", ""), ("strict", "MATRICULE_WRONG")])
def test_c7_a_month_between_20_and_99(months: Literal["lenient", "strict"], code: str) -> None:
    """The validator of the insurer takes it, the application does not."""
    box = Sandbox(replace(LAUNCH, nir_months=months))
    who = identity(1, 1, Traits(date(1980, 5, 17), "F", "31", 1))
    head = f"{who.ins[:3]}25{who.ins[5:13]}"
    other = replace(who, ins=f"{head}{97 - int(head) % 97:02d}")
    contacts = Contacts(email=True, mobile=True)
    affiliate = Affiliate(box.now, INSURER, other.ins, other, contacts)

    assert code_of(box.service.apply(affiliate)) == code


@pytest.mark.parametrize(("policy", "code"), [("permissive", ""), ("strict", "DOCUMENT_NOT_FOUND")])
def test_g1_an_inferred_cell_of_the_matrix(
    policy: Literal["strict", "permissive"], code: str
) -> None:
    """A dentist of the care team reads a consultation report, or not."""
    parameters = replace(vintage("steady-2023"), policies=Policies(matrix_policy=policy))
    care = RecordRehearsal(parameters)
    care.sandbox.now = datetime(2023, 11, 6, 9, tzinfo=UTC)
    document = care.put(type_code="11488-4")
    dentist = care.team(professional("899700366273", "dentist"))

    read = ReadDocument(care.now, dentist, care.ins, document.unique_id)
    assert code_of(care.sandbox.service.apply(read)) == code


@pytest.mark.parametrize(("policy", "code"), [("law", ""), ("product", "DOCUMENT_NOT_FOUND")])
def test_c1_the_attending_doctor_and_a_masked_document(
    policy: Literal["law", "product"], code: str
) -> None:
    """By law they read it; the application says that nobody does."""
    parameters = replace(vintage("steady-2023"), policies=Policies(masking_policy=policy))
    care = RecordRehearsal(parameters)
    document = care.put("N", "MASQUE_PS", type_code="11488-4")
    care.sandbox.do(DeclareAttendingDoctor(care.now, INSURER, care.ins, OTHER_DOCTOR.ident))

    read = ReadDocument(care.now, OTHER_DOCTOR, care.ins, document.unique_id)
    assert code_of(care.sandbox.service.apply(read)) == code


@pytest.mark.parametrize(("hours", "codes"), [(24, ()), (48, ("RDV_AGENDA",))])
def test_g12_how_long_before_an_appointment_the_service_reminds(
    hours: int, codes: tuple[str, ...]
) -> None:
    """Thirty hours before it."""
    parameters = replace(vintage("steady-2023"), policies=Policies(reminder_lead_hours=hours))
    box = Sandbox(parameters, now=datetime(2023, 11, 6, 9, tzinfo=UTC))
    ins = box.person(sex="M", born=date(1995, 5, 17))
    box.bring(ins, State.OPEN_ACTIVE)
    starts_at = box.now + timedelta(hours=30)
    box.do(PutAppointment(box.now, holder(ins), ins, "rdv-1", starts_at, "Bilan"))

    told = cast("tuple[str, ...]", box.do(AnnounceAgenda(box.now, SYSTEM, ins)))
    assert tuple(code for code in told if code == "RDV_AGENDA") == codes
