# pyright: standard
"""The days of a village, each in one kernel, and what the ledger is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.compiled.kernel import kernel
from etalon_scenarios.cohort.compiled.village import (
    ANSWERED,
    OPPOSED_TODAY,
    SHOCKED,
    TOUCHED,
    WAITED_TODAY,
)
from etalon_scenarios.cohort.compiled.village_doors import answer_calls, receive_visitors
from etalon_scenarios.cohort.compiled.village_evening import (
    hear_media,
    pass_evening,
    take_late_effect,
)
from etalon_scenarios.cohort.compiled.village_founding import found_village
from etalon_scenarios.cohort.compiled.village_mail import (
    deliver,
    print_letters,
    record_vital_events,
    send_notices,
)
from etalon_scenarios.cohort.compiled.village_opening import expire_codes, open_spaces
from etalon_scenarios.cohort.registry import Registry
from etalon_scenarios.cohort.waves import plan_waves
from etalon_scenarios.ledger import CURVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_scenarios.cohort.compiled.village import Village
    from etalon_scenarios.cohort.nation import Nation


@kernel()
def _live(village: Village, day: int) -> None:
    """Let a day pass, institution by institution, in the order of the timetable."""
    record_vital_events(village, day)
    send_notices(village, day)
    print_letters(village, day)
    deliver(village, day)
    if village.rules.hotline_first:
        answer_calls(village, day)
    receive_visitors(village, day)
    if not village.rules.hotline_first:
        answer_calls(village, day)
    pass_evening(village, day)
    take_late_effect(village, day)
    open_spaces(village, day)
    expire_codes(village, day)
    hear_media(village, day)


def live_as_village(nation: Nation, end_day: Callable[[int], bool]) -> int:
    """Live a run as a village; return the days done.

    Args:
        nation: Before its first day.
        end_day: Told of each day done; yes ends the run there.
    """
    nation.join_crew()
    registry = Registry(nation)
    plan_waves(nation)
    village = found_village(nation, registry)
    day = 0
    while day < nation.law.days:
        _live(village, day)
        _close_day(nation, village, day)
        day += 1
        if end_day(day):
            break
    answered = village.books.sums[ANSWERED]
    nation.ledger.waits.frombytes(village.waits[:answered].tobytes())
    for name, ages in zip(CURVES, village.books.ages, strict=True):
        np.frombuffer(nation.ledger.since_notice[name], np.int64)[:] += ages
    return day


def _close_day(nation: Nation, village: Village, day: int) -> None:
    """Write the day that has ended into the ledger, and begin a blank one."""
    ledger, books = nation.ledger, village.books
    addresses = np.sort(books.touched[: books.sums[TOUCHED]]).astype(np.int64)
    ledger.close_day(day, addresses, books.tally[addresses].astype(np.int64))
    books.tally[addresses] = 0
    ledger.waiting[day] += int(books.sums[WAITED_TODAY])
    ledger.opposed_of_day[day] += int(books.sums[OPPOSED_TODAY])
    ledger.shock[day] = bool(books.sums[SHOCKED])
    books.sums[[TOUCHED, WAITED_TODAY, OPPOSED_TODAY]] = 0
