"""A walk that goes where it has not been: rare states first, and commands little tried in them.

It goes by scenes: for some dozens of commands they are about one person more often than others, two
carers come before the rest, and only some kinds of command are drawn (swarm testing: Groce and
others, ISSTA 2012), so that what has to come together does. Now and then what was done is done
again, one thing is otherwise, or time passes to one side of a deadline.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Final, cast

from etalon_conformance.exploring.chance_arrays import mixed_in_arrays
from etalon_conformance.exploring.due_instants import next_instant, periods_of
from etalon_conformance.exploring.reached import DONE, Reached
from etalon_conformance.exploring.rules_met import rules_noted
from etalon_conformance.exploring.varying import varying
from etalon_model.actors import Actor, representative
from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.messaging.conversations import Mailbox, ReplyKind
from etalon_model.messaging.writing import WriteMessage
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.parameters import Parameters
from etalon_model.states import State
from etalon_model.walks.acts import CARERS, Act, acts_by_state
from etalon_model.walks.values import Draw
from etalon_model.walks.walk import ADDRESSES, Walk

_SEEKING: Final = 300
_APT: Final = 650
"""Out of a thousand commands, those drawn among all of the scene, little tried in a state first;
those drawn among the ones that are apt in a state, each as often, come next."""
_COMPARED: Final = 5
"""How many commands are drawn then, the least tried of which is taken."""
_RARE: Final = 200
_CENTRED: Final = 680
"""Out of a thousand commands, those about whoever stands where few stood; those about whom the
scene is centred on come next."""
_COMMANDS_A_HOUSEHOLD: Final = 500
"""Then others move in: most of those who were there are in states that nobody leaves."""
_LOOKED_AT: Final = 2
"""How often a command is watched in a state to see which rules it calls upon."""
_COMMANDS_A_SCENE: Final = 50
_PARTS_OF_A_SCENE: Final = 7
_KINDS_OF_A_SCENE: Final = 25
"""From how many parts of the model a scene takes every command, those belonging together; how many
it takes from anywhere; those that look are always in it."""
_WIDE_SCENES: Final = 0.25
"""Share of the scenes that leave no command out."""
_NEAR: Final = 0.6
"""How often somebody acts, or is acted upon, on whom the scene is centred."""
_IN_ALL: Final = 1_000
_AGAIN: Final = 50
_TO_A_DEADLINE: Final = _AGAIN + 30
_FOLLOWING: Final = _TO_A_DEADLINE + 50
_OTHERWISE: Final = _FOLLOWING + 60
_BY_ANOTHER: Final = _OTHERWISE + 30
"""Out of a thousand commands, those that were done before and come again; that come on one side of
a deadline; that are about the professional whom the last such one was about; of which one field, or
who gives it, is otherwise. One number decides: drawing costs."""
_VARIED_AGAIN: Final = 0.1
_REMEMBERED: Final = 40
_SHORT: Final = timedelta(days=400)
_FAR: Final = 0.2
"""How often what is due only years from now is waited for."""
_REPLACED: Final = cast("Callable[..., Command]", replace)
_CARING: Final = {one.ident: one for one in CARERS}
_LOOKS: Final = frozenset(
    name for name in command_types() if name.startswith(("Read", "Search", "List", "Find", "Ask"))
)


class GuidedWalk(Walk):
    """Households that live in one service, and rather do what was little done before.

    Attributes:
        reached: What was reached.
        given: The commands that the model accepted since they were last taken.
    """

    def __init__(self, parameters: Parameters, *, seed: int) -> None:
        """Start with a directory and nobody."""
        self.given: list[Command] = []
        self.reached = Reached()
        kinds = command_types().values()
        self._tried = {state: dict.fromkeys(kinds, 0) for state in State}
        self._stood = dict.fromkeys(State, 0)
        self._lived = 0
        self._acts = _every_act()
        self._kinds = frozenset(one.kind for one in self._acts)
        self._parts = tuple(sorted({one.__module__ for one in self._kinds}))
        self._looks = tuple(one for one in self._acts if one.kind.__name__ in _LOOKS)
        self._scene = self._acts
        self._apt_in: dict[State, tuple[Act, ...]] = {}
        self._scene_lasts = 0
        self._lot = 0
        self._about: str | None = None
        self._about_carers = tuple(one for one in self._acts if _is_about_a_carer(one.kind))
        self._centre = ""
        self._caring: tuple[Actor, ...] = CARERS
        self._done: list[Command] = []
        self._periods = periods_of(parameters)
        super().__init__(parameters, seed=seed, journal=self.given.append, mix=mixed_in_arrays)
        self._varying = varying(self._chance, parameters)
        self._register = self.service.snapshot(copied=False).register

    def next_command(self) -> Command:
        """Return the next command, not applied; whoever stands where few stood comes first."""
        if self._lived >= _COMMANDS_A_HOUSEHOLD:
            self._left = self._lived = 0
        self._lived += 1
        chance, household = self._chance, self.household
        self._lot = lot = chance.below(_IN_ALL)
        if self._left and self._scene_lasts:
            self._scene_lasts -= 1
        elif household:
            self._next_scene()
        if lot < _FOLLOWING and self._left and (command := self._after_others(lot)) is not None:
            return command
        if household:
            share = chance.below(_IN_ALL)
            if share < _RARE:
                stood = [self._stood[one.state] for one in self._members]
                self._ins = household[stood.index(min(stood))]
            elif share < _CENTRED:
                self._ins = self._centre
        command = super().next_command()
        if lot >= _BY_ANOTHER or lot < _FOLLOWING:
            return command
        if lot < _OTHERWISE:
            return self._varying.otherwise(command)
        return replace(command, actor=chance.pick(self._everybody))

    def _after_others(self, lot: int) -> Command | None:
        """Return a command that comes of those before it, where the lot falls on one."""
        if lot < _AGAIN:
            return self._again() if self._done else None
        if lot < _TO_A_DEADLINE or self._about is None:
            return None
        return self._follow(self._about)

    def _next_scene(self) -> None:
        """Choose on whom the commands that follow are centred, and of which kinds they are."""
        chance = self._chance
        self._scene_lasts = _COMMANDS_A_SCENE
        if not self._left:
            self._done.clear()
        self._centre = chance.pick(self.household)
        self._caring = tuple(chance.picks(CARERS, 2))
        if chance.happens(_WIDE_SCENES):
            self._scene = self._acts
        else:
            parts = set(chance.picks(self._parts, _PARTS_OF_A_SCENE))
            of_parts = (one for one in self._acts if one.kind.__module__ in parts)
            self._scene = (*self._looks, *of_parts, *chance.picks(self._acts, _KINDS_OF_A_SCENE))
        self._kinds = frozenset(one.kind for one in self._scene)
        self._apt_in.clear()

    def _again(self) -> Command:
        """Return a command that was accepted before, now; by another or otherwise now and then."""
        chance = self._chance
        command = chance.pick(self._done)
        self._pass_time(self._everything[0])
        command = replace(command, at=self.now)
        if chance.happens(_VARIED_AGAIN):
            return replace(command, actor=chance.pick(self._everybody))
        return self._varying.otherwise(command) if chance.happens(_VARIED_AGAIN) else command

    def _follow(self, about: str) -> Command:
        """Return another command about a professional on whom one was just carried out."""
        act = self._chance.pick(self._about_carers)
        self._left -= 1
        self._pass_time(act)
        actor = self._actor(act.actor)
        self._contents.actor = actor
        changes: dict[str, object] = {"professional": about}
        return _REPLACED(self._made(act.kind, actor), **changes)

    def carried_out(self, command: Command) -> Outcome:
        """Have the model carry a command of this walk out, and note what it reached."""
        state = self.service.state(command.ins)
        self._stood[state] += 1
        tried, kind = self._tried[state], type(command)
        tried[kind] += 1
        if tried[kind] > _LOOKED_AT:
            outcome = self.service.apply(command)
        else:
            with rules_noted(self.reached.rules):
                outcome = self.service.apply(command)
        if self.reached.note(command, state, outcome) or type(outcome) is Accepted:
            self._remember(command)
        return outcome

    def _remember(self, command: Command) -> None:
        """Keep a command to be given again; on whom it was done comes first from now on."""
        about = _CARING.get(cast("str", getattr(command, "professional", "")))
        if about is not None:
            self._caring, self._about = (about, self._caring[0]), about.ident
        if len(self._done) < _REMEMBERED:
            self._done.append(command)
        else:
            self._done[self._lived % _REMEMBERED] = command

    def brought(self) -> tuple[Command, ...]:
        """Return what the model accepted since, most of it to bring people in; each once."""
        if not self.given:
            return ()
        given = tuple(self.given)
        self.given.clear()
        for one in given:
            # Where somebody stood before is past; what counts is that it was accepted.
            self.reached.situations[type(one).__name__, State.NOT_ELIGIBLE.value, DONE] += 1
        return given

    def _drawn(self, state: State) -> Act:
        chance = self._chance
        lot = chance.below(_IN_ALL)
        if lot >= _APT:
            act = super()._drawn(state)
            return act if act.kind in self._kinds else super()._drawn(state)
        if lot >= _SEEKING and (apt := self._apt(state)):
            return chance.pick(apt)
        acts, tried = chance.picks(self._scene, _COMPARED), self._tried[state]
        times = [tried[one.kind] for one in acts]
        return acts[times.index(min(times))]

    def _apt(self, state: State) -> tuple[Act, ...]:
        """Return the acts of the scene that are apt in a state, each once."""
        apt = self._apt_in.get(state)
        if apt is None:
            acts, _ = self._table[state]
            apt = self._apt_in[state] = tuple(one for one in acts if one.kind in self._kinds)
        return apt

    def _pass_time(self, act: Act) -> None:
        """Wait a little, as long as the act needs, or to one side of a deadline."""
        super()._pass_time(act)
        if not _AGAIN <= self._lot < _TO_A_DEADLINE:
            return
        person = self.service.person(self._ins)
        at = next_instant(self._register, person, self._periods, self._chance)
        wait = at - self.now
        if timedelta() < wait <= self._spare and (wait < _SHORT or self._chance.happens(_FAR)):
            self._spare -= wait
            self.now = self._values.now = self.now + wait

    def _carer(self) -> Actor:
        chance = self._chance
        return chance.pick(self._caring) if chance.happens(_NEAR) else super()._carer()

    def _people_about(self) -> tuple[Actor, ...]:
        """Return whoever may act though it is not apt; each as a representative too."""
        return (*super()._people_about(), *(representative(ins) for ins in self.household))

    def _pools(self) -> dict[str, Draw]:
        chance = self._chance

        def professional() -> str:
            near = chance.happens(_NEAR)
            return chance.pick(self._caring if near else CARERS).ident

        return {
            **super()._pools(),
            "professional": professional,
            "depositor": professional,
            "SaveDraft.to": lambda: chance.pick(ADDRESSES),
        }

    def _message(self, actor: Actor) -> Command:
        """Return an answer to a conversation most often, else a message to a professional."""
        chance = self._chance
        held = self._person().holdings
        mailbox = Mailbox() if held is None or held.mailbox is None else held.mailbox
        drafts = (0, 0, *mailbox.drafts)
        if mailbox.threads and chance.happens(_NEAR):
            thread = chance.pick(tuple(mailbox.threads.values()))
            kind, number, to = thread.reply_kind, thread.number, ""
        else:
            kind, number, to = (
                ReplyKind.NEW_MESSAGE,
                0,
                chance.pick((*mailbox.contacts, ADDRESSES[0])),
            )
        made = WriteMessage(self.now, actor, self._ins, "note", kind, number, to, "a")
        return replace(made, draft=chance.pick(drafts))

    def _specials(self) -> dict[str, Callable[[Actor], Command]]:
        return {**super()._specials(), "WriteMessage": self._message}


def _is_about_a_carer(kind: type[Command]) -> bool:
    return any(one.name == "professional" for one in fields(kind))


def _every_act() -> tuple[Act, ...]:
    """Return each command as whoever may issues it, wherever that is."""
    known = {one.kind: one for acts, _ in acts_by_state().values() for one in acts}
    return tuple(known.values())
