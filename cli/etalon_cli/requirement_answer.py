"""Requirements, suites and changes: as JSON, and in the words of a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_conformance.coverage import checks_by_requirement
from etalon_conformance.requirement_changes import Kind
from etalon_conformance.requirements import Wire, can_fail, digest
from etalon_conformance.suites import denominator
from etalon_model.rulebook import FRENCH_MARK
from etalon_text.certainty import certainty_text
from etalon_text.language import semicolons
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from etalon_conformance.requirement_changes import Change
    from etalon_conformance.requirements import Requirement, Source, Words
    from etalon_conformance.suites import Suite
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language


def requirement_row(one: Requirement, language: Language) -> list[str]:
    """Give a requirement as a row of columns."""
    return [
        one.ident,
        one.level,
        text(f"actor.{one.actor}", language),
        text(f"standing.{one.standing}", language),
        text("outcome.yes" if may_fail(one) else "outcome.no", language),
        one.text[language],
    ]


def requirement_lines(one: Requirement, language: Language) -> Iterator[str]:
    """Give all that is known of a requirement, line after line."""
    yield text("explain.says", language, ident=one.ident, says=one.text[language])
    if language == "fr":
        yield f"({FRENCH_MARK})"
    yield text(
        "requirement.weight",
        language,
        level=one.level,
        actor=text(f"actor.{one.actor}", language),
        standing=text(f"standing.{one.standing}", language),
    )
    yield text("explain.certainty", language, certainty=certainty_text(one.certainty, language))
    for name, words in (("certain_part", one.certain_part), ("condition", one.condition)):
        if words[language]:
            yield text(f"requirement.{name}", language, says=words[language])
    if one.wire is not None:
        yield text("requirement.wire", language, wire=text(f"wire.{one.wire}", language))
    failing = [text(f"wire.{wire}", language) for wire in Wire if can_fail(one, wire)]
    if failing:
        yield text("requirement.fails", language, wires=semicolons(failing, language))
    else:
        yield text("requirement.finds", language)
    for source in one.sources:
        yield text("requirement.source", language, **_source_text(source, language))
    if one.suites:
        yield text("requirement.suites", language, suites=", ".join(one.suites))
    for check in checks_by_requirement().get(one.ident, ()):
        yield text("explain.checked", language, check=check)
    if one.untested[language]:
        yield text("requirement.untested", language, says=one.untested[language])


def _source_text(source: Source, language: Language) -> dict[str, str]:
    missing = text("explain.missing", language)
    title = source.title[language]
    return {
        "source": f"{title}, {source.place}" if source.place else title,
        "dated": source.published_on or missing,
        "link": source.link or missing,
        "checked": source.checked_on or missing,
    }


def may_fail(one: Requirement) -> bool:
    """Tell whether a breach over an official exchange is a failure."""
    return can_fail(one, Wire.OFFICIAL)


def plain_requirement(one: Requirement) -> dict[str, Json]:
    """Give a requirement as JSON: what is unknown, or has nothing to say, is null."""
    return {
        "id": one.ident,
        "domain": one.domain,
        "text": _both(one.text),
        "level": one.level,
        "actor": one.actor,
        "standing": one.standing,
        "wire": one.wire,
        "may_fail": may_fail(one),
        "certainty": {"fr": certainty_text(one.certainty, "fr"), "en": one.certainty},
        "certain_part": _both(one.certain_part),
        "condition": _both(one.condition),
        "sources": [_plain_source(source) for source in one.sources],
        "suites": list(one.suites),
        "checks": list(checks_by_requirement().get(one.ident, ())),
        "untested": _both(one.untested),
        "digest": digest(one),
    }


def _plain_source(source: Source) -> dict[str, Json]:
    return {
        "key": source.key,
        "title": _both(source.title),
        "place": source.place or None,
        "link": source.link or None,
        "published_on": source.published_on or None,
        "checked_on": source.checked_on or None,
    }


def plain_suite(suite: Suite, held: Sequence[Requirement]) -> dict[str, Json]:
    """Give a suite as JSON, with its denominator."""
    counts = denominator(tuple(held))
    return {
        "name": suite.name,
        "title": _both(suite.title),
        "prerequisites": [_both(one) for one in suite.prerequisites],
        "profile": suite.profile,
        "thin": _both(suite.thin),
        "requirements": counts.requirements,
        "by_standing": {str(standing): count for standing, count in counts.by_standing.items()},
        "may_fail": counts.binding,
        "untested": counts.untested,
    }


def plain_change(change: Change) -> dict[str, Json]:
    """Give a change between two sets as JSON."""
    return {"id": change.ident, "kind": change.kind, "attributes": list(change.attributes)}


def change_text(
    change: Change,
    old: Mapping[str, Requirement],
    new: Mapping[str, Requirement],
    language: Language,
) -> str:
    """Say what became of a requirement, with what it says now, or said."""
    says = (new.get(change.ident) or old[change.ident]).text[language]
    named = [text(f"attribute.{name}", language) for name in change.attributes]
    told = text(f"change.{change.kind}", language)
    what = f"{told} ({', '.join(named)})" if named else told
    return (
        f"{change.ident}  {what}  {says}"
        if change.kind is not Kind.ANNOTATED
        else (f"{change.ident}  {what}")
    )


def _both(words: Words) -> Json:
    return {"fr": words["fr"], "en": words["en"]} if words["en"] else None
