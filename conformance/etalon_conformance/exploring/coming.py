"""When an act may come in a sequence, and who is there for it, by what was done before."""

from collections.abc import Callable, Mapping
from typing import Final

from etalon_conformance.exploring.sequence import NOTICES, WAIT, Playing
from etalon_model.representation import is_minor
from etalon_model.states import State

_LATEST_YEAR: Final = 2400
"""Clocks are moved no further: a date has an end."""
_CHOSEN_BEFORE: Final[Mapping[str, tuple[str, ...]]] = {
    "friend": ("share",),
    "regulator": ("permit_samu", "deny_samu"),
    "rescuer": ("permit_glass", "deny_glass"),
}
"""Who acts only after one of these was done."""


def may_come(act: str, playing: Playing) -> bool:
    """Whether an act may come now: some come once, and where somebody is there for them."""
    may = _MAY_COME.get(act)
    return may is None or may(playing)


def is_there(part: str, playing: Playing) -> bool:
    """Whether somebody may act: in an emergency only once the holder chose (gap G7)."""
    chosen = _CHOSEN_BEFORE.get(part)
    return chosen is None or _was_done(playing, *chosen)


def _was_done(playing: Playing, *acts: str) -> bool:
    return any(one.call.act in acts and one.wanted[0].accepted for one in playing.met)


def _state(playing: Playing) -> State:
    return playing.first.state(playing.company.stage.ins)


def _share(playing: Playing) -> bool:
    # A sandbox makes the relation for whoever decides: a parent does until the child is of age.
    stage = playing.company.stage
    decides = stage.parent is None or is_minor(playing.first.person(stage.ins), stage.now)
    return decides and stage.friend is not None and not _was_done(playing, "share")


def _reopen(playing: Playing) -> bool:
    # A second code within half a minute is refused, and how long a target takes is not known.
    is_closed = _state(playing) in {State.CLOSED_ARCHIVED, State.PURGED}
    return is_closed and _may_ask_for_a_code(playing)


def _may_ask_for_a_code(playing: Playing) -> bool:
    """Whether time passed since the last code: that of the notice is young too."""
    for one in reversed(playing.met):
        if one.call.act == WAIT:
            return True
        if one.call.act in {"reopen", "new_code"} and one.wanted[0].accepted:
            return False
    return _state(playing) is not State.NOTIFIED


def _has_solution(playing: Playing) -> bool:
    return bool(playing.company.stage.solution)


def _has_code(playing: Playing) -> bool:
    """Whether a code was told of which the age is known: that of a notice, or a new one."""
    is_young = _state(playing) in {State.NOTIFIED, State.OPPOSED}
    return bool(playing.company.code) and (is_young or _was_done(playing, "new_code"))


def _has_conversation(playing: Playing) -> bool:
    return bool(playing.company.conversations)


def _has_draft(playing: Playing) -> bool:
    return bool(playing.company.drafts)


_MAY_COME: Final[Mapping[str, Callable[[Playing], bool]]] = {
    WAIT: lambda playing: playing.company.stage.now.year < _LATEST_YEAR,
    NOTICES: lambda playing: playing.company.stage.parent is None,
    "share": _share,
    "reopen": _reopen,
    "new_code": _may_ask_for_a_code,
    "activate": _has_code,
    "oppose": _has_code,
    "attend": lambda playing: _state(playing) is State.OPEN_ACTIVE,
    "pair": _has_solution,
    "services": _has_solution,
    "part": lambda playing: _has_solution(playing) and _was_done(playing, "pair"),
    **dict.fromkeys(("answer", "thread", "drop"), _has_conversation),
    **dict.fromkeys(("send_draft", "drop_draft"), _has_draft),
}
"""Acts that may not always come, and when they may."""
