"""Sequences over the wire accuse nobody who is right, and show a defect in few calls."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import Final

import pytest

from etalon_conformance.bench import Bench
from etalon_conformance.checking import registry
from etalon_conformance.evidence import setting_of, write_counterexample
from etalon_conformance.exploring import over_http
from etalon_conformance.exploring.after_checks import plain_exploration, unasked
from etalon_conformance.exploring.calls import Call, kinds
from etalon_conformance.exploring.company import Opening, gathered
from etalon_conformance.exploring.drawing import is_possible
from etalon_conformance.exploring.over_http import Exploration, Search, explore
from etalon_conformance.exploring.sequence import Playing
from etalon_conformance.planning import Choice, Plan, planned
from etalon_conformance.requirement import Wire
from etalon_conformance.verdicts import Verdict
from etalon_model.command_codec import command_types
from etalon_model.states import State
from etalon_target.messages import Answer, HttpRequest, HttpResponse, TransportFailure
from etalon_target.targets import Options, Target, target_of
from etalon_wire.interactions import interactions

PLAN: Final = planned(Choice(suite="whole-service"))
LONG: Final = 120.0
"""Seconds that no exploration here needs: it ends with its sequences."""


def served(name: str) -> Target:
    """The reference, or an impostor of the table, as a server of its own."""
    serve = ("--impostor", name) if name else ()
    return target_of("embedded", Options(serve=serve))


@pytest.fixture(scope="module")
def reference() -> Iterator[Target]:
    """The reference, reached."""
    with served("") as target:
        yield target


@pytest.fixture(scope="module")
def impostor() -> Iterator[Target]:
    """A server on which strangers read, reached."""
    with served("stranger-reads") as target:
        yield target


def explored(target: Target, sequences: int, plan: Plan = PLAN) -> Exploration:
    """What that many sequences come to."""
    return explore(target, Search(plan=plan, seconds=LONG, sequences=sequences))


def test_the_reference_is_accused_of_nothing(reference: Target) -> None:
    """Everything is answered, and situations are told with the curve of new ones."""
    told = explored(reference, 16)
    assert (told.found, told.outside, told.unanswered, told.unsteady) == ([], [], 0, 0)
    assert told.sequences == 16
    assert told.calls < told.exchanges
    assert told.situations == len(told.met) > 60
    assert told.curve == sorted(told.curve)
    acts = {where[0] for where in told.met}
    assert acts >= {"deposit", "search", "read", "mask", "join"}
    assert acts & {"enter", "ask", "leave", "administer", "book", "agenda", "remind", "log"}


def test_what_no_call_asked_for_is_named(reference: Target) -> None:
    """The commands of the model are those that were sent and those that never were."""
    commands = plain_exploration(explored(reference, 1))["commands"]
    assert isinstance(commands, dict)
    sent, never = commands["sent"], commands["never"]
    assert isinstance(sent, list)
    assert isinstance(never, list)
    assert sorted([*sent, *never], key=str) == sorted(command_types())
    assert "DeliverMessage" in never
    assert unasked().keys() <= set(command_types())
    assert unasked().keys().isdisjoint(map(str, sent))
    reasons = commands["reasons"]
    assert isinstance(reasons, dict)
    told = [name for names in reasons.values() if isinstance(names, list) for name in names]
    assert sorted(map(str, told)) == sorted(map(str, never))
    assert {"mail", "service", "life", "itself"} <= reasons.keys()


def test_nobody_acts_in_an_emergency_before_the_holder_chose(reference: Target) -> None:
    """What holds before is left open by the texts (G7): whatever a target does is right."""
    check = replace(registry()["glass_is_broken_for_a_reason"], requirements=())
    playing = Playing(gathered(Bench(reference, check, 1), Opening(), {}))
    break_glass = Call("enter", "rescuer", "incapable")
    assert not is_possible(break_glass, playing)
    playing.makes(Call("deny_samu", "holder"))
    assert not is_possible(break_glass, playing)
    playing.makes(Call("permit_glass", "holder"))
    assert is_possible(break_glass, playing)
    met = playing.makes(break_glass)
    assert (met.agrees, met.wanted[0].accepted) == (True, True)


def test_the_parent_of_a_child_decides_and_a_space_is_entered_again(reference: Target) -> None:
    """Where a child is the holder the part of the holder is that of a parent."""
    check = replace(registry()["glass_is_broken_for_a_reason"], requirements=())
    playing = Playing(gathered(Bench(reference, check, 2), Opening(is_minor=True), {}))
    calls = [
        Call("join", "author"),
        Call("deposit", "author", "INVISIBLE_REPRESENTANTS_LEGAUX", 1),
        Call("search", "holder"),
        Call("search", "author"),
        Call("close", "holder"),
        Call("reopen", "holder"),
        Call("search", "author"),
    ]
    met = [playing.makes(call) for call in calls]

    assert [one.agrees for one in met] == [True] * len(calls)
    assert [one.wanted[0].accepted for one in met] == [True] * len(calls)
    assert [len(one.asked.listed or ()) for one in met if one.call.act == "search"] == [0, 1, 1]
    assert not is_possible(Call("reopen", "holder"), playing)


def test_messages_and_measures_are_asked_for_and_what_is_listed_is_compared(
    reference: Target,
) -> None:
    """By whoever may and whoever may not; a conversation that was deleted is asked for again."""
    check = replace(registry()["glass_is_broken_for_a_reason"], requirements=())
    playing = Playing(gathered(Bench(reference, check, 3), Opening(has_friend=True), {}))
    calls = [
        Call("write", "holder", "author"),
        Call("write", "holder", "pharmacist"),
        Call("answer", "holder"),
        Call("thread", "reader"),
        Call("thread", "holder"),
        Call("draft", "holder", "pharmacist"),
        Call("share", "holder"),
        Call("mailbox", "friend"),
        Call("send_draft", "friend"),
        Call("drop_draft", "holder"),
        Call("drop", "friend"),
        Call("thread", "holder"),
        Call("contacts", "holder"),
        Call("measure", "friend"),
        Call("measure", "author"),
        Call("measures", "holder"),
        Call("deposit", "author", "INVISIBLE_PATIENT", 1),
        Call("enclose", "holder", "pharmacist", 1),
        Call("mailbox", "holder"),
    ]
    met = [playing.makes(call) for call in calls]

    assert [one.agrees for one in met] == [True] * len(calls)
    refused = [str(one.call) for one in met if not one.wanted[0].accepted]
    assert refused == [
        "holder write author",
        "reader thread",
        "holder drop_draft",
        "holder thread",
        "author measure",
        "holder enclose pharmacist #1",
    ]
    listed = [len(one.asked.listed or ()) for one in met if one.wanted[0].listed is not None]
    assert listed == [2, 2, 1, 1]


def test_a_deadline_is_looked_at_from_both_sides_and_what_is_wrong_is_refused(
    reference: Target,
) -> None:
    """An objection that is typed wrong, or comes late, is refused; what is due then is done."""
    check = replace(registry()["glass_is_broken_for_a_reason"], requirements=(), alone=True)
    opening = Opening(State.NOTIFIED, has_friend=True)
    playing = Playing(gathered(Bench(reference, check, 4), opening, {}))
    calls = [
        Call("oppose", "holder", "phone birth"),
        Call("oppose", "neighbour", "phone"),
        Call("wait", "system", "window before"),
        Call("open_space", "insurer"),
        Call("deposit", "author", "", 1),
        Call("wait", "system", "window after"),
        Call("deposit", "author", "", 2),
        Call("oppose", "holder", "phone"),
    ]
    assert is_possible(calls[2], playing)
    met = [playing.makes(call) for call in calls]

    assert [one.agrees for one in met] == [True] * len(calls)
    taken = [one.wanted[0].accepted for one in met]
    assert taken == [False, False, True, False, False, True, True, False]
    assert not is_possible(calls[2], playing)


def test_a_parent_shares_no_space_once_the_child_is_of_age(reference: Target) -> None:
    """A sandbox makes the relation for whoever decides, and that is no longer the parent."""
    check = replace(registry()["glass_is_broken_for_a_reason"], requirements=(), alone=True)
    opening = Opening(has_friend=True, is_minor=True, age=17)
    playing = Playing(gathered(Bench(reference, check, 5), opening, {}))
    shares = Call("share", "holder")
    assert is_possible(shares, playing)
    playing.makes(Call("wait", "system", "majority after"))
    assert not is_possible(shares, playing)


def test_the_same_seed_makes_the_same_calls(
    reference: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that the target chooses decides what comes next, where its clock stands."""
    monkeypatch.setattr(type(reference.clock), "can_move", False)
    once, again = (explored(reference, 3) for _ in "ab")
    assert once.met == again.met


def test_a_stranger_who_reads_is_shown_by_few_calls_and_by_a_script(
    impostor: Target, reference: Target, tmp_path: Path
) -> None:
    """Verdict and evidence are those of any check; the script shows it at its first run."""
    told = explored(impostor, 8)
    one = next(each for each in told.found if each.requirement == "ACC-01")
    assert len(one.calls) <= 6
    assert one.concluded.result.verdict is Verdict.FAIL
    own = {kinds()[call.act].operation for call in one.calls} & interactions().keys()
    assert one.concluded.result.wire is (Wire.VENDOR_MAPPED if own else Wire.OFFICIAL)
    requirement, setting = PLAN.requirements[one.requirement], setting_of(impostor)
    name = write_counterexample(tmp_path, one.concluded, requirement, one.examined, setting)
    script = tmp_path / "counterexamples" / name / "replay.sh"
    assert [replayed(script, each) for each in (impostor, reference)] == [1, 0]


def replayed(script: Path, target: Target) -> int:
    """What a script exits with on a target."""
    shell = which("sh")
    assert shell is not None
    run = subprocess.run([shell, script, target.fhir_base], capture_output=True, check=False)
    return run.returncode


def test_a_breach_that_the_suite_does_not_hold_is_named_and_not_concluded(
    impostor: Target,
) -> None:
    """A suite is judged by what it holds; what else was seen is told."""
    plan = planned(Choice(suite="whole-service", requirements=frozenset({"TRC-01"})))
    told = explored(impostor, 10, plan)
    assert told.found == []
    assert "ACC-01" in told.outside


class Moody:
    """Stands before a target, and answers some of its calls itself."""

    def __init__(self, target: Target, every: int, status: int) -> None:
        """Answer every so many calls by a status."""
        self.send = target.send
        self.every, self.status, self.count = every, status, 0

    def __call__(self, request: HttpRequest) -> Answer:
        """Answer, or have it answered."""
        self.count += 1
        if self.count % self.every:
            return self.send(request)
        answer = self.send(request)
        if isinstance(answer, TransportFailure):
            return answer
        return replace(answer, status=self.status, body=b"", headers=())


@pytest.mark.parametrize("status", [503, 500])
def test_what_nobody_can_tell_never_becomes_a_breach(
    reference: Target, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A target that is busy, or breaks, is waited for, and that is said."""
    monkeypatch.setattr(over_http, "_FIRST_PAUSE", 0.002)  # of 0.25 s: to wait is what counts
    monkeypatch.setattr(reference, "send", Moody(reference, 23, status))
    told = explored(reference, 1)
    assert told.found == []
    assert told.outside == []
    assert told.unanswered + told.unsteady > 0 or told.stopped
    assert (told.paused > 0) == (status != 500)


def test_a_target_without_people_ends_the_exploration_and_says_why(
    reference: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not go on asking until the time is spent."""

    def nobody(request: HttpRequest) -> Answer:
        return HttpResponse(403, (), b"", 0.0, request.url)

    monkeypatch.setattr(reference, "send", nobody)
    told = explored(reference, 3)
    assert told.sequences == 0
    assert told.stopped
    assert told.seconds < LONG
