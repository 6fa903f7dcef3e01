"""A small run as a village: everybody's line in one table, every institution one pass a day.

Where people are few, calls between institutions cost more than people do. Here a whole day is one
kernel. The table of people has one line each, as wide as the processor's own; what is due on a
later day hangs in lists through these lines. Columns are named by the constants of this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_scenarios.cohort.delivery import INFORMATION_ATTEMPT
from etalon_scenarios.draws import REPETITIONS
from etalon_scenarios.layout_arrays import BY_HEART
from etalon_scenarios.timetable import DECISIONS, DELIVERY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.nation import Nation
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout_arrays import People as Numbers

    Table = NDArray[np.int32]

STANDING, FLAGS, SENT, CELL, HEAD, TRAITS = range(6)
"""Columns of `Village.folk` that say who somebody is and where they stand."""
NEXT_ACT, ACT, NEXT_QUESTION, QUESTION, NEXT_MAIL = range(6, 11)
"""Columns of `Village.folk` that say what hangs behind somebody in a list, and what for."""
FOLK_WIDTH: Final = 16

PROTECTED_ADULT, MINOR, DECIDES_ALONE = 1, 2, 4
"""What adds up to `TRAITS`."""

VISITS, CALLS, WRITERS, CODES, QUESTIONS = range(5)
PILE, BOUNCES, ARRIVING, RETURNING = range(5, 9)
CLOSINGS, MAILED, RETRIES, LISTS = range(9, 13)
"""Rows of `Village.lists`: what is due, or was mailed, on a day. Nobody is twice in a list of the
first two lines, or in two of one line; the last line goes through `Village.pool`."""

NOBODY: Final = -1

(
    WINDOW_END,
    CODE_END,
    OPEN_DAY,
    MAIL_DAY,
    WORKING,
    NEWCOMERS_DAY,
    DEATHS,
    BIRTHS,
    PLANNED,
    TURN,
    EXPIRES,
    CALENDAR_WIDTH,
) = range(12)
"""Columns of `Village.calendar`."""

EMAIL_LIMIT, BY_PHONE, ACCOUNTS = range(3)
"""Columns of `Village.cells`."""

OPPOSE_STEPS, ACTIVATE_STEPS, MEDIA_STEPS = range(3)
"""Rows of `Village.steps`."""

(
    NUMBER,
    TOLD,
    TOUCHED,
    POOLED,
    SHOCK_DAY,
    OPPOSED_TODAY,
    WAITED_TODAY,
    ANSWERED,
    RETRYING,
    IN_TURN,
    SHOCKED,
) = range(11)
"""Places in `Village.sums` that are not by intention."""
COHORTS, SLEEPERS, DREAMERS = 12, 14, 16
"""Places in `Village.sums` by intention."""

ENTRY_NEXT, ENTRY_PERSON, ENTRY_DETAIL = range(3)
"""Columns of `Village.pool`."""

BEGIN, END, COHORT_SENT, COHORT_DAY, REACHED = range(5)
"""Columns of `Village.cohorts`."""

AT, STOP, RUNNING = range(3)
"""Columns of `Village.turns`."""


class Rules(NamedTuple):
    """The numbers of the law that hold every day; names are those of `etalon_scenarios.law`."""

    days: int
    bounce: int
    bounce_days: int
    letters_per_day: int
    undelivered: int
    lost_after: int
    read: tuple[int, int]
    read_excluded: int
    letter_to_excluded: bool
    letter_after_bounce: bool
    surge_step: int
    surge_days: int
    media_day: int
    media_trigger: int
    post: int
    counter: int
    post_days: int
    identity_failure: int
    call_after_failure: int
    code_lost: int
    contact_known: tuple[int, int]
    has_accounts: bool
    regeneration_days: int
    lines: int
    opens: int
    span: int
    retry: int
    attempts: int
    information: int
    information_days: int
    hotline_first: bool
    returns: int
    return_minutes: int
    call_after_refusal: int
    starts: int
    per_day: int
    impossible: int
    retry_days: int
    closing: int
    newborn_girls: int
    minors_opened: bool


class Books(NamedTuple):
    """Where events are counted.

    Attributes:
        tally: Counts of the day, by address in the ledger.
        touched: Addresses that count something today, in any order.
        sums: See the constants.
        apart: Totals among people digitally excluded, as the ledger keeps them.
        ages: Counts of `CURVES` by days since the notice.
        notices: People by day of their last notice.
    """

    tally: Table
    touched: Table
    sums: Numbers
    apart: Numbers
    ages: Numbers
    notices: Numbers


class Sleep(NamedTuple):
    """Who waits for which attention, by intention: cohort after cohort, lowest threshold first.

    Attributes:
        persons: Who.
        thresholds: Until which attention.
        cohorts: Of whom, with the attention they have reached.
        dreamers: Who begins today.
        words: Day of their notice above their threshold.
    """

    persons: Table
    thresholds: Numbers
    cohorts: Numbers
    dreamers: Table
    words: Numbers


class Village(NamedTuple):
    """Everything of one run, as kernels take it.

    Attributes:
        folk: A line a person.
        rules: Numbers of the law.
        words: `seed_words` of the random function.
        keys: Keys of the draws, by slot plus repetition.
        cells: By cell of the decider.
        levels: By intention and class (see `Wish`).
        bounds: The same.
        calendar: By day, and one day more.
        steps: Attention and media, by age in days.
        minutes: Equally likely minutes of visits.
        services: Equally likely lengths of calls.
        patience: Equally likely patiences.
        delays: Days a letter travels less one, by position.
        admissions: Visits admitted a minute, by day, or one row for all days.
        planned: Residents by the day of their first notice.
        vital: Who dies by day; who gives birth.
        lists: First of each list, by kind and day.
        pool: Entries of lists in which somebody may be twice.
        turns: By day of sending, who is next for the batch.
        queue: Who is in these turns, by number.
        retrying: Day of sending above who is tried again.
        free: Instant at which each agent is free.
        waits: Waiting time of each answered call.
        books: Where events are counted.
        sleep: Who waits for which attention.
    """

    folk: Table
    rules: Rules
    words: Bits
    keys: Bits
    cells: Numbers
    levels: Bits
    bounds: Numbers
    calendar: Numbers
    steps: Numbers
    minutes: Numbers
    services: Numbers
    patience: Numbers
    delays: NDArray[np.uint8]
    admissions: Numbers
    planned: Table
    vital: tuple[Table, Table]
    lists: Table
    pool: Table
    turns: Numbers
    queue: Numbers
    retrying: Numbers
    free: Numbers
    waits: Numbers
    books: Books
    sleep: Sleep


def is_village(nation: Nation) -> bool:
    """Tell whether a run can be lived as a village: small, alone, watched by nobody, no reminders.

    Hours of the hotline that run into the night would change the order of a day.
    """
    law = nation.law
    closes = law.phone.opens + law.phone.span
    return (
        nation.compiled
        and nation.people.size <= BY_HEART
        and nation.crew.size == 1
        and nation.observer is None
        and not (nation.may_branch or law.opt_in or law.reminders)
        and DELIVERY < closes < DECISIONS
        and law.phone.attempts + INFORMATION_ATTEMPT <= REPETITIONS
        and law.web.returns < REPETITIONS
        and min(law.notice.letters_per_day, law.opening.per_day, law.phone.agents) >= 1
    )
