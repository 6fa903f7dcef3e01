"""Codes that end unused, and the media."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort.counting import FEW
from etalon_scenarios.cohort.delivery import EMAIL, LETTER, count_between
from etalon_scenarios.cohort.people import BY_LETTER, NOTIFIED, REGENERATED, UNSEEN
from etalon_scenarios.law import NEVER
from etalon_scenarios.timetable import EXPIRY, MEDIA

if TYPE_CHECKING:
    from etalon_scenarios.cohort.institutions import Institution
    from etalon_scenarios.cohort.nation import Nation


def run_expiry(nation: Nation) -> Institution:
    """Count the codes that end unused with the day (LIF-07)."""
    ends: dict[int, list[int]] = {}
    for sent, end in enumerate(nation.law.opening.code_ends):
        if end > sent:
            ends.setdefault(end - 1, []).append(sent)
    while True:
        yield EXPIRY
        for sent in ends.pop(nation.day, ()):
            expire(nation, sent)


def expire(nation: Nation, sent: int) -> None:
    """Count the codes sent on one day that nobody used or replaced."""
    people = nation.people

    def count(span: tuple[int, int]) -> None:
        within = slice(*span)
        standing, counts = people.standing[within], nation.counts
        unused = (people.sent[within] == sent) & ((standing == NOTIFIED) | (standing == UNSEEN))
        unused &= (people.flags[within] & REGENERATED) == 0
        if span[1] > people.size or np.count_nonzero(unused) < FEW:
            persons = unused.nonzero()[0] + span[0]
            counts.note("codes_expired", people.keys(persons))
            return
        first, edges = people.layout.edges_between(*span)
        by_letter = (people.flags[within] & BY_LETTER) != 0
        for channel, those in ((LETTER, unused & by_letter), (EMAIL, unused & ~by_letter)):
            counts.note_cells("codes_expired", channel, first, count_between(edges, those))

    spans = nation.spans_sent(sent)
    if nation.compiled and spans:
        from etalon_scenarios.cohort.compiled import mailing  # noqa: PLC0415 (Numba, if used)

        mailing.count_unused(nation, sent, [span for span in spans if span[1] <= people.size])
        spans = [span for span in spans if span[1] > people.size]
    for span in spans:
        count(span)


def run_media(nation: Nation) -> Institution:
    """Start the media shock on its day, or after a finished day of too many oppositions."""
    media, attention = nation.law.media, nation.attention
    if min(media.day, media.trigger) == NEVER:
        return
    if media.day <= nation.day:
        attention.start_shock(media.day)
    while True:
        yield MEDIA
        day = nation.day
        opposed = sum(nation.crew.gather(nation.ledger.opposed_of_day[day]))
        if day + 1 == media.day or opposed > media.trigger:
            attention.start_shock(day + 1)
