"""Let the people of a run live with their spaces, on arrays, in whatever parts and threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.arrivals import NEVER_DAY
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import FIELDS, Slot, stream
from etalon_scenarios.draws_arrays import draw_many, draw_numbered
from etalon_scenarios.layout import BANDS, CELLS
from etalon_scenarios.life.account import Account
from etalon_scenarios.life.deposits import Stays, deposits
from etalon_scenarios.life.kinds import FIRST_DOCUMENTS, KIND, KINDS, PROGRAMMES
from etalon_scenarios.life.numbering import FOLLOWED, PHASE, SECOND_LIFE, reminder_number
from etalon_scenarios.life.spaces import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from etalon_scenarios.draws import Field
    from etalon_scenarios.draws_arrays import Bits
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.life.law import LifeLaw, StreamLaw
    from etalon_scenarios.life.spaces import Spaces

    Integers = NDArray[np.int64]
    Mask = NDArray[np.bool_]

BATCH: Final = 1 << 15
"""People who are served together: what is known of them stays in a level-2 cache."""

_MOMENTS: Final = ("first_document", "fifth_document")


def live(  # noqa: PLR0913 (a run, and how it is worked out)
    law: LifeLaw,
    spaces: Spaces,
    layout: Layout,
    seed: int,
    *,
    compiled: bool = False,
    threads: int | None = None,
    batch: int = BATCH,
) -> Account:
    """Count what happens in the spaces of a run.

    Args:
        law: The law of open spaces.
        spaces: When each opened, was entered and ended.
        layout: Who is who at the start.
        seed: Seed of the run.
        compiled: Whether a kernel that Numba compiles draws the events; the account is the same.
        threads: Threads that share the work, or None for one a processor.
        batch: People served together; the account is the same.
    """
    workers = threads or os.cpu_count() or 1
    shares = [Account(layout.departments, law.days) for _ in range(workers)]
    batches = list(batches_of(spaces, layout, batch))

    def work(rank: int) -> None:
        household = Household(law, spaces, seed, shares[rank], compiled=compiled)
        for some in batches[rank::workers]:
            household.live(some)

    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, range(workers)):
            pass
    for other in shares[1:]:
        shares[0].add(other)
    return shares[0]


def batches_of(spaces: Spaces, layout: Layout, size: int) -> Iterator[Batch]:
    """Part the people into batches of one band, and of one département where it fills a batch."""
    departments = len(layout.departments)
    for band in range(BANDS):
        ranges = [
            range(
                layout.cell_range(cell).start,
                layout.cell_range(cell + 1).stop,
            )
            for cell in range(band * 2, departments * CELLS, CELLS)
        ]
        women = [
            len(layout.cell_range(cell)) for cell in range(band * 2, departments * CELLS, CELLS)
        ]
        whole = Batch(
            np.concatenate([np.arange(part.start, part.stop, dtype=np.int64) for part in ranges]),
            band,
            np.repeat(np.arange(departments), [len(part) for part in ranges]),
            np.concatenate(
                [np.arange(len(part)) < some for part, some in zip(ranges, women, strict=True)]
            ),
        )
        yield from _parts(whole, size)
    bands = spaces.cells % CELLS // 2
    for band in np.unique(bands).tolist():
        places = np.flatnonzero(bands == band)
        cells = spaces.cells[places]
        children = Batch(places + layout.size, band, cells // CELLS, cells % 2 == 0)
        yield from _parts(children, size)


def _parts(whole: Batch, size: int) -> Iterator[Batch]:
    for first in range(0, len(whole.people), size):
        part = slice(first, first + size)
        yield Batch(whole.people[part], whole.band, whole.department[part], whole.women[part])


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
        opened = spaces.opened[batch.people].astype(np.int64)
        left = spaces.left[batch.people].astype(np.int64)
        kept = np.flatnonzero(opened < left)
        opened, left = opened[kept], left[kept]
        batch = Batch(batch.people[kept], batch.band, batch.department[kept], batch.women[kept])
        self._drawn.clear()
        note, band = self.account.note, batch.band
        note("space_opened", opened, band)
        note("space_ended", left[left < law.days], band)
        held = self._take_over(batch, opened)
        entered = self._enter(batch, opened, left)
        paces = self._draw(batch, "care_seeking")
        seeds = draw_many(self._keys[Slot.DEPOSIT], batch.people)
        stays = Stays(seeds, paces, opened, left, batch.department, held)
        self._receive(law.care, band, stays, first_ones=True)
        self._return(batch, stays)
        inside = np.flatnonzero(entered < left)
        own = stays._replace(seeds=draw_many(self._keys[Slot.HOLDER], batch.people), first=entered)
        self._receive(law.holder, band, own.some(inside))
        for rank in range(len(PROGRAMMES)):
            self._remind(rank, batch, opened, entered, left)

    def _draw(self, batch: Batch, name: str) -> Integers:
        field = FIELDS[name]
        if field.slot not in self._drawn:
            self._drawn[field.slot] = draw_many(self._keys[field.slot], batch.people)
        return cut(self._drawn[field.slot], field)

    def _take_over(self, batch: Batch, opened: Integers) -> Integers:
        """Move the documents of records of before; return how many each person has."""
        law, held = self._law, np.zeros(len(batch.people), np.int64)
        some = np.flatnonzero(self._draw(batch, "legacy") < law.legacy)
        held[some] = law.legacy_documents[self._draw(batch, "legacy_documents")[some]]
        days, documents = opened[some], held[some]
        rows = (batch.department[some] * law.days + days) * len(KINDS) + KIND["legacy_document"]
        np.add.at(self._deposits, rows, documents)
        for moment, wanted in zip(_MOMENTS, FIRST_DOCUMENTS, strict=True):
            self.account.note(moment, days[documents >= wanted], batch.band)
        return held

    def _enter(self, batch: Batch, opened: Integers, left: Integers) -> Integers:
        """Let holders enter; return the day each did, `NEVER_DAY` for never."""
        law, note, band = self._law, self.account.note, batch.band
        entered = self._spaces.entered[batch.people].astype(np.int64)
        silent = np.flatnonzero(entered == NEVER_DAY)
        drawn = self._draw(batch, "later_activation")[silent]
        later = opened[silent] + np.searchsorted(law.later[band], drawn, side="right")
        coming = later < left[silent]
        entered[silent[coming]] = later[coming]
        note("entered_later", later[coming], band)
        inside = np.flatnonzero(entered < left)
        days = entered[inside]
        note("entered", days, band)
        by_phone = self._draw(batch, "phone")[inside] < law.by_phone
        note("entered_by_phone", days[by_phone], band)
        drawn = self._draw(batch, "pairing")[inside]
        paired = days + law.pairing_days[drawn % QUANTILES]
        note("app_paired", paired[(drawn < law.pairing) & (paired < left[inside])], band)
        return entered

    def _return(self, batch: Batch, stays: Stays) -> None:
        """Let some open their space again."""
        law = self._law
        ended = np.flatnonzero(stays.end < law.days)
        if not len(ended):
            return
        again = stays.end[ended] + law.return_days[self._draw(batch, "return_day")[ended]]
        end = np.minimum(law.days, self._spaces.died[batch.people[ended]].astype(np.int64))
        coming = (self._draw(batch, "return")[ended] < law.returning) & (again < end)
        some = stays.some(ended[coming])
        second = some._replace(
            seeds=draw_numbered(some.seeds, SECOND_LIFE), first=again[coming], end=end[coming]
        )
        self.account.note("space_reopened", again[coming], batch.band)
        self._receive(law.care, batch.band, second)

    def _receive(
        self, events: StreamLaw, band: int, stays: Stays, *, first_ones: bool = False
    ) -> None:
        found = deposits(self._law, events, band, stays)
        self._enter_deposits(found.addresses)
        if first_ones:
            for moment, days in zip(_MOMENTS, found.reached, strict=True):
                self.account.note(moment, days, band)

    def _enter_deposits(self, addresses: Integers) -> None:
        if not len(addresses):
            return
        low, high = int(addresses.min()), int(addresses.max()) + 1
        self._deposits[low:high] += np.bincount(addresses - low, minlength=high - low)

    def _remind(
        self, rank: int, batch: Batch, opened: Integers, entered: Integers, left: Integers
    ) -> None:
        """Send the reminders of a programme to people whose space is open."""
        law, programme = self._law, PROGRAMMES[rank]
        if not programme.first_band <= batch.band <= programme.last_band:
            return
        some = np.flatnonzero(batch.women) if programme.women_only else np.arange(len(opened))
        opened, entered, left = opened[some], entered[some], left[some]
        seeds = draw_many(self._keys[Slot.PREVENTION], batch.people[some])
        words = draw_numbered(seeds, reminder_number(rank, 0))
        shares, time = law.programmes[rank], 0
        due = shares.first + (cut(words, PHASE) * shares.span >> PHASE.width)
        while len(due) and int(due.min()) < law.days:
            words = draw_numbered(seeds, reminder_number(rank, time))
            reached = (opened <= due) & (due < left)
            self.account.note(f"{programme.name}_due", due[reached], batch.band)
            followed = cut(words, FOLLOWED) < np.where(
                entered <= due, shares.entered, shares.others
            )
            day = due + law.follow_days[cut_low(words)]
            done = reached & followed & (day < law.days)
            self.account.note(f"{programme.name}_followed", day[done], batch.band)
            due, time = due + shares.every, time + 1


def cut(bits: Bits, field: Field) -> Integers:
    """Cut a field out of the draws of many people."""
    mask = np.uint64((1 << field.width) - 1)
    return (bits >> np.uint64(field.shift) & mask).astype(np.int64)


def cut_low(bits: Bits) -> Integers:
    """Cut the rank of a quantile out of the lowest bits."""
    return (bits & np.uint64(QUANTILES - 1)).astype(np.int64)
