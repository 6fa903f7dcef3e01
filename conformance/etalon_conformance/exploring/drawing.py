"""What comes next in a sequence: what the model makes possible, and what was little met first."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Final

from etalon_conformance.exploring.beside_documents import ACTS_BESIDE
from etalon_conformance.exploring.calls import NEW, Call, Kind, kinds
from etalon_conformance.exploring.company import Opening
from etalon_conformance.exploring.sequence import Met, Playing
from etalon_model.records.record import Document, Status, documents_of, record_or_none
from etalon_model.rights.rights import standing_of
from etalon_model.states import State
from etalon_target.targets import Target
from etalon_wire.interactions import interactions

Situation = tuple[str, ...]
"""What makes two calls alike: act, part, marks of the document, standing of who asks, state."""

LENGTH: Final = 20
_COMPARED: Final = 3
_WITH_FRIEND: Final = 0.25
_MINOR: Final = 0.15
_LOOKING: Final = 0.4
"""How often somebody looks at the record right after something was changed in it."""
_LOOKS: Final = frozenset({"search", "read", "open"})
_WIDE: Final = 0.4
"""Share of the sequences that do more than with documents: what goes wrong there takes longer."""
_STATES: Final = (
    *(State.OPEN_ACTIVE,) * 12,
    State.OPEN_INACTIVE,
    State.NOTIFIED,
    State.CLOSED_ARCHIVED,
    State.SUSPENDED,
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


_OF_SERVICES: Final = frozenset({"pair", "part", "services"})
_OF_CONVERSATIONS: Final = frozenset({"answer", "thread", "drop"})
_OF_DRAFTS: Final = frozenset({"send_draft", "drop_draft"})
_CHOSEN_BEFORE: Final[Mapping[str, tuple[str, ...]]] = {
    "friend": ("share",),
    "regulator": ("permit_samu", "deny_samu"),
    "rescuer": ("permit_glass", "deny_glass"),
}
"""Who acts only after one of these was done."""


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

    def __init__(self, random: Random) -> None:
        """Have met nothing."""
        self.met: Counter[Situation] = Counter()
        self._random = random
        self._tried: Counter[Situation] = Counter()
        self._target: Target | None = None
        self._offered: tuple[Kind, ...] = ()

    def opening(self) -> Opening:
        """Return where the next sequence starts."""
        state = self._random.choice(_STATES)
        has_friend = state is State.OPEN_ACTIVE and self._random.random() < _WITH_FRIEND
        is_minor = not has_friend and self._random.random() < _MINOR
        is_wide = self._random.random() < _WIDE
        return Opening(state, has_friend, is_minor, is_wide)

    def next_call(self, playing: Playing) -> Call:
        """Return the next call of a sequence."""
        drawn: list[Call] = []
        possible = self._possible(playing)
        if _has_changed(playing) and self._random.random() < _LOOKING:
            possible = [one for one in possible if one.act in _LOOKS]
        weights = [one.weight for one in possible]
        for kind in self._random.choices(possible, weights, k=_COMPARED):
            drawn += self._call(kind, playing)
        call = min(drawn, key=lambda one: self._tried[situation(one, playing)])
        self._tried[situation(call, playing)] += 1
        return call

    def note(self, where: Situation, met: Met) -> None:
        """Note what a call came to."""
        said = met.wanted[0]
        self.met[*where, said.rule if not said.accepted else ""] += 1

    def _possible(self, playing: Playing) -> list[Kind]:
        """Return what may be drawn now, and what the target has a way to be asked."""
        target, is_wide = playing.company.stage.bench.target, playing.company.is_wide
        if target is not self._target:
            # What a target offers takes longer to find out than a call to draw, and stays.
            self._target = target
            self._offered = tuple(one for one in kinds().values() if offers(target, one.operation))
        return [
            one
            for one in self._offered
            if (is_wide or one.act not in ACTS_BESIDE) and _may_come(one.act, playing)
        ]

    def _call(self, kind: Kind, playing: Playing) -> Iterator[Call]:
        """Yield a call of a kind; `search` of the holder where it has nobody or no document."""
        random, company = self._random, playing.company
        parts = [one for one in kind.who if one in company.stage.whos and _is_there(one, playing)]
        if kind.document == NEW:
            number = len(company.prepared) + 1
        elif kind.document:
            documents = _documents(playing, kind.act)
            number = random.choice(documents) if documents else 0
            if not documents:
                parts = []
        else:
            number = 0
        about = _about(kind, playing)
        if not parts or not about:
            yield Call("search", "holder")
            return
        yield Call(kind.act, random.choice(parts), random.choice(about), number)


def _about(kind: Kind, playing: Playing) -> tuple[str, ...]:
    """Return whom an act may be about: only who is blocked is unblocked."""
    if kind.act != "unblock":
        return kind.about
    stage = playing.company.stage
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
    return (call.act, call.who, asked, other, marks, person.state.value)


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
    """Whether the last call was done, and was no look at the record."""
    last = playing.met[-1:]
    return bool(last) and last[0].wanted[0].accepted and last[0].call.act not in _LOOKS


def _may_come(act: str, playing: Playing) -> bool:
    """Whether an act may come now: some come once, and where somebody is there for them."""
    stage = playing.company.stage
    if act == "share":
        return stage.friend is not None and not _was_done(playing, "share")
    if act == "reopen":
        # A second code within half a minute is refused, and how long a target takes is not known.
        closed = playing.first.state(stage.ins) is State.CLOSED_ARCHIVED
        return closed and not _was_done(playing, "reopen")
    if act in _OF_CONVERSATIONS:
        return bool(playing.company.conversations)
    if act in _OF_DRAFTS:
        return bool(playing.company.drafts)
    if act == "part" and not _was_done(playing, "pair"):
        return False
    return bool(stage.solution) or act not in _OF_SERVICES


def _is_there(part: str, playing: Playing) -> bool:
    """Whether somebody may act: in an emergency only once the holder chose (gap G7)."""
    chosen = _CHOSEN_BEFORE.get(part)
    return chosen is None or _was_done(playing, *chosen)


def _was_done(playing: Playing, *acts: str) -> bool:
    return any(one.call.act in acts and one.wanted[0].accepted for one in playing.met)


def is_possible(call: Call, playing: Playing) -> bool:
    """Whether a call may be drawn now; a part of a sequence that holds another shows nothing."""
    if not _is_there(call.who, playing) or not _may_come(call.act, playing):
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
