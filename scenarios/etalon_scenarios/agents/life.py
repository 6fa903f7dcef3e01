"""The life of one person in a run: receive, read, sleep, decide, act.

A person sleeps until the attention of their cohort passes their threshold, then pursues one
intention at a time; what they would have decided meanwhile is dropped. Acts follow the evening of
the decision: the web on the next day, the hotline on its next open day.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Final

import simpy

from etalon_scenarios.agents import acts, notices
from etalon_scenarios.agents.attention import Intention
from etalon_scenarios.agents.telephone import Call
from etalon_scenarios.agents.world import Standing
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.law import scaled, threshold
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import (
    DAY,
    DELIVERY,
    LATE_DECISIONS,
    REGENERATED_CODES,
    WEB_CLOSES_MINUTE,
)

if TYPE_CHECKING:
    from etalon_scenarios.agents.world import Agent, World
    from etalon_scenarios.law import NoticeLaw

Life = Generator[simpy.Event, object, None]

RETURNED_DAYS: Final = 10
"""A letter that nobody receives is back after ten days (assumption, source none)."""

MINUTES_A_DAY: Final = 24 * 60
INFORMATION_ATTEMPT: Final = 10
"""Repetition of the first information call: those of a decision come before."""

QUANTILE_SHIFT: Final = 16 - (QUANTILES.bit_length() - 1)
MINUTE_SHIFT: Final = 32 - (QUANTILES.bit_length() - 1)

DELIVERED: Final = COUNT["delivered"]
READ: Final = COUNT["read"]
GAVE_UP: Final = COUNT["gave_up"]


def receive_email(world: World, agent: Agent) -> Life:
    """Receive a notice by e-mail, or fail to: then a letter follows (LIF-05), if any does."""
    notice = world.law.notice
    bits = world.chance(Slot.NOTICE, agent.head)
    if FIELDS["bounce"].of(bits) < notice.bounce:
        yield world.until(agent.sent + notice.bounce_days, DELIVERY)
        if agent.standing is Standing.NOTIFIED and notice.letter_after_bounce:
            notices.report_bounce(world, agent)
        elif agent.standing is Standing.NOTIFIED:
            notices.lose_email(world, agent)
            yield from _sleep(world, agent)
        return
    yield world.until(agent.sent, DELIVERY)
    share = notice.read_by(by_letter=False, excluded=world.people[agent.head].is_excluded)
    read = (world.chance(Slot.DELIVERY, agent.head) >> 32) < share
    yield from _attend(world, agent, read=read)


def receive_letter(world: World, agent: Agent) -> Life:
    """Receive a notice by post after its delay, or never."""
    notice = world.law.notice
    bits = world.chance(Slot.DELIVERY, agent.head)
    if FIELDS["undelivered"].of(bits) < notice.undelivered:
        yield world.until(agent.sent + RETURNED_DAYS, DELIVERY)
        if agent.standing is not Standing.DEAD:
            notices.report_undelivered(world, agent)
            yield from _sleep(world, agent)
        return
    delay = post_days(notice, FIELDS["post_delay"].of(bits))
    day = world.law.mail_day(min(agent.sent + delay, world.law.days))
    yield world.until(day, DELIVERY)
    yield from _attend(world, agent, read=(bits >> 32) < notice.read[1])


def post_days(notice: NoticeLaw, position: int) -> int:
    """Return the days that a letter travels, from a 16-bit position; at least one."""
    delay = 0
    while position >= notice.post_delay[delay]:
        delay += 1
    return delay + 1


def _attend(world: World, agent: Agent, *, read: bool) -> Life:
    if agent.standing is Standing.DEAD:
        return
    world.note(agent, DELIVERED)
    agent.reached = True
    if read:
        agent.informed = True
        world.note(agent, READ)
    if not agent.is_child:
        bits = world.chance(Slot.INFORMATION_CALL, agent.number)
        if (bits >> 32) < world.law.phone.information:
            world.env.process(_ask(world, agent, bits))
    yield from _sleep(world, agent)


def _sleep(world: World, agent: Agent) -> Life:
    """Sleep until a threshold is passed; act; sleep again. Ends when none can be passed."""
    agent.began = world.day
    if await_decisions(world, agent):
        yield from pay_attention(world, agent)


def await_decisions(world: World, agent: Agent) -> bool:
    """Wait for the attention of today's cohort to pass the person's thresholds, if any can."""
    thresholds = _thresholds(world, agent)
    for intention, reached in thresholds:
        world.attention.await_threshold(agent.number, intention, reached, agent.sent, agent.began)
    return bool(thresholds)


def pay_attention(world: World, agent: Agent) -> Life:
    """Do what ripens, one intention at a time."""
    agent.is_attentive = True
    while True:
        agent.wake = world.env.event()
        decided = yield agent.wake
        agent.wake = None
        if isinstance(decided, Intention):
            yield from _act(world, agent, decided)


def volunteer(world: World, agent: Agent) -> Life:
    """Live under the voluntary scheme: sleep until one asks for a record, if ever."""
    reached = world.chance(Slot.OPT_IN, agent.number) >> 32
    if reached < world.opt_in_reach:
        world.attention.await_threshold(agent.number, Intention.ASK_FOR_RECORD, reached, 0, 0)
        agent.wake = world.env.event()
        yield agent.wake
        agent.wake = None
        acts.ask_for_record(world, agent)


def _thresholds(world: World, agent: Agent) -> list[tuple[Intention, int]]:
    """Return the attention at which each intention ripens, of those that can."""
    response = world.law.response
    oppose, activate = response.oppose[agent.decider_cell], response.activate[agent.decider_cell]
    if agent.decider != agent.number:
        oppose = scaled(oppose, response.child_oppose)
        activate = scaled(activate, response.child_activate)
    if not agent.informed:
        oppose = scaled(oppose, response.uninformed)
        activate = scaled(activate, response.uninformed)
    found: list[tuple[Intention, int]] = []
    reached = threshold(world.chance(Slot.OPPOSE, agent.decider) >> 32, oppose)
    if reached < world.oppose_reach:
        found.append((Intention.OPPOSE, reached))
    reached = threshold(world.chance(Slot.ACTIVATE, agent.decider) >> 32, activate)
    if reached < world.activate_reach:
        found.append((Intention.ACTIVATE, reached))
    return found


def _act(world: World, agent: Agent, intention: Intention) -> Life:
    if not acts.is_open_to(world, agent, intention):
        return
    agent.objecting = intention is Intention.OPPOSE
    acting = world.law.acting
    if intention is Intention.OPPOSE and acts.is_protected(world, agent):
        # The person in charge of a protected adult has no account on the web site: they write.
        yield world.until(world.day + acting.post_days, LATE_DECISIONS)
        acts.take_effect(world, agent, intention, "post")
        return
    route = world.chance(Slot.ROUTE, agent.number) >> 32
    by_phone = acting.phone[agent.decider_cell % CELLS // 2]
    if route < by_phone:
        yield from _telephone(world, agent, intention)
    elif intention is Intention.OPPOSE and route < by_phone + acting.post + acting.counter:
        yield world.until(world.day + acting.post_days, LATE_DECISIONS)
        acts.take_effect(
            world, agent, intention, "post" if route < by_phone + acting.post else "counter"
        )
    else:
        yield from _visit(world, agent, intention)


def _visit(world: World, agent: Agent, intention: Intention) -> Life:
    """Act on the web site: be admitted, identify oneself, have a code that serves."""
    acting = world.law.acting
    admitted = yield from _be_admitted(world, agent)
    if not acts.is_open_to(world, agent, intention):
        return
    if not admitted:
        yield from _turn_to_telephone(world, agent, intention)
        return
    if agent.standing is Standing.ACTIVE:
        acts.take_effect(world, agent, intention, "web")
        return
    bits = world.chance(Slot.IDENTITY_FORM, agent.number)
    if (bits >> 32) < acting.identity_failure:
        acts.fail_identity(world, agent, intention)
        if FIELDS["call_after_failure"].of(bits) < acting.call_after_failure:
            yield from _telephone(world, agent, intention)
        else:
            world.note(agent, GAVE_UP)
        return
    if not acts.has_code(world, agent):
        if not acts.contact_known(world, agent, by_letter=agent.by_letter):
            yield from _telephone(world, agent, intention)
            return
        acts.regenerate_code(world, agent)
        yield world.until(world.day + acting.regeneration_days, REGENERATED_CODES)
    acts.take_effect(world, agent, intention, "web")


def _turn_to_telephone(world: World, agent: Agent, intention: Intention) -> Life:
    """Call after the last visit in vain, or give up."""
    bits = world.repeated_chance(Slot.WEB_VISIT, 0, agent.number)
    if FIELDS["call_after_refusal"].of(bits) < world.law.web.call_after_refusal:
        yield from _telephone(world, agent, intention)
    else:
        world.note(agent, GAVE_UP)


def _be_admitted(world: World, agent: Agent) -> Generator[simpy.Event, object, bool]:
    web = world.law.web
    bits = world.repeated_chance(Slot.WEB_VISIT, 0, agent.number)
    minute = (world.day + 1) * MINUTES_A_DAY + web.minutes[bits >> 32 >> MINUTE_SHIFT]
    for visit in range(web.returns + 1):
        if (yield world.website.visit(agent.number, minute)):
            return True
        bits = world.repeated_chance(Slot.WEB_VISIT, visit + 1, agent.number) >> 32
        minute += 1 + (bits * web.return_minutes >> 32)
        if minute % MINUTES_A_DAY >= WEB_CLOSES_MINUTE or minute // MINUTES_A_DAY > world.day:
            minute = (world.day + 1) * MINUTES_A_DAY + web.minutes[bits >> MINUTE_SHIFT]
    return False


def _telephone(world: World, agent: Agent, intention: Intention) -> Life:
    """Call until answered, or give up."""
    answered = yield from _call(world, agent, world.day + 1, 0)
    if not acts.is_open_to(world, agent, intention):
        return
    if answered:
        acts.take_effect(world, agent, intention, "phone")
    else:
        world.note(agent, GAVE_UP)


def _ask(world: World, agent: Agent, bits: int) -> Life:
    """Call to ask what the notice is about."""
    offset = FIELDS["information_day"].of(bits) * world.law.phone.information_days >> 32
    if world.day + 1 + offset < world.law.days:
        yield from _call(world, agent, world.day + 1 + offset, INFORMATION_ATTEMPT)


def _call(world: World, agent: Agent, day: int, first: int) -> Generator[simpy.Event, object, bool]:
    """Call from a day on; `first` is the repetition of the first attempt's draw."""
    phone = world.law.phone
    for attempt in range(first, first + phone.attempts):
        day = phone.open_day(min(day, world.law.days))
        bits = world.repeated_chance(Slot.CALL, attempt, agent.number)
        lengths = world.repeated_chance(Slot.CALL_LENGTH, attempt, agent.number)
        call = Call(
            day * DAY + phone.opens + (FIELDS["call_instant"].of(bits) * phone.span >> 32),
            agent.number,
            phone.patience[FIELDS["patience"].of(lengths) >> QUANTILE_SHIFT],
            phone.service[FIELDS["service"].of(lengths) >> QUANTILE_SHIFT],
            world.env.event(),
        )
        if (yield world.hotline.book(day, call)):
            return True
        if FIELDS["call_retry"].of(bits) >= phone.retry or not world.can_act(agent.number):
            break
        day = world.day + 1
    return False
