"""What to type first: told to whoever types `etalon` and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_text.language import Language

_STEPS: Final = (
    ("first.demo", "etalon demo --quick"),
    ("first.scenarios", "etalon scenarios list"),
    ("first.simulate", "etalon simulate launch-2022"),
    ("first.explore", "etalon explore launch-2022"),
    ("first.serve", "etalon serve --sandbox"),
    ("first.conformance", "etalon conformance run --target URL"),
    (
        "first.load",
        "etalon load run --target embedded --profile launch-day --peak 20",
    ),
    ("first.doctor", "etalon doctor"),
)


def first_steps(language: Language) -> str:
    """Return a few commands, a line each after what it answers."""
    lines = [f"  {text(key, language)}\n    {command}" for key, command in _STEPS]
    return "\n".join([text("first.lead", language), *lines])
