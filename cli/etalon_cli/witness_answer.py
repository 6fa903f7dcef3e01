"""What is printed of a session with a client: what was concluded, and where the rest is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.verdicts import Verdict, worst
from etalon_conformance.witness.judging import NOT_COVERED
from etalon_scenarios.versions import installed_version
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from etalon_conformance.verdicts import Result
    from etalon_conformance.witness.session_verdicts import Heard
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_TOLD: Final = (Verdict.FAIL, Verdict.FINDING, Verdict.COULD_NOT_TEST)


def run_record(
    suite: str, seed: int, began: datetime, status: str, command: str = "conformance run"
) -> dict[str, Json]:
    """Return the content of `run.json`: `partial` from the beginning until all is written."""
    return {
        "format": 1,
        "command": command,
        "status": status,
        "etalon_version": installed_version(),
        "suite": suite,
        "seed": seed,
        "started_at": began.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def plain_session(heard: Heard, run: Path) -> Json:
    """Return what `--json` prints."""
    counts = Counter(one.verdict.value for one in heard.results)
    return {
        "directory": str(run),
        "profile": heard.profile.name,
        "status": "partial" if heard.stopped else "complete",
        "exchanges": heard.exchanges,
        "verdicts": dict(counts),
        "exit_code": heard.exit_code,
        "broken": [
            {"requirement": one.requirement, "check": one.check, "verdict": one.verdict.value}
            for one in heard.results
            if one.verdict in {Verdict.FAIL, Verdict.FINDING}
        ],
    }


def session_lines(heard: Heard, run: Path, language: Language) -> Iterator[str]:
    """Give what is printed, line by line."""
    seconds = f"{(heard.ended - heard.began).total_seconds():.1f}"
    yield text(
        "witness.head",
        language,
        title=heard.profile.title[language],
        steps=len(heard.profile.steps),
        exchanges=heard.exchanges,
        seconds=seconds.replace(".", "," if language == "fr" else "."),
    )
    yield text("witness.counts", language, counts=_by_verdict(heard.results, language))
    yield from _problems(heard.problems, language)
    for verdict in _TOLD:
        for one in heard.results:
            if one.verdict is verdict and one.check != NOT_COVERED:
                yield f"  {text(f'verdict.{verdict}', language)} · {_line(one, language)}"
    for one in heard.results:
        if one.check == NOT_COVERED:
            yield f"  {one.requirement} · {text(f'cause.{NOT_COVERED}', language)}"
    yield text(f"campaign.exit_{heard.exit_code}", language)
    yield text("campaign.files", language, directory=run)


def _by_verdict(results: Sequence[Result], language: Language) -> str:
    """Count requirements by the worst that was concluded of each, as the page does."""
    found: dict[str, list[Verdict]] = {}
    for one in results:
        found.setdefault(one.requirement, []).append(one.verdict)
    counts = Counter(worst(verdicts) for verdicts in found.values())
    return ", ".join(
        f"{text(f'verdict.{verdict}', language)} {counts[verdict]}"
        for verdict in Verdict
        if counts[verdict]
    )


def _problems(problems: Sequence[Mapping[str, object]], language: Language) -> Iterator[str]:
    """Give the first problem of each kind, and how many more of it there are."""
    counts = Counter(str(one["key"]) for one in problems)
    for one in problems:
        key = str(one["key"])
        if more := counts.pop(key, 0):
            values = cast("Mapping[str, object]", one["values"])
            said = text(f"witness.problem.{key}", language, **values)
            yield f"  {text('witness.page.problems', language)} · {said}"
            if more > 1:
                yield f"    {text('witness.problem_again', language, count=more - 1)}"


def _line(one: Result, language: Language) -> str:
    key = one.message.key
    said = text(key, language, **one.message.values) if has_text(key) else key
    title = f"check.{one.check}"
    step = text(title, language) if has_text(title) else one.check
    numbers = ", ".join(map(str, one.exchanges))
    return f"{one.requirement} · {step} · {said}" + (f" [{numbers}]" if numbers else "")
