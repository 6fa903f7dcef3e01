"""The first page of a load run: the verdict, then what was asked of whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from etalon_reports.conformance.sentences import moment
from etalon_reports.cover import Cover, Fact
from etalon_reports.load.amounts import asked_share, duration, trimmed
from etalon_reports.load.sentences import verdict_sentences
from etalon_reports.rounding import about
from etalon_text.language import semicolons
from etalon_text.number_formats import number
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.load.load_files import LoadFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language

_DIGEST_SHOWN: Final = 16
_DIGEST: Final = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{20,}\b")
_DEFAULT: Final = "default"
_STATES: Final = {"PASS": "complete", "INCONCLUSIVE": "partial"}


def load_cover(files: LoadFiles, language: Language) -> Cover:
    """Return title, verdict and facts."""
    return Cover(
        kind=text("load.kind", language),
        title=_title(files.asked, language),
        question=text("load.question", language, target=target_name(files.asked, language)),
        status=_STATES.get(files.verdict, "failed"),
        status_text=" ".join(verdict_sentences(files, language)),
        facts=[*_offered(files, language), *_how(files, language)],
        changes=(),
    )


def target_name(asked: Record, language: Language) -> str:
    """Return what was loaded: the reference server, or the name of a profile."""
    target = asked.record("target")
    if target.text("kind") == "embedded":
        return text("load.reference_server", language)
    return target.text("name")


def profile_name(asked: Record, language: Language) -> str:
    """Return the name of a profile of arrivals."""
    name = asked.record("profile").text("name")
    key = f"load.profile.{name}"
    return text(key, language) if has_text(key) else name


def _title(asked: Record, language: Language) -> str:
    name = profile_name(asked, language)
    peak = asked.record("profile").optional_figure("peak")
    if peak is None:
        return name
    return text("load.title", language, profile=name, peak=trimmed(peak, language))


def _offered(files: LoadFiles, language: Language) -> Sequence[Fact]:
    asked, totals = files.asked, files.summary.record("totals")
    counts = {key: number(totals.count(key), language) for key in ("planned", "offered", "sent")}
    profile = asked.record("profile")
    return [
        _fact("target", language, _target(asked, language)),
        _fact("arrivals", language, *_arrivals(profile, profile_name(asked, language), language)),
        _fact("length", language, duration(asked.figure("seconds"), language)),
        _fact("journeys", language, text("load.journeys_value", language, **counts)),
        _fact("requests", language, text("load.requests_value", language, **counts)),
        _fact("objectives", language, _objectives(asked, language)),
    ]


def _arrivals(profile: Record, name: str, language: Language) -> Sequence[str]:
    window = profile.optional_text("window")
    source = profile.optional_text("source") or ""
    # Where a file stood is the reader's own business, and nobody reads a whole digest.
    shown = _DIGEST.sub(r"\1…", source.replace("\\", "/").rsplit("/", 1)[-1])
    return [
        name,
        *([text("load.window_value", language, window=window)] if window else []),
        *([_in_words(shown, language)] if shown else []),
    ]


def _in_words(source: str, language: Language) -> str:
    """Return where arrivals come from, `key: value; key: value`, with its keys in words."""
    return semicolons((_pair_in_words(pair, language) for pair in source.split("; ")), language)


def _pair_in_words(pair: str, language: Language) -> str:
    name, _, value = pair.partition(": ")
    key = f"load.source_of.{name}"
    if not has_text(key):
        return pair
    counted = name == "population" and value.isdecimal()
    return text(key, language, value=number(int(value), language) if counted else value)


def _objectives(asked: Record, language: Language) -> str:
    name = asked.text("objectives_name")
    return text("load.objectives_default", language) if name == _DEFAULT else name


def _target(asked: Record, language: Language) -> str:
    address = asked.record("target").optional_text("address")
    named = target_name(asked, language)
    ours = asked.record("target").text("kind") == "embedded"
    return named if ours or not address or address == named else f"{named}, {address}"


def _how(files: LoadFiles, language: Language) -> Sequence[Fact]:
    asked = files.asked
    workers = asked.count("workers")
    key = "load.workers_one" if workers == 1 else "load.workers_many"
    scale, pace = asked.figure("time_scale"), asked.optional_figure("pace")
    retries = asked.count("retries")
    fault, limits = asked.optional_text("fault"), _limits(asked, language)
    digest = f"{asked.text('plan_digest')[:_DIGEST_SHOWN]}…"
    return [
        _fact("workers", language, text(key, language, count=number(workers, language))),
        _fact("sample", language, asked_share(asked.figure("sample"), language)),
        _fact("seed", language, str(asked.count("seed"))),
        _fact("digest", language, digest),
        _fact("started", language, moment(asked.text("started_at"), language)),
        _fact("version", language, asked.text("etalon_version")),
        *([_fact("fault", language, fault)] if fault else []),
        *([_fact("time_scale", language, _scale(scale, language))] if scale != 1 else []),
        *([_fact("pace", language, _pace(pace, language))] if pace not in {None, 1.0} else []),
        *([_fact("retries", language, _retries(retries, language))] if retries else []),
        *([_fact("limits", language, *limits)] if limits else []),
    ]


def _pace(pace: float | None, language: Language) -> str:
    return text("load.pace_value", language, pace=asked_share(about(pace or 0.0, 2), language))


def _retries(retries: int, language: Language) -> str:
    key = "load.retries_one" if retries == 1 else "load.retries_many"
    return text(key, language, count=number(retries, language))


def _scale(scale: float, language: Language) -> str:
    return text("load.time_scale_value", language, scale=trimmed(scale, language))


def _limits(asked: Record, language: Language) -> Sequence[str]:
    rate, rule = asked.optional_figure("max_rate"), asked.optional_text("stop_if")
    return [
        *([text("load.max_rate_value", language, rate=trimmed(rate, language))] if rate else []),
        *([text("load.stop_if_value", language, rule=rule)] if rule else []),
    ]


def _fact(key: str, language: Language, *values: str) -> Fact:
    return Fact(text(f"load.fact_{key}", language), values)
