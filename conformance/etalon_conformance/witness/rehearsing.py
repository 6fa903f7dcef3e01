"""A session that a client of ours plays, in the process that serves it."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from etalon_conformance.requirement import Requirement
from etalon_conformance.verdicts import Result
from etalon_conformance.witness.judging import judged_session
from etalon_conformance.witness.players import lps
from etalon_conformance.witness.players.connection import Connection, Means, PlayerLost
from etalon_conformance.witness.players.habits import Habits
from etalon_conformance.witness.plays import Misbehaving
from etalon_conformance.witness.recorder import Recorder
from etalon_conformance.witness.session import Session
from etalon_conformance.witness.staging import Stage

PLAYERS: Final[Mapping[str, Mapping[str, Callable[[lps.Desk], None]]]] = {"lps": lps.STEPS}
"""What a client of ours does at each step, by profile."""


def played(
    session: Session,
    recorder: Recorder,
    plays: Misbehaving,
    stage: Stage,
    means: Means,
    habits: Habits,
) -> None:
    """Have a client of ours walk through a session, step by step.

    A client that is lost at a step goes on with the next one: the judge says what came of it.
    """
    desk = lps.Desk(Connection(means, habits), stage.people, Random(session.setting.seed))
    acts = PLAYERS[session.setting.profile.name]
    for step in session.setting.profile.steps:
        recorder.step = step.name
        plays.arm(step.plays)
        session.begin(step)
        try:
            acts[step.name](desk)
        except (PlayerLost, lps.Declined):
            pass
        session.pump()
        seen = session.is_seen or step.never
        session.end("done" if seen else "timed-out")
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
