"""The words of the controls: their names, what they take, what is known, and why a value is not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from etalon_explore.controls import number_of
from etalon_scenarios.parameters import LARGEST
from etalon_scenarios.period_words import in_words, is_period
from etalon_text.language import semicolons
from etalon_text.number_formats import fewest_decimals, long_day, number
from etalon_text.path_names import lever_name
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from etalon_explore.controls import Control
    from etalon_text.language import Language

_UNCITED: Final = "none"


def label(control: Control, language: Language) -> str:
    """Name a control, with a capital."""
    said = lever_name(control.key, language) or control.key
    return said[0].upper() + said[1:]


def unit(control: Control, language: Language) -> str:
    """Name the unit of a number; empty for none."""
    found = control.expected.unit if control.expected is not None else ""
    if not found:
        return ""
    key = f"unit.{found}"
    return text(key, language) if has_text(key) else found


def value_in_words(control: Control, value: str, language: Language) -> str:
    """Write a value of a control as a reader of this language would."""
    if not value:
        return text("explore.nothing", language)
    if control.kind == "date":
        return long_day(date.fromisoformat(value), language)
    for key in (f"choice.{control.key}.{value}", f"choice.{value}"):
        if has_text(key):
            return text(key, language)
    if is_period(value):
        return in_words(value, language)
    found = number_of(value) if control.kind == "number" else None
    return value if found is None else plain(found, language)


def moved_in_words(control: Control, value: str, language: Language) -> str:
    """Say of a control what it was moved to."""
    told = {"label": label(control, language), "value": value_in_words(control, value, language)}
    return text("explore.spoken_one", language, **told)


def known_in_words(control: Control, language: Language) -> list[str]:
    """Say the unit, the plausible range, the certainty and source, and the texts of a control."""
    return list(_known(control, language))


def _known(control: Control, language: Language) -> Iterator[str]:
    if named := unit(control, language):
        yield text("explore.unit", language, unit=named)
    if (known := control.known) is not None:
        if known.low != known.high:
            ends = {"low": plain(known.low, language), "high": plain(known.high, language)}
            yield text("explore.range", language, **ends)
        certainty = text(f"certainty.{known.certainty}", language)
        key = "explore.known" if known.source == _UNCITED else "explore.known_source"
        yield text(key, language, certainty=certainty, source=known.source)
    if control.texts:
        laws = (_law(control, law, value, language) for law, value in control.texts)
        yield text("explore.text", language, law=semicolons(dict.fromkeys(laws), language))


def _law(control: Control, law: str, value: str, language: Language) -> str:
    return f"{law} ({value_in_words(control, value, language)})"


def refusal_in_words(control: Control, value: str, language: Language) -> str:
    """Say why a value cannot stand at a control, and what can."""
    return text("explore.refused", language, value=value, accepted=_accepted(control, language))


def _accepted(control: Control, language: Language) -> str:
    bounds = control.expected
    if control.kind != "number" or bounds is None:
        return text(f"explore.accepts_{control.kind}", language)
    kind = "whole" if bounds.whole else "number"
    ends = {"low": plain(bounds.low, language), "high": plain(bounds.high, language)}
    if bounds.high < LARGEST:
        return text(f"explore.accepts_{kind}", language, **ends)
    key = "explore.accepts_whole_least" if bounds.whole else "explore.accepts_least"
    return text(key, language, low=ends["low"])


def typed(control: Control, value: str, language: Language) -> str:
    """Write a value as somebody would type it: a number without thousands, a French comma."""
    is_french = language == "fr" and control.kind == "number"
    return value.replace(".", ",") if is_french else value


def plain(value: Decimal, language: Language) -> str:
    """Write a number with as few decimals as it has."""
    return number(value, language, fewest_decimals(float(value)))
