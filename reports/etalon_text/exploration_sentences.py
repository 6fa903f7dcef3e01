"""What exploring a target came to, in sentences: on the screen and on a first page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from etalon_text.language import Language
from etalon_text.number_formats import number
from etalon_text.strings import text


def exploration_sentences(told: Mapping[str, object], language: Language) -> Iterator[str]:
    """Yield what the key `exploration` of `verdicts.json` says.

    Args:
        told: Its content.
        language: In which language.
    """
    counts = {name: int(cast("int", told[name])) for name in ("calls", "sequences", "situations")}
    shown = {name: number(count, language) for name, count in counts.items()}
    yield text("explored.done", language, **shown, seconds=_seconds(told["seconds"], language))
    found = [
        str(one["requirement"]) for one in cast("Sequence[Mapping[str, object]]", told["found"])
    ]
    listed = ", ".join(found)
    if found:
        yield text("explored.found", language, count=len(found), listed=listed)
    else:
        yield text("explored.nothing", language)
    if never := never_sent(told):
        yield text("explored.never", language, count=len(never))
    outside = [str(one) for one in cast("Sequence[object]", told["outside"])]
    if outside:
        yield text("explored.outside", language, listed=", ".join(outside))
    if told["unsteady"]:
        yield text("explored.unsteady", language, count=told["unsteady"])
    if told["unanswered"] or told["paused_seconds"]:
        paused = _seconds(told["paused_seconds"], language)
        yield text("explored.unanswered", language, count=told["unanswered"], seconds=paused)
    if told["stopped"]:
        yield text("explored.stopped", language)


def never_sent(told: Mapping[str, object]) -> list[str]:
    """Return the commands of the model that exploring never asked of the target.

    Args:
        told: The key `exploration` of `verdicts.json`; an earlier version did not name them.
    """
    commands = cast("Mapping[str, Sequence[str]]", told.get("commands") or {})
    return list(commands.get("never", ()))


def never_by_reason(
    told: Mapping[str, object], language: Language
) -> list[tuple[str, Sequence[str]]]:
    """Return why commands of the model were not asked for, each reason with its commands.

    Args:
        told: The key `exploration` of `verdicts.json`; where it gives no reasons there is one
            row, without one.
        language: In which language.
    """
    commands = cast("Mapping[str, object]", told.get("commands") or {})
    reasons = cast("Mapping[str, Sequence[str]]", commands.get("reasons") or {})
    if not reasons:
        return [("", never)] if (never := never_sent(told)) else []
    return [(text(f"explored.never.{key}", language), names) for key, names in reasons.items()]


def race_sentences(told: Mapping[str, object], language: Language) -> Iterator[str]:
    """Yield what the key `races` of `verdicts.json` says.

    Args:
        told: Its content.
        language: In which language.
    """
    names = ("histories", "operations", "unanswered", "not_known")
    counts = {name: number(int(cast("int", told[name])), language) for name in names}
    yield text("raced.done", language, **counts)
    found = [str(one) for one in cast("Sequence[object]", told["found"])]
    if found:
        yield text("raced.found", language, listed=", ".join(found))
    elif told["histories"]:
        yield text("raced.nothing", language)
    untried = [str(one) for one in cast("Sequence[object]", told["untried"])]
    if untried:
        yield text("raced.untried", language, listed=", ".join(untried))


def _seconds(told: object, language: Language) -> str:
    return number(float(cast("float", told)), language, 1)
