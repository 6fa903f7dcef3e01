"""The text package is light, its colours are told apart, its schemas hold."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import jsonschema
import pytest

from etalon_text import palette
from etalon_text.schema_files import DIMENSIONS, counters, daily_columns, schema

ROOT = Path(__file__).parents[2]
IMPORT = """
import csv, decimal, json, pathlib, re, sys, time, typing
before = time.process_time()
import etalon_text.comparison_labels, etalon_text.error_catalogue, etalon_text.number_formats
import etalon_text.palette, etalon_text.schema_files, etalon_text.strings
print(time.process_time() - before, *(name for name in sys.modules if "." not in name))
"""
SIMULATED = ("run", "summary", "scenario", "knowledge", "comparison")
"""Schemas of a simulation; test_conformance_report.py holds the others against a run."""
WORDS = (
    *("INK", "MUTED", "WARNING", "OPPOSED", "ACTIVATED", "WOMEN", "MEN"),
    *("PASSED", "FAILED", "FOUND"),
)
LINES = (*WORDS, "CLOSED", "EMAIL", "LETTER", "CALLS", "DEADLINE", "UNINFORMED")
TOGETHER = (
    ("OPPOSED", "ACTIVATED", "OPENED"),
    ("EMAIL", "LETTER", "CALLS"),
    ("WOMEN", "MEN"),
    ("OPPOSED", "ACTIVATED", "LETTER", "CALLS", "CLOSED"),
    ("PASSED", "FAILED", "FOUND", "MUTED"),
)
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
COLOUR_BLIND = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
Triple = tuple[float, float, float]


def linear(color: str) -> Triple:
    """Return the linear RGB of a hexadecimal colour."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return red, green, blue


def lab(rgb: Triple) -> Triple:
    """Return the CIE L*a*b* of a linear RGB (white point D65)."""
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in rgb)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def seen(color: str, deficiency: str) -> Triple:
    """Return the L*a*b* of a colour as a colour-blind reader sees it."""
    rgb = linear(color)
    rows = COLOUR_BLIND[deficiency]
    red, green, blue = (sum(m * c for m, c in zip(row, rgb, strict=True)) for row in rows)
    return lab((red, green, blue))


def contrast_on_paper(color: str) -> float:
    """Return the WCAG contrast ratio of a colour on white."""
    red, green, blue = linear(color)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


@pytest.mark.parametrize("deficiency", sorted(COLOUR_BLIND))
@pytest.mark.parametrize("roles", TOGETHER, ids="-".join)
def test_colours_drawn_together_are_told_apart_by_colour_blind_readers(
    roles: tuple[str, ...], deficiency: str
) -> None:
    """Any two colours of a figure stay at least 12 apart in CIE L*a*b* (2 is barely visible)."""
    for first, second in combinations(roles, 2):
        one, other = (seen(getattr(palette, role), deficiency) for role in (first, second))
        distance = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5

        assert distance >= 12, (first, second, distance)


@pytest.mark.parametrize("role", LINES)
def test_a_line_or_a_text_stands_out_on_paper(role: str) -> None:
    """Contrast of at least 3 for marks (letters of bars are dark ink), 4.5 for words."""
    least = 4.5 if role in WORDS else 3

    assert contrast_on_paper(getattr(palette, role)) >= least


def test_importing_the_texts_is_cheap_and_loads_nothing_heavy() -> None:
    """Less than 20 ms of CPU beyond what any command imports, and no third party module."""
    outcomes = [
        subprocess.run(
            [sys.executable, "-c", IMPORT],
            cwd=ROOT / "reports",
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stdout.split()
        for _ in range(5)
    ]

    assert min(float(outcome[0]) for outcome in outcomes) < 0.020
    assert {"matplotlib", "duckdb", "jinja2", "pydantic", "numpy"}.isdisjoint(outcomes[0])


@pytest.mark.parametrize("name", SIMULATED)
def test_a_schema_is_valid_and_the_invented_run_obeys_it(
    name: str, invented_run: Path, invented_comparison: Path
) -> None:
    """What the reports are tested on is what is published."""
    jsonschema.Draft202012Validator.check_schema(dict(schema(name)))
    directories = {"comparison": (invented_comparison,), "run": (invented_run, invented_comparison)}

    for directory in directories.get(name, (invented_run,)):
        content = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))

        jsonschema.validate(content, dict(schema(name)))


def test_an_unknown_schema_is_refused() -> None:
    """The error lists the schemas."""
    with pytest.raises(LookupError, match=r"there are run, summary, scenario, .*comparison"):
        schema("nope")


def test_the_columns_are_the_dimensions_then_the_counters() -> None:
    """Each column stands once, and every counter is an integer."""
    names = [column.name for column in daily_columns()]

    assert tuple(names[:5]) == DIMENSIONS
    assert tuple(names[5:]) == counters()
    assert len(set(names)) == len(names)
    assert {column.sql_type for column in daily_columns()[5:]} == {"INTEGER"}
    assert all(column.fr and column.en and column.unit for column in daily_columns())
