"""What may be typed after `report` and `note`."""

from __future__ import annotations

from typing import Final

from etalon_cli.grammar_terms import JSON, LANG, Command, Parameter

REPORT: Final = Command(
    words=("report",),
    module="report_command",
    parameters=(
        Parameter(name="runs", metavar="DIR", take="some"),
        LANG,
        Parameter(name="--format", metavar="FORMATS", default="html"),
        JSON,
    ),
    examples=(
        "etalon report runs/simulate-pilot-2021-7-1 --lang en --format html,csv,xlsx",
        "etalon report R --lang fr --format html,pdf,junit,testreport,csv,xlsx,attestation",
    ),
    notes=("report_languages", "report_pdf"),
)
NOTE: Final = Command(
    words=("note",),
    module="note_command",
    parameters=(
        Parameter(name="runs", metavar="RUN", take="some"),
        Parameter(name="--out", metavar="DIR", otherwise="first_directory"),
        LANG,
        JSON,
    ),
    examples=("etalon note C --lang fr",),
    notes=("note_content", "note_pdf"),
)
