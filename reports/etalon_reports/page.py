"""What every page shares: templates, their style, and what a template may call."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from etalon_reports.whole_files import named_when_whole
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from etalon_text.language import Language

REPORT_NAME: Final = "report.html"
_TEMPLATES: Final = Path(__file__).with_name("templates")
_SORTING: Final = "sort.js"


def write_page(  # noqa: PLR0913 (the last is named)
    target: Path,
    template: str,
    language: Language,
    source: Callable[[str], str],
    content: dict[str, Any],
    *,
    styles: Sequence[str] = ("report.css",),
) -> Path:
    """Render a page and put it in place of an older one once it is whole.

    Args:
        target: The page.
        template: File of `templates/`.
        language: Of the strings that the template asks for.
        source: Source line of a result file.
        content: What the template shows.
        styles: Style sheets of `templates/`, in order.

    Raises:
        OSError: The page cannot be written.
    """

    def say(key: str, **values: object) -> str:
        return text(key, language, **values)

    style = Markup("\n").join(style_sheet(name) for name in styles)
    sorting = _own(_SORTING)
    words = {
        "say": say,
        "source": source,
        "style": style,
        "script": sorting,
        "script_digest": script_digest(sorting),
        "lang": language,
    }
    page = environment().get_template(template).render(**words, **content)
    with named_when_whole(target) as unfinished:
        unfinished.write_text(page, encoding="utf-8", newline="\n")
    return target


@cache
def environment() -> Environment:
    """Return the templates, with escaping and no undefined name."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def script_digest(script: str) -> str:
    """Return what the policy of a page calls a script that it runs: no other script of it runs."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def style_sheet(name: str) -> Markup:
    """Return a style sheet of `templates/`."""
    return _own(name)


def _own(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 (our own file)
