"""The page of a study, whatever its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from etalon_reports.page import REPORT_NAME, write_page
from etalon_reports.study.study_files import kind_of, read_study
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from etalon_reports.cover import Cover
    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.record import Record
    from etalon_reports.tables import Table
    from etalon_text.language import Language

_DIGEST_SHOWN: Final = 16


class Part(NamedTuple):
    """One section of a page.

    Attributes:
        key: Its anchor.
        title: Its heading.
        lines: Sentences, above what is shown.
        figures: Figures, in order.
        tables: Tables, in order.
    """

    key: str
    title: str
    lines: Sequence[str] = ()
    figures: Sequence[FigureBlock] = ()
    tables: Sequence[Table] = ()


class Page(NamedTuple):
    """What the page of a study shows.

    Attributes:
        cover: Its first page.
        parts: Its sections.
        digests: Name -> digest, at the end.
    """

    cover: Cover
    parts: Sequence[Part]
    digests: Mapping[str, str]


def draw_study(directory: Path, language: Language) -> Path:
    """Write `report.html` of a study and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The page cannot be written.
    """
    kind = kind_of(directory) or "sweep"
    found = read_study(directory, kind)
    page = _page_of(kind)(found, language)
    content: dict[str, Any] = {
        "cover": page.cover,
        "parts_shown": page.parts,
        "digests": page.digests,
        "source_file": f"{kind}.json",
    }
    target = directory / REPORT_NAME
    return write_page(target, "study.html", language, _source(found, language), content)


def shortened(digest: str) -> str:
    """Return the beginning of a digest, for a cover."""
    return f"{digest[:_DIGEST_SHOWN]}…"


def _page_of(kind: str) -> Callable[[Record, Language], Page]:
    # Loaded here because each takes its figures with it.
    if kind == "calibration":
        from etalon_reports.study.calibration_page import calibration_page  # noqa: PLC0415

        return calibration_page
    if kind == "forecast":
        from etalon_reports.study.forecast_page import forecast_page  # noqa: PLC0415

        return forecast_page
    from etalon_reports.study.sweep_page import sweep_page  # noqa: PLC0415

    return sweep_page


def _source(found: Record, language: Language) -> Callable[[str], str]:
    version = found.text("etalon_version")
    return lambda file: text("study.source", language, file=file, version=version)
