"""Every interaction, asked by every actor in every relation: the table says what each is answered.

`authorisations.csv` has a row for each interaction that asks for a token, about a person whose
space stands somewhere, and a column for each relation to that person.
"""

import csv
import json
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote

import pytest

from authorisation_scene import TITLE, Asked, Town, document, is_accepted, sent
from etalon_model.catalogue.measures import Measure
from etalon_model.codes import provisional_code
from etalon_model.messaging.correspondents import Correspondent, MailboxType
from etalon_model.periods import paris_date
from etalon_server.routes import HANDLERS
from etalon_wire.audit import DICOM, events_of
from etalon_wire.consents import Wish, consent_id, consent_resource, party_reference
from etalon_wire.directory.entries import Entry, entry_resource
from etalon_wire.interactions import interactions
from etalon_wire.json_body import Json
from etalon_wire.measures.showing import Reader, observation
from etalon_wire.measures.showing import decider as reader_of
from etalon_wire.messages.places import MailPlace, mail_id
from etalon_wire.records.addresses import person_id
from rights_scene import (
    FIRST,
    LAUNCH,
    SEED,
    TEST_INS,
    identified,
    said,
    treating,
)

TABLE: Final = Path(__file__).parent / "authorisations.csv"
EXAMPLE: Final = Path(__file__).parent.parent / "wire" / "examples" / "deposit.json"
MEASURE: Final = EXAMPLE.parent / "measure_feed.json"
LAST: Final = "code=29463-7&_sort=-date&_count=1"
RELATIONS: Final = (
    *("nobody", "holder", "other_holder", "caregiver", "false_caregiver", "representative"),
    "representative_of_another",
    *("team_doctor", "stranger_doctor", "blocked_doctor", "structure", "insurer"),
    *("app", "support", "system"),
)

MESSAGE: Final = (
    "MSH|^~\\&|HIS|HOSPITAL|ETALON|MES|20220201100000||ADT^A31|1|P|2.5\r"
    "PID|||{ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS\r"
    "ZFA|ACTIF|20220101|||||||INO|20220201|IC|20220201\r"
)


def rows() -> list[dict[str, str]]:
    """The rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def trace(ins: str) -> dict[str, Json]:
    """What the systems of two doctors and of a structure did with somebody's space."""
    doctors = [party_reference(treating(rank).ident) for rank in (0, 1)]
    return {
        "resourceType": "AuditEvent",
        "type": {"system": DICOM, "code": "110106"},
        "period": {"start": FIRST.isoformat()},
        "recorded": FIRST.isoformat(),
        "agent": [{"who": who, "requestor": True} for who in doctors],
        "source": {"observer": party_reference("1750000001")},
        "entity": [
            {
                "what": {"identifier": {"system": TEST_INS, "value": ins}},
                "role": {
                    "system": "http://terminology.hl7.org/CodeSystem/object-role",
                    "code": "1",
                },
            }
        ],
    }


def another_document(ins: str) -> Asked:
    """A second publication."""
    verb, path, body, headers = document(ins)
    return verb, path, body.replace(b"1.999.7.", b"1.999.8."), headers


def transaction(town: Town, ins: str) -> Asked:
    """A transaction for somebody (ITI-65)."""
    identity = town.service.person(ins).identity
    text = EXAMPLE.read_text(encoding="utf-8")
    text = text.replace("279035121518989", ins).replace("1979-03-12", str(identity.birth_on))
    gender = "female" if identity.sex == "F" else "male"
    text = text.replace('"gender": "female"', f'"gender": "{gender}"')
    return "POST", "/fhir", text.encode(), {}


def search(kind: str, ins: str, **more: str) -> Asked:
    """A search by address."""
    query = {"patient.identifier": f"{TEST_INS}|{ins}", **more}
    written = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return "GET", f"/fhir/{kind}?{written}", b"", {}


def form(kind: str, ins: str, **more: str) -> Asked:
    """The same search by form."""
    _, address, _, _ = search(kind, ins, **more)
    media_type = {"content-type": "application/x-www-form-urlencoded"}
    return "POST", f"/fhir/{kind}/_search", address.partition("?")[2].encode(), media_type


def patient(ins: str) -> str:
    """The search of a patient (TD0.2)."""
    return f"identifier={TEST_INS}|{ins}"


def request(town: Town, name: str, subject: str) -> Asked:
    """A request for an interaction about somebody, right in all but who asks."""
    ins = town.subjects[subject]
    row = interactions()[name]
    if row.kind == "operation":
        parts = [identified(ins), *_parts(town, name, ins)]
        return sent("POST", row.path, {"resourceType": "Parameters", "parameter": parts})
    if row.family == "agenda":
        return town.agenda.request(name, ins)
    return _REQUESTS[name](town, subject, ins)


def _parts(town: Town, name: str, ins: str) -> list[Json]:
    """The other parameters of an operation."""
    typed = town.service.inputs(ins, town.clock.now())
    inputs = [
        said("nir", valueString=typed.nir),
        said("birthDate", valueDate=str(typed.birth_on)),
        said("vitaleSerial", valueString=typed.vitale_serial),
    ]
    if typed.chosen is not None:
        inputs.append(identified(typed.chosen, "chosen"))
    code = said("code", valueString=valid_code(town, ins))
    terms = said("termsVersion", valueString=LAUNCH.terms_on(paris_date(FIRST)))
    doctor = said("professional", valueIdentifier={"value": treating(0).ident})
    seen = next(
        (row.at for row in town.service.log(ins) if row.deed.action == "DepositDocument"), FIRST
    )
    return {
        "notify_creation": [said("channel", valueCode="email")],
        "report_undelivered": [said("channel", valueCode="email")],
        "regenerate_code": [*inputs, said("by", valueCode="sms")],
        "oppose": [*inputs, code],
        "activate": [*inputs, code, terms],
        "reopen_space": [*inputs, code, terms],
        "accept_terms": [terms],
        "close_space": [said("passwordReentered", valueBoolean=True)],
        "suspend_space": [said("reason", valueCode="fraud")],
        "report_access": [doctor, said("accessedAt", valueInstant=seen.isoformat())],
        "join_care_team": [said("informed", valueBoolean=True)],
        "set_administrator": [doctor],
        "read_measures": [said("code", valueCode="29463-7")],
        "add_reminder": [said("dueOn", valueDate="2022-06-01"), said("title", valueString="a")],
        "delete_reminder": [said("number", valueString="1")],
        "declare_prevention": [
            said("key", valueString=town.agenda.items.get(ins, "none")),
            said("state", valueCode="not-done"),
        ],
        "save_attachment": [
            said("attachment", valueString=mail_id(ins, MailPlace(1, 1, 1))),
            said("category", valueCode="RADIO_SC"),
        ],
    }.get(name, [])


def valid_code(town: Town, ins: str) -> str:
    """The last provisional code of somebody, or one that none has."""
    person = town.service.person(ins)
    return provisional_code(SEED, ins, person.codes - 1) if person.codes else "00000000"


def wish(town: Town, ins: str) -> Json:
    """A Consent that blocks a nurse."""
    one = Wish("professional-block", "deny", "810101010200", FIRST)
    return consent_resource(town.service.person(ins).identity, one)


def emergency(ins: str) -> str:
    """The address of a wish that is always there."""
    return f"/fhir/Consent/{consent_id(ins, Wish('samu-access-opposition', 'deny'))}"


def unwished(town: Town, ins: str) -> Json:
    """The same wish, changed."""
    one = Wish("samu-access-opposition", "deny", since=FIRST)
    return consent_resource(town.service.person(ins).identity, one)


def weight(ins: str) -> Json:
    """A weight that somebody enters."""
    measure = Measure("29463-7", FIRST, (71.0,))
    shown = observation(Reader("", ""), measure, "0", None)
    return {**shown, "subject": {"identifier": {"system": TEST_INS, "value": ins}}}


PATCH: Final = {"content-type": "application/json-patch+json"}
ARCHIVED: Final = json.dumps(
    [{"op": "replace", "path": "/extension/0/valueBoolean", "value": True}]
).encode()


def directory_requests() -> dict[str, Callable[[Town, str, str], Asked]]:
    """Reading the entries of a doctor and a structure, and publishing a mailbox of theirs."""
    rpps = treating(0).ident[1:]
    found: dict[str, Callable[[Town, str, str], Asked]] = {}
    for kind, name, ident in (
        ("Practitioner", "practitioner", rpps),
        ("PractitionerRole", "practitioner_role", f"{rpps}-10"),
        ("Organization", "organization", "1750000001"),
    ):
        address = f"/fhir/{kind}"
        one, condition = f"{address}/{ident}", f"identifier={ident}"
        searched: Asked = ("GET", f"{address}?{condition}", b"", {})
        form_of = {"content-type": "application/x-www-form-urlencoded"}
        by_form: Asked = ("POST", f"{address}/_search", condition.encode(), form_of)
        mailbox = entry_resource(
            "Organization",
            Entry("", "", mailboxes=(Correspondent("a@b.mssante.fr", _TYPES[kind], ""),)),
        )["telecom"]
        body: Json = {"resourceType": "Parameters", "parameter": [inserted(kind, mailbox)]}
        requests: dict[str, Asked] = {
            f"find_{name}s": searched,
            f"find_{name}s_by_form": by_form,
            f"read_{name}": ("GET", one, b"", {}),
            f"change_{name}": sent("PATCH", one, body),
            f"change_{name}_found": sent("PATCH", f"{address}?{condition}", body),
        }
        found |= {named: _always(asked) for named, asked in requests.items()}
    return found


def _always(asked: Asked) -> Callable[[Town, str, str], Asked]:
    """The same request, whoever it is about."""
    return lambda _town, _subject, _ins: asked


def message_at(ins: str, place: MailPlace) -> str:
    """The address of something in the mailbox of a space."""
    return f"/fhir/Communication/{mail_id(ins, place)}"


def answer(ins: str) -> Json:
    """An answer to the doctor who wrote."""
    return {
        "resourceType": "Communication",
        "status": "completed",
        "subject": {"identifier": {"system": TEST_INS, "value": ins}},
        "inResponseTo": [{"reference": f"Communication/{mail_id(ins, MailPlace(1))}"}],
        "payload": [{"contentString": TITLE}],
    }


def inserted(kind: str, mailboxes: Json) -> Json:
    """An operation of a patch that publishes a mailbox."""
    return {
        "name": "operation",
        "part": [
            {"name": "type", "valueCode": "add"},
            {"name": "path", "valueString": kind},
            {"name": "name", "valueString": "telecom"},
            {"name": "value", "valueContactPoint": cast("list[Json]", mailboxes)[0]},
        ],
    }


_TYPES: Final = {
    "Practitioner": MailboxType.PER,
    "PractitionerRole": MailboxType.PER,
    "Organization": MailboxType.ORG,
}

_REQUESTS: Final[Mapping[str, Callable[[Town, str, str], Asked]]] = {
    "find_patients": lambda _t, _s, ins: ("GET", f"/fhir/Patient?{patient(ins)}", b"", {}),
    "find_patients_by_form": lambda _t, _s, ins: (
        "POST",
        "/fhir/Patient/_search",
        patient(ins).encode(),
        {"content-type": "application/x-www-form-urlencoded"},
    ),
    "read_patient": lambda _t, _s, ins: ("GET", f"/fhir/Patient/{person_id(ins)}", b"", {}),
    "provide_documents": lambda town, _, ins: transaction(town, ins),
    "publish_document": lambda _t, _s, ins: another_document(ins),
    "find_documents": lambda _t, _s, ins: search("DocumentReference", ins, status="current"),
    "find_documents_by_form": lambda _t, _s, ins: form("DocumentReference", ins, status="current"),
    "read_document": lambda town, name, _: (
        "GET",
        f"/fhir/DocumentReference/{town.documents[name]}",
        b"",
        {},
    ),
    "document_history": lambda town, name, _: (
        "GET",
        f"/fhir/DocumentReference/{town.documents[name]}/_history",
        b"",
        {},
    ),
    "read_version": lambda town, name, _: (
        "GET",
        f"/fhir/DocumentReference/{town.documents[name]}/_history/1",
        b"",
        {},
    ),
    "change_document": lambda town, name, _: (
        "PATCH",
        f"/fhir/DocumentReference/{town.documents[name]}",
        ARCHIVED,
        PATCH,
    ),
    "change_document_found": lambda _t, _s, ins: (
        "PATCH",
        "/fhir/DocumentReference?identifier="
        + json.loads(document(ins)[2])["masterIdentifier"]["value"],
        ARCHIVED,
        PATCH,
    ),
    "find_lists": lambda _t, _s, ins: search("List", ins, status="current", code="submissionset"),
    "find_lists_by_form": lambda _t, _s, ins: form(
        "List", ins, status="current", code="submissionset"
    ),
    "read_list": lambda town, name, _: ("GET", f"/fhir/List/{town.documents[name]}", b"", {}),
    "read_content": lambda town, name, _: ("GET", f"/fhir/Binary/{town.documents[name]}", b"", {}),
    "give_consent": lambda town, _, ins: sent("POST", "/fhir/Consent", wish(town, ins)),
    "find_consents": lambda _t, _s, ins: search("Consent", ins),
    "find_consents_by_form": lambda _t, _s, ins: form("Consent", ins),
    "read_consent": lambda _t, _s, ins: ("GET", emergency(ins), b"", {}),
    "change_consent": lambda town, _, ins: sent("PUT", emergency(ins), unwished(town, ins)),
    "import_wishes": lambda _t, _s, ins: (
        "POST",
        "/hl7v2",
        MESSAGE.replace("{ins}", ins).encode(),
        {"content-type": "application/hl7-v2"},
    ),
    "record_trace": lambda _t, _s, ins: sent("POST", "/fhir/AuditEvent", trace(ins)),
    "find_accesses": lambda _t, _s, ins: search("AuditEvent", ins, date="ge2022-01-01"),
    "find_accesses_by_form": lambda _t, _s, ins: form("AuditEvent", ins, date="ge2022-01-01"),
    **directory_requests(),
    "find_messages": lambda _t, _s, ins: search("Communication", ins),
    "find_messages_by_form": lambda _t, _s, ins: form("Communication", ins),
    "read_message": lambda _t, _s, ins: ("GET", message_at(ins, MailPlace(1, 1)), b"", {}),
    "send_message": lambda _t, _s, ins: sent("POST", "/fhir/Communication", answer(ins)),
    "change_draft": lambda _t, _s, ins: sent(
        "PUT", message_at(ins, MailPlace(1, is_draft=True)), answer(ins)
    ),
    "delete_message": lambda _t, _s, ins: ("DELETE", message_at(ins, MailPlace(1)), b"", {}),
    "find_documents_of_app": lambda _t, _s, _i: (
        "GET",
        "/documents/fhir/DocumentReference?subject.identifier=0123456789abcdef",
        b"",
        {},
    ),
    "read_content_of_app": lambda _t, _s, _i: ("GET", "/documents/fhir/Binary/0123", b"", {}),
    "list_pairings": lambda _t, _s, _i: ("GET", "/pairings", b"", {}),
    "read_pairing": lambda _t, _s, _i: ("GET", "/pairings/1.2.250.1.999.4", b"", {}),
    "end_pairing": lambda _t, _s, _i: ("DELETE", "/pairings/1.2.250.1.999.4", b"", {}),
    "read_access": lambda town, _, ins: (
        "GET",
        f"/fhir/AuditEvent/{events_of(town.service.log(ins))[0].event_id}",
        b"",
        {},
    ),
    "enter_measure": lambda _t, _s, ins: sent("POST", "/fhir/Observation", weight(ins)),
    "read_measure": lambda town, _, ins: (
        "GET",
        f"/fhir/Observation/{reader_of(town.service.person(ins).identity).observation_id('0')}",
        b"",
        {},
    ),
    "feed_measure": lambda _t, _s, _i: ("POST", "/measures/fhir", MEASURE.read_bytes(), {}),
    "find_measures": lambda _t, _s, _i: ("GET", f"/measures/fhir/Observation?{LAST}", b"", {}),
    "find_measures_by_form": lambda _t, _s, _i: (
        "POST",
        "/measures/fhir/Observation/_search",
        LAST.encode(),
        {"content-type": "application/x-www-form-urlencoded"},
    ),
}


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """One town; each request finds it as it was."""
    opened = Town()
    yield opened
    opened.close()


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['interaction']}-{row['subject']}")
@pytest.mark.requirement("W-COM-04")
def test_who_may_is_answered_and_nobody_else_learns_or_changes_anything(
    town: Town, row: dict[str, str]
) -> None:
    """Every relation is answered what the table says (W-COM-04)."""
    name, subject = row["interaction"], row["subject"]
    asked = request(town, name, subject)
    callers = town.callers(town.subjects[subject])
    accepted = {one for one in RELATIONS if is_accepted(row[one])}
    town.service.restore(town.before)

    found = {one: town.answer(callers[one], asked) for one in RELATIONS if one not in accepted}
    assert town.service.digest() == town.digest
    for relation in accepted:
        found[relation] = town.answer(callers[relation], asked)
        town.service.restore(town.before)

    assert found == {relation: row[relation] for relation in RELATIONS}


def test_the_table_has_every_interaction_that_asks_who_asks() -> None:
    """A new interaction needs a row."""
    asked = {name for name, row in interactions().items() if not row.is_open}

    assert {row["interaction"] for row in rows()} == asked


def test_nobody_is_let_through_whom_the_interaction_does_not_name(town: Town) -> None:
    """And nobody at all without a token."""
    kinds = {
        relation: caller.actor.kind
        for relation, caller in town.callers("279035121518989").items()
        if caller is not None
    }
    for name, interaction in interactions().items():
        if interaction.is_open:
            continue
        accepted = {
            kinds[relation]
            for row in rows()
            if row["interaction"] == name
            for relation in kinds
            if row[relation].startswith("2")
        }
        assert accepted <= interaction.actors, name
        assert all(row["nobody"] == "401" for row in rows() if row["interaction"] == name), name


def test_every_interaction_has_its_handler_and_every_handler_its_row() -> None:
    """The router is the table."""
    assert HANDLERS.keys() == interactions().keys()
