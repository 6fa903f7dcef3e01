"""What adds up, what stays out and what is left empty, in the life of a space."""

from dataclasses import replace
from datetime import date

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    Dossier,
    FeedSpace,
    FinishErasure,
    LogIn,
    ReadSpace,
    RegenerateCode,
    Route,
    StartErasure,
    State,
    holder,
    professional,
    representative,
    vintage,
)
from etalon_model.credentials import login_faults, password_faults
from etalon_model.identification import IdentityInputs
from etalon_model.identifiers import nir_key
from etalon_model.legacy import CreateLegacyRecord
from etalon_model.rights.blocks import (
    BlockProfessional,
    SetAdministrator,
    UnblockProfessional,
)
from etalon_model.sandbox import Sandbox

DOCTOR = professional("810000000017", "doctor")
NURSE = professional("810000000025", "nurse")
CHILD_BORN = date(2017, 9, 3)


@pytest.mark.rule("LIF-19")
def test_what_is_fed_adds_up(launch: Sandbox) -> None:
    """Deposit after deposit, whoever feeds."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_INACTIVE)
    for actor, documents in ((INSURER, 3), (DOCTOR, 4), (Actor(ActorKind.STRUCTURE, "s"), 5)):
        launch.do(FeedSpace(launch.now, actor, ins, documents))
    launch.activate(ins)

    assert launch.do(ReadSpace(launch.now, holder(ins), ins)) == 12


@pytest.mark.rule("LIF-21")
def test_a_legacy_record_adds_to_what_the_archive_kept() -> None:
    """Were records still created after a closing, theirs would come beside what was there."""
    box = Sandbox(replace(vintage("launch-2022"), legacy_creation_end_on=date(2030, 1, 1)))
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    box.do(FeedSpace(box.now, INSURER, ins, 2))
    box.close(ins)
    box.do(CreateLegacyRecord(box.now, holder(ins), ins, 3, Route.WEB))
    box.activate(ins)

    assert box.do(ReadSpace(box.now, holder(ins), ins)) == 5


@pytest.mark.rule("LIF-13", "LIF-16")
def test_erasure_leaves_an_empty_dossier(launch: Sandbox) -> None:
    """No document, no date, no choice, no accepted terms; what was told stays told."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    launch.do(FeedSpace(launch.now, DOCTOR, ins, 2))
    launch.do(LogIn(launch.now, holder(ins), ins))
    launch.close(ins, erase=True)
    launch.do(StartErasure(launch.now, SYSTEM, ins))
    launch.do(FinishErasure(launch.now, SYSTEM, ins))

    person = launch.service.person(ins)
    assert person.dossier is not None
    assert person.dossier == Dossier(told=person.dossier.told)
    assert person.holdings is None


@pytest.mark.rule("ACC-09")
@pytest.mark.parametrize("change", [BlockProfessional, UnblockProfessional])
def test_only_an_administrator_among_carers_blocks_and_unblocks(
    launch: Sandbox, change: type[BlockProfessional] | type[UnblockProfessional]
) -> None:
    """A colleague who is none does neither, until the holder makes them one."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    if change is UnblockProfessional:
        launch.do(BlockProfessional(launch.now, holder(ins), ins, NURSE.ident))
    colleague = change(launch.now, DOCTOR, ins, NURSE.ident)

    assert launch.refusal(colleague) == ("ACC-09", "NOT_AN_ADMINISTRATOR")
    launch.do(SetAdministrator(launch.now, holder(ins), ins, DOCTOR.ident))
    launch.do(colleague)


@pytest.mark.rule("LIF-09")
def test_a_stranger_s_card_recognises_no_child(launch: Sandbox) -> None:
    """Only the card of a representative does, even with every field right."""
    parent, stranger = launch.person(), launch.person(born=date(1970, 1, 2))
    child = launch.person(parent, born=CHILD_BORN)
    launch.notify(child)
    card = launch.service.person(stranger).identity
    typed = IdentityInputs(stranger, CHILD_BORN, card.vitale_serial, child)
    asked = RegenerateCode(launch.now, representative(parent), child, typed, "sms")

    assert launch.refusal(asked) == ("LIF-09", "NO_USER_FOUND")


@pytest.mark.rule("ID-05")
def test_a_corsican_number_is_recognised_in_small_letters() -> None:
    """A login has no capitals, a NIR of Corsica has one."""
    thirteen = "180052A004123"

    assert login_faults(f"{thirteen}{nir_key(thirteen):02}".lower()) == ("LOGIN_IS_NIR",)


@pytest.mark.rule("ID-06")
@pytest.mark.parametrize(
    ("word", "faults"), [("Lou", ()), ("Anne", ("WEAK_PASSWORD[04]",))], ids=["three", "four"]
)
def test_words_of_four_characters_are_looked_for(word: str, faults: tuple[str, ...]) -> None:
    """Shorter ones would be found by chance."""
    assert password_faults(f"Xk3!{word}mqZw", personal=[word]) == faults
