"""The world of one run: the people, the model they act on, the ledger, the clock.

Every action is a command to the real model. The law predicts the outcome of each; another
outcome is a fault of ours, and stops the run with the command and the rule.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np
import simpy

from etalon_model import Accepted, Refusal, Service
from etalon_scenarios.agents.attention import Attention
from etalon_scenarios.agents.printer import Printer
from etalon_scenarios.agents.telephone import Call, Hotline
from etalon_scenarios.agents.watch import Watch
from etalon_scenarios.agents.website import Website
from etalon_scenarios.draws import FIELDS, STRUCTURE_SEED, Slot, draw, stream
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT, CURVES, EXCLUDED_COUNTS, Ledger, cell_key
from etalon_scenarios.randomness import RANDOM_FUNCTIONS
from etalon_scenarios.timetable import DAY, Timetable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from etalon_model import Command, Identity, Outcome, Parameters
    from etalon_scenarios.law import Law
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.observation import Observer

UNSENT: Final = -1
EXCLUDED_RANK: Final = {COUNT[name]: rank for rank, name in enumerate(EXCLUDED_COUNTS)}
_DIGITAL: Final = stream(STRUCTURE_SEED, Slot.DIGITAL)


class Standing(IntEnum):
    """Where a person stands, as the person knows it."""

    WAITING = 0
    NOTIFIED = 1
    OPPOSED = 2
    UNSEEN = 3
    ACTIVE = 4
    CLOSED = 5
    DEAD = 6


class UnexpectedOutcomeError(Exception):
    """The model answered otherwise than the law of the run predicts: a fault of ours.

    Attributes:
        command: The command that was issued.
        outcome: What the model answered.
    """

    def __init__(self, command: Command, outcome: Outcome) -> None:
        # SimPy makes the exception anew from its arguments when it leaves a process.
        super().__init__(command, outcome)
        self.command = command
        self.outcome = outcome

    def __str__(self) -> str:
        """Say which command, and under which rule it was refused."""
        said = self.outcome.message if isinstance(self.outcome, Refusal) else "it was accepted"
        name = type(self.command).__name__
        return f"the model did not answer {name} as the law of the run predicts: {said}"


class Agent:
    """One person of the run.

    Attributes:
        number: The person's number.
        ins: Matricule.
        cell: (département, band, sex) of the person.
        key: Address of the person's counters in the ledger, channel included.
        head: Number of the adult who receives and signs; the person's own for an adult.
        head_cell: Cell of that adult.
        decider: Number of who decides: the adult, or oneself.
        decider_cell: Cell of who decides.
        is_minor: Whether the person is under 18 at the start.
        is_excluded: Whether the person is digitally excluded.
        represented_by: Who signs for a minor, None for an adult.
        standing: Where the person stands.
        sent: Day the last notice left, or `UNSENT`.
        code: Provisional code in hand, or None.
        code_day: Day the code was issued.
        awaits_letter: Whether the e-mail failed and its letter has not left.
        by_letter: Whether the last notice was a letter.
        informed: Whether the notice was read.
        reached: Whether a notice or a reminder was delivered.
        began: Day on which the person's attention began, or `UNSENT`.
        is_attentive: Whether the person's life goes on: something may still ripen.
        retried: Whether an opening already failed once.
        objecting: Whether the person's last act was meant to object.
        wake: Event that tells the sleeping person what they decide, None while they act.
    """

    __slots__ = (
        "awaits_letter",
        "began",
        "by_letter",
        "cell",
        "code",
        "code_day",
        "decider",
        "decider_cell",
        "head",
        "head_cell",
        "informed",
        "ins",
        "is_attentive",
        "is_excluded",
        "is_minor",
        "key",
        "number",
        "objecting",
        "reached",
        "represented_by",
        "retried",
        "sent",
        "standing",
        "wake",
    )

    def __init__(self, number: int, ins: str, cell: int, head: int, head_cell: int) -> None:
        self.number = number
        self.ins = ins
        self.cell = cell
        self.key = cell_key(cell, 0)
        self.head = head
        self.head_cell = head_cell
        self.decider = head
        self.decider_cell = head_cell
        self.is_minor = False
        self.is_excluded = False
        self.represented_by: str | None = None
        self.standing = Standing.WAITING
        self.sent = UNSENT
        self.code: str | None = None
        self.code_day = UNSENT
        self.awaits_letter = False
        self.by_letter = False
        self.informed = False
        self.reached = False
        self.began = UNSENT
        self.is_attentive = False
        self.retried = False
        self.objecting = False
        self.wake: simpy.Event | None = None

    @property
    def is_child(self) -> bool:
        """Whether somebody else receives and signs for the person."""
        return self.head != self.number


class World:
    """Everything the processes of one run share.

    Attributes:
        law: What happens, in integers.
        layout: Who is who.
        timetable: Days and instants.
        env: SimPy clock, microseconds since the first day's midnight.
        day: The day being run.
        service: The model.
        people: Agents by number; children born during the run follow the residents.
        sent_on: By day, the people whose notice left.
        ledger: What happened.
        watch: What the day has to tell an observer, or None when nobody watches.
        newborns: Identities of children born and not yet affiliated, by number.
        oppose_reach: Attention of opposition that the run cannot pass.
        activate_reach: The same for activation.
        opt_in_reach: The same for the voluntary scheme.
    """

    def __init__(  # noqa: PLR0913 (what a run is made of)
        self,
        law: Law,
        layout: Layout,
        timetable: Timetable,
        parameters: Parameters,
        seed: int,
        *,
        observer: Observer | None = None,
    ) -> None:
        self.law = law
        self.layout = layout
        self.timetable = timetable
        self.seed = seed
        self._parameters = parameters
        self.env = simpy.Environment()
        self.day = 0
        self.service = Service(parameters, seed=seed)
        self.people: list[Agent] = []
        self.sent_on: list[list[Agent]] = [[] for _ in range(law.days)]
        self.ledger = Ledger(layout.departments, law.days)
        self.attention = Attention(law)
        self.website = Website(self.env, law.web.admissions_at, self._note_visit, self.can_act)
        self.hotline = Hotline(
            self.env, law.phone.agents, law.phone.lines, self._note_call, self.can_act
        )
        self.watch = None if observer is None else Watch(observer)
        self.newborns: dict[int, Identity] = {}
        self.printer = Printer()
        self.opt_in_reach = sum(law.opening.opt_in_steps)
        self.oppose_reach = law.oppose_reach()
        self.activate_reach = law.activate_reach()
        self._random = RANDOM_FUNCTIONS[law.random](seed)
        self._keys: Mapping[Slot, int] = {slot: self._random.key(slot) for slot in Slot}
        self._cells: defaultdict[int, int] = defaultdict(int)
        self._now = (-1, timetable.instant(0))

    def begin_day(self, day: int) -> None:
        """Move the clock of the acts to a day."""
        self.day = day

    def close_day(self) -> None:
        """Write the day that has ended into the ledger."""
        addresses = sorted(self._cells)
        counts = [self._cells[address] for address in addresses]
        self._cells.clear()
        self.ledger.close_day(
            self.day, np.array(addresses, dtype=np.int64), np.array(counts, dtype=np.int64)
        )
        if self.watch is not None:
            self.watch.hand_over(self.day)

    def terms(self) -> str:
        """Return the conditions of use in force today."""
        return self._parameters.terms_on(self.timetable.date(self.day))

    def can_act(self, person: int) -> bool:
        """Tell whether a person, and the parent who acts for a child, are alive.

        For a child whose parent died nobody acts until the end of the run (simplification).
        """
        agent = self.people[person]
        return (
            agent.standing is not Standing.DEAD
            and self.people[agent.head].standing is not Standing.DEAD
        )

    def chance(self, slot: Slot, person: int) -> int:
        """Draw the 64 bits of a person's decision."""
        return self._random.draw(self._keys[slot], person)

    def is_excluded(self, person: int, cell: int) -> bool:
        """Tell whether a resident is digitally excluded: a trait, the same in every run."""
        shares = self.law.notice.excluded
        return (
            bool(shares)
            and FIELDS["excluded"].of(draw(_DIGITAL, person)) < (shares[cell % CELLS // 2])
        )

    def repeated_chance(self, slot: Slot, repetition: int, person: int) -> int:
        """Draw the 64 bits of a decision that a person takes several times."""
        return self._random.draw(self._random.key(slot, repetition), person)

    def now(self) -> datetime:
        """Return the UTC instant of the clock."""
        microsecond = int(self.env.now)
        if self._now[0] != microsecond:
            self._now = (microsecond, self.timetable.instant(microsecond))
        return self._now[1]

    def until(self, day: int, moment: int) -> simpy.Timeout:
        """Return the event of a moment of a day, from now on."""
        return self.env.timeout(day * DAY + moment - int(self.env.now))

    def issue(self, command: Command) -> object:
        """Apply a command that the law expects to be accepted; return its answer.

        Raises:
            UnexpectedOutcomeError: The model refused it.
        """
        outcome = self.service.apply(command)
        if isinstance(outcome, Accepted):
            return outcome.answer
        raise UnexpectedOutcomeError(command, outcome)

    def issue_refused(self, command: Command, rule: str) -> None:
        """Apply a command that the law expects to be refused under a rule.

        Raises:
            UnexpectedOutcomeError: The model accepted it, or refused it under another rule.
        """
        outcome = self.service.apply(command)
        if not isinstance(outcome, Refusal) or outcome.rule != rule:
            raise UnexpectedOutcomeError(command, outcome)

    def note(self, agent: Agent, counter: int) -> None:
        """Count one event of a person today; `counter` is a rank in `COUNTERS`."""
        self._cells[agent.key + counter] += 1
        if self.watch is not None:
            self.watch.note(counter, agent, int(self.env.now))
        if agent.is_excluded and counter in EXCLUDED_RANK:
            self.ledger.excluded[EXCLUDED_RANK[counter], agent.cell % CELLS // 2] += 1

    def note_dated(self, agent: Agent, name: str) -> None:
        """Count an event that is also followed by days since the person's notice."""
        self.note(agent, COUNT[name])
        if name in CURVES and agent.sent != UNSENT:
            self.ledger.since_notice[name][self.day - agent.sent] += 1
        if name == "opposed":
            self.ledger.opposed_of_day[self.day] += 1

    def _note_visit(self, person: int, counter: str) -> None:
        self.note(self.people[person], COUNT[counter])

    def _note_call(self, call: Call, counter: str, waited: int) -> None:
        self.note(self.people[call.person], COUNT[counter])
        if counter == "calls_answered":
            self.ledger.waiting[self.day] += waited
            self.ledger.waits.append(waited)
