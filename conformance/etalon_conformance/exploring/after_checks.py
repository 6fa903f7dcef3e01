"""What a run adds to its checks when it is given time to explore."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from etalon_conformance.concluding import Examined
from etalon_conformance.exploring.calls import kinds
from etalon_conformance.exploring.over_http import Exploration, Search, explore
from etalon_conformance.recording import RECORDING, Recording
from etalon_conformance.running import RunOutcome
from etalon_conformance.statements import Json
from etalon_conformance.tables import rows_of
from etalon_model.command_codec import command_types
from etalon_target.people import Leftovers
from etalon_target.targets import Target

NOT_DRAWN: Final = "not_drawn"
"""Why a command was not asked for that a call would ask for."""


def explored_after(
    outcome: RunOutcome,
    target: Target,
    seconds: float,
    kept: Callable[[Examined], None],
    is_interrupted: Callable[[], bool],
) -> RunOutcome:
    """Explore a target after its checks; return the outcome with what was found.

    A run that was cut, or whose target is gone, is left as it is.

    Args:
        outcome: What the checks came to.
        target: The target, still reached.
        seconds: How long it is explored.
        kept: Called with each check that exploring made.
        is_interrupted: Tells whether somebody asked to stop.
    """
    if outcome.cut or outcome.unreachable or seconds <= 0:
        return outcome
    nonce = "" if target.kind in {"embedded", "inprocess"} else uuid4().hex
    search = Search(plan=outcome.plan, seconds=seconds, nonce=nonce, is_interrupted=is_interrupted)
    exploration = explore(target, search)
    for one in exploration.found:
        kept(one.examined)
    left = _cleaned(target)
    return replace(
        outcome,
        concluded=(*outcome.concluded, *(one.concluded for one in exploration.found)),
        exploration=plain_exploration(exploration),
        leftovers=Leftovers(
            outcome.leftovers.removed + left.removed, (*outcome.leftovers.left, *left.left)
        ),
        cut="interrupted" if is_interrupted() else outcome.cut,
    )


def plain_exploration(exploration: Exploration) -> dict[str, Json]:
    """Return what exploring came to, as `verdicts.json` holds it."""
    done: Counter[tuple[str, bool]] = Counter()
    for (act, *_, rule), count in exploration.met.items():
        done[act, not rule] += count
    acts: list[Json] = [
        {"act": name, "accepted": done[name, True], "refused": done[name, False]}
        for name in kinds()
    ]
    last = (exploration.calls, exploration.situations)
    curve = [*(one for one in exploration.curve if one[0] < last[0]), last]
    return {
        "seconds": round(exploration.seconds, 3),
        "sequences": exploration.sequences,
        "calls": exploration.calls,
        "exchanges": exploration.exchanges,
        "situations": exploration.situations,
        "acts": acts,
        "commands": {
            "sent": list[Json](sorted(exploration.sent)),
            "never": list[Json](one for one in command_types() if one not in exploration.sent),
            "reasons": _reasons(exploration),
        },
        "rules": list[Json](sorted({where[-1] for where in exploration.met if where[-1]})),
        "curve": [[calls, situations] for calls, situations in curve],
        "unanswered": exploration.unanswered,
        "unsteady": exploration.unsteady,
        "paused_seconds": round(exploration.paused, 3),
        "outside": list[Json](sorted(exploration.outside)),
        "stopped": exploration.stopped or None,
        "found": [
            {
                "requirement": one.requirement,
                "check": one.examined.check.name,
                "calls": [str(call) for call in one.calls],
            }
            for one in exploration.found
        ],
    }


@cache
def unasked() -> Mapping[str, str]:
    """Return why no call asks for a command of the model, by its name; those in it have no call."""
    return MappingProxyType({row["command"]: row["reason"] for row in rows_of("unasked.csv")})


def _reasons(exploration: Exploration) -> dict[str, Json]:
    """Return the commands that no call asked for, by the reason why."""
    found: dict[str, list[Json]] = {}
    for one in command_types():
        if one not in exploration.sent:
            found.setdefault(unasked().get(one, NOT_DRAWN), []).append(one)
    return dict[str, Json](sorted(found.items()))


def _cleaned(target: Target) -> Leftovers:
    """Remove who was made."""
    mark = RECORDING.set(Recording())
    try:
        return target.people.clean()
    finally:
        RECORDING.reset(mark)
