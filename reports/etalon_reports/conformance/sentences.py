"""Sentences of verdicts, causes, checks and expectations, in the reader's language.

A run may name a check, a cause or a relation that this version has no words for: the reader then
sees the bare name, never a fault.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from etalon_text.check_titles import check_title as known_title
from etalon_text.language import spaced
from etalon_text.number_formats import EN_DASH, long_day
from etalon_text.observations import observed
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.conformance.exchange_file import Exchange
    from etalon_reports.conformance.verdict_file import Result, Source, Told
    from etalon_text.language import Language

BY_A_PERSON: Final = "manual"
"""Stands for the check where a person answered."""
_PAIR: Final = 2
_LISTED: Final = 12
"""Values of an expectation that are written out."""


def sentence(key: str, language: Language, /, **values: str) -> str:
    """Return a string of the tables; the key and its values where it is unknown."""
    try:
        return text(key, language, **values)
    except LookupError:
        named = ", ".join(f"{name} = {value}" for name, value in values.items())
        return f"{key} ({named})" if named else key


def cause_sentence(cause: Told, language: Language) -> str:
    """Return why nothing could be concluded."""
    key = cause.key if "." in cause.key else f"cause.{cause.key}"
    return sentence(key, language, **cause.values)


def message_sentence(result: Result, language: Language) -> str:
    """Return what the check has to tell; empty where expected and got say it already."""
    key = result.message.key
    if result.expected or not has_text(key):
        return ""
    return sentence(key, language, **result.message.values)


def check_title(check: str, language: Language) -> str:
    """Return what a check looks at; empty where this version does not know it."""
    if check == BY_A_PERSON:
        return text("conformance.by_a_person", language)
    return known_title(check, language)


def likely_sentence(name: str, language: Language) -> str:
    """Return the likely cause of a breach; empty when none is known."""
    key = f"likely.{name}"
    return text(key, language) if has_text(key) else spaced(name, language)


def expected_sentence(result: Result, language: Language) -> str:
    """Return what was expected: from the data where it is told, else as the run wrote it."""
    found = result.expectation
    if found is None or not has_text(f"relation.{found.relation}"):
        return result.expected
    values = ", ".join(found.values[:_LISTED])
    more = f", … ({len(found.values)})" if len(found.values) > _LISTED else ""
    return text(f"relation.{found.relation}", language, path=found.path, values=values + more)


def got_sentence(result: Result, language: Language) -> str:
    """Return what was seen; the run writes it in English."""
    return observed(result.got, language)


def source_title(source: Source, language: Language) -> str:
    """Return a source with the place in it, its date and the day it was last compared."""
    parts = [source.title[language], source.place, source.published_on]
    if source.checked_on:
        parts.append(text("conformance.checked_on", language, day=source.checked_on))
    return ", ".join(part for part in parts if part)


def asker(exchange: Exchange, language: Language) -> str:
    """Return in whose name an exchange was sent."""
    if not exchange.kind:
        return text("asker.nobody", language)
    key = f"asker.{exchange.kind}"
    kind = text(key, language) if has_text(key) else exchange.kind
    return f"{kind} {exchange.ident}".strip()


def outcome(exchange: Exchange) -> str:
    """Return the status of an answer, or why there is none."""
    return exchange.failure or str(exchange.status)


def numbers(found: Sequence[int]) -> str:
    """Return numbers of exchanges, parted by commas; three or more in a row by their ends."""
    rows: list[list[int]] = []
    for one in found:
        if rows and one == rows[-1][-1] + 1:
            rows[-1].append(one)
        else:
            rows.append([one])
    return ", ".join(
        f"{row[0]}{EN_DASH}{row[-1]}" if len(row) > _PAIR else ", ".join(map(str, row))
        for row in rows
    )


def moment(at: str, language: Language) -> str:
    """Return an instant of a run, which is UTC: 22 November 2026, 06:20 UTC."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return at
    return f"{long_day(found.date(), language)}, {found:%H:%M} UTC"


def day_of(written: str, language: Language) -> str:
    """Return a civil day in full; what is none as it stands."""
    try:
        return long_day(date.fromisoformat(written), language)
    except ValueError:
        return written
