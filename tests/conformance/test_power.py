"""What the checks are worth is measured, and the measure cannot flatter."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from etalon_cli.power_command import record
from etalon_cli.trying_servers import measured, opened, try_server
from etalon_conformance.impostors import impostors
from etalon_conformance.power import (
    RIGHTS,
    Accusation,
    Fate,
    Kind,
    Score,
    Share,
    Trial,
    digest,
    plain_score,
    published,
    summary,
    trial_of,
)
from etalon_conformance.power_trials import CANARY, REFERENCE, Known, servers, tried
from etalon_conformance.proofs import Proof
from etalon_conformance.requirement import Wire
from etalon_conformance.verdicts import Message, Result, Verdict
from etalon_target.targets import Target
from etalon_wire.parts import Application, Codec, Deciding

CLEAN: Final = Trial(name=REFERENCE, kind=Kind.REFERENCE, concluded=9)
MISSING: Final = Accusation("W-COM-03", "a_check", Verdict.FAIL, Wire.OFFICIAL)
CAUGHT: Final = Trial(
    name=CANARY, kind=Kind.CANARY, requirement="W-COM-03", accusations=(MISSING,), concluded=1
)
SAMPLE: Final = (
    "masking-lost",
    "objection-lost",
    "publish-without-location",
    "form-not-offered",
    "no-next-page",
    "half-a-bundle-kept",
    "expired-token-accepted",
    "patient-not-named",
    "document-taken-twice",
    "thread-not-deleted",
    "directory-pages-end-early",
    "length-not-compared",
    "foreign-source-taken",
)
APART: Final = {"mail", "durability"}
"""Themes whose servers are processes of their own: `test_service_checks` runs their checks."""
RIGHT: Final = Trial(name="other-order", kind=Kind.VARIANT, concluded=9)


def impostor(name: str, *accusations: Accusation, problem: str = "") -> Trial:
    """The trial of an impostor of the table."""
    return Trial(
        name=name,
        kind=Kind.IMPOSTOR,
        requirement=impostors()[name].requirement,
        accusations=accusations,
        concluded=3,
        problem=problem,
    )


def against(name: str, wire: Wire = Wire.OFFICIAL) -> Accusation:
    """What accuses an impostor of what it breaks."""
    return Accusation(impostors()[name].requirement, "its_check", Verdict.FINDING, wire)


def score(*trials: Trial) -> Score:
    """The score of these servers, with a clean reference and a canary that is caught."""
    return Score((CLEAN, CAUGHT, *trials), impostors())


@pytest.mark.parametrize(
    ("trials", "reason"),
    [
        ((CLEAN, CAUGHT), ""),
        ((replace(CLEAN, accusations=(MISSING,)), CAUGHT), "the reference is accused"),
        ((replace(CLEAN, problem="a fault"), CAUGHT), "the reference: a fault"),
        ((replace(CLEAN, concluded=0), CAUGHT), "nothing was concluded"),
        ((CAUGHT,), "nothing was concluded"),
        ((CLEAN,), "the canary was not caught"),
        ((CLEAN, replace(CAUGHT, accusations=())), "the canary was not caught"),
        ((CLEAN, replace(CAUGHT, requirement="W-COM-04")), "the canary was not caught"),
    ],
)
def test_without_a_clean_reference_or_a_canary_caught_a_score_is_void(
    trials: tuple[Trial, ...], reason: str
) -> None:
    """And a void score is never enough."""
    whole = Score(trials, impostors())

    assert (" ".join(whole.void) == "") is (reason == "")
    assert reason in " ".join(whole.void)
    assert whole.is_enough is (reason == "")


def test_a_server_is_caught_where_it_is_wrong_and_nowhere_else() -> None:
    """A report against another requirement catches nobody; a server that fell is not caught."""
    elsewhere = impostor("masked-found", MISSING)
    fallen = impostor("masked-found", problem="it did not start")

    assert impostor("masked-found", against("masked-found")).fate is Fate.CAUGHT
    assert elsewhere.fate is Fate.SURVIVED
    assert fallen.fate is Fate.NOT_TRIED
    assert replace(elsewhere, concluded=0, accusations=()).fate is Fate.UNCHECKED
    assert score(elsewhere).survivors == (elsewhere,)


def test_rights_want_all_caught_and_the_rest_nineteen_in_twenty() -> None:
    """One impostor on rights that survives is one too many."""
    others = [name for name, one in impostors().items() if one.theme not in RIGHTS][:20]
    rest = [impostor(name, against(name)) for name in others]
    survivor = impostor(others[0])

    assert score(*rest).is_enough
    assert score(survivor, *rest[1:]).is_enough
    assert not score(survivor, impostor(others[1]), *rest[2:]).is_enough
    assert not score(*rest, impostor("masked-found")).is_enough


def test_a_requirement_is_proven_where_its_check_was_seen_to_catch_a_server() -> None:
    """A check that no impostor tries is linked; an impostor that survives proves nothing."""
    whole = score(
        impostor("masked-found", against("masked-found")),
        impostor("masked-read"),
        impostor("closed-still-fed"),
    )

    found = {one.requirement: one for one in whole.proofs}

    assert found["VIS-01"] == Proof("VIS-01", linked=True, impostors=2, killed=1)
    assert [found[one].proven for one in ("VIS-01", "REC-07", "W-COM-03")] == [True, False, False]
    assert found["REC-07"].linked
    assert summary(whole)["proven"] == 1
    assert summary(whole)["linked"] == sum(one.linked for one in found.values())


def test_one_false_alarm_is_one_too_many() -> None:
    """As is a variant on which the checks broke."""
    accused = replace(RIGHT, accusations=(MISSING,))

    assert score(RIGHT).is_enough
    assert not score(accused).is_enough
    assert not score(replace(RIGHT, problem="it did not start")).is_enough
    assert summary(score(accused))["false_alarms"] == 1
    assert plain_score(score(accused))["alarms"] == [
        {
            "variant": "other-order",
            "requirement": "W-COM-03",
            "check": "a_check",
            "verdict": "fail",
            "wire": "official",
        }
    ]


def test_power_is_given_with_and_without_our_own_wire() -> None:
    """What only an exchange of ours shows is not counted in the second figure."""
    both = score(
        impostor("masked-found", against("masked-found")),
        impostor("opened-before-time", against("opened-before-time", Wire.VENDOR_MAPPED)),
    )

    told = plain_score(both)

    assert both.share() == Share(impostors=2, killed=2)
    assert told["with_own_wire"] == {"impostors": 2, "killed": 2}
    assert told["without_own_wire"] == {"impostors": 2, "killed": 1}


def test_a_fault_of_the_harness_catches_nobody() -> None:
    """It is a problem of the trial."""
    broken = Result(
        requirement="VIS-01",
        check="a_check",
        verdict=Verdict.HARNESS_ERROR,
        wire=Wire.OFFICIAL,
        message=Message("verdict.harness-error"),
    )

    trial = trial_of("masked-found", Kind.IMPOSTOR, [broken], requirement="VIS-01")

    assert (trial.fate, trial.accusations) == (Fate.NOT_TRIED, ())
    assert "a_check" in trial.problem


def test_a_server_that_does_not_start_is_not_caught() -> None:
    """Whatever keeps it from starting."""

    def opens(_: Known) -> Target:
        message = "no room"
        raise OSError(message)

    trial = tried(servers()["masked-found"], opens, 1)

    assert (trial.fate, trial.problem) == (Fate.NOT_TRIED, "OSError: no room")


def test_a_sample_of_impostors_is_caught_by_checks_that_claim_what_they_break() -> None:
    """One for each theme, in this process; `make prove ITEMS=power` tries all of them."""
    names = [CANARY, *SAMPLE]

    found = measured(names, seed=2, workers=1)

    themes = {one.theme for one in impostors().values()} - APART
    assert {impostors()[one].theme for one in SAMPLE} == themes
    assert {one.name: one.fate for one in found.trials} == dict.fromkeys(names, Fate.CAUGHT)


def unchanged(
    service: Deciding, codec: Codec, app: Application
) -> tuple[Deciding, Codec, Application]:
    """The transform that makes the reference of the reference."""
    return service, codec, app


def test_the_reference_in_the_place_of_an_impostor_is_caught_by_nothing() -> None:
    """The measure tells the two apart."""
    row = servers()["publish-without-location"]

    same = replace(row, transform=unchanged)
    trial = tried(same, lambda known: opened(known, 1), 1)

    assert (trial.fate, trial.problem) == (Fate.SURVIVED, "")
    assert try_server(row.name, 1).fate is Fate.CAUGHT


@pytest.mark.parametrize("current", [True, False])
def test_a_published_score_says_whether_the_checks_changed_since(
    current: bool,  # noqa: FBT001 (a parameter of pytest)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A score of other checks is not given for one of these."""
    file = tmp_path / "power.json"
    monkeypatch.setattr("etalon_conformance.power._MEASURED", file)
    assert published.__wrapped__() is None
    measured_then = digest() if current else "of other checks"
    told = {**record(score(RIGHT), 1), "digest": measured_then}
    file.write_text(json.dumps(told), encoding="utf-8")

    found = published.__wrapped__()

    assert found is not None
    assert (found["variants"], found["current"]) == (1, current)
