"""Walking through a session: an operator, a command, or a client of ours at each step."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from etalon_cli.console import say
from etalon_conformance.witness.judging import step_results
from etalon_conformance.witness.players.connection import Means
from etalon_conformance.witness.rehearsing import acted, desk_of
from etalon_conformance.witness.seeing_traffic import scenes_of
from etalon_conformance.witness.session import ENDED, instruction
from etalon_model.actors import ActorKind
from etalon_target.targets import Options, target_of
from etalon_text.strings import text
from etalon_wire.claims import scopes_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from etalon_cli.witness_running import Witness
    from etalon_conformance.requirement import Requirement
    from etalon_conformance.verdicts import Result
    from etalon_conformance.witness.players.habits import Habits
    from etalon_conformance.witness.scenario import Step
    from etalon_conformance.witness.session import Session, Status, Word
    from etalon_conformance.witness.staging import Stage
    from etalon_text.language import Language

_LOOK_SECONDS: Final = 0.1
_QUIET_SECONDS: Final = 3.0
"""A step that was seen is done once nothing has come for so long."""
_SETTLED_SECONDS: Final = 0.3
_CANNOT: Final = 77
"""What a driver exits with where its client cannot do a step."""
_SHOWN: Final = 300
_WORDS: Final[Mapping[str, Word]] = {"": "done", "s": "skip", "p": "skip", "q": "stop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How a session is walked through.

    Attributes:
        session: The session.
        witness: What it takes place before.
        stage: Who is in it.
        requirements: The set of requirements.
        step_seconds: How long a step may take.
        is_interrupted: Tells whether somebody asked to stop.
        language: Of what is said.
    """

    session: Session
    witness: Witness
    stage: Stage
    requirements: Mapping[str, Requirement]
    step_seconds: float
    is_interrupted: Callable[[], bool]
    language: Language

    def through(self, carry_out: Callable[[Walk, Step], Status]) -> bool:
        """Walk through what is left; return whether somebody stopped it."""
        witness, session = self.witness, self.session
        for step in session.setting.profile.steps:
            if session.walked[step.name].status in ENDED:
                session.recall(self._results(step), step.name)
                continue
            witness.recorder.step = step.name
            witness.plays.arm(step.plays)
            session.begin(step, datetime.now(UTC) + timedelta(seconds=self.step_seconds))
            try:
                status = carry_out(self, step)
            except SessionStoppedError:
                session.walked[step.name].status = "pending"
                session.current = None
                return True
            finally:
                witness.plays.arm(())
                witness.recorder.step = ""
                self.look()
            session.end(status)
            session.conclude(self._results(step), step.name)
        return False

    def look(self) -> None:
        """Read what arrived, and say what is wrong with it."""
        self.session.pump()
        if self.witness.recorder.flooded:
            self.session.problem("flood")

    def check_stop(self) -> None:
        """End the session where somebody asked to.

        Raises:
            SessionStoppedError: Somebody did.
        """
        if self.is_interrupted():
            raise SessionStoppedError

    def _results(self, step: Step) -> tuple[Result, ...]:
        session = self.session
        scenes = scenes_of(session.setting.profile, session.traffic, session.setting.matricules)
        scene = next(one for one in scenes if one.step is step)
        status = session.walked[step.name].status
        return step_results(session.setting.profile.name, step, scene, status, self.requirements)


class SessionStoppedError(Exception):
    """Somebody asked to stop in the middle of a step."""


def by_operator(walk: Walk, step: Step) -> Status:
    """Wait until a step is seen and over, the operator says so, or its time is up."""
    session = walk.session
    said = instruction(step, session.setting.identities)[walk.language]
    say(text("witness.step", walk.language, title=step.title[walk.language], instruction=said))
    ends_at = time.monotonic() + walk.step_seconds
    while time.monotonic() < ends_at:
        walk.check_stop()
        walk.look()
        match session.told():
            case "stop":
                raise SessionStoppedError
            case "skip":
                return "skipped"
            case "done":
                return "done"
            case None:
                if session.is_seen and not step.never and session.quiet_seconds > _QUIET_SECONDS:
                    return "done"
        time.sleep(_LOOK_SECONDS)
    say(text("witness.timed_out", walk.language, title=step.title[walk.language]))
    return "done" if step.never or session.is_seen else "timed-out"


def listen_to_terminal(session: Session) -> None:
    """Take the words of an operator from the terminal, where there is one."""
    if not sys.stdin.isatty():
        return

    def listen() -> None:
        for line in sys.stdin:
            word = _WORDS.get(line.strip().lower())
            if word is not None:
                session.tell(word)

    threading.Thread(target=listen, name="witness-terminal", daemon=True).start()


def by_driver(command: tuple[str, ...], run: str) -> Callable[[Walk, Step], Status]:
    """Return what has a command carry steps out."""

    def carry_out(walk: Walk, step: Step) -> Status:
        told = json.dumps(told_to_driver(walk, step, run), ensure_ascii=False).encode()
        try:
            process = subprocess.Popen(  # noqa: S603 (the command that was asked for)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            walk.session.problem("driver", step=step.name, problem=str(error))
            return "timed-out"
        code, errors = _ended(walk, process, told)
        deadline = time.monotonic() + (0.0 if code else _SETTLED_SECONDS)
        while time.monotonic() < deadline:
            walk.look()
            time.sleep(_LOOK_SECONDS)
        if code == _CANNOT:
            return "skipped"
        if code:
            problem = f"{code} {errors.decode('utf-8', 'replace').strip()}"[-_SHOWN:]
            walk.session.problem("driver", step=step.name, problem=problem)
        return "done" if walk.session.is_seen or (step.never and not code) else "timed-out"

    return carry_out


def _ended(walk: Walk, process: subprocess.Popen[bytes], told: bytes) -> tuple[int, bytes]:
    """Wait for a driver, and read what arrives meanwhile; end it when its time is up."""
    errors: list[bytes] = []

    def talk() -> None:
        _, said = process.communicate(told)
        errors.append(said)

    talking = threading.Thread(target=talk, name="witness-driver", daemon=True)
    talking.start()
    ends_at = time.monotonic() + walk.step_seconds
    while talking.is_alive():
        walk.look()
        if time.monotonic() > ends_at or walk.is_interrupted():
            process.kill()
            talking.join()
            walk.check_stop()
            return -1, b"its time was up"
        talking.join(_LOOK_SECONDS)
    return process.returncode, b"".join(errors)


def told_to_driver(walk: Walk, step: Step, run: str) -> dict[str, object]:
    """Return what a driver reads on its standard input."""
    setting, solution = walk.session.setting, walk.stage.client.solution
    said = instruction(step, setting.identities)
    return {
        "format": 1,
        "profile": setting.profile.name,
        "step": step.name,
        "title": dict(step.title),
        "instruction": dict(said),
        "people": list(step.people),
        "identities": {str(one["name"]): dict(one) for one in setting.identities},
        "addresses": dict(setting.addresses),
        "client": {
            "client_id": walk.stage.client.ident,
            "client_secret": walk.stage.client.secret,
            **({"solution": solution} if solution else {}),
        },
        "run": run,
    }


def by_player(walk: Walk, habits: Habits) -> Callable[[Walk, Step], Status]:
    """Return what has a client of ours carry steps out, over the network like any other."""
    session, address = walk.session, walk.witness.address
    target = target_of(f"{address}/fhir", Options(seed=session.setting.seed))
    means = Means(
        send=target.send,
        root=address,
        client=walk.stage.client.ident,
        secret=walk.stage.client.secret,
        scope=" ".join(scopes_for(ActorKind(session.setting.profile.actor))),
        now=walk.witness.clock.now,
        solution=walk.stage.client.solution,
        post=walk.witness.post,
    )
    desk = desk_of(session.setting.profile, walk.stage, means, habits, session.setting.seed)

    def carry_out(walk: Walk, step: Step) -> Status:
        walk.check_stop()
        acted(desk, session.setting.profile.name, step)
        walk.look()
        return "done" if session.is_seen or step.never else "timed-out"

    return carry_out
