"""Draws answers that no order explains, as a text for an engineer."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from etalon_conformance.histories.history import Answer
from etalon_conformance.histories.history_lines import CommandOperation
from etalon_conformance.histories.shrinking import Violation
from etalon_model.command import Command
from etalon_model.records.deposit import DepositDocument
from etalon_model.value_codec import Json
from etalon_text.language import Language
from etalon_text.strings import text

_COLUMN: Final = 3
_SHOWN: Final = 240


def diagram(violation: Violation[Command, Answer], language: Language) -> str:
    """Return the drawing of a violation: bars over time, answers, and what was right.

    Of a command it has the name, and what the access log says of it; of instants, the order.
    """
    kept = violation.kept
    numbers = {id(one): rank for rank, one in enumerate(kept, 1)}
    lines = [text("histories.title", language), "", *_bars(kept), ""]
    for one in kept:
        told = _answer(one.observed, language)
        asked = text("histories.line", language, client=one.client, asked=_asked(one.asked))
        lines.append(f"{numbers[id(one)]}  {asked} → {told}")
    lines += ["", *_stuck(violation, numbers, language), *_others(violation, language), ""]
    lines.append(text("histories.reading", language))
    return "\n".join(lines) + "\n"


def _bars(kept: Sequence[CommandOperation]) -> list[str]:
    """Return a bar for each operation; instants stand in their order, at equal distances."""
    instants = sorted({at for one in kept for at in (one.invoked, one.returned) if at is not None})
    place = {at: _COLUMN * rank for rank, at in enumerate(instants)}
    names = max(len(one.client) for one in kept)
    lines: list[str] = []
    for rank, one in enumerate(kept, 1):
        start = place[one.invoked]
        end = start if one.returned is None else place[one.returned]
        bar = "│" if start == end else f"├{'─' * (end - start - 1)}┤"
        lines.append(f"{rank}  {one.client:{names}}  {' ' * start}{bar}")
    return lines


def _stuck(
    violation: Violation[Command, Answer], numbers: Mapping[int, int], language: Language
) -> list[str]:
    """Return where no order goes on, with what would have been right there."""
    stuck = violation.stuck
    number, observed = numbers[id(stuck.operation)], stuck.operation.observed
    order = ", ".join(_named(one, numbers, language) for one in stuck.order)
    before = text("histories.order_of_none", language, number=number)
    if order:
        before = text("histories.order", language, number=number, order=order)
    told = _answer(observed, language)
    right = _allowed([_like(observed, one) for one in stuck.allowed], language)
    return [before, text("histories.stuck", language, number=number, observed=told), right]


def _allowed(answers: Sequence[Answer], language: Language) -> str:
    said = list(dict.fromkeys(_answer(one, language) for one in answers))
    joined = said[0]
    for one in said[1:]:
        joined = text("histories.or", language, first=joined, second=one)
    return text("histories.allowed", language, allowed=joined)


def _named(one: CommandOperation, numbers: Mapping[int, int], language: Language) -> str:
    known = numbers.get(id(one))
    if known is not None:
        return str(known)
    return text("histories.unnumbered", language, asked=_asked(one.asked), client=one.client)


def _others(violation: Violation[Command, Answer], language: Language) -> list[str]:
    """Return what became of the other operations of the history."""
    lines: list[str] = []
    if violation.done:
        done = ", ".join(_named(one, {}, language) for one in violation.done)
        lines.append(text("histories.done", language, listed=done))
    if violation.aside:
        lines.append(text("histories.aside", language, count=len(violation.aside)))
    unanswered = [_named(one, {}, language) for one in violation.aside if one.observed is None]
    if unanswered:
        lines.append(text("histories.unanswered", language, listed=", ".join(unanswered)))
    return lines


def _asked(command: Command) -> str:
    """Return what was asked, by the name of the command and what the access log adds."""
    unique_id = getattr(command, "unique_id", "")
    if isinstance(command, DepositDocument):
        unique_id = command.sheet.unique_id
    parts = [part for part in (command.detail(), str(unique_id)) if part]
    return f"{type(command).__name__}({', '.join(parts)})" if parts else type(command).__name__


def _answer(answer: Answer | None, language: Language) -> str:
    if answer is None or (answer.accepted and answer.seen is None):
        return text("histories.accepted", language)
    if answer.accepted:
        return text("histories.seen", language, seen=_short(answer.seen))
    if answer.codes:
        return text("histories.refused_for", language, codes=", ".join(answer.codes))
    return text("histories.refused", language)


def _short(seen: Json) -> str:
    said = json.dumps(_bare(seen), ensure_ascii=False)
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1]}…"


def _bare(seen: Json) -> Json:
    """Return what was shown, a value alone where an object holds nothing else."""
    if isinstance(seen, list):
        return [_bare(one) for one in seen]
    if isinstance(seen, dict):
        values = {key: _bare(one) for key, one in seen.items()}
        return next(iter(values.values())) if len(values) == 1 else {**values}
    return seen


def _like(observed: Answer | None, allowed: Answer) -> Answer:
    """Return of an answer what was looked at in the one observed, so that the two compare."""
    if observed is None or not observed.accepted or not allowed.accepted:
        return allowed
    return Answer(accepted=True, seen=_part(observed.seen, allowed.seen))


def _part(pattern: Json, whole: Json) -> Json:
    if pattern is None:
        return None
    if isinstance(pattern, dict) and isinstance(whole, dict):
        return {key: _part(one, whole[key]) for key, one in pattern.items() if key in whole}
    if isinstance(pattern, list) and isinstance(whole, list) and pattern:
        return [_part(pattern[0], one) for one in whole]
    return whole
