"""Reminders to people who have kept silent since their notice.

A reminder is mail without effect in law: no command of the model, no code, no new window. Who had
read nothing and reads the reminder is informed from that day; who had read the notice may act
sooner.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from etalon_scenarios.agents.life import await_decisions, pay_attention, post_days
from etalon_scenarios.agents.world import UNSENT, Standing
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.law import NEVER, ReminderChannel
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import DELIVERY, REMINDERS

if TYPE_CHECKING:
    from etalon_scenarios.agents.world import Agent, World
    from etalon_scenarios.law import ReminderLaw

Institution = Generator[simpy.Event, object, None]


def run_reminders(world: World) -> Institution:
    """Send the reminders that fall due, each morning before the printer starts."""
    by_day: dict[int, list[tuple[int, int]]] = {}
    for rank, reminder in enumerate(world.law.reminders):
        for sent, day in enumerate(reminder.due):
            if day != NEVER:
                by_day.setdefault(day, []).append((rank, sent))
    for day in sorted(by_day):
        yield world.until(day, REMINDERS)
        for rank, sent in by_day[day]:
            for agent in world.sent_on[sent]:
                if _is_reminded(agent, sent, world.law.reminders[rank]):
                    _remind(world, agent, rank)


def _is_reminded(agent: Agent, sent: int, reminder: ReminderLaw) -> bool:
    """Tell whether the person kept silent since their last notice, and the reminder is theirs."""
    return (
        agent.standing is Standing.NOTIFIED
        and agent.sent == sent
        and not agent.awaits_letter
        and agent.head_cell % CELLS // 2 >= reminder.from_band
        and reminder.minors in (None, agent.is_minor)
    )


def _remind(world: World, agent: Agent, rank: int) -> None:
    channel = world.law.reminders[rank].channel
    if channel is ReminderChannel.LETTER or (
        channel is ReminderChannel.AS_NOTICE and agent.by_letter
    ):
        world.printer.ask(world.day, agent.number, 1 + rank)
    elif not agent.by_letter:
        world.note(agent, COUNT["sent_email"])
        world.ledger.reminders[world.day, 0] += 1
        bits = world.chance(Slot.NOTICE, agent.head)
        if FIELDS["bounce"].of(bits) >= world.law.notice.bounce:
            world.env.process(_receive(world, agent, rank, world.day, by_letter=False))


def post_reminder(world: World, agent: Agent, rank: int) -> None:
    """Post a reminder: an address that is wrong stays wrong."""
    world.note(agent, COUNT["sent_letter"])
    world.ledger.reminders[world.day, 1] += 1
    notice = world.law.notice
    if FIELDS["undelivered"].of(world.chance(Slot.DELIVERY, agent.head)) >= notice.undelivered:
        bits = world.repeated_chance(Slot.REMINDER, rank, agent.head)
        delay = post_days(notice, FIELDS["reminder_delay"].of(bits))
        day = world.law.mail_day(min(world.day + delay, world.law.days))
        world.env.process(_receive(world, agent, rank, day, by_letter=True))


def _receive(world: World, agent: Agent, rank: int, day: int, *, by_letter: bool) -> Institution:
    """Receive a reminder, if it finds a person whose notice has arrived, come back or failed."""
    yield world.until(day, DELIVERY)
    waits = agent.standing in (Standing.NOTIFIED, Standing.UNSEEN)
    if not waits or agent.began in {UNSENT, world.day}:
        return
    if not agent.reached:
        agent.reached = True
        world.note(agent, COUNT["delivered"])
    bits = world.repeated_chance(Slot.REMINDER, rank, agent.head)
    excluded = world.people[agent.head].is_excluded
    share = world.law.notice.read_by(by_letter=by_letter, excluded=excluded)
    if FIELDS["reminder_read"].of(bits) >= share:
        return
    if agent.informed:
        world.attention.bring_forward(agent.number, world.law.response.reminder_bump)
        return
    agent.informed = True
    world.note(agent, COUNT["read"])
    world.attention.forget(agent.number)
    agent.began = world.day
    if await_decisions(world, agent) and not agent.is_attentive:
        yield from pay_attention(world, agent)
