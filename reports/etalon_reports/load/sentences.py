"""What a run says, in sentences: its verdict, why it is not believed, where an objective broke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.load.amounts import (
    NOTHING,
    asked_share,
    bound,
    duration,
    instant,
    latency,
    share,
    step_name,
)
from etalon_reports.load.drift_words import drift_sentences
from etalon_text.language import semicolons
from etalon_text.number_formats import number
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from etalon_reports.load.load_files import LoadFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language

_NAMED: Final = 3
"""Objectives named in the sentence of a verdict."""

_SECOND_US: Final = 1_000_000


def verdict_sentences(files: LoadFiles, language: Language) -> Sequence[str]:
    """Return the verdict: its lead, what makes it, the stalls, the early end, wrong answers."""
    lead = _lead(files, language)
    faults = [fault_sentence(fault, language) for fault in files.summary.rows("faults")]
    away = [restart_sentence(one, language) for one in files.summary.rows("restarts")]
    # A server that was killed answers nothing: that it stood still says the same again.
    stood = [] if away else files.summary.rows("stalls")
    stalls = [stall_sentence(one, language) for one in stood]
    said = [
        *_few(files, language),
        *_undecided(files, language),
        *_steadiness(files, language),
        *away,
        *stalls,
    ]
    return [lead, *faults, *said, *_ended(files, language), *_wrong(files, language)]


def _steadiness(files: LoadFiles, language: Language) -> Sequence[str]:
    """Say what rose or stayed, where a run is judged by it."""
    if files.summary.optional_text("steadiness") is None:
        return []
    told = drift_sentences(files.summary, language)
    return told or [text("load.drift_untold", language)]


def _few(files: LoadFiles, language: Language) -> Sequence[str]:
    """Say how many objectives are held by requests too few to say more than of this run."""
    found = [one for one in files.objectives if one.optional_text("reason") == "none-missed"]
    if files.verdict != "PASS" or not found:
        return []
    key = "load.few_one" if len(found) == 1 else "load.few_many"
    return [text(key, language, count=number(len(found), language))]


def _undecided(files: LoadFiles, language: Language) -> Sequence[str]:
    """Say how many objectives are open beside those that are missed."""
    found = [one for one in files.objectives if one.text("verdict") == "INCONCLUSIVE"]
    if files.verdict != "FAIL" or not found:
        return []
    key = "load.undecided_one" if len(found) == 1 else "load.undecided_many"
    return [text(key, language, count=number(len(found), language))]


def _lead(files: LoadFiles, language: Language) -> str:
    objectives = files.objectives
    if not objectives and files.verdict != "INVALID":
        return text("load.lead_none", language)
    decisive = [one for one in objectives if one.text("verdict") == files.verdict]
    if not decisive and files.summary.optional_text("steadiness") == files.verdict:
        return text(f"load.lead_drift_{files.verdict.lower()}", language)
    shown = len(decisive) if len(decisive) <= _NAMED + 1 else _NAMED
    named = [objective_name(one, language) for one in decisive[:shown]]
    if len(decisive) > shown:
        more = number(len(decisive) - shown, language)
        named.append(text("load.and_more", language, count=more))
    number_key = "one" if len(decisive) == 1 else "many"
    key = {"PASS": "pass", "INVALID": "invalid"}.get(
        files.verdict, f"{files.verdict.lower()}_{number_key}"
    )
    values = {
        "count": number(len(decisive), language),
        "total": number(len(objectives), language),
        "named": semicolons(named, language),
    }
    return text(f"load.lead_{key}", language, **values)


def objective_name(one: Record, language: Language) -> str:
    """Return what an objective is about."""
    return step_name(one.text("journey"), one.text("step"), language)


def fault_sentence(fault: Record, language: Language) -> str:
    """Say why a run is not believed, with its figures."""
    values = fault.record("values")
    written = {name: _figure(name, values.figure(name), language) for name in values.values}
    return text(f"load.invalid.{fault.text('key')}", language, **written)


def _figure(name: str, value: float, language: Language) -> str:
    """Write a figure of a fault: its name tells its unit."""
    if name.endswith("_us"):
        return latency(value, language)
    if name.endswith("_share"):
        return share(value, language)
    return number(value, language, 0 if value == int(value) else 1)


def stall_sentence(one: Record, language: Language) -> str:
    """Say when nothing was answered, and how long."""
    return text(
        "load.stall",
        language,
        at=instant(one.figure("at_us"), language),
        length=latency(one.figure("length_us"), language),
        held_up=number(one.count("held_up"), language),
    )


def restart_sentence(one: Record, language: Language) -> str:
    """Say when the server was killed, how long it was away, and when all was as before."""
    killed, settled = one.figure("at_us"), one.optional_figure("settled_us")
    values = {
        "at": instant(killed, language),
        "length": latency(one.figure("length_us"), language),
        "failed": number(one.count("failed"), language),
    }
    if settled is None:
        return text("load.restart_open", language, **values)
    values["settled"] = instant(settled, language)
    values["after"] = latency(settled - killed, language)
    return text("load.restart", language, **values)


def reason_sentence(one: Record, seconds_each: str, language: Language) -> str:
    """Say why an objective is judged as it is, with the figures that this rests on."""
    episode = one.optional_record("episode")
    values = {
        "share": asked_share(one.figure("share"), language),
        "within": bound(one.figure("within_us"), language),
        "wrong": share(one.figure("wrong_share"), language),
        "wrong_most": asked_share(one.figure("wrong"), language),
        "failed": share(one.figure("failed_share"), language),
        "failed_most": asked_share(one.figure("failed"), language),
        "budgets": budgets(one, language),
        "episode": episode_words(episode, language) if episode else "",
        "level": seconds_each,
        "requests": number(one.count("requests"), language),
        "low": _low(one, language),
    }
    return text(f"load.reason.{one.text('reason')}", language, **values)


def _low(one: Record, language: Language) -> str:
    low = one.optional_figure("low")
    return NOTHING if low is None else share(low, language)


def budgets(one: Record, language: Language) -> str:
    """Return how many times the budget of misses was used; a dash when there is none."""
    used = one.optional_figure("budgets")
    return NOTHING if used is None else share_of_budget(used, language)


def share_of_budget(used: float, language: Language) -> str:
    """Return a share of a budget as a percentage without decimals."""
    return asked_share(round(used, 2), language)


def episode_words(episode: Record, language: Language) -> str:
    """Say which seconds an episode has."""
    first, last = episode.count("first"), episode.count("last") + 1
    ends = {
        "first": instant(first * _SECOND_US, language),
        "last": instant(last * _SECOND_US, language),
    }
    return text("load.episode", language, **ends)


def _ended(files: LoadFiles, language: Language) -> Sequence[str]:
    ended = files.summary.text("ended")
    if ended == "complete":
        return []
    lasted = duration(files.summary.record("totals").figure("lasted_seconds"), language)
    rule = files.summary.optional_text("stop_rule") or ""
    return [text(f"load.ended_{ended}", language, lasted=lasted, rule=rule)]


def _wrong(files: LoadFiles, language: Language) -> Sequence[str]:
    totals = files.summary.record("totals")
    found = totals.count("wrong")
    if not found:
        return []
    values = {"count": number(found, language), "sent": number(totals.count("sent"), language)}
    return [
        text("load.wrong_answers_one" if found == 1 else "load.wrong_answers", language, **values)
    ]


def wrong_reason(one: Record, language: Language) -> str:
    """Say what was wrong with an answer; a reason without words, or without its values, its key."""
    word, _, status = one.text("reason").partition(" ")
    if word == "status":
        return text("load.answered_status", language, status=status)
    key = f"load.wrong.{one.text('reason')}"
    values = one.optional_record("values")
    if not has_text(key):
        return one.text("reason")
    try:
        return text(key, language, **(values.values if values else {}))
    except KeyError:
        return one.text("reason")


def check_row(one: Record, language: Language) -> Sequence[str]:
    """Return a check of the generator: what is checked, found, allowed, whether it holds."""
    key = one.text("key")
    write = _WRITTEN[key]
    wanted, most = one.optional_figure("wanted"), one.optional_figure("most")
    found = one.optional_figure("found")
    if wanted is not None:
        about = asked_share(one.figure("most_share"), language)
        allowed = text("load.check_about", language, wanted=write(wanted, language), share=about)
    elif most is not None:
        allowed = text("load.check_most", language, most=write(most, language)) if most else "0"
    else:
        allowed = NOTHING
    return [
        text(f"load.check.{key}", language),
        NOTHING if found is None else write(found, language),
        allowed,
        text("load.check_holds" if one.flag("holds") else "load.check_fails", language),
    ]


def _whole(value: float, language: Language) -> str:
    return number(value, language)


def _tenths(value: float, language: Language) -> str:
    return number(value, language, 1)


_WRITTEN: Final[Mapping[str, Callable[[float, Language], str]]] = {
    "workers-lost": _whole,
    "pool-dry": _whole,
    "offered": _whole,
    "unfinished": _whole,
    "lag": latency,
    "busy": share,
    "little": _tenths,
}
