"""Notices: sent by e-mail or by letter, reported as failed or as come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_model import (
    INSURER,
    Channel,
    Notice,
    ReportBounce,
    ReportUndelivered,
    SendNotice,
)
from etalon_scenarios.agents.world import UNSENT, Agent, Standing
from etalon_scenarios.ledger import COUNT, cell_key

if TYPE_CHECKING:
    from etalon_scenarios.agents.world import World

EMAIL: Final = 1
LETTER: Final = 2
NOTIFIED: Final = COUNT["notified"]
SENT_EMAIL: Final = COUNT["sent_email"]
SENT_LETTER: Final = COUNT["sent_letter"]


def send_email(world: World, agent: Agent) -> None:
    """Send the notice by e-mail."""
    notice = world.issue(SendNotice(world.now(), INSURER, agent.ins, Channel.EMAIL))
    _keep_notice(world, agent, notice, EMAIL)
    world.note(agent, NOTIFIED)
    world.note(agent, SENT_EMAIL)


def send_letter(world: World, agent: Agent) -> None:
    """Post the notice; after a failed e-mail the window starts again."""
    first = agent.sent == UNSENT
    notice = world.issue(SendNotice(world.now(), INSURER, agent.ins, Channel.LETTER))
    _keep_notice(world, agent, notice, LETTER)
    if first:
        world.note(agent, NOTIFIED)
    world.note(agent, SENT_LETTER)


def _keep_notice(world: World, agent: Agent, notice: object, channel: int) -> None:
    if not isinstance(notice, Notice):
        message = f"SendNotice answered {type(notice).__name__}, not a notice"
        raise TypeError(message)
    if agent.sent != UNSENT:
        world.ledger.notices[agent.sent] -= 1
    world.ledger.notices[world.day] += 1
    agent.code = notice.code
    agent.code_day = agent.sent = world.day
    agent.key = cell_key(agent.cell, channel)
    agent.by_letter = channel == LETTER
    agent.awaits_letter = False
    agent.standing = Standing.NOTIFIED
    world.sent_on[world.day].append(agent)


def report_bounce(world: World, agent: Agent) -> None:
    """Report that the e-mail failed, and ask for a letter (LIF-05)."""
    world.issue(ReportBounce(world.now(), INSURER, agent.ins))
    agent.code = None
    agent.awaits_letter = True
    world.note(agent, COUNT["bounced"])
    world.printer.ask(world.day, agent.number)


def lose_email(world: World, agent: Agent) -> None:
    """Let a failed e-mail be the last word: nobody reports it, nothing follows it."""
    agent.code = None
    world.note(agent, COUNT["bounced"])


def report_undelivered(world: World, agent: Agent) -> None:
    """Report that the letter came back."""
    world.issue(ReportUndelivered(world.now(), INSURER, agent.ins))
    agent.code = None
    world.note(agent, COUNT["undelivered"])
