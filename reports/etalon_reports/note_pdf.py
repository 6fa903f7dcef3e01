# pyright: standard
# mypy: disable-error-code="import-untyped"
"""Documents as PDF, through WeasyPrint where it is installed (extra `pdf`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from etalon_reports.missing_pdf import NoPdfError
from etalon_reports.page import environment, style_sheet
from etalon_reports.whole_files import named_when_whole
from etalon_text.strings import text

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_reports.note import Note

_IDENTIFIER: Final = b"etalon"
"""What stands for the identity of a PDF, so that equal results give equal bytes."""


def can_write_pdf() -> bool:
    """Tell whether WeasyPrint and what it needs of the system are installed."""
    try:
        be_sure_of_pdf()
    except NoPdfError:
        return False
    return True


def be_sure_of_pdf() -> None:
    """Check that PDF can be written, before the page that is to be printed is drawn.

    Raises:
        NoPdfError: WeasyPrint is not installed.
    """
    try:
        import weasyprint  # noqa: F401, PLC0415 (optional, and slow to load)
    except (ImportError, OSError) as error:
        raise NoPdfError(str(error)) from error


def write_note_pdf(note: Note, target: Path) -> Path:
    """Write the note as PDF and return its path.

    Raises:
        NoPdfError: WeasyPrint is not installed.
        OSError: The document cannot be written.
    """

    def say(key: str, **values: object) -> str:
        return text(key, note.language, **values)

    page = environment().get_template("note.html")
    html = page.render(
        say=say, lang=note.language, style=style_sheet("note.css"), note=note, words=note.words
    )
    return write_pdf(html, target)


def write_pdf(html: str, target: Path) -> Path:
    """Write a page as PDF, asking nothing of the network, and return its path.

    Raises:
        NoPdfError: WeasyPrint is not installed.
        OSError: The document cannot be written.
    """
    be_sure_of_pdf()
    import weasyprint  # noqa: PLC0415 (as above)

    document = weasyprint.HTML(string=html, url_fetcher=_nothing_fetched)
    content = cast("bytes", document.write_pdf(pdf_identifier=_IDENTIFIER, pdf_tags=True))
    with named_when_whole(target) as unfinished:
        unfinished.write_bytes(content)
    return target


def _nothing_fetched(url: str, *_: object, **__: object) -> dict[str, object]:
    message = f"a document of ours asks for {url}"
    raise ValueError(message)
