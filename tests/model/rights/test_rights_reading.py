"""Every standing, role and mode against the rule said another way."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from etalon_model import State, holder, vintage
from etalon_model.actors import Actor, ActorKind, professional
from etalon_model.people import FirstChoices, Person
from etalon_model.register import Register
from etalon_model.rights.consents import DeclareConsent, JoinCareTeam, ObjectToProfessional
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import note_reading, refuse_reader
from etalon_model.rights.rights import Consent, Standing, rights_of
from etalon_model.sandbox import Sandbox
from etalon_model.states import ACCESS

NOW = datetime(2022, 6, 1, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
IDENT = "810000000017"
ROLES = (
    "",
    "regulator",
    "fire_brigade",
    "nursing_home",
    "occupational",
    "insurance",
    "bank",
    "employer",
)
NEVER = ("insurance", "bank", "employer")
BOTH = (False, True)
CONSENTS = {
    "none": (None, None),
    "unused": (Consent("colleague", NOW), None),
    "running": (Consent("colleague", NOW), NOW + AN_HOUR),
    "over": (Consent("colleague", NOW), NOW),
}


@dataclass(frozen=True)
class Case:
    """Where somebody stands; the consent is a key of `CONSENTS`."""

    blocked: bool
    must_consent: bool
    in_team: bool
    administrator: bool
    attending: bool
    consent: str


CASES = [
    Case(blocked, must_consent, in_team, administrator, attending, consent)
    for blocked, must_consent, in_team, administrator, attending, consent in product(
        BOTH, BOTH, BOTH, BOTH, BOTH, CONSENTS
    )
]


@pytest.fixture
def person(launch: Sandbox, ins: str) -> Person:
    """Return the memory of an open space, to be arranged at will."""
    return launch.service.person(ins)


@pytest.fixture
def register() -> Register:
    """Return a register that knows the parameters."""
    return Register(vintage("launch-2022"), 1)


def arrange(person: Person, case: Case) -> Standing:
    """Put the professional where the case says."""
    rights = rights_of(person)
    rights.attending = IDENT if case.attending else ""
    consent, until = CONSENTS[case.consent]
    standing = rights.standings[IDENT] = Standing(
        in_team=case.in_team,
        blocked=case.blocked,
        must_consent=case.must_consent,
        administrator=case.administrator,
        consent=consent,
        until=until,
    )
    return standing


def reads_in_care(case: Case, role: str) -> bool:
    """Return whether the rules let them read, said by what each basis needs."""
    consented = case.consent in {"unused", "running"}
    deemed = case.in_team or case.administrator or case.attending
    basis = {
        "nursing_home": case.consent != "none",
        "occupational": consented,
        **dict.fromkeys(NEVER, False),
    }.get(role, consented or (deemed and not case.must_consent))
    return basis and not case.blocked


@pytest.mark.rule("ACC-01", "ACC-02", "ACC-04", "ACC-05", "ACC-08", "ACC-12")
@pytest.mark.parametrize("role", ROLES)
def test_every_standing_in_the_course_of_care(
    register: Register, person: Person, role: str
) -> None:
    """All 128, for every role."""
    actor = professional(IDENT, "doctor", role)
    for case in CASES:
        arrange(person, case)
        refusal = refuse_reader(register, person, actor, NOW, AccessMode.NORMAL)
        assert (refusal is None) is reads_in_care(case, role), case
        if refusal is not None:
            assert refusal.rule in refusal.message


@pytest.mark.rule("ACC-04", "EMG-01", "EMG-03", "EMG-04", "EMG-06")
@pytest.mark.parametrize("role", ROLES)
def test_every_standing_in_an_emergency(register: Register, person: Person, role: str) -> None:
    """Only blocks, roles, choices and the claim count; consent and team do not."""
    actor = professional(IDENT, "doctor", role)
    regulates = role in {"regulator", "fire_brigade"}
    breaks = role not in {*NEVER, "occupational"}
    for case in CASES:
        standing = arrange(person, case)
        for samu, glass, under_way, claimed in product(BOTH, BOTH, (None, *AccessMode), BOTH):
            person.kept().choices = FirstChoices(regulator=samu, break_glass=glass)
            standing.emergency, standing.emergency_until = under_way, NOW + AN_HOUR
            on_call = refuse_reader(register, person, actor, NOW, AccessMode.SAMU, claimed=claimed)
            broken = refuse_reader(
                register, person, actor, NOW, AccessMode.BREAK_GLASS, claimed=claimed
            )
            assert (on_call is None) is (regulates and samu and not case.blocked)
            opened = claimed or under_way is AccessMode.BREAK_GLASS
            assert (broken is None) is (breaks and glass and opened and not case.blocked)


@pytest.mark.rule("ACC-08")
@pytest.mark.rule("LIF-12")
@pytest.mark.parametrize("kind", list(ActorKind))
@pytest.mark.parametrize("state", list(State))
def test_only_carers_read_as_such_and_only_what_is_open(
    register: Register, person: Person, state: State, kind: ActorKind
) -> None:
    """In every state and every mode, for every kind of actor."""
    person.state = state
    arrange(person, replace(CASES[0], in_team=True))
    refusal = refuse_reader(register, person, Actor(kind, IDENT), NOW, AccessMode.NORMAL)
    carer = kind in {ActorKind.PROFESSIONAL, ActorKind.STRUCTURE}
    assert (refusal is None) is (carer and ACCESS[state].professionals_read)
    if refusal is not None:
        assert refusal.rule == ("LIF-12" if carer else "ACC-08")


@pytest.mark.rule("ACC-02")
def test_reading_uses_up_a_consent_only_where_it_was_needed(
    register: Register, person: Person
) -> None:
    """An emergency leaves it unused; the first reading in care starts its four hours."""
    standing = arrange(person, replace(CASES[0], consent="unused"))
    actor = professional(IDENT, "doctor", "regulator")

    note_reading(register, person, actor, NOW, AccessMode.SAMU)
    assert standing.until is None
    assert not standing.announced
    note_reading(register, person, actor, NOW, AccessMode.NORMAL)
    assert standing.until == NOW + 4 * AN_HOUR
    note_reading(register, person, actor, NOW + AN_HOUR, AccessMode.NORMAL)
    assert standing.until == NOW + 4 * AN_HOUR


@pytest.mark.rule("ACC-05")
def test_an_objection_leaves_neither_team_nor_emergency(launch: Sandbox, ins: str) -> None:
    """After it a consent opens one consultation, and the glass is to be broken again."""
    actor = professional(IDENT, "doctor")
    launch.do(JoinCareTeam(launch.now, actor, ins, informed=True))
    glass = OpenRecord(launch.now, actor, ins, AccessMode.BREAK_GLASS, incapable=True)
    launch.do(glass)
    launch.do(ObjectToProfessional(launch.now, holder(ins), ins, IDENT))

    again = replace(glass, incapable=False)
    assert launch.refusal(again) == ("EMG-03", "NO_INCAPACITY_CLAIM")
    launch.do(DeclareConsent(launch.now, actor, ins, IDENT))
    launch.do(OpenRecord(launch.now, actor, ins))
    launch.wait(4 * AN_HOUR)
    assert launch.refusal(OpenRecord(launch.now, actor, ins)) == ("ACC-01", "NO_CONSENT")
