"""Everything that a run leaves behind, written once it has ended."""

import json
from pathlib import Path
from typing import Final

from etalon_load.files.hdr_log import HDR_FILE, write_hdr_log
from etalon_load.files.run_record import read_run_record
from etalon_load.files.summary import SUMMARY_FILE, summarised
from etalon_load.files.tables import (
    HEAT_FILE,
    TIMELINE_FILE,
    seconds_of,
    write_heat,
    write_timeline,
)
from etalon_load.files.whole_files import named_when_whole
from etalon_load.measures import together
from etalon_load.verdicts import Verdict

RUN_FILES: Final = (SUMMARY_FILE, TIMELINE_FILE, HEAT_FILE, HDR_FILE)


def write_run_files(directory: Path) -> Verdict:
    """Judge a run that has ended and write its files; return its verdict.

    Args:
        directory: Holds `workload.json` and `measured.json`.

    Raises:
        RunRecordError: One of both is missing, cut, or lacks what is expected.
        OSError: A file cannot be written.
    """
    run = read_run_record(directory)
    measures = run.told.measures
    seconds = seconds_of(run.asked, together(measures.steps.values()))
    write_timeline(directory / TIMELINE_FILE, run.asked, measures)
    write_heat(directory / HEAT_FILE, measures, seconds)
    write_hdr_log(directory / HDR_FILE, measures, run.asked.started_at, seconds)
    summary = summarised(run)
    written = json.dumps(summary, ensure_ascii=False, indent=1)
    with named_when_whole(directory / SUMMARY_FILE) as unfinished:
        unfinished.write_text(written + "\n", encoding="utf-8", newline="\n")
    return Verdict(str(summary["verdict"]))
