"""What people and institutions do to the model: each function issues the commands of one act.

Who signs: an adult for oneself, the parent for a minor until the eighteenth birthday (REP-01),
the person in charge for a protected adult (REP-02). A notice and its code belong to the person;
inputs are those of the person's own carte Vitale.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from etalon_model import (
    INSURER,
    SYSTEM,
    Activate,
    Actor,
    ActorKind,
    Affiliate,
    CloseSpace,
    CloseThroughSupport,
    Contacts,
    CreateLegacyRecord,
    Identity,
    OpenAutomatically,
    Oppose,
    RecordDeath,
    RegenerateCode,
    ReportOpeningFailure,
    Route,
    Traits,
    holder,
    identity,
    representative,
)
from etalon_model.periods import is_younger
from etalon_scenarios.agents.attention import Intention
from etalon_scenarios.agents.world import Agent, Standing
from etalon_scenarios.draws import FIELDS, Slot
from etalon_scenarios.layout import CELLS, SEXES, newborn_serial
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import LATE_DECISIONS

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from etalon_model import Command
    from etalon_scenarios.agents.world import World

CONTACTS: Final = {
    (email, mobile): Contacts(email, mobile) for email in (False, True) for mobile in (False, True)
}
DESK: Final = Actor(ActorKind.SUPPORT, "desk")
WRONG_SERIAL: Final = "99999999999"
MAJORITY_YEARS: Final = 18


def settle(world: World) -> None:
    """Affiliate the residents of day 0, each with the parent or guardian who signs for them."""
    layout = world.layout
    for cell in range(len(layout.departments) * CELLS):
        for number in layout.cell_range(cell):
            world.people.append(_resident(world, number, cell))
    # Parents are numbered after their children: all matricules first, then affiliations.
    identities = [
        identity(world.seed, agent.number, _traits(world, agent)) for agent in world.people
    ]
    for agent, known in zip(world.people, identities, strict=True):
        agent.ins = known.ins
    for agent, known in zip(world.people, identities, strict=True):
        world.issue(_affiliation(world, agent, known, newcomer=False))


def _resident(world: World, number: int, cell: int) -> Agent:
    layout = world.layout
    head = layout.household_head(number, cell)
    agent = Agent(number, "", cell, head, cell if head == number else layout.cell(head))
    agent.is_minor = layout.is_minor(number, cell)
    agent.is_excluded = world.is_excluded(number, cell)
    if agent.is_minor and layout.age_months(number, cell) >= world.law.minors.own_from:
        agent.decider, agent.decider_cell = number, cell
    return agent


def _traits(world: World, agent: Agent) -> Traits:
    layout, cell = world.layout, agent.cell
    return Traits(
        layout.birth_on(agent.number, cell),
        SEXES[cell % 2],
        layout.departments[cell // CELLS],
        layout.serial(agent.number, cell),
        layout.elder_twin(agent.number, cell) != agent.number,
    )


def _affiliation(world: World, agent: Agent, known: Identity, *, newcomer: bool) -> Affiliate:
    guardian = None
    if newcomer or agent.is_minor:
        # A minor in a département without adults has a guardian whom the run does not hold.
        agent.represented_by = (
            world.people[agent.head].ins if agent.is_child else guardian_of(agent)
        )
    elif world.layout.is_protected(agent.number, agent.cell):
        guardian = guardian_of(agent)
    signs = agent.represented_by
    representatives = () if signs is None else (signs,)
    mobile = any(contact_known(world, agent, by_letter=by_letter) for by_letter in (False, True))
    return Affiliate(
        world.now(),
        INSURER,
        agent.ins,
        known,
        CONTACTS[has_email(world, agent), mobile],
        representatives,
        guardian,
        None,
        newcomer,
    )


def guardian_of(agent: Agent) -> str:
    """Return the identifier of a guardian whom the run does not hold."""
    return f"guardian-{agent.number}"


def is_protected(world: World, agent: Agent) -> bool:
    """Tell whether a person in charge may object for an adult (REP-02)."""
    return agent.number < world.layout.size and world.layout.is_protected(agent.number, agent.cell)


def has_email(world: World, agent: Agent) -> bool:
    """Tell whether the notice goes by e-mail: an address known, and not set aside for a letter."""
    bits = world.chance(Slot.NOTICE, agent.head)
    if FIELDS["channel"].of(bits) >= world.law.notice.email[agent.head_cell]:
        return False
    # Who receives may be the mother of a newborn child, never a newborn.
    by_letter = world.law.notice.letter_to_excluded
    return not (by_letter and world.people[agent.head].is_excluded)


def contact_known(world: World, agent: Agent, *, by_letter: bool) -> bool:
    """Tell whether a new code can be sent to the person's mobile telephone."""
    drawn = FIELDS["contact_known"].of(world.chance(Slot.CODE, agent.head))
    accounts = world.law.acting.accounts
    if accounts:
        return drawn < accounts[agent.head_cell]
    return drawn < world.law.acting.contact_known[by_letter]


def register_newborn(world: World, mother: Agent, number: int, cell: int, rank: int) -> Agent:
    """Give a child born today a number and a matricule; the week's batch affiliates."""
    born_on = world.timetable.date(world.day)
    department = world.layout.departments[cell // CELLS]
    traits = Traits(born_on, SEXES[cell % 2], department, newborn_serial(department, born_on, rank))
    child = Agent(number, "", cell, mother.number, mother.cell)
    known = identity(world.seed, number, traits)
    child.is_minor = True
    child.ins = known.ins
    world.newborns[number] = known
    return child


def affiliate_newborn(world: World, agent: Agent) -> None:
    """Make a child of the week known to the insurer (LIF-27)."""
    known = world.newborns.pop(agent.number)
    world.issue(_affiliation(world, agent, known, newcomer=True))


def record_death(world: World, agent: Agent) -> None:
    """Record a death."""
    world.issue(RecordDeath(world.now(), INSURER, agent.ins))
    agent.standing = Standing.DEAD
    world.note(agent, COUNT["died"])


def open_automatically(world: World, agent: Agent) -> None:
    """Open the space of somebody who kept silent (LIF-04)."""
    world.issue(OpenAutomatically(world.now(), SYSTEM, agent.ins))
    agent.standing = Standing.UNSEEN
    world.note_dated(agent, "opened_automatically")
    if not agent.informed:
        world.note(agent, COUNT["opened_uninformed"])
    _plan_closing(world, agent)


def report_opening_failure(world: World, agent: Agent) -> None:
    """Report that a space could not be opened (LIF-23)."""
    world.issue(ReportOpeningFailure(world.now(), SYSTEM, agent.ins))
    world.note(agent, COUNT["opening_failed"])


def signatory(world: World, agent: Agent) -> Actor:
    """Return who signs for a person now."""
    if agent.represented_by is not None:
        born_on = world.service.person(agent.ins).identity.birth_on
        if is_younger(born_on, MAJORITY_YEARS, world.now()):
            return representative(agent.represented_by)
    return holder(agent.ins)


def is_open_to(world: World, agent: Agent, intention: Intention) -> bool:
    """Tell whether somebody can act, and the intention still means something."""
    if not world.can_act(agent.number):
        return False
    if intention is Intention.OPPOSE:
        return agent.standing in (Standing.NOTIFIED, Standing.UNSEEN, Standing.ACTIVE)
    return agent.standing in (Standing.NOTIFIED, Standing.UNSEEN)


def has_code(world: World, agent: Agent) -> bool:
    """Tell whether the person holds a code that the web site accepts today."""
    if not _code_serves(world, agent):
        return False
    regenerated = agent.code_day != agent.sent
    lost = (world.chance(Slot.CODE, agent.number) >> 32) < world.law.acting.code_lost
    return regenerated or not lost


def regenerate_code(world: World, agent: Agent) -> None:
    """Obtain a new code by SMS (LIF-08)."""
    inputs = world.service.inputs(agent.ins, world.now())
    code = world.issue(
        RegenerateCode(world.now(), signatory(world, agent), agent.ins, inputs, "sms")
    )
    agent.code, agent.code_day = str(code), world.day
    world.note(agent, COUNT["codes_regenerated"])


def fail_identity(world: World, agent: Agent, intention: Intention) -> None:
    """Fail the identity form: the serial of the carte Vitale is not the person's (LIF-09)."""
    now, actor = world.now(), signatory(world, agent)
    inputs = replace(world.service.inputs(agent.ins, now), vitale_serial=WRONG_SERIAL)
    if intention is Intention.OPPOSE and agent.standing is Standing.NOTIFIED:
        command: Command = Oppose(now, actor, agent.ins, Route.WEB, inputs, agent.code)
    else:
        command = RegenerateCode(now, actor, agent.ins, inputs, "sms")
    world.issue_refused(command, "LIF-09")
    world.note(agent, COUNT["identity_refused"])


def take_effect(world: World, agent: Agent, intention: Intention, route: str) -> None:
    """Do what was decided, as things stand by now."""
    if not is_open_to(world, agent, intention):
        return
    by_code = route == "web" and agent.standing is Standing.NOTIFIED
    needs_code = intention is Intention.ACTIVATE or by_code
    # A new code may itself have expired when its person comes back.
    if needs_code and not (_code_serves(world, agent) or _regenerate_at_once(world, agent)):
        world.note(agent, COUNT["gave_up"])
        return
    if intention is Intention.ACTIVATE:
        activate(world, agent)
    elif agent.standing is Standing.NOTIFIED:
        _oppose(world, agent, route)
    else:
        close(world, agent, route)


def _code_serves(world: World, agent: Agent) -> bool:
    """Tell whether the person holds a code that has not expired."""
    return agent.code is not None and world.day < world.law.opening.code_ends[agent.code_day]


def _regenerate_at_once(world: World, agent: Agent) -> bool:
    """Obtain a code with the help of the hotline, if the insurer knows a mobile telephone."""
    if not contact_known(world, agent, by_letter=agent.by_letter):
        return False
    regenerate_code(world, agent)
    return True


def _oppose(world: World, agent: Agent, route: str) -> None:
    code = agent.code if route == "web" else None
    now = world.now()
    inputs = world.service.inputs(agent.ins, now)
    if is_protected(world, agent):
        actor = representative(guardian_of(agent))
    else:
        actor = signatory(world, agent)
    world.issue(Oppose(now, actor, agent.ins, Route(route), inputs, code))
    agent.standing = Standing.OPPOSED
    world.note_dated(agent, "opposed")
    world.note(agent, COUNT[f"opposed_{route}"])


def activate(world: World, agent: Agent) -> None:
    """Enter the space."""
    now = world.now()
    inputs = world.service.inputs(agent.ins, now)
    actor = signatory(world, agent)
    world.issue(Activate(now, actor, agent.ins, inputs, agent.code, terms_version=world.terms()))
    agent.code = None
    if agent.standing is Standing.NOTIFIED:
        world.note(agent, COUNT["activated_before_opening"])
        _plan_closing(world, agent)
    agent.standing = Standing.ACTIVE
    world.note_dated(agent, "activated")


def close(world: World, agent: Agent, route: str = "phone") -> None:
    """Close an open space: on the web once activated, through the support desk before."""
    now, actor = world.now(), signatory(world, agent)
    if agent.standing is Standing.ACTIVE:
        world.issue(CloseSpace(now, actor, agent.ins, Route.WEB, password_reentered=True))
    else:
        through = Route.PHONE if route == "web" else Route(route)
        world.issue(CloseThroughSupport(now, actor, agent.ins, through))
    agent.standing = Standing.CLOSED
    world.note_dated(agent, "closed")


def _plan_closing(world: World, agent: Agent) -> None:
    """Let the holder of a space just opened close it one day, if the run lasts that long."""
    share = world.law.opening.closing
    if share:
        day = world.day + 1 + (world.chance(Slot.CLOSING, agent.number) >> 32) // share
        if day < world.law.days:
            world.env.process(close_later(world, agent, day))


def close_later(world: World, agent: Agent, day: int) -> Generator[simpy.Event, object, None]:
    """Change one's mind about an open space, on a later day."""
    yield world.until(day, LATE_DECISIONS)
    if agent.standing in (Standing.UNSEEN, Standing.ACTIVE) and world.can_act(agent.number):
        close(world, agent)


def ask_for_record(world: World, agent: Agent) -> None:
    """Open a record of the voluntary scheme, at a pharmacy, on line, at a desk or at a doctor's."""
    drawn = FIELDS["opt_in_channel"].of(world.chance(Slot.OPT_IN, agent.number))
    route = Route.WEB if drawn < world.law.opening.opt_in_online else Route.COUNTER
    actor = signatory(world, agent) if route is Route.WEB else DESK
    world.issue(CreateLegacyRecord(world.now(), actor, agent.ins, 0, route))
    world.note(agent, COUNT["legacy_created"])
