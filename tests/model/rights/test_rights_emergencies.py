"""Readings in an emergency: the three choices, the claims, who is told afterwards."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from etalon_model import (
    INSURER,
    FirstChoices,
    LogIn,
    State,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.actors import Actor, professional
from etalon_model.policies import Policies
from etalon_model.register import Register
from etalon_model.rights.blocks import DeclareAttendingDoctor
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.emergencies import SetEmergencyChoices
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import note_reading, refuse_reader
from etalon_model.rights.rights import EmergencyChoices, emergency_choices
from etalon_model.sandbox import Sandbox

GP = professional("810000000017", "doctor")
NURSE = professional("810000000025", "nurse")
REGULATOR = professional("810000000074", "doctor", "regulator")
FIRE_BRIGADE = professional("810000000082", "doctor", "fire_brigade")
EMERGENCY = "ACCES_BRIS_GLACE"
COMBINATIONS = [EmergencyChoices(*bits) for bits in product((False, True), repeat=3)]


def broken(box: Sandbox, ins: str, actor: Actor = NURSE) -> OpenRecord:
    """Return a break-glass opening with the claim that the person cannot express a will."""
    return OpenRecord(box.now, actor, ins, AccessMode.BREAK_GLASS, incapable=True)


def on_call(box: Sandbox, ins: str, actor: Actor = REGULATOR) -> OpenRecord:
    """Return an opening by a regulator."""
    return OpenRecord(box.now, actor, ins, AccessMode.SAMU)


def choose(box: Sandbox, ins: str, choices: EmergencyChoices) -> object:
    """Make the choices, as the holder."""
    return box.do(SetEmergencyChoices(box.now, holder(ins), ins, choices))


def told(box: Sandbox, ins: str, code: str) -> list[str]:
    """Return who was told of `code`, in order."""
    return [notice.to for notice in box.service.notifications(ins) if notice.code == code]


@pytest.mark.rule("EMG-01")
@pytest.mark.rule("EMG-02")
@pytest.mark.parametrize("choices", COMBINATIONS, ids=str)
def test_the_eight_combinations_of_choices(
    launch: Sandbox, ins: str, choices: EmergencyChoices
) -> None:
    """Each mode follows its own choice; masked documents follow theirs if any mode is left."""
    masked = choices.masked and (choices.regulator or choices.break_glass)
    in_force = replace(choices, masked=masked)

    assert choose(launch, ins, choices) == in_force
    person = launch.service.person(ins)
    assert emergency_choices(person, Policies()) == in_force
    if choices.regulator:
        launch.do(on_call(launch, ins))
    else:
        assert launch.refusal(on_call(launch, ins)) == ("EMG-04", "EMERGENCY_REFUSED")
    if choices.break_glass:
        launch.do(broken(launch, ins))
    else:
        assert launch.refusal(broken(launch, ins)) == ("EMG-01", "EMERGENCY_REFUSED")


@pytest.mark.rule("EMG-02")
def test_masked_stays_denied_when_a_mode_is_permitted_again(launch: Sandbox, ins: str) -> None:
    """It became a denial with the last mode; it does not come back by itself."""
    choose(launch, ins, EmergencyChoices(regulator=False, break_glass=False, masked=True))
    dossier = launch.service.person(ins).dossier
    assert dossier is not None
    assert dossier.choices is not None
    assert not dossier.choices.masked


@pytest.mark.rule("EMG-02")
def test_the_first_choices_at_login_follow_the_same_rule(launch: Sandbox, ins: str) -> None:
    """Masked alone permits nothing."""
    first = FirstChoices(regulator=False, break_glass=False, masked=True)
    launch.do(LogIn(launch.now, holder(ins), ins, choices=first))

    chosen = emergency_choices(launch.service.person(ins), Policies())
    assert chosen == EmergencyChoices(regulator=False, break_glass=False, masked=False)


@pytest.mark.parametrize("choices", COMBINATIONS, ids=str)
def test_before_any_choice_the_policy_decides(choices: EmergencyChoices) -> None:
    """Gap G7: what holds in a space that nobody ever entered is a switch."""
    policies = Policies(
        emergency_samu=choices.regulator,
        emergency_break_glass=choices.break_glass,
        emergency_masked=choices.masked,
    )
    box = Sandbox(replace(vintage("launch-2022"), policies=policies))
    silent = box.person()
    box.bring(silent, State.OPEN_INACTIVE)

    expected = replace(
        choices, masked=choices.masked and (choices.regulator or choices.break_glass)
    )
    assert emergency_choices(box.service.person(silent), policies) == expected
    for read, permitted in (
        (on_call(box, silent), choices.regulator),
        (broken(box, silent), choices.break_glass),
    ):
        if permitted:
            box.do(read)
        else:
            assert box.refusal(read)[1] == "EMERGENCY_REFUSED"


@pytest.mark.rule("EMG-01")
def test_a_caregiver_or_a_stranger_chooses_nothing(launch: Sandbox, ins: str) -> None:
    """The choices are the holder's."""
    stranger = launch.person()
    choices = COMBINATIONS[0]
    for actor, refused in (
        (caregiver(stranger), ("REP-11", "NO_SHARING")),
        (holder(stranger), ("REP-01", "NOT_THE_HOLDER")),
        (GP, ("REP-01", "NOT_FOR_THIS_ACTOR")),
    ):
        command = SetEmergencyChoices(launch.now, actor, ins, choices)
        assert launch.refusal(command) == refused


@pytest.mark.rule("EMG-03")
def test_the_glass_is_broken_only_when_the_person_cannot_express_a_will(
    launch: Sandbox, ins: str
) -> None:
    """The claim opens the emergency; its readings need no other claim for four hours."""
    register, person = Register(vintage("launch-2022"), 1), launch.service.person(ins)
    unclaimed = replace(broken(launch, ins), incapable=False)
    assert launch.refusal(unclaimed) == ("EMG-03", "NO_INCAPACITY_CLAIM")

    opened_at = launch.now
    launch.do(broken(launch, ins))
    for after, open_still in ((timedelta(hours=4, seconds=-1), True), (timedelta(hours=4), False)):
        at = opened_at + after
        refusal = refuse_reader(register, person, NURSE, at, AccessMode.BREAK_GLASS)
        assert (refusal is None) is open_still
        assert refuse_reader(register, person, NURSE, at, AccessMode.NORMAL) is not None
        assert refuse_reader(register, person, GP, at, AccessMode.BREAK_GLASS) is not None


@pytest.mark.rule("EMG-03")
def test_a_call_to_the_regulator_is_no_claim_of_incapacity(launch: Sandbox, ins: str) -> None:
    """The two modes are two emergencies."""
    launch.do(on_call(launch, ins))
    unclaimed = OpenRecord(launch.now, REGULATOR, ins, AccessMode.BREAK_GLASS)
    assert launch.refusal(unclaimed) == ("EMG-03", "NO_INCAPACITY_CLAIM")


@pytest.mark.rule("EMG-03")
def test_a_holder_who_refuses_in_between_closes_the_glass(launch: Sandbox, ins: str) -> None:
    """The choices count at each reading."""
    register, person = Register(vintage("launch-2022"), 1), launch.service.person(ins)
    launch.do(broken(launch, ins))
    choose(launch, ins, COMBINATIONS[0])
    refusal = refuse_reader(register, person, NURSE, launch.now, AccessMode.BREAK_GLASS)
    assert refusal is not None
    assert refusal.code == "EMERGENCY_REFUSED"


@pytest.mark.rule("EMG-04")
@pytest.mark.rule("ID-11")
@pytest.mark.parametrize(
    "actor",
    [
        GP,
        professional("810000000090", "nurse", "regulator"),
        professional("810000000108", "doctor", "nursing_home"),
        professional("810000000116", "doctor", "occupational"),
    ],
    ids=str,
)
def test_the_regulator_s_mode_needs_the_claim(launch: Sandbox, ins: str, actor: Actor) -> None:
    """Membership of the team does not replace it."""
    if not actor.role:
        launch.do(JoinCareTeam(launch.now, actor, ins, informed=True))
    rule, code = launch.refusal(on_call(launch, ins, actor))
    assert (rule, code) in {("ID-11", "NO_REGULATOR_CLAIM"), ("ACC-08", "ROLE_NEVER_READS")}


@pytest.mark.rule("EMG-04")
@pytest.mark.rule("EMG-06")
@pytest.mark.parametrize("actor", [REGULATOR, FIRE_BRIGADE], ids=["regulator", "fire_brigade"])
def test_regulator_and_fire_brigade_read_without_authorisation(
    launch: Sandbox, ins: str, actor: Actor
) -> None:
    """Unless the holder refused the regulator; in the course of care they are as all others."""
    launch.do(on_call(launch, ins, actor))
    in_care = OpenRecord(launch.now, actor, ins)
    assert launch.refusal(in_care) == ("ACC-01", "NO_CONSENT")

    choose(launch, ins, EmergencyChoices(regulator=False, break_glass=True, masked=True))
    assert launch.refusal(on_call(launch, ins, actor)) == ("EMG-04", "EMERGENCY_REFUSED")


def test_a_role_has_no_part_in_the_care_team(launch: Sandbox, ins: str) -> None:
    """A regulator who is also of the team reads in the course of care."""
    in_care = OpenRecord(launch.now, REGULATOR, ins)
    assert launch.refusal(in_care) == ("ACC-01", "NO_CONSENT")

    launch.do(JoinCareTeam(launch.now, REGULATOR, ins, informed=True))
    launch.do(in_care)

    opened = [row.deed for row in launch.service.log(ins) if row.deed.action == "OpenRecord"]
    assert [deed.refused for deed in opened] == ["NO_CONSENT", ""]


@pytest.mark.rule("EMG-05")
@pytest.mark.parametrize("opening", [broken, on_call], ids=["break_glass", "samu"])
def test_holder_and_attending_doctor_are_told_of_each_emergency(
    launch: Sandbox, ins: str, opening: Callable[[Sandbox, str], OpenRecord]
) -> None:
    """Two notices per emergency, one without attending doctor, none for the readings in it."""
    register, person = Register(vintage("launch-2022"), 1), launch.service.person(ins)
    launch.do(opening(launch, ins))
    assert told(launch, ins, EMERGENCY) == [ins]

    launch.do(DeclareAttendingDoctor(launch.now, INSURER, ins, GP.ident))
    launch.wait(timedelta(days=1))
    second = opening(launch, ins)
    launch.do(second)
    note_reading(register, person, second.actor, launch.now, second.mode)
    assert told(launch, ins, EMERGENCY) == [ins, ins, GP.ident]

    launch.do(opening(launch, ins))
    assert told(launch, ins, EMERGENCY) == [ins, ins, GP.ident, ins, GP.ident]


@pytest.mark.rule("EMG-05")
def test_a_regulator_s_first_reading_is_an_emergency_of_its_own(launch: Sandbox, ins: str) -> None:
    """Without any opening before it; told once for the four hours, and again after."""
    register, person = Register(vintage("launch-2022"), 1), launch.service.person(ins)
    for hours, times in ((0, 1), (3, 1), (4, 2)):
        at = launch.now + timedelta(hours=hours)
        note_reading(register, person, REGULATOR, at, AccessMode.SAMU)
        assert told(launch, ins, EMERGENCY) == [ins] * times


@pytest.mark.rule("EMG-05")
def test_a_minor_s_representatives_hear_of_an_emergency(launch: Sandbox, ins: str) -> None:
    """And choose for the minor."""
    child = launch.person(ins, born=date(2017, 9, 3))
    launch.bring(child, State.OPEN_ACTIVE)
    choices = EmergencyChoices(regulator=True, break_glass=False, masked=False)
    launch.do(SetEmergencyChoices(launch.now, representative(ins), child, choices))

    assert launch.refusal(broken(launch, child)) == ("EMG-01", "EMERGENCY_REFUSED")
    launch.do(on_call(launch, child))
    assert told(launch, child, EMERGENCY) == [child, ins]


@pytest.mark.rule("ACC-10")
def test_the_first_access_is_announced_and_later_ones_are_logged(launch: Sandbox, ins: str) -> None:
    """Once per professional, team or not; both accesses leave a row."""
    for actor in (GP, NURSE):
        launch.do(JoinCareTeam(launch.now, actor, ins, informed=True))
        assert launch.refusal(OpenRecord(launch.now, FIRE_BRIGADE, ins))[0] == "ACC-01"
        for _ in range(2):
            launch.do(OpenRecord(launch.now, actor, ins))
            launch.wait(timedelta(days=1))

    assert told(launch, ins, "ACCES_DMP_PS") == [ins, ins]
    read = [
        row.actor
        for row in launch.service.log(ins)
        if row.deed.action == "OpenRecord" and not row.deed.refused
    ]
    assert read == [GP, GP, NURSE, NURSE]


@pytest.mark.rule("ACC-10")
def test_a_first_access_to_a_minor_s_record_is_announced_to_the_parents(
    launch: Sandbox, ins: str
) -> None:
    """Beside the minor."""
    child = launch.person(ins, born=date(2017, 9, 3))
    launch.bring(child, State.OPEN_ACTIVE)
    launch.do(JoinCareTeam(launch.now, GP, child, informed=True))
    launch.do(OpenRecord(launch.now, GP, child))
    assert told(launch, child, "ACCES_DMP_PS") == [child, ins]


@pytest.mark.parametrize("state", [State.OPPOSED, State.CLOSED_ARCHIVED, State.SUSPENDED])
def test_no_emergency_opens_what_is_not_open(launch: Sandbox, state: State) -> None:
    """An emergency is a way to read a record, not to have one."""
    person = launch.person()
    launch.bring(person, state)
    for read in (broken(launch, person), on_call(launch, person)):
        assert launch.refusal(read) == ("LIF-12", "NO_OPEN_SPACE")
