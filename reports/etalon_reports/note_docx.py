# pyright: standard
"""A note as an editable Word document: headings, caption, table, alternative text, language.

The same results give the same bytes: dates inside the document and of its parts are fixed.
"""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt, RGBColor

from etalon_reports.whole_files import named_when_whole
from etalon_text import palette
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from docx.document import Document as WordDocument
    from docx.oxml.table import CT_Row, CT_Tbl
    from docx.styles.style import ParagraphStyle
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

    from etalon_reports.note import Note
    from etalon_reports.tables import Table
    from etalon_text.language import Language

_NO_DATE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (Word writes no time zone)
_ZIP_DATE: Final = (2000, 1, 1, 0, 0, 0)
_TAGS: Final = {"fr": "fr-FR", "en": "en-GB"}
_FONT: Final = "Calibri"
_AFTER_BORDERS: Final = ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
_WIDTH: Final = Cm(17)
_FIRST_COLUMN: Final = 0.3
_SIZES: Final = {"Title": 17.0, "Heading 1": 11.0, "Normal": 9.5, "Caption": 8.5}


def write_docx(note: Note, target: Path) -> Path:
    """Write the note and return its path.

    Raises:
        OSError: The document cannot be written.
    """
    document = Document()
    _set_up(document, note)
    _fill(document, note)
    with named_when_whole(target) as unfinished:
        unfinished.write_bytes(_sealed(document))
    return target


def _set_up(document: WordDocument, note: Note) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(1.6), Cm(1.5)
    section.footer_distance = Cm(0.7)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = note.words.title, "Étalon", ""
    properties.subject = note.words.question
    properties.created = properties.modified = _NO_DATE
    properties.last_modified_by, properties.revision = "Étalon", 1
    properties.language = _TAGS[note.language]
    _style(document, note.language)


def _style(document: WordDocument, language: Language) -> None:
    for name, size in _SIZES.items():
        style = _named(document, name)
        style.font.name, style.font.size = _FONT, Pt(size)
        style.font.color.rgb = _color(palette.INK)
        element: Any = style.element
        fonts = element.get_or_add_rPr().get_or_add_rFonts()
        for place in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(place), _FONT)
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(theme), None)
        style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.space_after = Pt(3)
    _named(document, "Title").font.bold = True
    heading = _named(document, "Heading 1")
    heading.font.color.rgb = _color(palette.ACTIVATED)
    heading.paragraph_format.space_before = Pt(7)
    heading.paragraph_format.keep_with_next = True
    _named(document, "Caption").paragraph_format.keep_with_next = True
    answer = cast("ParagraphStyle", document.styles.add_style("Answer", WD_STYLE_TYPE.PARAGRAPH))
    answer.base_style = document.styles["Normal"]
    answer.font.size, answer.font.bold = Pt(11.5), True
    defaults = document.styles.element.find(qn("w:docDefaults"))
    for tag in defaults.iter(qn("w:lang")) if defaults is not None else ():
        tag.set(qn("w:val"), _TAGS[language])


def _named(document: WordDocument, name: str) -> ParagraphStyle:
    return cast("ParagraphStyle", document.styles[name])


def _fill(document: WordDocument, note: Note) -> None:
    words, language = note.words, note.language
    kind = document.add_paragraph(text("note.kind", language).upper() + " · ÉTALON")
    kind.runs[0].font.color.rgb = _color(palette.MUTED)
    document.add_paragraph(words.title, style="Title")
    for warning in words.warnings:
        document.add_paragraph(warning).runs[0].font.color.rgb = _color(palette.WARNING)
    _part(document, text("note.question", language), [words.question])
    document.add_heading(text("note.answer", language), level=1)
    document.add_paragraph(words.answer, style="Answer")
    _picture(document, note)
    _table(document, words.table, language)
    _part(document, text("note.rests_on", language), words.rests_on)
    _part(document, text("note.law", language), words.law)
    _part(document, text("note.cost_heading", language), words.cost)
    _part(document, text("note.reproduce", language), [text("note.reproduce_lead", language)])
    for command in words.commands:
        run = document.add_paragraph().add_run(command)
        run.font.name, run.font.size = "Consolas", Pt(8.5)
    document.add_paragraph(words.made_by)
    _footer(document, language)


def _part(document: WordDocument, heading: str, paragraphs: Sequence[str]) -> None:
    document.add_heading(heading, level=1)
    for words in paragraphs:
        document.add_paragraph(words)


def _picture(document: WordDocument, note: Note) -> None:
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.space_before = Pt(6)
    caption.add_run(f"{text('report.figure', note.language, number=1)}  {note.figure.title}")
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    picture = paragraph.add_run().add_picture(BytesIO(note.picture), width=_WIDTH)
    described = picture._inline.docPr  # noqa: SLF001 (python-docx has no name for the alternative text)
    described.set("descr", note.figure.description)
    described.set("title", note.figure.title)
    _small(document.add_paragraph(note.figure.note))


def _table(document: WordDocument, table: Table, language: Language) -> None:
    caption = document.add_paragraph(style="Caption")
    caption.add_run(f"{text('report.table', language, number=1)}  {table.title}")
    rows = [row for group in table.groups for row in group.rows]
    columns = len(table.headings)
    grid = document.add_table(rows=1 + len(rows), cols=columns, style="Table Grid")
    grid.alignment = WD_TABLE_ALIGNMENT.LEFT
    grid.autofit = False
    widths = [Emu(int(_WIDTH * _FIRST_COLUMN))]
    widths += [Emu(int(_WIDTH * (1 - _FIRST_COLUMN) / (columns - 1)))] * (columns - 1)
    for rank, cells in enumerate([table.headings, *rows]):
        row = grid.rows[rank]
        for place, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = widths[place]
            figure = table.kinds[place] == "figure"
            _cell(cell, str(words), strong=rank == 0, right=figure)
        _keep_whole(row._tr, header=rank == 0)  # noqa: SLF001 (python-docx has no name for it)
    _borders(grid._tbl)  # noqa: SLF001 (as above)
    _small(document.add_paragraph(table.note))


def _cell(cell: _Cell, words: str, *, strong: bool, right: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(words)
    run.font.size, run.font.bold = Pt(8.5), strong
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _keep_whole(row: CT_Row, *, header: bool) -> None:
    """Keep a row on one page, and repeat the first one on the next."""
    settings: Any = row.get_or_add_trPr()
    for name in ("w:cantSplit", *(("w:tblHeader",) if header else ())):
        settings.append(OxmlElement(name))


def _borders(table: CT_Tbl) -> None:
    """Rule between rows only."""
    borders: Any = OxmlElement("w:tblBorders")
    settings: Any = table.tblPr
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        rule: Any = OxmlElement(f"w:{side}")
        drawn = side in ("top", "bottom", "insideH")
        rule.set(qn("w:val"), "single" if drawn else "nil")
        if drawn:
            rule.set(qn("w:sz"), "4")
            rule.set(qn("w:color"), palette.RULE.removeprefix("#"))
        borders.append(rule)
    # The order of a table's settings is fixed by the format: borders come before these.
    after = (found for name in _AFTER_BORDERS if (found := settings.find(qn(name))) is not None)
    next(after).addprevious(borders)


def _footer(document: WordDocument, language: Language) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{text('report.disclaimer', language)} {text('note.page', language)}\u00a0")
    number: Any = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    shown = paragraph.add_run("1")
    _small(paragraph)
    number.append(shown._r)  # noqa: SLF001 (python-docx has no name for a field)
    paragraph._p.append(number)  # noqa: SLF001 (as above)


def _small(paragraph: Paragraph) -> None:
    paragraph.paragraph_format.space_after = Pt(4)
    for run in paragraph.runs:
        run.font.size = Pt(7.5)
        run.font.color.rgb = _color(palette.MUTED)


def _color(hexadecimal: str) -> RGBColor:
    return RGBColor.from_string(hexadecimal.removeprefix("#").upper())


def _sealed(document: WordDocument) -> bytes:
    """Return the document, its parts in order and dated alike."""
    out, sealed = BytesIO(), BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as parts, zipfile.ZipFile(sealed, "w") as whole:
        for part in parts.infolist():
            dated = zipfile.ZipInfo(part.filename, _ZIP_DATE)
            dated.compress_type, dated.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            whole.writestr(dated, parts.read(part))
    return sealed.getvalue()
