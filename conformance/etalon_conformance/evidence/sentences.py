"""The one sentence that tells a failure, and the page that goes with its script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from etalon_conformance.checking import Assertion
from etalon_conformance.evidence.planning import Setting
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import told
from etalon_conformance.races.evidence import tells_race
from etalon_conformance.requirement import Requirement
from etalon_conformance.verdicts import Result
from etalon_text.check_titles import check_title
from etalon_text.language import NARROW_NO_BREAK, Language
from etalon_text.observations import observed
from etalon_text.strings import has_text, text

LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")
_SHOWN: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A failure, as it is told.

    Attributes:
        requirement: What is not kept.
        result: The verdict.
        assertion: What did not hold.
        exchanges: The exchanges of the check, as far as the assertion.
        setting: The target.
        problem: Why there is no script, or empty.
    """

    requirement: Requirement
    result: Result
    assertion: Assertion
    exchanges: Sequence[Exchange]
    setting: Setting
    problem: str = ""

    def safe(self, words: str) -> str:
        """Return words without secrets, on one line."""
        return " ".join(self.setting.redaction.text(words).split())


def asked(exchange: Exchange, setting: Setting) -> str:
    """Return a call in a few words: verb and address below the base."""
    url = exchange.request.url
    for address in (setting.fhir_base, setting.root):
        if address and url.startswith(address):
            url = url.removeprefix(address)
            break
    parts = urlsplit(url)
    shown = f"{parts.path or '/'}{'?…' if parts.query else ''}"
    return f"{exchange.request.verb} {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}"


def expected(story: Story, language: Language) -> str:
    """Return what was expected."""
    wanted = story.assertion.expectation
    return story.safe(told(wanted.path, wanted.relation, wanted.values, language))


def got(story: Story, language: Language) -> str:
    """Return what was there instead."""
    return observed(story.safe(story.assertion.seen.got), language)


def sentence(story: Story, language: Language) -> str:
    """Return requirement, expected, got, path, call number, and the likely cause after it."""
    last = story.assertion.exchanges[-1] if story.assertion.exchanges else None
    said = text(
        "evidence.sentence",
        language,
        requirement=story.requirement.ident,
        expected=expected(story, language),
        got=got(story, language),
        path=story.assertion.expectation.path,
        call=", ".join(str(one.number) for one in story.assertion.exchanges) or "-",
        asked="-" if last is None else story.safe(asked(last, story.setting)),
    )
    key = f"likely.{story.assertion.likely}"
    if story.assertion.likely and has_text(key):
        said += " " + text("evidence.likely", language, cause=text(key, language))
    return said


def page(story: Story, default: str) -> str:
    """Return README.md: both languages, French first.

    Args:
        story: What is told.
        default: Address that the script takes when none is given.
    """
    head = f"# {story.requirement.ident} · {story.result.check}"
    parts = [_in_language(story, language, default) for language in LANGUAGES]
    return "\n\n".join([head, *parts]) + "\n"


def _in_language(story: Story, language: Language, default: str) -> str:
    requirement, result = story.requirement, story.result
    standing = text(f"standing.{requirement.standing}", language)
    level = text("evidence.requirement", language, level=requirement.level, standing=standing)
    lines = [
        f"## {'Français' if language == 'fr' else 'English'}",
        "",
        sentence(story, language),
        "",
        f"- {level}{_colon(language)} {requirement.text[language]}",
        *_sources(requirement, language),
        _item("evidence.check", language, check_title(result.check, language) or result.check),
        _item(
            "evidence.verdict",
            language,
            " · ".join(
                (text(f"verdict.{result.verdict}", language), text(f"wire.{result.wire}", language))
            ),
        ),
        "",
        f"### {text('evidence.again', language)}",
        "",
    ]
    if any(tells_race(one) for one in story.assertion.exchanges):
        lines.append(text("evidence.race", language))
    elif story.problem:
        lines.append(text("evidence.no_script", language, problem=story.problem))
    else:
        lines.append(text("evidence.run_it", language))
        lines += ["", f"{text('evidence.default', language)}{_colon(language)} `{default}`"]
    lines += ["", f"### {text('evidence.calls', language)}", "", *_calls(story, language)]
    return "\n".join(lines)


def _item(key: str, language: Language, words: str) -> str:
    return f"- {text(key, language)}{_colon(language)} {words}"


def _colon(language: Language) -> str:
    return f"{NARROW_NO_BREAK}:" if language == "fr" else ":"


def _sources(requirement: Requirement, language: Language) -> list[str]:
    if not requirement.sources:
        return [f"- {text('evidence.no_source', language)}"]
    lines: list[str] = []
    for source in requirement.sources:
        title = source.title[language]
        linked = f"[{title}]({source.link})" if source.link else title
        said = ", ".join(one for one in (linked, source.place, source.published_on) if one)
        lines.append(_item("evidence.sources", language, said))
    return lines


def _calls(story: Story, language: Language) -> list[str]:
    columns = text("evidence.columns", language)
    looked = {one.number for one in story.assertion.exchanges}
    rows = [f"| {columns} |", "|" + "---|" * (columns.count("|") + 1)]
    for one in story.exchanges:
        number = f"**{one.number}**" if one.number in looked else str(one.number)
        status = str(one.status) if one.status else text("evidence.no_status", language)
        asking = story.safe(asked(one, story.setting)).replace("|", "\\|")
        rows.append(f"| {number} | {asker(one, language)} | {asking} | {status} |")
    return rows


def asker(exchange: Exchange, language: Language) -> str:
    """Return who asks, without any identifier."""
    if exchange.who is not None:
        return exchange.who.label or text(f"asker.{exchange.who.kind}", language)
    return text("evidence.scene" if exchange.control else "evidence.nobody", language)
