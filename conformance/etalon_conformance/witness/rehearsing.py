"""A session that a client of ours plays, in the process that serves it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Final

from etalon_conformance.requirement import Requirement
from etalon_conformance.verdicts import Result
from etalon_conformance.witness.judging import judged_session
from etalon_conformance.witness.players import agenda, app, citizen, hospital, laboratory, lps
from etalon_conformance.witness.players.connection import Connection, Means, PlayerLost
from etalon_conformance.witness.players.desk import Declined, Desk
from etalon_conformance.witness.players.habits import Habits
from etalon_conformance.witness.players.joined import AppConnection
from etalon_conformance.witness.plays import Misbehaving
from etalon_conformance.witness.recorder import Recorder
from etalon_conformance.witness.scenario import Profile, Step
from etalon_conformance.witness.session import Session
from etalon_conformance.witness.staging import Stage

PLAYERS: Final[Mapping[str, Mapping[str, Callable[[Desk], None]]]] = {
    "agenda": agenda.STEPS,
    "app": app.STEPS,
    "citizen": citizen.STEPS,
    "hospital": hospital.STEPS,
    "laboratory": laboratory.STEPS,
    "lps": lps.STEPS,
}
"""What a client of ours does at each step, by profile."""


def desk_of(profile: Profile, stage: Stage, means: Means, habits: Habits, seed: int) -> Desk:
    """Return a client of ours that has done nothing yet."""
    actor = profile.steps[0].people[0]
    chance = Random(seed)  # noqa: S311 (tests, no secret)
    kind = AppConnection if profile.uses else Connection
    connection = kind(means, habits)
    return Desk(connection, stage.people, chance, actor, mailboxes=stage.mailboxes)


def acted(desk: Desk, profile: str, step: Step) -> None:
    """Have a client of ours do a step.

    A client that is lost goes on with the next one: the judge says what came of it.
    """
    with suppress(PlayerLost, Declined):
        PLAYERS[profile][step.name](desk)


def played(session: Session, recorder: Recorder, plays: Misbehaving, desk: Desk) -> None:
    """Have a client of ours walk through a session, step by step."""
    profile = session.setting.profile
    for step in profile.steps:
        recorder.step = step.name
        plays.arm(step.plays)
        session.begin(step)
        acted(desk, profile.name, step)
        session.pump()
        session.end("done" if session.is_seen or step.never else "timed-out")
    plays.arm(())
    recorder.step = ""


def verdicts(session: Session, requirements: Mapping[str, Requirement]) -> tuple[Result, ...]:
    """Return the verdicts on a session as far as it came."""
    setting = session.setting
    return judged_session(
        setting.profile,
        session.traffic,
        setting.matricules,
        {name: one.status for name, one in session.walked.items()},
        requirements,
    )
