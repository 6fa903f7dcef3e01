"""Write `docs/reference/errors.md`: every message that a command may stop with, in both languages.

python scripts/error_reference.py [--check]
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from etalon_text.error_catalogue import CatalogueError, error_catalogue
from etalon_text.language import Language
from generated import write_or_compare

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "errors.md"
INTRODUCTION: Final = """\
# Messages that a command may stop with

<!-- Written by scripts/error_reference.py from etalon_text/errors.csv: do not edit. -->

Each has a key, which never changes, and an exit code: 1 the answer is no, 2 wrong usage or input,
3 could not answer, 4 a fault of ours. Words between braces are filled in: the file, what was found
there, what is accepted. The second sentence says what to do next. A message that quotes a problem
(`{problem}`) comes from the file that it names, with line and key.
"""
HEADINGS: Final = {
    1: "The answer is no",
    2: "Wrong usage or input",
    3: "Could not answer",
    4: "A fault of ours",
}


def page() -> str:
    """Return the page: by exit code, then by key."""
    return "\n".join([INTRODUCTION, *_lines()])


def _lines() -> Iterator[str]:
    for code, heading in HEADINGS.items():
        yield f"## {heading} (exit code {code})"
        yield ""
        for error in sorted(error_catalogue().values(), key=lambda one: one.key):
            if error.exit_code == code:
                yield f"### {error.key}"
                yield ""
                yield f"- en: {_told(error, 'en')}"
                yield f"- fr: {_told(error, 'fr')}"
                yield ""


def _told(error: CatalogueError, language: Language) -> str:
    """Return both sentences as a line of Markdown: what looks like a tag or a list is text."""
    said = f"{error.message[language]} {error.next_step[language]}"
    for sign in "\\`*_<>[]|":
        said = said.replace(sign, f"\\{sign}")
    return said


def main() -> int:
    """Write the page, or compare it."""
    return write_or_compare(__doc__, {PAGE: lambda: f"{page().rstrip()}\n"})


if __name__ == "__main__":
    sys.exit(main())
