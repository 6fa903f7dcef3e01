"""Deposits: who, of what, with which metadata."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from etalon_model import INSURER, SYSTEM, Actor, ActorKind, State, holder, vintage
from etalon_model.records.deposit import Means
from etalon_model.records.feeding import Ground, ObjectToFeeding
from etalon_model.records.nomenclature import DOCUMENT_CLASSES, DOCUMENT_TYPES, type_in_class
from etalon_model.records.reading import ReadDocument
from etalon_model.records.record import Document, Form, record_of
from etalon_model.records.rehearsal import DOCTOR, HOSPITAL, OTHER_DOCTOR, RecordRehearsal
from etalon_model.records.search import SearchDocuments
from etalon_model.rights.blocks import BlockProfessional


@pytest.mark.rule("REC-02", "REC-03", "REC-27")
def test_the_nomenclature_has_11_classes_and_108_types_each_in_its_class() -> None:
    """Types name a class of the eleven, but two whose class is not known."""
    types = DOCUMENT_TYPES.values()

    assert len(DOCUMENT_CLASSES) == 11
    assert len(DOCUMENT_TYPES) == 108
    assert [kind.code for kind in types if not kind.class_code] == ["101881-1", "E1762"]
    assert all(type_in_class(one.code, one.class_code or "90") is one for one in types)
    assert DOCUMENT_TYPES["PRESC-AAT"].class_code == "42"


@pytest.mark.rule("REC-02", "REC-03")
def test_every_type_of_care_is_deposited_in_its_class_and_in_no_other(
    care: RecordRehearsal,
) -> None:
    """Each of them, and refused in a class that is not its own."""
    for kind in DOCUMENT_TYPES.values():
        if kind.author != "care" or not kind.class_code:
            continue
        assert care.put(type_code=kind.code).kind is kind
        other = "10" if kind.class_code != "10" else "42"
        sheet = replace(care.sheet(kind.code), class_code=other)
        refused = care.sandbox.refusal(care.deposit(sheet=sheet))
        assert refused == ("REC-03", "TYPE_OUT_OF_CLASS")


@pytest.mark.rule("REC-02")
@pytest.mark.parametrize("type_code", ["DOCPAT01", "EXPPAT_3", "REMB", "DOCPAT08", "E1762"])
def test_professionals_do_not_deposit_what_others_write(
    care: RecordRehearsal, type_code: str
) -> None:
    """Documents of the patient, of the insurer and of the service are not theirs."""
    sheet = replace(care.sheet(type_code), class_code=DOCUMENT_TYPES[type_code].class_code or "90")

    refused = care.sandbox.refusal(care.deposit(sheet=sheet))

    assert refused == ("REC-02", "TYPE_NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("REC-01")
def test_a_person_has_one_record(care: RecordRehearsal) -> None:
    """Two deposits by two depositors stand in the same record."""
    care.put()
    person = care.sandbox.service.person(care.ins)
    record = record_of(person)
    care.put(by=HOSPITAL)

    assert record_of(person) is record
    assert len(record.documents) == 2


@pytest.mark.rule("REC-04")
@pytest.mark.parametrize(
    ("xds", "field", "empty"),
    [
        ("uniqueId", "unique_id", ""),
        ("class", "class_code", ""),
        ("type", "type_code", ""),
        ("title", "title", ""),
        ("creationTime", "created_at", None),
        ("serviceStartTime", "service_start_at", None),
        ("hash", "sha1", ""),
    ],
)
def test_each_mandatory_element_of_the_sheet_is_asked_for(
    care: RecordRehearsal, xds: str, field: str, empty: str | None
) -> None:
    """Removed in turn, each is named by the refusal, and nothing is stored."""
    changes: dict[str, object] = {field: empty}
    outcome = care.sandbox.service.apply(
        care.deposit(sheet=replace(care.sheet(), **changes))  # type: ignore[arg-type]
    )

    assert (outcome.rule, outcome.code, outcome.facts) == ("REC-04", "METADATA_MISSING", (xds,))  # type: ignore[union-attr]
    assert care.sandbox.service.person(care.ins).holdings is None


@pytest.mark.rule("REC-04")
@pytest.mark.parametrize(
    ("xds", "field", "empty"),
    [
        ("author", "authors", ()),
        ("legalAuthenticator", "authenticator", ""),
        ("languageCode", "language", ""),
        ("healthcareFacilityTypeCode", "facility_type", ""),
        ("practiceSetting", "practice_setting", ""),
    ],
)
def test_each_mandatory_element_of_the_origin_is_asked_for(
    care: RecordRehearsal, xds: str, field: str, empty: object
) -> None:
    """Author, authenticator, language, kind of structure and setting of care."""
    sheet = care.sheet()
    changes = {field: empty}
    origin = replace(sheet.origin, **changes)  # type: ignore[arg-type]
    outcome = care.sandbox.service.apply(care.deposit(sheet=replace(sheet, origin=origin)))

    assert (outcome.rule, outcome.facts) == ("REC-04", (xds,))  # type: ignore[union-attr]


@pytest.mark.rule("REC-04", "REC-29", "VIS-07")
@pytest.mark.parametrize(
    ("form", "codes", "refused"),
    [
        (Form("", "x"), ("N",), ("REC-04", "METADATA_MISSING")),
        (Form("application/pdf", ""), ("N",), ("REC-04", "METADATA_MISSING")),
        (Form("application/msword", "x"), ("N",), ("REC-29", "FORMAT_NOT_SUPPORTED")),
        (Form("image/png", "x"), ("N",), ("REC-29", "FORMAT_NOT_SUPPORTED")),
        (Form("text/xml", "x"), ("MASQUE_PS",), ("VIS-07", "CODES_WRONG")),
    ],
)
def test_form_and_codes_are_checked(
    care: RecordRehearsal, form: Form, codes: tuple[str, ...], refused: tuple[str, str]
) -> None:
    """A form that the record holds, a format code, and a set of codes that exists."""
    sheet = replace(care.sheet(), form=form)

    assert care.sandbox.refusal(care.deposit(*codes, sheet=sheet)) == refused


@pytest.mark.rule("REC-29")
@pytest.mark.parametrize(
    "mime",
    ["application/pdf", "text/plain", "image/jpeg", "application/rtf", "image/tiff", "text/xml"],
)
def test_six_forms_of_content_are_held(care: RecordRehearsal, mime: str) -> None:
    """PDF, text, JPEG, RTF, TIFF and structured CDA."""
    sheet = replace(care.sheet(), form=Form(mime, "a format"))

    document = care.sandbox.do(care.deposit(sheet=sheet))

    assert isinstance(document, Document)
    assert document.sheet.form.mime == mime


@pytest.mark.rule("REC-06")
@pytest.mark.parametrize(
    ("actor", "means", "accepted"),
    [
        (DOCTOR, Means.CPS, True),
        (DOCTOR, Means.E_CPS, True),
        (DOCTOR, Means.PRO_SANTE_CONNECT, True),
        (DOCTOR, Means.NONE, False),
        (DOCTOR, Means.STRUCTURE_CERTIFICATE, False),
        (HOSPITAL, Means.STRUCTURE_CERTIFICATE, True),
        (HOSPITAL, Means.NONE, False),
        (HOSPITAL, Means.CPS, False),
        (Actor(ActorKind.APP, "app"), Means.PRO_SANTE_CONNECT, False),
    ],
)
def test_a_deposit_needs_strong_means(
    care: RecordRehearsal, actor: Actor, means: Means, *, accepted: bool
) -> None:
    """A card or Pro Santé Connect for a person, a certificate for a structure."""
    command = replace(care.deposit(by=actor), means=means)

    if accepted:
        assert isinstance(care.sandbox.do(command), Document)
    else:
        assert care.sandbox.refusal(command)[0] == "REC-06"


@pytest.mark.rule("REC-07")
@pytest.mark.parametrize("activated", [True, False])
def test_feeding_needs_no_right_to_read(activated: bool) -> None:  # noqa: FBT001 (a parameter)
    """A stranger deposits in an open record, activated or not, and may not list it."""
    care = RecordRehearsal(vintage("launch-2022"), activated=activated)
    care.put()

    refused = care.sandbox.refusal(SearchDocuments(care.now, DOCTOR, care.ins))

    assert refused == ("ACC-01", "NO_CONSENT")


@pytest.mark.rule("REC-07")
def test_feeding_needs_an_open_record(care: RecordRehearsal) -> None:
    """Somebody merely notified has no record to feed."""
    care.ins = care.sandbox.person()
    care.sandbox.bring(care.ins, State.NOTIFIED)

    assert care.sandbox.refusal(care.deposit()) == ("REC-07", "NO_OPEN_SPACE")


@pytest.mark.rule("REC-08")
def test_a_blocked_professional_still_deposits_and_does_not_read(care: RecordRehearsal) -> None:
    """Not even what they deposited."""
    care.team(DOCTOR)
    care.sandbox.do(BlockProfessional(care.now, care.holder, care.ins, DOCTOR.ident))

    document = care.put()
    refused = care.sandbox.refusal(ReadDocument(care.now, DOCTOR, care.ins, document.unique_id))

    assert refused == ("ACC-04", "PROFESSIONAL_BLOCKED")


@pytest.mark.rule("REC-09")
def test_the_holder_objects_to_feeding_on_a_legitimate_ground_only(care: RecordRehearsal) -> None:
    """Without ground nothing changes; with one the professional feeds no more, others do."""
    objection = ObjectToFeeding(care.now, care.holder, care.ins, DOCTOR.ident, None)
    assert care.sandbox.refusal(objection) == ("REC-09", "GROUND_NEEDED")
    care.put()

    care.sandbox.do(replace(objection, ground=Ground.NO_CARE))

    assert care.sandbox.refusal(care.deposit()) == ("REC-09", "FEEDING_OBJECTED")
    care.put(by=OTHER_DOCTOR)


@pytest.mark.rule("REC-09")
def test_a_professional_relays_an_objection_to_their_own_feeding(care: RecordRehearsal) -> None:
    """And nobody else's: a colleague's is the holder's to say."""
    relayed = ObjectToFeeding(care.now, DOCTOR, care.ins, DOCTOR.ident, Ground.RELAYED)
    of_another = replace(relayed, depositor=OTHER_DOCTOR.ident)
    assert care.sandbox.refusal(of_another) == ("REP-01", "NOT_FOR_THIS_ACTOR")

    care.sandbox.do(relayed)

    assert care.sandbox.refusal(care.deposit()) == ("REC-09", "FEEDING_OBJECTED")
    care.put(by=OTHER_DOCTOR)


@pytest.mark.rule("REC-28")
def test_a_document_says_whose_it_is(care: RecordRehearsal) -> None:
    """No identity, no traits, somebody else's: three refusals."""
    deposit = care.deposit()
    subject = care.subject()

    def refused(**changes: object) -> tuple[str, str]:
        other = replace(subject, **changes)  # type: ignore[arg-type]
        return care.sandbox.refusal(replace(deposit, subject=other))

    assert care.sandbox.refusal(replace(deposit, subject=None)) == (
        "REC-28",
        "DOCUMENT_WITHOUT_INS",
    )
    assert refused(birth_on=None) == ("REC-28", "INS_WITHOUT_TRAITS")
    assert refused(sex="") == ("REC-28", "INS_WITHOUT_TRAITS")
    assert refused(birth_on=date(1980, 5, 18)) == ("REC-28", "INS_DIFFERS")
    assert refused(sex="M") == ("REC-28", "INS_DIFFERS")
    assert refused(oid="1.2.250.1.213.1.4.8") == ("REC-28", "INS_DIFFERS")
    assert refused(ins=care.sandbox.person()) == ("REC-28", "INS_DIFFERS")


@pytest.mark.rule("REC-31")
def test_an_infected_content_is_refused(care: RecordRehearsal) -> None:
    """The test file of antivirus software is recognised by its digest."""
    sheet = replace(care.sheet(), sha1="3395856ce81f2b7382dee72602f798b642f14140")

    assert care.sandbox.refusal(care.deposit(sheet=sheet)) == ("REC-31", "ANTIVIRUS")


@pytest.mark.rule("REC-04")
@pytest.mark.parametrize(
    ("size", "later", "code"),
    [(0, 0, "EMPTY_DOCUMENT"), (-1, 0, "EMPTY_DOCUMENT"), (1, 1, "DATE_IN_FUTURE")],
)
def test_a_document_has_a_content_and_a_past(
    care: RecordRehearsal, size: int, later: int, code: str
) -> None:
    """Neither empty nor written after its deposit."""
    written_at = care.now + timedelta(seconds=later)
    sheet = replace(care.sheet(), size_bytes=size, created_at=written_at)

    assert care.sandbox.refusal(care.deposit(sheet=sheet)) == ("REC-04", code)


@pytest.mark.rule("REC-10")
def test_a_unique_identifier_is_used_once(care: RecordRehearsal) -> None:
    """The same sheet twice is refused the second time."""
    deposit = care.deposit()
    care.sandbox.do(deposit)

    assert care.sandbox.refusal(deposit) == ("REC-10", "DUPLICATE_DOCUMENT")


@pytest.mark.rule("VIS-10")
def test_a_minors_secret_act_is_kept_from_the_representatives() -> None:
    """The deposit itself sets the code; an adult has no such secret."""
    care = RecordRehearsal(vintage("launch-2022"), born=date(2007, 1, 1))
    deposit = replace(care.deposit(), secret_act=True)

    document = care.sandbox.do(deposit)

    assert isinstance(document, Document)
    assert document.confidentiality.codes == ("N", "INVISIBLE_REPRESENTANTS_LEGAUX")
    adult = RecordRehearsal(vintage("launch-2022"))
    assert adult.sandbox.refusal(replace(adult.deposit(), secret_act=True)) == (
        "VIS-10",
        "SECRET_ACT_OF_AN_ADULT",
    )


def test_a_new_document_is_announced_to_whoever_may_see_it(care: RecordRehearsal) -> None:
    """The holder hears of it, unless it is hidden or the space was never entered."""
    care.put()
    care.put("N", "INVISIBLE_PATIENT")

    told = [one.code for one in care.sandbox.service.notifications(care.ins)]

    assert told.count("DOCUMENT") == 1
    inactive = RecordRehearsal(vintage("launch-2022"), activated=False)
    inactive.put()
    assert "DOCUMENT" not in [
        one.code for one in inactive.sandbox.service.notifications(inactive.ins)
    ]


def test_the_insurer_and_the_service_deposit_what_is_theirs(care: RecordRehearsal) -> None:
    """Reimbursement data by the one, the questionnaire by the other, with their own means."""
    assert care.put(by=INSURER, type_code="REMB").depositor == INSURER
    assert care.put(by=SYSTEM, type_code="74465-6").depositor == SYSTEM
    assert care.sandbox.refusal(care.deposit(by=holder(care.ins)))[1] == "NOT_FOR_THIS_ACTOR"
