"""Let the people of a run live with their spaces, on arrays, whoever shares the work."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from etalon_scenarios.arrivals import NEVER_DAY
from etalon_scenarios.cohort.crew import CHUNK, Crew, processes_for
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import FIELDS, Slot, stream
from etalon_scenarios.draws_arrays import draw_many, draw_numbered
from etalon_scenarios.life.account import Account
from etalon_scenarios.life.batches import batches_of, people_of, women_of
from etalon_scenarios.life.deposits import Stays, deposit, held_after
from etalon_scenarios.life.entering import BATCH, cut, entries_among
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KIND, KINDS, PROGRAMMES
from etalon_scenarios.life.numbering import FOLLOWED, PHASE, SECOND_LIFE, reminder_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.life.batches import Batch
    from etalon_scenarios.life.law import LifeLaw, StreamLaw
    from etalon_scenarios.life.spaces import Spaces

    Integers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

_MOMENTS: Final = ("first_document", "fifth_document")


def live(  # noqa: PLR0913 (a run, and how it is worked out)
    law: LifeLaw,
    spaces: Spaces,
    layout: Layout,
    seed: int,
    *,
    compiled: bool = False,
    workers: int | None = None,
    batch: int = BATCH,
) -> Account:
    """Count what happens in the spaces of a run.

    Args:
        law: The law of open spaces.
        spaces: When each opened, was entered and ended.
        layout: Who is who at the start.
        seed: Seed of the run.
        compiled: Whether a kernel that Numba compiles draws the events; the account is the same.
        workers: Who shares the work, threads of a kernel or processes of NumPy (decision 0194), or
            None for one a processor where they pay; the account is the same.
        batch: People served together; the account is the same.

    Raises:
        CrewError: A process failed, or was ended from outside.
        ValueError: Fewer than one worker.
    """
    parts = list(batches_of(spaces, layout, batch))

    def household() -> Household:
        account = Account(layout.departments, law.days)
        return Household(law, spaces, seed, account, compiled=compiled)

    if compiled:
        return _among_threads(household, parts, workers or os.cpu_count() or 1)
    return _among_processes(household, parts, Crew(processes_for(workers, layout.size), CHUNK))


def _among_threads(
    household: Callable[[], Household], parts: Sequence[Batch], threads: int
) -> Account:
    # Whoever is free takes the next batch: an iterator over a list gives each to one thread.
    shares, waiting = [household() for _ in range(threads)], iter(parts)

    def work(share: Household) -> None:
        for some in waiting:
            share.live(some)

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, shares):
            pass
    account = shares[0].account
    for other in shares[1:]:
        account.add(other.account)
    return account


def _among_processes(
    household: Callable[[], Household], parts: Sequence[Batch], crew: Crew
) -> Account:
    def work() -> Account:
        share = household()
        for some in parts[crew.rank :: crew.size]:
            share.live(some)
        if crew.rank:
            crew.report(share.account)
        for other in crew.hear():
            share.account.add(other)
        return share.account

    return crew.together(work)


class Household:
    """Lets batches of people live.

    Attributes:
        account: What happens to them.
    """

    def __init__(
        self, law: LifeLaw, spaces: Spaces, seed: int, account: Account, *, compiled: bool
    ) -> None:
        self.account = account
        self._law, self._spaces = law, spaces
        self._keys = {slot: stream(seed, slot) for slot in Slot}
        self._compiled = compiled
        self._drawn: dict[Slot, Bits] = {}
        self._deposits = account.deposits.reshape(-1)

    def live(self, batch: Batch) -> None:
        """Let people of one band live with their spaces."""
        law, spaces = self._law, self._spaces
        if self._compiled:
            from etalon_scenarios.cohort.compiled import depositing  # noqa: PLC0415 (Numba)

            depositing.live(law, spaces, self._keys, batch, self.account)
            return
        group, opened, left = _open_ones(batch, spaces)
        if not len(opened):
            return
        self._drawn.clear()
        note, band = self.account.note, batch.band
        note("space_opened", opened, band)
        note("space_ended", left[left < law.days], band)
        held = self._take_over(group, opened)
        entered = self._enter(group, opened, left)
        paces = self._draw(group, "care_seeking")
        seeds = draw_many(self._keys[Slot.DEPOSIT], group.people)
        stays = Stays(seeds, paces, opened, left, group.department, held)
        self._receive(law.care, band, stays, first_ones=True)
        self._return(group, stays)
        inside = np.flatnonzero(entered < left)
        own = draw_many(self._keys[Slot.HOLDER], group.people[inside])
        added = stays.some(inside)._replace(seeds=own, first=entered[inside])
        self._receive(law.holder, band, added)
        for rank in range(len(PROGRAMMES)):
            self._remind(rank, group, opened, entered, left)

    def _draw(self, group: Group, name: str, some: Integers | None = None) -> Integers:
        """Draw a field of everybody of a group, or of those in some places."""
        field = FIELDS[name]
        if field.slot not in self._drawn:
            self._drawn[field.slot] = draw_many(self._keys[field.slot], group.people)
        drawn = self._drawn[field.slot]
        return cut(drawn if some is None else drawn[some], field)

    def _take_over(self, group: Group, opened: Integers) -> NDArray[np.int8]:
        """Move the documents of records of before; return how many each person has, up to five."""
        law, held = self._law, np.zeros(len(group.people), np.int8)
        some = np.flatnonzero(self._draw(group, "legacy") < law.legacy)
        documents = law.legacy_documents[self._draw(group, "legacy_documents", some)]
        held[some] = np.minimum(documents, FIRST_DOCUMENTS[-1])
        days = opened[some]
        rows = (group.department[some] * law.days + days) * len(KINDS) + KIND["legacy_document"]
        np.add.at(self._deposits, rows, documents)
        for moment, wanted in zip(_MOMENTS, FIRST_DOCUMENTS, strict=True):
            self.account.note(moment, days[documents >= wanted], group.band)
        return held

    def _enter(self, group: Group, opened: Integers, left: Integers) -> Integers:
        """Let holders enter; return the day each did, `NEVER_DAY` for never."""
        law, note, band = self._law, self.account.note, group.band
        entered = self._spaces.entered[group.people].astype(np.int64)
        silent = np.flatnonzero(entered == NEVER_DAY)
        drawn = self._draw(group, "later_activation", silent)
        coming, days = entries_among(law.later[band], opened[silent], left[silent], drawn)
        entered[silent[coming]] = days
        note("entered_later", days, band)
        inside = np.flatnonzero(entered < left)
        days = entered[inside]
        note("entered", days, band)
        by_phone = self._draw(group, "phone", inside) < law.by_phone
        note("entered_by_phone", days[by_phone], band)
        drawn = self._draw(group, "pairing", inside)
        paired = days + law.pairing_days[drawn % QUANTILES]
        note("app_paired", paired[(drawn < law.pairing) & (paired < left[inside])], band)
        return entered

    def _return(self, group: Group, stays: Stays) -> None:
        """Let some open their space again: what it held comes back into it (LIF-14)."""
        law = self._law
        ended = np.flatnonzero(stays.end < law.days)
        again = stays.end[ended] + law.return_days[self._draw(group, "return_day", ended)]
        end = np.minimum(law.days, self._spaces.died[group.people[ended]].astype(np.int64))
        coming = (self._draw(group, "return", ended) < law.returning) & (again < end)
        some = stays.some(ended[coming])
        second = some._replace(
            seeds=draw_numbered(some.seeds, SECOND_LIFE),
            first=again[coming],
            end=end[coming],
            held=held_after(law, law.care, group.band, some),
        )
        note, band = self.account.note, group.band
        note("space_reopened", second.first, band)
        note("space_ended", second.end[second.end < law.days], band)
        self._receive(law.care, band, second, first_ones=True)

    def _receive(
        self, events: StreamLaw, band: int, stays: Stays, *, first_ones: bool = False
    ) -> None:
        reached = deposit(self._law, events, band, stays, self._deposits)
        if first_ones:
            for moment, days in zip(_MOMENTS, reached, strict=True):
                self.account.note(moment, days, band)

    def _remind(
        self, rank: int, group: Group, opened: Integers, entered: Integers, left: Integers
    ) -> None:
        """Send the reminders of a programme to people whose space is open."""
        law, programme = self._law, PROGRAMMES[rank]
        if not programme.first_band <= group.band <= programme.last_band:
            return
        people = group.people
        if programme.women_only:
            some = np.flatnonzero(group.women)
            people, opened, entered, left = people[some], opened[some], entered[some], left[some]
        seeds = draw_many(self._keys[Slot.PREVENTION], people)
        words = draw_numbered(seeds, reminder_number(rank, 0))
        shares, time = law.programmes[rank], 0
        due = shares.first + (cut(words, PHASE) * shares.span >> PHASE.width)
        while len(due):
            reached = np.flatnonzero((opened <= due) & (due < left))
            on = due[reached]
            self.account.note(f"{programme.name}_due", on, group.band)
            words = draw_numbered(seeds[reached], reminder_number(rank, time))
            followed = cut(words, FOLLOWED) < np.where(
                entered[reached] <= on, shares.entered, shares.others
            )
            day = on + law.follow_days[cut_low(words)]
            self.account.note(
                f"{programme.name}_followed", day[followed & (day < law.days)], group.band
            )
            due, time = due + shares.every, time + 1
            more = np.flatnonzero(due < left)
            due, seeds = due[more], seeds[more]
            opened, entered, left = opened[more], entered[more], left[more]


class Group(NamedTuple):
    """People of a batch whose space opens.

    Attributes:
        band: Their age band at the start.
        people: Their numbers.
        department: Rank of the département of each.
        women: Whether each is a woman.
    """

    band: int
    people: Integers
    department: Integers
    women: Mask


def _open_ones(batch: Batch, spaces: Spaces) -> tuple[Group, Integers, Integers]:
    """Return the people of a batch whose space opens, the day it does and the day it ends."""
    people = people_of(batch)
    department = np.repeat(batch.departments, batch.sizes)
    women = women_of(batch)
    opened = spaces.opened[people].astype(np.int64)
    left = spaces.left[people].astype(np.int64)
    kept = np.flatnonzero(opened < left)
    if len(kept) < len(people):
        people, department, women = people[kept], department[kept], women[kept]
        opened, left = opened[kept], left[kept]
    return Group(batch.band, people, department, women), opened, left


def cut_low(bits: Bits) -> Integers:
    """Cut the rank of a quantile out of the lowest bits."""
    return (bits & np.uint64(QUANTILES - 1)).astype(np.int64)
