"""The templates of the page, beside those of the reports, whose figures and tables it shows."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


@cache
def templates() -> Environment:
    """Return the templates, with escaping and no undefined name."""
    return Environment(
        loader=ChoiceLoader([PackageLoader("etalon_explore"), PackageLoader("etalon_reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
