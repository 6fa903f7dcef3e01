"""Automatic opening, expiry of codes, later closing, evenings of decision, media."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from etalon_scenarios.agents import acts
from etalon_scenarios.agents.world import Agent, Standing
from etalon_scenarios.draws import Slot
from etalon_scenarios.law import NEVER
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import CREATION, DAY, DECISIONS, DELIVERY, EXPIRY, MEDIA

if TYPE_CHECKING:
    from etalon_scenarios.agents.world import World

Institution = Generator[simpy.Event, object, None]


class Batch:
    """The batch that opens spaces: so many a day, by (day of the notice, person)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[tuple[int, int]] = []
        self._retries: dict[int, list[tuple[int, int]]] = {}

    def open_spaces(self) -> None:
        """Open what the day's quota allows of the spaces whose window has ended (LIF-04)."""
        world, day = self._world, self._world.day
        queue = sorted([*self._waiting, *self._due(), *self._retries.pop(day, ())])
        left = world.law.opening.per_day
        for rank, (sent, number) in enumerate(queue):
            if not left:
                self._waiting = queue[rank:]
                return
            agent = world.people[number]
            if _is_due(agent, sent) and (world.law.minors.opened or not agent.is_minor):
                left -= self._open(agent)
        self._waiting = []

    def _due(self) -> Generator[tuple[int, int], None, None]:
        world, opening, day = self._world, self._world.law.opening, self._world.day
        for sent in range(day + 1):
            if max(opening.eligible[sent], opening.starts) == day:
                for agent in world.sent_on[sent]:
                    yield sent, agent.number

    def _open(self, agent: Agent) -> int:
        """Open one space, or fail for now (LIF-23); return the places of the quota it took."""
        world, opening = self._world, self._world.law.opening
        drawn = world.chance(Slot.OPENING, agent.number) >> 32
        if drawn < opening.impossible and not agent.retried:
            agent.retried = True
            acts.report_opening_failure(world, agent)
            again = world.day + opening.retry_days
            self._retries.setdefault(again, []).append((agent.sent, agent.number))
            return 0
        acts.open_automatically(world, agent)
        return 1


def _is_due(agent: Agent, sent: int) -> bool:
    """Tell whether the notice of a day still is the person's last and nothing stands by."""
    return agent.standing is Standing.NOTIFIED and agent.sent == sent and not agent.awaits_letter


def run_batch(world: World) -> Institution:
    """Open spaces every evening from the start of the batch."""
    batch = Batch(world)
    for day in range(max(0, world.law.opening.starts), world.law.days):
        yield world.until(day, CREATION)
        batch.open_spaces()


def run_evenings(world: World) -> Institution:
    """Advance the attention of every cohort each evening and wake those who decide."""
    for day in range(world.law.days):
        yield world.until(day, DECISIONS)
        world.ledger.shock[day] = world.attention.shock_step(day) > 0
        for number, intention in world.attention.advance(day):
            agent = world.people[number]
            if agent.wake is not None and agent.standing is not Standing.DEAD:
                agent.wake.succeed(intention)


def run_expiry(world: World) -> Institution:
    """Count the codes that end unused with the day (LIF-07)."""
    ends, expired = world.law.opening.code_ends, COUNT["codes_expired"]
    for day in range(world.law.days):
        yield world.until(day, EXPIRY)
        for sent in range(day + 1):
            if ends[sent] - 1 == day:
                for agent in world.sent_on[sent]:
                    unused = agent.standing in (Standing.NOTIFIED, Standing.UNSEEN)
                    if unused and agent.code_day == sent:
                        world.note(agent, expired)


def run_media(world: World) -> Institution:
    """Start the media shock on its day, or after a finished day of too many oppositions."""
    media = world.law.media
    if min(media.day, media.trigger) == NEVER:
        return
    if media.day <= 0:
        world.attention.start_shock(media.day)
    for day in range(world.law.days):
        yield world.until(day, MEDIA)
        if day + 1 == media.day or world.ledger.opposed_of_day[day] > media.trigger:
            world.attention.start_shock(day + 1)


def run_hotline(world: World) -> Institution:
    """Open the hotline on working days."""
    phone = world.law.phone
    for day in range(world.law.days):
        if phone.open_days[day]:
            yield world.until(day, DELIVERY + 1)
            closes = day * DAY + phone.opens + phone.span
            yield world.env.process(world.hotline.serve(day, closes))
