"""The page before any answer: both policies, the levers, and where answers come to stand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from etalon_explore.controls import controls_of
from etalon_explore.documents import KINDS
from etalon_explore.templating import templates
from etalon_explore.views import address_of, view_at
from etalon_explore.words import known_in_words, label, moved_in_words, typed, value_in_words
from etalon_reports.page import style_sheet
from etalon_scenarios.knowledge import DEFAULT_DRAWS
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_explore.controls import Control
    from etalon_explore.seat import House
    from etalon_explore.views import View
    from etalon_text.language import Language

STATIC: Final = Path(__file__).with_name("static")


class Field(NamedTuple):
    """A control as the page shows it.

    Attributes:
        control: The control.
        label: Its name.
        question: The question of policy that it answers.
        value: Its value in the view, as typed.
        base: Its value in the scenario, likewise.
        choices: Value and words of each choice.
        known: What is known of it, a sentence each.
    """

    control: Control
    label: str
    question: str
    value: str
    base: str
    choices: Sequence[tuple[str, str]]
    known: Sequence[str]

    @property
    def is_moved(self) -> bool:
        """Whether it stands elsewhere than in its scenario."""
        return self.value != self.base


def page_shell(address: str, house: House) -> str:
    """Draw the page for an address, without any answer."""
    view, _ = view_at(address, house.scenarios, house.first, house.language)
    language = view.language

    def say(key: str, **values: object) -> str:
        return text(key, language, **values)

    content: dict[str, Any] = {
        "groups": _groups(view, house),
        "titles": [(name, _title(name, house, language)) for name in house.scenarios],
        "view": view,
        "reference_moved": _reference_moved(view, house),
        "other": address_of(_in_other_language(view)),
        "documents": [*KINDS, "scenario"],
        "draws": DEFAULT_DRAWS,
        "style": style_sheet("report.css"),
    }
    template = templates().get_template("explore.html")
    return template.render(say=say, lang=language, **content)


def _groups(view: View, house: House) -> list[tuple[str, list[Field]]]:
    moved, grouped = dict(view.policy.moved), dict[str, list[Field]]()
    for control in controls_of(house.scenarios[view.policy.base]):
        value = moved.get(control.key, control.value)
        grouped.setdefault(control.group, []).append(_field(control, value, view.language))
    return [(text(f"explore.group.{key}", view.language), held) for key, held in grouped.items()]


def _field(control: Control, value: str, language: Language) -> Field:
    offered = control.choices if value in control.choices else (value, *control.choices)
    if control.value not in offered:
        offered = (control.value, *offered)
    lever = control.lever
    return Field(
        control=control,
        label=label(control, language),
        question=lever.question_fr if language == "fr" else lever.question_en,
        value=typed(control, value, language),
        base=typed(control, control.value, language),
        choices=[(one, value_in_words(control, one, language)) for one in offered],
        known=known_in_words(control, language),
    )


def _title(name: str, house: House, language: Language) -> str:
    heading = house.scenarios[name].scenario
    return heading.title_fr if language == "fr" else heading.title_en


def _reference_moved(view: View, house: House) -> list[tuple[str, str, str]]:
    """Give key, value and words of what was moved in the reference."""
    controls = {one.key: one for one in controls_of(house.scenarios[view.reference.base])}
    return [
        (key, value, moved_in_words(controls[key], value, view.language))
        for key, value in view.reference.moved
    ]


def _in_other_language(view: View) -> View:
    return replace(view, language="en" if view.language == "fr" else "fr")
