"""What may be typed after `report` and `note`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

_PDF_NOTE: Final = (
    "PDF is written by WeasyPrint, which comes with the extra `pdf` (`pip install "
    "'mes-etalon[pdf]'`) and needs the library Pango of the system."
)
_CONTENT_NOTE: Final = (
    "Question, answer in one sentence with its range, one figure, one table, what it rests on, "
    "what it supposes of the law, cost, how to reproduce."
)

_CONFORMANCE_NOTE: Final = (
    "The page of a conformance run stands in both languages: report.html in the one asked, the "
    "other beside it. Once the directory is signed, everything is drawn into its folder `redrawn`."
)

REPORT: Final = Command(
    words=("report",),
    help="draw the report of run directories again, from their files alone",
    module="report_command",
    parameters=(
        Parameter(
            name="runs",
            help="directories of simulations, comparisons or conformance runs",
            metavar="DIR",
            take="some",
        ),
        LANG,
        Parameter(
            name="--format",
            help="formats, parted by commas: html, pdf, csv (one file a table), xlsx; of a "
            "conformance run also junit, testreport (FHIR), attestation",
            metavar="FORMATS",
            default="html",
        ),
        JSON,
    ),
    examples=(
        "etalon report runs/simulate-pilot-2021-7-1 --lang en --format html,csv,xlsx",
        "etalon report R --lang fr --format html,pdf,junit,testreport,csv,xlsx,attestation",
    ),
    notes=(_CONFORMANCE_NOTE, _PDF_NOTE),
)
NOTE: Final = Command(
    words=("note",),
    help="write a note of two pages, as an editable Word document and as PDF",
    module="note_command",
    parameters=(
        Parameter(
            name="runs",
            help="directory of a comparison, or directories of runs",
            metavar="RUN",
            take="some",
        ),
        Parameter(
            name="--out",
            help="directory in which the note lands",
            metavar="DIR",
            default="the first directory given",
        ),
        LANG,
        JSON,
    ),
    examples=("etalon note C --lang fr",),
    notes=(
        _CONTENT_NOTE,
        _PDF_NOTE + " Without it the Word document is written alone.",
    ),
)
