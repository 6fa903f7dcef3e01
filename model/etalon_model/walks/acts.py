"""Which command is apt of whom, in which state and how often: the rows of `data/walk.csv`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from etalon_model.actors import (
    INSURER,
    SYSTEM,
    Actor,
    ActorKind,
    caregiver,
    holder,
    professional,
    representative,
)
from etalon_model.catalogue.referencing import COMMISSION, MINISTER
from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.states import State
from etalon_model.tables import rows_of

NEAR: Final[Mapping[str, Callable[[str], Actor]]] = {
    "guest": caregiver,
    "invited": representative,
    "caregiver": caregiver,
    "holder": holder,
    "parent": representative,
}
"""As what somebody of the household acts."""

DOCTORS: Final = (
    professional("899700366240", "doctor"),
    professional("899700366257", "doctor"),
    professional("899700366265", "doctor", "regulator"),
    professional("899700366273", "doctor", "occupational"),
    professional("899700366281", "nurse"),
    professional("899700366299", "doctor", "insurance"),
)
HOSPITAL: Final = Actor(ActorKind.STRUCTURE, "10B0172805")
CARERS: Final = (*DOCTORS, HOSPITAL)
SUPPORT: Final = Actor(ActorKind.SUPPORT, "support")
NAMED: Final[Mapping[str, tuple[Actor, ...]]] = {
    "insurer": (INSURER,),
    "system": (SYSTEM,),
    "commission": (COMMISSION,),
    "minister": (MINISTER,),
    "support": (SUPPORT,),
}
"""Who acts that the table names."""
READERS: Final = ("care", "care", "care", "care", "decider", "holder", "caregiver")
"""As what whoever reads acts, each as often as it is drawn."""


@dataclass(frozen=True, slots=True)
class Act:
    """How a command is issued aptly: a row of the table."""

    kind: type[Command]
    actor: str
    weight: float
    wait: timedelta


@cache
def acts_by_state() -> Mapping[State, tuple[tuple[Act, ...], tuple[int, ...]]]:
    """Return the acts that are apt in each state, and the sums of their weights in tenths."""
    rows = {row["command"]: row for row in rows_of("walk.csv")}
    plain = {"actor": "decider", "states": "OPEN_ACTIVE", "weight": "1", "wait_hours": "0"}
    table: dict[State, tuple[tuple[Act, ...], tuple[int, ...]]] = {}
    for state in State:
        acts: list[Act] = []
        bounds: list[int] = []
        for name, kind in command_types().items():
            row = rows.get(name, plain)
            if row["states"] != "any" and state.value not in row["states"].split("|"):
                continue
            wait = timedelta(hours=int(row["wait_hours"]))
            acts.append(Act(kind, row["actor"], float(row["weight"]), wait))
            bounds.append((bounds[-1] if bounds else 0) + round(10 * acts[-1].weight))
        table[state] = (tuple(acts), tuple(bounds))
    return table
