"""Wishes as Consent: valid under our profile, read back equal, and never an act of another kind."""

from datetime import UTC, datetime, timedelta

import pytest
from fhir.resources.R4B.consent import Consent
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import (
    BlockProfessional,
    DeclareAttendingDoctor,
    DeclareConsent,
    Direction,
    ExchangeFamily,
    JoinCareTeam,
    ObjectToProfessional,
    PairService,
    Refusal,
    Service,
    SetEmergencyChoices,
    State,
    UnblockProfessional,
    Use,
    identity,
    vintage,
)
from etalon_model.actors import INSURER, holder, professional
from etalon_model.rights.consents import LeaveCareTeam
from etalon_model.sandbox import Sandbox
from etalon_wire.consents import (
    KINDS,
    Wish,
    consent_id,
    consent_kinds,
    consent_resource,
    named_patient,
    wish_of,
)
from etalon_wire.json_body import Resource, read_json, write_json
from etalon_wire.malformed import Malformed
from etalon_wire.records.addresses import Named, key_of, record_key
from etalon_wire.validation.validator import Validator
from etalon_wire.wishes import command_of, concerns, wishes_of
from etalon_wire.xml_body import read_xml, write_xml

WHO = identity(7, 1)
DOCTOR, STRUCTURE, SERVICE = "810101010101", "1310000001", "1.2.250.1.999.4"
AT = datetime(2023, 3, 2, 10, 5, 7, 123456, tzinfo=UTC)
VALIDATOR = Validator()
ABOUT = {"professional": [DOCTOR, STRUCTURE], "service": [SERVICE], "nobody": [""]}
USES = st.builds(
    Use,
    st.sampled_from(["prevention", "care", "social follow-up"]),
    st.sampled_from(list(ExchangeFamily)),
    st.sampled_from(list(Direction)),
)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    """Wishes of every kind."""
    kind = draw(st.sampled_from(list(consent_kinds().values())))
    return Wish(
        kind=kind.code,
        stance=draw(st.sampled_from(["permit", "deny"])),
        about=draw(st.sampled_from(ABOUT[kind.about])),
        since=draw(st.none() | st.just(AT)),
        collector=draw(st.sampled_from(["", DOCTOR])),
        ground="no_care" if kind.code == "feeding-opposition" else "",
        masked=draw(st.booleans()) if "access" in kind.code else None,
        uses=draw(st.frozensets(USES)) if kind.code == "app-sharing" else frozenset(),
    )


@given(wishes())
def test_a_wish_is_valid_read_by_others_and_read_back_equal_in_both_forms(wish: Wish) -> None:
    """Our profile finds nothing, another reader parses it, JSON and XML lead back."""
    resource = consent_resource(WHO, wish)

    findings = VALIDATOR.validate(resource, "mes-consent", "pdsm-strict")
    assert [one for one in findings if one.severity != "information"] == []
    Consent.model_validate_json(write_json(resource))
    for back in (read_json(write_json(resource)), read_xml(write_xml(resource))):
        assert wish_of(back) == wish
        assert named_patient(back) == Named(WHO.ins, record_key(WHO.ins))


@given(wishes(), wishes())
def test_two_wishes_share_an_address_only_when_one_replaces_the_other(
    one: Wish, other: Wish
) -> None:
    """Kind and party make the address, which leads back to the record and names nobody."""
    same = (one.kind, one.about) == (other.kind, other.about)

    assert (consent_id(WHO.ins, one) == consent_id(WHO.ins, other)) is same
    assert key_of(consent_id(WHO.ins, one)) == record_key(WHO.ins)
    assert WHO.ins not in consent_id(WHO.ins, one)


def block() -> Resource:
    """A block of a doctor."""
    return consent_resource(WHO, Wish("professional-block", "deny", DOCTOR, AT))


WRONG: list[tuple[Resource, str]] = [
    ({"category": [{"coding": [{"system": KINDS, "code": "whim"}]}]}, "Consent.category[0]"),
    (
        {"category": [{"coding": [{"system": "urn:x", "code": "professional-block"}]}]},
        "Consent.category[0]",
    ),
    ({"provision": {}}, "Consent.provision.type"),
    ({"provision": {"type": "deny"}}, "Consent.provision.actor"),
    ({"provision": {"type": "deny", "actor": [{}, {}]}}, "Consent.provision.actor"),
    (
        {"provision": {"type": "deny", "actor": [{"reference": {"display": "him"}}]}},
        "Consent.provision.actor[0].reference",
    ),
    ({"dateTime": "yesterday"}, "Consent.dateTime"),
]


@pytest.mark.parametrize(("changed", "at"), WRONG)
def test_what_a_wish_needs_is_named_where_it_is_missing(changed: Resource, at: str) -> None:
    """A wish about somebody names one, by identifier."""
    with pytest.raises(Malformed) as refused:
        wish_of({**block(), **changed})

    assert refused.value.expression == at


@pytest.mark.parametrize(("status", "stance"), [("inactive", "withdrawn"), ("rejected", "deny")])
def test_a_status_goes_before_what_the_provision_says(status: str, stance: str) -> None:
    """A wish that is inactive is withdrawn."""
    assert wish_of({**block(), "status": status}).stance == stance


def wish(kind: str, stance: str, about: str = "") -> Wish:
    """A wish of a kind."""
    return wish_of(
        consent_resource(WHO, Wish(kind, "permit" if stance == "permit" else "deny", about, AT))
        | ({"status": "inactive"} if stance == "withdrawn" else {})
    )


DOCTOR_ACTOR = professional(DOCTOR, "doctor")
HOLDER = holder(WHO.ins)


@pytest.mark.parametrize(
    ("kind", "stance", "command"),
    [
        ("professional-block", "deny", BlockProfessional),
        ("professional-block", "withdrawn", UnblockProfessional),
        ("consultation-consent", "permit", DeclareConsent),
        ("consultation-consent", "deny", ObjectToProfessional),
        ("consultation-consent", "withdrawn", ObjectToProfessional),
        ("treating-physician", "permit", DeclareAttendingDoctor),
        ("treating-physician", "withdrawn", DeclareAttendingDoctor),
        ("emergency-access-opposition", "deny", SetEmergencyChoices),
        ("samu-access-opposition", "withdrawn", SetEmergencyChoices),
        ("app-sharing", "permit", PairService),
    ],
)
def test_each_wish_is_one_command(
    rehearsed: tuple[Service, str], kind: str, stance: str, command: type
) -> None:
    """The act of the model that a kind and a stance come to."""
    service, ins = rehearsed
    about = {"nobody": "", "service": SERVICE, "professional": DOCTOR}[consent_kinds()[kind].about]

    asked = command_of(wish(kind, stance, about), AT, HOLDER, service.person(ins), POLICIES)

    assert type(asked) is command


POLICIES = vintage("steady-2023").policies


@pytest.mark.parametrize(
    ("kind", "stance"),
    [
        ("account-creation-opposition", "deny"),
        ("account-closure", "deny"),
        ("account-closure", "withdrawn"),
        ("feeding-opposition", "permit"),
        ("feeding-opposition", "withdrawn"),
        ("treating-physician", "deny"),
    ],
)
def test_what_a_consent_cannot_change_is_refused_by_name(
    rehearsed: tuple[Service, str], kind: str, stance: str
) -> None:
    """The life of a space has operations of its own."""
    service, ins = rehearsed
    about = "" if kind.startswith("account") else DOCTOR

    found = command_of(wish(kind, stance, about), AT, HOLDER, service.person(ins), POLICIES)

    assert isinstance(found, list)
    assert kind in found[0].message


def test_a_professional_who_withdraws_their_own_leaves_the_care_team(
    rehearsed: tuple[Service, str],
) -> None:
    """Another's consent is the holder's to take back."""
    service, ins = rehearsed
    own = wish("consultation-consent", "withdrawn", DOCTOR)

    asked = command_of(own, AT, DOCTOR_ACTOR, service.person(ins), POLICIES)

    assert type(asked) is LeaveCareTeam


@pytest.fixture
def rehearsed() -> tuple[Service, str]:
    """A service with one open space, and its matricule."""
    town = Sandbox(vintage("steady-2023"), now=AT - timedelta(hours=1))
    ins = town.person()
    town.bring(ins, State.OPEN_ACTIVE)
    return town.service, ins


def test_what_was_written_is_what_is_read(rehearsed: tuple[Service, str]) -> None:
    """Each wish carried out is found again, with its instant, and about whom it concerns."""
    service, ins = rehearsed
    asked = [
        JoinCareTeam(AT, professional(STRUCTURE, "nurse"), ins, informed=True),
        DeclareConsent(AT, DOCTOR_ACTOR, ins, DOCTOR),
        DeclareAttendingDoctor(AT, INSURER, ins, DOCTOR),
    ]
    for command in asked:
        assert not isinstance(service.apply(command), Refusal)
    found = {(one.kind, one.about): one for one in wishes_of(service.person(ins), POLICIES)}

    assert found["consultation-consent", DOCTOR].since == AT
    assert found["consultation-consent", DOCTOR].collector == DOCTOR
    assert found["consultation-consent", STRUCTURE].stance == "permit"
    assert found["treating-physician", DOCTOR].since == AT
    assert found["samu-access-opposition", ""].since is None
    assert {key for key, one in found.items() if concerns(one, STRUCTURE)} == {
        ("consultation-consent", STRUCTURE)
    }
