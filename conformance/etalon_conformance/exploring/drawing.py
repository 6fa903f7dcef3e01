"""What comes next in a sequence: what the model makes possible, and what was little met first."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from etalon_conformance.exploring.beside_documents import ACTS_BESIDE
from etalon_conformance.exploring.calls import NEW, Call, Kind, kinds
from etalon_conformance.exploring.coming import is_there, may_come
from etalon_conformance.exploring.company import Opening
from etalon_conformance.exploring.deadlines import FAR, edges
from etalon_conformance.exploring.sequence import WAIT, Met, Playing
from etalon_model.records.record import Document, Status, documents_of, record_or_none
from etalon_model.rights.rights import standing_of
from etalon_model.states import State
from etalon_target.targets import Target
from etalon_wire.interactions import interactions

Situation = tuple[str, ...]
"""What makes two calls alike: act, part, marks of the document, standing of who asks, state."""

LENGTH: Final = 20
_COMPARED: Final = 6
"""How many calls are drawn, of which that is made which was tried the least."""
_WITH_FRIEND: Final = 0.4
_MINOR: Final = 0.2
_AGES: Final = (0, 0, 15, 17)
"""Ages of minors, in years; 0 is that of most sequences."""
_LEFT_OUT: Final = 0.4
"""How often a sequence does without an act (swarm testing: Groce and others, 2012)."""
_IN_FOCUS: Final = 0.6
"""How often somebody acts, or is acted upon, of the two on whom a wide sequence is centred."""
_TAKING_BACK: Final = 0.2
"""How often what was just done is taken back, or done again, in wide sequences."""
_FAR: Final = 0.1
"""How often a deadline that is years away is waited for, where it may be."""
_LOOKING: Final = 0.4
"""How often somebody looks at the record right after something was changed in it."""
_LOOKS: Final = frozenset({"search", "read", "open", "codes", "ask", "notices"})
_CHANGING_NOTHING: Final = _LOOKS | {"wait"}
_ALWAYS: Final = frozenset({"deposit", "search", "read", "wait"})
"""Acts that no sequence does without."""
_BACK: Final[Mapping[str, tuple[str, ...]]] = {
    "mask": ("unmask",),
    "unmask": ("mask",),
    "hide": ("announce",),
    "announce": ("hide",),
    "join": ("leave",),
    "leave": ("join",),
    "block": ("unblock", "administer", "consent"),
    "unblock": ("block", "administer", "join", "consent"),
    "refuse": ("consent", "join"),
    "consent": ("refuse", "leave"),
    "permit_samu": ("deny_samu",),
    "deny_samu": ("permit_samu",),
    "permit_glass": ("deny_glass",),
    "deny_glass": ("permit_glass",),
    "close": ("reopen", "erase", "close"),
    "suspend": ("resist", "reinstate"),
    "draft": ("drop_draft", "send_draft"),
    "pair": ("part",),
    "part": ("pair",),
    "oppose": ("activate", "oppose"),
    "activate": ("activate",),
    "new_code": ("new_code", "activate"),
}
"""What takes an act back, or may come after it though it came."""
_WIDE: Final = 0.25
"""Share of the sequences that do more than with documents and who may read them."""
_STATES: Final = (
    *(State.OPEN_ACTIVE,) * 18,
    State.OPEN_INACTIVE,
    *(State.NOTIFIED,) * 2,
    State.CLOSED_ARCHIVED,
    *(State.SUSPENDED,) * 2,
)
"""Where sequences start, each as often as it is drawn."""


def _stands(document: Document) -> bool:
    return document.status is Status.CURRENT


_CHANGES: Final[Mapping[str, Callable[[Document], bool]]] = {
    "mask": lambda one: _stands(one) and not one.confidentiality.masked,
    "unmask": lambda one: _stands(one) and one.confidentiality.masked,
    "hide": lambda one: _stands(one) and not one.confidentiality.hidden,
    "announce": lambda one: _stands(one) and one.confidentiality.hidden,
    "delete": _stands,
}
"""Acts that would change nothing of other documents, and what they are drawn about."""


_CARING: Final = ("author", "reader", "nurse", "stranger")
_OUTSIDE: Final = frozenset({"neighbour", "pretender", "child"})
"""Who decides nothing of the space; only wide sequences ask in their name."""


def offers(target: Target, operation: str) -> bool:
    """Whether a target has a way to be asked for what an act needs; empty for all of them."""
    if not operation or target.operations.can(operation):
        return True
    return operation in interactions() and target.speaks_own_wire


class Drawing:
    """Draws sequences, and remembers what was met.

    Attributes:
        met: How often each situation was met, with what the model said.
    """

    def __init__(self, random: Random, *, moves_clock: bool = True) -> None:
        """Have met nothing.

        Args:
            random: Chance.
            moves_clock: Time may pass in a sequence; it does not where two clocks are watched.
        """
        self._moves_clock = moves_clock
        self.met: Counter[Situation] = Counter()
        self._random = random
        self._tried: Counter[Situation] = Counter()
        self._target: Target | None = None
        self._offered: tuple[Kind, ...] = ()
        self._focus: frozenset[str] = frozenset()
        self._without: frozenset[str] = frozenset()
        self._is_wide = False

    def opening(self) -> Opening:
        """Return where the next sequence starts."""
        random = self._random
        is_wide = self._is_wide = random.random() < _WIDE
        state = random.choice(_STATES) if is_wide else State.OPEN_ACTIVE
        has_friend = random.random() < _WITH_FRIEND
        is_minor = random.random() < _MINOR
        self._focus = frozenset(random.sample(_CARING, 2) if is_wide else ())
        left_out = _LEFT_OUT if is_wide else 0.0
        self._without = frozenset(
            name for name in kinds() if name not in _ALWAYS and random.random() < left_out
        )
        return Opening(state, has_friend, is_minor, is_wide, random.choice(_AGES) * is_minor)

    def next_call(self, playing: Playing) -> Call:
        """Return the next call of a sequence."""
        back = self._taken_back(playing)
        if back is not None:
            return back
        possible = self._possible(playing)
        if _has_changed(playing) and self._random.random() < _LOOKING:
            possible = [one for one in possible if one.act in _LOOKS]
        weights = [one.weight for one in possible]
        compared = self._random.choices(possible, weights, k=_COMPARED)
        drawn = [self._call(kind, playing) for kind in compared]
        orders = [_orders(one, playing) for one in drawn]
        least = min(orders, key=lambda those: min(self._tried[one] for one in those))
        self._tried.update(least)
        return drawn[orders.index(least)]

    def _taken_back(self, playing: Playing) -> Call | None:
        """Return what takes the last act back, or does it again; most often None."""
        random = self._random
        if not (self._is_wide and _has_changed(playing)) or random.random() >= _TAKING_BACK:
            return None
        last = playing.met[-1].call
        name = random.choice((*_BACK.get(last.act, ()), last.act))
        kind = kinds()[name]
        if kind.document == NEW or kind not in self._possible(playing, everything=True):
            return None
        about = last.about if last.about in _about(kind, playing) else None
        if name in {"join", "leave"} and last.about:
            call = Call(name, last.about)
        elif about is None:
            call = self._call(kind, playing)
        else:
            same = last.who in kind.who and random.random() < _IN_FOCUS
            part = last.who if same else self._part(kind, playing)
            call = Call(name, part, about, last.document if kind.document else 0)
        return call if is_possible(call, playing) else None

    def note(self, where: Situation, met: Met) -> None:
        """Note what a call came to."""
        said = met.wanted[0]
        self.met[*where, said.rule if not said.accepted else ""] += 1

    def _possible(self, playing: Playing, *, everything: bool = False) -> list[Kind]:
        """Return what may be drawn now, and what the target has a way to be asked.

        Args:
            playing: The sequence.
            everything: What the sequence does without is in it too.
        """
        target, is_wide = playing.company.stage.bench.target, playing.company.is_wide
        if target is not self._target:
            # What a target offers takes longer to find out than a call to draw, and stays.
            self._target = target
            self._offered = tuple(one for one in kinds().values() if _is_offered(target, one))
        return [
            one
            for one in self._offered
            if (everything or one.act not in self._without)
            and (is_wide or one.act not in ACTS_BESIDE)
            and ((is_wide and self._moves_clock) or one.act != WAIT)
            and may_come(one.act, playing)
        ]

    def _call(self, kind: Kind, playing: Playing) -> Call:
        """Return a call of a kind; `search` of the holder where it has nobody or no document."""
        random, company = self._random, playing.company
        part = self._part(kind, playing)
        number = len(company.prepared) + 1 if kind.document == NEW else 0
        if kind.document and not number:
            documents = _documents(playing, kind.act)
            number = random.choice(documents) if documents else 0
        about = _about(kind, playing)
        if not part or not about or (kind.document and not number):
            return Call("search", "holder")
        if kind.act == WAIT and not self._waits_long(about):
            about = tuple(one for one in about if one.partition(" ")[0] not in FAR) or about
        return Call(kind.act, part, self._chosen(about), number)

    def _part(self, kind: Kind, playing: Playing) -> str:
        """Return who does something of a kind, or nobody."""
        whos = playing.company.stage.whos
        parts = [
            one
            for one in kind.who
            if one in whos and is_there(one, playing) and (self._is_wide or one not in _OUTSIDE)
        ]
        return self._chosen(parts) if parts else ""

    def _chosen(self, parts: Sequence[str]) -> str:
        """Choose among parts; those on whom the sequence is centred come before their like."""
        chosen = self._random.choice(parts)
        near = [one for one in parts if one in self._focus]
        if chosen in _CARING and near and self._random.random() < _IN_FOCUS:
            return self._random.choice(near)
        return chosen

    def _waits_long(self, edges: Sequence[str]) -> bool:
        return bool(edges) and self._random.random() < _FAR


def _is_offered(target: Target, kind: Kind) -> bool:
    """Whether a target can be asked for an act; a clock that follows the real time stands."""
    return offers(target, kind.operation) and (kind.act != WAIT or target.clock.can_move)


def _about(kind: Kind, playing: Playing) -> tuple[str, ...]:
    """Return whom an act may be about: only who is blocked is unblocked, what is due waited for."""
    stage = playing.company.stage
    if kind.act == WAIT:
        due = edges(playing.first, stage.ins, stage.now)
        return tuple(one for one in kind.about if one in due)
    if kind.act != "unblock":
        return kind.about
    person = playing.first.person(stage.ins)
    known = {part: standing_of(person, stage.actors[part].ident) for part in kind.about}
    return tuple(part for part, one in known.items() if one is not None and one.blocked)


def situation(call: Call, playing: Playing) -> Situation:
    """Return what makes a call like others."""
    stage, service = playing.company.stage, playing.first
    person = service.person(stage.ins)
    actor = stage.actors[call.who]
    about = stage.actors.get(call.about)
    asked = _standing(playing, actor.ident) if call.who != "holder" else ""
    other = _standing(playing, about.ident) if about is not None else call.about
    kept = playing.company.shelf.get(call.document)
    document = None if kept is None else documents_of(person).get(kept.one.unique_id)
    marks = "" if document is None else _marks(document, actor.ident)
    age = "minor" if stage.parent is not None else ""
    return (call.act, call.who, asked, other, marks, person.state.value, age)


def _orders(call: Call, playing: Playing) -> list[Situation]:
    """Return what makes a call like others after each act that was done before it.

    A search is about all that there is: the codes of all documents are in it.
    """
    person = playing.first.person(playing.company.stage.ins)
    held = documents_of(person).values() if not call.document else ()
    codes = {code for one in held if _stands(one) for code in one.confidentiality.codes}
    done = {one.call.act for one in playing.met if _is_change(one)}
    where = (*situation(call, playing), " ".join(sorted(codes)))
    return [(act, *where) for act in sorted(done | {""})]


def _marks(document: Document, ident: str) -> str:
    own = "own " if document.depositor.ident == ident else ""
    return f"{own}{' '.join(document.confidentiality.codes)} {document.status.value}"


def _standing(playing: Playing, ident: str) -> str:
    """Return how somebody stands, and whether they deposited: that lets nobody do more."""
    person = playing.first.person(playing.company.stage.ins)
    known, record = standing_of(person, ident), record_or_none(person)
    flags = {
        "team": known is not None and known.in_team,
        "blocked": known is not None and known.blocked,
        "must_consent": known is not None and known.must_consent,
        "objected": record is not None and ident in (record.objections or {}),
        "deposited": any(one.depositor.ident == ident for one in documents_of(person).values()),
    }
    named = [name for name, holds in flags.items() if holds]
    return " ".join(named if known is not None else ["unknown", *named]) or "known"


def _has_changed(playing: Playing) -> bool:
    """Whether the last call was done, and was no look."""
    return any(_is_change(one) for one in playing.met[-1:])


def _is_change(met: Met) -> bool:
    return met.wanted[0].accepted and met.call.act not in _CHANGING_NOTHING


def is_possible(call: Call, playing: Playing) -> bool:
    """Whether a call may be drawn now; a part of a sequence that holds another shows nothing."""
    if not is_there(call.who, playing) or not may_come(call.act, playing):
        return False
    if call.act in {WAIT, "unblock"} and call.about not in _about(kinds()[call.act], playing):
        return False
    needs = kinds()[call.act].document
    return needs in {"", NEW} or call.document in _documents(playing, call.act)


def _documents(playing: Playing, act: str) -> list[int]:
    """Return the numbers of the documents that an act would change, or that it may be about."""
    held = documents_of(playing.first.person(playing.company.stage.ins))
    suits = _CHANGES.get(act, _any)
    return [
        number
        for number, kept in playing.company.shelf.items()
        if kept.place and (one := held.get(kept.one.unique_id)) is not None and suits(one)
    ]


def _any(_: Document) -> bool:
    return True
