"""Colours by role, told apart by colour-blind readers and legible on white.

The hues are those of Okabe and Ito (Color Universal Design, 2008), darkened where a line on
white paper needs it. A role keeps its colour in every figure of every report; colour never
carries a meaning alone (lines are labelled, bars have names).
"""

from __future__ import annotations

from typing import Final

INK: Final = "#1a1d21"
MUTED: Final = "#5a6370"
RULE: Final = "#c9ced6"
PAPER: Final = "#ffffff"
SHADE: Final = "#eef1f5"

OPPOSED: Final = "#b5490a"
ACTIVATED: Final = "#00649e"
OPENED: Final = "#7fb3d5"
UNINFORMED: Final = "#5a6370"
CLOSED: Final = "#9c4f7c"
EMAIL: Final = "#00649e"
LETTER: Final = "#cc8600"
CALLS: Final = "#0a9d68"
DEADLINE: Final = "#1a1d21"
WOMEN: Final = "#8a4a9e"
MEN: Final = "#1f7f74"
PASSED: Final = "#00649e"
FAILED: Final = "#b5490a"
FOUND: Final = "#57206b"

SERIES: Final = (OPPOSED, ACTIVATED, LETTER, CALLS, CLOSED)
WARNING: Final = "#8a2d00"
WARNING_SHADE: Final = "#fdf1e7"

RAMP: Final = ("#e6eff6", "#b7d2e6", "#7fb3d5", "#3f86b8", "#00507f")
"""Five classes of a map, from least to most; their lightness alone tells them apart."""
